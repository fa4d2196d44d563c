"""The algebra of querysets: what each method call adds to, and takes from, what a queryset loads.

Django's QuerySet API reference; merge rules as measured on 4.2 to 6.1 (see `values.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.hazards import (
    COMBINING,
    VALUES,
    hazard,
    without_repetition,
)
from djfix.codemods.inference.loading.values import Hazard, Loaded, Order, Prefetched

QUERYSET = "django.db.models.QuerySet"

NO_QUERYSET = Reason("no-queryset", "the view names no queryset")
"""What None stands for: an attribute that is not set, a parameter that is not given."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A method or an attribute of `cls`, which is nearer to the view than what asks for it."""

    name: str
    cls: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A manager, or what a chain of calls has made of it so far.

    `manager_class`: while it is a manager still, its class. `queryset_class`: None if unknown.
    `ordered_by`: the names of an explicit order, as far as they can be read. `by_meta`: the order
    is that of Meta.ordering. `keeps_rows`: it holds all rows of the model's default manager, and no
    others. `is_empty`: `none()` was called. `of_attribute`: it builds on the view's `queryset`
    attribute. `hook`: another member that it builds on.
    """

    model: str
    queryset_class: str | None = QUERYSET
    manager_class: str | None = None
    is_manager: bool = False
    methods: tuple[str, ...] = ()
    loaded: Loaded = field(default_factory=Loaded)
    order: Order = "unknown"
    ordered_by: tuple[str, ...] = ()
    by_meta: bool = False
    sliced: bool = False
    hazards: tuple[Hazard, ...] = ()
    keeps_rows: bool = False
    is_empty: bool = False
    of_attribute: bool = False
    hook: Hook | None = None
    is_lone_model: bool = False


KEEPING_ROWS = frozenset(
    {
        *("all", "select_related", "prefetch_related", "order_by", "reverse", "only", "defer"),
        *("using", "annotate", "alias", "fetch_mode", "select_for_update"),
    }
)
RETURNING_QUERYSETS = frozenset(
    {
        *KEEPING_ROWS,
        *("filter", "exclude", "complex_filter", "none", "distinct", "extra", "get_queryset"),
        *("iterator", "aiterator", "raw"),
        *VALUES,
        *COMBINING,
    }
)
ENDING = frozenset(
    {
        *("count", "exists", "aggregate", "get", "first", "last", "latest", "earliest", "create"),
        *("update", "delete", "in_bulk", "get_or_create", "update_or_create", "bulk_create"),
        *("bulk_update", "contains", "explain", "as_manager"),
    }
)
"""Methods of Django's querysets that give something else than a queryset."""


def with_methods(chain: Chain, method: str) -> Chain:
    """The queryset after a call, before what the call means."""
    kept = chain.keeps_rows and method in KEEPING_ROWS
    return replace(
        chain,
        is_manager=False,
        manager_class=None,
        methods=(*chain.methods, method),
        keeps_rows=kept,
        is_empty=chain.is_empty or method == "none",
    )


def with_hazards(chain: Chain, *hazards: Hazard) -> Chain:
    return replace(chain, hazards=without_repetition((*chain.hazards, *hazards)))


def without_hazard(chain: Chain, *names: str) -> Chain:
    kept = tuple(each for each in chain.hazards if each.reason.name not in names)
    return replace(chain, hazards=kept)


def joining(loaded: Loaded, lookups: Iterable[str]) -> Loaded:
    """select_related with names: they accumulate, but a bare call before is narrowed."""
    return replace(loaded, joined=loaded.joined | _prefixes(lookups), joins_all=False)


def joining_all(loaded: Loaded) -> Loaded:
    """A bare select_related(): replaces the names before it."""
    return replace(loaded, joined=frozenset(), joins_all=True)


def joining_none(loaded: Loaded) -> Loaded:
    return replace(loaded, joined=frozenset(), joins_all=False)


def prefetching(loaded: Loaded, lookups: Iterable[Prefetched]) -> Loaded:
    """prefetch_related: lookups accumulate; the first with a queryset of its own decides."""
    found = dict(loaded.prefetched)
    for each in lookups:
        key = key_of(each)
        if key not in found or found[key].inner is None:
            found[key] = each
    return replace(loaded, prefetched=MappingProxyType(found))


def prefetching_none(loaded: Loaded) -> Loaded:
    return replace(loaded, prefetched=MappingProxyType({}))


def key_of(prefetched: Prefetched) -> str:
    """The path at which the rows are found: the lookup, its last name replaced by to_attr."""
    if not prefetched.to_attr:
        return prefetched.lookup
    before, separator, _ = prefetched.lookup.rpartition("__")
    return before + separator + prefetched.to_attr


def restricted_to(loaded: Loaded, columns: frozenset[str]) -> Loaded:
    """only(): replaces an earlier one; what defer() named before stays out, this once."""
    kept = columns - loaded.deferred if loaded.only is None else columns
    return replace(loaded, only=kept, deferred=frozenset())


def deferring(loaded: Loaded, columns: frozenset[str]) -> Loaded:
    """defer(): after only() it takes columns out of that; if none are left, they are deferred."""
    if loaded.only is None:
        return replace(loaded, deferred=loaded.deferred | columns)
    left = loaded.only - columns
    if left:
        return replace(loaded, only=left)
    return replace(loaded, only=None, deferred=columns - loaded.only)


def deferring_none(loaded: Loaded) -> Loaded:
    return replace(loaded, only=None, deferred=frozenset())


def either(chains: Iterable[Chain | Reason]) -> Chain | Reason:
    """What certainly holds of a queryset that is one of several, by the path taken.

    One that has no rows (`none()`), or is None, counts only where there is no other.
    """
    given = list(chains)
    found = [each for each in given if each != NO_QUERYSET] or given
    reasons = [each for each in found if isinstance(each, Reason)]
    if reasons:
        return reasons[0]
    several = [each for each in found if isinstance(each, Chain)]
    filled = [each for each in several if not each.is_empty] or several
    if not filled:
        return Reason("unknown-queryset", "no expression gives this queryset")
    if len({each.model for each in filled}) > 1:
        return Reason("several-models", "the queryset may be of one model or another")
    return reduce(_either, filled)


def _either(one: Chain, other: Chain) -> Chain:
    if one == other:
        return one
    longer = one if len(one.methods) >= len(other.methods) else other
    same = one.loaded == other.loaded
    own = () if same else (hazard("differing-branches"),) if _columns_differ(one, other) else ()
    return replace(
        longer,
        queryset_class=one.queryset_class if one.queryset_class == other.queryset_class else None,
        is_manager=one.is_manager and other.is_manager,
        loaded=one.loaded if same else _common(one.loaded, other.loaded),
        order=one.order if one.order == other.order else "unknown",
        ordered_by=one.ordered_by if one.ordered_by == other.ordered_by else (),
        by_meta=one.by_meta and other.by_meta,
        sliced=one.sliced or other.sliced,
        hazards=without_repetition((*one.hazards, *other.hazards, *own)),
        keeps_rows=one.keeps_rows and other.keeps_rows,
        methods=_methods(one.methods, other.methods),
        of_attribute=one.of_attribute and other.of_attribute,
        hook=one.hook if one.hook == other.hook else None,
    )


def _methods(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Those of both: the common beginning once, then what each has besides."""
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    return (*one, *other[common:])


def _columns_differ(one: Chain, other: Chain) -> bool:
    first, second = one.loaded, other.loaded
    columns = (first.only, first.deferred) != (second.only, second.deferred)
    return columns or _with_querysets(first) != _with_querysets(second)


def _with_querysets(loaded: Loaded) -> dict[str, Prefetched]:
    """The lookups that have a queryset of their own: a join on their path would replace it."""
    return {key: each for key, each in loaded.prefetched.items() if each.inner is not None}


def _common(one: Loaded, other: Loaded) -> Loaded:
    """What both load, one perhaps by a join and the other by a prefetch."""
    kept = {key: each for key, each in one.prefetched.items() if other.prefetched.get(key) == each}
    both = _paths(one) & _paths(other)
    for path in sorted(both - (one.joined & other.joined)):
        kept.setdefault(path, Prefetched(path))
    only = other.only if one.only is None else one.only
    if one.only is not None and other.only is not None:
        only = one.only & other.only
    return Loaded(
        joined=one.joined & other.joined,
        joins_all=one.joins_all and other.joins_all,
        prefetched=MappingProxyType(kept),
        only=only,
        deferred=one.deferred | other.deferred,
        fetches_peers=one.fetches_peers and other.fetches_peers,
        known=one.known if one.known == other.known else "",
        sometimes=(_paths(one) ^ _paths(other)) | one.sometimes | other.sometimes,
    )


def _paths(loaded: Loaded) -> frozenset[str]:
    """All paths that are loaded by name, those inside of a lookup's own queryset too."""
    found = set(loaded.joined)
    found |= {loaded.known} if loaded.known else set()
    for each in loaded.prefetched.values():
        if each.to_attr:
            continue
        found |= _prefixes([each.lookup])
        inner = _paths(each.inner) if each.inner is not None else ()
        found |= {f"{each.lookup}__{path}" for path in inner}
    return frozenset(found)


def _prefixes(lookups: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for lookup in lookups:
        names = lookup.split("__")
        found |= {"__".join(names[: index + 1]) for index in range(len(names))}
    return frozenset(found)
