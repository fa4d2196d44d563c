"""What is all there before a loop over it begins: lists, constants, the data of a request."""

from __future__ import annotations

import ast

from djfix.codemods.flow.names import Definition
from djfix.codemods.inference.values import Request
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.source.chains import dotted_name

_LISTS = frozenset(
    {
        *("list", "tuple", "set", "frozenset", "dict", "str"),
        *("typing.List", "typing.Tuple", "typing.Set", "typing.Dict", "typing.Sequence"),
        *("typing.Mapping", "collections.abc.Sequence", "collections.abc.Mapping"),
        *("collections.abc.Collection", "typing.Collection", "collections.abc.Set"),
    }
)
"""Annotations of what is all there before a loop begins."""

_DATA = ("data", "POST", "GET", "query_params")
"""What a request holds."""


def is_bound_to_list(place: Place, definition: Definition) -> bool:
    """Whether a variable has a list, or the like, by this one of its bindings."""
    if definition.kind == "parameter":
        return _is_annotated_list(place, definition.node)
    return (
        definition.kind == "assign"
        and definition.value is not None
        and is_held(place, definition.value)
    )


def _is_annotated_list(place: Place, node: ast.AST) -> bool:
    annotation = node.annotation if isinstance(node, ast.arg) else None
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    if annotation is None:
        return False
    dotted = dotted_name(annotation)
    if dotted is None:
        return False
    inference = place.inference
    resolved = inference.project.resolve(inference.document.path, dotted, inference.scope[:-1])
    return (resolved or "").removeprefix("builtins.") in _LISTS


def is_held(place: Place, value: ast.expr) -> bool:
    """Whether what a variable is bound to is all there, whatever made it."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.ListComp | ast.SetComp):
        return True
    if isinstance(value, ast.DictComp | ast.Constant):
        return True
    if isinstance(value, ast.Subscript):
        return is_request_data(place, value.value)
    if not isinstance(value, ast.Call):
        return False
    name = place.inference.resolve(value.func)
    making = {"list", "tuple", "set", "sorted", "dict", "range", "frozenset", "json.loads"}
    if name in making:
        return True
    called = value.func
    if isinstance(called, ast.Attribute):
        keyed = called.attr in {"get", "getlist", "pop"}
        return keyed and is_request_data(place, called.value)
    return False


def is_constant(place: Place, node: ast.expr) -> bool:
    """A constant of a module, or the members of an enumeration."""
    dotted = dotted_name(node)
    if dotted is None or place.inference.resolve(node) is None:
        return False
    value = place.project.value_of(place.inference.document.path, dotted)
    return value is not None and value.kind in {"list", "tuple", "set", "dict"}


def is_request_data(place: Place, node: ast.expr) -> bool:
    match node:
        case ast.Attribute(value=request, attr=name):
            return name in _DATA and isinstance(place.inference.value(request), Request)
    return False
