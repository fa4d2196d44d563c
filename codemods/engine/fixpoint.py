"""Takes one rule to its fixpoint: find, apply what is selected, look again at what may differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.engine.apply import Applied, Proposal, apply_all
from djfix.codemods.engine.fingerprints import Key, fingerprint, key_of, ordinals
from djfix.codemods.engine.pool import Scan
from djfix.codemods.engine.scan import FileScan
from djfix.codemods.engine.world import World
from djfix.codemods.findings import Declined, Failure

if TYPE_CHECKING:
    from djfix.codemods.rule import Rule

PASSES = 10

Select = Callable[[Proposal, str], bool]
"""Whether a proposal, with its fingerprint, is to be applied."""


@dataclass(frozen=True, slots=True)
class Named:
    """A proposal with its fingerprint, and the finding whose fix brought it about, if one did."""

    proposal: Proposal
    fingerprint: str
    key: Key
    ordinal: int
    after: str | None = None


@dataclass(slots=True)
class Course:
    """What is known of one rule's way to its fixpoint; grows pass by pass.

    `makers`: changed path to the fingerprints that changed it. `deferred` were selected and never
    got their turn.
    """

    rule: str
    world: World
    known: dict[str, Named] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)
    makers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, bytes | None] = field(default_factory=dict)
    given: dict[Key, int] = field(default_factory=dict)
    scans: dict[str, FileScan] = field(default_factory=dict)
    declined: tuple[Declined, ...] = ()
    failures: list[Failure] = field(default_factory=list)
    parsed: set[str] = field(default_factory=set)
    cached: set[str] = field(default_factory=set)
    unsettled: bool = False


def settle(
    rule: Rule,
    paths: Sequence[str],
    world: World,
    scan: Scan,
    *,
    select: Select,
    earlier: Mapping[str, str] | None = None,
    original: World | None = None,
) -> Course:
    """Run one rule over `paths` until nothing selected is left to apply, ten passes at most.

    `earlier` names, for each path that earlier rules changed, one fingerprint that did; findings
    that the `original` files do not have come after that one.
    """
    course = Course(rule.name, world)
    _look(course, scan(rule, paths, world))
    course.declined = tuple(each for scan in _in_order(course) for each in scan.declined)
    names = _name_all(course, course.scans)
    _meet(course, names, _first_seen(rule, course, scan, earlier or {}, original))
    for _ in range(PASSES):
        todo = [each for each in names if select(each.proposal, each.fingerprint)]
        applied = apply_all(rule, [each.proposal for each in todo], course.world)
        if not applied.contents:
            break
        _take(course, todo, applied)
        again = _to_rescan(rule, course, todo, applied, paths)
        _look(course, scan(rule, again, course.world))
        names = _name_all(course, course.scans)
        _meet(course, names, {})
    course.unsettled = any(select(each.proposal, each.fingerprint) for each in names)
    return course


def _look(course: Course, scans: Iterable[FileScan]) -> None:
    for scan in scans:
        course.scans[scan.path] = scan
        (course.cached if scan.cached else course.parsed).add(scan.path)
        course.failures.extend(scan.failures)


def _in_order(course: Course) -> list[FileScan]:
    return [course.scans[path] for path in sorted(course.scans)]


def _name_all(course: Course, scans: Mapping[str, FileScan]) -> list[Named]:
    """Every proposal of the present state, by path and place, with its fingerprint."""
    proposals = [
        proposal
        for path in sorted(scans)
        for proposal in sorted(scans[path].proposals, key=lambda each: each.finding.span)
    ]
    keys = [key_of(proposal.finding) for proposal in proposals]
    numbers = ordinals(keys, waiting=_waiting(course), given=course.given)
    return [
        Named(proposal, fingerprint(key, number), key, number)
        for proposal, key, number in zip(proposals, keys, numbers, strict=True)
    ]


def _waiting(course: Course) -> dict[Key, list[int]]:
    waiting: dict[Key, list[int]] = {}
    for each in sorted(course.known.values(), key=lambda each: each.ordinal):
        if each.fingerprint not in course.applied:
            waiting.setdefault(each.key, []).append(each.ordinal)
    return waiting


def _meet(course: Course, names: Iterable[Named], seen: Mapping[str, Named]) -> None:
    """Take down what is new, as it was first seen if the original files have it."""
    for each in names:
        if each.fingerprint in course.known:
            continue
        course.known[each.fingerprint] = seen.get(each.fingerprint) or _dated(course, each)
        course.given[each.key] = max(course.given.get(each.key, 0), each.ordinal + 1)


def _dated(course: Course, named: Named) -> Named:
    """A new finding with the fix that it comes after: one of its own file's, else any."""
    makers = course.makers.get(named.proposal.finding.path) or next(
        iter(course.makers.values()), (None,)
    )
    return Named(named.proposal, named.fingerprint, named.key, named.ordinal, makers[0])


def _first_seen(
    rule: Rule, course: Course, scan: Scan, earlier: Mapping[str, str], original: World | None
) -> dict[str, Named]:
    """The findings as the untouched files have them, where earlier rules changed some."""
    course.makers.update({path: (fingerprint,) for path, fingerprint in earlier.items()})
    touched = [path for path in course.scans if path in earlier]
    if original is None or not earlier:
        return {}
    before = {each.path: each for each in scan(rule, touched, original)}
    return {each.fingerprint: each for each in _name_all(course, {**course.scans, **before})}


def _take(course: Course, todo: Sequence[Named], applied: Applied) -> None:
    course.applied.update(
        each.fingerprint for place, each in enumerate(todo) if place not in applied.deferred
    )
    for path, places in applied.makers.items():
        made = tuple(todo[place].fingerprint for place in places)
        course.makers[path] = tuple(dict.fromkeys((*course.makers.get(path, ()), *made)))
    course.contents.update(applied.contents)
    course.world = course.world.changed(applied.contents)


def _to_rescan(
    rule: Rule, course: Course, todo: Sequence[Named], applied: Applied, paths: Sequence[str]
) -> list[str]:
    """What was changed, or fixed from there; unless the rule's fixes stay in their files, every
    file whose answer rests on others."""
    touched = {*applied.contents, *(each.proposal.finding.path for each in todo)}
    rests = not rule.stays_in_its_files
    gone = {path for path, data in applied.contents.items() if data is None}
    for path in gone & course.scans.keys():
        del course.scans[path]
    paths = [path for path in paths if path in course.scans]
    return [path for path in paths if path in touched or (rests and course.scans[path].depends)]
