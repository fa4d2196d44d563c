"""Whether a long string is open at the end of a line, told by counting triple quotes in the bytes.

Cheap and no more than a guess: a triple quote in a comment counts as well. All are found in one
pass, so that any number of questions about a file costs no more than reading it once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence


def triple_quotes(data: bytes) -> list[int]:
    """Where each triple quote of either kind stands, in the order of the text."""
    return sorted([*_places(data, b'"""'), *_places(data, b"'''")])


def is_string_open(quotes: Sequence[int], start: int, end: int) -> bool:
    """Whether a string that is opened between the ends of two lines is not closed there."""
    return (bisect_left(quotes, end) - bisect_left(quotes, start)) % 2 == 1


def _places(data: bytes, quote: bytes) -> Iterator[int]:
    at = data.find(quote)
    while at != -1:
        yield at
        at = data.find(quote, at + len(quote))
