"""On a real PostgreSQL: queries before and after `bulk-create` and `exists`, and the same rows.

`tests/projects/batches` is the code before. Receivers, own `save()` and `pre_save()`, and columns
that a save sets keep the rules still.
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

SAFE = {
    "create_each": (20, 1),
    "save_each": (20, 1),
    "create_related": (21, 2),
    "create_listed": (20, 1),
    "create_stamped": (20, 1),
}
REVIEWED = {"label_all": (21, 1), "label_each": (21, 2)}
KEPT = ("create_heard", "create_derived", "touch_all")
ASKED = ("has_items", "has_none", "how_many")
NAMES = (*SAFE, *REVIEWED, *KEPT, "create_placed", *ASKED)
Seen = Mapping[str, Mapping[str, Any]]


@pytest.mark.parametrize("name", SAFE)
def test_safe_loop_is_one_query(before: Seen, after: Seen, name: str) -> None:
    assert (len(before[name]["queries"]), len(after[name]["queries"])) == SAFE[name]


@pytest.mark.parametrize("name", REVIEWED)
def test_reviewed_loop_is_one_query_once_accepted(
    before: Seen, after: Seen, accepted: Seen, name: str
) -> None:
    counts = (len(before[name]["queries"]), len(accepted[name]["queries"]))
    assert counts == REVIEWED[name]
    assert after[name]["queries"] == before[name]["queries"]


@pytest.mark.parametrize("name", KEPT)
def test_what_a_save_does_keeps_the_loop(before: Seen, accepted: Seen, name: str) -> None:
    assert len(accepted[name]["queries"]) == len(before[name]["queries"]) > 19


def test_pre_save_of_a_field_keeps_the_loop(before: Seen, after: Seen, accepted: Seen) -> None:
    assert after["create_placed"] == before["create_placed"]
    places = [row["place"] for row in accepted["create_placed"]["rows"]["Placed"]]
    assert places == [0] * 20, "accepted in review, each row counted the rows before the first"


def test_receivers_and_saves_are_run(before: Seen, after: Seen) -> None:
    assert after["create_heard"]["heard"] == before["create_heard"]["heard"] == [*range(20)]
    doubles = [row["double"] for row in after["create_derived"]["rows"]["Derived"]]
    assert doubles == [number * 2 for number in range(20)]


@pytest.mark.parametrize("name", ASKED)
def test_question_asks_for_less(before: Seen, after: Seen, name: str) -> None:
    (asked,) = after[name]["queries"]
    (fetched,) = before[name]["queries"]
    assert "LIMIT" not in fetched
    assert ("COUNT" if name == "how_many" else "LIMIT 1") in asked


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_results_are_the_same(before: Seen, after: Seen, name: str) -> None:
    assert after[name]["rows"] == before[name]["rows"]
    assert after[name]["result"] == before[name]["result"]


@pytest.mark.parametrize("name", REVIEWED)
def test_rows_of_what_was_accepted_are_the_same(before: Seen, accepted: Seen, name: str) -> None:
    assert accepted[name]["rows"] == before[name]["rows"]


@pytest.fixture(scope="module")
def before(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Seen:
    return seen_of(copied(project_root, tmp_path_factory.mktemp("before")), new_database())


@pytest.fixture(scope="module")
def after(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Seen:
    tree = copied(project_root, tmp_path_factory.mktemp("after"))
    rewrite(tree)
    return seen_of(tree, new_database())


@pytest.fixture(scope="module")
def accepted(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Seen:
    tree = copied(project_root, tmp_path_factory.mktemp("accepted"))
    rewrite(tree, "--unsafe")
    return seen_of(tree, new_database())


def rewrite(tree: Path, *options: str) -> None:
    rules = ["--rule", "bulk-create", "--rule", "exists"]
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", *rules, *options]
    result = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    succeed(result)


def copied(project_root: Path, folder: Path) -> Path:
    source = project_root / "tests" / "projects" / "batches"
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(source, folder / "batches", ignore=ignored))


def seen_of(tree: Path, database: Mapping[str, str]) -> Seen:
    """What one tree shows, by function name."""
    names = [f"batches.services.{name}" for name in NAMES]
    environment = {**os.environ, **database, "DJANGO_SETTINGS_MODULE": "settings"}
    command = [sys.executable, "-B", "counting.py", *names]
    result = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    found: Seen = json.loads(succeed(result))
    return found


def succeed(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
