"""Which files may hold some bytes, told by their words: an index of all files, read once.

A word is a run of ASCII letters, digits and underscores. Words share the shelves of the index, so
it may name a file that does not hold the bytes, and never leaves out one that does.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from zlib import crc32

_WORD = re.compile(rb"[A-Za-z0-9_]+")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACED = bytes(byte if byte in _LETTERS else 0x20 for byte in range(0x100))
_SHELVES = 1 << 18
_MOST_SHORT = 1 << 16
"""So many files have numbers of two bytes."""

_MOST_NEW = 50_000
"""Words that are held one by one; more of them take several times their text."""

_MOST_SPELLINGS = 4_000
"""A needle that begins or ends inside so many words is looked for in every file."""


class WordIndex:
    """The words of files, which are known by their number: 0 for the first that is added."""

    def __init__(self) -> None:
        self._count = 0
        self._shelves: list[array[int] | int | None] = [None] * _SHELVES
        self._new: set[bytes] = set()
        self._spelled = b"\n"

    def add(self, data: bytes) -> None:
        """Take in the next file."""
        if self._count == _MOST_SHORT:
            self._shelves = [array("I", x) if isinstance(x, array) else x for x in self._shelves]
        words = set(data.translate(_SPACED).split())
        self._new |= words
        if len(self._new) > _MOST_NEW:
            self._spell()
        shelves = self._shelves
        code = "H" if self._count < _MOST_SHORT else "I"
        for word in words:
            shelf = crc32(word) % _SHELVES
            held = shelves[shelf]
            if held is None:
                shelves[shelf] = self._count
            elif isinstance(held, int):
                shelves[shelf] = array(code, (held, self._count))
            else:
                held.append(self._count)
        self._count += 1

    def holding(self, needle: bytes, word: bytes = b"") -> list[int] | None:
        """The files that may hold `needle`, and `word` as a whole word; None where any may."""
        found = [self._on_shelf(each) for each in [*whole_words(needle), *([word] if word else [])]]
        for part in _lined(needle):
            spellings = self._spellings(part)
            if len(spellings) < _MOST_SPELLINGS:
                found.append({each for word in spellings for each in self._on_shelf(word)})
        return sorted(set.intersection(*found)) if found else None

    def _on_shelf(self, word: bytes) -> set[int]:
        held = self._shelves[crc32(word) % _SHELVES]
        if held is None:
            return set()
        return {held} if isinstance(held, int) else set(held)

    def _spellings(self, part: bytes) -> set[bytes]:
        """The words of any file that hold this part of a line of its own, the first of them where
        there are many."""
        self._spell()
        return _holding_part(self._spelled, part)

    def _spell(self) -> None:
        if self._new:
            self._spelled += b"\n".join(self._new) + b"\n"
            self._new = set()


def _holding_part(spelled: bytes, part: bytes) -> set[bytes]:
    found: set[bytes] = set()
    at = spelled.find(part)
    while at != -1 and len(found) < _MOST_SPELLINGS:
        end = spelled.index(b"\n", at + 1)
        found.add(spelled[spelled.rindex(b"\n", 0, at + 1) + 1 : end])
        at = spelled.find(part, end)
    return found


def whole_words(needle: bytes) -> list[bytes]:
    """The words of which a needle holds both ends: `"lines"` has one, `lines` has none."""
    return [each[0] for each in _WORD.finditer(needle) if _is_whole(needle, each)]


def _lined(needle: bytes) -> list[bytes]:
    """The cut words, with the end of a line where the needle shows the end of the word."""
    return [
        (b"\n" if found.start() > 0 else b"")
        + found[0]
        + (b"\n" if found.end() < len(needle) else b"")
        for found in _WORD.finditer(needle)
        if not _is_whole(needle, found)
    ]


def _is_whole(needle: bytes, found: re.Match[bytes]) -> bool:
    return found.start() > 0 and found.end() < len(needle)


def indexed(files: Iterable[bytes]) -> WordIndex:
    """The index of these files."""
    index = WordIndex()
    for data in files:
        index.add(data)
    return index
