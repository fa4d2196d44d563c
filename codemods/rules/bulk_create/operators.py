"""Code of the project that an operator, a text or a condition runs of its operands.

A comprehension evaluates all values before the first row is written: an `__eq__`, `__bool__` or
`__str__` that asks the database would not see the rows before.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.saving.callees import ANY
from djfix.codemods.inference.saving.implicit import Implicit
from djfix.codemods.inference.saving.special import (
    COMPARING,
    COUNTING,
    NUMBERS,
    SUMS,
    TEXT,
    TRUTH,
)
from djfix.codemods.inference.values import Instance, Unknown
from djfix.codemods.rules.bulk_create.places import Place, is_kin

_OF_KINDS = {
    **dict.fromkeys(("char", "text"), TEXT),
    **dict.fromkeys(("integer", "float", "decimal", "boolean"), NUMBERS | TEXT),
}
"""What a column of a kind makes of a value, by what it calls of it."""


def of_operator(place: Place, node: ast.AST) -> Iterator[Reason]:
    """What an operator calls of its operands."""
    match node:
        case ast.Compare(left=left, comparators=others):
            for each in (left, *others):
                yield from _of_operand(place, each, COMPARING | COUNTING)
        case ast.BinOp(left=left, right=right, op=operator):
            names = SUMS | TEXT if isinstance(operator, ast.Mod) else SUMS
            for each in (left, *(right.elts if isinstance(right, ast.Tuple) else [right])):
                yield from _of_operand(place, each, names)
        case ast.UnaryOp(operand=operand):
            yield from _of_operand(place, operand, SUMS | TRUTH)
        case ast.BoolOp(values=values):
            for each in values:
                yield from of_condition(place, each)
        case ast.IfExp(test=test):
            yield from of_condition(place, test)


def of_condition(place: Place, node: ast.expr) -> Iterator[Reason]:
    """What a test calls of what it looks at."""
    yield from _of_operand(place, node, TRUTH)


def of_given(place: Place, name: str, value: ast.expr) -> Iterator[Reason]:
    """What a column calls of what it is given, when its row is written."""
    field = place.model.field(name)
    if field is not None and field.relation is None:
        yield from _of_operand(place, value, _OF_KINDS.get(field.kind, TEXT))


def _of_operand(place: Place, node: ast.expr, names: Collection[str]) -> Iterator[Reason]:
    value = place.inference.value(node)
    if isinstance(value, Instance):
        model = place.project.model(value.model, partial=True)
        methods = {**model.overrides, **model.methods} if model is not None else {}
        own = sorted(name for name in names if name in methods and methods[name].path is not None)
    elif isinstance(value, Unknown) and isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        own = sorted(name for name in names if _asks(place, name))
    else:
        return
    if own:
        text = f"{ast.unparse(node)} may run {own[0]}(), which may ask the database"
        yield Reason("unknown-code", text)


def _asks(place: Place, name: str) -> bool:
    """Whether a special method of any class may ask for rows of the model that is created."""
    asked = place.project.shared(Implicit).asked_for(name, place.inference)
    return any(each == ANY or is_kin(place.project, each, place.model.name) for each in asked)
