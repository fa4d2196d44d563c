"""On a real PostgreSQL: `save()` loses what another writer put into another column; the code that
`update-fields` wrote keeps it.

`tests/projects/parcels` is the code before; `two_writers.py` in it lets the other writer in between
the read and the write of each function.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

NAMES = (
    "ship",
    "ship_or_404",
    "ship_each",
    "ship_by_setter",
    "ship_with_label",
    "ship_crate",
)
Rows = Mapping[str, Mapping[str, Any]]


@pytest.mark.parametrize("name", NAMES)
def test_code_before_loses_the_other_writers_column(before: Rows, name: str) -> None:
    assert before[name]["note"] == ""


@pytest.mark.parametrize("name", NAMES)
def test_rewritten_code_keeps_the_other_writers_column(after: Rows, name: str) -> None:
    assert after[name]["note"] == "fragile"


@pytest.mark.parametrize("name", NAMES)
def test_all_else_is_as_before(before: Rows, after: Rows, name: str) -> None:
    assert {**after[name], "note": ""} == before[name]
    assert before[name]["status"] == "shipped"
    assert before[name]["touched"]


@pytest.fixture(scope="module")
def before(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Rows:
    return rows_of(copied(project_root, tmp_path_factory.mktemp("before")), new_database())


@pytest.fixture(scope="module")
def after(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Rows:
    tree = copied(project_root, tmp_path_factory.mktemp("after"))
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--rule", "update-fields"]
    succeed(subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False))
    return rows_of(tree, new_database())


def copied(project_root: Path, folder: Path) -> Path:
    source = project_root / "tests" / "projects" / "parcels"
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(source, folder / "parcels", ignore=ignored))


def rows_of(tree: Path, database: Mapping[str, str]) -> Rows:
    """The rows of one tree by function name."""
    names = [f"parcels.services.{name}" for name in NAMES]
    environment = {**os.environ, **database, "DJANGO_SETTINGS_MODULE": "settings"}
    command = [sys.executable, "-B", "two_writers.py", *names]
    result = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    found: Rows = json.loads(succeed(result))
    return found


def succeed(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
