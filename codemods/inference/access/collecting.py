"""Gathers the touches of one piece of code: its own, and those of what it calls, put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.objects import OPAQUE, Found, Places, Summary, Values
from djfix.codemods.inference.access.values import (
    DYNAMIC,
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


_Key = tuple[str, Path, Use]

_Perhaps = tuple[str, str]
"""The field that perhaps reads a path, and the name of the doubt; see `Touch`."""

CERTAIN: _Perhaps = ("", "")


class Collector:
    """The touches found so far; of equal ones the evidence that comes first in order is kept."""

    def __init__(self) -> None:
        self._found: dict[_Key, tuple[Evidence, ...]] = {}
        self._perhaps: dict[_Key, tuple[tuple[Evidence, ...], _Perhaps]] = {}
        self._unclear: dict[Reason, tuple[Evidence, ...]] = {}
        self._circular: set[Hop] = set()
        self._bodies: set[tuple[str, int]] = set()

    def touch(
        self,
        root: str,
        path: Path,
        use: Use,
        evidence: Iterable[Evidence],
        perhaps: _Perhaps = CERTAIN,
    ) -> None:
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
        if perhaps != CERTAIN:
            known, named = self._perhaps.get(key, (None, perhaps))
            self._perhaps[key] = (_first(known, lines), min(named, perhaps))
        else:
            self._found[key] = _first(self._found.get(key), lines)

    def doubt(self, reason: Reason, evidence: Iterable[Evidence]) -> None:
        """Something that could not be followed."""
        self._unclear[reason] = _first(self._unclear.get(reason), _without_repeats(evidence))

    def note_body(self, path: str, line: int) -> None:
        """The function that is read."""
        self._bodies.add((path, line))

    def take(self, summary: Summary, places: Places, line: Evidence | None) -> None:
        """What a called function touches, from where its objects stand here."""
        head = () if line is None else (line,)
        for found in summary.found:
            for root, path in places.get(found.root, ()):
                lines = (*head, *found.evidence)
                self.touch(
                    root, extended(path, found.path), found.use, lines, (found.field, found.doubt)
                )
        self._circular |= summary.circular
        self._bodies |= summary.bodies
        for unclear in summary.unclear:
            self.doubt(unclear.reason, (*head, *unclear.evidence))

    def take_perhaps(self, summary: Summary, perhaps: _Perhaps) -> None:
        """What a field perhaps touches.

        Where it is not known which fields lie behind that one, nothing is.
        """
        is_known = all(each.reason.name != DYNAMIC for each in summary.unclear)
        for found in summary.found if is_known else ():
            inner = (found.field, found.doubt)
            outer = perhaps if inner == CERTAIN else inner
            self.touch(found.root, found.path, found.use, found.evidence, outer)
        self._bodies |= summary.bodies
        for unclear in summary.unclear:
            if unclear.reason.name != DYNAMIC:
                self.doubt(unclear.reason, unclear.evidence)

    def summary(self, result: Values = OPAQUE) -> Summary:
        found = [Found(*key, evidence) for key, evidence in self._found.items()]
        found += [
            Found(*key, evidence, *perhaps)
            for key, (evidence, perhaps) in self._perhaps.items()
            if key not in self._found
        ]
        unclear = (Unclear(reason, evidence) for reason, evidence in self._unclear.items())
        bodies = frozenset(self._bodies)
        return Summary(frozenset(found), frozenset(unclear), self._circular_here(), result, bodies)

    def _circular_here(self) -> frozenset[Hop]:
        """The circular relations on the paths found: in a ring of many, others are far away, and
        naming all of them everywhere would cost the square of their number."""
        hops = {hop for _, path, _ in self._found for hop in path}
        return frozenset(self._circular & hops)


def reads_of(summary: Summary, root: str) -> Reads:
    """The part of a summary that starts from one root; of a circle, its first turn."""
    touches: set[Touch] = set()
    circular: set[Touch] = set()
    perhaps = [each for each in summary.found if each.field and each.root == root]
    for found in summary.found - set(perhaps):
        turns = max((found.path.count(hop) for hop in summary.circular), default=0)
        if found.root == root and turns <= 1:
            kept = circular if turns else touches
            kept.add(Touch(found.path, found.use, found.evidence))
    doubts = sorted(summary.unclear)
    unclear = tuple(each for each in doubts if each.reason.name != WRITES_ROWS)
    writing = tuple(each for each in doubts if each.reason.name == WRITES_ROWS)
    bodies = tuple(sorted(summary.bodies))
    ring = tuple(sorted(circular))
    return Reads(tuple(sorted(touches)), unclear, ring, writing, _not_circling(perhaps), bodies)


def _not_circling(perhaps: list[Found]) -> tuple[Touch, ...]:
    """A field that may be taken out is often what ends a circle: no turn of it is known."""
    again = {hop for each in perhaps for hop in each.path if each.path.count(hop) > 1}
    kept = (each for each in perhaps if again.isdisjoint(each.path))
    return tuple(
        sorted(Touch(each.path, each.use, each.evidence, each.field, each.doubt) for each in kept)
    )


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
