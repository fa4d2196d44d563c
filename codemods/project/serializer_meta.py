"""A serializer's `class Meta`: its effective options, and lists of names as they are spelled there.

https://www.django-rest-framework.org/api-guide/serializers/#modelserializer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.classes import ClassInfo
from djfix.codemods.project.facts import ClassFacts, ExpressionFacts
from djfix.codemods.project.serializer_fields import Place

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Option:
    """One option and where it is spelled; `added`: what `+=` extends."""

    value: ExpressionFacts
    place: Place
    added: Option | None = None


@dataclass(frozen=True, slots=True)
class MetaOptions:
    """The effective options. `unclear`: a base or a statement of Meta could not be read."""

    values: Mapping[str, Option]
    unclear: bool = False


def meta_of(project: Project, order: tuple[str, ...], deep: int = 0) -> MetaOptions | None:
    """What `cls.Meta` is, for the class with this method resolution order; None if there is none.

    An attribute like any other: the nearest class that has one, mixins included.
    """
    for name in order:
        info = project.class_named(name)
        if info is None or info.facts is None or "Meta" not in info.binds():
            continue
        own = info.facts.nested("Meta")
        if own is None:
            return _assigned(project, info, deep)
        return _flattened(project, info, own, (*info.qualname, "Meta"), deep)
    return None


def _assigned(project: Project, info: ClassInfo, deep: int) -> MetaOptions:
    """`Meta = Parent.Meta` in a body."""
    found = None if info.facts is None else info.facts.assignment("Meta")
    if found is None or found.value is None:
        return MetaOptions({}, True)
    return _base(project, info, found.value, deep) or MetaOptions({}, True)


def _flattened(
    project: Project, info: ClassInfo, meta: ClassFacts, scope: tuple[str, ...], deep: int
) -> MetaOptions:
    values: dict[str, Option] = {}
    unclear = meta.is_open or info.path is None
    for base in reversed(meta.bases):
        inherited = _base(project, info, base, deep)
        unclear = unclear or inherited is None or inherited.unclear
        if inherited is not None:
            values |= inherited.values
    for each in meta.assignments:
        if each.value is None:
            continue
        place = Place(info.path or "", scope, each.line)
        before = values.get(each.target) if each.operator else None
        readable = each.operator in {"", "+"} and not (each.operator and before is None)
        unclear = unclear or not readable or each.condition != ""
        values[each.target] = Option(each.value, place, before)
    return MetaOptions(values, unclear)


def _base(
    project: Project, info: ClassInfo, base: ExpressionFacts, deep: int
) -> MetaOptions | None:
    if base.kind != "name" or info.path is None or deep > _DEEPEST:
        return None
    owner, _, last = base.name.rpartition(".")
    if last == "Meta" and owner:
        return class_meta(project, Place(info.path, info.qualname, info.line), owner, deep + 1)
    resolved = project.resolve(info.path, base.name, info.qualname, line=base.line or None)
    if resolved in {"builtins.object", "object"} or base.name == "object":
        return MetaOptions({})
    found = None if resolved is None else project.class_named(resolved)
    if found is None or found.facts is None:
        return None
    return _flattened(project, found, found.facts, found.qualname, deep + 1)


def class_meta(project: Project, place: Place, owner: str, deep: int = 0) -> MetaOptions | None:
    """The Meta of the class that `owner` names from here."""
    resolved = project.resolve(place.path, owner, place.scope, line=place.line)
    parent = None if resolved is None else project.class_named(resolved)
    if parent is None:
        return None
    return meta_of(project, project.mro(parent.name) or (parent.name,), deep)


def option_names(project: Project, option: Option, deep: int = 0) -> tuple[str, ...] | None:
    """The names that a list or tuple holds, joined and unpacked ones too; None if unreadable."""
    own = names_of(project, option.value, option.place, deep)
    if option.added is None or own is None:
        return own
    before = option_names(project, option.added, deep + 1)
    return None if before is None else (*before, *own)


def names_of(
    project: Project, value: ExpressionFacts, place: Place, deep: int = 0
) -> tuple[str, ...] | None:
    """As `option_names`, of an expression."""
    if deep > _DEEPEST:
        return None
    if value.kind in {"list", "tuple", "set"}:
        return _items(project, value, place, deep)
    if value.kind == "binary" and value.name == "+":
        sides = [names_of(project, each, place, deep + 1) for each in value.items]
        return None if None in sides else tuple(n for side in sides for n in side or ())
    if value.kind == "call" and len(value.arguments) == 1 and not value.keywords:
        function = value.function
        is_copy = function is not None and function.name in {"list", "tuple"}
        return names_of(project, value.arguments[0], place, deep + 1) if is_copy else None
    if value.kind == "name":
        found = named_value(project, value.name, place, deep + 1)
        return None if found is None else option_names(project, found, deep + 1)
    return None


def _items(
    project: Project, value: ExpressionFacts, place: Place, deep: int
) -> tuple[str, ...] | None:
    found: list[str] = []
    for item in value.items:
        if item.kind == "starred" and item.items:
            inner = names_of(project, item.items[0], place, deep + 1)
        else:
            text = text_of(project, item, place, deep)
            inner = None if text is None else (text,)
        if inner is None:
            return None
        found.extend(inner)
    return tuple(found)


def text_of(project: Project, value: ExpressionFacts, place: Place, deep: int = 0) -> str | None:
    """A string, spelled out or by the name of a constant."""
    if value.kind != "name":
        return value.string
    found = named_value(project, value.name, place, deep + 1)
    return None if found is None else found.value.string


def named_value(project: Project, name: str, place: Place, deep: int) -> Option | None:
    """What a name stands for: `Parent.Meta.fields`, or a constant that is assigned once."""
    if deep > _DEEPEST:
        return None
    owner, _, last = name.rpartition(".")
    if owner.endswith(".Meta"):
        options = class_meta(project, place, owner.removesuffix(".Meta"), deep + 1)
        return None if options is None or options.unclear else options.values.get(last)
    dotted = project.resolve(place.path, name, place.scope, line=place.line)
    holder = None if dotted is None else _holder(project, dotted)
    if dotted is None or holder is None:
        return None
    value = project.value_of(place.path, name)
    value = value if value is not None and not place.scope else _once(project, holder, dotted)
    return None if value is None else Option(value, holder)


def _holder(project: Project, dotted: str) -> Place | None:
    """Where the module or class stands that holds this name."""
    owner = dotted.rpartition(".")[0]
    path = project.path_of(owner)
    if path is not None:
        return Place(path, (), 1 << 30)
    info = project.class_named(owner)
    if info is None or info.path is None:
        return None
    return Place(info.path, info.qualname, 1 << 30)


def _once(project: Project, holder: Place, dotted: str) -> ExpressionFacts | None:
    facts = project.module(holder.path)
    held = facts if facts is None or not holder.scope else facts.class_at(holder.scope)
    if held is None:
        return None
    name = dotted.rpartition(".")[2]
    values = [each for each in held.assignments if each.target == name]
    single = len(values) == 1 and not values[0].operator
    return values[0].value if single else None
