from rest_framework import generics

from apps.books.models import Book
from apps.books.serializers import BookSerializer


class BookList(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
