"""Whether a view orders its rows itself.

https://www.django-rest-framework.org/api-guide/filtering/#orderingfilter and
https://www.django-rest-framework.org/api-guide/pagination/#cursorpagination
"""

from __future__ import annotations

from djfix.codemods.inference.views.ancestry import ancestors, member
from djfix.codemods.inference.views.attributes import of_facts
from djfix.codemods.inference.views.choices import Class, Constant, Sequence, Values, union
from djfix.codemods.project.project import Project

ORDERING_FILTER = "rest_framework.filters.OrderingFilter"
CURSOR_PAGINATION = "rest_framework.pagination.CursorPagination"


def is_ordered(project: Project, view: str) -> bool:
    """`ordering` with REST framework's OrderingFilter, or a CursorPagination: the view's own, or
    the project's default."""
    if any(_is_a(project, each, CURSOR_PAGINATION) for each in _paginations(project, view)):
        return True
    has_ordering = any(_is_order(each) for each in _attribute(project, view, "ordering") or ())
    return has_ordering and any(
        _is_a(project, each, ORDERING_FILTER) for each in _backends(project, view)
    )


def _is_order(value: object) -> bool:
    match value:
        case Constant(value=str() as name):
            return bool(name)
        case Sequence(items=items):
            return bool(items)
    return False


def _is_a(project: Project, name: str, base: str) -> bool:
    return base in ancestors(project, name)


def _attribute(project: Project, view: str, name: str) -> Values | None:
    found = member(project, view, name)
    if found is None or found.assignment is None or found.assignment.value is None:
        return None
    assert found.cls.path is not None
    return of_facts(project, found.cls.path, found.cls.qualname, found.assignment.value)


def _paginations(project: Project, view: str) -> tuple[str, ...]:
    values = _attribute(project, view, "pagination_class")
    if values is None:
        return _defaults(project, "DEFAULT_PAGINATION_CLASS")
    return tuple(each.name for each in values if isinstance(each, Class))


def _backends(project: Project, view: str) -> tuple[str, ...]:
    if _attribute(project, view, "filter_backends") is None:
        return _defaults(project, "DEFAULT_FILTER_BACKENDS")
    return classes_in(project, view, "filter_backends")


def classes_in(project: Project, view: str, name: str) -> tuple[str, ...]:
    """The classes that an attribute of a view lists, those that are known."""
    values = _attribute(project, view, name) or ()
    items = [item for each in values if isinstance(each, Sequence) for item in each.items]
    return tuple(each.name for each in union(*items) if isinstance(each, Class))


def _defaults(project: Project, key: str) -> tuple[str, ...]:
    """Dotted names in the setting REST_FRAMEWORK, if every settings module has the same."""
    value = project.settings.entry("REST_FRAMEWORK", key)
    if value is None or not value.complete:
        return ()
    if isinstance(value.constant, str):
        return (value.constant,)
    return tuple(value.texts)
