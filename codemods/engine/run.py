"""One run: every rule in its order over the files, to findings and changes; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from djfix.codemods.engine.apply import Proposal
from djfix.codemods.engine.collecting import collecting_rarely
from djfix.codemods.engine.fixpoint import Course, settle
from djfix.codemods.engine.following import followed
from djfix.codemods.engine.outcomes import check_only, result_of
from djfix.codemods.engine.pool import Scan, scanner
from djfix.codemods.engine.scan import FileScan
from djfix.codemods.engine.sweep import Sweep, sweep_files
from djfix.codemods.engine.values import Progress, Request, Result
from djfix.codemods.engine.world import World
from djfix.codemods.findings import Safety
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
        listing = list_files(request.root, exclude=request.configuration.exclude)
        files = Files(request.root, listing)
    sweep = sweep_files(request, files)
    # Most questions rest on the whole project, which each process would learn anew: of 17 rules
    # on weblate, one process took 31 s of CPU and two took 89 s.
    jobs = request.jobs or 1
    cached = None if cache is None else request.root
    with collecting_rarely(), scanner(jobs, executor, cached) as scan:
        world = world_of(request, files, cache)
        courses = _all_rules(request, sweep, world, _reporting(scan, progress))
        check_only(request, courses)
        return result_of(request, files, sweep, courses)


def world_of(request: Request, files: Files, cache: Cache | None) -> World:
    """The files with the project's configuration, to be linked on demand."""
    from djfix.codemods.project.project import ProjectConfiguration

    configuration = ProjectConfiguration(
        source_roots=request.configuration.source_roots,
        known_apps=request.configuration.known_apps,
        target_version=request.configuration.target_version,
        new_files=request.new_files,
    )
    return World(files, configuration, cache)


def _all_rules(request: Request, sweep: Sweep, original: World, scan: Scan) -> list[Course]:
    """Each rule's course over what the rules before it have left."""
    courses: list[Course] = []
    world = original
    earlier: dict[str, str] = {}
    for rule in request.rules:
        course = settle(
            rule,
            _candidates(rule, sweep, courses, world),
            world,
            scan,
            select=_selection(request),
            earlier=earlier,
            original=original,
        )
        courses.append(course)
        earlier.update({path: makers[0] for path, makers in course.makers.items()})
        for each in followed(request, rule, course, scan, earlier):
            courses.append(each)
            earlier.update({path: makers[0] for path, makers in each.makers.items()})
        world = courses[-1].world
    return courses


def _candidates(rule: Rule, sweep: Sweep, courses: Sequence[Course], world: World) -> list[str]:
    """What the sweep found, and what earlier rules changed so that this one looks at it."""
    contents = {path: data for course in courses for path, data in course.contents.items()}
    changed = {path: data for path, data in contents.items() if rule.looks_at(path)}
    gone = {path for path, data in changed.items() if data is None}
    mentioned = {path for path in changed.keys() - gone if rule.mentioned(world.files.read(path))}
    return sorted(mentioned.union(sweep.candidates[rule.name]) - gone)


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
