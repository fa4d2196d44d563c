"""Answers a run from the cache when nothing that it read has changed; parses and imports little."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djfix.codemods.engine.values import Reported, Result, Unused
from djfix.codemods.engine.version import tool_version
from djfix.codemods.findings import (
    Change,
    Declined,
    Evidence,
    Failure,
    Finding,
    Outcome,
    Plain,
    Reason,
    Safety,
    Span,
    TextEdit,
)
from djfix.codemods.source.files import digest

if TYPE_CHECKING:
    from djfix.codemods.source.cache import Cache
    from djfix.codemods.source.files import Files
    from djfix.codemods.source.listing import Listing

RACY_NANOSECONDS = 2_000_000_000
"""A file changed this shortly before it was listed may change again under the same time stamp."""

KIND = "run"


def open_cache(root: Path) -> Cache:
    """The user's cache for a project, as this very djfix fills it."""
    from djfix.codemods.source.cache import Cache, cache_path

    return Cache(cache_path(root), version=tool_version())


def run_key(*parts: object) -> str:
    """The key of everything besides files that a run's answer depends on."""
    return hashlib.sha256(repr(parts).encode(errors="surrogateescape")).hexdigest()


def recall(cache: Cache, key: str, files: Files) -> Result | None:
    """The remembered result of a run over the same files; None where any may have changed."""
    known = cache.get(KIND, key)
    try:
        if known is None or known["listing"] != _digest(files.listing):
            return None
        if not all(digest(files.read(path)) == sha for path, sha in known["racy"]):
            return None
        if not all(_is_still(files, path, state) for path, state in known["unlisted"]):
            return None
        result = _result(known["result"], files)
    except (KeyError, TypeError, ValueError, OSError):
        return None
    if known["racy"]:
        # Their time stamps are old by now and tell a change by themselves.
        cache.put(KIND, key, {**known, "racy": []})
        cache.save()
    return result


def remember(cache: Cache, key: str, files: Files, result: Result, *, listed_at: int) -> None:
    """Keep a result for `recall`, unless a rule crashed; `listed_at` is in nanoseconds."""
    if any(failure.rule is not None for failure in result.failures):
        return
    racy = [
        [file.path, digest(files.read(file.path))]
        for file in files.listing.files
        if file.mtime_ns > listed_at - RACY_NANOSECONDS
    ]
    value = {
        "listing": _digest(files.listing),
        "racy": racy,
        "unlisted": sorted(files.unlisted.items()),
        "result": _plain(result),
    }
    cache.put(KIND, key, value)


def _is_still(files: Files, path: str, state: str | None) -> bool:
    """Whether a file beside the listing is as it was."""
    if not state:
        return files.exists(path) == (state is not None)
    return digest(files.read(path)) == state


def _digest(listing: Listing) -> str:
    rows = [f"{each.path}\0{each.size}\0{each.mtime_ns}" for each in listing.files]
    rows += [f"{each.path}\0{each.reason}" for each in listing.skipped]
    return digest("\n".join(rows).encode(errors="surrogateescape"))


def _plain(result: Result) -> dict[str, Any]:
    return {
        "findings": [_plain_reported(each) for each in result.findings],
        "declined": [
            [each.rule, each.path, each.line, each.reason.name, each.reason.text]
            for each in result.declined
        ],
        "failures": [[each.path, each.error] for each in result.failures],
        "changes": [_plain_change(each) for each in result.changes],
        "unused": [[each.path, each.line, each.rule, each.text] for each in result.unused],
        "rules": list(result.rules),
        "left_alone": dict(result.left_alone),
        "files": [result.files_found, result.files_parsed, result.files_cached],
        "notes": list(result.notes),
    }


def _result(plain: Mapping[str, Any], files: Files) -> Result:
    found, parsed, cached = plain["files"]
    return Result(
        findings=tuple(_reported(each) for each in plain["findings"]),
        declined=tuple(
            Declined(rule, path, line, Reason(name, text))
            for rule, path, line, name, text in plain["declined"]
        ),
        failures=tuple(Failure(path, error) for path, error in plain["failures"]),
        changes=tuple(_change(each, files) for each in plain["changes"]),
        unused=tuple(Unused(*each) for each in plain["unused"]),
        rules=tuple(plain["rules"]),
        left_alone=plain["left_alone"],
        files_found=found,
        files_parsed=0,
        files_cached=parsed + cached,
        notes=tuple(plain["notes"]),
    )


def _plain_reported(reported: Reported) -> dict[str, Any]:
    finding = reported.finding
    return {
        "finding": [finding.rule, finding.path, finding.symbol, finding.message, finding.anchor],
        "span": _plain_span(finding.span),
        "safety": finding.safety.value,
        "reasons": [[each.name, each.text] for each in finding.reasons],
        "evidence": [[each.path, each.line, each.text] for each in finding.evidence],
        "data": dict(finding.data),
        "outcome": reported.outcome.value,
        "fingerprint": reported.fingerprint,
        "edits": [
            [
                each.path,
                each.span and _plain_span(each.span),
                each.replacement,
                each.create,
                each.move_to,
            ]
            for each in reported.edits
        ],
        "after": reported.after,
        "error": reported.error,
    }


def _reported(plain: Mapping[str, Any]) -> Reported:
    rule, path, symbol, message, anchor = plain["finding"]
    finding = Finding(
        rule=rule,
        path=path,
        span=Span(*plain["span"]),
        symbol=symbol,
        message=message,
        safety=Safety(plain["safety"]),
        anchor=anchor,
        reasons=tuple(Reason(*each) for each in plain["reasons"]),
        evidence=tuple(Evidence(*each) for each in plain["evidence"]),
        data={key: _tuples(value) for key, value in plain["data"].items()},
    )
    return Reported(
        finding,
        Outcome(plain["outcome"]),
        plain["fingerprint"],
        tuple(
            TextEdit(path, span and Span(*span), replacement, create, move_to)
            for path, span, replacement, create, move_to in plain["edits"]
        ),
        plain["after"],
        plain["error"],
    )


def _plain_span(span: Span) -> list[int]:
    return [span.line, span.column, span.end_line, span.end_column]


def _tuples(value: Any) -> Plain:
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _plain_change(change: Change) -> list[Any]:
    """One byte, one character: JSON knows no bytes."""
    before = None if change.before is None else digest(change.before)
    after = None if change.after is None else change.after.decode("latin-1")
    made = list(change.fingerprints)
    return [change.path, before, after, change.rule, made, change.moved_from]


def _change(plain: Sequence[Any], files: Files) -> Change:
    path, sha, text, rule, fingerprints, moved_from = plain
    before = None if sha is None else files.read(path)
    if before is None and files.exists(path):
        raise ValueError(path)
    if before is not None and digest(before) != sha:
        raise ValueError(path)
    after = None if text is None else text.encode("latin-1")
    return Change(path, before, after, rule, tuple(fingerprints), moved_from)
