"""The shapes in one function: a field changed by its own value, and the saves of its object."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.inference.expressions import Function
from djfix.codemods.source.definitions import inner_statements

Path = tuple[str, ...]
"""An object path: `order.account` is ("order", "account")."""

_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """`path.field` changed by its own value.

    `operator` is "+" or "-" where F can do the same, another symbol where it can't, and
    "conditional" where the value is wrapped (`max(0, x.f - 1)`). `own` is where the right side
    reads the field itself (None in `+=`), `deltas` what is added or taken.
    """

    statement: ast.AugAssign | ast.Assign
    path: Path
    field: str
    operator: str
    deltas: tuple[ast.expr, ...]
    own: ast.Attribute | None = None

    @property
    def target(self) -> ast.Attribute:
        """The attribute that is changed."""
        statement = self.statement
        found = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        assert isinstance(found, ast.Attribute)
        return found


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
    waiting: list[ast.stmt] = list(reversed(function.body))
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting.extend(reversed(list(inner_statements(statement))))


def object_path(expression: ast.expr) -> Path | None:
    """The path of a name or attribute chain, else None."""
    names: list[str] = []
    while isinstance(expression, ast.Attribute):
        names.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    return (expression.id, *reversed(names))


def change_of(statement: ast.stmt) -> Change | None:
    """The change that a statement makes, if it is one."""
    if isinstance(statement, ast.AugAssign):
        return _augmented(statement)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return _assigned(statement, statement.targets[0])
    return None


def _augmented(statement: ast.AugAssign) -> Change | None:
    target = statement.target
    if not isinstance(target, ast.Attribute):
        return None
    path = object_path(target.value)
    if path is None:
        return None
    symbol = _SYMBOLS.get(type(statement.op), "@")
    return Change(statement, path, target.attr, symbol, (statement.value,))


def _assigned(statement: ast.Assign, target: ast.expr) -> Change | None:
    if not isinstance(target, ast.Attribute):
        return None
    path = object_path(target.value)
    if path is None:
        return None
    own = [node for node in ast.walk(statement.value) if reads(node, path, target.attr)]
    if not own:
        return None
    if len(own) > 1 or not isinstance(own[0], ast.Attribute):
        return Change(statement, path, target.attr, "conditional", (statement.value,))
    operator, deltas = _additive(statement.value, own[0])
    return Change(statement, path, target.attr, operator, deltas, own[0])


def _additive(value: ast.expr, own: ast.Attribute) -> tuple[str, tuple[ast.expr, ...]]:
    """The operator and operands of a sum in which the field itself stands once and is not negated.

    Of several operands, as in `x.f + a - b`, one that is taken makes the whole a decrement.
    """
    deltas: list[ast.expr] = []
    symbols: set[str] = set()
    while value is not own:
        if not isinstance(value, ast.BinOp):
            return "conditional", ()
        symbol = _SYMBOLS.get(type(value.op), "@")
        in_left = any(node is own for node in ast.walk(value.left))
        if symbol not in {"+", "-"} or (symbol == "-" and not in_left):
            return symbol if symbol not in {"+", "-"} else "conditional", ()
        deltas.append(value.right if in_left else value.left)
        symbols.add(symbol)
        value = value.left if in_left else value.right
    return "-" if "-" in symbols else "+", tuple(reversed(deltas))


def reads(node: ast.AST, path: Path, field: str) -> bool:
    """Whether the node loads `path.field`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == field
        and isinstance(node.ctx, ast.Load)
        and object_path(node.value) == path
    )


def save_of(statement: ast.stmt) -> Save | None:
    """The save that a statement is, if it is one."""
    if not isinstance(statement, ast.Expr):
        return None
    awaited = isinstance(statement.value, ast.Await)
    call = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return None
    path = object_path(call.func.value)
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
