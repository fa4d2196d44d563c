"""The Python type of a number: what arithmetic and builtins make of it.

Only results that hold for every value are given: `int ** int` may be a float, so it is unknown.
"""

from __future__ import annotations

import ast

from djfix.codemods.inference.values import Number, Unknown, Value

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
    if kinds <= {"int", "decimal"} and arithmetic:
        return Number("decimal")
    if kinds <= {"int", "float"} and arithmetic:
        return Number("float")
    if kinds == {"timedelta"} and additive:
        return Number("timedelta")
    if kinds == {"timedelta", "int"} and isinstance(operator, ast.Mult):
        return Number("timedelta")
    return Unknown("its type is not known")


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
        "decimal": {"int", "decimal"},
        "float": {"int", "float"},
        "duration": {"timedelta"},
    }
    return value.kind in allowed.get(field_kind, set())
