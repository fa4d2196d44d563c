"""`djfix rules` and `djfix explain`: what the rules are, and what they say of one line."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.cli.commands import Asked, invocation_of
from djfix.cli.ending import CLEAN
from djfix.cli.streams import BOLD, Paint, is_coloured, put, say
from djfix.cli.where import locate
from djfix.codemods.engine.mistakes import UserError
from djfix.codemods.engine.options import Option, options_of
from djfix.codemods.engine.registry import REGISTRY, Entry, entry_named, load

if TYPE_CHECKING:
    from djfix.codemods.engine.explain import Explanation, Verdict
    from djfix.codemods.engine.values import Reported
    from djfix.codemods.rule import Example, Rule

_NAMED = "runs only when it is named itself; its sets leave it out"


def run_rules(color: str) -> int:
    """`djfix rules`: the list on stdout."""
    paint = Paint(is_coloured(color, sys.stdout))
    for entry in REGISTRY:
        put("".join(f"{line}\n" for line in _listed(entry, paint)))
    say(f"next: djfix explain {REGISTRY[0].name}")
    return CLEAN


def run_explain(asked: Asked, name: str | None, at: str | None) -> int:
    """`djfix explain`: one rule's page, or the verdicts on one line."""
    paint = Paint(is_coloured(asked.color, sys.stdout))
    if (name is None) == (at is None):
        raise UserError("`djfix explain` takes a RULE, or `--at PATH:LINE`")
    if name is not None:
        put("\n".join(_page(entry_named(name), paint)) + "\n")
        say(f"next: djfix check --rule {name}")
        return CLEAN
    explanation = _explained(asked, at or "")
    put("\n".join(_lines(explanation, paint)) + "\n")
    following = _following(explanation)
    if following:
        say(f"next: {following}")
    return CLEAN


def _listed(entry: Entry, paint: Paint) -> Iterator[str]:
    rule = load(entry)
    yield f"{paint(rule.name, BOLD)}  {rule.summary}"
    yield f"    sets: {', '.join(rule.sets)}; safety: {rule.safety}"
    if entry.only_when_named:
        yield f"    {_NAMED}"
    for option in options_of(rule.option_type):
        yield f"    {_option(rule, option)}"


def _option(rule: type[Rule], option: Option) -> str:
    choices = f" ({' | '.join(map(str, option.choices))})" if option.choices else ""
    default = "" if option.default in (None, ()) else f"={_value(option.default)}"
    return f"{rule.name}.{option.name}{default}{choices}  {option.help}".rstrip()


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _page(entry: Entry, paint: Paint) -> Iterator[str]:
    rule = load(entry)
    yield paint(rule.name, BOLD)
    yield f"{rule.summary}\nguide: {rule.guide}\nsafety: {rule.safety}"
    yield f"sets: {', '.join(rule.sets)}"
    yield f"{_NAMED}\n" if entry.only_when_named else ""
    yield inspect.getdoc(rule) or ""
    options = options_of(rule.option_type)
    if options:
        yield f"\n{paint('Options', BOLD)} (`--set`, or `[tool.djfix.rules.{rule.name}]`)"
        yield from (f"    {_option(rule, option)}" for option in options)
    for example in rule.examples:
        yield from _example(example, paint)


def _example(example: Example, paint: Paint) -> Iterator[str]:
    yield f"\n{paint(example.title, BOLD)}"
    if example.before == example.after:
        yield f"  left alone ({example.path}):\n{_indented(example.before)}"
        return
    yield f"  before ({example.path}):\n{_indented(example.before)}"
    yield f"  after:\n{_indented(example.after)}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else "" for line in text.rstrip().split("\n"))


def _explained(asked: Asked, at: str) -> Explanation:
    from djfix.codemods.engine.explain import explain_at
    from djfix.codemods.engine.invocation import (
        configuration_of,
        listed_files,
        new_files_of,
        request_of,
    )

    path, colon, line = at.rpartition(":")
    if not (colon and path and line.isdecimal()):
        raise UserError(f"`--at {at}`: write PATH:LINE")
    where = locate([path], asked.config)
    invocation = invocation_of(asked, where)
    configuration = configuration_of(invocation)
    files = listed_files(invocation, configuration)
    new_files = new_files_of(invocation, configuration, files)
    request = request_of(invocation, configuration, new_files)
    return explain_at(request, where.paths[0], int(line), files=files)


def _lines(explanation: Explanation, paint: Paint) -> Iterator[str]:
    place = paint(f"{explanation.path}:{explanation.line}", BOLD)
    yield f"{place}  {explanation.code}".rstrip()
    for verdict in explanation.verdicts:
        yield f"{paint(verdict.rule, BOLD)}: {verdict.text}"
        yield from (f"    {line}" for line in _details(verdict, explanation.path))


def _details(verdict: Verdict, path: str) -> Iterator[str]:
    for reported in verdict.findings:
        yield from _finding(reported)
    for declined in verdict.declined:
        yield f"{path}:{declined.line}: {declined.reason}"
    yield from verdict.seen
    if verdict.nearby and not verdict.seen:
        places = ", ".join(map(str, verdict.nearby[:10]))
        yield f"in this file it has something to say on line {places}"


def _finding(reported: Reported) -> Iterator[str]:
    finding = reported.finding
    yield f"{finding.path}:{finding.span.line}:{finding.span.column} {finding.message}"
    yield from map(str, finding.reasons)
    yield from (f"see {each.path}:{each.line}: {each.text}" for each in finding.evidence)
    if reported.error:
        yield reported.error


def _following(explanation: Explanation) -> str:
    for verdict in explanation.verdicts:
        for reported in verdict.findings:
            if reported.edits:
                return f"djfix apply --dry-run --only {reported.fingerprint}"
    named = next((each for each in explanation.verdicts), None)
    return f"djfix explain {named.rule}" if named else ""
