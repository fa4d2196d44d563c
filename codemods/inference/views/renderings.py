"""What one run of an action renders: of the view's queryset, and of querysets of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from djfix.codemods.findings import Reason
from djfix.codemods.inference.views.choices import Made, Object, Rows
from djfix.codemods.inference.views.knowledge import READING_METHODS
from djfix.codemods.inference.views.running import Run
from djfix.codemods.inference.views.values import ActionKind, Rendering


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendering and the rows that it renders."""

    rendering: Rendering
    rows: Rows


@dataclass(frozen=True, slots=True)
class Answered:
    """The action that was run: its name, its HTTP method, and where the project's code is."""

    name: str
    method: str
    stock: bool = False
    path: str | None = None
    line: int = 0


def rendered_by(run: Run, action: Answered, path: str, line: int) -> tuple[Rendered, ...]:
    """What the action renders; a place in DRF's own code is that of the view."""
    found: dict[Rendered, None] = {}
    for made in run.rendered:
        if made.shown is not None:
            rows = made.shown if isinstance(made.shown, Rows) else made.shown.rows
            found[Rendered(_rendering(made, action, path, line), rows)] = None
    if not any(each.rows.is_view for each in found):
        found |= dict.fromkeys(_unrendered(run, action, path, line))
    return tuple(_first_of_each(_sure(found)))


def _rendering(made: Made, action: Answered, path: str, line: int) -> Rendering:
    return Rendering(
        action=action.name,
        kind=_kind(made, action),
        serializer=made.name,
        stock=action.stock,
        certain=made.certain,
        path=made.path or path,
        line=made.line or line,
    )


def _kind(made: Made, action: Answered) -> ActionKind:
    if made.many or (isinstance(made.shown, Object) and made.shown.each):
        return "list"
    if made.has_data or action.method not in READING_METHODS:
        return "write"
    return "object"


def _unrendered(run: Run, action: Answered, path: str, line: int) -> Iterable[Rendered]:
    """The view's object is fetched, and nothing of it rendered."""
    is_fetched = any(
        each.kind == "fetch" and each.rows is not None and each.rows.is_view for each in run.events
    )
    if is_fetched:
        place, at = (path, line) if action.stock else (action.path or path, action.line or line)
        found = Rendering(action.name, "delete", None, action.stock, True, place, at)
        yield Rendered(found, Rows())


def _sure(found: Iterable[Rendered]) -> Iterable[Rendered]:
    """Where conditions lead to one serializer only, none of them decides about it."""
    several = list(dict.fromkeys(found))
    by_rows: dict[tuple[Rows, str], set[str | None]] = {}
    for each in several:
        key = (each.rows, each.rendering.kind)
        by_rows.setdefault(key, set()).add(each.rendering.serializer)
    settled: dict[Rendered, None] = {}
    for each in several:
        is_only = len(by_rows[(each.rows, each.rendering.kind)]) == 1
        rendering = replace(each.rendering, certain=each.rendering.certain or is_only)
        settled[replace(each, rendering=rendering)] = None
    return settled


def _first_of_each(found: Iterable[Rendered]) -> Iterable[Rendered]:
    """Two places of one action that render alike are one rendering."""
    kept: dict[tuple[Rows, str, str | None], Rendered] = {}
    for each in found:
        key = (each.rows, each.rendering.kind, each.rendering.serializer)
        kept.setdefault(key, each)
    return kept.values()


def reasons_of(renderings: Iterable[Rendering]) -> tuple[Reason, ...]:
    """What is not known about the serializers."""
    found: dict[Reason, None] = {}
    for each in renderings:
        if each.serializer is None and each.kind != "delete":
            text = f"the serializer of {each.action} cannot be followed"
            found[Reason("unknown-serializer", text)] = None
        if not each.certain:
            text = f"the request decides about the serializer of {each.action}"
            found[Reason("serializer-by-condition", text)] = None
    return tuple(found)
