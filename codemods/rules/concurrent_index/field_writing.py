"""The edits of `db_index=True`: the column without it, and the index in SQL beside the state."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from djfix.codemods.findings import Span
from djfix.codemods.rules.concurrent_index.copying import NotCopied, migration_text, operation_lines
from djfix.codemods.rules.concurrent_index.places import (
    UnusualLayout,
    atomic_place,
    lines_of,
    operation_nodes,
)
from djfix.codemods.rules.concurrent_index.plans import FieldIndex, IndexFields
from djfix.codemods.rules.concurrent_index.writing import beside, followed

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


def field_edits(plan: IndexFields, path: str, trees: Trees) -> Iterator[Edit]:
    """In place where the migration does nothing else, else in a migration behind it."""
    from djfix.codemods.rewriting.edits import CreateFile, ReplaceText

    document = trees.files.document(path)
    nodes = operation_nodes(document)
    if not plan.name:
        yield from _in_place(plan, path, trees)
        return
    for field in plan.fields:
        node = nodes[field.place]
        if field.kind == "AddField":
            yield ReplaceText(path, index_argument(document, node), "")
        else:
            lines = lines_of(document, node)
            yield ReplaceText(path, Span(lines.first, 1, lines.end, 1), "")
    yield CreateFile(beside(path, plan.name), new_text(plan, document))
    yield from followed(plan, trees)


def is_writable(plan: IndexFields, document: Document) -> bool:
    """Whether the lines of the migration can be taken apart and put together as planned."""
    nodes = operation_nodes(document)
    try:
        for field in plan.fields:
            beside_the_state(document, field, nodes[field.place], "migrations")
            if field.kind == "AddField":
                index_argument(document, nodes[field.place])
        if plan.name:
            new_text(plan, document)
        else:
            atomic_place(document)
    except (UnusualLayout, NotCopied):
        return False
    return True


def _in_place(plan: IndexFields, path: str, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    nodes = operation_nodes(document)
    place = atomic_place(document)
    if place is not None:
        yield ReplaceText(path, *place)
    for field in plan.fields:
        bound = trees.name(path, "django.db", "migrations", nodes[field.place].lineno)
        yield from bound.edits
        lines = lines_of(document, nodes[field.place])
        text = beside_the_state(document, field, nodes[field.place], bound.expression)
        whole = "".join(f"{line}{document.newline}" for line in text)
        yield ReplaceText(path, Span(lines.first, 1, lines.end, 1), whole)


def new_text(plan: IndexFields, document: Document) -> str:
    """The migration that builds the indexes. Raises UnusualLayout, and NotCopied."""
    nodes = [operation_nodes(document)[field.place] for field in plan.fields]
    lines = [
        line
        for field, node in zip(plan.fields, nodes, strict=True)
        for line in beside_the_state(document, field, node, "migrations")
    ]
    return migration_text(document, plan.key, lines, nodes, {})


def beside_the_state(
    document: Document, field: FieldIndex, node: ast.expr, migrations: str
) -> list[str]:
    """The lines of one SeparateDatabaseAndState. Raises UnusualLayout."""
    step = document.indentation
    lead = step * 2
    made = [
        line
        for create, drop in field.statements
        for line in (
            f"{lead}{step * 2}{migrations}.RunSQL(",
            f"{lead}{step * 3}'{create}',",
            f"{lead}{step * 3}'{drop}',",
            f"{lead}{step * 2}),",
        )
    ]
    altered = operation_lines(document, node, f"{migrations}.AlterField", lead + step * 2)
    return [
        f"{lead}{migrations}.SeparateDatabaseAndState(",
        f"{lead}{step}database_operations=[",
        *made,
        f"{lead}{step}],",
        f"{lead}{step}state_operations=[",
        *altered,
        f"{lead}{step}],",
        f"{lead}),",
    ]


def index_argument(document: Document, node: ast.expr) -> Span:
    """The place of `db_index=True` with its comma among a field's arguments. Raises
    UnusualLayout."""
    field = _field(node)
    arguments: Sequence[ast.expr | ast.keyword] = [*field.args, *field.keywords]
    at = next(
        place
        for place, each in enumerate(arguments)
        if isinstance(each, ast.keyword) and each.arg == "db_index"
    )
    own = document.span(arguments[at])
    start, end = (own.line, own.column), (own.end_line, own.end_column)
    if at + 1 < len(arguments):
        following = document.span(arguments[at + 1])
        end = (following.line, following.column)
    elif at > 0:
        before = document.span(arguments[at - 1])
        start = (before.end_line, before.end_column)
    span = Span(*start, *end)
    if "#" in _text(document, span):
        raise UnusualLayout
    return span


def _field(node: ast.expr) -> ast.Call:
    assert isinstance(node, ast.Call)
    named = [each.value for each in node.keywords if each.arg == "field"]
    field = named[0] if named else node.args[2]
    if not isinstance(field, ast.Call):
        raise UnusualLayout
    return field


def _text(document: Document, span: Span) -> str:
    lines = list(document.lines[span.line - 1 : span.end_line])
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "".join(lines)
