"""The nodes below a node of `ast`, in the order of `ast.walk` and in a fraction of its time.

Contexts and operators (`ast.Load`, `ast.Add`) are left out: they hold nothing, and `ast` shares
one instance of each among all places.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_HOLDING: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Name: (),
    ast.Attribute: ("value",),
    ast.Constant: (),
    ast.Subscript: ("value", "slice"),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Starred: ("value",),
    ast.AugAssign: ("target", "value"),
    ast.arg: ("annotation",),
    ast.keyword: ("value",),
    ast.alias: (),
    ast.Import: ("names",),
    ast.ImportFrom: ("names",),
}
"""The fields of the commonest nodes that may hold others; of all the rest, any may."""


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below."""
    found: list[ast.AST] = []
    for name in _HOLDING.get(type(node), node._fields):
        value = getattr(node, name, None)
        if type(value) is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node itself and all below, level by level."""
    found = [node]
    for each in found:
        yield each
        if _HOLDING.get(type(each), ("",)):
            found += children(each)


def parents_in(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Each node below, to the node that holds it; the last one where many share a node."""
    parents: dict[ast.AST, ast.AST] = {}
    found = [tree]
    for each in found:
        below = children(each)
        found += below
        for child in below:
            parents[child] = each
    return parents


def blocks_in(body: Iterable[ast.AST]) -> dict[ast.AST, ast.AST]:
    """Each statement, handler and case below some statements, to the node in whose block it
    stands."""
    blocks: dict[ast.AST, ast.AST] = {}
    found = [*body]
    for each in found:
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            for child in getattr(each, name, ()):
                blocks[child] = each
                found.append(child)
    return blocks
