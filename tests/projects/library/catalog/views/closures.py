"""Where the paths hide: in methods, properties, helpers and bases."""

from rest_framework import generics

from catalog.models import Book
from catalog.serializers import closures, issue


class Method(generics.ListAPIView):
    """A method, over a local name: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.MethodSerializer


class Property(generics.ListAPIView):
    """Properties of the model, and one of the second model: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.PropertySerializer


class SecondProperty(generics.ListAPIView):
    """A property and a method of the second model: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.SecondPropertySerializer


class Helper(generics.ListAPIView):
    """Functions that are handed the object: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.HelperSerializer


class Representation(generics.ListAPIView):
    """`to_representation`, with a comprehension and `getattr`: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.RepresentationSerializer


class InheritedRepresentation(generics.ListAPIView):
    """`to_representation` of a mixin in another file: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.InheritedRepresentationSerializer


class MixedIn(generics.ListAPIView):
    """A field of one mixin and a method of another: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.MixedInSerializer


class ExtendedMeta(generics.ListAPIView):
    """`fields` made of another Meta's: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.ExtendedMetaSerializer


class GetFields(generics.ListAPIView):
    """A field that `get_fields` adds: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.GetFieldsSerializer


class Popped(generics.ListAPIView):
    """One field is read always: fixed; one is taken out at times: for review."""

    queryset = Book.objects.all()
    serializer_class = closures.PoppedSerializer


class Removable(generics.ListAPIView):
    """A field that the request may take out: for review."""

    queryset = Book.objects.all()
    serializer_class = closures.RemovableSerializer


class Removed(generics.ListAPIView):
    """A field that is never there: left."""

    queryset = Book.objects.all()
    serializer_class = closures.RemovedSerializer


class OwnField(generics.ListAPIView):
    """A related field of the project's own: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.OwnFieldSerializer


class Inner(generics.ListAPIView):
    """A serializer that is made in a method: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.InnerSerializer


class Count(generics.ListAPIView):
    """`source="tags.count"` is served by a prefetch: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.CountSerializer


class ServedByPrefetch(generics.ListAPIView):
    """All that reads the rows of a prefetch: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.ServedByPrefetchSerializer


class Filter(generics.ListAPIView):
    """`.filter()` asks again in spite of a prefetch: reported."""

    queryset = Book.objects.all()
    serializer_class = closures.FilterSerializer


class ValuesList(generics.ListAPIView):
    """So do `.values_list()` and `.order_by()`: reported."""

    queryset = Book.objects.all()
    serializer_class = closures.ValuesListSerializer


class UnorderedFirst(generics.ListAPIView):
    """So does `.first()` without an order: reported."""

    queryset = Book.objects.all()
    serializer_class = closures.UnorderedFirstSerializer


class FilteringList(generics.ListAPIView):
    """A list serializer that filters: reported."""

    queryset = Book.objects.all()
    serializer_class = closures.FilteringListSerializer


class EarlyReturn(generics.ListAPIView):
    """Early returns and a loop over two objects: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.EarlyReturnSerializer


class BooksWithChapters(generics.ListAPIView):
    """The issue's own: a method's two hops, chapters with their editors' two: fixed."""

    queryset = Book.objects.all()
    serializer_class = issue.BookWithChaptersSerializer
