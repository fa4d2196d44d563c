from rest_framework import generics

from catalog.models import Book
from catalog.serializers import flat


class Key(generics.ListAPIView):
    """Keys are columns of the row: left."""

    queryset = Book.objects.all()
    serializer_class = flat.KeySerializer


class KeyColumn(generics.ListAPIView):
    """`author_id` by source and by a method: left."""

    queryset = Book.objects.all()
    serializer_class = flat.KeyColumnSerializer


class KeyOfSecond(generics.ListAPIView):
    """The last hop is a key, the one before is an object: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.KeyOfSecondSerializer


class PkOfObject(generics.ListAPIView):
    """`author.pk` loads the author: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.PkOfObjectSerializer


class SlugId(generics.ListAPIView):
    """A slug field loads the object, even for its id: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.SlugIdSerializer


class Chain(generics.ListAPIView):
    """Three hops, the last may be null: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.ChainSerializer


class NestedOne(generics.ListAPIView):
    """A nested object that is always there, and one that may be null: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.NestedOneSerializer


class TextOfOne(generics.ListAPIView):
    """`__str__` of the author reads the publisher: fixed with both."""

    queryset = Book.objects.all()
    serializer_class = flat.TextOfOneSerializer


class TagKeys(generics.ListAPIView):
    """Keys of a many-to-many are rows of another table: fixed."""

    queryset = Book.objects.all()
    serializer_class = flat.TagKeysSerializer
