"""Which files may hold some bytes, told by their words: an index of all files, read once.

A word is a run of ASCII letters, digits and underscores. Words share the shelves of the index, so
it may name a file that does not hold the bytes, and never leaves out one that does.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

_WORD = re.compile(rb"[A-Za-z0-9_]+")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACED = bytes(byte if byte in _LETTERS else 0x20 for byte in range(0x100))
_SHELVES = 1 << 18
_MOST_NEW = 50_000
"""Words that are held one by one; more of them take several times their text."""

_MOST_SPELLINGS = 4_000
"""A needle that begins or ends inside so many words is looked for in every file."""


@dataclass(frozen=True, slots=True)
class WordIndex:
    """The words of files, which are known by their number: 0 for the first of them.

    `numbers` are those of all shelves, one behind the other; `ends`: where each shelf's end.
    `spelled`: every word on a line of its own, some of them more than once.
    """

    numbers: array[int]
    ends: array[int]
    spelled: bytes

    def holding(self, needle: bytes, word: bytes = b"") -> list[int] | None:
        """The files that may hold `needle`, and `word` as a whole word; None where any may."""
        found = [self._on_shelf(each) for each in [*whole_words(needle), *([word] if word else [])]]
        for part in _lined(needle):
            spellings = _holding_part(self.spelled, part)
            if len(spellings) < _MOST_SPELLINGS:
                found.append({each for word in spellings for each in self._on_shelf(word)})
        return sorted(set.intersection(*found)) if found else None

    def _on_shelf(self, word: bytes) -> set[int]:
        shelf = crc32(word) % _SHELVES
        return set(self.numbers[self.ends[shelf - 1] if shelf else 0 : self.ends[shelf]])


def indexed(files: Iterable[bytes]) -> WordIndex:
    """The index of these files."""
    shelves: list[array[int] | int | None] = [None] * _SHELVES
    new: set[bytes] = set()
    spelled = bytearray(b"\n")
    for number, data in enumerate(files):
        words = set(data.translate(_SPACED).split())
        new |= words
        if len(new) > _MOST_NEW:
            spelled += b"\n".join(new) + b"\n"
            new = set()
        _shelve(shelves, words, number)
    return _flat(shelves, bytes(spelled + b"\n".join(new) + b"\n"))


def _shelve(shelves: list[array[int] | int | None], words: Iterable[bytes], number: int) -> None:
    for word in words:
        shelf = crc32(word) % _SHELVES
        held = shelves[shelf]
        if held is None:
            shelves[shelf] = number
        elif isinstance(held, int):
            shelves[shelf] = array("I", (held, number))
        else:
            held.append(number)


def _flat(shelves: Sequence[array[int] | int | None], spelled: bytes) -> WordIndex:
    """An array for each shelf takes more room than what is in them."""
    numbers, ends = array("I"), array("I")
    for held in shelves:
        if isinstance(held, int):
            numbers.append(held)
        elif held is not None:
            numbers.extend(held)
        ends.append(len(numbers))
    return WordIndex(numbers, ends, spelled)


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
