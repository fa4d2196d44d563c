"""Whether what a queryset loads covers a path, so that reading it asks no query for each row."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.inference.access.values import Hop, Path
from djfix.codemods.inference.loading.values import Loaded
from djfix.codemods.project.project import Project

_DEEPEST_JOIN = 5
"""How far a bare select_related() follows (django.db.models.sql.compiler)."""


@dataclass(frozen=True, slots=True)
class _At:
    """A place on the path, seen from one queryset: the names since its own rows.

    `peers`: its rows were fetched so that they fetch for one another. `back`: the hop that leads
    back to the row from which this one was fetched, and where that row is. `shared`: it is one
    object for all rows, so that what it is asked for to-one is asked for once.
    """

    loaded: Loaded
    names: tuple[str, ...]
    joined_all: bool
    peers: bool
    back: tuple[str, tuple[_At, ...]] | None = None
    shared: bool = False


def covered(loaded: Loaded, path: Path, project: Project | None = None) -> bool:
    """Whether reading a path costs no query for each row.

    `project` tells which foreign keys may be null (a bare select_related() leaves those out) and
    which hop leads back (`review.book` after `reviews` was prefetched); without it neither counts.
    """
    at: tuple[_At, ...] = (_start(loaded),)
    for hop in path:
        at = tuple(found for each in at for found in _after(each, hop, project))
        if not at:
            return False
    return True


def covered_prefix(loaded: Loaded, path: Path, project: Project | None = None) -> int:
    """How many hops of a path, from its beginning, are covered."""
    length = 0
    while length < len(path) and covered(loaded, path[: length + 1], project):
        length += 1
    return length


def _start(loaded: Loaded) -> _At:
    return _At(loaded, (), loaded.joins_all, loaded.fetches_peers)


def _after(at: _At, hop: Hop, project: Project | None) -> list[_At]:
    """Where the hop leads, for each way in which its rows are loaded; none if they are not."""
    if at.back is not None and at.back[0] == hop.name:
        return list(at.back[1])
    names = (*at.names, hop.name)
    lookup = "__".join(names)
    if hop.kind == "one" and (at.shared or (names == (at.loaded.known,))):
        return [_At(at.loaded, names, False, False, shared=True)]
    back = _back(hop, (at,), project)
    found: list[_At] = []
    by_all = at.joined_all and len(names) <= _DEEPEST_JOIN and _is_required(hop, project)
    if hop.kind == "one" and (lookup in at.loaded.joined or by_all):
        found.append(_At(at.loaded, names, by_all, at.peers, back))
    for inner in _prefetches(at.loaded, lookup):
        found.append(_At(at.loaded, names, False, False, back))
        if inner is not None:
            start = _start(inner)
            found.append(_At(inner, (), start.joined_all, inner.fetches_peers, back))
    if not found and hop.kind in {"one", "generic"} and at.peers:
        found.append(_At(at.loaded, names, False, True, back))
    return found


def _prefetches(loaded: Loaded, lookup: str) -> list[Loaded | None]:
    """What the querysets of the lookups that load this path load themselves."""
    found: list[Loaded | None] = []
    for each in loaded.prefetched.values():
        if each.lookup == lookup and not each.to_attr:
            found.append(each.inner)
        elif each.lookup.startswith(lookup + "__"):
            found.append(None)
    return found


def _is_required(hop: Hop, project: Project | None) -> bool:
    """Whether a hop is over a foreign key that may not be null."""
    model = project.model(hop.model, partial=True) if project is not None else None
    field = model.field(hop.name) if model is not None else None
    return field is not None and field.is_column and not field.null and not field.unclear


def _back(
    hop: Hop, before: tuple[_At, ...], project: Project | None
) -> tuple[str, tuple[_At, ...]] | None:
    """The attribute of the row that is reached which holds the row that it was reached from."""
    model = project.model(hop.model, partial=True) if project is not None else None
    if model is None:
        return None
    field = model.field(hop.name)
    relation = field.relation if field is not None else None
    if relation is not None:
        is_one = relation.kind == "one-to-one" and relation.accessor is not None
        return (relation.accessor or "", before) if is_one else None
    reverse = model.reverse_named(hop.name)
    if reverse is None or reverse.kind not in {"foreign-key", "one-to-one"}:
        return None
    return reverse.field, before
