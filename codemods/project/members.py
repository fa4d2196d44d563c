"""Properties, methods and other attributes of a class, along its MRO."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.facts import AssignmentFacts, ClassFacts, ExpressionFacts
from djfix.codemods.project.fields import Context
from djfix.codemods.project.meta import MODEL
from djfix.codemods.project.models import OVERRIDABLE, AttributeInfo, PropertyInfo

HARMLESS_MODULES = (
    "builtins.",
    "django.utils.translation.",
    "django.utils.timezone.",
    "decimal.",
    "datetime.",
    "re.",
    "logging.",
    "collections.",
    "enum.",
    "uuid.",
    "fractions.",
    "pathlib.",
    "operator.",
    "string.",
    "types.",
)
"""What these make is a value; a class attribute of it changes nothing of an instance."""

DESCRIPTORS = frozenset(
    {
        "builtins.property",
        "builtins.classmethod",
        "builtins.staticmethod",
        "functools.cached_property",
        "django.utils.functional.cached_property",
    }
)


def properties_of(context: Context, order: Iterable[str]) -> dict[str, PropertyInfo]:
    """The properties by name; of several along the MRO the nearest."""
    found: dict[str, PropertyInfo] = {}
    hidden: set[str] = set()
    for info in _infos(context, order):
        own = {each.name: each for each in _own_properties(info)}
        for name, each in own.items():
            if name not in hidden:
                found.setdefault(name, each)
        hidden |= info.binds()
    return found


def methods_of(context: Context, order: Iterable[str]) -> dict[str, MethodInfo]:
    """The project's methods by name, nearest first along the MRO; no properties."""
    found: dict[str, MethodInfo] = {}
    hidden: set[str] = set()
    for info in _infos(context, order):
        for each in info.facts.methods if info.facts is not None else ():
            if each.name not in hidden and not each.is_property:
                found[each.name] = MethodInfo(info.name, each.name, info.path, each.line, each)
        hidden |= info.binds()
    return found


def overrides_of(context: Context, order: Iterable[str]) -> dict[str, MethodInfo]:
    """The methods of OVERRIDABLE that a class before Django's Model defines."""
    found: dict[str, MethodInfo] = {}
    for info in _infos(context, order):
        if info.name == MODEL:
            break
        for name in sorted(info.binds() & OVERRIDABLE):
            method = context.classes.own_method(info.name, name)
            if method is not None:
                found.setdefault(name, method)
    return found


def class_attributes(
    context: Context, order: Iterable[str], fields: Container[str], managers: Container[str]
) -> dict[str, AttributeInfo]:
    """The attributes that are neither fields, managers, properties nor harmless values."""
    found: dict[str, AttributeInfo] = {}
    hidden: set[str] = set()
    for info in _infos(context, order):
        for assigned in info.facts.assignments if info.facts is not None else ():
            name = assigned.target
            if name in hidden or name in fields or name in managers or info.path is None:
                continue
            if assigned.value is None or is_harmless(context, info, assigned.value):
                continue
            value_class = _value_class(context, info, assigned.value)
            if value_class in DESCRIPTORS:
                continue
            found[name] = AttributeInfo(
                name, value_class, info.name, info.path, assigned.line, assigned.value
            )
        hidden |= info.binds()
    return found


def is_harmless(context: Context, info: ClassInfo, value: ExpressionFacts) -> bool:
    """Whether a class attribute of this value is a mere value: literals, containers of anything,
    names of classes or constants, calls of the standard library's value types."""
    match value.kind:
        case "constant" | "other" | "unary" | "subscript" | "name":
            return True
        case "list" | "tuple" | "set" | "dict":
            return True
        case "conditional" | "binary":
            return all(is_harmless(context, info, each) for each in value.items)
        case "attribute":
            return is_harmless(context, info, value.items[0])
        case _:
            value_class = _value_class(context, info, value)
            if value_class is None or value_class in DESCRIPTORS:
                return False
            return value_class.startswith(HARMLESS_MODULES)


def _value_class(context: Context, info: ClassInfo, value: ExpressionFacts) -> str | None:
    function = value.function
    if function is None or function.kind != "name" or info.path is None:
        return None
    return context.classes.names.resolve(info.path, function.name, (), value.line)


def _own_properties(info: ClassInfo) -> Iterator[PropertyInfo]:
    if info.facts is None:
        for name in info.known.properties if info.known is not None else ():
            yield PropertyInfo(name, info.name, None, 0)
        return
    setters = {each.name for each in info.facts.methods if each.is_setter}
    for each in info.facts.methods:
        if each.is_property and not each.is_setter:
            yield PropertyInfo(
                each.name,
                info.name,
                info.path,
                each.line,
                each.name in setters,
                each.is_cached_property,
                each,
            )
    yield from _assigned_properties(info, info.facts)


def _assigned_properties(info: ClassInfo, facts: ClassFacts) -> Iterator[PropertyInfo]:
    """`name = property(getter, setter)` or `name = cached_property(getter)`."""
    for assigned in facts.assignments:
        if _is_property_call(assigned):
            assert assigned.value is not None
            is_cached = assigned.value.items[0].name != "property"
            getter = assigned.value.argument(0, "func" if is_cached else "fget")
            setter = None if is_cached else assigned.value.argument(1, "fset")
            method = facts.method(getter.name) if getter is not None else None
            yield PropertyInfo(
                assigned.target,
                info.name,
                info.path,
                assigned.line,
                setter is not None and not setter.is_constant(None),
                is_cached,
                method,
            )


def _is_property_call(assigned: AssignmentFacts) -> bool:
    value = assigned.value
    if value is None or value.kind != "call":
        return False
    return value.items[0].name.rpartition(".")[2] in {"property", "cached_property"}


def _infos(context: Context, order: Iterable[str]) -> Iterator[ClassInfo]:
    for name in order:
        info = context.classes.class_named(name)
        if info is not None:
            yield info
