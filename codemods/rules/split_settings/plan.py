"""What a split does to the files of a project, as plain values, and as edits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Span
from djfix.codemods.rewriting.edits import CreateFile, Edit, MoveFile, ReplaceText


@dataclass(frozen=True, slots=True)
class TextChange:
    """A stretch of a file and what comes instead."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`target`: where the settings move. `created`: the path and text of each new module."""

    target: str
    changes: tuple[TextChange, ...]
    created: tuple[tuple[str, str], ...]


def edits_of(plan: Plan, path: str) -> Iterator[Edit]:
    """The edits of a split of the settings at `path`."""
    yield MoveFile(path, plan.target)
    yield from (ReplaceText(each.path, each.span, each.text) for each in plan.changes)
    yield from (CreateFile(created, text) for created, text in plan.created)
