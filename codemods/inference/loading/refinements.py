"""What a view's code, its subclasses and filter backends do to the view's queryset later."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.inference.expressions import Function
from djfix.codemods.inference.loading import hazards
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.inference.loading.views import assigned, order_of
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document

_GIVING = frozenset({"get_queryset", "filter_queryset"})
_BACKENDS_SETTING = "DEFAULT_FILTER_BACKENDS"


def refinements_of_view(project: Project, view: str) -> tuple[Hazard, ...]:
    """The hazards of calls on `self.queryset`, `self.get_queryset()`, `self.filter_queryset()` in
    the view's classes, its subclasses, and its filter backends."""
    memory = project.shared(Memory)
    found: list[Hazard] = []
    for cls in (*order_of(project, view), *project.subclasses(view)):
        found += _in_class(memory, cls)
    for backend in backends_of(project, view):
        found += _of_backend(memory, backend)
    return hazards.without_repetition(found)


def _in_class(memory: Memory, cls: str) -> list[Hazard]:
    """What the methods of one class do, once for all views that have it."""
    if cls not in memory.refinements:
        memory.refinements[cls] = tuple(_read_class(memory, cls))
    return list(memory.refinements[cls])


def _read_class(memory: Memory, cls: str) -> Iterator[Hazard]:
    info = memory.project.class_named(cls)
    if info is None or info.facts is None or info.path is None:
        return
    document = memory.document(info.path)
    for each in info.facts.methods:
        function = memory.function_at(info.path, each.line)
        if document is not None and function is not None:
            yield from _in_function(document, function)


def _in_function(document: Document, function: Function) -> Iterator[Hazard]:
    names = _named_querysets(function)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = hazards.refined_by(node.func.attr, node)
        if name is not None and _is_of_view(node.func.value, names):
            yield hazards.hazard(name, hazards.evidence_of(document, node))


def _named_querysets(function: Function) -> frozenset[str]:
    """The local names that stand for the view's queryset, and the parameter of filter_queryset."""
    names = {"queryset", "qs"} & {each.arg for each in function.args.args}
    if function.name == "filter_queryset":
        names |= {each.arg for each in function.args.args[1:]} - {"request", "view"}
    for _ in range(2):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _is_of_view(node.value, frozenset(names)):
                names |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    return frozenset(names)


def _is_of_view(expression: ast.expr, names: frozenset[str]) -> bool:
    """Whether a chain of calls begins at the view's queryset."""
    node: ast.AST = expression
    while True:
        match node:
            case ast.Name():
                return node.id in names
            case ast.Attribute(value=ast.Name(id="self"), attr="queryset"):
                return True
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _GIVING:
                if _is_self_or_super(value):
                    return True
                node = value
            case ast.Call(func=ast.Attribute(value=value)):
                node = value
            case ast.Subscript(value=value):
                node = value
            case _:
                return False


def _is_self_or_super(expression: ast.expr) -> bool:
    match expression:
        case ast.Name(id="self") | ast.Call(func=ast.Name(id="super")):
            return True
    return False


def backends_of(project: Project, view: str) -> tuple[str, ...]:
    """The filter backends of a view: its own `filter_backends`, else those of the settings."""
    memory = project.shared(Memory)
    own = assigned(memory, view, "filter_backends")
    if own is None:
        return _default_backends(project)
    if not isinstance(own.value, ast.List | ast.Tuple):
        return ()
    document = memory.document(own.path)
    if document is None:
        return ()
    inference = memory.inference(document, None)
    found = [inference.resolve(each) for each in own.value.elts]
    return tuple(each for each in found if each is not None)


def _default_backends(project: Project) -> tuple[str, ...]:
    """Those of any settings module that the project may run with."""
    value = project.settings.entry("REST_FRAMEWORK", _BACKENDS_SETTING)
    return value.texts if value is not None else ()


def _of_backend(memory: Memory, backend: str) -> list[Hazard]:
    found: list[Hazard] = []
    for cls in order_of(memory.project, backend):
        found += _in_class(memory, cls)
    return found
