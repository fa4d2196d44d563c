"""What reading an attribute of a model instance touches, and what it gives.

Django's descriptors, as measured: a foreign key or one-to-one (either side) loads its row when the
attribute is read; its `_id` is a column; a to-many side is a manager and loads nothing by itself.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.beside import WHOLE, note_look
from djfix.codemods.inference.access.methods import property_of
from djfix.codemods.inference.access.objects import (
    OPAQUE,
    Bound,
    Own,
    Row,
    Rows,
    Serializing,
    Several,
    Spelled,
    Super,
    Value,
    Values,
    Within,
)
from djfix.codemods.inference.access.rows import iterated
from djfix.codemods.inference.access.values import Hop, extended

if TYPE_CHECKING:
    from djfix.codemods.inference.access.reader import Reader, Where
    from djfix.codemods.project.models import Field, Model, ReverseRelation

_PARTS = frozenset({"_meta", "_state", "objects", "DoesNotExist", "MultipleObjectsReturned", "pk"})
"""Attributes of every model instance that load no row."""


def attribute_of(reader: Reader, values: Values, name: str, where: Where) -> Values:
    """What `value.name` may be, its touches taken down."""
    found: set[Value] = set()
    for value in values:
        match value:
            case Row():
                found |= _of_row(reader, value, name, where)
            case Rows() | Within() | Super():
                found.add(Bound(value, name))
            case Own():
                found |= _of_own(reader, value, name, where)
            case Spelled(dotted):
                found.add(Spelled(f"{dotted}.{name}"))
            case Several():
                found |= _of_container(value, name)
            case Serializing():
                found |= _of_serializing(reader, value, name, where)
    return frozenset(found)


def _of_container(value: Several, name: str) -> Values:
    """`append` and the like give nothing; `items` and `values` of a dict give what it holds."""
    return frozenset({Bound(value, name)}) if name in {"values", "items", "copy", "get"} else OPAQUE


def _of_serializing(reader: Reader, value: Serializing, name: str, where: Where) -> Values:
    """`.data` renders what the serializer was given; `to_representation` what it is handed."""
    from djfix.codemods.inference.access.rendering import render

    if name == "to_representation":
        return frozenset({Bound(Own(value.cls, "serializer"), name)})
    if name == "data":
        given = iterated(reader, value.value, where) if value.many else value.value
        render(reader, value.cls, given, where)
    return OPAQUE


def _of_own(reader: Reader, value: Own, name: str, where: Where) -> Values:
    method = reader.project.method(value.cls, name)
    if method is None or method.facts is None:
        return OPAQUE
    if method.facts.is_property:
        return property_of(reader, value, method, where)
    return frozenset({Bound(value, name)})


def _of_row(reader: Reader, row: Row, name: str, where: Where) -> Values:
    model = reader.project.model(row.model, partial=True)
    if name in WHOLE and isinstance(where, ast.AST):
        note_look(reader, WHOLE[name], where)
    if model is None or name in _PARTS or (name.startswith("__") and name.endswith("__")):
        return OPAQUE
    field = model.fields.get(name)
    if field is not None:
        return _of_field(reader, row, model, field, where)
    if model.field(name) is not None:
        return OPAQUE
    if name in model.methods:
        return frozenset({Bound(row, name)})
    if name in model.properties:
        return _of_property(reader, row, model, name, where)
    reverse = model.reverse_named(name)
    if reverse is not None:
        return _of_reverse(reader, row, model, reverse, where)
    return _of_anything_else(reader, row, model, name, where)


def _of_property(reader: Reader, row: Row, model: Model, name: str, where: Where) -> Values:
    info = model.properties[name]
    method = reader.project.method(info.cls, name) if info.facts is None else None
    if info.path is None:
        if not info.cls.startswith(("django.", "rest_framework.")):
            reader.doubt("unread-property", f"{info.cls}.{name} was not read", where)
        return OPAQUE
    if info.facts is None:
        if method is None or method.facts is None:
            reader.doubt("unread-property", f"what {model.label}.{name} reads is not known", where)
            return OPAQUE
        return property_of(reader, row, method, where)
    from djfix.codemods.project.classes import MethodInfo

    getter = MethodInfo(info.cls, info.facts.name, info.path, info.facts.line, info.facts)
    return property_of(reader, row, getter, where)


def _of_field(reader: Reader, row: Row, model: Model, field: Field, where: Where) -> Values:
    relation = field.relation
    if relation is None:
        return OPAQUE
    if relation.kind == "generic-foreign-key":
        hop = Hop(model.name, field.name, "generic", "")
        reader.collector.touch(row.root, (*row.path, hop), "object", (reader.evidence(where),))
        return OPAQUE
    if relation.target is None or reader.project.model(relation.target, partial=True) is None:
        text = f"the model that {model.label}.{field.name} points at is not known"
        reader.doubt("unknown-model", text, where)
        return OPAQUE
    if relation.kind in {"many-to-many", "generic"}:
        return _rows(row, model, field.name, relation.target)
    if relation.parent_link or field.auto_created:
        # Built from the columns that the child has loaded (ForwardOneToOneDescriptor).
        return frozenset({replace(row, model=relation.target)})
    # The other side of a foreign key is a manager: only a one-to-one holds its object.
    back = (relation.accessor or "") if relation.kind == "one-to-one" else ""
    return _to_one(reader, row, model, field.name, relation.target, where, back=back)


def _of_reverse(
    reader: Reader, row: Row, model: Model, reverse: ReverseRelation, where: Where
) -> Values:
    if reverse.kind == "one-to-one":
        accessor, target = reverse.accessor, reverse.model
        return _to_one(reader, row, model, accessor, target, where, back=reverse.field)
    back = reverse.field if reverse.kind == "foreign-key" else ""
    return _rows(row, model, reverse.accessor, reverse.model, back)


def _rows(row: Row, model: Model, name: str, target: str, back: str = "") -> Values:
    hop = Hop(model.name, name, "many", target, back)
    return frozenset({Rows(row.root, (*row.path, hop), target)})


def _to_one(
    reader: Reader, row: Row, model: Model, name: str, target: str, where: Where, *, back: str
) -> Values:
    """The row at the other end; `back` is the attribute by which it holds this one."""
    hop = Hop(model.name, name, "one", target, back)
    path = extended(row.path, (hop,))
    if len(path) < len(row.path):
        return frozenset({Row(row.root, path, target)})
    reader.collector.touch(row.root, path, "object", (reader.evidence(where),))
    return frozenset({Row(row.root, path, target)})


def _of_anything_else(reader: Reader, row: Row, model: Model, name: str, where: Where) -> Values:
    """An annotation, or what code puts on the instance; a method of Django's own."""
    if name in model.class_attributes:
        reader.doubt("unread-attribute", f"{model.label}.{name} may load rows", where)
        return OPAQUE
    if "*" in model.unknown_attributes or name in model.unknown_attributes:
        reader.doubt("added-attribute", f"{name} is added to {model.label} from outside", where)
        return OPAQUE
    if reader.project.method(model.name, name) is not None:
        return frozenset({Bound(row, name)})
    if model.unknown_bases:
        bases = ", ".join(model.unknown_bases)
        reader.doubt("unknown-base", f"{model.label} extends {bases}, which is not known", where)
    return OPAQUE
