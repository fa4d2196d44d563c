"""Which files may hold a word, told by a signature of each file: 512 bytes stand for its words.

A signature may say that a word is there when it is not, and never the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from zlib import crc32

_WORD = re.compile(rb"[A-Za-z_]\w*")
_BITS = 4096


def signature(data: bytes) -> bytes:
    """The signature of a file's identifiers and words."""
    found = bytearray(_BITS // 8)
    for word in set(_WORD.findall(data)):
        place = crc32(word) % _BITS
        found[place >> 3] |= 1 << (place & 7)
    return bytes(found)


def places(words: Iterable[bytes]) -> list[tuple[int, int]]:
    """Where a signature must have its bits set: pairs of byte and bit, for `may_hold`."""
    found = (crc32(word) % _BITS for word in words)
    return [(place >> 3, 1 << (place & 7)) for place in found]


def may_hold(signed: bytes, wanted: Iterable[tuple[int, int]]) -> bool:
    """Whether a file with this signature may hold all the words whose places these are."""
    return all(signed[byte] & bit for byte, bit in wanted)


def whole_words(needle: bytes) -> list[bytes]:
    """The words of which a needle holds both ends: `"lines"` has one, `lines` has none."""
    return [
        found[0]
        for found in _WORD.finditer(needle)
        if found.start() > 0
        and found.end() < len(needle)
        and not needle[found.start() - 1 : found.start()].isdigit()
    ]
