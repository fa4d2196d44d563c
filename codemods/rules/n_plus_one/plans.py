"""What a finding's edit needs, as frozen values: one plan for each place that can be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import NodeReference


@dataclass(frozen=True, slots=True)
class Inner:
    """A prefetch with a queryset of its own: `Prefetch(lookup, queryset=Model.manager...)`.

    `module` and `model` name the class; `manager` is its default manager's attribute.
    """

    lookup: str
    module: str
    model: str
    manager: str
    joined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Additions:
    """What a queryset is to load besides: lookups by name, and prefetches of their own.

    `peers`: to-one relations are fetched for all rows at once (Django 6.1's FETCH_PEERS).
    """

    joined: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()
    inner: tuple[Inner, ...] = ()
    peers: bool = False


Place = Literal["append", "method", "subclass-attribute", "subclass-method"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the additions go.

    "append": behind the expression at `reference`. "method": a `get_queryset` at the end of the
    class whose last statement `reference` is. "subclass-attribute": a `queryset` of the class,
    built from that of `base` as it is spelled there, behind its statement `reference` (None: the
    class has only a docstring, or nothing). "subclass-method": as "method".
    """

    place: Place
    path: str
    reference: NodeReference
    additions: Additions
    base: str = ""
