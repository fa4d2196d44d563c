"""What an expression that makes a queryset loads besides its own rows, and what it forbids.

Merge rules as measured (Django 4.2 to 6.1): names accumulate over calls; `select_related()`
without names joins every foreign key that may not be null, and a later call with names narrows it;
`select_related(None)` and `prefetch_related(None)` clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from djfix.codemods.findings import Evidence, NodeReference, Reason


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prefetched:
    """One lookup of prefetch_related, by the lookup's whole path ("items__product").

    `to_attr`: the attribute that takes the rows instead of the relation, "" for none.
    `inner`: what a `Prefetch(queryset=...)` loads itself; None for a plain lookup.
    `is_custom`: its queryset is not known to hold the relation's own rows.
    """

    lookup: str
    to_attr: str = ""
    inner: Loaded | None = None
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """`joined`: select_related paths, every prefix of them too. `joins_all`: a bare
    select_related(). `prefetched`: by lookup (or to_attr), in the order of the calls.
    `only`: the columns that `.only()` keeps, None without one. `deferred`: those of `.defer()`.
    `fetches_peers`: Django 6.1's FETCH_PEERS. `known`: the foreign key whose object all rows
    share, as they come from its related manager (`customer.order_set`). `sometimes`: what only
    some branches load."""

    joined: frozenset[str] = frozenset()
    joins_all: bool = False
    prefetched: Mapping[str, Prefetched] = field(default_factory=_nothing, hash=False)
    only: frozenset[str] | None = None
    deferred: frozenset[str] = frozenset()
    fetches_peers: bool = False
    known: str = ""
    sometimes: frozenset[str] = frozenset()


Order = Literal["explicit", "none", "unknown"]
"""Whether the rows come in an order that the code states: `order_by`, `Meta.ordering`."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Why something must not, or not without a look, be added to a queryset.

    `forbids`: "join", "prefetch" or "both"; `certain`: it breaks or changes results (never add;
    otherwise a person should look). `models`, `lookup`: what it is about, if not everything: paths
    over rows of these models, or paths that begin so.
    """

    reason: Reason
    forbids: Literal["join", "prefetch", "both"]
    certain: bool = True
    evidence: Evidence | None = None
    models: frozenset[str] = frozenset()
    lookup: str = ""


Setting = Literal["queryset", "return", "argument"]
"""What an expression is to its view: the class attribute, what `get_queryset` returns, or any other
that leads there."""


@dataclass(frozen=True, slots=True)
class QuerySource:
    """One expression that makes a queryset, and the place at which more can be added to it.

    `path` and `reference` name the expression whose value is the queryset's last state in the
    source: a call may be appended to it. `anchor_line` is the line of its statement. `owner` is
    the dotted name of the class or function whose body holds it; `setting` says how: the class
    attribute "queryset", a "return" of a method or function, or an "argument" (the expression
    stands where a serializer, or a pagination, takes it, or in an assignment to a local name).
    `model`: dotted. `methods`: all queryset methods called on it, those of the expressions that it
    builds on too, in order; `sliced`. `loaded`: all that it loads, hidden loading (default
    managers, custom methods) included. `ordered_by`: the names of an explicit `order` that can be
    read.
    `hazards`: what forbids additions, from the expression itself and what is done to its value
    later.
    """

    path: str
    reference: NodeReference
    anchor_line: int
    owner: str
    setting: Setting
    model: str
    methods: tuple[str, ...] = ()
    loaded: Loaded = Loaded()
    order: Order = "unknown"
    ordered_by: tuple[str, ...] = ()
    sliced: bool = False
    hazards: tuple[Hazard, ...] = ()
