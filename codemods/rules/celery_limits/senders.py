"""Limits that are given where a task is sent: `task.apply_async(..., time_limit=600)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.source.document import Unreadable

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_SENDING = frozenset({"apply_async", "signature", "s", "si", "subtask", "set"})
_LIMITS = frozenset({"time_limit", "soft_time_limit"})


class Senders:
    """Which tasks are sent with limits, and where; worked out once for a project."""

    def __init__(self, project: Project) -> None:
        self.places: dict[str, list[tuple[str, int]]] = {}
        files = project.files
        sending = {
            *files.containing(b".apply_async"),
            *files.containing(b".s("),
            *files.containing(b"signature("),
        }
        for path in sorted(sending & {*files.containing(b"time_limit")}):
            for name, line in _sent(project, path):
                self.places.setdefault(name, []).append((path, line))


def limits_at_senders(project: Project, task: Task) -> tuple[tuple[str, int], ...]:
    """The path and line of each call that sends this task with a limit."""
    return tuple(project.shared(Senders).places.get(task.symbol, ()))


def _sent(project: Project, path: str) -> Iterator[tuple[str, int]]:
    try:
        tree = project.files.document(path).tree
    except (OSError, Unreadable):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in _SENDING and any(each.arg in _LIMITS for each in node.keywords):
            spelled = ast.unparse(node.func.value)
            name = (
                project.resolve(path, spelled) if spelled.replace(".", "").isidentifier() else None
            )
            if name is not None:
                yield name, node.lineno
