"""Relations that lead back to the object itself: `profile.user.profile`, `items.get(pk=1).order`.

Django keeps both ends of a one-to-one, and gives rows of a reverse relation the object that they
were asked of (django.db.models.fields.related_descriptors): it is the same Python object.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.inference.values import Instance, Saved, Unknown
from djfix.codemods.source.chains import path_of


def line_leading_back(occurrence: Occurrence) -> int:
    """The first line that assigns to, calls or hands on what may be the object under another
    name; 0 if there is none."""
    names = {use.path for use in occurrence.before} | {occurrence.path}
    for expression in sorted(_used(occurrence.inference.function), key=lambda each: each.lineno):
        if path_of(expression) in names or expression is occurrence.save.call.func:
            continue
        if _may_be_itself(occurrence, expression):
            return expression.lineno
    return 0


def _used(function: ast.AST) -> Iterator[ast.expr]:
    """The expressions that are assigned to, whose methods are called, or that are handed on."""
    for node in ast.walk(function):
        found: list[ast.expr] = []
        match node:
            case ast.Attribute(value=owner, ctx=ast.Store() | ast.Del()):
                found = [owner]
            case ast.Call(func=function_called, args=given, keywords=named) if not is_trace(node):
                found = [*given, *(each.value for each in named)]
                if isinstance(function_called, ast.Attribute):
                    found.append(function_called.value)
        yield from (each for each in found if isinstance(each, ast.Name | ast.Attribute))


def _may_be_itself(occurrence: Occurrence, expression: ast.expr) -> bool:
    value = occurrence.value_of(expression)
    if isinstance(value, Unknown):
        return _is_way_back(occurrence, expression)
    if not isinstance(value, Instance) or value.origin != "relation":
        return False
    # A relation of an object that another relation, or this object, gave.
    leads_back = bool(value.owner) or value.saved is not Saved.YES
    return leads_back and is_related(occurrence, value.model, occurrence.model.name)


def _is_way_back(occurrence: Occurrence, expression: ast.expr) -> bool:
    """Whether a relation to the object's model is followed from what a relation of the object gave,
    in a way that is not known: `next(iter(order.items.all())).order`."""
    return any(
        isinstance(each, ast.Attribute)
        and comes_of(occurrence, each.value)
        # Last: all models with relations are read for it.
        and each.attr in _ways_to(occurrence)
        for each in _spelled(occurrence, expression)
    )


def _spelled(occurrence: Occurrence, expression: ast.expr) -> Iterator[ast.expr]:
    yield expression
    if isinstance(expression, ast.Name):
        found = occurrence.inference.definitions(expression)
        yield from (each.value for each in found if each.value is not None)


def _ways_to(occurrence: Occurrence) -> frozenset[str]:
    """The fields by which rows of the object's relations lead to it."""
    return frozenset(each.field for each in occurrence.model.reverse.values())


def comes_of(occurrence: Occurrence, expression: ast.expr, accessor: str = "") -> bool:
    """Whether the object itself stands in what an expression, or a local name in it, is made of;
    with an accessor, only what that gives of the object counts."""
    waiting, seen = [expression], set[str]()
    while waiting:
        for node in ast.walk(waiting.pop()):
            if _is_object(occurrence, node, accessor):
                return True
            if isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                found = occurrence.inference.definitions(node)
                waiting.extend(each.value for each in found if each.value is not None)
    return False


def _is_object(occurrence: Occurrence, node: ast.AST, accessor: str) -> bool:
    if accessor:
        if not isinstance(node, ast.Attribute):
            return False
        return node.attr == accessor and path_of(node.value) == occurrence.path
    return isinstance(node, ast.Name) and node.id == occurrence.path[0]


def is_related(occurrence: Occurrence, one: str, other: str) -> bool:
    """Whether two models may share a row: one is the other, its child, its parent or its proxy."""
    project = occurrence.project
    if one == other:
        return True
    models = (project.model(one, partial=True), project.model(other, partial=True))
    first, second = (set(model.parents) | {model.name} if model else set() for model in models)
    return not first.isdisjoint(second)
