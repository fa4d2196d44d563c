"""Puts a result together from the rules' courses: outcomes, failures, changes, unused comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from djfix.codemods.engine.fixpoint import PASSES, Course, Named
from djfix.codemods.engine.mistakes import NothingToApplyError, UnknownFingerprintError
from djfix.codemods.engine.redaction import redacted_declined, redacted_failure, redacted_finding
from djfix.codemods.engine.registry import REGISTRY, unknown
from djfix.codemods.engine.sweep import Sweep
from djfix.codemods.engine.values import Reported, Request, Result, Unused
from djfix.codemods.findings import SUPPRESSED, Change, Failure, Outcome, Safety
from djfix.codemods.source.files import Files

BY_SAFETY = {
    Safety.SAFE: Outcome.FIXABLE,
    Safety.REVIEW: Outcome.NEEDS_REVIEW,
    Safety.REPORT: Outcome.REPORTED,
}

LEFT_OUT = {
    "too-large": "too large for source that is written by hand",
    "undecodable-name": "its name is not text",
    "symlink-loop": "a link that leads back to where it stands",
    "outside-root": "a link that leads out of the project",
}


def result_of(request: Request, files: Files, sweep: Sweep, courses: Sequence[Course]) -> Result:
    """The result of a request whose rules took these courses, one each, over `files`.

    Everything in it may be shown: secrets are taken out here, for every format alike.
    """
    parsed = {path for course in courses for path in course.parsed}
    cached = {path for course in courses for path in course.cached} - parsed
    return Result(
        findings=tuple(each for course in courses for each in _reported(request, course)),
        declined=tuple(redacted_declined(each) for course in courses for each in course.declined),
        failures=_failures(sweep, courses),
        changes=_changes(files, courses),
        unused=tuple(_unused(request, sweep, courses)),
        unsettled=tuple(course.rule for course in courses if course.unsettled),
        rules=tuple(
            dict.fromkeys([*(r.name for r in request.rules), *(each.rule for each in courses)])
        ),
        left_alone=dict(sweep.left_alone),
        files_found=sweep.found,
        files_parsed=len(parsed),
        files_cached=len(cached),
        notes=(*files.listing.notes, *_left_out(files)),
    )


def check_only(request: Request, courses: Sequence[Course]) -> None:
    """Raises UnknownFingerprintError, NothingToApplyError unless all of `only` was applied."""
    known = {name: named for course in courses for name, named in course.known.items()}
    applied = {name for course in courses for name in course.applied}
    for name in sorted(request.only or ()):
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
        Outcome.FIXED if applied else _outcome(named),
        named.fingerprint,
        proposal.edits,
        named.after,
        redacted_failure(failure).error if failure else "",
    )


def _outcome(named: Named) -> Outcome:
    if named.proposal.suppressed_by is not None:
        return Outcome.SUPPRESSED
    if named.proposal.failure is not None:
        return Outcome.FAILED
    return BY_SAFETY[named.proposal.finding.safety]


def _failures(sweep: Sweep, courses: Sequence[Course]) -> tuple[Failure, ...]:
    """Each failure once, by path: two rules fail alike on a file that cannot be read."""
    found = [*sweep.failures]
    for course in courses:
        of_findings = (each.proposal.failure for each in course.known.values())
        found += [*course.failures, *filter(None, of_findings), *_unsettled(course)]
    first = {(each.path, each.error): each for each in reversed(found)}
    return tuple(redacted_failure(first[key]) for key in sorted(first))


def _unsettled(course: Course) -> list[Failure]:
    if not course.unsettled:
        return []
    path = min(course.contents, default="")
    error = f"{course.rule} still finds what to fix after {PASSES} passes"
    return [Failure(path, error, course.rule)]


def _changes(files: Files, courses: Sequence[Course]) -> tuple[Change, ...]:
    """Each changed file once, whoever changed it; a file that ends as it was is not changed."""
    after = {path: data for course in courses for path, data in course.contents.items()}
    changes = (_change(files, path, after[path], courses) for path in sorted(after))
    changed = [change for change in changes if change.before != change.after]
    gone = {change.path for change in changed if change.after is None}
    sources = _moves(courses)
    return tuple(
        replace(change, moved_from=sources[change.path])
        if change.before is None and sources.get(change.path) in gone
        else change
        for change in changed
    )


def _moves(courses: Sequence[Course]) -> dict[str, str]:
    """Where each moved file was before."""
    applied = [each for course in courses for each in course.known.values()]
    names = {name for course in courses for name in course.applied}
    edits = [edit for each in applied if each.fingerprint in names for edit in each.proposal.edits]
    return {edit.move_to: edit.path for edit in edits if edit.move_to}


def _change(files: Files, path: str, after: bytes | None, courses: Sequence[Course]) -> Change:
    made = [
        (course.rule, each)
        for course in courses
        for each in course.makers.get(path, ())
        if each in course.applied
    ]
    before = files.read(path) if files.exists(path) else None
    rules = dict.fromkeys(rule for rule, _ in made)
    return Change(path, before, after, ",".join(rules), tuple(each for _, each in made))


def _left_out(files: Files) -> Iterator[str]:
    """Files that no rule can look at, for a reason that is not the user's own doing."""
    for skipped in files.listing.skipped:
        if skipped.reason in LEFT_OUT:
            yield f"{skipped.path} is left out: {LEFT_OUT[skipped.reason]}"


def _unused(request: Request, sweep: Sweep, courses: Sequence[Course]) -> Iterator[Unused]:
    """Comments that suppressed nothing, of the rules that ran; and those of no rule there is."""
    used = {
        (each.proposal.finding.path, each.proposal.suppressed_by, each.proposal.finding.rule)
        for course in courses
        for each in course.known.values()
    }
    used |= {
        (each.path, each.line, each.rule)
        for course in courses
        for each in course.declined
        if each.reason.name == SUPPRESSED
    }
    ignored = {rule.name: request.configuration.is_ignored(rule.name) for rule in request.rules}
    known = {*ignored, *(entry.name for entry in REGISTRY)}
    for path, line, rule in _mentions(sweep):
        if rule not in known:
            yield Unused(path, line, rule, unknown("rule", rule, known))
        elif rule in ignored and not ignored[rule](path) and (path, line, rule) not in used:
            yield Unused(path, line, rule, "suppresses nothing")


def _mentions(sweep: Sweep) -> Iterator[tuple[str, int, str]]:
    for path, read in sorted(sweep.marked.items()):
        for comment in read.comments:
            yield from ((path, comment.line, rule) for rule in comment.rules)
