"""What the code of a serializer changes: its hooks, and the fields that these add and take away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.serializer_dynamic import (
    LOOKED_AT,
    Dynamic,
    helpers_called,
    look_at,
    method_node,
)
from djfix.codemods.project.serializer_fields import Place, declared_field
from djfix.codemods.project.serializer_making import Making
from djfix.codemods.project.serializer_values import SerializerField

if TYPE_CHECKING:
    pass

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


def hooks_of(making: Making) -> dict[str, MethodInfo]:
    """The methods that take part in rendering, each the nearest in the MRO."""
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


def changed(
    making: Making, fields: tuple[SerializerField, ...], hooks: dict[str, MethodInfo]
) -> tuple[SerializerField, ...]:
    """The fields after `__init__`, `get_fields` and `to_representation` of every class."""
    found = {each.name: each for each in fields}
    for name in LOOKED_AT if hooks.keys() & set(LOOKED_AT) else ():
        for cls in reversed(making.order):
            info = making.project.class_named(cls)
            if info is not None and info.facts is not None and info.path is not None:
                _change(making, info, name, found, hooks)
    return tuple(found.values())


def _change(
    making: Making,
    info: ClassInfo,
    name: str,
    found: dict[str, SerializerField],
    hooks: dict[str, MethodInfo],
) -> None:
    assert info.facts is not None
    assert info.path is not None
    method = info.facts.method(name)
    if method is None:
        return
    dynamic = Dynamic()
    node = method_node(making.project.files.document(info.path), method.line)
    if node is None:
        dynamic.unclear = f"{name} cannot be read"
    else:
        look_at(node, dynamic)
        for each in helpers_called(node):
            _look_at_helper(making, each, dynamic)
    if dynamic.unclear is not None:
        making.doubt("dynamic-fields", f"{info.name}.{name}: {dynamic.unclear}")
    _put_in(making, Place(info.path, (*info.qualname, name), 1 << 30), info, dynamic, found)
    for each in dynamic.removed & found.keys():
        found[each] = replace(found[each], conditional=True)
    if name in hooks and hooks[name].cls == info.name:
        # A method that a subclass replaces may not run at all.
        for each in dynamic.gone - {added for added, _, _ in dynamic.added}:
            found.pop(each, None)


def _look_at_helper(making: Making, name: str, dynamic: Dynamic) -> None:
    """A method of its own that one of the hooks calls: `self.drop_fields()`."""
    owner = making.order[0] if making.order else ""
    method = None if name in LOOKED_AT else making.project.method(owner, name)
    if method is not None and method.path is not None:
        node = method_node(making.project.files.document(method.path), method.line)
        if node is not None:
            look_at(node, dynamic)


def _put_in(
    making: Making,
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
