"""Which quotes new strings get: those of the code that they come to stand in."""

from __future__ import annotations

import re

from djfix.codemods.findings import NodeReference
from djfix.codemods.source.document import Document

_OPENING = re.compile(r"""(?<![\w'"#])(['"])(?!\1\1)""")
"""A quote that begins a string of one line, by what stands before it; not an apostrophe."""


def quote_at(document: Document, reference: NodeReference) -> str:
    """The quote of the strings in an expression; else the file's, where it clearly has one;
    else black's own."""
    own = "".join(document.lines[reference.line - 1 : reference.end_line])
    lead = _lead_of_single(own)
    if lead:
        return "'" if lead > 0 else '"'
    return "'" if _lead_of_single(document.text) > 1 else '"'


def _lead_of_single(text: str) -> int:
    """How many more strings are in single quotes than in double ones."""
    found = _OPENING.findall(text)
    return found.count("'") - found.count('"')
