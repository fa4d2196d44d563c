"""What an expression in a view's code may be while one action is answered.

Each expression has several possible values: more than one where a condition decides that nothing
but the request can tell.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from djfix.codemods.source.document import Document

Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Place:
    """A function of a file, and the class whose method it is (dotted name, "" for none)."""

    document: Document
    function: ast.FunctionDef | ast.AsyncFunctionDef
    cls: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """`expression`: the code that gives it, if a queryset may be looked for there.
    `of`: the object that it was reached from, by attributes and calls of these `names`
    ("reviews", "filter()")."""

    place: Place | None = None
    expression: ast.expr | None = None
    of: Object | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Python raises KeyError or AttributeError here."""


@dataclass(frozen=True, slots=True)
class Constant:
    value: Scalar


@dataclass(frozen=True, slots=True)
class Class:
    """A class, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict; `complete`: no other keys than these."""

    entries: tuple[tuple[Scalar, Values], ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Itself:
    """The view."""


@dataclass(frozen=True, slots=True)
class Request:
    """The request that is answered."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A queryset: the view's own (`expression` None), or that of an expression in a body.

    `handed`: where a serializer is handed what several expressions may have made, the code that
    stands there and its place.
    """

    place: Place | None = None
    expression: ast.expr | None = None
    handed: tuple[Place, ast.expr] | None = field(default=None, compare=False)

    @property
    def is_view(self) -> bool:
        return self.expression is None


@dataclass(frozen=True, slots=True)
class Object:
    """One row of a queryset; `each`: every one in turn."""

    rows: Rows
    each: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A serializer that a call made. `name` None: not known which. `shown`: what it renders.
    `certain`: no condition led here. `sure` False: it is one only if its `data` is read."""

    name: str | None
    shown: Rows | Object | None
    many: bool
    has_data: bool
    path: str | None = None
    line: int = 0
    certain: bool = True
    sure: bool = True


Value = (
    Unknown
    | Missing
    | Constant
    | Class
    | Sequence
    | Mapping
    | Itself
    | Request
    | Rows
    | Object
    | Made
)
Values = tuple[Value, ...]

Truth = Literal[True, False] | None


def truth(values: Values) -> Truth:
    """Whether the value counts as true; None if that is not known."""
    found = {_truth(each) for each in values}
    return found.pop() if len(found) == 1 else None


def _truth(value: Value) -> Truth:
    match value:
        case Constant(value=scalar):
            return bool(scalar)
        case Class() | Itself() | Request() | Made() | Object():
            return True
        case Sequence(items=items):
            return bool(items)
        case Mapping(entries=entries, complete=complete):
            return True if entries else False if complete else None
    return None


def union(*several: Values) -> Values:
    """All of them, each once, in order."""
    return tuple(dict.fromkeys(each for values in several for each in values))
