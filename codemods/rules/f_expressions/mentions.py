"""Which bytes may hold a finding: a field changed by itself, and a save of the same object.

Wider than what is found, and never narrower: the benchmarks compare a filtered run with an
unfiltered one. The saves come first, for they are rare: only what they name is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from djfix.codemods.source.quotes import is_string_open, triple_quotes

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_PATH = re.compile(_NAME + rb"(?:\." + _NAME + rb")*")
_ASSIGNED = re.compile(rb"(" + _NAME + rb")\s*(\*\*|//|>>|<<|[-+*/%|&^@])?=(?!=)")
_LOWER_BOUND = re.compile(rb"__gte?\s*=")
_LESS = re.compile(rb"[\"'](?:[\s,\\]|#[^\n]*\n)*\)(?:[\s)\\]|#[^\n]*\n)*-")
_DEFINITION = re.compile(rb"\n([ \t]*)(?:(class)|def|async[ \t]+def)\b")
_SAVES = (b".save", b".asave")
_REACH = 2000
"""Bytes behind `x.f =` in which `x.f` must stand again to be a change of itself."""

_PLAIN_LINE = re.compile(rb"[^\n\"'#\\]*\n")
_OPEN, _CLOSED = b"([{", b")]}"

_OF_WORDS = frozenset(range(0x80, 0x100)) | frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
)
_OF_PATHS = _OF_WORDS | frozenset(b".")
_SPACED = bytes(byte if byte in _OF_PATHS else 0x20 for byte in range(0x100))
"""Translates all that is in no dotted name to spaces."""


def may_hold_change(data: bytes) -> bool:
    """Whether some `x.f -= …` or `x.f = … x.f …` stands in a function with an `x.save`."""
    return _is_saved_and_changed(data) and any(map(_is_saved_and_changed, _bodies(data)))


def _is_saved_and_changed(data: bytes) -> bool:
    return any(_is_changed(data, path) for path in set(_saved(data)))


def _bodies(data: bytes) -> Iterator[bytes]:
    """The text cut where a function begins that stands in no other function."""
    data = b"\n" + data
    quotes = triple_quotes(data)
    start, margin = 0, None
    for found in _DEFINITION.finditer(data):
        at, own = found.start(), found[1]
        is_inner = margin is not None and own.startswith(margin) and own != margin
        if is_inner or _is_continued(data, at) or is_string_open(quotes, start, at):
            continue
        yield data[start:at]
        start, margin = at, None if found[2] else own
    yield data[start:]


def _is_continued(data: bytes, end: int) -> bool:
    """Whether the line that ends there ends with a backslash."""
    return data[data.rfind(b"\n", 0, end) + 1 : end].rstrip(b"\r").endswith(b"\\")


def _saved(data: bytes) -> Iterator[bytes]:
    """What stands before a `.save`: `order` and `self.order`, and no part of a longer name."""
    for method in _SAVES:
        at = data.find(method)
        while at != -1:
            end = at + len(method)
            line = data.rfind(b"\n", 0, at) + 1
            path = data[line:at].translate(_SPACED).rpartition(b" ")[2]
            if _PATH.fullmatch(path) and not (end < len(data) and data[end] in _OF_WORDS):
                yield path
            at = data.find(method, end)


def _is_changed(data: bytes, path: bytes) -> bool:
    """Whether an attribute of what has this name is changed by its own value."""
    owner = path + b"."
    at = data.find(owner)
    while at != -1:
        name = at + len(owner)
        if at == 0 or data[at - 1] not in _OF_PATHS:
            found = _ASSIGNED.match(data, name)
            if found is not None and (found[2] or _is_read(data, owner + found[1], found.end())):
                return True
        at = data.find(owner, name)
    return False


def _is_read(data: bytes, attribute: bytes, start: int) -> bool:
    return data.find(attribute, start, _end_of_value(data, start)) != -1


def _end_of_value(data: bytes, start: int) -> int:
    """Where an assigned value ends at the latest: with its line, where that shows no more of it."""
    line = _PLAIN_LINE.match(data, start)
    text = b"" if line is None else line[0]
    is_whole = sum(map(text.count, _OPEN)) == sum(map(text.count, _CLOSED))
    return line.end() if line is not None and is_whole else start + _REACH


def may_hold_guarded_update(data: bytes) -> bool:
    """Whether a lower bound stands in a lookup of a file that updates by `F("f") - n`."""
    if b".update(" not in data or _LOWER_BOUND.search(data) is None:
        return False
    return _LESS.search(data) is not None
