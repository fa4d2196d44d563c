"""A name with the attributes that follow it, `order.account`: its parts, and its spelling."""

from __future__ import annotations

import ast

Path = tuple[str, ...]
"""A chain such as ("order", "account"): a variable and the attributes that follow it."""


def path_of(node: ast.AST | None) -> Path | None:
    """The chain that an expression spells, None if it is anything else."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(attributes))


def last_name(node: ast.AST) -> str:
    """The name that a chain ends with, whatever it begins with: `c` of `a().b.c`; else ""."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted_name(node: ast.AST) -> str | None:
    """ "a.b.c" of a chain of plain names, else None."""
    path = path_of(node)
    return None if path is None else ".".join(path)
