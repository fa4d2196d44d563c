"""Views before and after their work became services: the same answers, and the same rows.

`tests/projects/market` has a view for each shape; its `recorded.py` holds the requests.
"""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from serving import call

ROOT = Path(__file__).resolve().parent.parent.parent
MARKET = ROOT / "tests" / "projects" / "market"
NAMES = [each.name for each in runpy.run_path(str(MARKET / "recorded.py"))["REQUESTS"]]
Answers = Mapping[str, Mapping[str, Any]]


def copied(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(MARKET, folder / "market", ignore=ignored))


def served(tree: Path) -> Answers:
    result = call(tree, sys.executable, "-B", "serve.py")
    assert result.returncode == 0, result.stderr
    answers: Answers = json.loads(result.stdout)
    return answers


def thinned(tree: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "-r", "thin-views"]
    result = call(tree, *command, "--unsafe", "--no-cache", *options)
    assert result.returncode == 0, result.stdout + result.stderr
    return tree


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return served(copied(tmp_path_factory.mktemp("before")))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return thinned(copied(tmp_path_factory.mktemp("after")))


@pytest.fixture(scope="module")
def after(tree: Path) -> Answers:
    return served(tree)


@pytest.mark.parametrize("name", NAMES)
def test_answer_and_rows_are_the_same(before: Answers, after: Answers, name: str) -> None:
    assert after[name] == before[name]


def test_almost_every_view_was_rewritten(tree: Path) -> None:
    text = (tree / "shop" / "services.py").read_text()
    assert text.count("\ndef ") == 36


def test_what_was_written_has_no_unused_and_no_undefined_name(tree: Path) -> None:
    result = call(tree, sys.executable, "-m", "ruff", "check", "--isolated", "--select=F,E9", ".")
    assert result.returncode == 0, result.stdout


def test_second_run_finds_nothing_to_move(tree: Path) -> None:
    texts = {path: path.read_bytes() for path in sorted(tree.rglob("*.py"))}
    thinned(tree)
    assert {path: path.read_bytes() for path in sorted(tree.rglob("*.py"))} == texts


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    option = "--set=thin-views.follow=f-expressions,bulk-create,on-commit"
    return served(thinned(copied(tmp_path_factory.mktemp("followed")), option))


HALVES = {"create-1", "whole-2"}
"""Requests that fail half-way: half an order is left before, and none after."""
TO_ONESELF = {"transfer-5", "transfer-bob"}
"""Who sends to himself is saved twice from two objects: the sum appears from nowhere before."""


@pytest.mark.parametrize("name", NAMES)
def test_clients_see_the_same_with_what_follows(
    before: Answers, followed: Answers, name: str
) -> None:
    old, new = dict(before[name]), dict(followed[name])
    rows, rows_after = old.pop("rows"), new.pop("rows")
    assert new == old
    assert (rows_after == rows) is (name not in HALVES | TO_ONESELF)


def test_request_that_fails_half_way_leaves_nothing(before: Answers, followed: Answers) -> None:
    assert len(before["create-1"]["rows"]["Order"]) == 4
    assert followed["create-1"]["rows"] == before["create-5"]["rows"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("    user.balance -= total\n", "", id="a_write_is_lost"),
        pytest.param("raise InsufficientFundsError\n", "return None\n", id="an_error_is_lost"),
        pytest.param("send_confirmation_email.delay(order.id)", "pass", id="a_task_is_lost"),
    ],
)
def test_careless_rewrite_is_noticed(
    tree: Path, before: Answers, tmp_path: Path, old: str, new: str
) -> None:
    careless = Path(shutil.copytree(tree, tmp_path / "careless"))
    services = careless / "shop" / "services.py"
    text = services.read_text()
    assert old in text
    services.write_text(text.replace(old, new, 1))
    answers = served(careless)
    assert any(answers[name] != before[name] for name in NAMES if name.startswith("create-"))
