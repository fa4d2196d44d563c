"""Findings, failures and summaries as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from djfix.cli.streams import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Paint
from djfix.codemods.engine.values import Reported, Result
from djfix.codemods.findings import Declined, Failure, Outcome

COLOURS = {
    Outcome.FIXED: GREEN,
    Outcome.FIXABLE: GREEN,
    Outcome.NEEDS_REVIEW: YELLOW,
    Outcome.REPORTED: CYAN,
    Outcome.SUPPRESSED: DIM,
    Outcome.FAILED: RED,
}

COUNTED = {
    Outcome.FIXED: "fixed",
    Outcome.FIXABLE: "fixable",
    Outcome.NEEDS_REVIEW: "to review",
    Outcome.REPORTED: "reported",
    Outcome.SUPPRESSED: "suppressed",
    Outcome.FAILED: "failed",
}

MOST_PLACES = 3
"""How many places a summary names before it only counts."""


def full(findings: Iterable[Reported], paint: Paint) -> str:
    """The findings grouped by file; suppressed ones are only counted."""
    shown = [each for each in findings if each.outcome is not Outcome.SUPPRESSED]
    shown.sort(key=lambda each: (each.finding.path, each.finding.span))
    groups = groupby(shown, key=lambda each: each.finding.path)
    return "\n".join("".join(_finding(each, paint) for each in group) for _, group in groups)


def declined_list(declined: Sequence[Declined], paint: Paint) -> str:
    """The places that are not proven, by file and line."""
    ordered = sorted(declined, key=lambda each: (each.path, each.line))
    return "".join(
        f"{paint(f'{each.path}:{each.line}', BOLD)} {each.rule} declined  {each.reason}\n"
        for each in ordered
    )


def summary(result: Result) -> Iterator[str]:
    """Unused comments, a line for each rule with findings, what was left alone, the files."""
    for each in result.unused:
        comment = f"`# djfix: ignore[{each.rule}]`"
        yield f"{each.path}:{each.line}: unused suppression {comment}: {each.text}"
    counted = {rule: _counted(counts) for rule, counts in result.counts().items()}
    yield from (f"{rule}: {text}" for rule, text in counted.items() if text)
    if not any(counted.values()):
        only = f"{result.rules[0]}: " if len(result.rules) == 1 else ""
        yield f"{only}nothing found"
    if result.left_alone:
        files = ", ".join(
            f"{_plural(number, 'file')} for {rule}" for rule, number in result.left_alone.items()
        )
        yield f"left alone by per-path-ignores (by default, tests and migrations): {files}"
    yield _files(result)


def statistics(result: Result) -> Iterator[str]:
    """What was declined, by rule and reason, most frequent first."""
    counted = Counter((each.rule, each.reason.name) for each in result.declined)
    for (rule, reason), number in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        yield f"{rule}: declined {number} times: {reason}"


def left_over(result: Result) -> Iterator[str]:
    """What an apply did not fix and why, by outcome and the first reason of each."""
    left = result.with_outcome(Outcome.FIXABLE, Outcome.NEEDS_REVIEW, Outcome.REPORTED)
    groups: dict[tuple[str, str, str], list[Reported]] = {}
    for each in left:
        reason = each.finding.reasons[0].name if each.finding.reasons else "not asked for"
        groups.setdefault((each.finding.rule, each.outcome.value, reason), []).append(each)
    for (rule, outcome, reason), found in sorted(groups.items()):
        yield f"{rule}: left {len(found)} {_LEFT[outcome]} ({reason}): {_places(found)}"


def failures(found: Iterable[Failure], paint: Paint) -> Iterator[str]:
    """Each failure on a line; a defect of djfix with its traceback below it."""
    for each in found:
        place = each.path or "djfix"
        yield f"{paint('failed', RED, BOLD)} {place}: {each.error}"
        if each.traceback:
            yield from (f"    {line}" for line in each.traceback.rstrip().splitlines())
            yield "    This is a defect of djfix, not of your code; the rest of the run is sound."


def _finding(reported: Reported, paint: Paint) -> str:
    finding = reported.finding
    place = paint(f"{finding.path}:{finding.span.line}:{finding.span.column}", BOLD)
    outcome = paint(reported.outcome.value, COLOURS[reported.outcome])
    head = f"{place} {finding.rule} {_flat(finding.message)} [{outcome} {reported.fingerprint}]\n"
    return head + "".join(f"    {line}\n" for line in _details(reported))


def _details(reported: Reported) -> Iterator[str]:
    yield from (_flat(str(reason)) for reason in reported.finding.reasons)
    if reported.after:
        yield f"once {reported.after} is fixed"
    if reported.error:
        yield reported.error
    for each in reported.finding.evidence:
        yield f"see {each.path}:{each.line}: {_flat(each.text)}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _counted(counts: dict[str, int]) -> str:
    parts = [
        f"{counts[outcome.value]} {word}"
        for outcome, word in COUNTED.items()
        if counts[outcome.value]
    ]
    if counts["declined"]:
        parts.append(f"{counts['declined']} declined")
    return ", ".join(parts)


def _files(result: Result) -> str:
    parsed = f"{result.files_parsed} parsed"
    cached = f", {result.files_cached} from the cache" if result.files_cached else ""
    return f"{_plural(result.files_found, 'file')}, {parsed}{cached}"


def _places(found: Sequence[Reported]) -> str:
    places = [f"{each.finding.path}:{each.finding.span.line}" for each in found]
    more = len(places) - MOST_PLACES
    return ", ".join(places[:MOST_PLACES]) + (f" and {more} more" if more > 0 else "")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_LEFT = {"fixable": "fixable", "needs-review": "that need review", "reported": "without a fix"}
