"""The pace of the garbage collector around a run."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from djfix.codemods.engine.collecting import ALLOCATIONS, collecting_rarely


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_collects_rarely_within_and_as_before_afterwards() -> None:
    gc.set_threshold(700, 10, 10)
    with collecting_rarely():
        assert gc.get_threshold() == (ALLOCATIONS, 1, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_restores_the_pace_after_a_failure() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(KeyError), collecting_rarely():
        raise KeyError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("first", [0, ALLOCATIONS * 2], ids=["switched off", "rarer already"])
def test_leaves_a_rarer_pace_alone(first: int) -> None:
    gc.set_threshold(first, 10, 10)
    with collecting_rarely():
        assert gc.get_threshold() == (first, 10, 10)
