"""Laying djfix's lines on a text that the user has changed too; never where the two touch."""

from __future__ import annotations

from collections.abc import Sequence

from djfix.codemods.staging.lines import Difference, differences, split


class Touching(Exception):  # noqa: N818
    """djfix's lines and the user's touch. `line`: where, from 1, in the text that djfix read."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def lay(base: bytes, after: bytes, current: bytes) -> bytes:
    """`current` with what leads from `base` to `after`.

    Raises `Touching` where a difference of `base` and `current` overlaps one of djfix's or stands
    directly beside it.
    """
    lines, new, other = split(base), split(after), split(current)
    ours, theirs = differences(lines, new), differences(lines, other)
    _refuse_touching(ours, theirs)
    both = sorted(
        [(found, new) for found in ours] + [(found, other) for found in theirs],
        key=lambda item: item[0],
    )
    merged: list[bytes] = []
    position = 0
    for found, source in both:
        merged += lines[position : found.start]
        merged += source[found.new_start : found.new_end]
        position = found.end
    return b"".join([*merged, *lines[position:]])


def refuse_near(current: bytes, after: bytes, earlier: bytes) -> None:
    """Raises `Touching` where `current` to `after` touches what led from `earlier` to `current`."""
    lines = split(current)
    _refuse_touching(differences(lines, split(after)), differences(lines, split(earlier)))


def _refuse_touching(ours: Sequence[Difference], theirs: Sequence[Difference]) -> None:
    for one in ours:
        for other in theirs:
            if one.start <= other.end and other.start <= one.end:
                raise Touching(one.start + 1)
