"""The harness itself: what is written with care passes, each careless rewrite is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from serving import (
    FIXED,
    LEFT,
    Served,
    complaints,
    copied,
    endpoints,
    growth,
    most_queries,
    served,
)

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = {endpoint.name: endpoint for endpoint in endpoints(ROOT)}

NAMES = "from django.db.models import Prefetch\nfrom catalog.models import Chapter, Tag\n"
"""What the querysets below name, whatever their file imports."""

CHAPTERS = 'Prefetch("chapters", queryset=Chapter.objects.select_related("editor__publisher"))'
CAREFUL = {
    "key-of-second": ("KeyOfSecond", 'Book.objects.select_related("author")'),
    "chain": ("Chain", 'Book.objects.select_related("author__publisher__country")'),
    "tag-keys": ("TagKeys", 'Book.objects.prefetch_related("tags")'),
    "note-target": ("NoteTarget", 'Note.objects.prefetch_related("target")'),
    "unordered": ("Unordered", 'Draft.objects.prefetch_related("author__publisher", "editor")'),
    "hidden-rows": ("HiddenRows", 'Record.objects.prefetch_related("archive")'),
    "gone-rows": ("GoneRows", 'Record.objects.prefetch_related("code", "next_code")'),
    "locked": ("Locked", 'Book.objects.select_for_update().prefetch_related("author", "editor")'),
    "books-with-chapters": (
        "BooksWithChapters",
        f'Book.objects.select_related("author__publisher").prefetch_related({CHAPTERS})',
    ),
}
"""Querysets as a person who knows Django writes them, by endpoint and class."""

CARELESS = {
    "key": ("Key", 'Book.objects.select_related("author")', "rewritten"),
    "text-of-one": ("TextOfOne", 'Book.objects.select_related("author")', "twice the rows cost"),
    "nested-one": ("NestedOne", 'Book.objects.select_related("author")', "twice the rows cost"),
    "filter": ("Filter", 'Book.objects.prefetch_related("tags")', "queries became"),
    "gone-rows": ("GoneRows", 'Record.objects.select_related("code")', '"id":3,"code":null'),
    "hidden-rows": ("HiddenRows", 'Record.objects.select_related("archive")', "archive 1"),
    "only": ("Only", 'Book.objects.only("title").select_related("author")', "FieldError"),
    "everything": ("Everything", 'Book.objects.select_related("tags")', "FieldError"),
    "review-keys": ("ReviewKeys", 'Book.objects.prefetch_related("review")', "AttributeError"),
    "note-target": ("NoteTarget", 'Note.objects.select_related("target")', "FieldError"),
    "prefetch-of-their": (
        "PrefetchOfTheir",
        'Book.objects.prefetch_related("tags__group", Prefetch("tags", Tag.objects.all()))',
        "ValueError",
    ),
    "stale": ("Stale", 'Book.objects.prefetch_related("chapters", "sequels")', "stale-write"),
}
"""Querysets as they are written too often, and a word of the complaint."""


@pytest.mark.parametrize("name", ALL)
def test_library_answers_every_request(before: Served, name: str) -> None:
    statuses = [
        answer.status for each in ALL[name].requests for answer in before.answers[each].values()
    ]
    assert [status for status in statuses if status not in (200, 204, 400, 404)] == []


@pytest.mark.parametrize("name", [name for name, each in ALL.items() if each.state != LEFT])
def test_what_is_found_grows_with_the_rows(before: Served, name: str) -> None:
    assert growth(before, name) > 0


@pytest.mark.parametrize("name", [name for name, each in ALL.items() if each.state == LEFT])
def test_what_is_left_does_not_grow(before: Served, name: str) -> None:
    assert growth(before, name) == 0
    assert most_queries(before, name) == ALL[name].after


def test_library_names_no_path_that_django_cannot_resolve(before: Served) -> None:
    assert before.wrong_paths == ()


def test_enough_is_fixed_and_enough_is_not() -> None:
    states = [each.state for each in ALL.values()]
    assert states.count(FIXED) >= 40
    assert len(states) - states.count(FIXED) >= 20


@pytest.mark.parametrize("name", CAREFUL)
def test_careful_rewrite_passes(before: Served, careful: Served, name: str) -> None:
    assert complaints(before, careful, ALL[name]) == []
    assert most_queries(careful, name) == ALL[name].after


def test_careful_rewrites_name_no_wrong_path(careful: Served) -> None:
    assert careful.wrong_paths == ()


@pytest.mark.parametrize("name", CAREFUL)
def test_careful_rewrite_passes_on_postgres(
    before_on_postgres: Served, careful_on_postgres: Served, name: str
) -> None:
    assert complaints(before_on_postgres, careful_on_postgres, ALL[name]) == []


@pytest.mark.parametrize("name", CARELESS)
def test_careless_rewrite_is_noticed(before: Served, careless: Served, name: str) -> None:
    words = CARELESS[name][-1]
    found = complaints(before, careless, ALL[name])
    assert [each for each in found if words in each] != []


def test_paths_that_do_not_exist_are_noticed_by_name(careless: Served) -> None:
    assert [path.partition(":")[0] for path in careless.wrong_paths] == [
        "catalog.Book join tags FieldError",
        "catalog.Book prefetch review catalog.Book has no relation review",
        "catalog.Note join target FieldError",
    ]


def test_path_that_does_not_exist_is_noticed_where_no_row_is_served(tmp_path: Path) -> None:
    tree = copied(ROOT, tmp_path)
    rewrite(tree, "TagKeys", 'Book.objects.none().prefetch_related("tags__groups")')
    assert served(tree).wrong_paths == (
        "catalog.Book prefetch tags__groups catalog.Tag has no relation groups",
    )


def test_join_that_only_postgres_refuses_is_noticed(
    before: Served,
    before_on_postgres: Served,
    careless_lock: Path,
    new_database: Callable[[], dict[str, str]],
) -> None:
    on_postgres = served(careless_lock, new_database())
    found = complaints(before_on_postgres, on_postgres, ALL["locked"])
    assert [each for each in found if "FOR UPDATE cannot be applied" in each] != []
    assert complaints(before, served(careless_lock), ALL["locked"]) == []


@pytest.fixture(scope="module")
def careful_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = copied(ROOT, tmp_path_factory.mktemp("careful"))
    for view, queryset in CAREFUL.values():
        rewrite(tree, view, queryset)
    return tree


@pytest.fixture(scope="module")
def careful(careful_tree: Path) -> Served:
    return served(careful_tree)


@pytest.fixture(scope="module")
def careful_on_postgres(careful_tree: Path, new_database: Callable[[], dict[str, str]]) -> Served:
    return served(careful_tree, new_database())


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Served:
    tree = copied(ROOT, tmp_path_factory.mktemp("careless"))
    for view, queryset, _ in CARELESS.values():
        rewrite(tree, view, queryset)
    return served(tree)


@pytest.fixture
def careless_lock(tmp_path: Path) -> Path:
    tree = copied(ROOT, tmp_path)
    joined = 'Book.objects.select_for_update().select_related("author", "editor")'
    rewrite(tree, "Locked", joined)
    return tree


def rewrite(tree: Path, view: str, queryset: str) -> None:
    """Another queryset in the class of this name."""
    for path in (tree / "catalog" / "views").glob("*.py"):
        text = path.read_text()
        start = text.find(f"class {view}(")
        if start >= 0:
            old = text.index("queryset = ", start)
            end = text.index("serializer_class", old)
            path.write_text(f"{NAMES}{text[:old]}queryset = {queryset}\n    {text[end:]}")
            return
    raise LookupError(view)
