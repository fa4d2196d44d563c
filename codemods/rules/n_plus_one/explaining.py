"""The reasoning at one line, for a person to check: fields, what they need, what is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.beside import models_written
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import CONDITIONAL_FIELD, Touch
from djfix.codemods.inference.loading.missing import covered
from djfix.codemods.inference.loading.values import Loaded, QuerySource
from djfix.codemods.inference.views.values import View
from djfix.codemods.inference.views.views import views_of, views_served

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

_USES = {
    "object": "is loaded for each row",
    "rows": "is read as a whole",
    "part": "is counted or read in part",
    "query": "is asked for in a way that no prefetch serves",
}

_ORDERS = {"explicit": "ordered", "none": "in no stated order", "unknown": "order unknown"}


def explanation(document: Document, project: Project, lines: range) -> Iterator[str]:
    """What the rule took into account of the views and querysets that stand at these lines."""
    for view in dict.fromkeys((*views_of(project, document), *views_served(project, document))):
        sources = [each for each in view.sources if _is_at(each, document.path, lines)]
        if not sources and not (view.path == document.path and view.line in lines):
            continue
        yield f"{view.name} ({view.path}:{view.line})"
        yield from (f"  not known: {reason}" for reason in view.unclear)
        for source in sources or view.sources:
            yield from _of_source(project, view, source)
        if not view.sources:
            yield "  its queryset is not known"


def _is_at(source: QuerySource, path: str, lines: range) -> bool:
    reference = source.reference
    return source.path == path and any(
        line in lines for line in range(source.anchor_line, reference.end_line + 1)
    )


def _of_source(project: Project, view: View, source: QuerySource) -> Iterator[str]:
    place = f"{source.path}:{source.reference.line}"
    head = f"  queryset of {_short(source.model)} ({place}), {_ORDERS[source.order]}"
    yield f"{head}; it loads {_loaded(source.loaded)}"
    for hazard in source.hazards:
        yield f"    against {hazard.forbids}: {hazard.reason}"
    by_serializer: dict[str | None, list[str]] = {}
    for rendering in view.renderings:
        by_serializer.setdefault(rendering.serializer, []).append(rendering.action)
    for serializer, actions in by_serializer.items():
        yield from _of_serializer(project, source, serializer, ", ".join(actions))


def _loaded(loaded: Loaded) -> str:
    parts = [f"{name} (joined)" for name in sorted(loaded.joined)]
    parts += [f"{name} (prefetched)" for name in sorted(loaded.prefetched)]
    parts += [f"{loaded.known} (one object for all rows)"] if loaded.known else []
    parts += ["every required foreign key (joined)"] if loaded.joins_all else []
    return ", ".join(parts) or "nothing else"


def _of_serializer(
    project: Project, source: QuerySource, serializer: str | None, actions: str
) -> Iterator[str]:
    if serializer is None:
        yield f"  {actions}: renders nothing that is known"
        return
    reads = project.shared(Accesses).serializer(serializer, source.model)
    yield f"  {actions}: {_short(serializer)}"
    yield from (_of_touch(project, source, touch) for touch in reads.touches)
    yield from (f"{_of_touch(project, source, touch)}, again and again" for touch in reads.circular)
    yield from (
        f"{_of_touch(project, source, touch)}, perhaps: {touch.field} ({touch.doubt})"
        for touch in reads.perhaps
    )
    if not reads.touches and not reads.circular and not reads.perhaps:
        yield "    touches no relation"
    for unclear in reads.unclear:
        is_followed = unclear.reason.name == CONDITIONAL_FIELD
        yield f"    {unclear.reason}" if is_followed else f"    not followed: {unclear.reason}"
    for unclear in reads.writing:
        if models_written(project, unclear):
            yield f"    not followed: {unclear.reason}"


def _of_touch(project: Project, source: QuerySource, touch: Touch) -> str:
    is_served = touch.use != "query" and covered(source.loaded, touch.path, project)
    by_making = project.shared(Accesses).is_read_by_making(touch.path)
    has = "read when it is made" if by_making else "loaded" if is_served else "missing"
    chain = " > ".join(f"{line.path}:{line.line} {line.text}" for line in touch.evidence)
    return f"    {touch.lookup} {_USES[touch.use]}: {has} ({chain})"


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
