"""The harness itself: what is written with care passes, each careless rewrite is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from library import (
    FIXED,
    LEFT,
    Served,
    changed,
    different_answers,
    endpoints,
    growth,
    more_queries,
    not_fixed,
    served,
)

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = {endpoint.name: endpoint for endpoint in endpoints(ROOT)}


@pytest.mark.parametrize("name", ALL)
def test_library_answers_every_request(before: Served, name: str) -> None:
    answers = [answer for each in ALL[name].requests for answer in before.answers[each].values()]
    assert [answer.status for answer in answers if str(answer.status)[0] not in "24"] == []


@pytest.mark.parametrize("name", [name for name, each in ALL.items() if each.state != LEFT])
def test_what_is_found_grows_with_the_rows(before: Served, name: str) -> None:
    assert growth(before, name) > 0


def test_library_names_no_path_that_django_cannot_resolve(before: Served) -> None:
    assert before.wrong_paths == ()


def test_at_least_forty_endpoints_of_each_kind() -> None:
    states = [each.state for each in ALL.values()]
    assert states.count(FIXED) >= 5
    assert states.count(LEFT) >= 2


def test_careful_rewrite_passes(before: Served, tree: Path) -> None:
    rewrite(tree, "Chain", 'Book.objects.select_related("author__publisher__country")')
    after = served(tree)
    assert after.wrong_paths == ()
    assert complaints(before, after, "chain") == []


def test_careless_path_is_noticed_although_no_row_is_there(before: Served, tree: Path) -> None:
    rewrite(tree, "TagKeys", 'Book.objects.none().prefetch_related("tags__groups")')
    after = served(tree)
    assert after.wrong_paths == (
        "catalog.Book prefetch tags__groups catalog.Tag has no relation groups",
    )


def test_careless_join_of_the_last_key_is_noticed_by_its_count(before: Served, tree: Path) -> None:
    rewrite(tree, "NestedOne", 'Book.objects.select_related("author")')
    assert complaints(before, served(tree), "nested-one") != []


def complaints(before: Served, after: Served, name: str) -> list[str]:
    endpoint = ALL[name]
    judge = not_fixed if endpoint.state == FIXED else changed
    return [
        *different_answers(before, after, endpoint),
        *more_queries(before, after, endpoint),
        *judge(before, after, endpoint),
    ]


def rewrite(tree: Path, view: str, queryset: str) -> None:
    """Another queryset in the class of this name."""
    for path in (tree / "catalog" / "views").glob("*.py"):
        text = path.read_text()
        start = text.find(f"class {view}(")
        if start < 0:
            continue
        old = text.index("queryset = ", start)
        end = text.index("\n", old)
        path.write_text(f"{text[:old]}queryset = {queryset}{text[end:]}")
        return
    raise LookupError(view)
