"""Takes one name, or a whole statement, out of a file's imports and keeps the comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from djfix.codemods.rewriting.importing import end_offset, line_offset, offset
from djfix.codemods.source.document import Document

COMMENT = re.compile(r"#.*")


def without_import(
    document: Document, statement: ast.Import | ast.ImportFrom, alias: ast.alias
) -> str:
    """The text without one name of an import, or without the statement if it was its only one."""
    if len(statement.names) > 1:
        return _without_name(document, statement, statement.names.index(alias))
    siblings = _siblings(document, statement)
    number = siblings.index(statement)
    for other in siblings[max(0, number - 1) : number]:
        if other.end_lineno == statement.lineno:
            return _cut(document, end_offset(document, other), end_offset(document, statement))
    for other in siblings[number + 1 : number + 2]:
        if other.lineno == statement.end_lineno:
            return _cut(document, offset(document, statement), offset(document, other))
    return _without_lines(document, statement, is_first=number == 0)


def _siblings(document: Document, statement: ast.stmt) -> Sequence[ast.stmt]:
    parent = document.parents[statement]
    assert isinstance(parent, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef))
    return parent.body


def _cut(document: Document, start: int, end: int) -> str:
    return document.text[:start] + document.text[end:]


def _without_lines(document: Document, statement: ast.stmt, *, is_first: bool) -> str:
    first, last, kept = lines_of(document, statement, is_first=is_first)
    return "".join([*document.lines[: first - 1], kept, *document.lines[last:]])


def lines_of(document: Document, statement: ast.stmt, *, is_first: bool) -> tuple[int, int, str]:
    """The first and last line that leave with a whole statement of its own lines, blank ones
    included, and the comments that stay for them. `is_first`: it opens its block."""
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    comments = _comments(document, first, last)
    if comments:
        return first, last, "".join(f"{comment}{document.newline}" for comment in comments)
    above = _blank_lines(document, range(first - 1, 0, -1))
    below = _blank_lines(document, range(last + 1, len(document.lines) + 1))
    opens_block = is_first and above == 0
    return first, last + (below if opens_block else min(above, below)), ""


def _comments(document: Document, first: int, last: int) -> list[str]:
    """The comments on the lines of an import, each with the margin of the statement."""
    line = document.line_text(first)
    margin = line[: len(line) - len(line.lstrip())]
    found = [COMMENT.search(document.line_text(number)) for number in range(first, last + 1)]
    return [margin + match.group().rstrip() for match in found if match]


def _blank_lines(document: Document, lines: range) -> int:
    count = 0
    for line in lines:
        if document.line_text(line).strip():
            break
        count += 1
    return count


def _without_name(document: Document, statement: ast.Import | ast.ImportFrom, number: int) -> str:
    alias = statement.names[number]
    if _has_own_line(document, statement, alias):
        return _without_own_line(document, alias)
    start, end = offset(document, alias), end_offset(document, alias)
    if number + 1 < len(statement.names):
        following = offset(document, statement.names[number + 1])
        if not set(document.text[end:following]) & set("#\r\n\\"):
            return _cut(document, start, following)
        comma = document.text.index(",", end) + 1
        return _cut(document, _without_space_before(document, start), comma)
    previous = end_offset(document, statement.names[number - 1])
    if "#" in document.text[previous:start]:
        return _cut(document, start, end)
    return _cut(document, previous, end)


def _has_own_line(
    document: Document, statement: ast.Import | ast.ImportFrom, alias: ast.alias
) -> bool:
    line = document.line_text(alias.lineno)
    rest = line[document.column(alias.lineno, alias.end_col_offset or 0) - 1 :]
    before = line[: document.column(alias.lineno, alias.col_offset) - 1]
    is_alone = re.fullmatch(r"[ \t]*,?[ \t]*(#.*)?", rest) is not None
    return alias.lineno > statement.lineno and not before.strip() and is_alone


def _without_own_line(document: Document, alias: ast.alias) -> str:
    start, end = line_offset(document, alias.lineno), line_offset(document, alias.lineno + 1)
    line = document.line_text(alias.lineno)
    comment = COMMENT.search(line)
    margin = line[: len(line) - len(line.lstrip())]
    kept = f"{margin}{comment.group()}{document.newline}" if comment else ""
    return document.text[:start] + kept + document.text[end:]


def _without_space_before(document: Document, position: int) -> int:
    text = document.text
    while position > 0 and text[position - 1] in " \t" and text[position - 2] == ",":
        position -= 1
    return position
