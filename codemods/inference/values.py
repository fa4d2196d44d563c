"""What an expression can be: a model instance and how it came about, a queryset, a number.

`Unknown` is the honest answer wherever the code leaves a doubt; every client declines on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum


class Saved(IntEnum):
    """Whether an instance has a row; ordered, so that `min` of two is what holds on both paths."""

    NO = 0
    UNKNOWN = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing certain is known, and why (in words, for `explain --at`)."""

    why: str = "its value is not known"


@dataclass(frozen=True, slots=True)
class Number:
    """A number or duration; `optional`: it may be None.

    "int-or-decimal": the int 0 where a total has no items, else a Decimal.
    """

    kind: str  # "int" | "decimal" | "int-or-decimal" | "float" | "bool" | "timedelta"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that is neither a number nor of Django: "str", "none", "date", "datetime", "list"."""

    kind: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A model instance.

    `origin` names the expression that brought it: "get", "get-object-or-404", "first", "index",
    "iteration", "get-or-create", "create", "get-object", "request-user", "relation", "self",
    "parameter", "new". `locked`: fetched under `select_for_update`. `outlives`: somebody besides
    the function's own locals holds it, so that what it carries is seen after the function.
    `optional`: it may be None. `remote`: another function fetched it, by lookups that this one
    does not show. `deferred`: fetched with `only()` or `defer()`, so that its saves are narrower
    by themselves, or perhaps so. `owner`: the model of the object whose relation gave it, which
    its other side then holds as well.
    """

    model: str
    saved: Saved
    origin: str
    locked: bool = False
    outlives: bool = False
    optional: bool = False
    remote: bool = False
    deferred: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class QuerySet:
    """A queryset of `model`. `methods`: the queryset methods called since the manager, in order.

    `remote`: lookups of another function are among them. `held`: other code holds this very
    queryset, and so the instances that it has brought.
    """

    model: str
    methods: tuple[str, ...] = ()
    related: bool = False
    sliced: bool = False
    remote: bool = False
    held: bool = False
    owner: str = ""

    @property
    def locked(self) -> bool:
        return "select_for_update" in self.methods

    @property
    def deferred(self) -> bool:
        """Whether some columns are left out, or may be where two querysets were joined."""
        return not {"only", "defer", "several"}.isdisjoint(self.methods)

    def after(self, method: str) -> QuerySet:
        return replace(self, methods=(*self.methods, method), held=False)


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager of `model`; `name` is its attribute; `related`: the many side of a relation."""

    model: str
    name: str
    related: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ModelClass:
    """The model class itself."""

    model: str


@dataclass(frozen=True, slots=True)
class Request:
    """A Django or REST framework request."""


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple of known length, as `get_or_create` returns, or a list or loop over one kind."""

    values: tuple[Value, ...] = ()
    element: Value | None = None


@dataclass(frozen=True, slots=True)
class Self:
    """`self` of a class that is not a model: a view, a serializer, an admin class."""

    class_name: str


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a resolved dotted name: a function, a class that is no model, a module."""

    name: str


@dataclass(frozen=True, slots=True)
class Coroutine:
    """What a call of an `async def` gives: `value`, once it is awaited."""

    value: Value


Value = (
    Unknown
    | Number
    | Plain
    | Instance
    | QuerySet
    | Manager
    | ModelClass
    | Request
    | Items
    | Self
    | Named
    | Coroutine
)


def if_true(value: Value) -> Value:
    """What `value` is where it counts as true: not None."""
    return replace(value, optional=False) if isinstance(value, Instance | Number) else value


def joined(values: Iterable[Value]) -> Value:
    """What certainly holds where any of `values` may be meant; Unknown where they disagree."""
    result: Value | None = None
    for value in values:
        result = value if result is None else _join(result, value)
        if isinstance(result, Unknown):
            break
    return result if result is not None else Unknown()


def _join(one: Value, other: Value) -> Value:
    if one == other or isinstance(one, Unknown):
        return one
    if isinstance(other, Unknown):
        return other
    if isinstance(one, Plain) and one.kind == "none":
        return _or_none(other)
    if isinstance(other, Plain) and other.kind == "none":
        return _or_none(one)
    if isinstance(one, Instance) and isinstance(other, Instance) and one.model == other.model:
        return Instance(
            model=one.model,
            saved=min(one.saved, other.saved) if one.saved != other.saved else one.saved,
            origin=one.origin if one.origin == other.origin else "several",
            locked=one.locked and other.locked,
            outlives=one.outlives or other.outlives,
            optional=one.optional or other.optional,
            remote=one.remote or other.remote,
            deferred=one.deferred or other.deferred,
            owner=one.owner or other.owner,
        )
    if isinstance(one, Number) and isinstance(other, Number):
        return _either_number(one, other)
    if isinstance(one, QuerySet) and isinstance(other, QuerySet) and one.model == other.model:
        return _either(one, other)
    return Unknown("it is one of several kinds, by the path taken")


def _either(one: QuerySet, other: QuerySet) -> QuerySet:
    return QuerySet(
        one.model,
        ("several",),
        related=one.related or other.related,
        sliced=True,
        remote=one.remote or other.remote,
        held=one.held or other.held,
        owner=one.owner or other.owner,
    )


def _either_number(one: Number, other: Number) -> Value:
    kinds, optional = {one.kind, other.kind}, one.optional or other.optional
    if len(kinds) == 1:
        return Number(one.kind, optional)
    if kinds <= {"int", "decimal", "int-or-decimal"}:
        return Number("int-or-decimal", optional)
    return Unknown("it is one of several kinds, by the path taken")


def _or_none(value: Value) -> Value:
    if isinstance(value, Instance | Number):
        return replace(value, optional=True)
    return Unknown("it may be None")
