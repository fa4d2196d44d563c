"""`noop` for the way back of a data migration: it goes back, and nothing is undone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rules.concurrent_index.places import operation_nodes
from djfix.codemods.rules.concurrent_index.plans import NoReverse

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

KEYWORDS = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}


def reverse_plan(node: ast.expr, kind: str) -> NoReverse | None:
    """The plan for an operation that has any argument; None for one that has none."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return None
    return NoReverse(NodeReference.of(node), kind)


def reverse_edits(plan: NoReverse, path: str, trees: Trees) -> Iterator[Edit]:
    """In place of an explicit None, else behind the last argument, laid out as that one is."""
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    node = next(
        each for each in operation_nodes(document) if NodeReference.of(each) == plan.operation
    )
    assert isinstance(node, ast.Call)
    bound = trees.name(path, "django.db", "migrations", node.lineno)
    noop = f"{bound.expression}.{plan.kind}.noop"
    yield from bound.edits
    given = _given(node, plan.kind)
    if given is not None:
        yield ReplaceText(path, document.span(given), noop)
        return
    text = f"{KEYWORDS[plan.kind]}={noop}" if node.keywords else noop
    yield ReplaceText(path, *_behind(document, node, text))


def _given(node: ast.Call, kind: str) -> ast.expr | None:
    named = [each.value for each in node.keywords if each.arg == KEYWORDS[kind]]
    return named[0] if named else node.args[1] if len(node.args) > 1 else None


def _behind(document: Document, node: ast.Call, text: str) -> tuple[Span, str]:
    """Where and how one more argument is put."""
    last = max(map(document.span, [*node.args, *node.keywords]))
    lead = document.line_text(last.line)[: last.column - 1]
    between = f",{document.newline}{lead}" if not lead.strip() else ", "
    place = Span(last.end_line, last.end_column, last.end_line, last.end_column)
    return place, f"{between}{text}"
