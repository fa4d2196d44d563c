"""A gateway, a copy of the project, and workers over copies, for one test each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from working import Gateway, Worker, copied


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def tree(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the project, to change and to run."""
    return copied(project_root, tmp_path)


@pytest.fixture
def worker_of(gateway: Gateway) -> Iterator[Callable[..., Worker]]:
    """Starts a worker over a tree, with more options of its command."""
    started: list[Worker] = []

    def start(tree: Path, *options: str) -> Worker:
        started.append(Worker(tree, gateway.port, options))
        return started[-1]

    yield start
    for each in started:
        each.stop()
