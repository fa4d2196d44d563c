"""The fields that a serializer and its bases declare in their bodies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import AssignmentFacts
from djfix.codemods.project.serializer_bases import collects_fields
from djfix.codemods.project.serializer_fields import Place, declared_field
from djfix.codemods.project.serializer_making import Making
from djfix.codemods.project.serializer_values import SerializerField

if TYPE_CHECKING:
    pass


def declared_fields(
    making: Making, info: ClassInfo, seen: frozenset[str]
) -> dict[str, SerializerField]:
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
        elif each.has_value:
            own.pop(each.target, None)
    known = others - set(own)
    collected: dict[str, SerializerField] = {}
    for name in info.bases:
        base = making.project.class_named(name)
        if base is None or not collects_fields(making.project, base.name):
            continue
        for key, value in declared_fields(making, base, seen | {info.name}).items():
            if key not in known:
                known.add(key)
                collected[key] = value
    if info.facts.is_open:
        making.doubt("dynamic-fields", f"the body of {info.name} makes names in a loop")
    return collected | own


def _own_field(
    making: Making, info: ClassInfo, assigned: AssignmentFacts
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
