"""The querysets behind a view: the one place that asks `inference.loading` for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.expressions import owner_of
from djfix.codemods.inference.loading.by_name import by_name
from djfix.codemods.inference.loading.hazards import without_repetition
from djfix.codemods.inference.loading.refinements import (
    refinements_by_serializer,
    refinements_of_view,
)
from djfix.codemods.inference.loading.sources import sources_of_expression, sources_of_view
from djfix.codemods.inference.loading.values import Hazard, Loaded, QuerySource
from djfix.codemods.inference.views.choices import Place, Rows
from djfix.codemods.project.project import Project


def sources_of(project: Project, view: str) -> tuple[tuple[QuerySource, ...], tuple[Reason, ...]]:
    """The expressions that a view's queryset may come from."""
    return sources_of_view(project, view)


def refinements_of(project: Project, view: str) -> tuple[Hazard, ...]:
    """What the view's code does to its queryset later, and other code to that of its class."""
    return without_repetition((*refinements_of_view(project, view), *by_name(project, view)))


def refinements_by(project: Project, serializers: Iterable[str]) -> Iterator[Hazard]:
    """What serializers do to the rows that they are handed."""
    for each in serializers:
        yield from refinements_by_serializer(project, each)


def source_of_rows(project: Project, rows: Rows, view: str) -> QuerySource | Reason:
    """The queryset that an expression of a body makes; `view`: the class that `self` is.

    Of what several expressions may have made, the place that takes it, if it can be read there.
    """
    assert rows.place is not None
    assert rows.expression is not None
    if rows.handed is None:
        return _source(project, rows.place, rows.expression, view)
    found = _source(project, *rows.handed, view, is_handed=True)
    if isinstance(found, QuerySource):
        return found
    return _source(project, rows.place, rows.expression, view, is_rooted=True)


def loaded_where_handed(project: Project, rows: Rows, view: str) -> Loaded | None:
    """What the view's rows load where an action hands them to a serializer, if that is known."""
    if rows.handed is None:
        return None
    found = _source(project, *rows.handed, view)
    return found.loaded if isinstance(found, QuerySource) else None


def _source(
    project: Project,
    place: Place,
    expression: ast.expr,
    view: str,
    *,
    is_handed: bool = False,
    is_rooted: bool = False,
) -> QuerySource | Reason:
    document, function = place.document, place.function
    owner = owner_of(document, function) if place.cls else None
    return sources_of_expression(
        project,
        document,
        function,
        owner,
        expression,
        view=view or None,
        is_handed=is_handed,
        is_rooted=is_rooted,
    )
