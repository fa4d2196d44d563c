"""The columns that a narrower save must name, by what was assigned to an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.models import Field, Model

PLAIN = frozenset(
    {"integer", "decimal", "float", "duration", "char", "text", "boolean", "date", "datetime"}
)
"""Kinds of columns whose values cannot be changed in place."""


_UNCHANGEABLE = frozenset({"UUIDField", "TimeField", "GenericIPAddressField", "BinaryField"})


def is_plain(field: Field) -> bool:
    """Whether the column's value cannot be changed in place: only an assignment changes it."""
    own = field.is_django_own and field.class_name.rpartition(".")[2] in _UNCHANGEABLE
    return field.kind in PLAIN or field.primary_key or own


def with_measures(field: Field) -> Iterator[str]:
    """The field, and the columns that its descriptor sets when a file is assigned."""
    yield field.name
    yield from measured_by(field)


def measured_by(field: Field) -> Iterator[str]:
    """The columns that an image's descriptor sets when a file is assigned (django.db.models)."""
    for option in ("width_field", "height_field"):
        given = field.options.get(option)
        if given is not None and given.string:
            yield given.string


def touched_fields(model: Model) -> frozenset[str]:
    """The names of the fields that every `save()` sets by itself."""
    return frozenset(
        field.name
        for field in model.fields.values()
        if field.auto_now or (not field.is_django_own and field.has_pre_save is True)
    )
