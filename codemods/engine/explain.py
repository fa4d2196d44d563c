"""Why there is, or is not, a finding at one line: `djfix explain --at PATH:LINE`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.engine.mistakes import UserError
from djfix.codemods.engine.redaction import redacted_code, redacted_declined, redacted_failure
from djfix.codemods.engine.run import run, world_of
from djfix.codemods.engine.scan import FileScan, scan_file
from djfix.codemods.engine.values import Reported, Request
from djfix.codemods.findings import Declined
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.suppressions import statement_lines

if TYPE_CHECKING:
    from djfix.codemods.engine.world import World
    from djfix.codemods.rule import Rule
    from djfix.codemods.source.files import Files


NOTHING = "nothing on this line"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one line, in words; findings and declined places that it rests on.

    `nearby`: what it says of other lines of the same file, where it has nothing on this one.
    `seen`: what the rule took into account, whether or not it found anything.
    """

    rule: str
    text: str
    findings: tuple[Reported, ...] = ()
    declined: tuple[Declined, ...] = ()
    nearby: tuple[int, ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line, its text, and a verdict of each rule asked."""

    path: str
    line: int
    code: str
    verdicts: tuple[Verdict, ...]


def explain_at(request: Request, path: str, line: int, *, files: Files) -> Explanation:
    """The verdict of each of the request's rules on one line (from 1) of one file.

    Raises UserError where there is no such file or line, or where it is not looked at at all.
    """
    _check_listed(request, files, path)
    document = files.document(path)
    try:
        total = len(document.lines)
        code = _shown(document, line) if 1 <= line <= total else ""
        if document.is_python:
            document.tree  # noqa: B018 - a file that cannot be parsed has no verdicts
    except Unreadable as error:
        raise UserError(f"{error}; so no rule looks at this file") from None
    if not 1 <= line <= total:
        raise UserError(f"{path} has {total} lines, so there is no line {line}")
    verdicts = tuple(_verdict(rule, request, path, line, files) for rule in request.rules)
    return Explanation(path, line, code, verdicts)


def _shown(document: Document, line: int) -> str:
    """A line as it may be shown: of a statement that names a secret, without its texts."""
    lines = statement_lines(document, line)
    beside = "".join(document.line_text(each) for each in lines)
    return redacted_code(document.line_text(line).strip(), beside)


def _check_listed(request: Request, files: Files, path: str) -> None:
    is_looked_at = path.endswith(".py") or any(rule.looks_at(path) for rule in request.rules)
    if path in files.paths and is_looked_at:
        return
    for skipped in files.listing.skipped:
        if path == skipped.path or path.startswith(f"{skipped.path}/"):
            raise UserError(f"{path} is left out: {skipped.path} is {skipped.reason}")
    if not files.exists(path):
        raise UserError(f"there is no file {path}")
    if not is_looked_at:
        raise UserError(f"{path} is not a Python file, so no rule looks at it")
    raise UserError(f"{path} is not looked at: `exclude`, or git's own ignores, leave it out")


def _verdict(rule: Rule, request: Request, path: str, line: int, files: Files) -> Verdict:
    if not rule.looks_at(path):
        return Verdict(rule.name, "this rule looks at files of another kind")
    world = world_of(request, files, None)
    if not rule.mentioned(files.read(path)):
        # A class may inherit all that the rule goes by, and is seen from there.
        seen = _seen(rule, world, path, line)
        return Verdict(rule.name, NOTHING if seen else _without_mention(rule), seen=seen)
    scan = scan_file(rule, path, world)
    if scan.failures:
        return Verdict(rule.name, redacted_failure(scan.failures[0]).error)
    verdict = _of_scan(rule, request, scan, line, files)
    return replace(verdict, seen=_seen(rule, world, path, line))


def _seen(rule: Rule, world: World, path: str, line: int) -> tuple[str, ...]:
    document = world.files.document(path)
    return tuple(rule.explain(document, world.project, statement_lines(document, line)))


def _without_mention(rule: Rule) -> str:
    words = " nor ".join(f"`{each.decode(errors='replace')}`" for each in rule.mentions)
    neither = "neither " if len(rule.mentions) > 1 else "no "
    return f"no mention of this rule's pattern: the file holds {neither}{words}"


def _of_scan(rule: Rule, request: Request, scan: FileScan, line: int, files: Files) -> Verdict:
    lines = statement_lines(files.document(scan.path), line)
    findings = _findings(rule, request, scan.path, line, lines, files)
    declined = tuple(
        redacted_declined(each) for each in scan.declined if each.line == line or each.line in lines
    )
    pattern = _ignoring_pattern(rule, request, scan.path)
    if pattern is not None:
        return Verdict(rule.name, _ignored(rule, pattern, bool(findings)), findings, declined)
    if findings:
        return Verdict(rule.name, _found(findings), findings, declined)
    if declined:
        return Verdict(rule.name, "declined: the anti-pattern is not proven here", (), declined)
    places = {each.finding.span.line for each in scan.proposals} | {
        each.line for each in scan.declined
    }
    return Verdict(rule.name, NOTHING, nearby=tuple(sorted(places)))


def _findings(
    rule: Rule, request: Request, path: str, line: int, lines: range, files: Files
) -> tuple[Reported, ...]:
    """The findings that cover the line or its statement, or rest on the line as evidence."""
    alone = Request(
        root=request.root,
        rules=(rule,),
        configuration=request.configuration.without_ignores(),
        paths=(path,),
        new_files=request.new_files,
    )
    return tuple(
        each
        for each in run(alone, files=files).findings
        if each.after is None and _covers(each, path, line, lines)
    )


def _covers(reported: Reported, path: str, line: int, lines: range) -> bool:
    span = reported.finding.span
    covered = range(span.line, span.end_line + 1)
    resting = any(each.path == path and each.line == line for each in reported.finding.evidence)
    return line in covered or span.line in lines or resting


def _ignoring_pattern(rule: Rule, request: Request, path: str) -> str | None:
    from djfix.codemods.source.patterns import matcher

    patterns = request.configuration.ignored_patterns(rule.name)
    return next((each for each in patterns if matcher([each])(path)), None)


def _ignored(rule: Rule, pattern: str, found: bool) -> str:
    would = "; without that there would be a finding" if found else ""
    return f"left alone: per-path-ignores take `{pattern}` out for {rule.name}{would}"


def _found(findings: tuple[Reported, ...]) -> str:
    return "; ".join(dict.fromkeys(each.outcome.value for each in findings))
