"""The reasons to leave the code alone: no value is proven to be read, changed and written back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.values import Saved
from djfix.codemods.rules.f_expressions.models import NUMERIC, TEXT
from djfix.codemods.rules.f_expressions.shapes import Change
from djfix.codemods.rules.f_expressions.situation import Guard, Situation
from djfix.codemods.source.walking import walk


def is_new(situation: Situation) -> Iterator[Reason]:
    if situation.value.saved is Saved.NO:
        yield Reason("new-instance", f"{situation.target} is created here and has no row yet")
    for name in situation.stored:
        field = situation.model.field(name)
        if field is not None and field.primary_key:
            yield Reason("new-instance", f"{situation.target} gets another key: a copy is saved")


def is_locked(situation: Situation) -> Iterator[Reason]:
    if situation.value.locked or _mentions(situation, "select_for_update"):
        yield Reason("locked", "rows are locked by select_for_update() in this function")
    for node in walk(situation.function):
        if not isinstance(node, ast.With | ast.AsyncWith) or not _holds_lock(node):
            continue
        if any(item is situation.changes[0].statement for item in walk(node)):
            yield Reason("locked", f"line {node.lineno} holds a lock around it")


def _mentions(situation: Situation, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == name for node in walk(situation.function)
    )


def _holds_lock(node: ast.With | ast.AsyncWith) -> bool:
    return any("lock" in ast.unparse(item.context_expr).lower() for item in node.items)


def is_no_field(situation: Situation) -> Iterator[Reason]:
    for change in situation.changes:
        field = situation.fields.get(change.field)
        if field is None:
            text = f"{change.field} is no field of {situation.model.label} that djfix knows"
            yield Reason("not-a-field", text)
        elif field.primary_key or field.relation is not None:
            yield Reason("key", f"{change.field} is a key: changing it names another row")
        elif field.kind not in NUMERIC and not (field.kind in TEXT and change.operator == "+"):
            text = f"{situation.model.label}.{change.field} is a {field.class_name}, not a number"
            yield Reason("not-numeric", text)


def is_expression_already(situation: Situation) -> Iterator[Reason]:
    for change in situation.changes:
        for node in _nodes_of(change):
            if isinstance(node, ast.Call) and _name_of(situation, node) == "django.db.models.F":
                yield Reason("already-an-expression", "it is an F() expression already")


def _nodes_of(change: Change) -> Iterator[ast.AST]:
    for delta in change.deltas:
        yield from walk(delta)


def _name_of(situation: Situation, call: ast.Call) -> str | None:
    return situation.inference.resolve(call.func)


def is_set_in_memory(situation: Situation) -> Iterator[Reason]:
    """Set here and then added to: an accumulator of this function, not the row's value."""
    names = {change.field for change in situation.changes}
    for use in situation.before:
        if use.kind == "store" and use.attribute in names:
            text = f"line {use.point.line} sets {situation.target}.{use.attribute} before"
            yield Reason("set-in-memory", text)


def is_read_again(situation: Situation) -> Iterator[Reason]:
    for use in situation.between:
        if use.kind == "call" and use.attribute in {"refresh_from_db", "arefresh_from_db"}:
            text = f"line {use.point.line} reads the row again, which drops the change"
            yield Reason("read-again", text)


DECLINES: tuple[Guard, ...] = (
    is_no_field,
    is_new,
    is_locked,
    is_expression_already,
    is_set_in_memory,
    is_read_again,
)
