"""Objects that are rendered after rows that they lead to were changed behind their back.

What was loaded with the object (by a join or a prefetch) then answers with old rows, where lazy
loading would have read the new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.inference.saving.callees import ANY, Callees
from djfix.codemods.inference.views.choices import Rows
from djfix.codemods.inference.views.ordering import classes_in
from djfix.codemods.inference.views.running import Event
from djfix.codemods.project.project import Project

STALE = Reason(
    "stale-rows", "an action changes related rows and then renders the object it fetched before"
)
CUSTOM = Reason(
    "custom-write", "an action's own code may change related rows before it renders the object"
)


def behind_back(events: Iterable[Event], rows: Rows) -> tuple[tuple[Event, ...], ...]:
    """What one action does between fetching an object of one queryset and rendering it, for each
    time that it is rendered; plain values, which lead to no tree."""
    found: dict[tuple[Event, ...], None] = {}
    pending: list[Event] = []
    is_fetched = False
    for event in events:
        if event.kind in {"fetch", "refresh"} and event.rows == rows:
            is_fetched, pending = True, []
        elif event.kind in {"write", "unjudged", "call"} and is_fetched:
            # What is done by the object's own relations is seen in what was loaded (measured).
            pending += [replace(event, rows=None)] if event.rows != rows else []
        elif event.kind == "render" and event.rows == rows and pending:
            found[tuple(pending)] = None
    return tuple(found)


def stale_rows(project: Project, behind: Iterable[tuple[Event, ...]]) -> tuple[Hazard, ...]:
    """The hazards of one action for the objects behind whose back this was done."""
    found: dict[Hazard, None] = {}
    for events in behind:
        pending = list(_looked_into(project, events))
        found |= {hazard: None for each in pending[:1] for hazard in (_hazard(pending, each),)}
    return tuple(found)


def _looked_into(project: Project, events: Iterable[Event]) -> Iterator[Event]:
    """The events, with what the functions that are called write; those that write nothing go."""
    for event in events:
        if event.kind != "call":
            yield event
            continue
        written = project.shared(Callees).written_by_function(event.text)
        if ANY in written:
            text = "the function may change related rows"
            yield replace(event, kind="unjudged", text=text, models=written)
        elif written:
            yield replace(event, kind="write", text="the function changes rows", models=written)


def _hazard(pending: list[Event], first: Event) -> Hazard:
    certain = next((each for each in pending if each.kind == "write"), None)
    shown = certain or first
    evidence = Evidence(shown.path, shown.line, shown.text) if shown.path else None
    reason = STALE if certain else CUSTOM
    models = [each.models for each in pending if each.kind == shown.kind]
    known = frozenset[str]().union(*models)
    if ANY in known:
        known = frozenset({ANY})
    elif not all(models):
        known = frozenset()
    return Hazard(reason, "both", certain=False, evidence=evidence, models=known)


def is_sure(hazard: Hazard) -> bool:
    """Whether something is certainly written, known or not; who only reads is asked about that."""
    return hazard.reason == STALE or ANY in hazard.models


def stale_by_permissions(project: Project, view: str) -> Iterator[Hazard]:
    """What permission classes, and hooks of the view, write between the object and its answer."""
    callees = project.shared(Callees)
    for cls, name in _hooks(project, view):
        method = project.method(cls, name)
        if method is None or method.path is None:
            continue
        written = callees.written_at([(method.path, method.line)])
        if written:
            evidence = Evidence(method.path, method.line, f"{name}() changes rows")
            known = frozenset({ANY}) if ANY in written else written
            yield Hazard(
                CUSTOM if ANY in written else STALE,
                "both",
                certain=False,
                evidence=evidence,
                models=known,
            )


def stale_by_rendering(project: Project, serializers: Iterable[str]) -> Iterator[Hazard]:
    """What a serializer's own methods write while it renders, before it reads what was loaded."""
    for name in serializers:
        info = project.class_named(name)
        own = info.facts.methods if info is not None and info.facts is not None else ()
        called = [each for each in own if _is_rendering(each.name)]
        if info is None or info.path is None or not called:
            continue
        places = [(info.path, each.line) for each in called]
        written = project.shared(Callees).written_at(places) - {ANY}
        if written:
            text = f"{name.rpartition('.')[2]} changes rows while it renders"
            evidence = Evidence(info.path, called[0].line, text)
            yield Hazard(STALE, "both", certain=False, evidence=evidence, models=written)


def _is_rendering(method: str) -> bool:
    return method == "to_representation" or method.startswith("get_")


def stale_by_saving(project: Project, model: str, serializers: Iterable[str]) -> Iterator[Hazard]:
    """What validating and saving an object change besides, before it is the answer: receivers,
    the model's own `save()`, the serializer's validators."""
    places: set[tuple[str, int]] = set()
    for receiver in project.receivers(model, ("pre_save", "post_save")):
        if receiver.handler_path is not None and not receiver.only_created:
            places.add((receiver.handler_path, receiver.handler_line))
    methods = [project.method(model, "save")]
    for name in serializers:
        info = project.class_named(name)
        own = info.facts.methods if info is not None and info.facts is not None else ()
        validating = [each.name for each in own if each.name.startswith("validate")]
        methods += [project.method(name, each) for each in (*validating, "to_internal_value")]
    places |= {(each.path, each.line) for each in methods if each is not None and each.path}
    written = project.shared(Callees).written_at(places) - {ANY}
    if written:
        yield Hazard(STALE, "both", certain=False, models=written)


def _hooks(project: Project, view: str) -> Iterator[tuple[str, str]]:
    for name in ("check_object_permissions", "get_serializer_context"):
        yield view, name
    for cls in classes_in(project, view, "permission_classes"):
        yield cls, "has_object_permission"
