"""Findings as one JSON object, as schema/findings-1.json describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import djfix
from djfix.codemods.engine.values import Reported, Result
from djfix.codemods.findings import Declined, Failure, TextEdit

SCHEMA = 1


def as_json(result: Result, root: Path, *, declined: bool = False) -> str:
    """The object as text with a newline; `declined` adds the list of declined places."""
    plain = {
        "schema": SCHEMA,
        "tool": {"name": "djfix", "version": djfix.__version__},
        "root": str(root),
        "findings": [_finding(each) for each in result.findings],
        "files": {
            "found": result.files_found,
            "parsed": result.files_parsed,
            "cached": result.files_cached,
            "failed": [_failure(each) for each in result.failures],
        },
        "rules": result.counts(),
    }
    if declined:
        plain["declined"] = [_declined(each) for each in result.declined]
    return json.dumps(plain, indent=2) + "\n"


def _finding(reported: Reported) -> dict[str, Any]:
    finding = reported.finding
    return {
        "rule": finding.rule,
        "path": finding.path,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "symbol": finding.symbol,
        "message": finding.message,
        "outcome": reported.outcome.value,
        "reasons": [str(reason) for reason in finding.reasons],
        "fingerprint": reported.fingerprint,
        "after": reported.after,
        "evidence": [
            {"path": each.path, "line": each.line, "text": each.text} for each in finding.evidence
        ],
        "data": dict(finding.data),
        "edits": [_edit(each) for each in reported.edits],
    }


def _edit(edit: TextEdit) -> dict[str, Any]:
    if edit.move_to:
        return {"path": edit.path, "move_to": edit.move_to}
    if edit.span is None:
        return {"path": edit.path, "create": True, "replacement": edit.replacement}
    return {
        "path": edit.path,
        "line": edit.span.line,
        "column": edit.span.column,
        "end_line": edit.span.end_line,
        "end_column": edit.span.end_column,
        "replacement": edit.replacement,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    plain: dict[str, Any] = {"path": failure.path, "error": failure.error}
    if failure.rule is not None:
        plain |= {"rule": failure.rule, "traceback": failure.traceback}
    return plain


def _declined(declined: Declined) -> dict[str, Any]:
    return {
        "rule": declined.rule,
        "path": declined.path,
        "line": declined.line,
        "reason": str(declined.reason),
    }
