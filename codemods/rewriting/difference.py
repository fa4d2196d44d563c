"""The difference of two texts as few small replacements, for review and for other tools."""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from djfix.codemods.findings import Span, TextEdit

MANY_PAIRS = 250_000
"""More pairs of lines than this are not compared with each other: the stretch is one change."""

TOKEN = re.compile(r"\w+|\s|.", re.DOTALL)

Stretch = tuple[int, int, int, int]
"""Lines `[a, b)` of the text before that became lines `[c, d)` after, counted from 0."""


def text_edits(path: str, before: str, after: str) -> tuple[TextEdit, ...]:
    """The replacements that turn `before` into `after`, in order, none touching another.

    Whole lines are matched first; one changed line for another is narrowed to whole words. Spans
    count code points from 1 in `before`, whose lines end at \\n, \\r\\n and \\r only.
    """
    old, new = _lines(before), _lines(after)
    starts = line_offsets(old)
    return tuple(
        TextEdit(path, _span(old, starts, start, end), replacement)
        for start, end, replacement in _merged(_replacements(old, new, starts))
    )


def applied(before: str, edits: Sequence[TextEdit]) -> str:
    """The text after such replacements; each must have a span."""
    lines = _lines(before)
    starts = line_offsets(lines)
    pieces: list[str] = []
    position = 0
    for edit in edits:
        assert edit.span is not None
        start = starts[edit.span.line - 1] + edit.span.column - 1
        pieces += [before[position:start], edit.replacement]
        position = starts[edit.span.end_line - 1] + edit.span.end_column - 1
    return "".join([*pieces, before[position:]])


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def line_offsets(lines: Sequence[str]) -> list[int]:
    """Where each line begins, and where the last one ends."""
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    return offsets


def _span(lines: Sequence[str], starts: Sequence[int], start: int, end: int) -> Span:
    return Span(*_place(lines, starts, start), *_place(lines, starts, end))


def _place(lines: Sequence[str], starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Line and column of an offset; the file's end has a line of its own if the last is closed."""
    line = bisect_left(starts, offset + 1) - 1
    if line == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        line -= 1
    return line + 1, offset - starts[line] + 1


def _replacements(
    old: Sequence[str], new: Sequence[str], starts: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    for a, b, c, d in _stretches(old, new):
        if b - a == d - c:
            for number in range(b - a):
                yield from _narrowed(old[a + number], new[c + number], starts[a + number])
        else:
            yield from _narrowed("".join(old[a:b]), "".join(new[c:d]), starts[a])


def _narrowed(before: str, after: str, offset: int) -> Iterator[tuple[int, int, str]]:
    """The one replacement between two texts without the words they begin and end with alike."""
    if before == after:
        return
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    start = offset + sum(map(len, old[:head]))
    end = offset + sum(map(len, old[: len(old) - tail]))
    yield start, end, "".join(new[head : len(new) - tail])


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _merged(replacements: Iterator[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Replacements that touch become one."""
    held: tuple[int, int, str] | None = None
    for start, end, text in replacements:
        if held is not None and held[1] == start:
            held = (held[0], end, held[2] + text)
            continue
        if held is not None:
            yield held
        held = (start, end, text)
    if held is not None:
        yield held


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """What differs by lines: between lines that both texts hold once and in the same order."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    a, b, c, d = head, len(old) - tail, head, len(new) - tail
    if a == b or c == d:
        if a != b or c != d:
            yield a, b, c, d
        return
    anchors = _anchors(old[a:b], new[c:d])
    if not anchors:
        yield from _small_stretches(old, new, (a, b, c, d))
        return
    bounds = [(-1, -1), *anchors, (b - a, d - c)]
    for (one, other), (next_one, next_other) in pairwise(bounds):
        inner_old = old[a + one + 1 : a + next_one]
        inner_new = new[c + other + 1 : c + next_other]
        for e, f, g, h in _stretches(inner_old, inner_new):
            yield a + one + 1 + e, a + one + 1 + f, c + other + 1 + g, c + other + 1 + h


def _small_stretches(old: Sequence[str], new: Sequence[str], within: Stretch) -> Iterator[Stretch]:
    a, b, c, d = within
    if (b - a) * (d - c) > MANY_PAIRS:
        yield within
        return
    for tag, e, f, g, h in SequenceMatcher(None, old[a:b], new[c:d], autojunk=False).get_opcodes():
        if tag != "equal":
            yield a + e, a + f, c + g, c + h


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of lines that stand once in each text, the longest run of them in one order."""
    old_counts, new_counts = Counter(old), Counter(new)
    places = {line: number for number, line in enumerate(new) if new_counts[line] == 1}
    pairs = [
        (number, places[line])
        for number, line in enumerate(old)
        if old_counts[line] == 1 and line in places
    ]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise (the first ones do)."""
    ends: list[int] = []
    heads: list[int] = []
    before: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        before.append(heads[at - 1] if at else None)
        ends[at : at + 1] = [place]
        heads[at : at + 1] = [number]
    chain: list[tuple[int, int]] = []
    current = heads[-1] if heads else None
    while current is not None:
        chain.append(pairs[current])
        current = before[current]
    return chain[::-1]
