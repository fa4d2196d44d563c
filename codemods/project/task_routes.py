"""Which queue a Celery task's messages go to: its own option, the routes of the settings, or the
default, unless a sender names another.

https://docs.celeryq.dev/en/stable/userguide/routing.html; the order in which routes are asked, and
that the task's own `queue` goes before them, is that of `celery.app.routes` 5.7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.setting_values import Value
from djfix.codemods.project.task_senders import senders_of
from djfix.codemods.project.test_files import is_test

if TYPE_CHECKING:
    from djfix.codemods.project.celery_values import Celery
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

DEFAULT = "celery"
"""The name of the default queue where `task_default_queue` does not give one."""

WAYS = ("queue", "routing_key", "exchange")
_CHANGED = re.compile(rb"\btask_routes\s*(?:\[|\.(?:update|setdefault|pop|append|extend)\b)")


@dataclass(frozen=True, slots=True)
class Route:
    """A task's queue. `is_given`: by its option or a route, and not the default by omission."""

    queue: str
    is_given: bool
    path: str = ""
    line: int = 0


class Routes:
    """Asked once for a project: `project.shared(Routes)`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._celery: Celery = project.celery

    def of(self, task: Task) -> Route | Reason:
        """The queue, or why it is not known."""
        for reason in (*task.unclear, *self._celery.unclear, *self._changed):
            return reason
        for sent in senders_of(self._project, task, WAYS):
            return Reason("routed-by-sender", f"{sent} names the queue when it sends the task")
        own = next((each for each in task.options if each.name in WAYS), None)
        if own is None or own.value.is_constant(None):
            return self._by_settings(task)
        if own.name != "queue" or own.value.string is None:
            return Reason("unknown-route", f"{own.path}:{own.line}: {own.name} could not be read")
        return Route(own.value.string, True, own.path, own.line)

    # -- settings -------------------------------------------------------------------------------

    def _by_settings(self, task: Task) -> Route | Reason:
        found: dict[str, Route] = {}
        for setting in self._celery.values("task_routes"):
            where = f"{setting.path}:{setting.line}"
            if task.name is None:
                return Reason("unknown-route", f"{where} routes by name, and the name is not known")
            queue = routed(setting.value, task.name)
            if isinstance(queue, Reason):
                return Reason(queue.name, f"{where}: {queue.text}")
            given = Route(queue, True, setting.path, setting.line) if queue else self._default
            if isinstance(given, Reason):
                return given
            found.setdefault(given.queue, given)
        if len(found) > 1:
            return Reason("unknown-route", f"settings modules route it to {' or '.join(found)}")
        return next(iter(found.values()), self._default)

    @cached_property
    def _default(self) -> Route | Reason:
        names: dict[str, Route] = {}
        for setting in self._celery.values("task_default_queue"):
            name = setting.value.constant
            if not isinstance(name, str):
                text = f"{setting.path}:{setting.line}: the default queue could not be read"
                return Reason("unknown-route", text)
            names.setdefault(name, Route(name, False, setting.path, setting.line))
        if len(names) > 1:
            text = f"settings modules call the default queue {' or '.join(names)}"
            return Reason("unknown-route", text)
        return next(iter(names.values()), Route(DEFAULT, False))

    @cached_property
    def _changed(self) -> tuple[Reason, ...]:
        """Code that changes the routes while the project runs."""
        files = self._project.files
        for path in files.containing(b"task_routes", word=b"task_routes"):
            found = _CHANGED.search(files.read(path))
            if found is not None and not is_test(self._project, path):
                line = files.read(path).count(b"\n", 0, found.start()) + 1
                return (Reason("unknown-route", f"{path}:{line} changes the routes"),)
        return ()


def routed(value: Value, name: str) -> str | Reason | None:
    """The queue that a value of `task_routes` gives to a task's name; None: it gives none."""
    if value.items is None:
        return _by_router(value, name)
    if not value.complete:
        return Reason("unknown-route", "not all routes could be read")
    for router in value.items:
        found = _by_router(router, name)
        if found is not None:
            return found
    return None


def _by_router(value: Value, name: str) -> str | Reason | None:
    """By one router: a mapping of names and patterns, or a list of such pairs."""
    pairs = _pairs(value)
    if pairs is None:
        return Reason("unknown-route", "the routes are those of code, or could not be read")
    exact = [destination for pattern, destination in pairs if pattern == name]
    globs = [
        destination
        for pattern, destination in pairs
        if "*" in pattern and fnmatchcase(name, pattern)
    ]
    for destination in (*exact[-1:], *globs):
        return _queue_in(destination)
    return None


def _pairs(value: Value) -> list[tuple[str, Value]] | None:
    if value.is_absent or value.constants == (None,):
        return []
    if not value.complete or value.constants:
        return None
    if value.entries is not None:
        return [*value.entries.items()] if value.items is None else None
    found: list[tuple[str, Value]] = []
    for item in value.items or ():
        parts = item.items or ()
        pattern = parts[0].constant if len(parts) == 2 and item.complete else None
        if not isinstance(pattern, str):
            return None
        found.append((pattern, parts[1]))
    return found


def _queue_in(destination: Value) -> str | Reason:
    if isinstance(destination.constant, str):
        return destination.constant
    queue = destination.entry("queue")
    if isinstance(queue.constant, str):
        return queue.constant
    return Reason("unknown-route", "its route names no queue that could be read")
