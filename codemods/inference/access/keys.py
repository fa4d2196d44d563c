"""What can be asked of the access tree; equal questions have one remembered answer."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.inference.access.objects import Values


@dataclass(frozen=True, slots=True)
class Body:
    """A function's body, its parameters bound: what `path:line` defines, in the class `cls`."""

    path: str
    line: int
    cls: str
    bindings: tuple[tuple[str, Values], ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Reading `object.name` of a model instance, and calling it if it is a method."""

    model: str
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """`str(object)` of a model instance."""

    model: str


@dataclass(frozen=True, slots=True)
class Made:
    """`Model.__init__` of an object that a query makes: before anything is loaded besides."""

    model: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """One object of a model, rendered by a serializer."""

    serializer: str
    model: str


@dataclass(frozen=True, slots=True)
class Handed:
    """A method of a class that is no model, or a function (`cls` empty), handed an object."""

    cls: str
    name: str
    model: str


Key = Body | Attribute | Text | Made | Rendered | Handed

OBJECT = "object"
"""The root of the questions about one object."""
