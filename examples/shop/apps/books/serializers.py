from rest_framework import serializers

from apps.books.models import Author, Book, Chapter


class EditorSerializer(serializers.ModelSerializer):
    publisher = serializers.CharField(source="publisher.name")

    class Meta:
        model = Author
        fields = ("name", "publisher")


class ChapterSerializer(serializers.ModelSerializer):
    editor = EditorSerializer()

    class Meta:
        model = Chapter
        fields = ("number", "title", "editor")


class BookSerializer(serializers.ModelSerializer):
    author = serializers.SerializerMethodField()
    chapters = ChapterSerializer(many=True)

    class Meta:
        model = Book
        fields = ("title", "author", "chapters")

    def get_author(self, book):
        return f"{book.author.name} ({book.author.publisher.name})"
