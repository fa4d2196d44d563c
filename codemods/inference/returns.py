"""What a function of the project returns, read from its `return` statements.

Followed a few calls deep; a generator, a decorated function and a way out without `return` make
the result unknown, or None besides what is returned.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.outer import value_outside
from djfix.codemods.inference.parameters import annotated
from djfix.codemods.inference.querysets import as_queryset, is_overridden
from djfix.codemods.inference.values import (
    Coroutine,
    Instance,
    Items,
    Manager,
    ModelClass,
    Number,
    Plain,
    QuerySet,
    Saved,
    Unknown,
    Value,
    joined,
)
from djfix.codemods.source.walking import children, walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Function, Inference
    from djfix.codemods.project.models import PropertyInfo
    from djfix.codemods.source.document import Document

_HARMLESS_DECORATORS = frozenset(
    {
        "staticmethod",
        "classmethod",
        "django.db.transaction.atomic",
        "typing.override",
    }
)
_WHOLE = frozenset({"all", "select_related", "prefetch_related", "order_by", "only", "defer"})
"""Queryset methods that leave no row out."""

_MOST_CLASSES = 20
"""A method is not followed into more subclasses than this."""

_SINGLE_OBJECT_CLASSES = (
    "django.views.generic.detail.SingleObjectMixin",
    "rest_framework.generics.GenericAPIView",
)


def returned_by_function(inference: Inference, name: str) -> Value:
    """What the project's function of this dotted name returns."""
    found = _function_named(inference, name)
    if found is None:
        return Unknown(f"what {name.rpartition('.')[2]}() returns is not known")
    return _returned(inference, *found)


def returned_by_method(inference: Inference, class_name: str, method: str) -> Value:
    """What `self.method()` returns in a class; `get_object()` of Django's and DRF's views too.

    `self` may be of any subclass, which may have another such method or another queryset.
    """
    classes = (class_name, *inference.project.subclasses(class_name))
    if len(classes) > _MOST_CLASSES:
        return Unknown(f"{method}() may be that of one of many subclasses")
    return joined(_returned_in_class(inference, name, method) for name in classes)


def promised_by_property(inference: Inference, info: PropertyInfo) -> Value:
    """The number or text that a property's annotation promises, as one of a parameter would."""
    found = _function_at(inference, info.path, info.line) if info.path is not None else None
    helper = inference.helper(*found) if found is not None else None
    if helper is None or helper.function.returns is None:
        return Unknown(f"what the property {info.name} gives is not known")
    value = annotated(helper, helper.function.returns, "helper")
    is_plain = isinstance(value, Number | Plain)
    return value if is_plain else Unknown(f"the property {info.name} gives an object")


def _returned_in_class(inference: Inference, class_name: str, method: str) -> Value:
    info = inference.project.method(class_name, method)
    if info is not None and info.path is not None:
        found = _function_at(inference, info.path, info.line)
        return _returned(inference, *found) if found is not None else Unknown()
    if method == "get_object" and info is not None:
        return _object_of_view(inference, class_name)
    return Unknown(f"what {method}() returns is not known")


def _returned(inference: Inference, document: Document, function: Function) -> Value:
    helper = inference.helper(document, function)
    if helper is None or _is_opaque(helper):
        return Unknown(f"what {function.name}() returns is not known")
    values = [_returned_value(helper, node) for node in _returns_of(function)]
    if not values and function.returns is not None:
        values.append(annotated(helper, function.returns, "helper"))
    elif _ends_without_return(helper):
        values.append(Plain("none"))
    value = joined(values)
    return Coroutine(value) if isinstance(function, ast.AsyncFunctionDef) else value


def _ends_without_return(helper: Inference) -> bool:
    graph = helper.flow.graph
    return any(
        edge.target is graph.exit and not isinstance(point.node, ast.Return)
        for point in graph.live
        for edge in graph.successors(point)
    )


def _returned_value(helper: Inference, node: ast.Return) -> Value:
    if node.value is None:
        return Plain("none")
    return _handed_over(helper.value(node.value), is_held=not isinstance(node.value, ast.Call))


def _handed_over(value: Value, *, is_held: bool) -> Value:
    """An object that is handed over by name may be held by the helper's other code as well."""
    if isinstance(value, Instance):
        return replace(value, outlives=value.outlives or is_held, remote=True)
    if isinstance(value, QuerySet):
        shown = value.remote or not set(value.methods) <= _WHOLE
        return replace(value, remote=shown, held=is_held)
    if isinstance(value, Items):
        element = value.element and _handed_over(value.element, is_held=is_held)
        return Items(tuple(_handed_over(item, is_held=is_held) for item in value.values), element)
    return value


def _is_opaque(helper: Inference) -> bool:
    function = helper.function
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function)):
        return True
    return any(not _is_harmless(helper, item) for item in function.decorator_list)


def _is_harmless(helper: Inference, decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(called, ast.Name) and called.id in _HARMLESS_DECORATORS:
        return True
    return helper.resolve(called) in _HARMLESS_DECORATORS


def _returns_of(function: Function) -> list[ast.Return]:
    """The function's own `return` statements, not those of functions inside it."""
    found: list[ast.Return] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Return):
            found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(children(node))
    return found


def _function_named(inference: Inference, name: str) -> tuple[Document, Function] | None:
    module, _, own = name.rpartition(".")
    path = inference.project.path_of(module)
    if path is None:
        return None
    facts = inference.project.module(path)
    found = [each for each in facts.functions if each.name == own] if facts is not None else []
    if len(found) != 1 or found[0].condition:
        return None
    return _function_at(inference, path, found[0].line)


def _function_at(inference: Inference, path: str, line: int) -> tuple[Document, Function] | None:
    document = inference.project.files.document(path)
    function = document.function_at(line)
    return None if function is None else (document, function)


def _object_of_view(inference: Inference, class_name: str) -> Value:
    """The model of a view's stock `get_object()`: by its `get_queryset`, `queryset` or `model`."""
    stock = any(
        inference.project.is_subclass(class_name, base) is True for base in _SINGLE_OBJECT_CLASSES
    )
    if not stock:
        return Unknown("get_object() is not that of a known view class")
    queryset = _queryset_of_view(inference, class_name)
    if isinstance(queryset, QuerySet) and not is_overridden(inference.project, queryset, "get"):
        return Instance(
            queryset.model,
            Saved.YES,
            "get-object",
            locked=queryset.locked,
            remote=not set(queryset.methods) <= _WHOLE,
            deferred=queryset.deferred,
        )
    return Unknown("the queryset of the view is not known")


def _queryset_of_view(inference: Inference, class_name: str) -> Value:
    getter = inference.project.method(class_name, "get_queryset")
    if getter is not None and getter.path is not None:
        return returned_by_method(inference, class_name, "get_queryset")
    for attribute in ("queryset", "model"):
        value = _class_attribute(inference, class_name, attribute)
        if isinstance(value, ModelClass):
            return _queryset_of_model(inference, value)
        if value is not None:
            return value
    return Unknown()


def _queryset_of_model(inference: Inference, model: ModelClass) -> Value:
    manager = Manager(model.model, "_default_manager")
    if is_overridden(inference.project, manager, "get", "all"):
        return Unknown("get() is overridden by the project's own manager")
    return as_queryset(manager)


def _class_attribute(inference: Inference, class_name: str, attribute: str) -> Value | None:
    """The value of a class attribute along the MRO, where it is assigned in a class body."""
    for name in inference.project.mro(class_name) or ():
        info = inference.project.class_named(name)
        if info is None or info.path is None:
            continue
        document = inference.project.files.document(info.path)
        node = document.definition_at(info.line)
        value = _assigned_in(node, attribute) if isinstance(node, ast.ClassDef) else None
        if value is not None:
            return value_outside(inference, document, value) or Unknown()
    return None


def _assigned_in(owner: ast.ClassDef, attribute: str) -> ast.expr | None:
    for node in reversed(owner.body):
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == attribute for item in node.targets
        ):
            return node.value
    return None
