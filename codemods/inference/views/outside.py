"""What calls give that are no methods of the view: of querysets, objects, functions."""

from __future__ import annotations

import ast
from collections.abc import Mapping as Given

from djfix.codemods.inference.expressions import scope_of
from djfix.codemods.inference.saving.callees import ANY
from djfix.codemods.inference.views.arguments import bound, given_to
from djfix.codemods.inference.views.attributes import place_at
from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Made,
    Mapping,
    Object,
    Place,
    Rows,
    Sequence,
    Unknown,
    Value,
    Values,
    union,
)
from djfix.codemods.inference.views.evaluating import evaluate, item_of
from djfix.codemods.inference.views.knowledge import (
    CHANGING,
    CREATING,
    DELETING,
    FETCHING,
    HARMLESS_FUNCTIONS,
    HARMLESS_ON_OBJECTS,
    HARMLESS_ON_RELATED,
    NOT_ROWS,
    OBJECT_SHORTCUTS,
    PAGES,
    PAGINATOR,
    ROWS_SHORTCUTS,
    SAME_ROWS,
    SAVING,
)
from djfix.codemods.inference.views.making import fetched, making, saved
from djfix.codemods.inference.views.running import (
    DEEPEST,
    NONE,
    UNKNOWN,
    Environment,
    Event,
    Run,
    call_method,
    mark_rendered,
    note,
    note_all_fetched,
)
from djfix.codemods.source.chains import dotted_name


def method_of(
    run: Run, place: Place, base: Value, node: ast.Call, environment: Environment
) -> Values | None:
    """What a method of a value gives; None if nothing is known about it."""
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    match base:
        case Rows():
            given_to(run, place, node, environment)
            return _of_rows(run, place, base, name, node)
        case Object(rows=rows):
            given_to(run, place, node, environment)
            return _of_object(run, place, rows, node)
        case Unknown(of=Object() as of, names=names):
            given_to(run, place, node, environment)
            return _of_part(run, place, of, names, node)
        case Unknown() if name in SAVING:
            text = f"{name}() of another object"
            note(run, place, "unjudged", node, text, frozenset({ANY}))
            return UNKNOWN
        case Mapping():
            return _of_mapping(run, place, base, name, node, environment)
        case Constant(value=str() as text) if name in {"lower", "upper"} and not node.args:
            return (Constant(text.lower() if name == "lower" else text.upper()),)
        case Made(sure=True):
            given_to(run, place, node, environment)
            return _of_serializer(run, place, base, node)
    return None


def _of_mapping(
    run: Run, place: Place, base: Mapping, name: str, node: ast.Call, environment: Environment
) -> Values | None:
    if name in {"get", "pop"} and node.args:
        values = [evaluate(run, place, each, environment) for each in node.args]
        return item_of(base, values[0], values[1] if len(values) > 1 else NONE)
    if name == "keys" and base.complete:
        return (Sequence(tuple((Constant(key),) for key, _ in base.entries)),)
    return None


def _of_serializer(run: Run, place: Place, made: Made, node: ast.Call) -> Values:
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    if name != "save":
        return UNKNOWN
    if not isinstance(made.shown, Object):
        note(run, place, "write", node, "a serializer makes rows")
    saved(run, made)
    return (made.shown,) if isinstance(made.shown, Object) else UNKNOWN


def _of_object(run: Run, place: Place, rows: Rows, node: ast.Call) -> Values:
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    if not rows.is_view and name in SAVING:
        note(run, place, "write", node, f"{name}() changes another row")
    elif name in {"refresh_from_db", "arefresh_from_db"} and not node.args and not node.keywords:
        run.events.append(Event("refresh", rows))
    elif name not in HARMLESS_ON_OBJECTS and not name.startswith("get_"):
        note(run, place, "unjudged", node, f"{name}() of the object may change related rows")
    return UNKNOWN


def _of_part(run: Run, place: Place, of: Object, names: tuple[str, ...], node: ast.Call) -> Values:
    """A method of what an object leads to: a related manager, its rows, a related object.

    Measured: `add`, `remove`, `set`, `update` and `all().delete()` of a related manager leave
    what was prefetched right; `create` (before Django 5.2) and other deletions do not.
    """
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    before = names[-1] if names else ""
    if name in CREATING or (name in DELETING and (before != "all()" or len(names) > 2)):
        note(run, place, "write", node, f"{name}() changes rows that the object leads to")
    elif name in SAVING - DELETING and any(each.endswith("()") for each in names):
        note(run, place, "write", node, f"{name}() changes a row that the object leads to")
    elif name in CHANGING | SAVING | DELETING:
        # `stale_rows` knows whether it is of another object than the one that is rendered.
        run.events.append(_change(place, of, node, name))
    elif name not in HARMLESS_ON_RELATED:
        note(run, place, "unjudged", node, f"{name}() may change related rows")
    return (Unknown(place, node, of, (*names, f"{name}()")),)


def _change(place: Place, of: Object, node: ast.Call, name: str) -> Event:
    text = f"{name}() changes rows that another object leads to"
    return Event("write", of.rows, place.document.path, node.lineno, text)


def _of_rows(run: Run, place: Place, base: Rows, name: str, node: ast.Call) -> Values:
    if name in PAGES:
        return (base,)
    if name in FETCHING:
        return fetched(run, base)
    if name in CREATING or name in DELETING or name in {"update", "aupdate", "bulk_update"}:
        note(run, place, "write", node, f"{name}() changes rows")
    if name in {"get_or_create", "update_or_create"}:
        return (Sequence((fetched(run, base), UNKNOWN)),)
    if name in NOT_ROWS:
        return UNKNOWN
    return (base,) if base.is_view else (Rows(place, node),)


def call_of_function(
    run: Run, place: Place, node: ast.Call, environment: Environment, called: Values
) -> Values:
    """What calling something else gives: a class, a shortcut, a function."""
    arguments, keywords = given_to(run, place, node, environment)
    name = _resolved_name(run, place, node.func, environment)
    if name in OBJECT_SHORTCUTS:
        return object_of(run, arguments, place, node)
    if name in ROWS_SHORTCUTS:
        return tuple(each for each in union(*arguments[:1]) if isinstance(each, Rows)) or UNKNOWN
    if name in SAME_ROWS and arguments:
        if name != PAGINATOR:
            note_all_fetched(run, arguments[0])
        return arguments[0]
    if _is_pagination(node) and any(isinstance(each, Rows) for each in union(*arguments[:1])):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "paginate_queryset":
            note_all_fetched(run, arguments[0])
        return arguments[0]
    made = [making(run, place, each, node, arguments, keywords, of=len(called)) for each in called]
    found = union(*made)
    if name is None or not _is_function(run, name):
        found = union(*(_perhaps_made(each, place, node, arguments) for each in found))
    if any(isinstance(each, Made) and each.sure for each in found):
        return found
    given = union(*arguments, *keywords.values())
    if (
        any(isinstance(each, Rows | Object | Made) for each in given)
        and name not in HARMLESS_FUNCTIONS
    ):
        helped = _helper(run, name, arguments, keywords)
        if helped is not None:
            return helped
        if any(_is_object(each) for each in given) and not _is_response(called):
            note(run, place, "unjudged", node, "code that is not followed is handed the object")
    if name is not None:
        note(run, place, "call", node, name)
    mark_rendered(run, given)
    return found or (Unknown(place, node),)


def _resolved_name(
    run: Run, place: Place, function: ast.expr, environment: Environment
) -> str | None:
    dotted = dotted_name(function)
    if dotted is None or dotted.partition(".")[0] in environment:
        return None
    resolved = run.project.resolve(
        place.document.path, dotted, scope_of(place.document, place.function)
    )
    return None if resolved is None else resolved.removeprefix("builtins.")


def object_of(
    run: Run, arguments: list[Values], place: Place | None = None, node: ast.Call | None = None
) -> Values:
    """What `get_object_or_404` finds: a row of a queryset, or of a model's default manager."""
    found: list[Values] = []
    for each in union(*arguments[:1]):
        if isinstance(each, Rows):
            found.append(fetched(run, each))
        elif isinstance(each, Class) and place is not None and node is not None and node.args:
            found.append(fetched(run, Rows(place, node.args[0])))
    return union(*found) or UNKNOWN


def _is_pagination(node: ast.Call) -> bool:
    """REST framework's protocol of paginators and filter backends, by its method's name: they
    are made on the spot, of any class, and handed the queryset."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name in {"paginate_queryset", "filter_queryset"}


def _perhaps_made(value: Value, place: Place, node: ast.Call, arguments: list[Values]) -> Values:
    """What an unknown call with an object gives is a serializer if its `data` is read."""
    shown = [each for each in union(*arguments[:1]) if isinstance(each, Rows | Object)]
    if not isinstance(value, Unknown) or not shown:
        return (value,)
    path, line = place.document.path, node.lineno
    return (Made(None, shown[0], isinstance(shown[0], Rows), False, path, line, sure=False),)


def _is_function(run: Run, name: str) -> bool:
    """Whether a name is a function of the project."""
    owner, _, own = name.rpartition(".")
    path = run.project.path_of(owner)
    module = run.project.module(path) if path is not None else None
    return module is not None and module.function(own) is not None


def _is_object(value: Value) -> bool:
    return isinstance(value, Object)


def _is_response(called: Values) -> bool:
    return any(isinstance(each, Class) and each.name.endswith("Response") for each in called)


def _helper(
    run: Run, name: str | None, arguments: list[Values], keywords: Given[str, Values]
) -> Values | None:
    """What a function of the project does and gives; None if it is none, or too deep."""
    owner, _, own = (name or "").rpartition(".")
    path = run.project.path_of(owner) if owner else None
    module = run.project.module(path) if path is not None else None
    facts = module.function(own) if module is not None else None
    if path is None or facts is None:
        return None
    place = place_at(run.project, path, facts.line, "")
    if place is None or (path, f"{facts.line}") in run.stack or len(run.stack) >= DEEPEST:
        return None
    return call_method(run, place, bound(place, arguments, keywords, skip=0))
