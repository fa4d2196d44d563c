"""What the names of a function stand for, as far as calls need it: a dotted name, or an object that
a call of one made. Variables, attributes of `self`, and what the project's functions return are
followed a few steps."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.inference.bodies.known import aliased
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.facts import ExpressionFacts
    from djfix.codemods.project.project import Project

CACHES = "django.core.cache.caches"

_DEEPEST = 15
"""How many steps (a variable, an attribute, a call) are taken to find out what one name is."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """What has a dotted name: a module, function, class, or a variable that was not followed."""

    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a call of this gives: an instance of a class, or what a library's function returns."""

    name: str


Thing = Symbol | Made


@dataclass(frozen=True, slots=True)
class Found:
    """A function or method of the project: its dotted name, and where it stands."""

    symbol: str
    document: Document
    node: FunctionNode


class Things:
    """The things that the expressions of one function stand for."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._project = inference.project
        self._owner = _class_name(inference)

    def thing(self, expression: ast.expr, depth: int = 0) -> Thing | None:
        """What an expression stands for; None if that is not known."""
        if depth > _DEEPEST:
            return None
        resolved = self._inference.resolve(expression)
        if resolved is not None:
            return of_symbol(self._project, resolved, depth + 1)
        match expression:
            case ast.Name():
                return self._variable(expression, depth + 1)
            case ast.Attribute():
                base = self.thing(expression.value, depth + 1)
                return attribute_of(self._project, base, expression.attr, depth + 1)
            case ast.Call():
                return self._made(expression, depth + 1)
            case ast.Await() | ast.NamedExpr():
                return self.thing(expression.value, depth + 1)
            case ast.Subscript():
                base = self.thing(expression.value, depth + 1)
                return Symbol(aliased(CACHES)) if base == Symbol(CACHES) else None
            case ast.BoolOp(values=[first, *_]):
                return self.thing(first, depth + 1)
        return None

    def _made(self, call: ast.Call, depth: int) -> Thing | None:
        if isinstance(call.func, ast.Name) and call.func.id == "super" and self._owner:
            return Made(self._owner)
        return called(self._project, self.thing(call.func, depth), depth)

    def _variable(self, name: ast.Name, depth: int) -> Thing | None:
        found: set[Thing | None] = set()
        for definition in self._inference.definitions(name):
            if definition.kind in {"assign", "walrus"} and definition.value is not None:
                if not isinstance(definition.value, ast.Constant):
                    found.add(self.thing(definition.value, depth))
            elif definition.kind == "with" and definition.value is not None:
                found.add(self.thing(definition.value, depth))
            elif definition.kind == "parameter":
                found.add(self._parameter(name.id))
            else:
                found.add(None)
        return found.pop() if len(found) == 1 else None

    def _parameter(self, name: str) -> Thing | None:
        arguments = self._inference.function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if self._owner is not None and every and every[0].arg == name:
            return Made(self._owner)
        annotation = next((each.annotation for each in every if each.arg == name), None)
        dotted = None if annotation is None else dotted_name(annotation)
        if dotted is None:
            return None
        resolved = self._project.resolve(self._inference.document.path, dotted)
        return Made(resolved) if resolved is not None and "." in resolved else None


def _class_name(inference: Inference) -> str | None:
    """The dotted name of the class that the function is a method of."""
    owner = inference.owner
    module = inference.project.module_of(inference.document.path)
    decorators = {dotted_name(each) for each in inference.function.decorator_list}
    if owner is None or module is None or "staticmethod" in decorators:
        return None
    return ".".join((module, *inference.scope[:-1]))


def of_symbol(project: Project, name: str, depth: int) -> Thing | None:
    """What a dotted name stands for: a variable of a module is what it is assigned once."""
    name = name.removeprefix("builtins.")
    if depth > _DEEPEST:
        return Symbol(name)
    owner, _, last = name.rpartition(".")
    path = project.path_of(owner)
    if path is None:
        return _of_attribute(project, name, owner, last, depth)
    value = project.value_of(path, last)
    if value is None:
        return Symbol(name)
    return of_facts(project, path, value, depth + 1) or Symbol(name)


def _of_attribute(project: Project, name: str, owner: str, last: str, depth: int) -> Thing | None:
    """`shop.gateways.gateway.charge`: an attribute of a variable of the project."""
    holder = owner.rpartition(".")[0]
    path = project.path_of(holder) if holder else None
    if path is None or project.class_named(owner) is not None:
        return Symbol(name)
    if project.value_of(path, owner.rpartition(".")[2]) is None:
        return Symbol(name)
    base = of_symbol(project, owner, depth + 1)
    return Symbol(name) if base == Symbol(owner) else attribute_of(project, base, last, depth + 1)


def of_facts(project: Project, path: str, value: ExpressionFacts, depth: int) -> Thing | None:
    """What an expression of a module's or class's own code stands for."""
    if depth > _DEEPEST:
        return None
    if value.kind == "name":
        resolved = project.resolve(path, value.name)
        return of_symbol(project, resolved, depth + 1) if resolved is not None else None
    if value.kind == "attribute":
        base = of_facts(project, path, value.items[0], depth + 1)
        return attribute_of(project, base, value.name, depth + 1)
    if value.function is None:
        return None
    return called(project, of_facts(project, path, value.function, depth + 1), depth + 1)


def called(project: Project, thing: Thing | None, depth: int) -> Thing | None:
    """What a call of a thing gives."""
    if not isinstance(thing, Symbol) or depth > _DEEPEST:
        return None
    found = function_of(project, thing.name)
    if found is not None:
        return _returned(project, found, depth + 1)
    return Made(aliased(thing.name))


def _returned(project: Project, found: Found, depth: int) -> Thing | None:
    """What a function of the project returns, where all its ways out agree."""
    things = Things(Inference(project, found.document, found.node, asks_callers=False))
    returns = [node for node in walk(found.node) if isinstance(node, ast.Return)]
    values = [node.value for node in returns if node.value is not None]
    given = {things.thing(value, depth + 1) for value in values}
    return given.pop() if len(given) == 1 else None


def attribute_of(project: Project, base: Thing | None, name: str, depth: int) -> Thing | None:
    """What `base.name` is: a method, by the class that has it; an attribute, by its assignment."""
    if base is None or depth > _DEEPEST:
        return None
    info = project.class_named(base.name)
    if info is None or info.path is None:
        return Symbol(aliased(f"{base.name}.{name}"))
    method = project.method(base.name, name)
    if method is not None and method.path is not None and method.facts is not None:
        if method.facts.is_property:
            found = function_of(project, f"{method.cls}.{name}")
            return None if found is None else _returned(project, found, depth + 1)
        return Symbol(f"{method.cls}.{name}")
    if method is not None and method.path is not None:
        return _class_attribute(project, method.cls, name, depth + 1)
    return _instance_attribute(project, base.name, name, depth + 1) or _inherited(
        project, base.name, name
    )


def _class_attribute(project: Project, cls: str, name: str, depth: int) -> Thing | None:
    info = project.class_named(cls)
    assignment = info.facts.assignment(name) if info is not None and info.facts else None
    if info is None or info.path is None or assignment is None or assignment.value is None:
        return None
    return of_facts(project, info.path, assignment.value, depth + 1)


def _instance_attribute(project: Project, cls: str, name: str, depth: int) -> Thing | None:
    """What `__init__` assigns to an attribute of the object that it makes."""
    found = function_of(project, f"{cls}.__init__")
    if found is None or not found.node.args.args:
        return None
    own = found.node.args.args[0].arg
    things = Things(Inference(project, found.document, found.node, asks_callers=False))
    for node in walk(found.node):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if dotted_name(target) == f"{own}.{name}":
                    return things.thing(node.value, depth + 1)
    return None


def _inherited(project: Project, cls: str, name: str) -> Thing | None:
    """A method of the one base that the project does not have: a library's."""
    bases = project.unknown_bases(cls)
    return Symbol(aliased(f"{bases[0]}.{name}")) if len(bases) == 1 and "." in bases[0] else None


def function_of(project: Project, symbol: str) -> Found | None:
    """The project's function, method, or constructor's `__init__` of this dotted name."""
    owner, _, last = symbol.rpartition(".")
    path = project.path_of(owner)
    if path is not None:
        facts = project.module(path)
        function = facts.function(last) if facts is not None else None
        return None if function is None else _at(project, symbol, path, function.line)
    info = project.class_named(owner) if owner else None
    if info is None or info.path is None:
        return None
    method = project.method(owner, last)
    if method is None or method.path is None or method.facts is None:
        return None
    return _at(project, f"{method.cls}.{last}", method.path, method.line)


def _at(project: Project, symbol: str, path: str, line: int) -> Found | None:
    try:
        document = project.files.document(path)
        node = document.function_at(line)
    except (OSError, Unreadable):
        return None
    return None if node is None else Found(symbol, document, node)
