"""The shape of a field that is changed by its own value."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from djfix.codemods.project.expressions import OPERATORS
from djfix.codemods.source.chains import Path, path_of
from djfix.codemods.source.walking import walk

_SYMBOLS: dict[type[ast.operator], str] = {
    **OPERATORS,
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
    path = path_of(target.value)
    if path is None:
        return None
    symbol = _SYMBOLS.get(type(statement.op), "@")
    return Change(statement, path, target.attr, symbol, (statement.value,))


def _assigned(statement: ast.Assign, target: ast.expr) -> Change | None:
    if not isinstance(target, ast.Attribute):
        return None
    path = path_of(target.value)
    if path is None:
        return None
    own = [node for node in walk(statement.value) if reads(node, path, target.attr)]
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
        in_left = any(node is own for node in walk(value.left))
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
        and path_of(node.value) == path
    )
