"""Which quotes new strings get: those of the code that they come to stand in."""

from __future__ import annotations

import re

from djfix.codemods.findings import NodeReference
from djfix.codemods.source.document import Document

_OPENING = re.compile(r"""(?<![\w'"#])(['"])(?!\1\1)""")
"""A quote that begins a string of one line, by what stands before it; not an apostrophe."""


def quote_at(document: Document, reference: NodeReference) -> str:
    """The quote of the strings in an expression; else the commoner one of the file."""
    lines = document.lines[reference.line - 1 : reference.end_line]
    for text in ("".join(lines), document.text):
        found = _OPENING.findall(text)
        single, double = found.count("'"), found.count('"')
        if single != double:
            return "'" if single > double else '"'
    return '"'
