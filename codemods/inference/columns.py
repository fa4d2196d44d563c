"""The columns that a serializer reads of each row, where nothing but columns is read.

`.only()` and `.defer()` as measured (Django 4.2 to 6.1): a column that is left out costs a query
for each row that reads it, and a joined foreign key that is left out raises FieldError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason

if TYPE_CHECKING:
    from djfix.codemods.project.models import Field, Model
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.serializer_values import Serializer, SerializerField

COLUMN_KINDS = frozenset({"plain", "key", "slug", "hyperlink", "identity", "hidden"})


class NotColumns(Exception):  # noqa: N818 - an answer, no error
    """The serializer reads something that is no column, or cannot be read; `reason` says what."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.reason = Reason(name, text)


def columns_of(project: Project, serializer: str, model: str, joined: frozenset[str]) -> set[str]:
    """The lookups, for `only()`, of all columns that rendering one object reads.

    `joined`: the paths that select_related brings. Raises NotColumns.
    """
    found = project.serializer(serializer)
    known = project.model(model)
    if found is None or known is None:
        raise NotColumns("unknown-serializer", f"{serializer} or its model cannot be read in full")
    if found.unclear:
        raise NotColumns(found.unclear[0].name, found.unclear[0].text)
    if found.hooks:
        names = ", ".join(sorted(found.hooks))
        raise NotColumns("own-rendering", f"{found.name.rpartition('.')[2]} overrides {names}")
    columns: set[str] = set()
    for field in found.fields:
        if not field.write_only:
            columns.update(_of_field(project, found, field, known, joined))
    return columns


def _of_field(
    project: Project,
    serializer: Serializer,
    field: SerializerField,
    model: Model,
    joined: frozenset[str],
) -> Iterator[str]:
    label = f"{serializer.name.rpartition('.')[2]}.{field.name}"
    if field.conditional or field.source is None:
        raise NotColumns("unknown-field", f"{label} cannot be read")
    if field.kind == "hidden":
        return
    if field.kind == "nested" and field.serializer is not None:
        yield from _of_nested(project, field, model, joined, label)
    elif field.many:
        # Rows of their own: a prefetch finds them by the key, which is always there.
        _to_many(model, field, label)
    elif field.kind in COLUMN_KINDS:
        yield from _of_source(project, field, model, joined, label)
    else:
        raise NotColumns("reads-code", f"{label} runs code, or shows an object as text")


def _to_many(model: Model, field: SerializerField, label: str) -> None:
    source = field.source or ()
    relation = model.fields.get(source[0]) if len(source) == 1 else None
    is_many = relation is not None and relation.relation is not None and not relation.is_column
    if not is_many and (len(source) != 1 or model.reverse_named(source[0]) is None):
        raise NotColumns("reads-code", f"{label} is no relation of the object itself")


def _of_nested(
    project: Project, field: SerializerField, model: Model, joined: frozenset[str], label: str
) -> Iterator[str]:
    assert field.serializer is not None
    source = field.source or ()
    if field.many:
        _to_many(model, field, label)
        return
    if len(source) != 1:
        raise NotColumns("deep-source", f"{label} nests an object that is not its own relation's")
    target = _joined_target(model, source[0], joined, label)
    for column in sorted(columns_of(project, field.serializer, target, _below(joined, source[0]))):
        yield f"{source[0]}__{column}"


def _of_source(
    project: Project,
    field: SerializerField,
    model: Model,
    joined: frozenset[str],
    label: str,
) -> Iterator[str]:
    source = field.source or ()
    if field.kind == "identity" or not source:
        source = (field.lookup_field,)
    if field.kind == "slug":
        source = (*source, *(field.slug_field or "pk").split("__"))
    elif field.kind == "hyperlink" and field.lookup_field != "pk":
        source = (*source, field.lookup_field)
    *ways, last = source
    names: list[str] = []
    for way in ways:
        target = _joined_target(model, way, joined, label)
        names.append(way)
        joined = _below(joined, way)
        known = project.model(target)
        if known is None:
            raise NotColumns("unknown-model", f"{label} leads to a model that cannot be read")
        model = known
    names.append(_column(model, last, label).name)
    yield "__".join(names)


def _column(model: Model, name: str, label: str) -> Field:
    field = model.field(name)
    if field is None or not field.is_column or field.unclear or field.has_pre_save is None:
        raise NotColumns("reads-code", f"{label} reads {name}, which is no column")
    return field


def _joined_target(model: Model, name: str, joined: frozenset[str], label: str) -> str:
    field = model.fields.get(name)
    relation = field.relation if field is not None else None
    if field is None or relation is None or not field.is_column or relation.target is None:
        raise NotColumns("reads-code", f"{label} reads {name}, which is no foreign key")
    if name not in joined:
        raise NotColumns("not-joined", f"{label} reads {name}, which the queryset does not join")
    return relation.target


def _below(joined: frozenset[str], name: str) -> frozenset[str]:
    start = f"{name}__"
    return frozenset(each.removeprefix(start) for each in joined if each.startswith(start))
