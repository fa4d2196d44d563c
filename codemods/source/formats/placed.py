"""Texts that know where each of their characters stands in a file, and the words of commands.

What a shell, Docker or YAML makes of a file is another text: lines are joined, quotes and escapes
go. An edit has to find its way back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Span
from djfix.codemods.source.document import Document

Offsets = tuple[int, int]
"""Where something begins and ends in the text of a file, in code points from 0."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A text, and for each of its characters what stands for it in the file."""

    text: str
    places: tuple[Offsets, ...]

    def __post_init__(self) -> None:
        assert len(self.text) == len(self.places)

    @classmethod
    def of(cls, text: str, start: int = 0, end: int | None = None) -> Placed:
        """A stretch of a file's text as it stands there."""
        end = len(text) if end is None else end
        return cls(text[start:end], tuple((each, each + 1) for each in range(start, end)))

    def cut(self, start: int, end: int | None = None) -> Placed:
        """A part of the text."""
        return Placed(self.text[start:end], self.places[start:end])

    def stripped(self) -> Placed:
        """The text without white space around it."""
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, max(start, len(self.text.rstrip())))


def joined(parts: Iterable[Placed]) -> Placed:
    """One text after the other."""
    parts = list(parts)
    text = "".join(part.text for part in parts)
    return Placed(text, tuple(place for part in parts for place in part.places))


Style = Literal["shell", "array", "lines"]
"""How words follow each other: by spaces, by commas in brackets, one on each line."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    `value`: what it stands for, up to the first part that only the machine knows (a variable).
    `is_whole`: there is no such part. `content`: the same with places, None where it cannot be
    followed. `start`, `end`: in the file, quotes included.
    """

    value: str
    is_whole: bool
    start: int
    end: int
    content: Placed | None = None

    @property
    def is_opaque(self) -> bool:
        """Whether nothing is known of it, so that it may be an option, or several."""
        return not self.is_whole and not self.value


@dataclass(frozen=True, slots=True)
class Command:
    """The words of one command, the program first, and how to write another behind one of them.

    `variables` are set for this command alone. `before` stands in front of each word that is
    added, `quote` around it.
    """

    words: tuple[Word, ...]
    style: Style = "shell"
    variables: tuple[str, ...] = ()
    before: str = " "
    quote: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The words as far as they are known."""
        return tuple(word.value for word in self.words)

    def spelled(self, added: Iterable[str]) -> str:
        """The text of more words, to be put in where a word ends."""
        return "".join(f"{self.before}{self.quote}{word}{self.quote}" for word in added)


def span_of(document: Document, start: int, end: int) -> Span:
    """A stretch of a document's text as lines and columns."""
    return Span(*_place(document, start), *_place(document, end))


def _place(document: Document, offset: int) -> tuple[int, int]:
    line, start = 1, 0
    for number, text in enumerate(document.lines, 1):
        if start + len(text) > offset:
            return number, offset - start + 1
        line, start = number, start + len(text)
    if document.text.endswith(("\n", "\r")) or not document.lines:
        return line + (1 if document.lines else 0), 1
    return line, offset - (start - len(document.lines[-1])) + 1
