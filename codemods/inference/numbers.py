"""The Python type of a number: what arithmetic and builtins make of it.

Only results that hold for every value are given: `int ** int` may be a float, so it is unknown.
"""

from __future__ import annotations

import ast

from djfix.codemods.inference.values import Number, Plain, Unknown, Value, joined

_EXACT = frozenset({"int", "bool"})


def of_constant(value: object) -> Value:
    """The number that a literal is."""
    for type_, kind in ((bool, "bool"), (int, "int"), (float, "float")):
        if isinstance(value, type_):
            return Number(kind)
    return Unknown()


def of_operation(operator: ast.operator, left: Value, right: Value) -> Value:
    """The number that `left operator right` is, if both are numbers that are not None."""
    if not (isinstance(left, Number) and isinstance(right, Number)):
        return Unknown("its type is not known")
    if left.optional or right.optional:
        return Unknown("it may be None")
    return _of_kinds(operator, left.kind, right.kind)


def _of_kinds(operator: ast.operator, left: str, right: str) -> Value:
    kinds = {"int" if kind in _EXACT else kind for kind in (left, right)}
    additive = isinstance(operator, ast.Add | ast.Sub)
    if kinds == {"int"}:
        if additive or isinstance(operator, ast.Mult | ast.FloorDiv | ast.Mod):
            return Number("int")
        return (
            Number("float") if isinstance(operator, ast.Div) else Unknown("its type is not known")
        )
    arithmetic = additive or isinstance(operator, ast.Mult | ast.Div)
    if kinds <= {"int", "decimal", "int-or-decimal"} and arithmetic:
        return _of_decimals(operator, kinds)
    if kinds <= {"int", "float"} and arithmetic:
        return Number("float")
    if kinds == {"timedelta"} and additive:
        return Number("timedelta")
    if kinds == {"timedelta", "int"} and isinstance(operator, ast.Mult):
        return Number("timedelta")
    return Unknown("its type is not known")


def _of_decimals(operator: ast.operator, kinds: set[str]) -> Value:
    """A Decimal makes the other one a Decimal; without a certain one, `/` may give a float."""
    if "decimal" in kinds:
        return Number("decimal")
    if isinstance(operator, ast.Div):
        return Unknown("it is a float where nothing was added up")
    return Number("int-or-decimal")


def of_sign(value: Value) -> Value:
    """What `-value`, `+value` and `abs(value)` are."""
    if not isinstance(value, Number) or value.optional:
        return Unknown("its type is not known")
    return Number("int") if value.kind == "bool" else value


def of_sum(start: Value, item: Value) -> Value:
    """What `sum` makes of items of one kind; the start alone where there are none."""
    if start == Number("int") and item == Number("float"):
        return item
    return joined((start, of_operation(ast.Add(), start, item)))


def of_rounding(value: Value, digits: Value | None) -> Value:
    """What `round(value)` or `round(value, digits)` is; `digits` None: not given."""
    if not isinstance(value, Number) or value.optional or value.kind == "timedelta":
        return Unknown("what is rounded is not known")
    if digits is None or digits == Plain("none"):
        return Number("int")
    return of_sign(value) if digits == Number("int") else Unknown("how it is rounded is not known")


def fits(value: Value, field_kind: str) -> bool:
    """Whether adding `value` in SQL gives what adding it in Python and saving it gave.

    Measured: `IntegerField -= 0.5` stores 4 from Python, 4.5 (SQLite) or 5 (PostgreSQL) from F;
    `Decimal - float` is a TypeError in Python and passes in SQL; PostgreSQL adds no boolean to an
    integer.
    """
    if not isinstance(value, Number) or value.optional:
        return False
    allowed = {
        "integer": {"int"},
        "decimal": {"int", "decimal", "int-or-decimal"},
        "float": {"int", "float"},
        "duration": {"timedelta"},
    }
    return value.kind in allowed.get(field_kind, set())
