"""Functions that are handed an object, and one that makes a queryset."""

from catalog.models import Book


def signature(author):
    return f"{author.name}, {author.publisher.name}"


def caption(book):
    return f"{book.title}: {signature(book.author)}"


def books_for_display():
    return Book.objects.filter(year__gte=0)


def with_display(queryset):
    return queryset.select_related("editor")
