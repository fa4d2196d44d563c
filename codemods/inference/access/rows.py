"""Rows that are read: by iteration, as text, by the methods of a related manager.

Which of these a prefetch serves was measured (Django 4.2 to 6.1): `all()`, iteration, `len`,
indexes and slices of `all()`, `count()`, `exists()`, `contains()`, and `first()` where the model
has an ordering; everything that refines the queryset asks the database again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djfix.codemods.inference.access.keys import OBJECT, Text
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Bound,
    Row,
    Rows,
    Several,
    Value,
    Values,
    Within,
)

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader, Where
    from djfix.codemods.inference.access.values import Use

SERVED = frozenset({"count", "exists", "contains", "acount", "aexists", "acontains"})
"""Methods that read the prefetched rows and give no instance."""

WRITING = frozenset(
    {
        *("add", "remove", "set", "clear", "create", "update", "delete", "bulk_create", "none"),
        *("get_or_create", "update_or_create", "bulk_update", "aadd", "aremove", "aset", "acreate"),
        *("aclear", "aupdate", "adelete", "abulk_create", "aget_or_create", "aupdate_or_create"),
    }
)
"""Methods that ask for nothing that a prefetch could have brought."""

WHOLE = frozenset({"all", "get_queryset"})

REFINING = frozenset(
    {
        *("all", "filter", "exclude", "order_by", "reverse", "distinct", "annotate", "alias"),
        *("values", "values_list", "only", "defer", "using", "select_related", "prefetch_related"),
    }
)
"""Methods of a queryset that give another one, and ask the database for nothing."""


def iterated(reader: Reader, values: Values, where: Where) -> Values:
    """What one turn of a loop over these gives."""
    found: set[Value] = set()
    for value in values:
        match value:
            case Rows(root, path, model):
                touch_rows(reader, value, where)
                found.add(Row(root, path, model))
            case Within():
                touch_within(reader, value, where)
            case Several(items):
                found |= items
    return frozenset(found)


def read_rows(reader: Reader, values: Values, where: Where) -> None:
    """The rows are loaded, whatever becomes of them: truth, `in`, `len`."""
    for value in values:
        if isinstance(value, Rows):
            touch_rows(reader, value, where)
        elif isinstance(value, Within):
            touch_within(reader, value, where)


def touch_rows(reader: Reader, rows: Rows, where: Where, *, part: bool = False) -> None:
    use: Use = "part" if part or rows.sliced else "rows"
    reader.collector.touch(rows.root, rows.path, use, (reader.evidence(where),))


def touch_within(reader: Reader, within: Within, where: Where) -> None:
    """A queryset is read that has the rows as a subquery: no prefetch serves that."""
    reader.collector.touch(within.root, within.path, "query", (reader.evidence(where),))


def method_of_within(reader: Reader, within: Within, name: str, where: Where) -> Values:
    """Methods that refine it ask for nothing yet."""
    if name in REFINING:
        return frozenset({within})
    if name not in WRITING:
        touch_within(reader, within, where)
    return OPAQUE


def read_as_text(reader: Reader, values: Values, where: Where) -> None:
    """`str()` of these; a container's text has its items'."""
    for value in values:
        match value:
            case Row(root, path, model):
                reader.take(Text(model), {OBJECT: frozenset({(root, path)})}, where, "shows")
            case Several(items):
                read_as_text(reader, items, where)
            case Rows(root, path, model):
                touch_rows(reader, value, where)
                row = frozenset({Row(root, path, model)})
                read_as_text(reader, row, where)


def method_of_rows(reader: Reader, bound: Bound, where: Where) -> Values | None:
    """What a method of a related manager gives; None for one that the project defines."""
    rows, name = bound.receiver, bound.name
    assert isinstance(rows, Rows)
    if name in WRITING:
        return OPAQUE
    if is_overridden(reader, rows, name):
        return None
    if name in WHOLE:
        # A related manager's get_queryset() hands out the prefetched rows as well.
        return frozenset({rows})
    if name in SERVED:
        touch_rows(reader, rows, where, part=True)
        return OPAQUE
    if name in {"first", "afirst"} and _is_ordered(reader, rows):
        touch_rows(reader, rows, where, part=True)
        return frozenset({Row(rows.root, rows.path, rows.model)})
    reader.collector.touch(rows.root, rows.path, "query", (reader.evidence(where),))
    return OPAQUE


def _is_ordered(reader: Reader, rows: Rows) -> bool:
    model = reader.project.model(rows.model, partial=True)
    return model is not None and bool(model.ordering)


def is_overridden(reader: Reader, rows: Rows, name: str) -> bool:
    """Whether the related manager's class, or its queryset, is the project's and has the method.

    A related manager is made from the target's default manager.
    """
    model = reader.project.model(rows.model, partial=True)
    if model is None:
        return False
    manager = model.default_manager
    classes = (manager.class_name, manager.queryset_class)
    if name in WHOLE and "get_queryset" in (manager.overrides or ()):
        # Its own rows are what lazy reading and a prefetch both give.
        return False
    return any(_defines(reader, each, name) for each in classes if each is not None)


def _defines(reader: Reader, cls: str, name: str) -> bool:
    method = reader.project.method(cls, name)
    return method is not None and method.path is not None
