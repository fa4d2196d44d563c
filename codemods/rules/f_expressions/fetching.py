"""The fetch of an object, where it can become a `filter`: by a unique lookup, of plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from djfix.codemods.findings import NodeReference
from djfix.codemods.flow.effects import is_pure
from djfix.codemods.inference.values import Manager, ModelClass
from djfix.codemods.project.models import Model
from djfix.codemods.rules.f_expressions.conditions import Guard, blocks_of
from djfix.codemods.rules.f_expressions.plans import Lookup
from djfix.codemods.rules.f_expressions.situation import Situation


@dataclass(frozen=True, slots=True, eq=False)
class Fetch:
    """`name = <manager or model>.get(lookups)`, by a unique lookup.

    `missing` is what it raises without a row: "does-not-exist" or "not-found". `locked_text` is
    the same fetch with a lock.
    """

    statement: ast.Assign
    manager_text: str
    lookups: tuple[tuple[str, ast.expr], ...]
    missing: str
    class_text: str
    locked_text: str


def fetch_before(situation: Situation) -> Fetch | None:
    """The fetch that alone binds the object's name, if it can become a `filter`."""
    if len(situation.path) != 1:
        return None
    at = situation.changes[0].statement
    definitions = situation.flow.reaching(situation.path[0], at)
    if len(definitions) != 1:
        return None
    statement = definitions[0].point.node
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    if not isinstance(statement.targets[0], ast.Name):
        return None
    return _fetch_of(situation, statement)


def fetch_before_guard(situation: Situation, guard: Guard) -> Fetch | None:
    fetch = fetch_before(situation)
    if fetch is None:
        return None
    for _, block in blocks_of(situation.function):
        if fetch.statement in block and guard.statement in block:
            adjacent = block.index(guard.statement) - block.index(fetch.statement) == 1
            return fetch if adjacent else None
    return None


def _fetch_of(situation: Situation, statement: ast.Assign) -> Fetch | None:
    call = statement.value
    if not isinstance(call, ast.Call):
        return None
    lookups = tuple((item.arg, item.value) for item in call.keywords if item.arg is not None)
    if len(lookups) != len(call.keywords) or not _is_unique(situation.model, lookups):
        return None
    if any(not is_pure(value) for _, value in lookups) or _looks_at_changes(situation, lookups):
        return None
    if isinstance(call.func, ast.Attribute) and call.func.attr == "get" and not call.args:
        return _by_manager(situation, statement, call.func.value, lookups)
    return _by_shortcut(situation, statement, call, lookups)


def _by_manager(
    situation: Situation,
    statement: ast.Assign,
    manager: ast.expr,
    lookups: tuple[tuple[str, ast.expr], ...],
) -> Fetch | None:
    source = situation.inference.value(manager)
    if not (isinstance(source, Manager) and not source.related):
        return None
    if not isinstance(manager, ast.Attribute) or not _is_plain(situation.model, source.name):
        return None
    segment = situation.inference.document.segment
    text, class_text = segment(manager), segment(manager.value)
    locked = f"{text}.select_for_update().get({_arguments(situation, lookups)})"
    return Fetch(statement, text, lookups, "does-not-exist", class_text, locked)


def _is_plain(model: Model, manager: str) -> bool:
    """Whether `filter()` and `update()` of the manager are Django's own, on all rows."""
    found = model.managers.get(manager, model.default_manager)
    return found.is_plain and found.filters is False


def _by_shortcut(
    situation: Situation,
    statement: ast.Assign,
    call: ast.Call,
    lookups: tuple[tuple[str, ast.expr], ...],
) -> Fetch | None:
    """Django's own shortcut only: REST framework's also turns wrong values into a 404."""
    if situation.inference.resolve(call.func) != "django.shortcuts.get_object_or_404":
        return None
    if len(call.args) != 1:
        return None
    if not isinstance(situation.inference.value(call.args[0]), ModelClass):
        return None
    segment = situation.inference.document.segment
    class_text, shortcut = segment(call.args[0]), segment(call.func)
    manager = f"{class_text}.{situation.model.default_manager.name}"
    arguments = _arguments(situation, lookups)
    locked = f"{shortcut}({manager}.select_for_update(), {arguments})"
    return Fetch(statement, manager, lookups, "not-found", class_text, locked)


def _arguments(situation: Situation, lookups: Iterable[tuple[str, ast.expr]]) -> str:
    segment = situation.inference.document.segment
    return ", ".join(f"{name}={segment(value)}" for name, value in lookups)


def _is_unique(model: Model, lookups: Iterable[tuple[str, ast.expr]]) -> bool:
    """Whether at most one row can match, and only this table's columns are asked."""
    unique = False
    for name, _ in lookups:
        name = name.removesuffix("__exact")
        if name == "pk":
            unique = True
            continue
        field = model.field(name)
        if field is None:
            return False
        unique = unique or field.primary_key or (field.unique and not field.null)
    return unique


def _looks_at_changes(situation: Situation, lookups: Iterable[tuple[str, ast.expr]]) -> bool:
    stored = set(situation.stored)
    return any(name.split("__")[0] in stored for name, _ in lookups)


def lookups_of(fetch: Fetch) -> tuple[Lookup, ...]:
    return tuple(Lookup(name, NodeReference.of(value)) for name, value in fetch.lookups)
