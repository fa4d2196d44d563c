"""What views of other files inherit."""

from rest_framework import generics, viewsets

from catalog.models import Book


class AllBooksMixin:
    """Its queryset serves several views."""

    def get_queryset(self):
        return Book.objects.filter(year__gt=0)


class BookListBase(generics.ListAPIView):
    """Says which books; what extends it says how they are shown."""

    queryset = Book.objects.all()


class SharedListBase(generics.ListAPIView):
    """Two views extend it, one of which needs more."""

    queryset = Book.objects.order_by("id")


class AskingListBase(generics.ListAPIView):
    """Keeps `get_queryset` to itself, and asks what extends it for the rows."""

    books = None

    def get_books(self):
        return self.books

    def get_queryset(self):
        try:
            return super().get_queryset()
        except AssertionError:
            self.queryset = self.get_books()
            return super().get_queryset()


class RecentMixin:
    """Refines what the next class gives."""

    def get_queryset(self):
        return super().get_queryset().recent()


class SerializerByAction(viewsets.GenericViewSet):
    """A dict of serializers by action."""

    serializers = {}

    def get_serializer_class(self):
        return self.serializers.get(self.action, self.serializer_class)
