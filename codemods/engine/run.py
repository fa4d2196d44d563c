"""One run: every rule in its order over the files, to findings and changes; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djfix.codemods.engine.apply import Proposal
from djfix.codemods.engine.failures import cannot_read
from djfix.codemods.engine.fixpoint import PASSES, Course, Named, settle
from djfix.codemods.engine.mistakes import NothingToApplyError, UnknownFingerprintError
from djfix.codemods.engine.pool import Scan, scanner, suitable_jobs
from djfix.codemods.engine.redaction import redacted_declined, redacted_failure, redacted_finding
from djfix.codemods.engine.registry import REGISTRY, unknown
from djfix.codemods.engine.scan import FileScan, suppressions_of
from djfix.codemods.engine.suppressions import MARK, Suppressions
from djfix.codemods.engine.values import Progress, Reported, Request, Result, Unused
from djfix.codemods.engine.version import tool_version
from djfix.codemods.engine.world import World
from djfix.codemods.findings import Change, Declined, Failure, Outcome, Safety
from djfix.codemods.source.files import Files, list_files

if TYPE_CHECKING:
    from djfix.codemods.rule import Rule
    from djfix.codemods.source.cache import Cache

Report = Callable[[Progress], None]


def run(
    request: Request,
    *,
    files: Files | None = None,
    cache: Cache | None = None,
    progress: Report | None = None,
    executor: Executor | None = None,
) -> Result:
    """Find and, in memory, apply. The same request over the same files gives the same result.

    `files` stand for the disk below the root. `executor` takes the place of the run's own pool.
    Raises UnknownFingerprintError and NothingToApplyError for `only`, OSError where the root
    cannot be read.
    """
    if files is None:
        files = Files(request.root, list_files(request.root, exclude=request.configuration.exclude))
    sweep = _swept(request, files)
    jobs = request.jobs or suitable_jobs(sweep.candidate_bytes)
    world = world_of(request, files, cache)
    with scanner(jobs, executor) as scan:
        courses = _all_rules(request, sweep, world, _reporting(scan, progress))
    if cache is not None:
        cache.save()
    _check_only(request, courses)
    return _result(request, files, sweep, courses)


@dataclass(slots=True)
class Sweep:
    """What one reading of all bytes tells: which files each rule looks at.

    `marked`: files that hold a suppression, with what they say.
    """

    candidates: dict[str, list[str]] = field(default_factory=dict)
    left_alone: dict[str, int] = field(default_factory=dict)
    marked: dict[str, Suppressions] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    candidate_bytes: int = 0
    found: int = 0


def in_scope(paths: Collection[str]) -> Callable[[str], bool]:
    """Whether a path is one of those asked for, or below one; none asked for means all are."""
    if not paths or "." in paths:
        return lambda path: True
    prefixes = tuple(f"{path}/" for path in paths)
    return lambda path: path in paths or path.startswith(prefixes)


def _swept(request: Request, files: Files) -> Sweep:
    sweep = Sweep({rule.name: [] for rule in request.rules})
    is_asked = in_scope(request.paths)
    ignored = {rule.name: request.configuration.is_ignored(rule.name) for rule in request.rules}
    for path in files.paths:
        if not path.endswith(".py"):
            continue
        sweep.found += 1
        if is_asked(path):
            _sweep_file(request, files, path, ignored, sweep)
    sweep.failures += [
        Failure(each.path, "cannot be read: no permission")
        for each in files.listing.skipped
        if each.reason == "unreadable" and is_asked(each.path)
    ]
    return sweep


def _sweep_file(
    request: Request,
    files: Files,
    path: str,
    ignored: Mapping[str, Callable[[str], bool]],
    sweep: Sweep,
) -> None:
    try:
        data = files.read(path)
    except OSError as error:
        sweep.failures.append(cannot_read(path, error))
        return
    looked_at = False
    for rule in request.rules:
        if request.filtered and not rule.mentioned(data):
            continue
        if ignored[rule.name](path):
            sweep.left_alone[rule.name] = sweep.left_alone.get(rule.name, 0) + 1
        else:
            sweep.candidates[rule.name].append(path)
            looked_at = True
    sweep.candidate_bytes += len(data) if looked_at else 0
    if MARK in data:
        sweep.marked[path], failures = suppressions_of(files.document(path))
        sweep.failures.extend(failures)


def world_of(request: Request, files: Files, cache: Cache | None) -> World:
    """The files with the project's configuration, to be linked on demand."""
    from djfix.codemods.project.project import ProjectConfiguration

    configuration = ProjectConfiguration(
        source_roots=request.configuration.source_roots,
        known_apps=request.configuration.known_apps,
        target_version=request.configuration.target_version,
    )
    return World(files, configuration, cache, tool_version())


def _all_rules(request: Request, sweep: Sweep, world: World, scan: Scan) -> list[Course]:
    courses: list[Course] = []
    original = world
    earlier: dict[str, str] = {}
    for rule in request.rules:
        paths = sweep.candidates[rule.name]
        fresh = [path for path in _newly_mentioned(rule, courses, world) if path not in paths]
        course = settle(
            rule,
            sorted([*paths, *fresh]),
            world,
            scan,
            select=_selection(request),
            earlier=earlier,
            original=original,
        )
        world = course.world
        earlier.update({path: makers[0] for path, makers in course.makers.items()})
        courses.append(course)
    return courses


def _newly_mentioned(rule: Rule, courses: Sequence[Course], world: World) -> list[str]:
    """Files that earlier rules changed or made, and that this rule looks at only since then."""
    changed = {path for course in courses for path in course.contents if path.endswith(".py")}
    return [path for path in sorted(changed) if rule.mentioned(world.files.read(path))]


def _selection(request: Request) -> Callable[[Proposal, str], bool]:
    def is_selected(proposal: Proposal, fingerprint: str) -> bool:
        if not proposal.edits:
            return False
        if request.only is not None:
            return fingerprint in request.only
        return request.unsafe or proposal.finding.safety is Safety.SAFE

    return is_selected


def _reporting(scan: Scan, progress: Report | None) -> Scan:
    """The same scan, saying how far it is."""
    if progress is None:
        return scan
    report = progress

    def reported(rule: Rule, paths: Sequence[str], world: World) -> Iterator[FileScan]:
        for done, each in enumerate(scan(rule, paths, world)):
            report(Progress(rule.name, done, len(paths)))
            yield each
        report(Progress(rule.name, len(paths), len(paths)))

    return reported


def _check_only(request: Request, courses: Sequence[Course]) -> None:
    if request.only is None:
        return
    known = {name: named for course in courses for name, named in course.known.items()}
    applied = {name for course in courses for name in course.applied}
    for name in sorted(request.only):
        if name not in known:
            raise UnknownFingerprintError(f"no finding has the fingerprint `{name}`")
        if name not in applied:
            raise NothingToApplyError(_why_not(known[name]))


def _why_not(named: Named) -> str:
    finding = named.proposal.finding
    place = f"{named.fingerprint} ({finding.path}:{finding.span.line})"
    if named.proposal.suppressed_by is not None:
        return f"{place} is suppressed by the comment on line {named.proposal.suppressed_by}"
    if named.proposal.failure is not None:
        return f"{place} cannot be applied: {redacted_failure(named.proposal.failure).error}"
    if not named.proposal.edits:
        reasons = "; ".join(map(str, redacted_finding(finding).reasons))
        return f"{place} has no fix" + (f": {reasons}" if reasons else "")
    return f"{place} cannot be applied together with the others named"


def _result(request: Request, files: Files, sweep: Sweep, courses: Sequence[Course]) -> Result:
    failures = list(sweep.failures)
    for rule, course in zip(request.rules, courses, strict=True):
        failures += [*course.failures, *_failed_edits(course), *_unsettled(rule, course)]
    parsed = set().union(*(course.parsed for course in courses))
    cached = set().union(*(course.cached for course in courses)) - parsed
    return Result(
        findings=tuple(each for course in courses for each in _reported(request, course)),
        declined=tuple(redacted_declined(each) for each in _declined(courses)),
        failures=_without_repeats(failures),
        changes=_changes(files, courses),
        unused=_unused(request, sweep, courses),
        unsettled=tuple(
            rule.name
            for rule, course in zip(request.rules, courses, strict=True)
            if course.unsettled
        ),
        rules=tuple(rule.name for rule in request.rules),
        left_alone=dict(sweep.left_alone),
        files_found=sweep.found,
        files_parsed=len(parsed),
        files_cached=len(cached),
        notes=files.listing.notes,
    )


def _reported(request: Request, course: Course) -> list[Reported]:
    ordered = sorted(
        course.known.values(),
        key=lambda each: (each.proposal.finding.path, each.proposal.finding.span, each.ordinal),
    )
    return [_report(request, course, each) for each in ordered]


def _report(request: Request, course: Course, named: Named) -> Reported:
    proposal = named.proposal
    applied = request.apply and named.fingerprint in course.applied
    failure = proposal.failure
    return Reported(
        redacted_finding(proposal.finding),
        Outcome.FIXED if applied else _outcome(proposal),
        named.fingerprint,
        proposal.edits,
        named.after,
        redacted_failure(failure).error if failure else "",
    )


def _outcome(proposal: Proposal) -> Outcome:
    if proposal.suppressed_by is not None:
        return Outcome.SUPPRESSED
    if proposal.failure is not None:
        return Outcome.FAILED
    by_safety = {
        Safety.SAFE: Outcome.FIXABLE,
        Safety.REVIEW: Outcome.NEEDS_REVIEW,
        Safety.REPORT: Outcome.REPORTED,
    }
    return by_safety[proposal.finding.safety]


def _declined(courses: Sequence[Course]) -> Iterator[Declined]:
    return (each for course in courses for each in course.declined)


def _failed_edits(course: Course) -> list[Failure]:
    return [
        each.proposal.failure for each in course.known.values() if each.proposal.failure is not None
    ]


def _unsettled(rule: Rule, course: Course) -> list[Failure]:
    if not course.unsettled:
        return []
    path = next(iter(sorted(course.contents)), "")
    return [Failure(path, f"{rule.name} still finds what to fix after {PASSES} passes", rule.name)]


def _without_repeats(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """Each failure once, by path: two rules fail alike on a file that cannot be read."""
    first = {(each.path, each.error): each for each in reversed(failures)}
    return tuple(redacted_failure(first[key]) for key in sorted(first))


def _changes(files: Files, courses: Sequence[Course]) -> tuple[Change, ...]:
    after: dict[str, bytes] = {}
    makers: dict[str, tuple[str, ...]] = {}
    rules: dict[str, list[str]] = {}
    for course in courses:
        after.update(course.contents)
        for path in course.contents:
            applied = tuple(each for each in course.makers[path] if each in course.applied)
            makers[path] = (*makers.get(path, ()), *applied)
            rules.setdefault(path, []).extend(
                {course.known[each].proposal.finding.rule for each in applied}
            )
    made = []
    for path in sorted(after):
        before = files.read(path) if files.exists(path) else None
        if before != after[path]:
            made.append(Change(path, before, after[path], ",".join(rules[path]), makers[path]))
    return tuple(made)


def _unused(request: Request, sweep: Sweep, courses: Sequence[Course]) -> tuple[Unused, ...]:
    used = {
        (each.proposal.finding.path, each.proposal.suppressed_by, each.proposal.finding.rule)
        for course in courses
        for each in course.known.values()
    }
    ran = {rule.name: set(sweep.candidates[rule.name]) for rule in request.rules}
    known = {*ran, *(entry.name for entry in REGISTRY)}
    ignored = {rule.name: request.configuration.is_ignored(rule.name) for rule in request.rules}
    unused = []
    for path, read in sorted(sweep.marked.items()):
        for comment in read.comments:
            for name in comment.rules:
                if name not in known:
                    text = unknown("rule", name, known)
                    unused.append(Unused(path, comment.line, name, text))
                elif (
                    name in ran
                    and not ignored[name](path)
                    and ((path, comment.line, name) not in used)
                ):
                    unused.append(Unused(path, comment.line, name, "suppresses nothing"))
    return tuple(unused)
