"""The golden tables of the rules about migrations: the pages' examples, run as their commands say,
in a repository whose base branch has the first migration."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from golden import golden, names_of

from djfix.codemods.rules.concurrent_index.examples import FILES

PATH = "shop/migrations/0002_status.py"
SPLIT = "shop/migrations/0003_status_concurrently.py"
SHOWN = [*golden("concurrent-index"), *golden("batched-migration")]
CASES = [case for case in SHOWN if case.command.startswith("djfix apply")]


def test_pages_show_each_example_with_its_commands():
    names = ["index", "mixed", "new table", "whole table"]
    assert names_of(CASES) == names
    assert len(CASES) == 7


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    repository(tmp_path, case.before)
    run(tmp_path, sys.executable, "-m", "djfix", *shlex.split(case.command)[1:], "--no-stage")
    assert (tmp_path / PATH).read_text() == case.after
    is_split = "AddField" in case.before and case.before != case.after
    assert (tmp_path / SPLIT).exists() is is_split


def test_base_branch_of_the_configuration_is_the_one_that_counts(tmp_path):
    before = CASES[0].before
    repository(tmp_path, before)
    run(tmp_path, "git", "add", "-A")
    run(tmp_path, "git", "commit", "-qm", "work")
    run(tmp_path, "git", "branch", "release")
    command = (sys.executable, "-m", "djfix", "apply", "-r", "concurrent-index", "--no-stage")
    (tmp_path / "pyproject.toml").write_text('[tool.djfix]\nbase-branch = "release"\n')
    assert "applied" in run(tmp_path, *command)
    assert (tmp_path / PATH).read_text() == before
    (tmp_path / "pyproject.toml").write_text("[tool.djfix]\n")
    run(tmp_path, *command)
    assert "AddIndexConcurrently(" in (tmp_path / PATH).read_text()


def test_answer_from_memory_is_not_that_of_another_base(tmp_path):
    """The same bytes are new at first, and applied once the base branch has them."""
    repository(tmp_path, CASES[0].before)
    command = (sys.executable, "-m", "djfix", "check", "-r", "concurrent-index")
    outcomes = [check(tmp_path, *command), check(tmp_path, *command)]
    run(tmp_path, "git", "add", "-A")
    run(tmp_path, "git", "commit", "-qm", "work")
    run(tmp_path, "git", "branch", "-f", "main", "work")
    outcomes.append(check(tmp_path, *command))
    assert ["applied:" in each for each in outcomes] == [False, False, True]


def test_explanation_knows_what_is_new_as_well(tmp_path):
    text = next(case.before for case in CASES if case.name == "mixed")
    repository(tmp_path, text)
    line = text[: text.index("migrations.AddIndex")].count("\n") + 1
    at = f"{PATH}:{line}"
    assert "split: " in run(tmp_path, sys.executable, "-m", "djfix", "explain", "--at", at)


def test_branch_that_looks_like_an_option_is_refused(tmp_path):
    repository(tmp_path, CASES[0].before)
    (tmp_path / "pyproject.toml").write_text('[tool.djfix]\nbase-branch = "--output=x"\n')
    command = (sys.executable, "-m", "djfix", "check", "-r", "concurrent-index")
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "`base-branch` is the name of a branch" in result.stderr
    assert not (tmp_path / "x").exists()


def repository(folder: Path, text: str) -> None:
    """The shop on `main`, and on `work` a migration that is not committed yet."""
    run(folder, "git", "init", "-q", "-b", "main")
    for path, other in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(other)
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "base")
    run(folder, "git", "checkout", "-qb", "work")
    (folder / PATH).write_text(text)


def check(folder: Path, *command: str) -> str:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


def run(folder: Path, *command: str) -> str:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
