"""Tests that run tasks in place: with `task_eager_propagates` they see Celery's Retry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_EAGER = (
    b"task_eager_propagates",
    b"TASK_EAGER_PROPAGATES",
    b"EAGER_PROPAGATES_EXCEPTIONS",
)


class EagerTests:
    """The test files of a project that sends tasks eagerly, if it does; once for a project."""

    def __init__(self, project: Project) -> None:
        files = project.files
        is_eager = any(files.containing(word, word=word) for word in _EAGER)
        sending = {*files.containing(b".delay("), *files.containing(b".apply_async(")}
        self.paths = tuple(sorted(filter(_is_test, sending))) if is_eager else ()


def eager_tests(project: Project, task: Task) -> Iterator[Reason]:
    """A test that sends the task, in a project that lets eager tasks raise."""
    name = task.symbol.rpartition(".")[2]
    wanted = (f"{name}.delay(".encode(), f"{name}.apply_async(".encode())
    for path in project.shared(EagerTests).paths:
        if any(word in project.files.read(path) for word in wanted):
            text = f"{path} sends it eagerly: it sees Celery's Retry, and not the exception"
            yield Reason("eager-tests", text)
            return


def _is_test(path: str) -> bool:
    parts = path.split("/")
    return "tests" in parts[:-1] or "test" in parts[:-1] or parts[-1].startswith(("test", "conf"))
