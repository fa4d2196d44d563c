"""From what a serializer or paginator is handed back to the expression that makes the queryset."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.besides import is_read_besides
from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.reading import UNKNOWN, Reader
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.source.chains import dotted_name

_LISTING = frozenset({"list", "tuple", "sorted", "reversed"})
_PAGING = frozenset({"paginate_queryset", "filter_queryset", "paginate"})
_FIRST_ARGUMENT = frozenset(
    {
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.get_list_or_404",
        "rest_framework.generics.get_object_or_404",
        "django.core.paginator.Paginator",
    }
)
ONE = frozenset({"get", "first", "last", "earliest", "latest", "aget", "afirst", "alast"})
_PAGES = frozenset({"page", "get_page", "object_list"})


@dataclass(frozen=True, slots=True)
class Place:
    """The expression that makes the queryset, and what is done to its value on the way."""

    expression: ast.expr
    methods: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    sliced: bool = False


def place_of(reader: Reader, expression: ast.expr, depth: int = 0) -> Place | Reason:
    """Where more can be added to the queryset whose rows an expression gives."""
    if depth > 20:
        return UNKNOWN
    if isinstance(expression, ast.Name):
        return _of_name(reader, expression, depth)
    if isinstance(expression, ast.Subscript):
        return _of_subscript(reader, expression, depth)
    if isinstance(expression, ast.Call):
        return _of_call(reader, expression, depth)
    if isinstance(expression, ast.Attribute) and expression.attr in _PAGES:
        return place_of(reader, expression.value, depth + 1)
    if isinstance(expression, ast.IfExp | ast.BoolOp):
        return _of_choice(reader, expression, depth)
    return _itself(reader, expression)


def _itself(reader: Reader, expression: ast.expr) -> Place | Reason:
    found = reader.read(expression)
    return Place(expression) if isinstance(found, Chain) else found


def _of_name(reader: Reader, name: ast.Name, depth: int) -> Place | Reason:
    """A name bound once: what it is bound to; otherwise the name, if that is a queryset."""
    definitions = reader.inference.definitions(name)
    values = [each.value for each in definitions if each.kind in {"assign", "walrus"}]
    if len(definitions) == 1 and len(values) == 1 and values[0] is not None:
        return place_of(reader, values[0], depth + 1)
    whole = reader.read(name)
    if isinstance(whole, Chain):
        return Place(name)
    return _of_page_or_queryset(reader, values, depth) or whole


def _of_page_or_queryset(
    reader: Reader, values: list[ast.expr | None], depth: int
) -> Place | Reason | None:
    """Of several values all those that lead to one place: a page, or the queryset itself."""
    found = [place_of(reader, each, depth + 1) for each in values if each is not None]
    places = [each for each in found if isinstance(each, Place)]
    if not places or len(places) != len(found):
        return None
    same = all(each.expression is places[0].expression for each in places)
    return places[0] if same else None


def _of_subscript(reader: Reader, subscript: ast.Subscript, depth: int) -> Place | Reason:
    """A slice or one item of it: what is sliced. A queryset that has its rows gives a list."""
    if isinstance(subscript.value, ast.Name) and is_read_besides(reader, subscript.value):
        found = place_of(reader, subscript.value, depth + 1)
        is_name = isinstance(found, Place) and isinstance(found.expression, ast.Name)
        return UNKNOWN if isinstance(found, Reason) or is_name else replace(found, sliced=True)
    whole = reader.read(subscript)
    if isinstance(whole, Chain):
        return Place(subscript)
    found = place_of(reader, subscript.value, depth + 1)
    return replace(found, sliced=True) if isinstance(found, Place) else found


def _of_choice(reader: Reader, choice: ast.IfExp | ast.BoolOp, depth: int) -> Place | Reason:
    whole = reader.read(choice)
    if isinstance(whole, Chain):
        return Place(choice)
    values = [choice.body, choice.orelse] if isinstance(choice, ast.IfExp) else choice.values
    return _of_page_or_queryset(reader, list(values), depth) or whole


def _of_call(reader: Reader, call: ast.Call, depth: int) -> Place | Reason:
    function = call.func
    name = reader.inference.resolve(function)
    if call.args and (name in _LISTING or name in _FIRST_ARGUMENT):
        return place_of(reader, call.args[0], depth + 1)
    if isinstance(function, ast.Attribute):
        found = _of_method(reader, call, function, depth)
        if found is not None:
            return found
    return _itself(reader, call)


def _of_method(
    reader: Reader, call: ast.Call, function: ast.Attribute, depth: int
) -> Place | Reason | None:
    if function.attr in _PAGING and call.args and not _is_rows(reader, function.value):
        chosen = call.args[1] if _is_backend_call(function, call) else call.args[0]
        return place_of(reader, chosen, depth + 1)
    if function.attr in _PAGES:
        return place_of(reader, function.value, depth + 1)
    if function.attr in ONE and _is_rows(reader, function.value):
        return place_of(reader, function.value, depth + 1)
    if isinstance(function.value, ast.Name) and not reader.is_self(function.value):
        return _refining_a_name(reader, call)
    return None


def _is_rows(reader: Reader, expression: ast.expr) -> bool:
    return isinstance(reader.read(expression), Chain)


def _is_backend_call(function: ast.Attribute, call: ast.Call) -> bool:
    """`backend.filter_queryset(request, queryset, view)`."""
    is_self = dotted_name(function.value) == "self"
    return function.attr == "filter_queryset" and len(call.args) == 3 and not is_self


def _refining_a_name(reader: Reader, call: ast.Call) -> Place | Reason | None:
    """`qs.filter(...)`: the call itself is the last state."""
    return Place(call) if isinstance(reader.read(call), Chain) else None
