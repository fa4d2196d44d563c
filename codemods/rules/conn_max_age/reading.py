"""Code that looks at all entries of a database, and so at the new ones: `connect(**db)`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.project.test_files import is_test
from djfix.codemods.rules.conn_max_age.places import DATABASES
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_OF_ALIASES = frozenset({"keys", "get", "setdefault", "pop", "update", "copy"})
_OF_ENTRIES = frozenset({"get", "setdefault", "pop", "update"})
"""Methods by which an alias, or an entry, is named; what they change is evaluated."""

_CHANGING = frozenset({"setdefault", "pop", "update"})


def read_whole(project: Project, settings: Collection[str]) -> str:
    """The first "path:line" that goes through the entries of a database, or hands it on."""
    for path in project.files.containing(DATABASES.encode()):
        if is_test(project, path) and path not in settings:
            continue
        document = project.files.document(path)
        try:
            nodes = [*walk(document.tree)]
        except (Unreadable, OSError):
            continue
        for node in nodes:
            if _is_databases(node) and _is_whole(node, document.parents):
                return f"{path}:{getattr(node, 'lineno', 0)}"
    return ""


def _is_databases(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
            return name == DATABASES
    return False


def _is_whole(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether more is done with the databases than to name one, or one of its entries."""
    parent = parents.get(node)
    match parent:
        case ast.Subscript(value=value) if value is node:
            return _is_database_whole(parent, parents)
        case ast.Attribute(attr=method):
            call = parents.get(parent)
            if method not in _OF_ALIASES or not isinstance(call, ast.Call):
                return True
            return method not in _CHANGING | {"keys"} and _is_database_whole(call, parents)
        case ast.Compare() | ast.For() | ast.comprehension():
            return isinstance(parent, ast.Compare) and not isinstance(parent.ops[0], ast.In)
    return True


def _is_database_whole(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return False
    parent = parents.get(node)
    match parent:
        case ast.Subscript(value=value, slice=key) if value is node:
            return not isinstance(key, ast.Constant)
        case ast.Attribute(attr=method):
            call = parents.get(parent)
            named = isinstance(call, ast.Call) and (method == "update" or _is_by_name(call))
            return method not in _OF_ENTRIES or not named
        case ast.Compare(ops=[ast.In() | ast.NotIn()]):
            return False
        case ast.Expr():
            return False
    return True


def _is_by_name(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)
