"""Names of a module that other code sets, or that a module answers by a `__getattr__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.project.importers import nodes_near
from djfix.codemods.project.test_files import is_named_as_test
from djfix.codemods.source.chains import dotted_name, last_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_ASKING = frozenset({"getattr", "hasattr", "delattr"})


def answered_by_code(project: Project, path: str, name: str) -> str:
    """The file whose `__getattr__` answers for a name: this one, where others ask it for the name,
    or one that it takes everything of (`import *`); "" if there is none."""
    facts = project.module(path)
    if facts is None:
        return ""
    if facts.function("__getattr__") is not None and project.importers(path, name):
        return path
    for each in facts.imports:
        source = project.imported_from(path, each) if each.name == "*" else None
        other = project.module(source) if source is not None else None
        if other is None or other.function("__getattr__") is None:
            continue
        if other.exports_unclear or name in (other.exports or ()):
            return source or ""
    return ""


def set_from_outside(project: Project, path: str, name: str) -> str:
    """The first file that sets a name in the module at a path (`views.F = f`); "" if none does."""
    spelled = [f".{name} =", f".{name}=", f".{name}:", f'"{name}"', f"'{name}'"]
    for other in project.files.containing(*(each.encode() for each in spelled)):
        if is_named_as_test(other):
            continue
        for node in nodes_near(project.files, other, name):
            owners = [*_owners(node, name)]
            if any(_may_be_module(project, other, each, path) for each in owners):
                return other
    return ""


def _owners(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """What gets a name: `views.F = f`, `vars(views)["F"] = f`, `setattr(views, "F", f)`."""
    match node:
        case ast.Attribute(value=owner, attr=attr, ctx=ast.Store()) if attr == name:
            yield owner
        case ast.Subscript(value=owner, slice=ast.Constant(value=key), ctx=ast.Store()):
            if key == name and _is_namespace(owner):
                yield owner
        case ast.Call(func=function, args=[owner, ast.Constant(value=key), _, *_]):
            if key == name and last_name(function) not in _ASKING:
                yield owner


def _is_namespace(owner: ast.expr) -> bool:
    """The names of a module as a dict."""
    match owner:
        case ast.Call(func=ast.Name(id="vars" | "globals")) | ast.Attribute(attr="__dict__"):
            return True
    return False


def _may_be_module(project: Project, other: str, owner: ast.expr, path: str) -> bool:
    """Whether an expression is the module at a path, or may be."""
    if any(
        isinstance(each, ast.Call) and last_name(each.func) == "globals" for each in walk(owner)
    ):
        return other == path
    inner = owner.args[0] if _is_vars(owner) and isinstance(owner, ast.Call) else owner
    inner = inner.value if isinstance(inner, ast.Attribute) and inner.attr == "__dict__" else inner
    dotted = dotted_name(inner)
    if dotted is None:
        texts = {each.value for each in walk(inner) if isinstance(each, ast.Constant)}
        return any(isinstance(each, str) and project.path_of(each) == path for each in texts)
    if dotted.partition(".")[0] in {"self", "cls"}:
        return False
    resolved = project.resolve(other, dotted)
    return resolved is None or project.path_of(resolved) == path


def _is_vars(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Call) and last_name(owner.func) == "vars" and bool(owner.args)
