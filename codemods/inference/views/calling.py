"""What a call in a view's code gives: REST framework's own methods, and the project's."""

from __future__ import annotations

import ast
from collections.abc import Mapping as Given

from djfix.codemods.inference.views.ancestry import Member, ancestors, member
from djfix.codemods.inference.views.attributes import attribute_of_view, place_at
from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Made,
    Mapping,
    Missing,
    Object,
    Place,
    Rows,
    Sequence,
    Unknown,
    Value,
    Values,
    union,
)
from djfix.codemods.inference.views.evaluating import DEFINITELY, evaluate, item_of
from djfix.codemods.inference.views.knowledge import (
    CREATING,
    DELETING,
    FETCHING,
    GENERIC_METHODS,
    HARMLESS_FUNCTIONS,
    HARMLESS_ON_OBJECTS,
    HARMLESS_ON_RELATED,
    LIBRARY_METHODS,
    NOT_ROWS,
    OBJECT_SHORTCUTS,
    ROWS_SHORTCUTS,
    SAME_ROWS,
    SAVING,
    is_serializer,
)
from djfix.codemods.inference.views.running import (
    DEEPEST,
    NONE,
    UNKNOWN,
    Environment,
    Event,
    Run,
    call_method,
    is_itself,
    mark_rendered,
    note,
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
        found = union(*(_method(run, place, each, node, environment) for each in base))
        if any(not isinstance(each, Unknown) for each in found):
            return found
    elif isinstance(function, ast.Name) and function.id in {"getattr", "hasattr"}:
        return _named_attribute(run, place, node, environment)
    return _function(run, place, node, environment)


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


# -- methods of the view ------------------------------------------------------------------------


def call_of_view(
    run: Run,
    place: Place,
    name: str,
    node: ast.Call,
    environment: Environment,
    after: str | None = None,
) -> Values:
    """`self.name(...)`, or with `after` what `super()` in that class finds."""
    arguments = [evaluate(run, place, each, environment) for each in node.args]
    keywords = {
        each.arg or "**": evaluate(run, place, each.value, environment) for each in node.keywords
    }
    found = member(run.project, run.view, name, after)
    if found is not None and found.is_own and found.method is not None:
        if name in _STATED:
            return _STATED[name](run, place, node, arguments, keywords, found)
        return _own(run, found, arguments, keywords)
    if found is not None and found.is_own:
        values = attribute_of_view(run, name) or UNKNOWN
        made = [_made(run, place, each, node, arguments, keywords) for each in values]
        return union(*made) or UNKNOWN
    known = name if found is None else GENERIC_METHODS.get((found.cls.name, name), name)
    return known_method(run, place, known, node, arguments, keywords)


def _own(run: Run, found: Member, arguments: list[Values], keywords: Given[str, Values]) -> Values:
    assert found.method is not None and found.cls.path is not None
    place = place_at(run.project, found.cls.path, found.method.line, found.cls.name)
    if place is None:
        return UNKNOWN
    names = [each.arg for each in (*place.function.args.posonlyargs, *place.function.args.args)]
    given = dict(zip(names[1:], arguments, strict=False)) | dict(keywords)
    before = len(run.rendered)
    result = call_method(run, place, given)
    if before == len(run.rendered) or result == UNKNOWN:
        mark_rendered(run, union(*arguments, *keywords.values()))
    return result


def _own_queryset(
    run: Run,
    place: Place,
    node: ast.Call,
    arguments: list[Values],
    keywords: Given[str, Values],
    found: Member,
) -> Values:
    """The rows are the view's, in whatever way its own method finds them."""
    return (Rows(),)


def _own_filter(
    run: Run,
    place: Place,
    node: ast.Call,
    arguments: list[Values],
    keywords: Given[str, Values],
    found: Member,
) -> Values:
    return arguments[0] if arguments else UNKNOWN


def _own_object(
    run: Run,
    place: Place,
    node: ast.Call,
    arguments: list[Values],
    keywords: Given[str, Values],
    found: Member,
) -> Values:
    return own_object(run, found, arguments, keywords)


def own_object(
    run: Run, found: Member, arguments: list[Values], keywords: Given[str, Values]
) -> Values:
    """What the project's own `get_object` gives."""
    result = _own(run, found, arguments, keywords)
    if not any(isinstance(each, Object) for each in result):
        run.unclear["unknown-object"] = None
    return result


def _own_paginated(
    run: Run,
    place: Place,
    node: ast.Call,
    arguments: list[Values],
    keywords: Given[str, Values],
    found: Member,
) -> Values:
    return UNKNOWN


_STATED = {
    "get_queryset": _own_queryset,
    "filter_queryset": _own_filter,
    "paginate_queryset": _own_filter,
    "get_object": _own_object,
    "get_paginated_response": _own_paginated,
}


def known_method(
    run: Run,
    place: Place | None,
    name: str,
    node: ast.Call | None,
    arguments: list[Values],
    keywords: Given[str, Values],
) -> Values:
    """REST framework's own method of this name (rest_framework.generics, .mixins)."""
    match name:
        case "get_queryset":
            return (Rows(),)
        case "filter_queryset" | "paginate_queryset":
            return arguments[0] if arguments else UNKNOWN
        case "get_object":
            return fetched(run, Rows())
        case "get_serializer_class":
            return _stock_serializer_class(run)
        case "get_serializer" | "get_pagination_serializer":
            classes = call_of_itself(run, "get_serializer_class")
            made = [
                _made(run, place, each, node, arguments, keywords, trusted=True) for each in classes
            ]
            return union(*made) or UNKNOWN
        case "list" | "retrieve" | "update" | "partial_update" | "destroy" | "create":
            return _stock(run, place, name, node)
        case "perform_update":
            for each in union(*arguments):
                if isinstance(each, Made):
                    saved(run, each)
            return UNKNOWN
        case "perform_destroy" | "check_object_permissions" | "get_serializer_context":
            return UNKNOWN
        case "get_object_or_404":
            return _object_of(run, arguments)
    mark_rendered(run, union(*arguments, *keywords.values()))
    return (Unknown(place, node),)


def fetched(run: Run, rows: Rows) -> Values:
    """One of these rows, fetched here."""
    run.events.append(Event("fetch", rows))
    return (Object(rows),)


def saved(run: Run, made: Made) -> None:
    """`serializer.save()` of a serializer that has an object: its own `update()` changes it."""
    if made.name is None or not isinstance(made.shown, Object):
        return
    for name in ("save", "update"):
        found = member(run.project, made.name, name)
        if found is not None and found.is_own and found.method is not None:
            assert found.cls.path is not None
            place = place_at(run.project, found.cls.path, found.method.line, found.cls.name)
            if place is not None:
                call_method(run, place, {"self": UNKNOWN, "instance": (made.shown,)})


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
        if name in {"filter_queryset", "paginate_queryset"}:
            return arguments[0] if arguments else UNKNOWN
        return _own(run, found, list(arguments), {})
    return known_method(run, None, name, None, list(arguments), {})


def _stock(run: Run, place: Place | None, name: str, node: ast.Call | None) -> Values:
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


# -- everything else ----------------------------------------------------------------------------


def _method(
    run: Run, place: Place, base: Value, node: ast.Call, environment: Environment
) -> Values:
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    match base:
        case Rows():
            return _of_rows(run, place, base, name, node, environment)
        case Object(rows=rows):
            return _of_object(run, place, rows, node)
        case Unknown(of=Object() as of, names=names):
            return _of_part(run, place, of, names, node)
        case Unknown() if name in SAVING:
            note(run, place, "unjudged", node, f"{name}() of another object")
            return UNKNOWN
        case Mapping() if name in {"get", "pop"} and node.args:
            values = [evaluate(run, place, each, environment) for each in node.args]
            return item_of(base, values[0], values[1] if len(values) > 1 else NONE)
        case Constant(value=str() as text) if name in {"lower", "upper"} and not node.args:
            return (Constant(text.lower() if name == "lower" else text.upper()),)
        case Made() if name == "save":
            for each in node.keywords:
                evaluate(run, place, each.value, environment)
            saved(run, base)
            return (base.shown,) if isinstance(base.shown, Object) else UNKNOWN
        case Made() if name in {"is_valid", "run_validation"}:
            return UNKNOWN
    return UNKNOWN


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
    name = names[-1]
    before = names[-2] if len(names) > 1 else ""
    if name in CREATING or (name in DELETING and before != "all()"):
        note(run, place, "write", node, f"{name}() changes rows that the object leads to")
    elif name in SAVING and any(each.endswith("()") for each in names[:-1]):
        note(run, place, "write", node, f"{name}() changes a row that the object leads to")
    elif name not in HARMLESS_ON_RELATED:
        note(run, place, "unjudged", node, f"{name}() may change related rows")
    return (Unknown(place, node, of, (*names[:-1], f"{name}()")),)


def _of_rows(
    run: Run, place: Place, base: Rows, name: str, node: ast.Call, environment: Environment
) -> Values:
    for each in (*node.args, *(keyword.value for keyword in node.keywords)):
        evaluate(run, place, each, environment)
    if name in FETCHING:
        return fetched(run, base)
    if name in CREATING or name in DELETING or name in {"update", "aupdate", "bulk_update"}:
        note(run, place, "write", node, f"{name}() changes rows")
    if name in {"get_or_create", "update_or_create"}:
        return (Sequence((fetched(run, base), UNKNOWN)),)
    if name in NOT_ROWS:
        return UNKNOWN
    return (base,) if base.is_view else (Rows(place, node),)


def _function(run: Run, place: Place, node: ast.Call, environment: Environment) -> Values:
    called = _called(run, place, node, environment)
    arguments = [evaluate(run, place, each, environment) for each in node.args]
    keywords = {
        each.arg or "**": evaluate(run, place, each.value, environment) for each in node.keywords
    }
    name = _resolved_name(run, place, node.func, environment)
    if name in OBJECT_SHORTCUTS or (name or "").rpartition(".")[2] == "get_object_or_404":
        return _object_of(run, arguments)
    if name in ROWS_SHORTCUTS:
        return tuple(each for each in arguments[0] if isinstance(each, Rows)) or UNKNOWN
    if name in SAME_ROWS and len(arguments) == 1:
        return arguments[0]
    made = [_made(run, place, each, node, arguments, keywords) for each in called]
    found = union(*made)
    if any(isinstance(each, Made) for each in found):
        return found
    given = union(*arguments, *keywords.values())
    if any(isinstance(each, Object | Made) for each in given) and name not in HARMLESS_FUNCTIONS:
        helped = _helper(run, name, arguments, keywords)
        if helped is not None:
            return helped
        if any(_is_object(each) for each in given) and not _is_response(run, called):
            note(run, place, "unjudged", node, "code that is not followed is handed the object")
    mark_rendered(run, given)
    return found or (Unknown(place, node),)


def _is_object(value: Value) -> bool:
    return isinstance(value, Object)


def _is_response(run: Run, called: Values) -> bool:
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
    names = [each.arg for each in (*place.function.args.posonlyargs, *place.function.args.args)]
    return call_method(run, place, dict(zip(names, arguments, strict=False)) | dict(keywords))


def _called(run: Run, place: Place, node: ast.Call, environment: Environment) -> Values:
    return evaluate(run, place, node.func, environment)


def _resolved_name(
    run: Run, place: Place, function: ast.expr, environment: Environment
) -> str | None:
    from djfix.codemods.inference.expressions import dotted_name, scope_of

    dotted = dotted_name(function)
    if dotted is None or dotted.partition(".")[0] in environment:
        return None
    resolved = run.project.resolve(
        place.document.path, dotted, scope_of(place.document, place.function)
    )
    return None if resolved is None else resolved.removeprefix("builtins.")


def _object_of(run: Run, arguments: list[Values]) -> Values:
    found = [fetched(run, each) for each in union(*arguments[:1]) if isinstance(each, Rows)]
    return union(*found) or UNKNOWN


def _made(
    run: Run,
    place: Place | None,
    called: Value,
    node: ast.Call | None,
    arguments: list[Values],
    keywords: Given[str, Values],
    *,
    trusted: bool = False,
) -> Values:
    """The serializer that calling a class with an object or rows makes.

    `trusted`: REST framework calls it, so that it can be nothing else.
    """
    name = called.name if isinstance(called, Class) else None
    if not trusted and not _is_made(run, called, keywords):
        return (Unknown(place, node),)
    many = keywords.get("many", ()) == (Constant(True),)
    shown = _shown(arguments, keywords, many)
    path, line = (place.document.path, node.lineno) if place and node else (None, 0)
    has_data = "data" in keywords or len(arguments) > 1
    certain = run.undecided == 0
    made = Made(name, shown, many or isinstance(shown, Rows), has_data, path, line, certain)
    run.made[made] = None
    return (made,)


def _is_made(run: Run, called: Value, keywords: Given[str, Values]) -> bool:
    """Whether a call makes a serializer; one of what is not known, if it says `many=`."""
    if isinstance(called, Class):
        is_hidden = run.project.mro(called.name) is None
        is_model = run.project.model(called.name, partial=True) is not None
        return is_serializer(run.project, called.name) or (is_hidden and not is_model)
    return isinstance(called, Unknown) and "many" in keywords


def _shown(
    arguments: list[Values], keywords: Given[str, Values], many: bool
) -> Rows | Object | None:
    values = arguments[0] if arguments else keywords.get("instance", ())
    for each in values:
        if isinstance(each, Rows | Object):
            return each
    for each in values:
        if many and isinstance(each, Unknown) and each.expression is not None:
            return Rows(each.place, each.expression)
    return None
