"""Whether a view orders its rows itself.

https://www.django-rest-framework.org/api-guide/filtering/#orderingfilter and
https://www.django-rest-framework.org/api-guide/pagination/#cursorpagination
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.inference.views.ancestry import ancestors, member
from djfix.codemods.inference.views.attributes import of_facts
from djfix.codemods.inference.views.choices import Class, Constant, Sequence, Values, union
from djfix.codemods.project.project import Project
from djfix.codemods.source.walking import walk

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


_SILENT = ("rest_framework.filters.SearchFilter", "rest_framework_guardian.filters.")
_DJANGO_FILTER = "django_filters."
_BY_FILTERS = ("filterset_class", "filter_class")
_WORDS = ("order_by", "OrderingFilter", "ordering_fields")


class Orders:
    """The orders that views may give rows besides; `project.shared(Orders)` keeps one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[str, tuple[tuple[str, ...], ...]] = {}

    def of(self, view: str) -> tuple[tuple[str, ...], ...]:
        """Those of a view's filters, pagination and own code, each by its names; () for one that
        a client chooses, or that cannot be read. A function has none."""
        cls = view if self._project.class_named(view) else view.rpartition(".")[0]
        if self._project.class_named(cls) is None:
            return ()
        if cls not in self._found:
            self._found[cls] = tuple(dict.fromkeys(_orders_in(self._project, cls)))
        return self._found[cls]


def _orders_in(project: Project, view: str) -> Iterator[tuple[str, ...]]:
    for name in _paginations(project, view):
        if _is_a(project, name, CURSOR_PAGINATION):
            yield _cursor_order(project, name)
        elif _says(project, name, _WORDS):
            yield ()
    for backend in _backend_names(project, view):
        if backend == ORDERING_FILTER:
            yield from _chosen_orders(project, view)
        elif _may_order(project, view, backend):
            yield ()
    yield from _called_orders(project, view)


def _chosen_orders(project: Project, view: str) -> Iterator[tuple[str, ...]]:
    """What a client may order by: the fields that the view names, or any; and what it gets if it
    asks for nothing."""
    fields = _texts(_attribute(project, view, "ordering_fields"))
    yield from ((each,) for each in fields) if fields else ((),)
    default = _texts(_attribute(project, view, "ordering"))
    yield from (default,) if default else ()


def _texts(values: Values | None) -> tuple[str, ...]:
    """A text, or the texts of a list; none where any cannot be read."""
    (value,) = values if values is not None and len(values) == 1 else (None,)
    match value:
        case Constant(value=str() as name):
            return (name,)
        case Sequence(items=items):
            single = [next(iter(each)) for each in items if len(each) == 1]
            texts = [each.value for each in single if isinstance(each, Constant)]
            names = tuple(each for each in texts if isinstance(each, str))
            return names if len(names) == len(items) else ()
    return ()


def _cursor_order(project: Project, pagination: str) -> tuple[str, ...]:
    values = _attribute(project, pagination, "ordering")
    return ("-created",) if values is None else _texts(values)


def _backend_names(project: Project, view: str) -> tuple[str | None, ...]:
    """The filter backends; None for one that is not known."""
    values = _attribute(project, view, "filter_backends")
    if values is None:
        value = project.settings.entry("REST_FRAMEWORK", "DEFAULT_FILTER_BACKENDS")
        if value is None:
            return ()
        return tuple(value.texts) if value.is_read else (*value.texts, None)
    items = [item for each in values if isinstance(each, Sequence) for item in each.items]
    names = [each.name if isinstance(each, Class) else None for each in union(*items)]
    if None not in names and all(isinstance(each, Sequence) for each in values):
        return tuple(names)
    return _spelled(project, view, "filter_backends")


def _spelled(project: Project, view: str, name: str) -> tuple[str | None, ...]:
    """The names in a list of classes, libraries' too; None for what is no name."""
    found = member(project, view, name)
    value = found.assignment.value if found is not None and found.assignment is not None else None
    if found is None or value is None or value.kind not in {"list", "tuple"}:
        return (None,)
    assert found.cls.path is not None
    path = found.cls.path
    return tuple(project.resolve(path, each.name) if each.name else None for each in value.items)


def _may_order(project: Project, view: str, backend: str | None) -> bool:
    if backend is None:
        return True
    if backend.startswith(_SILENT):
        return False
    if backend.startswith(_DJANGO_FILTER):
        return any(_is_ordered_by_filters(project, view, each) for each in _BY_FILTERS)
    return _is_a(project, backend, ORDERING_FILTER) or _says(project, backend, _WORDS)


def _is_ordered_by_filters(project: Project, view: str, attribute: str) -> bool:
    values = _attribute(project, view, attribute)
    named = [each.name if isinstance(each, Class) else None for each in values or ()]
    return any(each is None or _says(project, each, _WORDS) for each in named)


def _says(project: Project, cls: str, words: tuple[str, ...]) -> bool:
    """Whether the text of a class, or of one that it extends, has any of these words; a class
    that cannot be read may."""
    info = project.class_named(cls)
    if info is None:
        return True
    for name in ancestors(project, cls):
        each = project.class_named(name)
        if each is None or each.path is None or each.facts is None:
            continue
        lines = project.files.document(each.path).lines[each.facts.line - 1 : each.facts.end_line]
        if any(word in line for line in lines for word in words):
            return True
    return False


def _called_orders(project: Project, view: str) -> Iterator[tuple[str, ...]]:
    """The names in each `order_by(...)` of the view's classes; none for what is computed."""
    for name in ancestors(project, view):
        info = project.class_named(name)
        if info is None or info.path is None or not _says(project, name, ("order_by",)):
            continue
        document = project.files.document(info.path)
        for function in document.functions.values():
            assert info.facts is not None
            if info.facts.line <= function.lineno <= info.facts.end_line:
                yield from _orders_of(function)


def _orders_of(function: ast.AST) -> Iterator[tuple[str, ...]]:
    for node in walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="order_by"), args=given):
                texts = [each.value for each in given if isinstance(each, ast.Constant)]
                yield tuple(each for each in texts if isinstance(each, str))


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
