"""Gathers the touches of one piece of code: its own, and those of what it calls, put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.objects import OPAQUE, Found, Places, Summary, Values
from djfix.codemods.inference.access.values import (
    WRITES_ROWS,
    Hop,
    Path,
    Reads,
    Touch,
    Unclear,
    Use,
    extended,
)

LONGEST = 8
"""Hops of a path; a longer one is not loaded by any queryset that a reviewer would accept."""

MOST_TURNS = 2
"""How often one relation may stand in a path; a third time is code that calls itself."""

LONGEST_EVIDENCE = 6

RECURSIVE = Reason("recursive", "the same relation is followed again and again")


class Collector:
    """The touches found so far; of equal ones the evidence that comes first in order is kept."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Path, Use], tuple[Evidence, ...]] = {}
        self._unclear: dict[Reason, tuple[Evidence, ...]] = {}
        self._circular: set[Hop] = set()

    def touch(self, root: str, path: Path, use: Use, evidence: Iterable[Evidence]) -> None:
        """One path from a root; an object that was handed over is there already, rows are not."""
        lines = _without_repeats(evidence)
        if not path and use == "object":
            return
        circular = circular_hop(path)
        if circular is not None:
            self._circular.add(circular)
            self.doubt(RECURSIVE, lines)
            return
        key = (root, path, use)
        self._found[key] = _first(self._found.get(key), lines)

    def doubt(self, reason: Reason, evidence: Iterable[Evidence]) -> None:
        """Something that could not be followed."""
        self._unclear[reason] = _first(self._unclear.get(reason), _without_repeats(evidence))

    def take(self, summary: Summary, places: Places, line: Evidence | None) -> None:
        """What a called function touches, from where its objects stand here."""
        head = () if line is None else (line,)
        for found in summary.found:
            for root, path in places.get(found.root, ()):
                self.touch(root, extended(path, found.path), found.use, (*head, *found.evidence))
        self._circular |= summary.circular
        for unclear in summary.unclear:
            self.doubt(unclear.reason, (*head, *unclear.evidence))

    def summary(self, result: Values = OPAQUE) -> Summary:
        found = (Found(*key, evidence) for key, evidence in self._found.items())
        unclear = (Unclear(reason, evidence) for reason, evidence in self._unclear.items())
        return Summary(frozenset(found), frozenset(unclear), self._circular_here(), result)

    def _circular_here(self) -> frozenset[Hop]:
        """The circular relations on the paths found: in a ring of many, others are far away, and
        naming all of them everywhere would cost the square of their number."""
        hops = {hop for _, path, _ in self._found for hop in path}
        return frozenset(self._circular & hops)


def reads_of(summary: Summary, root: str) -> Reads:
    """The part of a summary that starts from one root; of a circle, its first turn."""
    touches: set[Touch] = set()
    circular: set[Touch] = set()
    for found in summary.found:
        turns = max((found.path.count(hop) for hop in summary.circular), default=0)
        if found.root == root and turns <= 1:
            kept = circular if turns else touches
            kept.add(Touch(found.path, found.use, found.evidence))
    doubts = sorted(summary.unclear)
    unclear = tuple(each for each in doubts if each.reason.name != WRITES_ROWS)
    writing = tuple(each for each in doubts if each.reason.name == WRITES_ROWS)
    return Reads(tuple(sorted(touches)), unclear, tuple(sorted(circular)), writing)


def circular_hop(path: Path) -> Hop | None:
    """The relation that a path follows so often, or at so great a length, that a cycle makes it."""
    if len(path) <= MOST_TURNS:
        return None
    hop, turns = Counter(path).most_common(1)[0]
    return hop if turns > MOST_TURNS or len(path) > LONGEST else None


def _first(one: tuple[Evidence, ...] | None, other: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The shorter chain of lines, and of equally long ones the first in order."""
    if one is None:
        return other
    return min(one, other, key=lambda lines: (len(lines), lines))


def _without_repeats(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    lines = tuple(dict.fromkeys(evidence))
    return lines if len(lines) <= LONGEST_EVIDENCE else (*lines[:3], *lines[-3:])
