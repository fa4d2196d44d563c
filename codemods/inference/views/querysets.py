"""The querysets behind a view: the one place that asks `inference.loading` for them."""

from __future__ import annotations

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.values import Hazard, QuerySource
from djfix.codemods.inference.views.choices import Rows
from djfix.codemods.project.project import Project


def sources_of(project: Project, view: str) -> tuple[tuple[QuerySource, ...], tuple[Reason, ...]]:
    """The expressions that a view's queryset may come from."""
    try:
        from djfix.codemods.inference.loading.sources import sources_of_view  # type: ignore
    except ImportError:
        return (), ()
    found: tuple[tuple[QuerySource, ...], tuple[Reason, ...]] = sources_of_view(project, view)
    return found


def refinements_of(project: Project, view: str) -> tuple[Hazard, ...]:
    """What the view's code does to its queryset later."""
    try:
        from djfix.codemods.inference.loading.hazards import refinements_of_view  # type: ignore
    except ImportError:
        return ()
    found: tuple[Hazard, ...] = refinements_of_view(project, view)
    return found


def source_of_rows(project: Project, rows: Rows) -> QuerySource | Reason:
    """The queryset that an expression of a body makes."""
    assert rows.place is not None
    assert rows.expression is not None
    try:
        from djfix.codemods.inference.loading.sources import (  # type: ignore
            sources_of_expression,
        )
    except ImportError:
        return Reason("unknown-queryset", "the queryset cannot be followed")
    place = rows.place
    found: QuerySource | Reason = sources_of_expression(
        project, place.document, place.function, place.cls, rows.expression
    )
    return found
