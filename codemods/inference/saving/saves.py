"""The saves in one function, and the objects that are saved, by the names they go by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.inference.expressions import Function
from djfix.codemods.source.chains import Path, path_of
from djfix.codemods.source.definitions import own_statements


@dataclass(frozen=True, slots=True, eq=False)
class Save:
    """`path.save(...)` as a statement. `update_fields` is None where it is not given."""

    statement: ast.Expr
    call: ast.Call
    path: Path
    awaited: bool
    update_fields: tuple[str, ...] | None
    readable: bool
    """Whether its arguments are understood: none, or keywords with a literal `update_fields`."""


def statements_of(function: Function) -> Iterator[ast.stmt]:
    """Every statement of the function itself, in the order of the file; not of inner functions."""
    return own_statements(function.body)


def save_of(statement: ast.stmt) -> Save | None:
    """The save that a statement is, if it is one."""
    if not isinstance(statement, ast.Expr):
        return None
    awaited = isinstance(statement.value, ast.Await)
    call = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    path = path_of(call.func.value)
    if path is None or call.func.attr != ("asave" if awaited else "save"):
        return None
    update_fields, readable = _update_fields(call)
    return Save(statement, call, path, awaited, update_fields, readable)


def _update_fields(call: ast.Call) -> tuple[tuple[str, ...] | None, bool]:
    if call.args or any(item.arg != "update_fields" for item in call.keywords):
        return None, False
    given = [item.value for item in call.keywords if item.arg == "update_fields"]
    if not given or (isinstance(given[0], ast.Constant) and given[0].value is None):
        return None, not given
    if not isinstance(given[0], ast.List | ast.Tuple | ast.Set):
        return None, False
    names = [item.value for item in given[0].elts if isinstance(item, ast.Constant)]
    texts = tuple(name for name in names if isinstance(name, str))
    return texts, len(texts) == len(given[0].elts) and bool(texts)
