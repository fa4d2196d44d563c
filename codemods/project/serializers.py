"""Serializers of REST framework, linked: declared fields, Meta, what is built from the model.

As `SerializerMetaclass` and `ModelSerializer.get_fields` have them. Measured: fields on plain
mixins (no `_declared_fields`) are not collected; those of a mixin with that metaclass are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.facts import AssignmentFacts, ExpressionFacts
from djfix.codemods.project.models import Model
from djfix.codemods.project.serializer_bases import (
    collects_fields,
    serializer_order,
    unknown_serializer_bases,
)
from djfix.codemods.project.serializer_built import Building, built_field, default_names
from djfix.codemods.project.serializer_dynamic import LOOKED_AT, Dynamic, look_at, method_node
from djfix.codemods.project.serializer_fields import (
    BASE_SERIALIZER,
    DRF,
    Place,
    declared_field,
)
from djfix.codemods.project.serializer_meta import (
    MetaOptions,
    Option,
    meta_of,
    option_names,
    text_of,
)
from djfix.codemods.project.serializer_values import Serializer, SerializerField

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_FIELD_SET = frozenset(
    ["fields", "_readable_fields", "get_field_names", "get_default_field_names", "_declared_fields"]
)
_BUILDERS = frozenset(
    [
        "build_field",
        "build_standard_field",
        "build_relational_field",
        "build_nested_field",
        "build_property_field",
        "build_url_field",
        "build_unknown_field",
        "get_extra_kwargs",
        "include_extra_kwargs",
    ]
)
_HOOKS = [
    "to_representation",
    "get_fields",
    "__init__",
    "__new__",
    "many_init",
    "data",
    "get_attribute",
    "get_initial",
    "serializable_value",
    "__class_getitem__",
    "__iter__",
    "__getitem__",
    *sorted(_FIELD_SET - {"_declared_fields"}),
    *sorted(_BUILDERS),
]


@dataclass
class _Making:
    """What is known of one serializer while it is put together."""

    project: Project
    info: ClassInfo
    order: tuple[str, ...]
    unclear: dict[str, Reason] = field(default_factory=dict)

    def doubt(self, name: str, text: str) -> None:
        self.unclear.setdefault(name, Reason(name, text))


def serializer_of(project: Project, dotted: str) -> Serializer | None:
    """The serializer of this name; None if it is no class of the project known to be one."""
    info = project.class_named(dotted)
    if info is None or info.facts is None or info.path is None:
        return None
    order = serializer_order(project, info.name)
    if BASE_SERIALIZER not in order:
        return None
    making = _Making(project, info, order)
    for base in unknown_serializer_bases(project, order):
        making.doubt("unknown-base", f"the base {base} cannot be read")
    meta = meta_of(project, order) or MetaOptions({})
    declared = _declared(making, info, frozenset())
    model = _model(making, meta)
    hooks = _hooks(making)
    fields = _fields(making, meta, declared, model)
    fields = _changed(making, fields, hooks)
    _doubts_of_fields(making, fields)
    return Serializer(
        name=info.name,
        model=None if model is None else model.name,
        fields=fields,
        depth=_depth(making, meta),
        hooks=MappingProxyType(hooks),
        list_serializer=_list_serializer(making, meta),
        unclear=tuple(making.unclear.values()),
        path=info.path,
        line=info.line,
    )


# -- declared fields ----------------------------------------------------------------------------


def _declared(making: _Making, info: ClassInfo, seen: frozenset[str]) -> dict[str, SerializerField]:
    """`_declared_fields`: those of the bases, in the order of the bases, then the class's own."""
    if info.facts is None or info.name in seen:
        return {}
    own: dict[str, SerializerField] = {}
    others = set(info.facts.binds())
    for each in info.facts.assignments:
        made = _own_field(making, info, each)
        if made is not None:
            if each.target in own and made.conditional:
                making.doubt("dynamic-fields", f"{info.name}.{each.target} has two declarations")
            own.pop(each.target, None)
            own[each.target] = made
        elif each.value is not None:
            own.pop(each.target, None)
    known = others - set(own)
    collected: dict[str, SerializerField] = {}
    for name in info.bases:
        base = making.project.class_named(name)
        if base is None or not collects_fields(making.project, base.name):
            continue
        for key, value in _declared(making, base, seen | {info.name}).items():
            if key not in known:
                known.add(key)
                collected[key] = value
    if info.facts.is_open:
        making.doubt("dynamic-fields", f"the body of {info.name} makes names in a loop")
    return collected | own


def _own_field(
    making: _Making, info: ClassInfo, assigned: AssignmentFacts
) -> SerializerField | None:
    if assigned.value is None or info.path is None or "." in assigned.target:
        return None
    place = Place(info.path, info.qualname, assigned.line)
    value = assigned.value
    if value.kind == "name":
        # A field that a constant holds.
        value = making.project.value_of(info.path, value.name) or value
    made = declared_field(making.project, assigned.target, value, place, info.name)
    if made is None and value.kind == "conditional":
        made = SerializerField(
            assigned.target, "unknown", None, cls=info.name, path=info.path, line=assigned.line
        )
    if made is None:
        return None
    conditional = assigned.condition in {"if", "else", "try", "except", "loop"}
    return replace(made, line=assigned.line, conditional=conditional)


# -- Meta ---------------------------------------------------------------------------------------


def _model(making: _Making, meta: MetaOptions) -> Model | None:
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


def _depth(making: _Making, meta: MetaOptions) -> int:
    option = meta.values.get("depth")
    if option is None or option.value.is_constant(None):
        return 0
    if isinstance(option.value.value, int) and option.value.kind == "constant":
        return int(option.value.value)
    making.doubt("unreadable-meta", "Meta.depth is no number that can be read")
    return 0


def _list_serializer(making: _Making, meta: MetaOptions) -> str | None:
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


def _fields(
    making: _Making,
    meta: MetaOptions,
    declared: dict[str, SerializerField],
    model: Model | None,
) -> tuple[SerializerField, ...]:
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
    making: _Making,
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
    making: _Making,
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


def _building(making: _Making, meta: MetaOptions, model: Model) -> Building:
    hyperlinked = DRF + "HyperlinkedModelSerializer" in making.order
    default = "HyperlinkedRelatedField" if hyperlinked else "PrimaryKeyRelatedField"
    related = _class_attribute(making, "serializer_related_field", DRF + default)
    read_only = meta.values.get("read_only_fields")
    names = () if read_only is None else option_names(making.project, read_only)
    option = meta.values.get("fields") or meta.values.get("exclude")
    return Building(
        project=making.project,
        model=model,
        cls=making.info.name,
        path=making.info.path if option is None else option.place.path,
        line=making.info.line if option is None else option.place.line,
        depth=_depth(making, meta),
        related=related,
        url_name=_url_name(making),
        has_own_mapping=_own_attribute(making, "serializer_field_mapping") is not None,
        read_only=frozenset(names or ()),
        extra=_extra(making, meta),
    )


def _own_attribute(making: _Making, name: str) -> tuple[ClassInfo, ExpressionFacts | None] | None:
    """The nearest assignment of the project's classes to this name."""
    for each in making.order:
        info = making.project.class_named(each)
        if info is not None and info.facts is not None and name in info.binds():
            found = info.facts.assignment(name)
            return info, None if found is None else found.value
    return None


def _class_attribute(making: _Making, name: str, default: str) -> str | None:
    found = _own_attribute(making, name)
    if found is None:
        return default
    info, value = found
    if value is None or value.kind != "name" or info.path is None:
        return None
    return making.project.resolve(info.path, value.name, info.qualname, line=value.line)


def _url_name(making: _Making) -> str | None:
    found = _own_attribute(making, "url_field_name")
    return "url" if found is None else None if found[1] is None else found[1].string


def _extra(making: _Making, meta: MetaOptions) -> dict[str, dict[str, ExpressionFacts]]:
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


# -- what code changes --------------------------------------------------------------------------


def _hooks(making: _Making) -> dict[str, MethodInfo]:
    found: dict[str, MethodInfo] = {}
    for cls in making.order:
        info = making.project.class_named(cls)
        if info is None or info.facts is None:
            continue
        binds = info.binds()
        for name in _HOOKS:
            if name in binds and name not in found:
                facts = info.facts.method(name)
                line = info.line if facts is None else facts.line
                found[name] = MethodInfo(info.name, name, info.path, line, facts)
    for name in sorted(_FIELD_SET & found.keys()):
        making.doubt("dynamic-fields", f"{found[name].cls} has its own {name}")
    for name in sorted(_BUILDERS & found.keys()):
        making.doubt("unknown-field-class", f"{found[name].cls} has its own {name}")
    return found


def _changed(
    making: _Making, fields: tuple[SerializerField, ...], hooks: dict[str, MethodInfo]
) -> tuple[SerializerField, ...]:
    """The fields after `__init__`, `get_fields` and `to_representation` of every class."""
    found = {each.name: each for each in fields}
    for cls in reversed(making.order if hooks.keys() & set(LOOKED_AT) else ()):
        info = making.project.class_named(cls)
        if info is not None and info.facts is not None and info.path is not None:
            _change(making, info, found)
    return tuple(found.values())


def _change(making: _Making, info: ClassInfo, found: dict[str, SerializerField]) -> None:
    assert info.facts is not None
    assert info.path is not None
    for name in LOOKED_AT:
        method = info.facts.method(name)
        if method is None:
            continue
        dynamic = Dynamic()
        node = method_node(making.project.files.document(info.path), method.line)
        if node is None:
            dynamic.unclear = f"{name} cannot be read"
        else:
            look_at(node, dynamic)
        if dynamic.unclear is not None:
            making.doubt("dynamic-fields", f"{info.name}.{name}: {dynamic.unclear}")
        _put_in(making, Place(info.path, (*info.qualname, name), 1 << 30), info, dynamic, found)
        for each in dynamic.removed & found.keys():
            found[each] = replace(found[each], conditional=True)


def _put_in(
    making: _Making,
    place: Place,
    info: ClassInfo,
    dynamic: Dynamic,
    found: dict[str, SerializerField],
) -> None:
    for name, value, conditional in dynamic.added:
        made = declared_field(making.project, name, value, place, info.name)
        if made is None:
            made = SerializerField(name, "unknown", None, cls=info.name, path=place.path)
        if conditional and name in found:
            # One of two fields: which one is decided at run time.
            making.doubt("dynamic-fields", f"{info.name} replaces the field {name} at times")
            made = found[name]
        found[name] = replace(made, conditional=conditional, line=made.line or value.line)


def _doubts_of_fields(making: _Making, fields: tuple[SerializerField, ...]) -> None:
    names = [each.name for each in fields if each.kind == "unknown"]
    if names:
        making.doubt("unknown-field-class", f"what {', '.join(names)} is cannot be read")
