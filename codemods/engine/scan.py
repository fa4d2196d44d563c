"""Looks at one file for one rule; failures come back as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.engine.apply import Proposal, solo_edits
from djfix.codemods.engine.failures import cannot_read, crash, unreadable
from djfix.codemods.findings import Declined, Failure, Finding, Reason, Safety
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.suppressions import Suppressions, suppressions

if TYPE_CHECKING:
    from djfix.codemods.engine.world import World
    from djfix.codemods.rule import Rule


@dataclass(frozen=True, slots=True)
class FileScan:
    """What one rule says of one file.

    `depends`: something beyond the file was asked for, so the answer may change with other files.
    `cached`: the answer was known and the file not parsed.
    """

    path: str
    proposals: tuple[Proposal, ...] = ()
    declined: tuple[Declined, ...] = ()
    failures: tuple[Failure, ...] = ()
    depends: bool = False
    cached: bool = False


def scan_file(rule: Rule, path: str, world: World) -> FileScan:
    """Find in one file, and build each finding's own edits. Never raises."""
    try:
        document = world.files.document(path)
    except OSError as error:
        return FileScan(path, failures=(cannot_read(path, error),))
    key = _key(rule, document)
    known = _recalled(rule, path, world, key)
    if known is not None:
        return known
    scan = _scanned(rule, document, world)
    _remember(scan, world, key)
    return scan


def suppressions_of(document: Document) -> tuple[Suppressions, tuple[Failure, ...]]:
    """The suppressions of a file, and a failure for each that names no rule."""
    try:
        read = suppressions(document)
    except Unreadable:
        return Suppressions(), ()
    failures = (
        Failure(document.path, f"line {each.line}: {each.message}") for each in read.malformed
    )
    return read, tuple(failures)


def _scanned(rule: Rule, document: Document, world: World) -> FileScan:
    path = document.path
    try:
        world.project.forget()
        found = list(rule.find(document, world.project))
        depends = world.project.asked
        if depends:
            world.project.note(document)
    except Unreadable as error:
        return FileScan(path, failures=(unreadable(error),), depends=error.path != path)
    except Exception as error:  # noqa: BLE001 - one rule may fail on one file, the run may not
        return FileScan(path, failures=(crash(path, rule.name, error),), depends=True)
    findings = [each for each in found if isinstance(each, Finding)]
    read, _ = suppressions_of(document)
    proposals = tuple(_proposal(rule, finding, document, read, world) for finding in findings)
    declined = tuple(each for each in found if isinstance(each, Declined))
    return FileScan(path, proposals, declined, (), depends)


def _proposal(
    rule: Rule,
    finding: Finding,
    document: Document,
    read: Suppressions,
    world: World,
) -> Proposal:
    comment = read.at(document, rule.name, finding.span.line)
    if comment is not None:
        return Proposal(finding, suppressed_by=comment.line)
    if finding.safety is Safety.REPORT:
        return Proposal(finding)
    made = solo_edits(rule, finding, world)
    if isinstance(made, Failure):
        return Proposal(finding, failure=made)
    return Proposal(finding, made)


def _key(rule: Rule, document: Document) -> str:
    parts = (rule.name, repr(rule.options), document.path)
    head = "\0".join(parts).encode(errors="surrogateescape")
    return hashlib.sha256(head + b"\0" + document.data).hexdigest()


def _recalled(rule: Rule, path: str, world: World, key: str) -> FileScan | None:
    """What is known of a file whose answer depends on nothing but itself."""
    known = world.cache.get("scan", key) if world.cache else None
    try:
        declined = tuple(
            Declined(rule.name, path, line, Reason(name, text)) for line, name, text in known or ()
        )
    except (TypeError, ValueError):
        return None
    if known is None:
        return None
    return FileScan(path, declined=declined, cached=True)


def _remember(scan: FileScan, world: World, key: str) -> None:
    if world.cache and not (scan.depends or scan.proposals or scan.failures):
        rows = [[each.line, each.reason.name, each.reason.text] for each in scan.declined]
        world.cache.put("scan", key, rows)
