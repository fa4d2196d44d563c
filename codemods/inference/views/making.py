"""Serializers that calls make, objects that they fetch, and what saving one sets off."""

from __future__ import annotations

import ast
from collections.abc import Mapping as Given
from dataclasses import replace

from djfix.codemods.inference.views.ancestry import member
from djfix.codemods.inference.views.attributes import place_at
from djfix.codemods.inference.views.choices import (
    Class,
    Constant,
    Made,
    Object,
    Place,
    Rows,
    Unknown,
    Value,
    Values,
)
from djfix.codemods.inference.views.knowledge import (
    is_serializer,
)
from djfix.codemods.inference.views.running import (
    UNKNOWN,
    Event,
    Run,
    call_method,
)


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


def making(
    run: Run,
    place: Place | None,
    called: Value,
    node: ast.Call | None,
    arguments: list[Values],
    keywords: Given[str, Values],
    *,
    trusted: bool = False,
    of: int = 1,
) -> Values:
    """The serializer that calling a class with an object or rows makes.

    `trusted`: REST framework calls it, so that it can be nothing else. `of`: how many classes it
    may be one of.
    """
    name = called.name if isinstance(called, Class) else None
    if not trusted and not _is_made(run, called, keywords):
        return (Unknown(place, node),)
    many = keywords.get("many", ()) == (Constant(True),)
    path, line = (place.document.path, node.lineno) if place and node else (None, 0)
    has_data = "data" in keywords or len(arguments) > 1
    certain = run.undecided == 0 and of == 1
    made = tuple(
        Made(name, shown, many or isinstance(shown, Rows), has_data, path, line, certain)
        for shown in (
            _handed(each, place, node, arguments) for each in _shown(arguments, keywords, many)
        )
    )
    run.made |= dict.fromkeys(made)
    return made


def _is_made(run: Run, called: Value, keywords: Given[str, Values]) -> bool:
    """Whether a call makes a serializer; one of what is not known, if it says `many=`."""
    if isinstance(called, Class):
        is_hidden = run.project.mro(called.name) is None
        is_model = run.project.model(called.name, partial=True) is not None
        return is_serializer(run.project, called.name) or (is_hidden and not is_model)
    return isinstance(called, Unknown) and "many" in keywords


def _handed(
    shown: Rows | Object | None, place: Place | None, node: ast.Call | None, arguments: list[Values]
) -> Rows | Object | None:
    """Rows and where they are handed on. What is added there serves each queryset that branches
    bind to a name, and touches nothing else that is done with them; of the view's own rows it tells
    what the action loads besides."""
    if not isinstance(shown, Rows) or place is None or node is None or not node.args:
        return shown
    is_one = not arguments or len(arguments[0]) < 2
    return shown if is_one and not shown.is_view else replace(shown, handed=(place, node.args[0]))


def _shown(
    arguments: list[Values], keywords: Given[str, Values], many: bool
) -> tuple[Rows | Object | None, ...]:
    """What a serializer is handed to render: each possibility."""
    values = arguments[0] if arguments else keywords.get("instance", ())
    found = tuple(each for each in values if isinstance(each, Rows | Object))
    if found or not many:
        return found or (None,)
    lost = [each for each in values if isinstance(each, Unknown) and each.expression is not None]
    return tuple(Rows(each.place, each.expression) for each in lost) or (None,)
