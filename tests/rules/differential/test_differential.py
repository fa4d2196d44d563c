"""What the rule calls SAFE changes nothing that a user of the function could tell."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from differential.comparison import data, differences, loaded, lost_by_the_rewrite, rewritten
from differential.ledger import Data
from differential.vocabulary import Shape, shapes, source

EXAMPLES = int(os.environ.get("DJFIX_EXAMPLES", "150"))
"""How many functions each test draws: fewer on each further Django, thousands in a deep run, whose
functions are other ones each time."""

thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 150,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@thorough
@given(shapes(), st.lists(data(), min_size=3, max_size=3))
def test_safe_rewrite_changes_nothing_that_shows(shape: Shape, runs: Sequence[Data]) -> None:
    text = source(shape)
    after = rewritten(text)
    note(after.text)
    event("changed" if after.text != text else "left alone")
    if after.text != text:
        before_code, after_code = loaded(text), loaded(after.text)
        for run in runs:
            assert differences(before_code, after_code, run) == []
        assert lost_by_the_rewrite(before_code, after_code, after, shape, runs[0]) == []


@thorough
@given(shapes(), data())
def test_unsafe_rewrite_still_runs(shape: Shape, run: Data) -> None:
    text = source(shape)
    after = rewritten(text, unsafe=True)
    note(after.text)
    if after.text != text:
        told = differences(loaded(text), loaded(after.text), run)
        assert not [each for each in told if "NameError" in each or "UnboundLocal" in each]


@thorough
@given(shapes(), st.booleans())
def test_second_run_changes_nothing(shape: Shape, unsafe: bool) -> None:
    after = rewritten(source(shape), unsafe=unsafe)
    assert rewritten(after.text, unsafe=unsafe).text == after.text
