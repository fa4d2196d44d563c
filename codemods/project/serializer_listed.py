"""What Meta says: the model, the fields by their names, and what is built from the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.models import Model
from djfix.codemods.project.serializer_bases import serializer_order
from djfix.codemods.project.serializer_built import Building, built_field, default_names
from djfix.codemods.project.serializer_fields import DRF, Place
from djfix.codemods.project.serializer_making import Making, class_attribute, own_attribute
from djfix.codemods.project.serializer_meta import (
    MetaOptions,
    Option,
    meta_of,
    option_names,
    text_of,
)
from djfix.codemods.project.serializer_values import SerializerField

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


def model_in(making: Making, meta: MetaOptions) -> Model | None:
    """The model of `Meta.model`."""
    option = meta.values.get("model")
    if option is None:
        return None
    model = _model_of(making.project, option)
    if model is None:
        making.doubt("unreadable-meta", "Meta.model is no model that can be read")
    return model


def _model_of(project: Project, option: Option, deep: int = 0) -> Model | None:
    value, place = option.value, option.place
    if value.kind == "call":
        return _called_model(project, value)
    if value.kind != "name" or deep > 5:
        return None
    owner, _, last = value.name.rpartition(".")
    if owner.endswith(".Meta") and last == "model":
        order = _resolved_order(project, place, owner.removesuffix(".Meta"))
        other = meta_of(project, order)
        found = None if other is None else other.values.get("model")
        return None if found is None else _model_of(project, found, deep + 1)
    dotted = project.resolve(place.path, value.name, place.scope, line=place.line)
    # Of a model with unknown bases only what its own body declares is believed.
    model = None if dotted is None else project.model(dotted, partial=True)
    if model is not None or deep:
        return model
    named = project.value_of(place.path, value.name)
    return None if named is None else _model_of(project, Option(named, place), deep + 1)


def _called_model(project: Project, value: ExpressionFacts) -> Model | None:
    function = value.function
    last = "" if function is None else function.name.rpartition(".")[2]
    if last == "get_user_model" and not value.arguments:
        return project.user_model(partial=True)
    names = [each.string for each in value.arguments]
    if last == "get_model" and names and None not in names:
        label = ".".join(each or "" for each in names)
        return project.model_by_label(label, partial=True)
    return None


def _resolved_order(project: Project, place: Place, name: str) -> tuple[str, ...]:
    dotted = project.resolve(place.path, name, place.scope, line=place.line)
    info = None if dotted is None else project.class_named(dotted)
    return () if info is None else serializer_order(project, info.name)


def depth_in(making: Making, meta: MetaOptions) -> int:
    """How deep `Meta.depth` nests relations."""
    option = meta.values.get("depth")
    if option is None or option.value.is_constant(None):
        return 0
    if isinstance(option.value.value, int) and option.value.kind == "constant":
        return int(option.value.value)
    making.doubt("unreadable-meta", "Meta.depth is no number that can be read")
    return 0


def list_serializer_in(making: Making, meta: MetaOptions) -> str | None:
    """The `Meta.list_serializer_class`, if the project defines it."""
    option = meta.values.get("list_serializer_class")
    if option is None:
        return None
    place = option.place
    dotted = (
        making.project.resolve(place.path, option.value.name, place.scope, line=place.line)
        if option.value.kind == "name"
        else None
    )
    info = None if dotted is None else making.project.class_named(dotted)
    if info is None:
        making.doubt("unreadable-meta", "Meta.list_serializer_class cannot be read")
    return None if info is None or info.path is None else info.name


def fields_in(
    making: Making,
    meta: MetaOptions,
    declared: dict[str, SerializerField],
    model: Model | None,
) -> tuple[SerializerField, ...]:
    """The fields in their order, as `ModelSerializer.get_fields` has them."""
    if DRF + "ModelSerializer" not in making.order:
        return tuple(declared.values())
    if meta.unclear:
        making.doubt("unreadable-meta", "Meta, or a base of it, cannot be read")
    if "model" not in meta.values:
        # A base for others: it cannot be instantiated itself.
        return tuple(declared.values())
    names = _names(making, meta, declared, model)
    if names is None:
        making.doubt("unreadable-meta", "the names of the fields cannot be read")
        return tuple(declared.values())
    building = None if model is None else _building(making, meta, model)
    return tuple(_named(making, declared, building, each) for each in dict.fromkeys(names))


def _named(
    making: Making,
    declared: dict[str, SerializerField],
    building: Building | None,
    name: str,
) -> SerializerField:
    if name in declared:
        return declared[name]
    if building is None:
        info = making.info
        return SerializerField(
            name, "unknown", None, declared=False, cls=info.name, path=info.path, line=info.line
        )
    return built_field(building, name)


def _names(
    making: Making,
    meta: MetaOptions,
    declared: dict[str, SerializerField],
    model: Model | None,
) -> tuple[str, ...] | None:
    """`ModelSerializer.get_field_names`."""
    project = making.project
    wanted, left_out = meta.values.get("fields"), meta.values.get("exclude")
    if wanted is not None and not wanted.value.is_constant(None):
        names = option_names(project, wanted)
        if names is not None:
            return names
        if not _is_all(project, wanted):
            return None
    elif left_out is None:
        return None
    every = None if model is None else default_names(project, model, tuple(declared))
    if left_out is None or left_out.value.is_constant(None):
        return every
    excluded = option_names(project, left_out)
    if every is None or excluded is None:
        return None
    return tuple(each for each in every if each not in excluded)


def _is_all(project: Project, wanted: Option) -> bool:
    value, place = wanted.value, wanted.place
    if value.kind == "name":
        dotted = project.resolve(place.path, value.name, place.scope, line=place.line)
        if dotted == DRF + "ALL_FIELDS":
            return True
    return wanted.added is None and text_of(project, value, place) == "__all__"


def _building(making: Making, meta: MetaOptions, model: Model) -> Building:
    hyperlinked = DRF + "HyperlinkedModelSerializer" in making.order
    default = "HyperlinkedRelatedField" if hyperlinked else "PrimaryKeyRelatedField"
    related = class_attribute(making, "serializer_related_field", DRF + default)
    read_only = meta.values.get("read_only_fields")
    names = () if read_only is None else option_names(making.project, read_only)
    option = meta.values.get("fields") or meta.values.get("exclude")
    return Building(
        project=making.project,
        model=model,
        cls=making.info.name,
        path=making.info.path if option is None else option.place.path,
        line=making.info.line if option is None else option.place.line,
        depth=depth_in(making, meta),
        related=related,
        url_name=_url_name(making),
        has_own_mapping=own_attribute(making, "serializer_field_mapping") is not None,
        read_only=frozenset(names or ()),
        extra=_extra(making, meta),
    )


def _url_name(making: Making) -> str | None:
    found = own_attribute(making, "url_field_name")
    return "url" if found is None else None if found[1] is None else found[1].string


def _extra(making: Making, meta: MetaOptions) -> dict[str, dict[str, ExpressionFacts]]:
    option = meta.values.get("extra_kwargs")
    if option is None:
        return {}
    items = option.value.items
    if option.value.kind != "dict" or option.added is not None:
        making.doubt("unreadable-meta", "Meta.extra_kwargs cannot be read")
        return {}
    found: dict[str, dict[str, ExpressionFacts]] = {}
    for key, value in zip(items[::2], items[1::2], strict=False):
        if key.string is None or value.kind != "dict":
            making.doubt("unreadable-meta", "Meta.extra_kwargs cannot be read")
            continue
        pairs = zip(value.items[::2], value.items[1::2], strict=False)
        found[key.string] = {name.string: each for name, each in pairs if name.string}
    return found
