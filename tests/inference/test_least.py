"""How often a question is answered, where answers rest on each other."""

from __future__ import annotations

from collections import Counter

import pytest

from djfix.codemods.inference.least import LeastAnswers


@pytest.mark.parametrize("size", [50, 800])
def test_news_from_the_end_of_a_chain_goes_through_it_once(size: int) -> None:
    times: Counter[int] = Counter()

    def compute(key: int) -> frozenset[int]:
        times[key] += 1
        return frozenset({key}) if key == size else answers.value(key + 1)

    answers = LeastAnswers[int, frozenset[int]](compute, frozenset())
    assert answers.value(0) == {size}
    assert max(times.values()) <= 2


@pytest.mark.parametrize("first", [0, 7, 29])
def test_in_a_ring_all_agree_whoever_asks_first(first: int) -> None:
    def compute(key: int) -> frozenset[int]:
        return answers.value((key + 1) % 30) | {key}

    answers = LeastAnswers[int, frozenset[int]](compute, frozenset())
    assert answers.value(first) == set(range(30))
    assert all(answers.value(key) == set(range(30)) for key in range(30))
