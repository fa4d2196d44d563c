"""Long strings that are open at the end of a line."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from djfix.codemods.source.quotes import is_string_open, triple_quotes

PIECES = ['"', "'", '"""', "'''", '""""', "''''", "\n", "\r\n", "\\\n", "# it's\n", "x", "é"]


def open_between(text: str, start: int, end: int) -> bool:
    data = text.encode()
    return is_string_open(triple_quotes(data), start, end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"""a\n', True, id="opened"),
        pytest.param('"""a"""\n', False, id="closed-on-its-line"),
        pytest.param("'''a\nb'''\n", False, id="closed-later"),
        pytest.param("\"\"\"a'''\n", False, id="a-guess-where-the-quotes-differ"),
        pytest.param('x = ""\n', False, id="an-empty-string"),
        pytest.param('""""a\n', True, id="a-quote-behind-the-opening"),
        pytest.param("", False, id="an-empty-file"),
    ],
)
def test_string_is_open_at_the_end(text: str, expected: bool) -> None:
    assert open_between(text, 0, len(text)) is expected


def test_what_stands_before_and_behind_does_not_count() -> None:
    text = '"""\na\n"""\n'
    assert not open_between(text, 4, 6)
    assert open_between(text, 4, len(text))


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_answer_is_that_of_counting_anew(text: str) -> None:
    data = text.encode()
    quotes = triple_quotes(data)
    lines = [0, *(at for at, byte in enumerate(data) if byte == 0x0A), len(data)]
    for start, end in combinations(lines, 2):
        marks = data.count(b'"""', start, end) + data.count(b"'''", start, end)
        assert is_string_open(quotes, start, end) == (marks % 2 == 1)
