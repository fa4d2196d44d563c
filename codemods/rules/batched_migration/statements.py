"""SQL that changes a whole table, read by its first words: enough to report, not to rewrite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Change = tuple[Literal["update", "delete"], str, bool]
"""What a statement does, to which table, and whether to all of its rows."""

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRINGS = re.compile(r"'(?:[^']|'')*'")
_TABLE = r'(?:ONLY\s+)?"?([\w.]+)"?'
_CHANGES = re.compile(rf"\s*(?:(UPDATE)\s+{_TABLE}|DELETE\s+FROM\s+{_TABLE})\b", re.IGNORECASE)
_WHERE = re.compile(r"\bWHERE\b(.*)", re.IGNORECASE | re.DOTALL)
_UNSET = re.compile(r"\s*[\w.\"]+\s+IS\s+NULL\s*", re.IGNORECASE)


def changes_in(sql: str) -> Iterator[Change]:
    """The UPDATE and DELETE statements of a text; none of one that defines code of its own."""
    text = _STRINGS.sub("''", _COMMENTS.sub(" ", sql))
    if "$" in text:
        return
    for statement in text.split(";"):
        found = _CHANGES.match(statement)
        if found is not None:
            where = _WHERE.search(statement)
            is_whole = where is None or _UNSET.fullmatch(where[1]) is not None
            yield ("update" if found[1] else "delete"), found[2] or found[3], is_whole
