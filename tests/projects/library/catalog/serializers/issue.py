"""Books with their chapters: two hops behind a method, and two behind each chapter."""

from rest_framework import serializers

from catalog.models import Book, Chapter
from catalog.serializers.relations import AuthorWithPublisherSerializer


class ChapterSerializer(serializers.ModelSerializer):
    editor = AuthorWithPublisherSerializer()

    class Meta:
        model = Chapter
        fields = ("number", "title", "editor")


class BookWithChaptersSerializer(serializers.ModelSerializer):
    author = serializers.SerializerMethodField()
    chapters = ChapterSerializer(many=True)

    class Meta:
        model = Book
        fields = ("title", "author", "chapters")

    def get_author(self, book):
        return {"name": book.author.name, "publisher": book.author.publisher.name}
