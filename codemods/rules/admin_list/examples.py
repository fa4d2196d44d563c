"""The rule's examples: they feed its tests, `djfix explain admin-list` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    name = models.CharField(max_length=100)
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"{self.name} ({self.publisher})"


class Series(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag)

    def __str__(self) -> str:
        return self.title
"""

FILES = (
    ("manage.py", ""),
    ("config/__init__.py", ""),
    (
        "config/settings.py",
        'INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "shop"]\n',
    ),
    ("requirements.txt", "Django==5.2.4\n"),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
)

EXAMPLES = (
    Example(
        "A foreign key that may be null, beside one that Django joins by itself",
        """\
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ("title", "author", "series")
""",
        """\
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ("title", "author", "series")
    list_select_related = ("author__publisher", "series")
""",
        path="shop/admin.py",
        files=FILES,
    ),
    Example(
        "A method that reads over relations",
        """\
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ("title", "publisher")

    @admin.display(description="Publisher")
    def publisher(self, book: Book) -> str:
        return book.author.publisher.name
""",
        """\
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ("title", "publisher")
    list_select_related = ("author__publisher",)

    @admin.display(description="Publisher")
    def publisher(self, book: Book) -> str:
        return book.author.publisher.name
""",
        path="shop/admin.py",
        files=FILES,
    ),
    Example(
        "Left alone: Django joins required foreign keys among the columns",
        """\
from django.contrib import admin

from shop.models import Author


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ("name", "publisher")
""",
        """\
from django.contrib import admin

from shop.models import Author


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ("name", "publisher")
""",
        path="shop/admin.py",
        files=FILES,
    ),
)
