"""Queries that ask for the changed column: a lookup is a check, which F would no longer honour."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from djfix.codemods.findings import Reason
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.saving.saves import statements_of
from djfix.codemods.inference.values import Instance, Manager, QuerySet
from djfix.codemods.rules.f_expressions.shapes import change_of
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.source.chains import path_of
from djfix.codemods.source.walking import walk

_WRITING = frozenset({"update", "create", "bulk_create"})
_ASKING = frozenset({"filter", "get", "aget", "exclude", "complex_filter"})
_COMPUTING = frozenset({"annotate", "alias", "extra", "aggregate", "values", "values_list"})
_Q = "django.db.models.Q"


def lookups_by(inference: Inference, names: Set[str]) -> Iterator[tuple[int, str]]:
    """Lines and lookups of the queries in a function that ask for one of these columns."""
    for node in walk(inference.function):
        if isinstance(node, ast.Constant) and _is_lookup(node.value, names):
            yield node.lineno, str(node.value)
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            name = keyword.arg or ""
            if _is_of(name, names) and _looks_up(inference, node, name):
                yield node.lineno, name


def _is_lookup(value: object, names: Set[str]) -> bool:
    return isinstance(value, str) and "__" in value and value.split("__")[0] in names


def _is_of(lookup: str, names: Set[str]) -> bool:
    """Whether a lookup is one of the columns, here or on the other side of a relation."""
    first, *others = lookup.split("__")
    return first in names or not names.isdisjoint(others)


def _looks_up(inference: Inference, call: ast.Call, keyword: str) -> bool:
    method = _method(call)
    if method in _WRITING:
        return False
    asks = method in _ASKING or method.endswith("_or_create")
    return "__" in keyword or asks or _is_q(inference, call)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_q(inference: Inference, call: ast.Call) -> bool:
    name = inference.resolve(call.func)
    return name is not None and (name == _Q or name.endswith("_or_404"))


def is_in_lookup(situation: Situation) -> Iterator[Reason]:
    """`filter(n__gte=60).get()`, taken 60 twice from 100: 40 before, -20 with F (measured)."""
    for line, name in lookups_by(situation.inference, situation.changed):
        text = f"line {line} looks the row up by {name}: the lookup is a guard"
        yield Reason("value-in-lookup", text)
    for line, name in _of_managers(situation):
        text = f"a manager looks the rows up by {name} (line {line}): the lookup is a guard"
        yield Reason("value-in-lookup", text)


def _of_managers(situation: Situation) -> Iterator[tuple[int, str]]:
    """Lookups in the `get_queryset` of the model's managers."""
    project, model = situation.inference.project, situation.model
    for manager in model.managers.values():
        if manager.filters is False or manager.class_name is None:
            continue
        info = project.method(manager.class_name, "get_queryset")
        if info is None or info.path is None:
            continue
        document = project.files.document(info.path)
        for node in walk(document.tree):
            if isinstance(node, ast.FunctionDef) and node.lineno == info.line:
                yield from lookups_by(Inference(project, document, node), situation.changed)


def has_unknown_lookup(situation: Situation) -> Iterator[Reason]:
    """Lookups that other code made may ask for the column."""
    inference = situation.inference
    for node in walk(inference.function):
        if isinstance(node, ast.Attribute) and node.attr in {"extra", "raw"}:
            yield Reason("unknown-lookup", f"line {node.lineno} asks in SQL, perhaps by the value")
        if not isinstance(node, ast.Call) or not _is_query(inference, node):
            continue
        given = node.args[1:] if _method(node) not in _ASKING else node.args
        unpacked = [item.value for item in node.keywords if item.arg is None]
        for part in (*given, *unpacked):
            if not _is_understood(inference, part, 5):
                text = f"line {node.lineno} looks up by {ast.unparse(part)}, perhaps by the value"
                yield Reason("unknown-lookup", text)


def _is_query(inference: Inference, call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _ASKING:
        return isinstance(inference.value(call.func.value), Manager | QuerySet)
    return (inference.resolve(call.func) or "").endswith("_or_404")


def _is_understood(inference: Inference, part: ast.expr, depth: int) -> bool:
    """Whether all of a lookup stands in this function, where `lookups_by` finds it."""
    match part:
        case ast.BinOp(left=left, right=right):
            return all(_is_understood(inference, item, depth) for item in (left, right))
        case ast.UnaryOp(operand=operand):
            return _is_understood(inference, operand, depth)
        case ast.Call(func=function):
            return inference.resolve(function) in {_Q, "dict"}
        case ast.Dict():
            return True
        case ast.Name() if depth:
            values = [item.value for item in inference.definitions(part)]
            return bool(values) and all(
                value is not None and _is_understood(inference, value, depth - 1)
                for value in values
            )
    return False


def is_read_elsewhere(situation: Situation) -> Iterator[Reason]:
    """What is taken from a row was perhaps checked in a copy of it, or in a query."""
    taken = {change.field for change in situation.changes if change.operator == "-"}
    first = min(change.statement.lineno for change in situation.changes)
    own = {
        change.own
        for item in statements_of(situation.function)
        if (change := change_of(item)) is not None
    }
    for node in walk(situation.function) if taken else ():
        if not isinstance(node, ast.expr) or node.lineno >= first or node in own:
            continue
        if _reads(situation, node, taken):
            text = f"line {node.lineno} reads the column of another object, or by a query"
            yield Reason("column-read", text)
            return


def _reads(situation: Situation, node: ast.expr, names: Set[str]) -> bool:
    inference = situation.inference
    match node:
        case ast.Attribute(value=owner, attr=name, ctx=ast.Load()) if name in names:
            if path_of(owner) == situation.path:
                return False
            value = inference.value(owner)
            return isinstance(value, Instance) and value.model == situation.model.name
        case ast.Call(func=ast.Attribute(value=source, attr=method)) if method in _COMPUTING:
            mentioned = {item.value for item in walk(node) if isinstance(item, ast.Constant)}
            found = inference.value(source)
            asked = isinstance(found, Manager | QuerySet) and found.model == situation.model.name
            return asked and not mentioned.isdisjoint(names)
    return False


def is_difference_to_column(situation: Situation) -> Iterator[Reason]:
    """`have = M.objects.get(pk=k).n; x.n += want - have` sets a value: F would add to another's."""
    for change in situation.changes:
        sign = -1 if change.operator == "-" else 1
        for delta in change.deltas:
            for node in _subtracted(situation.inference, delta, sign, frozenset()):
                if _reads(situation, node, {change.field}):
                    text = f"line {node.lineno} reads the column that the amount is a difference to"
                    yield Reason("column-read", text)
                    return


def _subtracted(
    inference: Inference, amount: ast.expr, sign: int, seen: frozenset[ast.expr]
) -> Iterator[ast.expr]:
    """The expressions in an amount that lessen it, or may, those of its local variables too."""
    match amount:
        case _ if amount in seen:
            return
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
            other = -sign if isinstance(operator, ast.Sub) else sign
            yield from _subtracted(inference, left, sign, seen)
            yield from _subtracted(inference, right, other, seen)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _subtracted(inference, operand, -sign, seen)
        case ast.Name():
            for value in [item.value for item in inference.definitions(amount)]:
                if value is not None:
                    yield from _subtracted(inference, value, sign, seen | {amount})
        case ast.Attribute(value=owner) if sign > 0 and path_of(owner) is not None:
            return  # What another object has is added: `target.n += source.n`.
        case _:
            yield from (node for node in walk(amount) if isinstance(node, ast.expr))
