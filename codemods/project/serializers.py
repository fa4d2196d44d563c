"""Serializers of REST framework, linked: declared fields, Meta, what is built from the model.

As `SerializerMetaclass` and `ModelSerializer.get_fields` have them. Measured: fields on plain
mixins (no `_declared_fields`) are not collected; those of a mixin with that metaclass are.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from djfix.codemods.project.serializer_bases import serializer_order, unknown_serializer_bases
from djfix.codemods.project.serializer_changes import changed, hooks_of
from djfix.codemods.project.serializer_declared import declared_fields
from djfix.codemods.project.serializer_fields import BASE_SERIALIZER
from djfix.codemods.project.serializer_listed import (
    depth_in,
    fields_in,
    list_serializer_in,
    model_in,
)
from djfix.codemods.project.serializer_making import Making
from djfix.codemods.project.serializer_meta import MetaOptions, meta_of
from djfix.codemods.project.serializer_values import Serializer, SerializerField

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


def serializer_of(project: Project, dotted: str) -> Serializer | None:
    """The serializer of this name; None if it is no class of the project known to be one."""
    info = project.class_named(dotted)
    if info is None or info.facts is None or info.path is None:
        return None
    order = serializer_order(project, info.name)
    if BASE_SERIALIZER not in order:
        return None
    making = Making(project, info, order)
    for base in unknown_serializer_bases(project, order):
        making.doubt("unknown-base", f"the base {base} cannot be read")
    meta = meta_of(project, order) or MetaOptions({})
    declared = declared_fields(making, info, frozenset())
    model = model_in(making, meta)
    hooks = hooks_of(making)
    fields = fields_in(making, meta, declared, model)
    fields = changed(making, fields, hooks)
    _doubts_of_fields(making, fields)
    return Serializer(
        name=info.name,
        model=None if model is None else model.name,
        fields=fields,
        depth=depth_in(making, meta),
        hooks=MappingProxyType(hooks),
        list_serializer=list_serializer_in(making, meta),
        unclear=tuple(making.unclear.values()),
        path=info.path,
        line=info.line,
    )


def _doubts_of_fields(making: Making, fields: tuple[SerializerField, ...]) -> None:
    names = [each.name for each in fields if each.kind == "unknown"]
    if names:
        making.doubt("unknown-field-class", f"what {', '.join(names)} is cannot be read")
