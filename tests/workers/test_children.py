"""Real workers: children that end after their tasks, with what `celery-settings` wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from working import Worker

TASK = """

@shared_task
def say_process(number):
    import os

    return os.getpid()
"""

Start = Callable[..., Worker]


@pytest.fixture
def set_to_one(tree: Path) -> Path:
    """The project with a child for each task, as djfix writes it."""
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--unsafe"]
    command += ["-r", "celery-settings", "--set", "celery-settings.max-tasks-per-child=1"]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    assert "\nCELERY_WORKER_MAX_TASKS_PER_CHILD = 1\n" in (tree / "config/settings.py").read_text()
    return tree


def processes(start: Start, tree: Path, *options: str) -> int:
    """How many processes did three tasks, one after the other."""
    tasks = tree / "shop" / "tasks.py"
    tasks.write_text(tasks.read_text() + TASK)
    worker = start(tree, *options)
    found = set()
    for number in range(3):
        (name,) = worker.send(("shop.tasks.say_process", number))
        assert worker.outcome(name).state == "SUCCESS"
        kept = (worker.work / "results" / f"celery-task-meta-{name}").read_text()
        found.add(json.loads(kept)["result"])
    return len(found)


def test_one_child_does_all_before(worker_of: Start, tree: Path) -> None:
    assert processes(worker_of, tree) == 1


def test_each_task_has_its_child_after(worker_of: Start, set_to_one: Path) -> None:
    assert processes(worker_of, set_to_one) == 3


@pytest.mark.parametrize("pool", ["solo", "threads"])
def test_nothing_is_replaced_where_there_are_no_children(
    worker_of: Start, set_to_one: Path, pool: str
) -> None:
    assert processes(worker_of, set_to_one, "--pool", pool) == 1


def test_option_of_the_command_wins(worker_of: Start, set_to_one: Path) -> None:
    assert processes(worker_of, set_to_one, "--max-tasks-per-child", "100") == 1
