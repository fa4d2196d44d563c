"""From a plan to an edit: the queryset's own text, asked by `exists()` or `count()`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.exists.judging import Plan


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The one replacement."""
    import libcst as cst

    from djfix.codemods.rewriting.edits import Replace

    rows, whole = trees.node(path, plan.rows), trees.node(path, plan.node)
    assert isinstance(rows, cst.BaseExpression)
    assert isinstance(whole, cst.BaseExpression)
    method = "count" if plan.form == "count" else "exists"
    # The parentheses around what is replaced stay, and hold its lines together.
    receiver = _receiver(rows, "" if whole.lpar else trees.code(path, rows))
    asked: cst.BaseExpression = cst.Call(cst.Attribute(receiver, cst.Name(method)))
    if plan.form == "not-exists":
        asked = cst.UnaryOperation(cst.Not(), asked)
    yield Replace(path, plan.node, asked)


def _receiver(rows: cst.BaseExpression, code: str) -> cst.BaseExpression:
    """The queryset in parentheses, where it goes over lines that nothing else brackets, or would
    not be what the method is called on."""
    import libcst as cst

    is_primary = isinstance(rows, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    try:
        ast.parse(code)
    except SyntaxError:
        is_primary = False
    if is_primary or rows.lpar:
        return rows
    return rows.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
