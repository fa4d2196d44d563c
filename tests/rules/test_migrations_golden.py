"""The golden tables of the rules about migrations: the pages' examples, run as their commands say,
in a repository whose base branch has the first migration."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from djfix.codemods.rules.concurrent_index.examples import FILES

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"
PATH = "shop/migrations/0002_status.py"
SPLIT = "shop/migrations/0003_status_concurrently.py"


def _golden(rule: str) -> Iterator[tuple[str, str, str, str]]:
    """(name, before, command, after) of each `djfix apply` that a page shows."""
    text = (PAGES / f"{rule}.md").read_text()
    for section in re.split(r"^### Golden: ", text, flags=re.MULTILINE)[1:]:
        name = section.split("\n", 1)[0]
        section = re.split(r"^##? ", section, flags=re.MULTILINE)[0]
        parts = re.split(r"```python\n(.*?)```\n", section, flags=re.DOTALL)
        before = parts[1]
        for prose, after in zip(parts[2::2], [*parts[3::2], before], strict=False):
            kept = prose.partition(" leave it as it is.")[0] if "leave it" in prose else ""
            for command in re.findall(r"`(djfix apply [^`]+)`", prose):
                yield name, before, command, before if command in kept else after


CASES = [*_golden("concurrent-index"), *_golden("batched-migration")]


def test_pages_show_each_example_with_its_commands():
    names = ["index", "mixed", "new table", "whole table"]
    assert list(dict.fromkeys(case[0] for case in CASES)) == names
    assert len(CASES) == 7


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]}: {case[2]}" for case in CASES],
)
def test_command_gives_what_the_page_says(tmp_path, before, command, after):
    repository(tmp_path, before)
    run(tmp_path, sys.executable, "-m", "djfix", *shlex.split(command)[1:], "--no-stage")
    assert (tmp_path / PATH).read_text() == after
    is_split = "AddField" in before and before != after
    assert (tmp_path / SPLIT).exists() is is_split


def test_base_branch_of_the_configuration_is_the_one_that_counts(tmp_path):
    before = CASES[0][1]
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
    repository(tmp_path, CASES[0][1])
    command = (sys.executable, "-m", "djfix", "check", "-r", "concurrent-index")
    outcomes = [check(tmp_path, *command), check(tmp_path, *command)]
    run(tmp_path, "git", "add", "-A")
    run(tmp_path, "git", "commit", "-qm", "work")
    run(tmp_path, "git", "branch", "-f", "main", "work")
    outcomes.append(check(tmp_path, *command))
    assert ["applied:" in each for each in outcomes] == [False, False, True]


def test_explanation_knows_what_is_new_as_well(tmp_path):
    text = next(before for name, before, *_ in CASES if name == "mixed")
    repository(tmp_path, text)
    line = text[: text.index("migrations.AddIndex")].count("\n") + 1
    at = f"{PATH}:{line}"
    assert "split: " in run(tmp_path, sys.executable, "-m", "djfix", "explain", "--at", at)


def test_branch_that_looks_like_an_option_is_refused(tmp_path):
    repository(tmp_path, CASES[0][1])
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
