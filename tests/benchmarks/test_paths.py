"""The check of proposed paths refuses what Django would refuse."""

from __future__ import annotations

import pytest

MODELS = """\
from django.db import models


class Author(models.Model):
    boss = models.ForeignKey("self", null=True, on_delete=models.CASCADE)


class Book(models.Model):
    author = models.ForeignKey(
        Author, related_name="written", related_query_name="book", on_delete=models.CASCADE
    )
    tags = models.ManyToManyField("Book")


class Cover(models.Model):
    book = models.OneToOneField(
        Book, related_name="front", related_query_name="face", on_delete=models.CASCADE
    )
"""


@pytest.mark.parametrize(
    ("path", "joined", "wrong"),
    [
        pytest.param("author__boss", True, "", id="foreign_keys"),
        pytest.param("tags", True, "tags leads to many rows, or to any model", id="joined_many"),
        pytest.param("tags__author", False, "", id="behind_many"),
        pytest.param("author__written", False, "", id="accessor"),
        pytest.param(
            "author__book", False, "shop.Author has no relation book", id="query_name_prefetched"
        ),
        pytest.param("face", True, "", id="query_name_joined"),
        pytest.param("front", True, "shop.Book has no relation front", id="accessor_joined"),
        pytest.param("author_id", True, "shop.Book has no relation author_id", id="column"),
        pytest.param("title", False, "shop.Book has no relation title", id="no_relation"),
    ],
)
def test_walks_a_path(path: str, joined: bool, wrong: str) -> None:
    from benchmarks.corpus.paths import wrong_with
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.files import Files

    files = {"manage.py": "", "shop/__init__.py": "", "shop/models.py": MODELS}
    project = Project(Files.of(files))
    model = project.model("shop.models.Book")
    assert model is not None
    assert wrong_with(project, model, path, joined=joined) == wrong
