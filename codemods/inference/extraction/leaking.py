"""Values that a serializer converts: whether a view shows them to somebody in their own form.

A Decimal is a number in the JSON of a request and a text in that of a response; `str()` of it has
the places of its field. In a column either becomes the same.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from djfix.codemods.inference.extraction.body_reads import makes_rows
from djfix.codemods.inference.extraction.views import View, is_filled_class
from djfix.codemods.source.walking import children, walk

_COMPUTING = frozenset(
    {"sum", "min", "max", "abs", "len", "bool", "int", "float", "decimal.Decimal", "sorted"}
)
"""Calls whose result is a value like their arguments, and that nobody sees."""


def leak_of(view: View, sources: Collection[ast.AST], columns: Collection[str]) -> ast.AST | None:
    """A place where a value that comes from these nodes is shown: in an answer, or to a function
    that is not known. `columns`: attributes that such a value may have got besides."""
    tainted = _tainted(view, sources)
    attributes = _attributes(view, sources, tainted) | frozenset(columns)
    for node in walk(view.function):
        if _shows(view, node) and _holds(view, node, sources, tainted, attributes):
            return node
    return None


def _shows(view: View, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not _is_harmless(view, node)
    return isinstance(node, ast.Return | ast.JoinedStr)


def _tainted(view: View, sources: Collection[ast.AST]) -> frozenset[str]:
    """The variables that may hold something computed from the values."""
    found: set[str] = set()
    while True:
        before = len(found)
        for node in walk(view.function):
            for value, targets in _bindings(node):
                if _computes(view, value, sources, found):
                    found |= {each.id for each in targets if isinstance(each, ast.Name)}
        if len(found) == before:
            return frozenset(found)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, list[ast.AST]]]:
    match node:
        case ast.Assign(value=value, targets=targets):
            yield value, [each for target in targets for each in walk(target)]
        case ast.AugAssign(value=value, target=target) | ast.NamedExpr(value=value, target=target):
            yield value, [target]
        case ast.AnnAssign(value=ast.expr() as value, target=target):
            yield value, [target]
        case ast.For(iter=value, target=target) | ast.comprehension(iter=value, target=target):
            yield value, [*walk(target)]


def _computes(
    view: View, value: ast.AST, sources: Collection[ast.AST], names: Collection[str]
) -> bool:
    """Whether an expression's value is made of the values; rows that are made are no such."""
    if value in sources or (isinstance(value, ast.Name) and value.id in names):
        return True
    if isinstance(value, ast.Call) and makes_rows(view, value):
        return False
    return any(_computes(view, each, sources, names) for each in children(value))


def _attributes(view: View, sources: Collection[ast.AST], names: Collection[str]) -> frozenset[str]:
    """The columns that were given such a value, which an object in memory keeps as it is."""
    found: set[str] = set()
    for node in walk(view.function):
        match node:
            case ast.Assign(value=value, targets=targets):
                if _computes(view, value, sources, names):
                    found |= {each.attr for each in targets if isinstance(each, ast.Attribute)}
            case ast.AugAssign(value=value, target=ast.Attribute(attr=attr)):
                if _computes(view, value, sources, names):
                    found.add(attr)
            case ast.Call(keywords=keywords) if makes_rows(view, node):
                for each in keywords:
                    if each.arg and _computes(view, each.value, sources, names):
                        found.add(each.arg)
    return frozenset(found)


def _is_harmless(view: View, call: ast.Call) -> bool:
    """A call that keeps the values to itself, makes columns of them, or renders rows by fields."""
    resolved = view.inference.resolve(call.func)
    if resolved in _COMPUTING or makes_rows(view, call):
        return True
    return resolved is not None and is_filled_class(view.project, resolved)


def _holds(
    view: View,
    node: ast.AST,
    sources: Collection[ast.AST],
    names: Collection[str],
    attributes: Collection[str],
) -> bool:
    """Whether something shown has the value itself in it."""
    if node in sources or (isinstance(node, ast.Name) and node.id in names):
        return True
    if isinstance(node, ast.Attribute) and node.attr in attributes:
        return True
    if isinstance(node, ast.Call) and _is_harmless(view, node):
        resolved = view.inference.resolve(node.func)
        if resolved not in _COMPUTING:
            return False
    return any(_holds(view, each, sources, names, attributes) for each in children(node))
