"""The library before, and after each way to run djfix on it, served on each database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from serving import Served, copied, served


@pytest.fixture(scope="session")
def before(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """What the library answers on SQLite as it stands."""
    return served(copied(project_root, tmp_path_factory.mktemp("before")))


@pytest.fixture(scope="session")
def before_on_postgres(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Served:
    """What it answers on PostgreSQL."""
    return served(copied(project_root, tmp_path_factory.mktemp("before")), new_database())
