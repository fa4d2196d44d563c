"""Reads every file's bytes once, to know which rules have to look at it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from djfix.codemods.engine.failures import cannot_read
from djfix.codemods.engine.scan import suppressions_of
from djfix.codemods.engine.values import Request
from djfix.codemods.findings import Failure
from djfix.codemods.source.files import Files
from djfix.codemods.source.suppressions import MARK, Suppressions


@dataclass(slots=True)
class Sweep:
    """Which files each rule looks at; filled file by file.

    `left_alone` counts, by rule, what per-path-ignores take out. `marked`: files that hold a
    suppression, with what they say. `found`: the project's files of Python, and of the other kinds
    that any of the rules looks at.
    """

    candidates: dict[str, list[str]] = field(default_factory=dict)
    left_alone: dict[str, int] = field(default_factory=dict)
    marked: dict[str, Suppressions] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    found: int = 0


def sweep_files(request: Request, files: Files) -> Sweep:
    """The sweep over the files that the request's paths take in."""
    sweep = Sweep({rule.name: [] for rule in request.rules})
    is_asked = in_scope(request.paths)
    ignored = {rule.name: request.configuration.is_ignored(rule.name) for rule in request.rules}
    for path in files.paths:
        if path.endswith(".py") or any(rule.looks_at(path) for rule in request.rules):
            sweep.found += 1
            if is_asked(path):
                _sweep_file(request, files, path, ignored, sweep)
    sweep.failures += [
        Failure(each.path, "cannot be read: no permission")
        for each in files.listing.skipped
        if each.reason == "unreadable" and is_asked(each.path)
    ]
    return sweep


def in_scope(paths: Collection[str]) -> Callable[[str], bool]:
    """Whether a path is one of those asked for, or below one; none asked for means all are."""
    if not paths or "." in paths:
        return lambda path: True
    prefixes = tuple(f"{path}/" for path in paths)
    return lambda path: path in paths or path.startswith(prefixes)


def _sweep_file(
    request: Request,
    files: Files,
    path: str,
    ignored: Mapping[str, Callable[[str], bool]],
    sweep: Sweep,
) -> None:
    try:
        data = files.read_once(path)
    except OSError as error:
        sweep.failures.append(cannot_read(path, error))
        return
    for rule in request.rules:
        if not rule.looks_at(path) or (request.filtered and not rule.mentioned(data)):
            continue
        if ignored[rule.name](path):
            sweep.left_alone[rule.name] = sweep.left_alone.get(rule.name, 0) + 1
        else:
            sweep.candidates[rule.name].append(path)
    if MARK in data:
        sweep.marked[path], failures = suppressions_of(files.document(path))
        sweep.failures.extend(failures)
