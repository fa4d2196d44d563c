"""Fields that a ModelSerializer builds from its model (`ModelSerializer.build_field`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.models import Field, Model
from djfix.codemods.project.serializer_fields import (
    DRF,
    kind_of_class,
    overrides_rendering,
    source_of,
)
from djfix.codemods.project.serializer_values import SerializerField, SerializerFieldKind

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_RELATIONS = {"foreign-key", "one-to-one", "many-to-many"}


@dataclass(frozen=True, slots=True)
class Building:
    """What fields are built with: options of Meta, and classes that the serializer names.

    `related` is None where `serializer_related_field` cannot be read.
    """

    project: Project
    model: Model
    cls: str
    path: str | None
    line: int
    depth: int = 0
    related: str | None = DRF + "PrimaryKeyRelatedField"
    url_name: str | None = "url"
    has_own_mapping: bool = False
    read_only: frozenset[str] = frozenset()
    extra: dict[str, dict[str, ExpressionFacts]] = field(default_factory=dict)


def key_of(project: Project, model: Model) -> Field | None:
    """The primary key as `model_meta._get_pk`: a parent link stands for the parent's."""
    key = model.pk
    seen = {model.name}
    while key is not None and key.relation is not None and key.relation.parent_link:
        target = key.relation.target
        parent = None if target is None or target in seen else project.model(target, partial=True)
        if parent is None:
            return None
        seen.add(parent.name)
        key = parent.pk
    return key


def default_names(
    project: Project, model: Model, declared: tuple[str, ...]
) -> tuple[str, ...] | None:
    """`get_default_field_names`: the key, declared ones, columns, forward relations."""
    key = None if model.unknown_bases else key_of(project, model)
    if key is None:
        return None
    every = [each for each in model.fields.values() if _serializes(each)]
    plain = [each.name for each in every if each.relation is None and each.name != key.name]
    ones = [each.name for each in every if _is_one(each)]
    many = [each.name for each in every if _is_many(each)]
    return tuple(dict.fromkeys([key.name, *declared, *plain, *ones, *many]))


def _serializes(each: Field) -> bool:
    """`Field.serialize`: the automatic key and parent links are not."""
    off = each.options.get("serialize")
    return not each.auto_created and not (off is not None and off.is_constant(False))


def _is_one(each: Field) -> bool:
    return each.relation is not None and each.relation.kind in {"foreign-key", "one-to-one"}


def _is_many(each: Field) -> bool:
    return each.relation is not None and each.relation.kind == "many-to-many"


def built_field(building: Building, name: str) -> SerializerField:
    """The field of this name in Meta.fields; of kind "unknown" where the model has none such."""
    extra = building.extra.get(name, {})
    given = source_of(extra.get("source"), name)
    # `source: "*"` builds by the field's own name, and then reads the whole object.
    attribute = name if given == () else ".".join(given or ())
    start = SerializerField(
        name=name,
        kind="unknown",
        source=given,
        declared=False,
        cls=building.cls,
        path=building.path,
        line=building.line,
        read_only=name in building.read_only or _true(extra.get("read_only")),
        write_only=_true(extra.get("write_only")),
    )
    return start if given is None else _built(building, start, attribute)


def _true(value: ExpressionFacts | None) -> bool:
    return value is not None and value.is_constant(True)


def _built(building: Building, start: SerializerField, name: str) -> SerializerField:
    model = building.model
    key = key_of(building.project, model)
    found = key if name == "pk" else model.fields.get(name)
    if found is None and key is not None and key.name == name:
        found = key
    if model.unknown_bases and not _is_own(model, found, name):
        return start
    if found is not None and found.relation is None:
        return _standard(building, start, found)
    if found is not None and found.relation is not None:
        return _forward(building, start, found)
    reverse = model.reverse_named(name)
    if reverse is not None:
        many = reverse.kind != "one-to-one"
        return _related(building, replace(start, many=many))
    if _has_attribute(model, name):
        return replace(start, kind="plain", read_only=True, class_name=DRF + "ReadOnlyField")
    if building.url_name == name:
        identity = DRF + "HyperlinkedIdentityField"
        return replace(start, kind="identity", source=(), read_only=True, class_name=identity)
    return start


def _is_own(model: Model, found: Field | None, name: str) -> bool:
    """Whether a model with unknown bases has this name in its own body, which comes first, or
    from a relation that leads to it (Django refuses a field of the same name)."""
    if found is not None:
        return found.declared_in == model.name and not found.auto_created
    if model.reverse_named(name) is not None:
        return True
    method, known = model.methods.get(name), model.properties.get(name)
    return model.name in {method and method.cls, known and known.cls}


def _has_attribute(model: Model, name: str) -> bool:
    if name in model.properties or name in model.methods or name in model.class_attributes:
        return True
    return model.field(name) is not None or name in _MODEL_OWN or name in model.managers


_MODEL_OWN = frozenset({"serializable_value", "get_absolute_url"})


def _standard(building: Building, start: SerializerField, found: Field) -> SerializerField:
    if building.has_own_mapping:
        return start
    short = found.class_name.rpartition(".")[2]
    return replace(start, kind="plain", many=short == "ArrayField" and not found.has_choices)


def _forward(building: Building, start: SerializerField, found: Field) -> SerializerField:
    relation = found.relation
    assert relation is not None
    if relation.kind not in _RELATIONS:
        return replace(start, kind="plain", read_only=True, class_name=DRF + "ReadOnlyField")
    if found.primary_key:
        is_one = relation.kind == "one-to-one"
        return _related_class(building, start) if is_one else replace(start, kind="plain")
    many = relation.kind == "many-to-many"
    to_field = found.options.get("to_field")
    if to_field is not None and not building.depth:
        return _to_field(building, start, to_field, relation.target)
    return _related(building, replace(start, many=many))


def _to_field(
    building: Building, start: SerializerField, to_field: ExpressionFacts, target: str | None
) -> SerializerField:
    """A key to another column than the primary key becomes a SlugRelatedField."""
    name = to_field.string
    other = None if target is None else building.project.model(target, partial=True)
    if name is None or other is None:
        return start
    if other.pk is not None and other.pk.name == name:
        return _related_class(building, start)
    return replace(start, kind="slug", slug_field=name, class_name=DRF + "SlugRelatedField")


def _related(building: Building, start: SerializerField) -> SerializerField:
    if building.depth:
        return replace(start, kind="nested", read_only=True)
    return _related_class(building, start)


def _related_class(building: Building, start: SerializerField) -> SerializerField:
    project, related = building.project, building.related
    if related is None or project.mro(related) is None:
        return start
    kind: SerializerFieldKind = kind_of_class(project, related)[0]
    if overrides_rendering(project, related):
        return replace(start, kind="own", base_kind=kind, class_name=related)
    return replace(start, kind=kind, class_name=related)
