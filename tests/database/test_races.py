"""On a real PostgreSQL: code before djfix loses updates, the code that djfix wrote loses none.

`tests/projects/bank` is the code before; `race.py` in it calls each function from 16 threads that
have all read before the first of them writes.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CALLS = 64

UNGUARDED = (
    "withdraw",
    "withdraw_or_404",
    "withdraw_and_count",
    "withdraw_and_tell",
    "withdraw_for_order",
    "withdraw_from_each",
    "spend",
)
GUARDED = (
    "withdraw_guarded",
    "withdraw_guarded_or_404",
    "withdraw_if_enough",
    "withdraw_as_member",
    "spend_guarded",
)
CONTROLS = ("locked", "guard_without_where", "locked_after_the_read")

SAFE = frozenset({"withdraw", "withdraw_or_404", "withdraw_and_count", "withdraw_guarded"})
"""What is fixed without --unsafe; of the others this file claims no more than the race."""

NOT_FOUND = {"withdraw_or_404": "Http404", "withdraw_guarded_or_404": "Http404"}


@dataclass(frozen=True, slots=True)
class Races:
    """The results of one tree by function name, and the text of its functions."""

    results: Mapping[str, Mapping[str, Any]]
    functions: Mapping[str, str]


# The code before, and controls written by hand: the tests below would see it if they failed.


@pytest.mark.parametrize("name", [*UNGUARDED, *GUARDED])
def test_code_before_loses_updates(before: Races, name: str) -> None:
    assert withdrawn(before.results[name]) < paid_out(before.results[name])


def test_control_with_a_lock_loses_none(before: Races) -> None:
    assert_nothing_lost(before.results["locked"])
    assert before.results["locked"]["left"] == 0


def test_control_with_a_guard_that_is_not_in_the_where_goes_below_zero(before: Races) -> None:
    assert before.results["guard_without_where"]["left"] < 0


def test_control_that_locks_after_the_read_loses_updates(before: Races) -> None:
    result = before.results["locked_after_the_read"]
    assert withdrawn(result) < paid_out(result)


# The code that djfix wrote.


@pytest.mark.parametrize("name", sorted(SAFE))
def test_default_run_rewrites(before: Races, after: Races, name: str) -> None:
    assert after.functions[name] != before.functions[name]


@pytest.mark.parametrize("name", [*UNGUARDED, *GUARDED])
def test_unsafe_run_rewrites(before: Races, after_unsafe: Races, name: str) -> None:
    assert after_unsafe.functions[name] != before.functions[name]


@pytest.mark.parametrize("name", UNGUARDED)
def test_rewritten_code_loses_no_update(after_unsafe: Races, name: str) -> None:
    result = after_unsafe.results[name]
    assert_nothing_lost(result)
    assert sum(successes(result).values()) == CALLS


@pytest.mark.parametrize("name", GUARDED)
def test_rewritten_guard_never_goes_below_zero(after_unsafe: Races, name: str) -> None:
    result = after_unsafe.results[name]
    assert_nothing_lost(result)
    assert result["left"] == 0
    assert sum(result["outcomes"].values()) == CALLS


@pytest.mark.parametrize("name", [*UNGUARDED, *GUARDED])
def test_default_run_loses_no_update_where_it_rewrote(
    before: Races, after: Races, name: str
) -> None:
    rewritten = after.functions[name] != before.functions[name]
    result = after.results[name]
    lost = withdrawn(result) < paid_out(result)
    assert lost is not rewritten
    assert result["left"] >= 0


@pytest.mark.parametrize("name", [*UNGUARDED, *GUARDED])
def test_missing_row_stays_what_it_was(before: Races, after_unsafe: Races, name: str) -> None:
    missing = before.results[name]["missing"]
    assert after_unsafe.results[name]["missing"] == missing
    if name in NOT_FOUND:
        assert missing == f"raised {NOT_FOUND[name]}"


@pytest.mark.parametrize("name", [*UNGUARDED, *GUARDED])
def test_outcomes_are_of_the_same_kinds(before: Races, after_unsafe: Races, name: str) -> None:
    refusals = {"raised InsufficientFundsError", "returned False"} if name in GUARDED else set()
    kinds = set(before.results[name]["outcomes"]) | refusals
    assert set(after_unsafe.results[name]["outcomes"]) <= kinds


def test_second_column_of_the_same_save_counts_every_call(after_unsafe: Races) -> None:
    assert after_unsafe.results["withdraw_and_count"]["points"] == CALLS


@pytest.mark.parametrize("name", ["spend", "spend_guarded"])
def test_receivers_run_for_every_change(after_unsafe: Races, name: str) -> None:
    result = after_unsafe.results[name]
    made_by_the_test = 1
    assert result["movements"] == sum(successes(result).values()) + made_by_the_test


# Trees: the project before, after the default run, and after `--unsafe`.


@pytest.fixture(scope="module")
def before(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Races:
    tree = copy_bank(project_root, tmp_path_factory.mktemp("before"))
    controls = [f"bank.controls.{name}" for name in CONTROLS]
    return run_races(tree, new_database(), controls)


@pytest.fixture(scope="module")
def after(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Races:
    tree = copy_bank(project_root, tmp_path_factory.mktemp("after"))
    rewrite(tree)
    return run_races(tree, new_database())


@pytest.fixture(scope="module")
def after_unsafe(
    project_root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], dict[str, str]],
) -> Races:
    tree = copy_bank(project_root, tmp_path_factory.mktemp("unsafe"))
    rewrite(tree, "--unsafe")
    return run_races(tree, new_database())


def copy_bank(project_root: Path, folder: Path) -> Path:
    source = project_root / "tests" / "projects" / "bank"
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(source, folder / "bank", ignore=ignored))


def rewrite(tree: Path, *options: str) -> None:
    """djfix as a user calls it, on a folder that is no repository."""
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--rule", "f-expressions"]
    result = subprocess.run(
        [*command, *options], cwd=tree, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def run_races(tree: Path, database: Mapping[str, str], more: list[str] | None = None) -> Races:
    names = [f"bank.services.{name}" for name in (*UNGUARDED, *GUARDED)] + (more or [])
    environment = {**os.environ, **database, "DJANGO_SETTINGS_MODULE": "settings"}
    command = [sys.executable, "-B", "race.py", *names]
    result = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    by_name = {name.rpartition(".")[2]: race for name, race in json.loads(result.stdout).items()}
    return Races(by_name, function_texts(tree / "bank" / "services.py"))


def function_texts(path: Path) -> Mapping[str, str]:
    functions = ast.parse(path.read_text()).body
    return {node.name: ast.unparse(node) for node in functions if isinstance(node, ast.FunctionDef)}


# What a race left behind.


def assert_nothing_lost(result: Mapping[str, Any]) -> None:
    assert withdrawn(result) == paid_out(result)


def withdrawn(result: Mapping[str, Any]) -> int:
    """By how much the balance fell."""
    return int(result["start"]) - int(result["left"])


def paid_out(result: Mapping[str, Any]) -> int:
    """What the calls that reported success gave out."""
    return sum(successes(result).values()) * int(result["amount"])


def successes(result: Mapping[str, Any]) -> Mapping[str, int]:
    outcomes = result["outcomes"]
    failed = {"raised InsufficientFundsError", "returned False"}
    return {outcome: times for outcome, times in outcomes.items() if outcome not in failed}
