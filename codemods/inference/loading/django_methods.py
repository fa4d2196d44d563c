"""What each method of Django's own QuerySet makes of a chain."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading import chains, hazards
from djfix.codemods.inference.loading.chains import Chain, with_hazards, with_methods
from djfix.codemods.inference.loading.prefetches import lookups_of, strings_of
from djfix.codemods.inference.loading.values import Order
from djfix.codemods.source.walking import children

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.reading import Reader

_AGGREGATES = frozenset(
    {"Count", "Sum", "Avg", "Max", "Min", "StdDev", "Variance", "StringAgg", "AnyValue"}
)


def after_call(reader: Reader, chain: Chain, call: ast.Call, method: str) -> Chain | Reason:
    """The queryset after a call of a method of Django's own."""
    if method == "raw":
        raw = with_methods(chain, method)
        hidden = (hazards.hazard("raw-queryset"), hazards.hazard("raw-prefetch"))
        return with_hazards(replace(raw, order="unknown", ordered_by=()), *hidden)
    if method == "get_queryset":
        return replace(chain, is_manager=False)
    after = with_methods(chain, method)
    change = _CHANGES.get(method)
    if change is not None:
        after = change(reader, after, call)
    name = hazards.after_method(method, call)
    if name is None:
        return after
    return with_hazards(after, hazards.hazard(name, hazards.evidence_of(reader.document, call)))


def _select_related(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    if _is_none(call):
        cleared = replace(chain, loaded=chains.joining_none(chain.loaded))
        return chains.without_hazard(cleared, "bare-select-related")
    names, is_whole = strings_of(reader, call)
    where = hazards.evidence_of(reader.document, call)
    if not is_whole:
        chain = with_hazards(chain, hazards.hazard("unreadable-select-related", where))
        if not names:
            return chain
    if not names:
        everything = replace(chain, loaded=chains.joining_all(chain.loaded))
        return with_hazards(everything, hazards.hazard("bare-select-related", where))
    joined = replace(chain, loaded=chains.joining(chain.loaded, names))
    return chains.without_hazard(joined, "bare-select-related")


def _prefetch_related(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    if _is_none(call):
        return replace(chain, loaded=chains.prefetching_none(chain.loaded))
    lookups, is_whole = lookups_of(reader, chain, call)
    after = replace(chain, loaded=chains.prefetching(chain.loaded, lookups))
    if is_whole:
        return after
    where = hazards.evidence_of(reader.document, call)
    return with_hazards(after, hazards.hazard("unreadable-prefetch", where))


def _only(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    names, is_whole = strings_of(reader, call)
    where = hazards.evidence_of(reader.document, call)
    after = replace(chain, loaded=chains.restricted_to(chain.loaded, frozenset(names)))
    after = with_hazards(after, hazards.hazard("only-columns", where))
    if is_whole:
        return after
    return with_hazards(after, hazards.hazard("unreadable-columns", where))


def _defer(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    if _is_none(call):
        plain = replace(chain, loaded=chains.deferring_none(chain.loaded))
        return chains.without_hazard(plain, "only-columns", "deferred-columns")
    names, is_whole = strings_of(reader, call)
    where = hazards.evidence_of(reader.document, call)
    after = replace(chain, loaded=chains.deferring(chain.loaded, frozenset(names)))
    after = with_hazards(after, hazards.hazard("deferred-columns", where))
    if is_whole:
        return after
    return with_hazards(after, hazards.hazard("unreadable-columns", where))


def _order_by(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    if not call.args:
        return replace(chain, order="none", ordered_by=(), by_meta=False)
    names, is_whole = strings_of(reader, call)
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    known = is_whole or not starred
    names = (*names, *(name for each in call.args if (name := _named_by_f(reader, each))))
    order: Order = "explicit" if known else "unknown"
    return replace(chain, order=order, ordered_by=names, by_meta=False)


def _named_by_f(reader: Reader, argument: ast.expr) -> str:
    """ "pk" of `F("pk").desc()`."""
    match argument:
        case ast.Call(func=ast.Attribute(value=inner, attr="asc" | "desc")):
            return _named_by_f(reader, inner)
        case ast.Call(func=function, args=[ast.Constant(value=str() as name)]):
            is_f = reader.inference.resolve(function) == "django.db.models.F"
            return name if is_f else ""
    return ""


def _annotate(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    """Grouping drops Meta.ordering (Django 3.1 and later), not an order_by."""
    if not chain.by_meta:
        return chain
    given = [*call.args, *(each.value for each in call.keywords)]
    kinds = {_grouping(reader, each) for each in given}
    if "groups" in kinds:
        return replace(chain, order="none", ordered_by=())
    return replace(chain, order="unknown", ordered_by=()) if "unknown" in kinds else chain


def _grouping(reader: Reader, expression: ast.expr) -> str:
    """Whether an annotation makes a GROUP BY."""
    result = "keeps"
    for node in _outside_subqueries(expression):
        if not isinstance(node, ast.Call):
            continue
        resolved = reader.inference.resolve(node.func)
        if resolved is None:
            result = "unknown"
            continue
        module, _, name = resolved.rpartition(".")
        if module.startswith("django.") and (name in _AGGREGATES or "aggregates" in module):
            return "groups"
        if not module.startswith("django.") and "." in resolved:
            result = "unknown"
    return result


def _outside_subqueries(expression: ast.expr) -> list[ast.AST]:
    """The nodes of an annotation; what a Subquery or Exists is made of does not group."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        name = node.func if isinstance(node, ast.Call) else None
        last = getattr(name, "attr", getattr(name, "id", ""))
        if last in {"Subquery", "Exists", "ArraySubquery"}:
            continue
        found.append(node)
        waiting.extend(children(node))
    return found


def _values(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    """Rows that are no instances carry no joins."""
    return replace(chain, loaded=chains.joining_none(chain.loaded))


def _dates(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    return replace(_values(reader, chain, call), order="explicit", ordered_by=(), by_meta=False)


def _union(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    return replace(chain, order="none", ordered_by=(), by_meta=False)


def _fetch_mode(reader: Reader, chain: Chain, call: ast.Call) -> Chain:
    given = reader.inference.resolve(call.args[0]) if call.args else None
    peers = given is not None and given.rpartition(".")[2] == "FETCH_PEERS"
    return replace(chain, loaded=replace(chain.loaded, fetches_peers=peers))


_CHANGES = {
    "select_related": _select_related,
    "prefetch_related": _prefetch_related,
    "only": _only,
    "defer": _defer,
    "order_by": _order_by,
    "annotate": _annotate,
    "values": _values,
    "values_list": _values,
    "dates": _dates,
    "datetimes": _dates,
    "union": _union,
    "intersection": _union,
    "difference": _union,
    "fetch_mode": _fetch_mode,
}


def _is_none(call: ast.Call) -> bool:
    first = call.args[0] if len(call.args) == 1 else None
    return isinstance(first, ast.Constant) and first.value is None
