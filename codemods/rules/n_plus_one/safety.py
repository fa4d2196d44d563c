"""Whether paths may be added to a queryset, how, and what a person should look at first.

Each condition was measured; its reason's name is stable and explained on the rule's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.access.values import Path
from djfix.codemods.inference.joins import (
    Loading,
    against_join,
    leading_ones,
    loading_of,
    lookup_of,
)
from djfix.codemods.inference.loading.missing import covered, covered_prefix
from djfix.codemods.rules.n_plus_one.needs import Group

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

UNORDERED = Reason(
    "unordered-queryset", "the rows have no stated order, and a join may change it (PostgreSQL)"
)
TIED = Reason(
    "unordered-queryset",
    "rows may tie in their order, and a join may change which comes first",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """How paths are to be loaded; `reviews`: why a person should look; `refused`: paths that must
    not be added, and why."""

    loading: Loading
    reviews: tuple[Reason, ...] = ()
    refused: tuple[tuple[Path, Reason], ...] = ()


def decided(project: Project, group: Group, paths: Iterable[Path], *, unordered: str) -> Decision:
    """How to load paths of one group; `unordered` is the rule's option."""
    wanted = sorted(set(paths), key=lookup_of)
    joinable = [
        path
        for path in _prefixes(wanted)
        if not tuple(_against(project, group, path, unordered=unordered))
    ]
    have = _loaded_prefixes(project, group, wanted)
    loading = loading_of(wanted, joinable, have)
    refused = tuple(_refused(project, group, loading))
    gone = {path for path, _ in refused}
    left = Loading(
        tuple(path for path in loading.joined if path not in gone),
        tuple(path for path in loading.prefetched if path not in gone),
    )
    reviews = dict.fromkeys(_reviews(project, group, left, unordered))
    return Decision(left, tuple(reviews), refused)


def _prefixes(paths: Iterable[Path]) -> set[Path]:
    """The to-one beginnings of the paths, each of them."""
    found: set[Path] = set()
    for path in paths:
        ones = leading_ones(path)
        found.update(ones[: length + 1] for length in range(len(ones)))
    return found


def _loaded_prefixes(project: Project, group: Group, paths: Iterable[Path]) -> set[Path]:
    found: set[Path] = set()
    for path in paths:
        length = covered_prefix(group.source.loaded, path, project)
        found.update(path[: each + 1] for each in range(length))
    return found


def _against(project: Project, group: Group, path: Path, *, unordered: str) -> Iterator[Reason]:
    """Why a to-one path must not be joined here."""
    yield from against_join(project, path)
    if unordered == "prefetch":
        yield from _open_order(project, group)
    for hazard in group.hazards_on(project, path):
        if hazard.forbids == "join":
            yield hazard.reason


def _open_order(project: Project, group: Group) -> Iterator[Reason]:
    """What the order of the rows leaves to the database."""
    if not group.is_ordered:
        yield UNORDERED
    elif not group.is_total(project):
        yield TIED


def _refused(project: Project, group: Group, loading: Loading) -> Iterator[tuple[Path, Reason]]:
    """The paths that a certain hazard keeps from being loaded in any way."""
    for path in (*loading.joined, *loading.prefetched):
        forbidden = {"both"} if path in loading.joined else {"both", "prefetch"}
        for hazard in group.hazards_on(project, path):
            if hazard.certain and hazard.forbids in forbidden:
                yield path, hazard.reason
                break


def _reviews(project: Project, group: Group, loading: Loading, unordered: str) -> Iterator[Reason]:
    for path in (*loading.joined, *loading.prefetched):
        forbidden = {"both"} if path in loading.joined else {"both", "prefetch"}
        for hazard in group.hazards_on(project, path):
            if not hazard.certain and hazard.forbids in forbidden:
                yield hazard.reason
    if loading.joined and unordered == "review":
        yield from _open_order(project, group)
    for path in loading.prefetched:
        yield from _of_rows(project, group, path)


def _of_rows(project: Project, group: Group, path: Path) -> Iterator[Reason]:
    """Rows that were not all read before, or that are asked for in another way as well."""
    for length in range(1, len(path) + 1):
        part = path[:length]
        uses = group.uses.get(part, set())
        is_there = covered(group.source.loaded, part, project)
        if part[-1].kind != "many" or not uses or is_there:
            continue
        if "rows" not in uses:
            text = f"only a count or a few rows of {lookup_of(part)} are read; a prefetch loads all"
            yield Reason("loads-all-rows", text)
        if "query" in uses:
            text = f"{lookup_of(part)} is also read in a way that a prefetch does not serve"
            yield Reason("also-queried", text)
