"""systemd's unit files, line by line: what follows a key, continued lines joined, with places.

https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html: a backslash at a line's
end stands for a space, comment lines in between are passed over, and a key may come several times.
No parser of INI files on PyPI knows the three, so that this is read by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.source.formats.placed import Placed, joined


@dataclass(frozen=True, slots=True)
class Entry:
    """One `Key=value` of a section; `start` and `end` in the file, without the last line's end."""

    section: str
    key: str
    value: Placed
    start: int
    end: int


def entries_of(text: str) -> tuple[Entry, ...]:
    """Every assignment of a unit, in order."""
    return tuple(_entries(text))


def _entries(text: str) -> Iterator[Entry]:
    section = ""
    for line in _logical(text):
        stripped = line.stripped()
        if stripped.text.startswith("[") and stripped.text.endswith("]"):
            section = stripped.text[1:-1]
            continue
        key, equals, _ = stripped.text.partition("=")
        if equals and key.strip():
            value = stripped.cut(len(key) + 1).stripped()
            start, end = stripped.places[0][0], stripped.places[-1][1]
            yield Entry(section, key.strip(), value, start, end)


def _logical(text: str) -> Iterator[Placed]:
    """The lines without comments, those joined that a backslash continues."""
    waiting: list[Placed] = []
    start = 0
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        end = start + len(line)
        is_comment = line.lstrip().startswith(("#", ";"))
        if not is_comment:
            goes_on = line.endswith("\\")
            waiting.append(Placed.of(text, start, end - 1 if goes_on else end))
            if goes_on:
                waiting.append(Placed(" ", ((end - 1, end),)))
            else:
                yield joined(waiting)
                waiting = []
        start += len(raw) + 1
    if waiting:
        yield joined(waiting)
