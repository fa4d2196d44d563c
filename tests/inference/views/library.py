"""A library of books, and what the views of one file of it are, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from djfix.codemods.inference.views.values import Rendering, View
from djfix.codemods.inference.views.views import views_of
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

MODELS = """
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=20)


class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    title = models.CharField(max_length=20)
    featured = models.BooleanField(default=False)


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    stars = models.IntegerField(default=0)
"""

SERIALIZERS = """
from rest_framework import serializers

from library.models import Book, Review


class Short(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ("id", "title")


class Full(Short):
    pass


class Write(Short):
    pass


class Other(Short):
    pass


class Stars(serializers.ModelSerializer):
    class Meta:
        model = Review
        fields = ("stars",)
"""

IMPORTS = """
from django.shortcuts import get_object_or_404
from rest_framework import filters, generics, mixins, pagination, permissions, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView

from library import serializers
from library.models import Author, Book, Review
from library.serializers import Full, Other, Short, Stars, Write
"""

FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": 'INSTALLED_APPS = ["rest_framework", "library"]\n',
    "library/__init__.py": "",
    "library/models.py": MODELS,
    "library/serializers.py": SERIALIZERS,
}

PATH = "library/views.py"


def project_with(text: str, others: Mapping[str, str] | None = None) -> Project:
    """The library with these views, and other files."""
    contents = FILES | {PATH: IMPORTS + dedent(text)}
    contents |= {path: dedent(other) for path, other in (others or {}).items()}
    return Project(Files.of(contents))


def views(text: str, others: Mapping[str, str] | None = None) -> tuple[View, ...]:
    """The views of the file."""
    project = project_with(text, others)
    return views_of(project, project.files.document(PATH))


def view(text: str, others: Mapping[str, str] | None = None) -> View:
    """The last view of the file."""
    return views(text, others)[-1]


def shown(view: View) -> list[str]:
    """Its renderings: "list: list Short", with "own" code, "perhaps" where not certain."""
    return [_shown(each) for each in view.renderings]


def _shown(rendering: Rendering) -> str:
    serializer = (rendering.serializer or "?").rpartition(".")[2]
    if rendering.kind == "delete" and rendering.serializer is None:
        serializer = "-"
    words = [f"{rendering.action}:", rendering.kind, serializer]
    words += [] if rendering.stock else ["own"]
    words += [] if rendering.certain else ["perhaps"]
    return " ".join(words)


def unclear(view: View) -> list[str]:
    """The names of what could not be followed."""
    return [reason.name for reason in view.unclear]


def hazards(view: View) -> list[str]:
    """The names of what forbids additions, with the line of the view's file that says so."""
    return [hazard.reason.name for hazard in view.hazards]
