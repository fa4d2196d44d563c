"""What a REST framework serializer is, as values; `serializers.py` makes them.

https://www.django-rest-framework.org/api-guide/serializers/ and its `fields` and `relations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from djfix.codemods.findings import Reason
from djfix.codemods.project.classes import MethodInfo

SerializerFieldKind = Literal[
    "plain",
    "key",
    "slug",
    "string",
    "hyperlink",
    "identity",
    "nested",
    "method",
    "hidden",
    "own",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class SerializerField:
    """One field of a serializer that may be rendered.

    `kind`: "plain" reads its source and renders the value (also ReadOnlyField, and ListField and
    ManyRelatedField-like lists of plain values: then `many`); "key" PrimaryKeyRelatedField; "slug"
    SlugRelatedField; "string" StringRelatedField; "hyperlink" HyperlinkedRelatedField; "identity"
    HyperlinkedIdentityField (of the object itself); "nested" another serializer (`serializer`);
    "method" SerializerMethodField (`method`); "hidden" reads nothing of the object; "own" a field
    class of the project (or a known library's) with its own `to_representation`,
    `get_attribute`, `get_queryset`, ...: `class_name` names it, `base_kind` is the kind of the
    nearest DRF class that it extends; "unknown" a class that cannot be read.
    `source`: attribute names; () for "*"; None where it cannot be read. `cls`: the serializer
    class whose body declares it, or whose Meta names it (`declared` False: built from the model).
    `conditional`: code may take it out, or put it in, at run time. `paths`: of a link whose class
    is the project's and makes the address itself, the dotted texts that it is given.
    """

    name: str
    kind: SerializerFieldKind
    source: tuple[str, ...] | None
    class_name: str | None = None
    base_kind: SerializerFieldKind | None = None
    many: bool = False
    write_only: bool = False
    read_only: bool = False
    serializer: str | None = None
    method: str | None = None
    slug_field: str | None = None
    lookup_field: str = "pk"
    declared: bool = True
    conditional: bool = False
    paths: tuple[tuple[str, ...], ...] = ()
    cls: str = ""
    path: str | None = None
    line: int = 0


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Serializer:
    """One serializer class, inheritance included.

    `model`: the dotted name of Meta.model; None for a plain Serializer, or where it is unknown.
    `fields`: in rendering order, write-only and hidden ones too. `depth`: what Meta.depth nests:
    its relations are fields of kind "nested" without a `serializer` (`depth` of them is one less).
    `hooks`: methods of DRF's own API that classes of the project define and that take part in
    rendering or in which fields there are: `to_representation`, `get_fields`, `__init__`,
    `get_field_names`, `build_field`, `data`, `_readable_fields`, ...; each the nearest in the MRO.
    `list_serializer`: Meta.list_serializer_class, if the project defines it.
    `unclear`: what could not be read, each by a stable name ("dynamic-fields", "unknown-base",
    "unreadable-meta", "unknown-field-class"); then more, or fewer, fields may be rendered.
    """

    name: str
    model: str | None
    fields: tuple[SerializerField, ...] = ()
    depth: int = 0
    hooks: Mapping[str, MethodInfo] = field(default_factory=_nothing)
    list_serializer: str | None = None
    unclear: tuple[Reason, ...] = ()
    path: str | None = None
    line: int = 0

    def named(self, name: str) -> SerializerField | None:
        """The field of this name."""
        return next((each for each in self.fields if each.name == name), None)
