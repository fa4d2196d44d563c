"""Differences: small, in order, and exactly what leads from one text to the other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from djfix.codemods.findings import Span, TextEdit
from djfix.codemods.rewriting.difference import applied, text_edits

LINES = st.sampled_from(
    ["", "x = 1", "    y = f(x)", "# é note", "return x", "a\u2028b", "\x0c", "x", "    y = g(x)"]
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.tuples(LINES, ENDS), max_size=12))
    return "".join(line + end for line, end in lines) + draw(st.sampled_from(["", "z = 1"]))


@settings(max_examples=200, deadline=None)
@given(texts(), texts())
def test_edits_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    edits = text_edits("a.py", before, after)
    assert applied(before, edits) == after
    assert bool(edits) == (before != after)
    for one, other in pairwise(edits):
        assert one.span is not None
        assert other.span is not None
        assert (one.span.end_line, one.span.end_column) < (other.span.line, other.span.column)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_at_all(before: str, after: str) -> None:
    assert applied(before, text_edits("a.py", before, after)) == after


def edit(span: tuple[int, int, int, int], replacement: str) -> TextEdit:
    return TextEdit("a.py", Span(*span), replacement)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("x = 1\n", "x = 1\n", (), id="same_text_has_no_difference"),
        pytest.param("é = old + 1\n", "é = new + 1\n", (edit((1, 5, 1, 8), "new"),), id="one_word"),
        pytest.param(
            "total = 1\n", "totals = 1\n", (edit((1, 1, 1, 6), "totals"),), id="whole_words"
        ),
        pytest.param("a\nc\n", "a\nb\nc\n", (edit((2, 1, 2, 1), "b\n"),), id="new_line"),
        pytest.param("a\nb\nc\n", "a\nc\n", (edit((2, 1, 3, 1), ""),), id="line_gone"),
        pytest.param(
            "a\nb\nc\nd\n",
            "A\nb\nc\nD\n",
            (edit((1, 1, 1, 2), "A"), edit((4, 1, 4, 2), "D")),
            id="two_places",
        ),
        pytest.param("", "x\n", (edit((1, 1, 1, 1), "x\n"),), id="from_nothing"),
        pytest.param("x\n", "", (edit((1, 1, 2, 1), ""),), id="to_nothing"),
        pytest.param("x", "x\ny", (edit((1, 2, 1, 2), "\ny"),), id="after_an_open_last_line"),
        pytest.param("a\r\nb\r\n", "a\r\nc\r\n", (edit((2, 1, 2, 2), "c"),), id="windows_lines"),
        pytest.param("a\u2028b\nc\n", "a\u2028b\nd\n", (edit((2, 1, 2, 2), "d"),), id="separator"),
    ],
)
def test_difference_is_small(before: str, after: str, expected: tuple[TextEdit, ...]) -> None:
    assert text_edits("a.py", before, after) == expected


def test_long_repetitive_texts_are_one_change_and_not_an_hour() -> None:
    before = "a\nb\n" * 3000
    after = "b\na\n" * 3000 + "c\n"
    assert applied(before, text_edits("a.py", before, after)) == after
