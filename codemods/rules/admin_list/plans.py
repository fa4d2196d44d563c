"""What a finding's edit needs, as frozen values: one plan for each place that can be written."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.findings import NodeReference


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """`name = value` in a class: instead of the value at `value`, or behind the statement `after`
    (`instead`: that statement is a lone `pass`, which goes)."""

    path: str
    name: str
    names: tuple[str, ...]
    value: NodeReference | None
    after: NodeReference | None
    instead: bool = False
    constant: str = ""


@dataclass(frozen=True, slots=True)
class ExtendLiteral:
    """More names at the end of the tuple or list at `value`."""

    path: str
    names: tuple[str, ...]
    value: NodeReference


@dataclass(frozen=True, slots=True)
class Append:
    """Calls behind each of these expressions."""

    path: str
    references: tuple[NodeReference, ...]
    joined: tuple[str, ...]
    prefetched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddMethod:
    """A `get_queryset` at the end of a class, behind its last statement (`instead`: a `pass`)."""

    path: str
    after: NodeReference
    joined: tuple[str, ...]
    prefetched: tuple[str, ...]
    instead: bool = False


Plan = SetAttribute | ExtendLiteral | Append | AddMethod
