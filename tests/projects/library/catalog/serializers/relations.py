"""To-one and to-many, nested and as keys, texts and links."""

from rest_framework import serializers

from catalog.models import (
    Book,
    Category,
    Chapter,
    Cover,
    Draft,
    Note,
    Novel,
    Reading,
    Review,
    Tag,
    TagGroup,
)
from people.models import Author, Branch, Country, Place, Profile, Publisher, User


class CountrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ("id", "name")


class PublisherSerializer(serializers.ModelSerializer):
    class Meta:
        model = Publisher
        fields = ("id", "name")


class AuthorWithPublisherSerializer(serializers.ModelSerializer):
    publisher = PublisherSerializer()

    class Meta:
        model = Author
        fields = ("id", "name", "publisher")


class NestedTwiceSerializer(serializers.ModelSerializer):
    author = AuthorWithPublisherSerializer()

    class Meta:
        model = Book
        fields = ("id", "author")


class SlugSerializer(serializers.ModelSerializer):
    author = serializers.SlugRelatedField(slug_field="name", read_only=True)
    editor = serializers.SlugRelatedField(slug_field="publisher__name", read_only=True)

    class Meta:
        model = Book
        fields = ("id", "author", "editor")


class LinkSerializer(serializers.ModelSerializer):
    self = serializers.HyperlinkedIdentityField(view_name="book-detail")
    author = serializers.HyperlinkedRelatedField(view_name="author-detail", read_only=True)

    class Meta:
        model = Book
        fields = ("self", "author")


class LinkByNameSerializer(serializers.ModelSerializer):
    author = serializers.HyperlinkedRelatedField(
        view_name="author-by-name", lookup_field="name", read_only=True
    )

    class Meta:
        model = Book
        fields = ("id", "author")


class KeyWithFieldSerializer(serializers.ModelSerializer):
    author = serializers.PrimaryKeyRelatedField(
        pk_field=serializers.CharField(), read_only=True
    )

    class Meta:
        model = Book
        fields = ("id", "author")


class WriteOnlySerializer(serializers.ModelSerializer):
    writer = AuthorWithPublisherSerializer(source="author", write_only=True)
    tags = serializers.PrimaryKeyRelatedField(
        many=True, write_only=True, queryset=Tag.objects.all()
    )
    kind = serializers.HiddenField(default="book")

    class Meta:
        model = Book
        fields = ("id", "title", "writer", "tags", "kind")


class ChapterKeysSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "chapters", "sequels")


class ReviewKeysSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "review_set")


class ReaderKeysSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "readers", "related")


class TagGroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = TagGroup
        fields = ("id", "name")


class FlatTagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ("id", "name", "group")


class TagSerializer(serializers.ModelSerializer):
    group = TagGroupSerializer()

    class Meta:
        model = Tag
        fields = ("id", "name", "group")


class TagNamesSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class TagTextsSerializer(serializers.ModelSerializer):
    tags = serializers.StringRelatedField(many=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class TagLinksSerializer(serializers.ModelSerializer):
    tags = serializers.HyperlinkedRelatedField(view_name="tag-detail", many=True, read_only=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class NestedTagsSerializer(serializers.ModelSerializer):
    tags = FlatTagSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class TagsWithGroupSerializer(serializers.ModelSerializer):
    tags = TagSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class ChapterWithEditorSerializer(serializers.ModelSerializer):
    editor = AuthorWithPublisherSerializer()

    class Meta:
        model = Chapter
        fields = ("id", "number", "editor")


class ChaptersSerializer(serializers.ModelSerializer):
    chapters = ChapterWithEditorSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "chapters")


class ChapterOfBookSerializer(serializers.ModelSerializer):
    book = serializers.CharField(source="book.title")

    class Meta:
        model = Chapter
        fields = ("id", "book")


class BackReferenceSerializer(serializers.ModelSerializer):
    chapters = ChapterOfBookSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "chapters")


class ReadingSerializer(serializers.ModelSerializer):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = Reading
        fields = ("stars", "user")


class ReadingsSerializer(serializers.ModelSerializer):
    readings = ReadingSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "readings")


class CoverSerializer(serializers.ModelSerializer):
    artist = serializers.CharField(source="artist.name", default=None)

    class Meta:
        model = Cover
        fields = ("colour", "artist")


class NestedCoverSerializer(serializers.ModelSerializer):
    cover = CoverSerializer(required=False)

    class Meta:
        model = Book
        fields = ("id", "cover")


class CoverMethodSerializer(serializers.ModelSerializer):
    has_cover = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "has_cover")

    def get_has_cover(self, book):
        return hasattr(book, "cover")


class BookOfCoverSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="book.title")

    class Meta:
        model = Cover
        fields = ("id", "title")


class ProfileSerializer(serializers.ModelSerializer):
    language = serializers.CharField(source="language.name", default=None)

    class Meta:
        model = Profile
        fields = ("text", "language")


class AuthorProfileSerializer(serializers.ModelSerializer):
    profile = ProfileSerializer(required=False)

    class Meta:
        model = Author
        fields = ("id", "name", "profile")


class NoteSerializer(serializers.ModelSerializer):
    writer = serializers.CharField(source="writer.name")

    class Meta:
        model = Note
        fields = ("text", "writer")


class NotesSerializer(serializers.ModelSerializer):
    notes = NoteSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "notes")


class NoteTargetSerializer(serializers.ModelSerializer):
    target = serializers.CharField(source="target.title")

    class Meta:
        model = Note
        fields = ("text", "target")


class CategorySerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent.name", default=None)

    class Meta:
        model = Category
        fields = ("id", "name", "parent", "children")


class PlaceSerializer(serializers.ModelSerializer):
    opened = serializers.SerializerMethodField()

    class Meta:
        model = Place
        fields = ("id", "name", "opened")

    def get_opened(self, place):
        return place.branch.opened if hasattr(place, "branch") else None


class BranchSerializer(serializers.ModelSerializer):
    class Meta:
        model = Branch
        fields = ("id", "name", "country", "opened", "manager")


class BranchCountrySerializer(serializers.ModelSerializer):
    country = CountrySerializer()
    manager = serializers.StringRelatedField()

    class Meta:
        model = Branch
        fields = ("id", "country", "manager")


class EverythingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = "__all__"


class AllButSerializer(serializers.ModelSerializer):
    class Meta:
        model = Draft
        exclude = ("title",)


class DepthOneSerializer(serializers.ModelSerializer):
    class Meta:
        model = Chapter
        fields = "__all__"
        depth = 1


class DepthTwoSerializer(serializers.ModelSerializer):
    class Meta:
        model = Reading
        fields = ("id", "stars", "book")
        depth = 2


class DepthDeclaredSerializer(serializers.ModelSerializer):
    book = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Chapter
        fields = ("id", "book")
        depth = 1


class AddedBySerializer(serializers.ModelSerializer):
    added_by = serializers.CharField(source="added_by.username", default=None)

    class Meta:
        model = Chapter
        fields = ("id", "added_by")


class UserBooksSerializer(serializers.ModelSerializer):
    books = serializers.SlugRelatedField(slug_field="title", many=True, read_only=True)

    class Meta:
        model = User
        fields = ("id", "books")


class NovelSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Novel
        fields = ("id", "author")


class ReviewSerializer(serializers.ModelSerializer):
    user = serializers.CharField(source="user.username")

    class Meta:
        model = Review
        fields = ("text", "user")
