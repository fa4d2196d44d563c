"""Adds imports to a file, in its own style and never under a condition."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.bindings import scopes_of
from djfix.codemods.rewriting.import_place import Place, place_for
from djfix.codemods.rewriting.import_style import (
    ImportStatement,
    has_pragma,
    line_limit,
    same_module,
    sorted_place,
    spelled_module,
)
from djfix.codemods.rewriting.statements import statements_from
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import AddImport, InsertAfter, InsertBefore
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk


def with_imports(document: Document, additions: Iterable[AddImport], trees: Trees) -> str:
    """The text of the file with these imports at its top; those that are there are not repeated."""
    # What is used first comes first: it serves the others as well.
    for addition in sorted(additions, key=lambda each: each.before or sys.maxsize):
        text = _with_import(document, addition, trees)
        document = Document(document.path, document.encode(text))
    return document.text


def head_of_function(
    document: Document, additions: Sequence[AddImport]
) -> InsertAfter | InsertBefore | None:
    """The insertion that gives a function imports of its own, or None where it has them."""
    function = _function(document, additions[0].inside)
    present = {
        (statement.module, alias.name, alias.asname)
        for statement in function.body
        if isinstance(statement, ast.ImportFrom) and not statement.level
        for alias in statement.names
    }
    missing = [
        addition
        for addition in additions
        if (addition.module, addition.name, addition.alias) not in present
    ]
    if not missing:
        return None
    lines = "\n".join(_line(0, addition.module, addition) for addition in missing)
    has_docstring = ast.get_docstring(function, clean=False) is not None
    leading = 1 if has_docstring else 0
    while leading < len(function.body) and isinstance(
        function.body[leading], (ast.Import, ast.ImportFrom)
    ):
        leading += 1
    if leading > (1 if has_docstring else 0) or leading == len(function.body):
        before = NodeReference.of(function.body[leading - 1])
        return InsertAfter(document.path, before, statements_from(lines))
    return InsertBefore(
        document.path, NodeReference.of(function.body[leading]), statements_from(lines)
    )


def _function(
    document: Document, reference: NodeReference | None
) -> ast.FunctionDef | ast.AsyncFunctionDef:
    for node in walk(document.tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if NodeReference.of(node) == reference:
            return node
    raise LookupError(f"{document.path}: no function stands at {reference}")


def _with_import(document: Document, addition: AddImport, trees: Trees) -> str:
    package = trees.package_of(document.path)
    if _is_bound(document, addition, package):
        return document.text
    statements = _top_imports(document, addition.before)
    if addition.name:
        for statement in statements:
            if same_module(statement, addition.module, package) and _is_extendable(
                document, statement
            ):
                assert isinstance(statement, ast.ImportFrom)
                return _extended(document, statement, addition, line_limit(document, trees.files))
    level, module = spelled_module(addition.module, package, statements)
    line = _line(level, module, addition)
    limit = line_limit(document, trees.files)
    lines = [line] if len(line) <= limit else _wrapped(document, line)
    place = place_for(document, statements, (level, module, addition), trees)
    return inserted_lines(document, place, lines)


def _is_bound(document: Document, addition: AddImport, package: str | None) -> bool:
    """Whether the top of the file has this very import already."""
    target = f"{addition.module}.{addition.name}" if addition.name else addition.module
    bound = addition.alias or addition.name
    return any(
        found.certain and found.target == target and bound in ("", found.bound)
        for found in scopes_of(document.tree, package).imports
        if not addition.before or found.statement.lineno < addition.before
    )


def _top_imports(document: Document, before: int) -> list[ImportStatement]:
    """The unconditional imports before the first def or class, and before the line if there is
    one, without those of the future."""
    found: list[ImportStatement] = []
    for statement in document.tree.body:
        if before and statement.lineno >= before:
            break
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            break
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if isinstance(statement, (ast.Import, ast.ImportFrom)) and not is_future:
            found.append(statement)
    return found


def _is_extendable(document: Document, statement: ImportStatement) -> bool:
    return not has_pragma(document, statement)


def _line(level: int, module: str, addition: AddImport) -> str:
    alias = f" as {addition.alias}" if addition.alias else ""
    if not addition.name:
        return f"import {module}{alias}"
    return f"from {'.' * level}{module} import {addition.name}{alias}"


def _wrapped(document: Document, line: str) -> list[str]:
    head, found, names = line.partition(" import ")
    if not found:
        return [line]
    entries = [f"{document.indentation}{name.strip()}," for name in names.split(",")]
    return [f"{head} import (", *entries, ")"]


def _entry(addition: AddImport) -> str:
    return f"{addition.name} as {addition.alias}" if addition.alias else addition.name


def _extended(
    document: Document, statement: ast.ImportFrom, addition: AddImport, limit: int
) -> str:
    """The text with one name more in an import, where its order puts it."""
    number = sorted_place([alias.name for alias in statement.names], addition.name)
    if _is_one_per_line(document, statement):
        return _extended_by_line(document, statement, number, _entry(addition))
    text, position = document.text, 0
    entry = _entry(addition)
    if number < len(statement.names):
        position = offset(document, statement.names[number])
        changed = f"{text[:position]}{entry}, {text[position:]}"
    else:
        position = end_offset(document, statement.names[-1])
        changed = f"{text[:position]}, {entry}{text[position:]}"
    longest = _line_at(changed, position + len(entry))
    if len(longest) <= limit or _shares_its_line(document, statement):
        return changed
    return _broken_up(document, statement, number, entry) or changed


def _extended_by_line(
    document: Document, statement: ast.ImportFrom, number: int, entry: str
) -> str:
    text, names = document.text, statement.names
    beside = names[min(number, len(names) - 1)]
    line = document.line_text(beside.lineno)
    margin = line[: len(line) - len(line.lstrip())]
    if number < len(names):
        previous = names[number - 1].end_lineno if number else beside.lineno - 1
        position = line_offset(document, (previous or 0) + 1)
        return f"{text[:position]}{margin}{entry},{document.newline}{text[position:]}"
    end = end_offset(document, names[-1])
    rest = text[end : line_offset(document, (names[-1].end_lineno or 0) + 1)]
    has_comma = rest.lstrip(" \t").startswith(",")
    comma = end + rest.index(",") + 1 if has_comma else end
    closes_here = ")" in rest.partition("#")[0]
    position = comma if closes_here else end + len(rest.rstrip("\r\n"))
    between = text[comma:position]
    tail = f"{document.newline}{margin}{entry}{',' if has_comma else ''}"
    return f"{text[:end]},{between}{tail}{text[position:]}"


def _broken_up(
    document: Document, statement: ast.ImportFrom, number: int, entry: str
) -> str | None:
    """The import with its new name where the line would grow too long; None if left alone."""
    text = document.text
    if statement.lineno != statement.end_lineno:
        return _on_new_line(document, statement, number, entry)
    names = [_alias_text(alias) for alias in statement.names]
    names.insert(number, entry)
    start, end = offset(document, statement), end_offset(document, statement)
    head = text[start : offset(document, statement.names[0])].rstrip(" \t(")
    comment = document.line_text(statement.lineno)[end - start :]
    if comment.strip() and not comment.strip().startswith("#"):
        return None
    margin = document.indentation
    lines = [f"{head} ({comment.rstrip()}", *(f"{margin}{name}," for name in names), ")"]
    return text[:start] + document.newline.join(lines) + text[end + len(comment) :]


def _on_new_line(
    document: Document, statement: ast.ImportFrom, number: int, entry: str
) -> str | None:
    """A name on a line of its own inside parentheses that hold several names a line."""
    text = document.text
    if "(" not in text[offset(document, statement) : offset(document, statement.names[0])]:
        return None
    last_line = document.line_text(statement.names[-1].lineno)
    margin = last_line[: len(last_line) - len(last_line.lstrip())] or document.indentation
    if number < len(statement.names):
        position = offset(document, statement.names[number])
        return f"{text[:position]}{entry},{document.newline}{margin}{text[position:]}"
    position = end_offset(document, statement.names[-1])
    return f"{text[:position]},{document.newline}{margin}{entry}{text[position:]}"


def _is_one_per_line(document: Document, statement: ast.ImportFrom) -> bool:
    lines = [alias.lineno for alias in statement.names]
    starts = [document.line_text(alias.lineno).lstrip() for alias in statement.names]
    return (
        statement.lineno < lines[0]
        and len(set(lines)) == len(lines)
        and all(
            line.startswith(alias.name) for line, alias in zip(starts, statement.names, strict=True)
        )
        and "\\" not in document.line_text(statement.lineno)
    )


def _shares_its_line(document: Document, statement: ast.stmt) -> bool:
    lines = {statement.lineno, statement.end_lineno}
    return any(
        other is not statement and lines & {other.lineno, other.end_lineno}
        for other in document.tree.body
    )


def _alias_text(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _line_at(text: str, position: int) -> str:
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    ends = [found for found in (text.find("\n", position), text.find("\r", position)) if found >= 0]
    return text[start : min(ends, default=len(text))]


def line_offset(document: Document, line: int) -> int:
    """Where a line (from 1) begins, in code points of the text from 0."""
    return sum(map(len, document.lines[: line - 1]))


def offset(document: Document, node: ast.stmt | ast.alias) -> int:
    """Where a node begins, in code points of the text from 0."""
    return line_offset(document, node.lineno) + document.column(node.lineno, node.col_offset) - 1


def end_offset(document: Document, node: ast.stmt | ast.alias) -> int:
    """Where a node ends, in code points of the text from 0."""
    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return line_offset(document, line) + document.column(line, column) - 1


def inserted_lines(document: Document, place: Place, lines: Sequence[str]) -> str:
    """The text with lines after a line (0: at the top), and blank ones around them."""
    every = [*[""] * place.blank_before, *lines, *[""] * place.blank_after]
    before = "".join(document.lines[: place.line])
    after = "".join(document.lines[place.line :])
    block = document.newline.join(every)
    if before and not before.endswith(("\n", "\r")):
        return f"{before}{document.newline}{block}"
    return f"{before}{block}{document.newline}{after}"
