"""What a method or property of a model assigns to the object itself, as far as its body tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.inference.saving.columns import is_plain
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import children, walk

if TYPE_CHECKING:
    from djfix.codemods.project.models import Field, Model
    from djfix.codemods.project.project import Project

_BY_NAME = frozenset({"setattr", "delattr", "super", "vars", "exec", "eval", "locals", "globals"})
_PLAIN_DECORATORS = frozenset(
    {
        "property",
        "cached_property",
        "functools.cached_property",
        "django.utils.functional.cached_property",
        "admin.display",
        "display",
    }
)
_MOST = 12
"""Of more methods than this that call each other, nothing is known."""


def stored_by_member(project: Project, model: Model, name: str) -> frozenset[str] | None:
    """The attributes that calling a method, or reading a property, assigns to the object.

    None where the code is not all seen, or does anything to the object that is not an assignment.
    """
    return _Reading(project, model).of(name)


IMPLICIT = (
    *("__str__", "__repr__", "__format__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__"),
    *("__ge__", "__hash__", "__bool__", "__len__", "__iter__", "__contains__"),
)
"""Methods that run where no call of them is written."""


def assigns_implicitly(project: Project, model: Model) -> str:
    """A method of IMPLICIT that assigns to the object; "" if none does."""
    for name in IMPLICIT:
        info = model.methods.get(name) or model.overrides.get(name)
        if info is None or info.path is None:
            continue
        function = project.files.document(info.path).function_at(info.line)
        if function is not None and any(_assigns(node) for node in walk(function)):
            return name
    return ""


def _assigns(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            return True
        case ast.Name(id=name):
            return name in {"setattr", "delattr"}
    return False


def stored_by_setter(project: Project, model: Model, name: str) -> frozenset[str] | None:
    """As `stored_by_member`, of an assignment to a property."""
    info = model.properties.get(name)
    if info is None or info.path is None or not info.has_setter:
        return None
    found = [
        node
        for node in _members(project, info.path, info.cls)
        if node.name == name and any(_is_setter(item, name) for item in node.decorator_list)
    ]
    return _Reading(project, model).in_function(found[0]) if len(found) == 1 else None


def _is_setter(decorator: ast.expr, name: str) -> bool:
    return ast.unparse(decorator) == f"{name}.setter"


def _members(project: Project, path: str, cls: str) -> Iterator[FunctionNode]:
    own = cls.rpartition(".")[2]
    for node in walk(project.files.document(path).tree):
        if isinstance(node, ast.ClassDef) and node.name == own:
            yield from (item for item in node.body if isinstance(item, FunctionNode))


class _Reading:
    """Reads members that use each other; each is read once."""

    def __init__(self, project: Project, model: Model) -> None:
        self._project = project
        self._model = model
        self._seen: set[str] = set()

    def of(self, name: str) -> frozenset[str] | None:
        info = self._model.methods.get(name) or self._model.properties.get(name)
        if info is None:
            return None
        if info.path is None:
            is_property = name in self._model.properties
            return frozenset() if is_property and info.cls.startswith("django.") else None
        if name in self._seen:
            return frozenset()
        self._seen.add(name)
        document = self._project.files.document(info.path)
        function = document.function_at(info.line)
        if function is None or len(self._seen) > _MOST:
            return None
        if not all(_is_known(item) for item in function.decorator_list):
            return None
        return self.in_function(function)

    def in_function(self, function: FunctionNode) -> frozenset[str] | None:
        arguments = (*function.args.posonlyargs, *function.args.args)
        if not arguments or isinstance(function, ast.AsyncFunctionDef):
            return None
        own = arguments[0].arg
        stored: set[str] = set()
        parents = {child: node for node in walk(function) for child in children(node)}
        for node in walk(function):
            found = self._of_node(node, own, parents)
            if found is None:
                return None
            stored |= found
        return frozenset(stored)

    def _of_node(
        self, node: ast.AST, own: str, parents: dict[ast.AST, ast.AST]
    ) -> frozenset[str] | None:
        match node:
            case ast.Name(id=name) if name in _BY_NAME:
                return None
            case ast.Name(id=name, ctx=context) if name == own:
                return _of_own(node, context, parents)
            case ast.Attribute(value=ast.Name(id=name)) if name == own:
                return self._of_attribute(node, parents)
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                return None
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                return None
        return frozenset()

    def _of_attribute(
        self, node: ast.Attribute, parents: dict[ast.AST, ast.AST]
    ) -> frozenset[str] | None:
        name = node.attr
        if isinstance(node.ctx, ast.Store):
            return frozenset({name}) if self._model.field(name) is not None else None
        if isinstance(node.ctx, ast.Del):
            return None
        field = self._model.field(name)
        if field is not None:
            is_key = field.relation is not None and name == field.attname
            return frozenset() if is_key or is_plain(field) or _leads_to_one(field) else None
        if name == "pk" or name.isupper():
            return frozenset()
        parent = parents.get(node)
        called = isinstance(parent, ast.Call) and parent.func is node
        if called and name.startswith("get_") and name.endswith("_display"):
            return frozenset()
        if called == (name in self._model.methods) and name not in {"save", "delete"}:
            return self.of(name)
        return None


def _leads_to_one(field: Field) -> bool:
    return field.relation is not None and field.relation.kind == "foreign-key"


def _of_own(
    node: ast.Name, context: ast.expr_context, parents: dict[ast.AST, ast.AST]
) -> frozenset[str] | None:
    """The object by its own name: only what looks at it, and its attributes."""
    if not isinstance(context, ast.Load):
        return None
    parent = parents.get(node)
    looks = isinstance(parent, ast.Attribute | ast.FormattedValue | ast.Compare)
    traced = isinstance(parent, ast.Call) and parent.func is not node and is_trace(parent)
    return frozenset() if looks or traced else None


def _is_known(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called) in _PLAIN_DECORATORS
