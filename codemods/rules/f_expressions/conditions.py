"""The guard before a change: the comparison that must hold in the row, not only in memory."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.inference.saving.saves import Save
from djfix.codemods.rules.f_expressions.shapes import Change, reads
from djfix.codemods.source.chains import Path
from djfix.codemods.source.walking import walk

_SUCCEEDS: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt",
    ast.LtE: "lte",
    ast.Gt: "gt",
    ast.GtE: "gte",
    ast.Eq: "",
    ast.NotEq: "ne",
}
_OPPOSITE = {"lt": "gte", "lte": "gt", "gt": "lte", "gte": "lt", "": "ne", "ne": ""}
_SWAPPED = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte", "": "", "ne": "ne"}
_ENDING = (ast.Raise, ast.Return, ast.Continue, ast.Break)


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A guard right before its change. `failing`: its body is what happens on failure.

    `test` is the node that the query takes the place of; `value` None means zero.
    """

    statement: ast.If
    test: ast.expr
    lookup: str
    value: ast.expr | None
    failing: bool


def guard_of(change: Change, save: Save, block: list[ast.stmt], owner: ast.AST) -> Guard | None:
    """The guard of a change whose save follows it directly; None for any other layout.

    `block` is the list of statements that holds both and `owner` the node that holds the block.
    """
    index = block.index(change.statement)
    if index + 1 >= len(block) or block[index + 1] is not save.statement:
        return None
    before = block[index - 1] if index else None
    if isinstance(before, ast.If) and not before.orelse and isinstance(before.body[-1], _ENDING):
        return _guard(before, change, failing=True)
    if index == 0 and isinstance(owner, ast.If) and block is owner.body:
        return _guard(owner, change, failing=False)
    return None


def _guard(statement: ast.If, change: Change, *, failing: bool) -> Guard | None:
    """The comparison is the whole test, or the last operand: `or` of a failure, `and` of a success.

    Only the last is evaluated just before the change, and only if all others allow it.
    """
    test = statement.test
    joining = ast.Or if failing else ast.And
    if isinstance(test, ast.BoolOp) and isinstance(test.op, joining):
        test = test.values[-1]
    found = _comparison(test, change.path, change.field)
    if found is None:
        return None
    lookup, value = found
    return Guard(statement, test, _OPPOSITE[lookup] if failing else lookup, value, failing)


def _comparison(test: ast.expr, path: Path, field: str) -> tuple[str, ast.expr | None] | None:
    """The lookup that is true with `test`, and what the field is compared with."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _comparison(test.operand, path, field)
        return None if inner is None else (_OPPOSITE[inner[0]], inner[1])
    if reads(test, path, field):
        return "ne", None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    lookup, right = _SUCCEEDS.get(type(test.ops[0])), test.comparators[0]
    if lookup is None:
        return None
    if reads(test.left, path, field):
        return lookup, right
    return (_SWAPPED[lookup], test.left) if reads(right, path, field) else None


def blocks_of(node: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """Every list of statements within a node, with the node that holds it."""
    for owner in walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield owner, block
