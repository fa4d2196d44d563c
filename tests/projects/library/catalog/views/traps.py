"""Querysets to which something must not be added, or not by a join."""

from django.db import transaction
from rest_framework import generics
from rest_framework.response import Response

from catalog.models import Book, Category, Record
from catalog.serializers import closures, odd, relations
from catalog.serializers.flat import NestedOneSerializer, TagKeysSerializer
from catalog.serializers.mixins import TitleSerializer


class HiddenRows(generics.ListAPIView):
    """The base manager hides rows, which a join would show: fixed by a prefetch."""

    queryset = Record.objects.all()
    serializer_class = odd.ArchiveSerializer


class GoneRows(generics.ListAPIView):
    """Keys without a constraint to rows that are gone, whose records a join would drop: prefetched."""

    queryset = Record.objects.all()
    serializer_class = odd.CodeSerializer


class Recursion(generics.ListAPIView):
    """Children of children: no queryset has all levels: reported."""

    queryset = Category.objects.filter(parent=None)
    serializer_class = odd.NestedCategorySerializer


class Locked(generics.ListAPIView):
    """Rows are locked; PostgreSQL cannot lock what may be missing in a join: prefetched."""

    queryset = Book.objects.select_for_update()
    serializer_class = NestedOneSerializer

    def list(self, request, *args, **kwargs):
        with transaction.atomic():
            return super().list(request, *args, **kwargs)


class Values(generics.ListAPIView):
    """Rows that are dicts: left."""

    queryset = Book.objects.values("id", "title")
    serializer_class = TitleSerializer


class Union(generics.ListAPIView):
    """A union takes no join afterwards: nothing is written."""

    serializer_class = closures.MethodSerializer

    def get_queryset(self):
        old = Book.objects.filter(year__lt=2000).order_by()
        new = Book.objects.filter(year__gte=2000).order_by()
        return old.union(new, all=True).order_by("id")


class Only(generics.ListAPIView):
    """The columns that are kept leave out the key: nothing is joined."""

    queryset = Book.objects.only("title")
    serializer_class = closures.MethodSerializer


class OnlyLater(generics.ListAPIView):
    """The columns are chosen later, in the view: nothing is joined."""

    queryset = Book.objects.all()
    serializer_class = closures.MethodSerializer

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).only("title")


class Iterated(generics.ListAPIView):
    """`iterator()` refuses a prefetch without a chunk size, and pays for one anyway."""

    queryset = Book.objects.all()
    serializer_class = TagKeysSerializer

    def list(self, request, *args, **kwargs):
        books = self.get_queryset().iterator()
        return Response([self.get_serializer(book).data for book in books])


class BareJoin(generics.ListAPIView):
    """A join of all keys that may not be null, which a name would narrow: not without a look."""

    queryset = Book.objects.select_related()
    serializer_class = NestedOneSerializer


class Cleared(generics.ListAPIView):
    """What was joined is cleared: fixed after it."""

    queryset = Book.objects.select_related("author").select_related(None)
    serializer_class = closures.MethodSerializer


class Raw(generics.ListAPIView):
    """SQL by hand: nothing is written."""

    serializer_class = closures.MethodSerializer

    def get_queryset(self):
        return Book.objects.raw("SELECT * FROM catalog_book ORDER BY id")


class Sliced(generics.ListAPIView):
    """A slice takes joins and prefetches: fixed."""

    queryset = Book.objects.all()[:6]
    serializer_class = relations.NestedTagsSerializer

    def get_queryset(self):
        return self.queryset.all()


class Distinct(generics.ListAPIView):
    """Each row once: fixed."""

    queryset = Book.objects.filter(chapters__number__gte=0).distinct()
    serializer_class = NestedOneSerializer
