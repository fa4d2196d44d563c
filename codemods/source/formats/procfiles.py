"""A Procfile: on each line the name of a process and its command, which a shell runs.

https://devcenter.heroku.com/articles/procfile#procfile-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.source.formats.placed import Placed

_LINE = re.compile(r"(?P<name>[A-Za-z0-9_-]+):[ \t]*(?P<command>\S[^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Process:
    """One line; `start` and `end` in the file."""

    name: str
    command: Placed
    start: int
    end: int


def processes_of(text: str) -> tuple[Process, ...]:
    """The processes in order."""
    return tuple(_processes(text))


def _processes(text: str) -> Iterator[Process]:
    start = 0
    for line in text.split("\n"):
        found = _LINE.match(text, start)
        if found is not None and found.start() == start:
            command = Placed.of(text, *found.span("command")).stripped()
            yield Process(found["name"], command, start, command.places[-1][1])
        start += len(line) + 1
