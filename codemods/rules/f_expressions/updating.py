"""The form that needs no object: `filter(...).update(f=F("f") - n)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import NodeReference
from djfix.codemods.flow.effects import is_pure
from djfix.codemods.rules.f_expressions.conditions import blocks_of
from djfix.codemods.rules.f_expressions.fetching import Fetch, lookups_of
from djfix.codemods.rules.f_expressions.plans import Assignment, UpdatePlan
from djfix.codemods.rules.f_expressions.shapes import Change
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.source.walking import walk

_PLAIN_VALUES = frozenset({"integer", "decimal", "float", "boolean", "char", "text", "duration"})


def is_only_changed(situation: Situation, fetch: Fetch) -> bool:
    """Whether fetch, changes and save stand together, and nothing else looks at the object."""
    if situation.is_async or len(situation.saves) != 1 or situation.value.outlives:
        return False
    save = situation.saves[0]
    run = _run_of(situation, fetch)
    if run is None or any(not _fits_update(situation, item) for item in run[1:-1]):
        return False
    if len({_assignment(situation, item).field for item in run[1:-1]}) < len(run) - 2:
        return False
    return save.update_fields is None or set(save.update_fields) == set(situation.stored)


def is_seen_elsewhere(situation: Situation, fetch: Fetch) -> bool:
    """Whether code outside of the run may name the object that this fetch brought."""
    run = _run_of(situation, fetch) or []
    inside = {node for item in run for node in walk(item)}
    return any(node not in inside for node in _names_of(situation, fetch))


def update_plan(situation: Situation, fetch: Fetch, *, ignore_missing: bool) -> UpdatePlan:
    """The plan; `is_only_changed` holds."""
    run = _run_of(situation, fetch)
    assert run is not None
    return UpdatePlan(
        statements=tuple(NodeReference.of(item) for item in run),
        manager_text=fetch.manager_text,
        lookups=lookups_of(fetch),
        assignments=tuple(_assignment(situation, item) for item in run[1:-1]),
        missing="" if ignore_missing else fetch.missing,
        model_text=fetch.class_text,
        model_name=situation.model.object_name,
        line=fetch.statement.lineno,
    )


def _assignment(situation: Situation, statement: ast.stmt) -> Assignment:
    for change in situation.changes:
        if change.statement is statement:
            return Assignment(change.field, NodeReference.of(change.deltas[0]), change.operator)
    assert isinstance(statement, ast.Assign)
    target = statement.targets[0]
    assert isinstance(target, ast.Attribute)
    return Assignment(target.attr, NodeReference.of(statement.value))


def _run_of(situation: Situation, fetch: Fetch) -> list[ast.stmt] | None:
    """The statements from the fetch to the save, if they are one run of changes only."""
    save = situation.saves[0]
    for _, block in blocks_of(situation.function):
        if fetch.statement in block and save.statement in block:
            run = block[block.index(fetch.statement) : block.index(save.statement) + 1]
            changed = {item.statement for item in situation.changes}
            return run if changed <= set(run) else None
    return None


def _names_of(situation: Situation, fetch: Fetch) -> Iterator[ast.AST]:
    """Loads and deletions of the name that this fetch may have bound."""
    for node in walk(situation.function):
        if not isinstance(node, ast.Name) or node.id != situation.path[0]:
            continue
        if isinstance(node.ctx, ast.Store):
            continue
        try:
            found = situation.flow.reaching(node.id, node)
        except LookupError:
            continue
        if any(item.point.node is fetch.statement for item in found):
            yield node


def _fits_update(situation: Situation, statement: ast.stmt) -> bool:
    """A change by a plain amount, or a plain value for a plain column."""
    for change in situation.changes:
        if change.statement is statement:
            return _is_plain(change)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return False
    if target.value.id != situation.path[0] or not isinstance(statement.value, ast.Constant):
        return False
    field = situation.model.field(target.attr)
    return field is not None and field.kind in _PLAIN_VALUES and field.is_django_own


def _is_plain(change: Change) -> bool:
    if len(change.deltas) != 1 or not is_pure(change.deltas[0]):
        return False
    value = change.statement.value
    if value.lineno != value.end_lineno:
        return False
    return change.own is None or (isinstance(value, ast.BinOp) and value.left is change.own)
