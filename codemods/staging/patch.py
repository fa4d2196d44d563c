"""Changes as a patch that `git apply` and `patch -p1` take; bytes in, bytes out.

The form is git's own (https://git-scm.com/docs/diff-format): `diff --git` headers, names quoted
as C strings, a tab after a name with a space, `\\ No newline at end of file`. Lines are cut at
`\\n` only: a form feed, a lone `\\r` or U+2028 stands inside a line, as git sees it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from djfix.codemods.findings import Change
from djfix.codemods.staging.lines import Difference, differences, split

CONTEXT = 3
NO_NEWLINE = b"\\ No newline at end of file\n"
ESCAPES = {
    0x07: b"\\a",
    0x08: b"\\b",
    0x09: b"\\t",
    0x0A: b"\\n",
    0x0B: b"\\v",
    0x0C: b"\\f",
    0x0D: b"\\r",
    0x22: b'\\"',
    0x5C: b"\\\\",
}


def patch(changes: Sequence[Change], *, prefix: str = "") -> bytes:
    """One patch of all changes, sorted by path; empty if nothing differs.

    `prefix` ("backend/") stands before every name: git reads the names of a patch from the top of
    the repository, so a root below it needs one (`place.prefix_of`).
    """
    ordered = sorted(changes, key=lambda change: change.path)
    moved = {change.moved_from for change in ordered if change.moved_from}
    sources = {change.path: change.before or b"" for change in ordered if change.path in moved}
    return b"".join(
        _renamed(change, sources[change.moved_from], prefix)
        if change.moved_from in sources
        else unified_diff(change, prefix=prefix)
        for change in ordered
        if change.path not in moved
    )


def unified_diff(change: Change, *, prefix: str = "") -> bytes:
    """The difference of one change with its headers; empty if before and after are equal."""
    if change.before == change.after:
        return b""
    name = os.fsencode(prefix + change.path)
    return b"".join((_header(change, name), _names(change, name), _body(change)))


def _renamed(change: Change, before: bytes, prefix: str) -> bytes:
    """A file that moves, as git writes it: only lines that differ, and those around them."""
    old, new = os.fsencode(prefix + change.moved_from), os.fsencode(prefix + change.path)
    head = b"diff --git " + _quoted(b"a/" + old) + b" " + _quoted(b"b/" + new) + b"\n"
    head += b"rename from " + _quoted(old) + b"\nrename to " + _quoted(new) + b"\n"
    if before == change.after:
        return head
    names = b"--- " + _named(b"a/" + old) + b"\n+++ " + _named(b"b/" + new) + b"\n"
    return head + names + _body(replace(change, before=before))


def _header(change: Change, name: bytes) -> bytes:
    head = b"diff --git " + _quoted(b"a/" + name) + b" " + _quoted(b"b/" + name) + b"\n"
    if change.after is None:
        return head + b"deleted file mode 100644\n"
    return head + (b"new file mode 100644\n" if change.before is None else b"")


def _names(change: Change, name: bytes) -> bytes:
    if not change.before and not change.after:
        return b""  # a new file that is empty has no hunk, and then no names either
    old = b"/dev/null" if change.before is None else _named(b"a/" + name)
    new = b"/dev/null" if change.after is None else _named(b"b/" + name)
    return b"--- " + old + b"\n+++ " + new + b"\n"


def _named(name: bytes) -> bytes:
    return _quoted(name) + (b"\t" if b" " in name else b"")


def _quoted(name: bytes) -> bytes:
    """The name as git writes it: quoted as a C string where it holds anything out of the way."""
    if all(0x20 <= byte < 0x7F and byte not in ESCAPES for byte in name):
        return name
    return b'"' + b"".join(_escaped(byte) for byte in name) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in ESCAPES:
        return ESCAPES[byte]
    return bytes((byte,)) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _body(change: Change) -> bytes:
    old, new = split(change.before or b""), split(change.after or b"")
    return b"".join(
        part for group in _groups(differences(old, new)) for part in _hunk(old, new, group)
    )


def _groups(found: Sequence[Difference]) -> Iterator[list[Difference]]:
    """Differences that share context lines stand in one hunk."""
    group: list[Difference] = []
    for difference in found:
        if group and difference.start - group[-1].end > 2 * CONTEXT:
            yield group
            group = []
        group.append(difference)
    if group:
        yield group


def _hunk(
    old: Sequence[bytes], new: Sequence[bytes], group: Sequence[Difference]
) -> Iterator[bytes]:
    first, last = group[0], group[-1]
    before = min(first.start, CONTEXT)
    after = min(len(old) - last.end, CONTEXT)
    start, end = first.start - before, last.end + after
    yield b"@@ -%s +%s @@\n" % (
        _range(start, end),
        _range(first.new_start - before, last.new_end + after),
    )
    for difference in group:
        yield from _lines(b" ", old[start : difference.start])
        yield from _lines(b"-", old[difference.start : difference.end])
        yield from _lines(b"+", new[difference.new_start : difference.new_end])
        start = difference.end
    yield from _lines(b" ", old[start:end])


def _range(start: int, end: int) -> bytes:
    """`line,count`; the count is left out when it is 1, the line is the one before when it is 0."""
    count = end - start
    line = start + 1 if count else start
    return b"%d" % line if count == 1 else b"%d,%d" % (line, count)


def _lines(sign: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield sign + line
        if not line.endswith(b"\n"):
            yield b"\n" + NO_NEWLINE
