"""Statements from source text, for edits that are easier written than built."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst


def statements_from(text: str) -> tuple[cst.BaseStatement, ...]:
    """The statements of a text, which take on the indentation and newlines of their new file.

    The text may be indented as a whole; comments above its first statement stay with it. Raises
    ValueError for a syntax error, and for a comment that no statement could hold.
    """
    import libcst as cst

    try:
        module = cst.parse_module(dedent(text).strip("\n") + "\n")
    except cst.ParserSyntaxError as error:
        raise ValueError(str(error)) from error
    if any(line.comment for line in module.footer) or (module.header and not module.body):
        raise ValueError("a comment stands after the last statement")
    if not module.body:
        return ()
    first = module.body[0]
    lines = [*module.header, *getattr(first, "leading_lines", ())]
    return (first.with_changes(leading_lines=lines), *module.body[1:])
