"""From a plan to edits: the swap in place, and the migration that a split makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rules.concurrent_index.copying import dropping_lines, new_migration
from djfix.codemods.rules.concurrent_index.places import (
    assigned,
    atomic_place,
    lines_of,
    migration_class,
    operation_nodes,
)
from djfix.codemods.rules.concurrent_index.plans import CONCURRENT, MODULE, IndexFields, Split, Swap

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


def swap_edits(plan: Swap, path: str, trees: Trees) -> Iterator[Edit]:
    """The concurrent form by its name, its import, and `atomic = False` in the class."""
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    node = next(
        each for each in operation_nodes(document) if NodeReference.of(each) == plan.operation
    )
    assert isinstance(node, ast.Call)
    bound = trees.name(path, MODULE, CONCURRENT[plan.kind], node.lineno)
    yield ReplaceText(path, document.span(node.func), bound.expression)
    yield from bound.edits
    place = atomic_place(document)
    if place is not None:
        yield ReplaceText(path, *place)
    if plan.leftover:
        yield from _dropping(plan.leftover, path, node, trees)


def _dropping(index: str, path: str, node: ast.Call, trees: Trees) -> Iterator[Edit]:
    """An operation before this one that drops what a failed attempt may have left."""
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    start = document.span(node)
    lead = document.line_text(start.line)[: start.column - 1]
    bound = trees.name(path, "django.db", "migrations", node.lineno)
    lines = dropping_lines(f"{bound.expression}.RunSQL", index, document.indentation)
    between = document.newline + lead if not lead.strip() else " "
    text = "".join(f"{line}{between}" for line in lines)
    yield ReplaceText(path, Span(start.line, start.column, start.line, start.column), text)
    yield from bound.edits


def split_edits(plan: Split, path: str, trees: Trees) -> Iterator[Edit]:
    """The operations' lines go, the new migration comes, and who depended on this one depends on
    the new one."""
    from djfix.codemods.rewriting.edits import CreateFile, ReplaceText

    document = trees.files.document(path)
    nodes = operation_nodes(document)
    for place in plan.places:
        lines = lines_of(document, nodes[place])
        yield ReplaceText(path, Span(lines.first, 1, lines.end, 1), "")
    yield CreateFile(beside(path, plan.name), new_migration(plan, document))
    yield from followed(plan, trees)


def beside(path: str, name: str) -> str:
    """The file of another migration in the folder of this one."""
    return f"{path.rpartition('/')[0]}/{name}.py"


def followed(plan: Split | IndexFields, trees: Trees) -> Iterator[Edit]:
    """What named the old migration as the last one names the new one."""
    from djfix.codemods.rewriting.edits import ReplaceText

    for dependent in plan.dependents:
        yield from _depending_on(plan, trees.files.document(dependent))
    if plan.latest:
        span = Span(1, 1, 1, len(plan.key[1]) + 1)
        yield ReplaceText(plan.latest, span, plan.name)


def _depending_on(plan: Split | IndexFields, document: Document) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import ReplaceText

    for node in dependency_names(document, plan.key):
        text = document.segment(node).replace(plan.key[1], plan.name)
        yield ReplaceText(document.path, document.span(node), text)


def dependency_names(document: Document, key: tuple[str, str]) -> list[ast.Constant]:
    """The strings in a migration's `dependencies` that name another one of its app."""
    owner = migration_class(document)
    value = None if owner is None else assigned(owner, "dependencies")
    found: list[ast.Constant] = []
    for each in value.elts if isinstance(value, (ast.List, ast.Tuple)) else ():
        if not isinstance(each, (ast.Tuple, ast.List)) or len(each.elts) != 2:
            continue
        app, name = each.elts
        if not isinstance(app, ast.Constant) or not isinstance(name, ast.Constant):
            continue
        if (app.value, name.value) == key:
            found.append(name)
    return found
