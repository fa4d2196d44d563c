"""Which paths are loaded: beyond what the comparison with Django itself shows."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.access.values import Hop
from djfix.codemods.inference.loading.missing import (
    covered,
    covered_prefix,
)
from djfix.codemods.inference.loading.values import Loaded
from tests.inference.loading.shelf import loaded_by, path_of, project_of

COVERED = {
    ("Book.objects.select_related()", "author__country"): True,
    ("Book.objects.select_related()", "editor"): False,
    ("Book.objects.select_related()", "detail"): False,
    ("Book.objects.prefetch_related('reviews')", "reviews__book"): True,
    ("Book.objects.prefetch_related('reviews')", "reviews__book__author"): False,
    (
        "Book.objects.select_related('author').prefetch_related('reviews')",
        "reviews__book__author",
    ): True,
    ("Book.objects.prefetch_related(Prefetch('tags', to_attr='labels'))", "tags"): False,
    ("Book.objects.prefetch_related(Prefetch('author__books', to_attr='mine'))", "author"): True,
    (
        "Book.objects.prefetch_related(Prefetch('author__books', to_attr='mine'))",
        "author__books",
    ): False,
}


@pytest.mark.parametrize(("expression", "lookup"), COVERED)
def test_whether_a_path_is_covered(expression: str, lookup: str) -> None:
    loaded = loaded_by(expression).loaded
    assert covered(loaded, path_of(lookup), project_of({})) is COVERED[expression, lookup]


PEERS = {
    "author": True,
    "author__country": True,
    "detail": True,
    "tags": False,
    "reviews__user": False,
    "author__books": False,
}


@pytest.mark.parametrize("lookup", PEERS)
def test_rows_that_fetch_for_their_peers_cover_hops_to_one(lookup: str) -> None:
    loaded = loaded_by("Book.objects.fetch_mode(models.FETCH_PEERS).prefetch_related('reviews')")
    assert not loaded.loaded.fetches_peers  # `models` is no name of this file
    peers = Loaded(prefetched=loaded.loaded.prefetched, fetches_peers=True)
    assert covered(peers, path_of(lookup), project_of({})) is PEERS[lookup]


def test_a_generic_foreign_key_needs_a_prefetch_or_peers() -> None:
    path = (Hop("shelf.models.Tag", "thing", "generic", ""),)
    assert not covered(Loaded(joined=frozenset({"thing"})), path)
    assert covered(Loaded(fetches_peers=True), path)


def test_without_a_project_nothing_rests_on_the_models() -> None:
    everything = loaded_by("Book.objects.select_related()").loaded
    assert not covered(everything, path_of("author"))
    assert covered(everything, path_of("author"), project_of({}))


def test_how_many_hops_of_a_path_are_loaded() -> None:
    loaded = loaded_by("Book.objects.select_related('author')").loaded
    assert covered_prefix(loaded, path_of("author__mentor__country")) == 1
    assert covered_prefix(loaded, path_of("tags")) == 0


SHARED = {"author": True, "author__country": True, "author__books": False, "editor": False}


@pytest.mark.parametrize("lookup", SHARED)
def test_rows_of_one_objects_manager_share_that_object(lookup: str) -> None:
    loaded = Loaded(known="author")
    assert covered(loaded, path_of(lookup), project_of({})) is SHARED[lookup]


def test_nothing_is_covered_by_nothing() -> None:
    assert not covered(Loaded(), path_of("author"))
    assert covered(Loaded(), ())
