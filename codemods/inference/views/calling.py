"""What a call in a view's code gives: the view's methods, REST framework's and the project's."""

from __future__ import annotations

import ast
from collections.abc import Mapping as Given
from dataclasses import replace

from djfix.codemods.inference.views.ancestry import Member, ancestors, member
from djfix.codemods.inference.views.arguments import bound, given_to
from djfix.codemods.inference.views.attributes import attribute_of_view, place_at
from djfix.codemods.inference.views.choices import (
    Constant,
    Made,
    Missing,
    Object,
    Place,
    Rows,
    Unknown,
    Values,
    union,
)
from djfix.codemods.inference.views.evaluating import DEFINITELY, attribute_of, evaluate
from djfix.codemods.inference.views.knowledge import (
    GENERIC_METHODS,
    LIBRARY_METHODS,
)
from djfix.codemods.inference.views.making import fetched, making, saved
from djfix.codemods.inference.views.outside import call_of_function, method_of, object_of
from djfix.codemods.inference.views.running import (
    NONE,
    UNKNOWN,
    Environment,
    Run,
    call_method,
    is_itself,
    mark_rendered,
    note_all_fetched,
)


def call(run: Run, place: Place, node: ast.Call, environment: Environment) -> Values:
    """The possible results of a call."""
    function = node.func
    if isinstance(function, ast.Attribute):
        if _is_super(function.value):
            if place.cls not in ancestors(run.project, run.view):
                return _elsewhere(run, place, node, environment)
            return call_of_view(run, place, function.attr, node, environment, after=place.cls)
        base = evaluate(run, place, function.value, environment)
        if is_itself(base):
            return call_of_view(run, place, function.attr, node, environment)
        found = [method_of(run, place, each, node, environment) for each in base]
        known = [values for values in found if values is not None]
        if known and len(known) == len(found):
            return union(*known)
        called = attribute_of(run, place, function, base, environment)
        return union(*known, call_of_function(run, place, node, environment, called))
    if isinstance(function, ast.Name) and function.id in {"getattr", "hasattr"}:
        return _named_attribute(run, place, node, environment)
    called = evaluate(run, place, function, environment)
    return call_of_function(run, place, node, environment, called)


def _elsewhere(run: Run, place: Place, node: ast.Call, environment: Environment) -> Values:
    """`super().update(instance, ...)` of a serializer: REST framework's own gives the object."""
    values = [evaluate(run, place, each, environment) for each in node.args]
    return values[0] if values else UNKNOWN


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _named_attribute(run: Run, place: Place, node: ast.Call, environment: Environment) -> Values:
    """`getattr(self, "name", default)` and `hasattr(self, "name")`."""
    values = [evaluate(run, place, each, environment) for each in node.args]
    assert isinstance(node.func, ast.Name)
    if len(values) < 2 or not is_itself(values[0]) or len(values[1]) != 1:
        return (Unknown(place, node),)
    name = values[1][0]
    if not isinstance(name, Constant) or not isinstance(name.value, str):
        return (Unknown(place, node),)
    found = attribute_of_view(run, name.value)
    if node.func.id == "hasattr":
        has_method = member(run.project, run.view, name.value) is not None
        return DEFINITELY[found is not None or has_method]
    if found is not None:
        return found
    return values[2] if len(values) > 2 else (Missing(),)


def call_of_view(
    run: Run,
    place: Place,
    name: str,
    node: ast.Call,
    environment: Environment,
    after: str | None = None,
) -> Values:
    """`self.name(...)`, or with `after` what `super()` in that class finds."""
    arguments, keywords = given_to(run, place, node, environment)
    found = member(run.project, run.view, name, after)
    if found is not None and found.is_own and found.method is not None:
        stated = _stated(run, found, name, arguments, keywords)
        return _own(run, found, arguments, keywords) if stated is None else stated
    if found is not None and found.is_own:
        values = attribute_of_view(run, name) or UNKNOWN
        count = len(values)
        made = [making(run, place, each, node, arguments, keywords, of=count) for each in values]
        return union(*made) or UNKNOWN
    known = name if found is None else GENERIC_METHODS.get((found.cls.name, name), name)
    return known_method(run, place, known, node, arguments, keywords)


def _own(run: Run, found: Member, arguments: list[Values], keywords: Given[str, Values]) -> Values:
    assert found.method is not None
    assert found.cls.path is not None
    place = place_at(run.project, found.cls.path, found.method.line, found.cls.name)
    if place is None:
        return UNKNOWN
    given = bound(place, arguments, keywords, skip=1)
    before = len(run.rendered)
    result = call_method(run, place, given)
    if before == len(run.rendered) or result == UNKNOWN:
        mark_rendered(run, union(*arguments, *keywords.values()))
    return result


def _stated(
    run: Run, found: Member, name: str, arguments: list[Values], keywords: Given[str, Values]
) -> Values | None:
    """What a method gives for which REST framework states that, in whatever way the project's own
    finds it; None for any other."""
    if name == "get_object":
        return own_object(run, found, arguments, keywords)
    if name == "get_paginated_response":
        return UNKNOWN
    return _rows_by(run, name, arguments, keywords)


def _rows_by(
    run: Run, name: str, arguments: list[Values], keywords: Given[str, Values]
) -> Values | None:
    """What the methods give that find, filter and page the view's rows; None for any other."""
    if name == "get_queryset":
        return (Rows(),)
    if name == "paginate_queryset":
        note_all_fetched(run, _first(arguments, keywords))
    return _first(arguments, keywords) if name in _HANDED_ROWS else None


_HANDED_ROWS = frozenset({"filter_queryset", "paginate_queryset"})


def _first(arguments: list[Values], keywords: Given[str, Values]) -> Values:
    """The queryset that `filter_queryset` and `paginate_queryset` are handed."""
    return arguments[0] if arguments else keywords.get("queryset", UNKNOWN)


def own_object(
    run: Run, found: Member, arguments: list[Values], keywords: Given[str, Values]
) -> Values:
    """What the project's own `get_object` gives."""
    result = _own(run, found, arguments, keywords)
    if not any(isinstance(each, Object) for each in result):
        run.unclear["unknown-object"] = None
    return tuple(replace(each, each=False) if isinstance(each, Object) else each for each in result)


def known_method(
    run: Run,
    place: Place | None,
    name: str,
    node: ast.Call | None,
    arguments: list[Values],
    keywords: Given[str, Values],
) -> Values:
    """REST framework's own method of this name (rest_framework.generics, .mixins)."""
    rows = _rows_by(run, name, arguments, keywords)
    if rows is not None:
        return rows
    match name:
        case "get_object":
            return fetched(run, Rows())
        case "get_serializer_class":
            return _stock_serializer_class(run)
        case "get_serializer" | "get_pagination_serializer":
            classes = call_of_itself(run, "get_serializer_class")
            made = [
                making(run, place, each, node, arguments, keywords, trusted=True, of=len(classes))
                for each in classes
            ]
            return union(*made) or UNKNOWN
        case "list" | "retrieve" | "update" | "partial_update" | "destroy" | "create":
            return _stock(run, name)
        case "perform_update":
            for each in union(*arguments):
                if isinstance(each, Made):
                    saved(run, each)
            return UNKNOWN
        case "perform_destroy" | "check_object_permissions" | "get_serializer_context":
            return UNKNOWN
        case "get_object_or_404":
            return object_of(run, arguments)
    mark_rendered(run, union(*arguments, *keywords.values()))
    return (Unknown(place, node),)


def _stock_serializer_class(run: Run) -> Values:
    for library, attribute, actions in LIBRARY_METHODS:
        if _inherits_unknown(run, library) and run.action in actions:
            values = attribute_of_view(run, attribute)
            if values is not None and values != NONE:
                return values
    return attribute_of_view(run, "serializer_class") or NONE


def _inherits_unknown(run: Run, library: str) -> bool:
    return library in run.project.unknown_bases(run.view)


def call_of_itself(run: Run, name: str, *arguments: Values) -> Values:
    """`self.name(...)` as REST framework's own code calls it."""
    found = member(run.project, run.view, name)
    if found is not None and found.is_own and found.method is not None:
        if name == "get_queryset":
            return (Rows(),)
        if name == "get_object":
            return own_object(run, found, [], {})
        if name in _HANDED_ROWS:
            return arguments[0] if arguments else UNKNOWN
        return _own(run, found, list(arguments), {})
    return known_method(run, None, name, None, list(arguments), {})


def _stock(run: Run, name: str) -> Values:
    """What the mixins of rest_framework.mixins do."""
    if name in {"create"}:
        made = call_of_itself(run, "get_serializer")
        call_of_itself(run, "perform_create", made)
        return UNKNOWN
    if name == "partial_update":
        return call_of_itself(run, "update")
    rows: Values = (Rows(),) if name == "list" else call_of_itself(run, "get_object")
    if name == "destroy":
        call_of_itself(run, "perform_destroy", rows)
        return UNKNOWN
    keywords: dict[str, Values] = {"many": (Constant(True),)} if name == "list" else {}
    if name == "update":
        keywords["data"] = UNKNOWN
    made = _serializer(run, rows, keywords)
    if name == "update":
        call_of_itself(run, "perform_update", made)
    mark_rendered(run, made)
    return UNKNOWN


def _serializer(run: Run, rows: Values, keywords: Given[str, Values]) -> Values:
    found = member(run.project, run.view, "get_serializer")
    if found is not None and found.is_own and found.method is not None:
        return _own(run, found, [rows], keywords)
    return known_method(run, None, "get_serializer", None, [rows], keywords)
