"""Code that runs while objects are made: a join makes them at another time, and other ones.

`__init__`, `from_db` and receivers of `post_init` run for each row that is joined, before the key
of the row that leads there is filled.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.joins import lookup_of
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.project.test_files import is_test
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

_MAKING = ("__new__", "__init__", "__setattr__", "from_db")
_SIGNALS = ("pre_init", "post_init")
_OF_CLASS = frozenset({"cls", "sender", "klass"})
"""Parameters that stand for a class, which all of its objects share."""

_SILENT = frozenset(
    {
        *("super", "dict", "list", "set", "tuple", "frozenset", "str", "int", "float", "bool"),
        *("len", "zip", "enumerate", "sorted", "getattr", "setattr", "hasattr", "isinstance"),
        *("issubclass", "type", "vars", "range", "min", "max", "any", "all", "sum", "object"),
    }
)
_SILENT_MODULES = ("copy.", "datetime.", "decimal.", "django.utils.", "json.", "uuid.")
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Making:
    """A function that runs when an object of `model` is made, in the file `path`; `cls`: of which
    class its `self` is."""

    path: str
    function: FunctionNode
    cls: str
    model: Model


def made_with(project: Project, paths: Iterable[Path]) -> Iterator[Reason]:
    """Models whose code runs when one is made: it names the key that a join fills later, or does
    for each object that is joined more than to set it up."""
    found: dict[str, None] = {}
    for path in sorted(paths, key=lookup_of):
        for hop in path:
            found.update({hop.model: None} if _names_key(project, hop) else {})
            found.update({hop.target: None} if _does_more(project, hop.target) else {})
    for name in found:
        short = name.rpartition(".")[2]
        text = f"code that runs when a {short} is made reads rows, counts, or sets a joined key"
        yield Reason("reads-while-made", text)


def _names_key(project: Project, hop: Hop) -> bool:
    names = {hop.name, f"{hop.name}_id"}
    return any(_spells(making.function, names) for making in _makings(project, hop.model))


def _spells(function: FunctionNode, names: set[str]) -> bool:
    for node in walk(function):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str() as name):
                if name in names:
                    return True
    return False


def _does_more(project: Project, name: str) -> bool:
    if project.shared(Accesses).made(name).touches:
        return True
    if any(each.handler_path is None for each in project.receivers(name, _SIGNALS)):
        return True
    return not all(_sets_up(project, making) for making in _makings(project, name))


def _makings(project: Project, name: str) -> Iterator[_Making]:
    """The functions that run when an object of a model is made; tests are left out."""
    model = project.model(name, partial=True)
    if model is None:
        return
    yield from _of_class(project, name, model)
    for each in project.receivers(name, _SIGNALS):
        if each.handler_path is not None and not is_test(project, each.handler_path):
            function = project.files.document(each.handler_path).function_at(each.handler_line)
            if function is not None:
                yield _Making(each.handler_path, function, "", model)


def _of_class(project: Project, name: str, model: Model) -> Iterator[_Making]:
    """What the classes along the MRO do when an object is made."""
    for cls in project.mro(name) or (name,):
        info = project.class_named(cls)
        if info is None or info.facts is None or info.path is None:
            continue
        for method in info.facts.methods:
            function = project.files.document(info.path).function_at(method.line)
            if method.name in _MAKING and function is not None:
                yield _Making(info.path, function, name, model)


# -- what sets up one object -----------------------------------------------------------------------


def _sets_up(project: Project, making: _Making, deep: int = 0) -> bool:
    """Whether code does no more than set attributes of the object that is made, from what it has
    of its own."""
    own = _own_names(making.function)
    for node in walk(making.function):
        match node:
            case ast.Global() | ast.Nonlocal() | ast.With() | ast.AsyncWith():
                return False
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
            ):
                if _root(node) not in own:
                    return False
            case ast.Attribute(attr=name) if _is_relation(making.model, name):
                return False
            case ast.Call() if not _is_silent(project, making, node, own, deep):
                return False
    return True


def _own_names(function: FunctionNode) -> frozenset[str]:
    """The names of what belongs to the object: its own, what comes in with it, and what is bound to
    parts of these or made here."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    own = {each.arg for each in every if each is not None} - _OF_CLASS
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_own(value, own):
                own.add(name)
            case (
                ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value)
            ) if _is_own(value, own):
                own |= {each.id for each in walk(target) if isinstance(each, ast.Name)}
    return frozenset(own)


def _is_own(value: ast.expr, own: set[str]) -> bool:
    if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return _root(value) in own
    return True


def _root(expression: ast.expr) -> str:
    """The name that a chain of attributes and items begins with; "" if it begins with no name."""
    while isinstance(expression, ast.Attribute | ast.Subscript):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def _is_relation(model: Model, name: str) -> bool:
    field = model.fields.get(name)
    return (field is not None and field.relation is not None) or model.reverse_named(
        name
    ) is not None


def _is_silent(
    project: Project, making: _Making, call: ast.Call, own: frozenset[str], deep: int
) -> bool:
    """Whether a call is of Python's own, of the object, or of what it belongs to."""
    function = call.func
    name = dotted_name(function)
    if is_trace(call) or name == "cls":
        return True
    if isinstance(function, ast.Name) or (name is not None and _root(function) not in own):
        resolved = (project.resolve(making.path, name) or "") if name is not None else ""
        return _is_silent_function(project, making, resolved.removeprefix("builtins."), deep)
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    if isinstance(owner, ast.Name) and owner.id in own:
        return _is_silent_method(project, making, function.attr, deep)
    return _is_own(owner, set(own)) if not isinstance(owner, ast.Call) else True


def _is_silent_function(project: Project, making: _Making, name: str, deep: int) -> bool:
    """One of Python's own; or a class of the project whose objects are set up in the same way."""
    if name in _SILENT or name.startswith(_SILENT_MODULES):
        return True
    info = project.class_named(name)
    is_plain = info is not None and info.facts is not None and project.model(name) is None
    if not is_plain or deep >= _DEEPEST:
        return False
    found = [*_of_class(project, name, making.model)]
    if not any(_sets_attribute(each.function) for each in found):
        # `self.__dict__.update(...)` passes by what the class does where an attribute is set.
        found = [each for each in found if each.function.name != "__setattr__"]
    return all(_sets_up(project, each, deep + 1) for each in found)


def _sets_attribute(function: FunctionNode) -> bool:
    stored = (node.ctx for node in walk(function) if isinstance(node, ast.Attribute))
    return function.name != "__setattr__" and any(isinstance(each, ast.Store) for each in stored)


def _is_silent_method(project: Project, making: _Making, name: str, deep: int) -> bool:
    """A method of the object is read as well; one of another value that came in is a value's."""
    method = project.method(making.cls, name) if making.cls else None
    if method is None or method.path is None:
        return True
    function = project.files.document(method.path).function_at(method.line)
    if function is None or deep >= _DEEPEST:
        return False
    return _sets_up(project, replace(making, path=method.path, function=function), deep + 1)
