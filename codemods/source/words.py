"""Which files may hold some bytes, told by their words: an index of all files, read once.

A word is a run of ASCII letters, digits and underscores. Words share the shelves of the index, so
it may name a file that does not hold the bytes, and never leaves out one that does.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from keyword import kwlist
from zlib import crc32

_WORD = re.compile(rb"[A-Za-z0-9_]+")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
SPACED = bytes(byte if byte in _LETTERS else 0x20 for byte in range(0x100))
"""A table for `translate` after which nothing but words is left, with spaces between."""

_SHELVES = 1 << 19
_MOST_NEW = 50_000
"""Words that are held one by one; more of them take several times their text."""

_MOST_SPELLINGS = 4_000
"""A needle that begins or ends inside so many words is looked for in every file."""

_KEYWORDS = frozenset(each.encode() for each in kwlist)
"""Most files have a word that ends with one: that narrows hardly what other words tell."""

_FEW = 500
"""So many files are read sooner than a keyword's words are found."""


@dataclass(frozen=True, slots=True)
class WordIndex:
    """The words of files, which are known by their number: 0 for the first of them.

    Words have places, counted from 1 over all files: `begins` holds each file's first. On a shelf
    stand words of the same checksum: `lasts` holds the last place of each shelf, 0 for none, and
    `befores` for each place the one before it on its shelf. `spelled`: every word on a line of its
    own, some of them more than once.
    """

    begins: array[int]
    lasts: array[int]
    befores: array[int]
    spelled: bytes

    def holding(self, needle: bytes, word: bytes = b"") -> list[int] | None:
        """The files that may hold `needle`, and `word` as a whole word; None where any may."""
        found = [self._on_shelf(each) for each in [*whole_words(needle), *([word] if word else [])]]
        for part in sorted(_lined(needle), key=_is_keyword):
            # The words that hold this part are that word and others, and narrow nothing further.
            if word and part.strip(b"\n") == word:
                continue
            if _is_keyword(part) and found and len(min(found, key=len)) < _FEW:
                continue
            spellings = _holding_part(self.spelled, part)
            if len(spellings) < _MOST_SPELLINGS:
                found.append({each for word in spellings for each in self._on_shelf(word)})
        return sorted(set.intersection(*found)) if found else None

    def _on_shelf(self, word: bytes) -> set[int]:
        found: set[int] = set()
        place = self.lasts[crc32(word) % _SHELVES]
        while place:
            found.add(bisect_right(self.begins, place) - 1)
            place = self.befores[place]
        return found


def indexed(files: Iterable[bytes]) -> WordIndex:
    """The index of these files."""
    # Flat arrays take no more room while they grow, which one for each shelf would.
    begins, lasts, befores = array("I"), array("I", (0,)) * _SHELVES, array("I", (0,))
    new: set[bytes] = set()
    spelled = bytearray(b"\n")
    for data in files:
        begins.append(len(befores))
        words = set(data.translate(SPACED).split())
        _shelve(lasts, befores, words)
        new |= words
        if len(new) > _MOST_NEW:
            spelled += b"\n".join(new) + b"\n"
            new = set()
    spelled += b"\n".join(new) + b"\n"
    return WordIndex(begins, lasts, befores, bytes(spelled))


def _shelve(lasts: array[int], befores: array[int], words: Iterable[bytes]) -> None:
    first = len(befores)
    shelves = [crc32(word) % _SHELVES for word in words]
    # Of two words of one file on a shelf the later one will do: it leads to the file as well.
    befores.extend([lasts[shelf] for shelf in shelves])
    for place, shelf in enumerate(shelves, first):
        lasts[shelf] = place


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


def _is_keyword(part: bytes) -> bool:
    return part.strip(b"\n") in _KEYWORDS


def _is_whole(needle: bytes, found: re.Match[bytes]) -> bool:
    return found.start() > 0 and found.end() < len(needle)
