"""A library of real models, and what the reader of its views' files says of them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from djfix.codemods.findings import Reason
from djfix.codemods.inference.access.values import Hop
from djfix.codemods.inference.access.values import Path as Hops
from djfix.codemods.inference.loading.sources import sources_of_expression
from djfix.codemods.inference.loading.values import Loaded, QuerySource
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

SETTINGS = """
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shelf"]
REST_FRAMEWORK = {}
"""
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n'

MODELS = """
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=20)


class Author(models.Model):
    name = models.CharField(max_length=20)
    country = models.ForeignKey(Country, models.CASCADE, related_name="authors")
    mentor = models.ForeignKey("self", models.CASCADE, null=True, related_name="pupils")

    class Meta:
        ordering = ["name"]


class Tag(models.Model):
    name = models.CharField(max_length=20)
    country = models.ForeignKey(Country, models.CASCADE, null=True)


class BookQuerySet(models.QuerySet):
    def visible(self):
        return self.filter(pk__gt=0)

    def with_related(self):
        return self.select_related("author").visible()

    def with_tags(self, deep=False):
        books = self.prefetch_related("tags")
        if deep:
            books = books.prefetch_related("tags__country")
        return books


class BookManager(models.Manager.from_queryset(BookQuerySet)):
    def newest(self):
        return self.get_queryset().order_by("-pk")


class LoadingManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("author__country")


class SetManager(models.Manager):
    def get_queryset(self):
        return BookQuerySet(self.model, using=self._db).with_related()


class Book(models.Model):
    title = models.CharField(max_length=20)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, models.CASCADE, null=True, related_name="edited")
    tags = models.ManyToManyField(Tag, related_name="books")

    objects = BookManager()
    loading = LoadingManager()
    sets = SetManager()
    as_manager = BookQuerySet.as_manager()

    class Meta:
        ordering = ["title"]


class Detail(models.Model):
    book = models.OneToOneField(Book, models.CASCADE, related_name="detail")
    text = models.CharField(max_length=20)


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    user = models.ForeignKey(Author, models.CASCADE, related_name="reviews")
"""

HEAD = """
from django.db.models import Count, F, Max, Prefetch, Q
from shelf.models import Author, Book, Country, Detail, Review, Tag

PREFETCHES = ["tags", Prefetch("reviews", Review.objects.select_related("user"))]
JOINS = ("author", "author__country")
NAME = "editor"
"""


def project_of(files: dict[str, str]) -> Project:
    """The library with these files besides."""
    own = {path: dedent(text) for path, text in files.items()}
    around = {
        "manage.py": MANAGE,
        "settings.py": SETTINGS,
        "shelf/__init__.py": "",
        "shelf/models.py": MODELS,
    }
    return Project(Files.of(around | own))


def source_of(body: str, *, head: str = HEAD) -> QuerySource | Reason:
    """What the last statement's expression of a function's body comes from."""
    lines = dedent(body).strip("\n").splitlines()
    text = head + "\ndef view(request):\n" + "".join(f"    {line}\n" for line in lines)
    project = project_of({"shelf/views.py": text})
    document = project.files.document("shelf/views.py")
    function = document.tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    last = function.body[-1]
    assert isinstance(last, ast.Expr)
    return sources_of_expression(project, document, function, None, last.value)


def loaded_by(expression: str) -> QuerySource:
    """What an expression loads; it must be known."""
    found = source_of(expression)
    assert isinstance(found, QuerySource), found
    return found


HOPS = {
    "author": ("Book", "one", "Author"),
    "editor": ("Book", "one", "Author"),
    "tags": ("Book", "many", "Tag"),
    "detail": ("Book", "one", "Detail"),
    "reviews": ("Book", "many", "Review"),
    "user": ("Review", "one", "Author"),
    "book": ("Review", "one", "Book"),
    "mentor": ("Author", "one", "Author"),
    "books": ("Author", "many", "Book"),
}
COUNTRY = {"Author": "Country", "Tag": "Country"}


def path_of(lookup: str) -> Hops:
    """The path of a lookup that begins at a book."""
    hops, model = [], "Book"
    for name in lookup.split("__"):
        kind, target = "one", "Country"
        if name != "country":
            kind, target = HOPS[name][1:]
        hops.append(Hop(f"shelf.models.{model}", name, kind, f"shelf.models.{target}"))  # type: ignore[arg-type]
        model = target
    return tuple(hops)


def brief(loaded: Loaded) -> tuple[object, ...]:
    """`Loaded` as plain data: joins, then the lookups with what is inside them."""
    joined = True if loaded.joins_all else tuple(sorted(loaded.joined))
    return joined, tuple(
        (each.lookup, each.to_attr, None if each.inner is None else brief(each.inner))
        for each in loaded.prefetched.values()
    )


def real_models(folder: Path) -> ModuleType:
    """The library as an installed app under a folder, with tables and rows."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connection

    assert not settings.configured, "another test of this process has set Django up"
    package = folder / "shelf"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODELS)
    sys.path.insert(0, str(folder))
    settings.configure(
        INSTALLED_APPS=["shelf"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("shelf").get_models():
            editor.create_model(model)
    _fill(sys.modules["shelf.models"])
    return sys.modules["shelf.models"]


def _fill(module: Any) -> None:
    """Six books, all relations set, so that each row asks."""
    for number in range(6):
        country = module.Country.objects.create(name=f"c{number}")
        mentor = module.Author.objects.create(name=f"m{number}", country=country)
        author = module.Author.objects.create(name=f"a{number}", country=country, mentor=mentor)
        editor = module.Author.objects.create(name=f"e{number}", country=country, mentor=mentor)
        tag = module.Tag.objects.create(name=f"t{number}", country=country)
        book = module.Book.objects.create(title=f"b{number}", author=author, editor=editor)
        book.tags.add(tag)
        module.Detail.objects.create(book=book, text="d")
        module.Review.objects.create(book=book, user=editor)


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many queries the block asks."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = [0]
    with CaptureQueriesContext(connection) as captured:
        yield found
    found[0] = len(captured)
