"""The reasoning at one line, for a person to check: columns, what they touch, what is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.values import Touch
from djfix.codemods.inference.loading.missing import covered
from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.rules.admin_list.needs import Rows, effective, rows_of
from djfix.codemods.rules.admin_list.places import class_node, span_of
from djfix.codemods.rules.admin_list.querysets import queryset_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document


def explanation(document: Document, project: Project, lines: range) -> Iterator[str]:
    """What the rule took into account of the admin classes that stand at these lines."""
    for admin in project.admin_classes(document.path):
        span = span_of(document, class_node(document, admin))
        own = {admin.line, *range(span.line, span.end_line + 1)}
        if own.intersection(lines):
            yield from _of_admin(project, admin)


def _of_admin(project: Project, admin: AdminClass) -> Iterator[str]:
    names = ", ".join(_short(each) for each in admin.models) or "no model that is known"
    yield f"{_short(admin.name)}, registered for {names}"
    yield from (f"  not known: {reason}" for reason in admin.unclear)
    if admin.columns is None:
        yield "  its list_display cannot be read"
        return
    shown = ", ".join(each.name or each.kind for each in admin.columns)
    yield f"  its list shows {shown}"
    for model in admin.models:
        rows = rows_of(project, admin, model, queryset_of(project, admin).loaded)
        if rows is not None:
            yield from _of_rows(project, rows)


def _of_rows(project: Project, rows: Rows) -> Iterator[str]:
    loaded = effective(project, rows.queryset, rows.existing, rows.foreign_keys)
    names = [f"{name} (joined)" for name in sorted(loaded.joined)]
    names += [f"{name} (prefetched)" for name in sorted(loaded.prefetched)]
    names += ["every required foreign key (joined)"] if loaded.joins_all else []
    yield f"  of each {_short(rows.model)} it loads {', '.join(names) or 'nothing else'}"
    for touch in rows.touches:
        has = "loaded" if covered(loaded, touch.path, project) else "missing"
        yield f"    {touch.lookup} {_uses(touch)}: {has} ({_chain(touch)})"
    if not rows.touches:
        yield "    its columns touch no relation"
    yield from (f"    not followed: {reason}" for reason in rows.unclear)


def _uses(touch: Touch) -> str:
    return {
        "object": "is loaded for each row",
        "rows": "is read as a whole",
        "part": "is counted or read in part",
        "query": "is asked for in a way that no prefetch serves",
    }[touch.use]


def _chain(touch: Touch) -> str:
    return " > ".join(f"{line.path}:{line.line} {line.text}" for line in touch.evidence)


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
