"""What differs between two texts, as runs of byte lines: the base of patches and of merging.

Few lines differ as a rule, and then Myers' greedy search, which is git's own, finds them at once
(E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). Where many differ, difflib is
quadratic where lines repeat, so the texts are first cut at the lines that both hold once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Lines = Sequence[bytes]

FEW = 150
"""Up to so many lines taken out or put in, Myers' search is the quickest."""

SMALL = 250_000
MODERATE = 4_000_000
"""Up to so many pairs of equal lines difflib takes milliseconds, and a second or two."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Lines `old[start:end]` became `new[new_start:new_end]`; indexes from 0, ends exclusive."""

    start: int
    end: int
    new_start: int
    new_end: int


def split(data: bytes) -> list[bytes]:
    r"""The lines of `data` with their ends, cut at `\n` only, as git and patch cut them."""
    lines = data.split(b"\n")
    last = lines.pop()
    whole = [line + b"\n" for line in lines]
    return [*whole, last] if last else whole


def differences(old: Lines, new: Lines) -> tuple[Difference, ...]:
    """The changed runs in order; two of them always have an unchanged line between them."""
    return tuple(_joined(_differences(old, new, Difference(0, len(old), 0, len(new)))))


def _joined(parts: Iterator[Difference]) -> Iterator[Difference]:
    """Touching parts as one: a stretch may have been cut in the middle of a change."""
    held: Difference | None = None
    for part in parts:
        if held and held.end == part.start and held.new_end == part.new_start:
            held = Difference(held.start, part.end, held.new_start, part.new_end)
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _differences(old: Lines, new: Lines, whole: Difference) -> Iterator[Difference]:
    """Differences inside one stretch, worked off with a stack: anchors may be thousands."""
    stack = [whole]
    while stack:
        part = _trimmed(old, new, stack.pop())
        if part.start == part.end and part.new_start == part.new_end:
            continue
        if part.start == part.end or part.new_start == part.new_end:
            yield part
            continue
        few = _few(old, new, part)
        if few is not None:
            yield from few
            continue
        pairs = _equal_pairs(old, new, part)
        anchors = _anchors(old, new, part) if pairs > SMALL else []
        if anchors:
            stack.extend(reversed(_cut(part, anchors)))
        elif 0 < pairs <= MODERATE:
            yield from _matched(old, new, part)
        else:
            yield part


def _trimmed(old: Lines, new: Lines, part: Difference) -> Difference:
    start, end, new_start, new_end = part.start, part.end, part.new_start, part.new_end
    while start < end and new_start < new_end and old[start] == new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    return Difference(start, end, new_start, new_end)


def _few(old: Lines, new: Lines, part: Difference) -> list[Difference] | None:
    """The shortest way from old to new, line by line; None if it takes more than FEW steps.

    `reach[k]` is how far in `old` one gets on the diagonal `k` (index in old minus index in new).
    """
    size, new_size = part.end - part.start, part.new_end - part.new_start
    if abs(size - new_size) > FEW:
        return None
    reach = {1: 0}
    trace: list[dict[int, int]] = []
    for steps in range(FEW + 1):
        trace.append(dict(reach))
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            while x < size and y < new_size and old[part.start + x] == new[part.new_start + y]:
                x, y = x + 1, y + 1
            reach[k] = x
            if (x, y) == (size, new_size):
                return _way_back(part, trace)
    return None


def _way_back(part: Difference, trace: Sequence[dict[int, int]]) -> list[Difference]:
    """The single lines that the search took out or put in, in the order of the text."""
    x, y = part.end - part.start, part.new_end - part.new_start
    found = []
    for steps in range(len(trace) - 1, 0, -1):
        reach, k = trace[steps], x - y
        down = k == -steps or (k != steps and reach[k - 1] < reach[k + 1])
        x = reach[k + 1] if down else reach[k - 1]
        y = x - (k + 1 if down else k - 1)
        old, new = part.start + x, part.new_start + y
        found.append(Difference(old, old if down else old + 1, new, new + 1 if down else new))
    return found[::-1]


def _equal_pairs(old: Lines, new: Lines, part: Difference) -> int:
    """How many pairs of equal lines there are: what difflib walks through."""
    counts = Counter(new[part.new_start : part.new_end])
    return sum(counts[line] for line in old[part.start : part.end])


def _matched(old: Lines, new: Lines, part: Difference) -> Iterator[Difference]:
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(
        None, old[part.start : part.end], new[part.new_start : part.new_end], autojunk=False
    )
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield Difference(
                part.start + start,
                part.start + end,
                part.new_start + new_start,
                part.new_start + new_end,
            )


def _cut(part: Difference, anchors: Sequence[tuple[int, int]]) -> list[Difference]:
    """The stretches between the anchors; an anchor line itself is equal on both sides."""
    pieces = []
    start, new_start = part.start, part.new_start
    for old_index, new_index in anchors:
        pieces.append(Difference(start, old_index, new_start, new_index))
        start, new_start = old_index + 1, new_index + 1
    return [*pieces, Difference(start, part.end, new_start, part.new_end)]


def _anchors(old: Lines, new: Lines, part: Difference) -> list[tuple[int, int]]:
    """Lines that stand exactly once on either side, in an order that rises on both.

    The longest rising run of such pairs is found by patience sorting.
    """
    once = _once(old, part.start, part.end)
    new_once = _once(new, part.new_start, part.new_end)
    pairs = [(index, new_once[line]) for line, index in once.items() if line in new_once]
    tops: list[int] = []
    piles: list[int] = []
    previous: list[int | None] = []
    for position, (_, new_index) in enumerate(pairs):
        pile = bisect_left(tops, new_index)
        previous.append(piles[pile - 1] if pile else None)
        tops[pile : pile + 1] = [new_index]
        piles[pile : pile + 1] = [position]
    return _run(pairs, previous, piles[-1] if piles else None)


def _run(
    pairs: Sequence[tuple[int, int]], previous: Sequence[int | None], last: int | None
) -> list[tuple[int, int]]:
    found = []
    while last is not None:
        found.append(pairs[last])
        last = previous[last]
    return found[::-1]


def _once(lines: Lines, start: int, end: int) -> dict[bytes, int]:
    """Each line that stands once in the stretch, with its index, in the order of the stretch."""
    counts = Counter(lines[start:end])
    return {lines[index]: index for index in range(start, end) if counts[lines[index]] == 1}
