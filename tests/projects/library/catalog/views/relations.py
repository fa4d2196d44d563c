from rest_framework import generics

from catalog.models import Book, Category, Chapter, Cover, Draft, Note, Novel, Reading, Review
from catalog.serializers import relations as serializers
from people.models import Author, Branch, Place, User


class NestedTwice(generics.ListAPIView):
    """An object within an object: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.NestedTwiceSerializer


class Slug(generics.ListAPIView):
    """A slug, and one over a relation: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.SlugSerializer


class Link(generics.ListAPIView):
    """Links are made of keys: left."""

    queryset = Book.objects.all()
    serializer_class = serializers.LinkSerializer


class LinkByName(generics.ListAPIView):
    """A link by name loads the object: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.LinkByNameSerializer


class KeyWithField(generics.ListAPIView):
    """A key with a `pk_field` is still a key: left."""

    queryset = Book.objects.all()
    serializer_class = serializers.KeyWithFieldSerializer


class WriteOnly(generics.ListAPIView):
    """What is only written is not read: left."""

    queryset = Book.objects.all()
    serializer_class = serializers.WriteOnlySerializer


class ChapterKeys(generics.ListAPIView):
    """The other side of two keys, as keys: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.ChapterKeysSerializer


class ReviewKeys(generics.ListAPIView):
    """The other side without a name: fixed by `review_set`."""

    queryset = Book.objects.all()
    serializer_class = serializers.ReviewKeysSerializer


class ReaderKeys(generics.ListAPIView):
    """A many-to-many with its own model, one to itself: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.ReaderKeysSerializer


class TagNames(generics.ListAPIView):
    """Many slugs: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.TagNamesSerializer


class TagTexts(generics.ListAPIView):
    """Many texts, whose `__str__` reads a group: fixed with both."""

    queryset = Book.objects.all()
    serializer_class = serializers.TagTextsSerializer


class TagLinks(generics.ListAPIView):
    """Many links: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.TagLinksSerializer


class NestedTags(generics.ListAPIView):
    """Many nested: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.NestedTagsSerializer


class TagsWithGroup(generics.ListAPIView):
    """Many nested, each with one: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.TagsWithGroupSerializer


class Chapters(generics.ListAPIView):
    """The other side, nested, each with two hops: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.ChaptersSerializer


class BackReference(generics.ListAPIView):
    """The way back is filled by the prefetch: fixed without it."""

    queryset = Book.objects.all()
    serializer_class = serializers.BackReferenceSerializer


class Readings(generics.ListAPIView):
    """The model in the middle of a many-to-many: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.ReadingsSerializer


class NestedCover(generics.ListAPIView):
    """The other side of a one-to-one, sometimes missing: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.NestedCoverSerializer


class CoverMethod(generics.ListAPIView):
    """`hasattr` asks for the other side of a one-to-one: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.CoverMethodSerializer


class BookOfCover(generics.ListAPIView):
    """A one-to-one from its own side: fixed."""

    queryset = Cover.objects.order_by("id")
    serializer_class = serializers.BookOfCoverSerializer


class AuthorProfile(generics.ListAPIView):
    """A nested one-to-one and its own key: fixed."""

    queryset = Author.objects.order_by("name", "id")
    serializer_class = serializers.AuthorProfileSerializer


class Notes(generics.ListAPIView):
    """A generic relation: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.NotesSerializer


class NoteTarget(generics.ListAPIView):
    """A generic foreign key: fixed by a prefetch of it alone."""

    queryset = Note.objects.all()
    serializer_class = serializers.NoteTargetSerializer


class Categories(generics.ListAPIView):
    """A key to itself, and its other side: fixed."""

    queryset = Category.objects.all()
    serializer_class = serializers.CategorySerializer


class Places(generics.ListAPIView):
    """From the parent to the child's table: fixed."""

    queryset = Place.objects.all()
    serializer_class = serializers.PlaceSerializer


class Branches(generics.ListAPIView):
    """The parent's columns come with the child: left."""

    queryset = Branch.objects.all()
    serializer_class = serializers.BranchSerializer


class BranchCountries(generics.ListAPIView):
    """The parent's foreign key, and a text of two hops: fixed."""

    queryset = Branch.objects.all()
    serializer_class = serializers.BranchCountrySerializer


class Everything(generics.ListAPIView):
    """All fields: the many-to-manies of the model: fixed."""

    queryset = Book.objects.all()
    serializer_class = serializers.EverythingSerializer


class AllBut(generics.ListAPIView):
    """All fields but one, without an order: fixed."""

    queryset = Draft.objects.all()
    serializer_class = serializers.AllButSerializer


class DepthOne(generics.ListAPIView):
    """Depth nests every relation: fixed."""

    queryset = Chapter.objects.all()
    serializer_class = serializers.DepthOneSerializer


class DepthTwo(generics.ListAPIView):
    """Depth nests the relations of relations: fixed."""

    queryset = Reading.objects.all()
    serializer_class = serializers.DepthTwoSerializer


class DepthDeclared(generics.ListAPIView):
    """A declared field is not nested by depth: left."""

    queryset = Chapter.objects.all()
    serializer_class = serializers.DepthDeclaredSerializer


class AddedBy(generics.ListAPIView):
    """A foreign key of an abstract base: fixed."""

    queryset = Chapter.objects.all()
    serializer_class = serializers.AddedBySerializer


class UserBooks(generics.ListAPIView):
    """`related_name="%(class)ss"`: fixed."""

    queryset = User.objects.order_by("id")
    serializer_class = serializers.UserBooksSerializer


class Novels(generics.ListAPIView):
    """A proxy: fixed."""

    queryset = Novel.objects.all()
    serializer_class = serializers.NovelSerializer


class Reviews(generics.ListAPIView):
    """Without an order, a key to the user: fixed by a prefetch."""

    queryset = Review.objects.all()
    serializer_class = serializers.ReviewSerializer
