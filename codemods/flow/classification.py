"""What becomes of an object at the place where an expression names it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal

UseKind = Literal[
    "read",
    "store",
    "call",
    "pass",
    "return",
    "yield",
    "alias",
    "compare",
    "truth",
    "format",
    "iterate",
    "subscript",
    "capture",
    "rebind",
    "other",
]

Parents = Mapping[ast.AST, ast.AST]


def kinds_of(node: ast.AST, parents: Parents) -> tuple[UseKind, ...]:
    """The kinds of use that the surroundings of a loaded expression make of its value.

    More than one where an operand of `and` / `or` is tested and may also be the result.
    """
    tested = False
    while True:
        parent = parents.get(node)
        if isinstance(parent, ast.BoolOp):
            tested = tested or node is not parent.values[-1]
        elif not isinstance(parent, ast.IfExp) or node is parent.test:
            break
        node = parent
    kind = _kind(node, parent, parents)
    return ("truth", kind) if tested and kind != "truth" else (kind,)


def _kind(node: ast.AST, parent: ast.AST | None, parents: Parents) -> UseKind:
    match parent:
        case ast.Call(func=function):
            return "other" if function is node else "pass"
        case ast.keyword(arg=str()) if isinstance(parents.get(parent), ast.Call):
            return "pass"
        case ast.Return() | ast.Lambda():
            return "return"
        case ast.Yield():
            return "yield"
        case ast.FormattedValue():
            return "format"
        case ast.Subscript(value=value) if value is node:
            return "subscript"
        case ast.MatchValue():
            return "compare"
        case ast.Compare():
            return _compared(node, parent)
        case ast.BinOp():
            return "format" if _is_template(parent) else "other"
    return _tested(node, parent) or _stored(node, parent, parents) or _iterated(node, parent)


def _tested(node: ast.AST, parent: ast.AST | None) -> UseKind | None:
    match parent:
        case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test) if test is node:
            return "truth"
        case ast.IfExp() | ast.UnaryOp(op=ast.Not()):
            return "truth"
        case ast.comprehension(ifs=tests) if node in tests:
            return "truth"
        case ast.match_case(guard=guard) if guard is node:
            return "truth"
    return None


def _stored(node: ast.AST, parent: ast.AST | None, parents: Parents) -> UseKind | None:
    match parent:
        case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is node:
            return "alias"
        case ast.NamedExpr() | ast.Set() | ast.Dict() | ast.arguments():
            return "alias"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return "alias"
        case ast.Tuple() | ast.List():
            return "format" if _is_template(parents.get(parent)) else "alias"
    return None


def _iterated(node: ast.AST, parent: ast.AST | None) -> UseKind:
    match parent:
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) if iterable is node:
            return "iterate"
        case ast.comprehension(iter=iterable) if iterable is node:
            return "iterate"
        case ast.YieldFrom() | ast.Starred():
            return "iterate"
    return "other"


def _compared(node: ast.AST, comparison: ast.Compare) -> UseKind:
    """`x in path` asks the container; everything else compares."""
    for operator, operand in zip(comparison.ops, comparison.comparators, strict=True):
        if operand is node and isinstance(operator, (ast.In, ast.NotIn)):
            return "iterate"
    return "compare"


def _is_template(node: ast.AST | None) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    )
