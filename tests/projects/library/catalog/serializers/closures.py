"""Where the paths hide: methods, properties, helpers, bases, in this file and in others."""

from rest_framework import serializers

from catalog.helpers import caption, signature
from catalog.models import Book, Draft
from catalog.serializers.mixins import AuthorNameMixin, EditorMixin, ShownAs, TitleSerializer


class MethodSerializer(serializers.ModelSerializer):
    publisher = serializers.SerializerMethodField(method_name="publisher_name")

    class Meta:
        model = Book
        fields = ("id", "publisher")

    def publisher_name(self, book):
        author = book.author
        return author.publisher.name


class PropertySerializer(serializers.ModelSerializer):
    address = serializers.ReadOnlyField(source="author_address")

    class Meta:
        model = Book
        fields = ("id", "address", "tag_names")


class SecondPropertySerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="author.publisher_country")
    boss = serializers.CharField(source="author.get_boss_name")

    class Meta:
        model = Book
        fields = ("id", "country", "boss")


class HelperSerializer(serializers.ModelSerializer):
    caption = serializers.SerializerMethodField()
    editor = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "caption", "editor")

    def get_caption(self, book):
        return caption(book)

    def get_editor(self, book):
        return signature(book.editor) if book.editor is not None else None


class RepresentationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id",)

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["tags"] = {tag.name: tag.group_id for tag in instance.tags.all()}
        data["author"] = getattr(instance, "author").name
        return data


class InheritedRepresentationSerializer(ShownAs, TitleSerializer):
    pass


class MixedInSerializer(AuthorNameMixin, EditorMixin, serializers.ModelSerializer):
    editor_name = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "author_name", "editor_name")


class ExtendedMetaSerializer(TitleSerializer):
    class Meta(TitleSerializer.Meta):
        fields = TitleSerializer.Meta.fields + ("tags", "editor")


class GetFieldsSerializer(TitleSerializer):
    def get_fields(self):
        fields = super().get_fields()
        fields["author"] = serializers.CharField(source="author.name")
        return fields


class PoppedSerializer(serializers.ModelSerializer):
    """Which fields there are depends on the request."""

    author = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = ("id", "author", "tags")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None and "tags" not in request.query_params:
            self.fields.pop("tags")


class RemovableSerializer(TitleSerializer):
    author = serializers.CharField(source="author.name")

    class Meta(TitleSerializer.Meta):
        fields = TitleSerializer.Meta.fields + ("author",)

    def get_fields(self):
        fields = super().get_fields()
        if "short" in self.context["request"].query_params:
            del fields["author"]
        return fields


class RemovedSerializer(RemovableSerializer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("author", None)


class AuthorBox(serializers.RelatedField):
    """A field of the project's own."""

    def to_representation(self, author):
        return {"name": author.name, "publisher": author.publisher.name}


class OwnFieldSerializer(serializers.ModelSerializer):
    author = AuthorBox(read_only=True)

    class Meta:
        model = Book
        fields = ("id", "author")


class InnerSerializer(serializers.ModelSerializer):
    author = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "author")

    def get_author(self, book):
        return AuthorLineSerializer(book.author, context=self.context).data


class AuthorLineSerializer(serializers.Serializer):
    name = serializers.CharField()
    publisher = serializers.CharField(source="publisher.name")


class CountSerializer(serializers.ModelSerializer):
    how_many = serializers.IntegerField(source="tags.count")

    class Meta:
        model = Book
        fields = ("id", "how_many")


class ServedByPrefetchSerializer(serializers.ModelSerializer):
    """All that reads the rows of a prefetch."""

    number = serializers.SerializerMethodField()
    first = serializers.SerializerMethodField()
    some = serializers.SerializerMethodField()
    opening = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "number", "first", "some", "opening")

    def get_number(self, book):
        return len(book.tags.all()) + book.tags.count() + int(book.tags.exists())

    def get_first(self, book):
        tags = book.tags.all()
        return tags[0].name if tags else None

    def get_some(self, book):
        return sorted(tag.name for tag in book.tags.all()[:2])

    def get_opening(self, book):
        if (chapter := book.chapters.first()) is None:
            return None
        return chapter.title


class FilterSerializer(serializers.ModelSerializer):
    tags = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "tags")

    def get_tags(self, book):
        return [tag.name for tag in book.tags.filter(name__contains="1")]


class ValuesListSerializer(serializers.ModelSerializer):
    tags = serializers.SerializerMethodField()
    latest = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "tags", "latest")

    def get_tags(self, book):
        return list(book.tags.values_list("name", flat=True))

    def get_latest(self, book):
        chapter = book.chapters.order_by("-number").first()
        return chapter.title if chapter else None


class UnorderedFirstSerializer(serializers.ModelSerializer):
    review = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "review")

    def get_review(self, book):
        review = book.review_set.first()
        return review.text if review else None


class BothSerializer(serializers.ModelSerializer):
    """One to-many is filtered, the to-one beside it can be loaded."""

    author = serializers.CharField(source="author.name")
    tags = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "author", "tags")

    def get_tags(self, book):
        return [tag.name for tag in book.tags.filter(name__contains="1")]


class LongTagSerializer(serializers.ListSerializer):
    def to_representation(self, data):
        return super().to_representation(data.filter(name__contains="1"))


class OneTagSerializer(serializers.Serializer):
    name = serializers.CharField()

    class Meta:
        list_serializer_class = LongTagSerializer


class FilteringListSerializer(serializers.ModelSerializer):
    tags = OneTagSerializer(many=True)

    class Meta:
        model = Book
        fields = ("id", "tags")


class AnnotatedSerializer(serializers.ModelSerializer):
    """`author_name` is an annotation, `author` a key."""

    author_name = serializers.CharField()

    class Meta:
        model = Book
        fields = ("id", "author", "author_name")


class EarlyReturnSerializer(serializers.ModelSerializer):
    editor = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "editor")

    def get_editor(self, book):
        if book.year < 0:
            return None
        for person in (book.editor, book.author):
            if person:
                return person.name
        return ""


class DraftAuthorSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.publisher.name")
    editor = serializers.CharField(source="editor.name", default=None)

    class Meta:
        model = Draft
        fields = ("id", "title", "author", "editor")


class DraftTagsSerializer(serializers.ModelSerializer):
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)

    class Meta:
        model = Draft
        fields = ("id", "tags")
