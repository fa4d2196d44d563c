"""Where things stand in a migration file: its class, its operations, the lines that hold them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Span
from djfix.codemods.source.definitions import is_docstring
from djfix.codemods.source.document import Document


class UnusualLayout(Exception):  # noqa: N818
    """The file is laid out in a way that lines cannot be taken out of or put into."""


def migration_class(document: Document) -> ast.ClassDef | None:
    """The last class of the name that Django's loader looks for."""
    found = [
        each
        for each in document.tree.body
        if isinstance(each, ast.ClassDef) and each.name == "Migration"
    ]
    return found[-1] if found else None


def assigned(owner: ast.ClassDef, name: str) -> ast.expr | None:
    """The last value that the class's body gives to a name."""
    values = [
        each.value
        for each in owner.body
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and _target(each) == name
    ]
    return values[-1] if values else None


def _target(statement: ast.Assign | ast.AnnAssign) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    return target.id if isinstance(target, ast.Name) else ""


def operation_nodes(document: Document) -> Sequence[ast.expr]:
    """The elements of `operations`, in order; none where it is no plain list."""
    owner = migration_class(document)
    value = None if owner is None else assigned(owner, "operations")
    return value.elts if isinstance(value, (ast.List, ast.Tuple)) else ()


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines, from 1, that an element of a list has for itself; `end` is the first after."""

    first: int
    code: int
    end: int


def lines_of(document: Document, node: ast.expr) -> Lines:
    """The lines of an element with its comments above and beside it. Raises UnusualLayout where
    it shares a line with anything else."""
    span = document.span(node)
    before = document.line_text(span.line)[: span.column - 1]
    after = document.line_text(span.end_line)[span.end_column - 1 :].strip()
    rest = after.removeprefix(",").strip()
    if before.strip() or (rest and not rest.startswith("#")):
        raise UnusualLayout
    first = span.line
    while document.line_text(first - 1).strip().startswith("#"):
        first -= 1
    return Lines(first, span.line, span.end_line + 1)


def atomic_place(document: Document) -> tuple[Span, str] | None:
    """Where and how `atomic = False` is written; None where it stands already.

    Above the first statement of the class, its comments included. Raises UnusualLayout.
    """
    owner = migration_class(document)
    assert owner is not None
    value = assigned(owner, "atomic")
    if value is not None:
        is_off = isinstance(value, ast.Constant) and value.value is False
        return None if is_off else (document.span(value), "False")
    first = next(each for each in owner.body if not is_docstring(each))
    if first.lineno <= owner.lineno:
        raise UnusualLayout
    line = first.lineno
    indent = document.line_text(line)[: first.col_offset]
    if indent.strip():
        raise UnusualLayout
    while document.line_text(line - 1).strip().startswith("#") and line - 1 > owner.lineno:
        line -= 1
    text = f"{indent}atomic = False{document.newline * 2}"
    return Span(line, 1, line, 1), text
