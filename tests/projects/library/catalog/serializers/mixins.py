"""What other serializers take over."""

from rest_framework import serializers

from catalog.models import Book


class AuthorNameMixin(metaclass=serializers.SerializerMetaclass):
    """A declared field of a mixin."""

    author_name = serializers.CharField(source="author.name", read_only=True)


class EditorMixin:
    """A method of a mixin."""

    def get_editor_name(self, book):
        return book.editor.name if book.editor else ""


class ShownAs:
    """A representation of a mixin."""

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["shown_as"] = f"{instance.title} by {instance.author.name}"
        return data


class TitleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "title")
