"""Fields that the body of a serializer declares: their classes and arguments, read.

https://www.django-rest-framework.org/api-guide/fields/ and `relations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.serializer_bases import serializer_order
from djfix.codemods.project.serializer_values import SerializerField, SerializerFieldKind

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

DRF = "rest_framework.serializers."
BASE_SERIALIZER = DRF + "BaseSerializer"
LIST_SERIALIZER = DRF + "ListSerializer"
FIELD = DRF + "Field"

KINDS: dict[str, SerializerFieldKind] = {
    "HiddenField": "hidden",
    "SerializerMethodField": "method",
    "HyperlinkedIdentityField": "identity",
    "HyperlinkedRelatedField": "hyperlink",
    "PrimaryKeyRelatedField": "key",
    "SlugRelatedField": "slug",
    "StringRelatedField": "string",
    "RelatedField": "own",
}
"""The kinds of REST framework's classes; every other Field of it is "plain"."""

RENDERING = frozenset(
    [
        "to_representation",
        "get_attribute",
        "get_queryset",
        "use_pk_only_optimization",
        "display_value",
        "get_url",
        "get_name",
        "bind",
        "many_init",
        "__init__",
        "__new__",
        "get_iterable",
        "get_default",
        "source_attrs",
        "run_child_representation",
        "get_choices",
        "to_internal_representation",
    ]
)
"""Methods of a field class that decide what rendering reads."""

_LISTS = {"ListField", "ManyRelatedField"}
_READ_ONLY = {"ReadOnlyField", "SerializerMethodField", "HyperlinkedIdentityField"}
_READ_ONLY |= {"StringRelatedField"}

_LIBRARY_FIELDS: dict[str, SerializerFieldKind] = {
    "taggit.serializers.TagListSerializerField": "plain",
    "drf_extra_fields.relations.PresentablePrimaryKeyRelatedField": "key",
    "drf_extra_fields.relations.PresentableSlugRelatedField": "slug",
    "drf_extra_fields.fields.Base64ImageField": "plain",
    "drf_extra_fields.fields.Base64FileField": "plain",
    "drf_extra_fields.fields.HybridImageField": "plain",
    "enumfields.drf.EnumField": "plain",
    "enumfields.drf.fields.EnumField": "plain",
    "timezone_field.rest_framework.TimeZoneSerializerField": "plain",
    "phonenumber_field.serializerfields.PhoneNumberField": "plain",
    "django_countries.serializer_fields.CountryField": "plain",
    "drf_writable_nested.fields.NestedField": "unknown",
}
"""Field classes of known libraries, with the kind that they extend; they render by themselves."""


_NO_FIELDS = ("builtins.", "django.")
"""Where nothing is a Field of REST framework: `frozenset(...)`, `pgettext_lazy(...)`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: names in it are resolved from here."""

    path: str
    scope: tuple[str, ...]
    line: int


def called_class(project: Project, value: ExpressionFacts, place: Place) -> str | None:
    """The canonical name of what a call calls."""
    function = value.function
    if function is None or function.kind != "name":
        return None
    return project.resolve(place.path, function.name, place.scope, line=place.line)


def kind_of_class(project: Project, dotted: str) -> tuple[SerializerFieldKind, str | None]:
    """The kind of a field class by its nearest class of REST framework, and that class's name.

    Classes of the project in between only matter if they take part in rendering (see `own`).
    """
    for ancestor in project.mro(dotted) or ():
        if ancestor.startswith(DRF):
            short = ancestor.removeprefix(DRF)
            return KINDS.get(short, "plain"), short
    return "unknown", None


def overrides_rendering(project: Project, dotted: str) -> bool:
    """Whether a class between this one and REST framework's own takes part in rendering."""
    for ancestor in project.mro(dotted) or ():
        if ancestor.startswith(DRF):
            return False
        info = project.class_named(ancestor)
        if info is not None and info.binds() & RENDERING:
            return True
    return False


def declared_field(
    project: Project, name: str, value: ExpressionFacts, place: Place, cls: str
) -> SerializerField | None:
    """The field that `name = value` declares; None if the value is known to be no field.

    What is called but cannot be read is a field of kind "unknown": it may be one.
    """
    if value.kind != "call":
        return None
    start = SerializerField(
        name=name, kind="unknown", source=None, cls=cls, path=place.path, line=value.line
    )
    dotted = called_class(project, value, place)
    if dotted is None:
        return replace(start, class_name=_spelled(value))
    if dotted in _LIBRARY_FIELDS:
        found = _arguments(start, value)
        kind = _LIBRARY_FIELDS[dotted]
        return replace(found, kind="own", base_kind=kind, class_name=dotted)
    info = project.class_named(dotted)
    if info is None and dotted.startswith(_NO_FIELDS):
        return None
    if info is None:
        return replace(start, class_name=dotted)
    subclass = project.is_subclass(info.name, FIELD)
    if subclass is False:
        return None
    if BASE_SERIALIZER in serializer_order(project, info.name):
        return _nested(project, replace(start, class_name=info.name), value, place, info.name)
    if subclass is None:
        return replace(start, class_name=info.name)
    return _of_class(project, replace(start, class_name=info.name), value, place, info.name)


def _spelled(value: ExpressionFacts) -> str | None:
    return value.function.name or None if value.function is not None else None


def _arguments(field: SerializerField, value: ExpressionFacts) -> SerializerField:
    """The field with the arguments that every field class takes."""
    unpacked = any(key == "**" for key, _ in value.keywords)
    source = value.keyword("source")
    return replace(
        field,
        source=None if unpacked else source_of(source, field.name),
        write_only=_is_true(value.keyword("write_only")),
        read_only=_is_true(value.keyword("read_only")),
        many=_is_true(value.keyword("many")),
    )


def source_of(source: ExpressionFacts | None, name: str) -> tuple[str, ...] | None:
    """`source="a.b"` as attribute names; () for "*"; the field's own name where it is not given."""
    if source is None or source.is_constant(None):
        return (name,)
    if source.string is None:
        return None
    return () if source.string == "*" else tuple(source.string.split("."))


def _is_true(value: ExpressionFacts | None) -> bool:
    return value is not None and value.is_constant(True)


def _nested(
    project: Project, start: SerializerField, value: ExpressionFacts, place: Place, dotted: str
) -> SerializerField:
    field = replace(_arguments(start, value), kind="nested", serializer=dotted)
    if not project.is_subclass(dotted, LIST_SERIALIZER):
        many = value.keyword("many")
        readable = many is None or isinstance(many.value, bool)
        return field if readable else replace(field, kind="unknown")
    child = _child(project, field, value, place)
    serializer = None if child is None else child.serializer
    if serializer is None:
        return replace(field, kind="unknown", serializer=None, many=True)
    return replace(field, serializer=serializer, many=True)


def _of_class(
    project: Project, start: SerializerField, value: ExpressionFacts, place: Place, dotted: str
) -> SerializerField:
    kind, short = kind_of_class(project, dotted)
    field = replace(_arguments(start, value), kind=kind)
    if short in _READ_ONLY:
        field = replace(field, read_only=True)
    if short == "HiddenField":
        field = replace(field, write_only=True)
    if overrides_rendering(project, dotted) or kind == "own":
        base = "unknown" if kind == "own" else kind
        field = replace(field, kind="own", base_kind=base)
    if short in _LISTS:
        return _list(project, field, value, place)
    made = _special(field, value, kind)
    if kind in {"hyperlink", "identity"} and _makes_address(project, dotted):
        # `lookup_field` may be what only this class knows how to read.
        return replace(made, kind="own", paths=tuple(_paths_in(value)))
    return made


def _makes_address(project: Project, dotted: str) -> bool:
    """Whether a class of the project has a `get_url` of its own."""
    method = project.method(dotted, "get_url")
    return method is not None and method.path is not None


_NO_PATHS = frozenset({"view_name", "source", "label", "help_text", "queryset", "lookup_url_kwarg"})


def _paths_in(value: ExpressionFacts) -> Iterator[tuple[str, ...]]:
    """The texts of more than one part among the arguments of a link: `"document.type.pk"`,
    `"project__slug"`, alone, in tuples, in dicts."""
    waiting = [each for name, each in value.keywords if name not in _NO_PATHS]
    while waiting:
        each = waiting.pop(0)
        parts = tuple((each.string or "").replace("__", ".").split("."))
        if len(parts) > 1 and all(part.isidentifier() for part in parts):
            yield parts
        if each.kind in {"tuple", "list", "dict"}:
            waiting += each.items


def _special(
    field: SerializerField, value: ExpressionFacts, kind: SerializerFieldKind
) -> SerializerField:
    """What only one kind of field takes."""
    if kind == "method":
        method = value.argument(0, "method_name")
        name = f"get_{field.name}" if method is None or method.is_constant(None) else method.string
        return replace(field, method=name, source=() if field.source is not None else None)
    if kind == "slug":
        slug = value.argument(0, "slug_field")
        return replace(field, slug_field=None if slug is None else slug.string)
    if kind == "identity":
        field = replace(field, source=())
    if kind in {"hyperlink", "identity"}:
        lookup = value.keyword("lookup_field")
        text = "pk" if lookup is None else lookup.string
        return replace(field, lookup_field=text) if text else replace(field, kind="unknown")
    return field


def _list(
    project: Project, field: SerializerField, value: ExpressionFacts, place: Place
) -> SerializerField:
    """ListField(child=...) and ManyRelatedField(child_relation=...): as their child, many times."""
    field = replace(field, many=True)
    child = _child(project, field, value, place)
    if child is None or child.kind == "plain" or field.kind == "own":
        return field
    return replace(
        child,
        name=field.name,
        source=field.source,
        many=True,
        write_only=field.write_only,
        read_only=field.read_only,
    )


def _child(
    project: Project, field: SerializerField, value: ExpressionFacts, place: Place
) -> SerializerField | None:
    child = value.keyword("child") or value.keyword("child_relation")
    if child is None:
        return None
    made = declared_field(project, field.name, child, place, field.cls)
    return made or replace(field, kind="unknown")
