"""Admin lists served before and after djfix: the cost no longer grows, the pages are the same.

`tests/projects/desk` shows the list of every admin class with four rows and with eight.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from djfix.codemods.engine.configuration import parse_configuration
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Request
from djfix.codemods.rules.admin_list import AdminList
from djfix.codemods.source.files import Files

SAFE = {"CallableAdmin", "MixedAdmin", "NoteAdmin", "NullableColumnAdmin", "PropertyAdmin"}
REVIEWED = {
    *("EverythingAdmin", "JoinedQuerysetAdmin", "ListedAdmin", "ManagedAdmin", "ManyOnTopAdmin"),
    *("OwnQuerysetAdmin", "SwitchedOffAdmin"),
}
FLAT_ALREADY = {"PlainAdmin", "PersonAdmin"}

Lists = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Runs:
    """The lists as they are, after `apply`, and after `apply --unsafe`."""

    before: Lists
    safe: Lists
    unsafe: Lists


@pytest.fixture(scope="module", name="runs")
def _runs(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    source = project_root / "tests" / "projects" / "desk"
    found = [
        served(source, tmp_path_factory.mktemp(name) / "desk", apply=apply, unsafe=unsafe)
        for name, apply, unsafe in (
            ("before", False, False),
            ("safe", True, False),
            ("unsafe", True, True),
        )
    ]
    return Runs(*found)


def served(source: Path, folder: Path, *, apply: bool, unsafe: bool) -> Lists:
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if apply:
        rewrite(folder, unsafe=unsafe)
    done = subprocess.run(
        [sys.executable, str(folder / "serve.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lists: Lists = json.loads(done.stdout)["lists"]
    return lists


def rewrite(folder: Path, *, unsafe: bool) -> None:
    text = f'[tool.djfix]\ntarget-version = "{installed_django()}"\n'
    configuration = parse_configuration(text)
    contents = {path.relative_to(folder).as_posix(): path.read_text() for path in files_in(folder)}
    request = Request(folder, (AdminList(),), configuration, apply=True, unsafe=unsafe, cache=False)
    result = run(request, files=Files.of(contents))
    assert not result.failures
    for change in result.changes:
        (folder / change.path).write_bytes(change.after)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


def installed_django() -> str:
    import django

    return ".".join(map(str, django.VERSION[:2]))


def growing(lists: Lists) -> set[str]:
    return {name for name, by in lists.items() if by["8"]["queries"] > by["4"]["queries"]}


def test_what_is_wrong_grows_with_the_rows(runs: Runs) -> None:
    assert growing(runs.before) == set(runs.before) - FLAT_ALREADY


def test_what_is_safe_no_longer_grows(runs: Runs) -> None:
    assert growing(runs.safe) == set(runs.before) - FLAT_ALREADY - SAFE


def test_nothing_grows_after_review(runs: Runs) -> None:
    assert growing(runs.unsafe) == set()


def test_every_page_is_the_same(runs: Runs) -> None:
    for after in (runs.safe, runs.unsafe):
        for name, by_size in runs.before.items():
            for size, answer in by_size.items():
                assert answer["status"] == 200
                assert after[name][size]["page"] == answer["page"], (name, size)


def test_no_list_costs_more(runs: Runs) -> None:
    for after in (runs.safe, runs.unsafe):
        for name, by_size in runs.before.items():
            for size, answer in by_size.items():
                assert after[name][size]["queries"] <= answer["queries"], (name, size)


def test_each_class_is_told_of(runs: Runs) -> None:
    assert set(runs.before) == SAFE | REVIEWED | FLAT_ALREADY | {"ManyAdmin"}
