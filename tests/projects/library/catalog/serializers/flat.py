"""One construct each: what it costs is in the name of its view."""

from rest_framework import serializers

from catalog.models import Book
from people.models import Author


class KeySerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "title", "author", "editor")


class KeyColumnSerializer(serializers.ModelSerializer):
    writer = serializers.IntegerField(source="author_id")
    editor_key = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "writer", "editor_key")

    def get_editor_key(self, book):
        return book.editor_id


class KeyOfSecondSerializer(serializers.ModelSerializer):
    publisher = serializers.PrimaryKeyRelatedField(source="author.publisher", read_only=True)

    class Meta:
        model = Book
        fields = ("id", "publisher")


class PkOfObjectSerializer(serializers.ModelSerializer):
    writer = serializers.IntegerField(source="author.pk")
    editor_key = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ("id", "writer", "editor_key")

    def get_editor_key(self, book):
        return book.editor.id if book.editor else None


class SlugIdSerializer(serializers.ModelSerializer):
    author = serializers.SlugRelatedField(slug_field="id", read_only=True)

    class Meta:
        model = Book
        fields = ("id", "author")


class ChainSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="author.publisher.country.name", default="")

    class Meta:
        model = Book
        fields = ("id", "country")


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ("id", "name", "publisher")


class NestedOneSerializer(serializers.ModelSerializer):
    author = AuthorSerializer()
    editor = AuthorSerializer()

    class Meta:
        model = Book
        fields = ("id", "author", "editor")


class TextOfOneSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField()

    class Meta:
        model = Book
        fields = ("id", "author")


class TagKeysSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "tags")
