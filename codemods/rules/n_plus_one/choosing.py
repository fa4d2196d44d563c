"""Whether a view's own code takes fields out of a serializer that it has made."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.project.known_order import known_order
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

_TAKING = frozenset({"pop", "popitem", "clear", "__delitem__"})


def takes_out_fields(project: Project, view: str) -> bool:
    """`serializer.fields.pop("customer")`, also of the one that renders each row (`child`)."""
    memory = project.shared(Memory)
    for cls in known_order(project, view):
        for document, function in memory.methods(cls):
            lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
            if _names_fields(document, lines) and any(map(_takes_out, walk(function))):
                return True
    return False


def _names_fields(document: Document, lines: range) -> bool:
    return any(".fields" in document.line_text(line) for line in lines)


def _takes_out(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr == "fields" for each in _taken(node))


def _taken(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _TAKING:
            yield owner
        case ast.Subscript(value=owner, ctx=ast.Del()):
            yield owner
        case ast.Attribute(value=ast.Subscript(value=owner), attr="write_only", ctx=ast.Store()):
            yield owner
        case ast.Attribute(attr="fields", ctx=ast.Store()):
            yield node
