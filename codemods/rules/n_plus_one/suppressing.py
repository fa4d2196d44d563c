"""Comments on the evidence: a field that is to be left alone takes its paths with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.access.values import Path, Touch
from djfix.codemods.inference.joins import lookup_of
from djfix.codemods.rules.n_plus_one.needs import Consumer, Group
from djfix.codemods.source.suppressions import suppressing_line

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

Places = dict[tuple[str, int], str]


def without_suppressed(project: Project, group: Group, rule: str) -> Group:
    """The group without what comments take out, and with those comments."""
    found: Places = {}
    consumers = tuple(_heard(project, each, rule, found) for each in group.consumers)
    if not found:
        return group
    suppressed = tuple((path, line, lookup) for (path, line), lookup in sorted(found.items()))
    return replace(group, consumers=consumers, suppressed=suppressed)


def _heard(project: Project, consumer: Consumer, rule: str, found: Places) -> Consumer:
    gone: set[Path] = set()
    for touch in (*consumer.lacking, *consumer.perhaps):
        for place in _comments(project, touch, rule):
            gone.add(touch.path)
            found.setdefault(place, lookup_of(touch.path))
    return replace(
        consumer,
        lacking=_not_behind(gone, consumer.lacking),
        perhaps=_not_behind(gone, consumer.perhaps),
    )


def _not_behind(gone: set[Path], touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
    return tuple(
        touch for touch in touches if not any(touch.path[: len(path)] == path for path in gone)
    )


def _comments(project: Project, touch: Touch, rule: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for line in touch.evidence:
        comment = suppressing_line(project.files, rule, line.path, line.line) if line.path else None
        if comment is not None:
            found.append((line.path, comment))
    return found
