"""Lists into which a function puts other elements than those that they were made with."""

from __future__ import annotations

import ast

from djfix.codemods.source.walking import walk

_KEEPING = frozenset(
    {"index", "count", "copy", "pop", "remove", "discard", "clear", "sort", "reverse"}
)
"""Methods of lists and sets that put nothing into them."""


def filled_lists(function: ast.AST) -> frozenset[str]:
    """The names of the lists that get further elements, anywhere in the function."""
    return frozenset(name for node in walk(function) if (name := _filled(node)) is not None)


def _filled(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            return None if method in _KEEPING else name
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
            return name
    return None
