"""What a name may stand for while code is read for the relations that it touches.

A set of these is what an expression may be; what is in no set is of no interest: numbers, text,
settings, requests. `root` names the object of the code's caller from which a path starts.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from djfix.codemods.findings import Evidence
from djfix.codemods.inference.access.values import Hop, Path, Unclear, Use, extended
from djfix.codemods.project.serializer_values import SerializerField


@dataclass(frozen=True, slots=True)
class Row:
    """A model instance."""

    root: str
    path: Path
    model: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The related manager, or its unrefined queryset, at the end of a path over a to-many hop.

    `sliced`: only some of its rows.
    """

    root: str
    path: Path
    model: str
    sliced: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """A queryset, or a condition, that has the rows at the end of a path as a subquery: they are
    asked for where it is read, whatever its own rows are."""

    root: str
    path: Path


@dataclass(frozen=True, slots=True)
class Several:
    """A list, tuple or other container of these."""

    items: frozenset[Value]


Role = Literal["plain", "serializer", "list", "field"]


@dataclass(frozen=True, slots=True)
class Own:
    """`self` of a class that is no model, of the class `cls` or one that extends it.

    `role` "list": a ListSerializer whose child is the serializer `child`; "field": a serializer's
    field, which `field` describes.
    """

    cls: str
    role: Role = "plain"
    child: str = ""
    field: SerializerField | None = None


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of the class `after`."""

    of: Row | Rows | Own
    after: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A method that is not called yet."""

    receiver: Row | Rows | Within | Several | Own | Super
    name: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name of the module or of builtins, as spelled, with the attributes read from it."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Serializing:
    """An instance of the serializer `cls` that was given `value` to render."""

    cls: str
    value: frozenset[Value]
    many: bool


@dataclass(frozen=True, eq=False, slots=True)
class Inner:
    """A lambda, or a function inside the one that is read, with the names around it."""

    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
    around: Mapping[str, Values] = field(repr=False)


Value = Row | Rows | Within | Several | Own | Super | Bound | Spelled | Serializing | Inner
Values = frozenset[Value]

OPAQUE: Values = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """One touch from a root, before it is known where the root stands; see `Touch`."""

    root: str
    path: Path
    use: Use
    evidence: tuple[Evidence, ...]
    field: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a piece of code touches of the objects that it is handed, and what it gives back.

    `circular`: relations that are followed again and again. `bodies`: the functions that were read.
    """

    found: frozenset[Found] = frozenset()
    unclear: frozenset[Unclear] = frozenset()
    circular: frozenset[Hop] = frozenset()
    result: Values = OPAQUE
    bodies: frozenset[tuple[str, int]] = frozenset()


Places = Mapping[str, frozenset[tuple[str, Path]]]
"""Where each root of a summary stands, as roots and paths of the code that calls it."""


def handed_over(name: str, values: Values) -> tuple[Values, Places]:
    """What a parameter stands for inside the function, and where its roots stand outside.

    Each object becomes a root of its own kind, so that calls with objects of one kind are alike.
    """
    places: dict[str, set[tuple[str, Path]]] = {}
    found = _all_inside(values, name, places)
    return found, {root: frozenset(each) for root, each in places.items()}


def _all_inside(values: Values, name: str, places: dict[str, set[tuple[str, Path]]]) -> Values:
    return frozenset(new for each in values if (new := _inside(each, name, places)) is not None)


def _inside(value: Value, name: str, places: dict[str, set[tuple[str, Path]]]) -> Value | None:
    match value:
        case Row() | Rows():
            kind = "rows" if isinstance(value, Rows) else "row"
            root = f"{name}/{kind}/{value.model}"
            places.setdefault(root, set()).add((value.root, value.path))
            return replace(value, root=root, path=())
        case Within():
            places.setdefault(f"{name}/within", set()).add((value.root, value.path))
            return Within(f"{name}/within", ())
        case Several(items):
            return Several(_all_inside(items, name, places))
        case Serializing(cls, given, many):
            return Serializing(cls, _all_inside(given, name, places), many)
        case Own() | Spelled():
            return value
        case _:
            return None


def placed(values: Values, places: Places) -> Values:
    """What a function gives back, seen from its caller."""
    result: set[Value] = set()
    for value in values:
        match value:
            case Row() | Rows() | Within():
                for root, path in places.get(value.root, ()):
                    result.add(replace(value, root=root, path=extended(path, value.path)))
            case Several(items):
                result.add(Several(placed(items, places)))
            case Serializing(cls, given, many):
                result.add(Serializing(cls, placed(given, places), many))
            case Bound(Row() as receiver, name):
                for root, path in places.get(receiver.root, ()):
                    outside = replace(receiver, root=root, path=extended(path, receiver.path))
                    result.add(Bound(outside, name))
            case Own() | Spelled():
                result.add(value)
    return frozenset(result)
