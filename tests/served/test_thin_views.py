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


def thinned(tree: Path, *options: str, rule: str = "thin-views") -> Path:
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "-r", rule]
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
    assert text.count("\ndef ") == 37


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

WORDED = {"gift-3"}
"""Requests that fail as before, with another exception: the database does the comparing now."""


@pytest.mark.parametrize("name", NAMES)
def test_clients_see_the_same_with_what_follows(
    before: Answers, followed: Answers, name: str
) -> None:
    old, new = dict(before[name]), dict(followed[name])
    rows, rows_after = old.pop("rows"), new.pop("rows")
    if name in WORDED:
        assert old.pop("failures") != new.pop("failures")
    assert new == old
    assert (rows_after == rows) is (name not in HALVES | TO_ONESELF)


def test_request_that_fails_half_way_leaves_nothing(before: Answers, followed: Answers) -> None:
    assert len(before["create-1"]["rows"]["Order"]) == 4
    assert followed["create-1"]["rows"] == before["create-5"]["rows"]


@pytest.fixture(scope="module")
def validating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    option = "--set=thin-views.validate=true"
    return thinned(copied(tmp_path_factory.mktemp("validating")), option)


@pytest.fixture(scope="module")
def validated(validating: Path) -> Answers:
    return served(validating)


@pytest.fixture(scope="module")
def selecting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return thinned(copied(tmp_path_factory.mktemp("selecting")), rule="thin-views-selectors")


@pytest.fixture(scope="module")
def selected(selecting: Path) -> Answers:
    return served(selecting)


@pytest.mark.parametrize("name", NAMES)
def test_answer_and_rows_are_the_same_with_selectors(
    before: Answers, selected: Answers, name: str
) -> None:
    assert selected[name] == before[name]


def test_every_view_that_composes_queries_was_rewritten(selecting: Path) -> None:
    text = (selecting / "shop" / "selectors.py").read_text()
    names = [line.partition("(")[0] for line in text.splitlines() if line.startswith("def ")]
    assert names == [
        "def list_orders",
        "def list_orders_for_turnover",
        "def list_users",
        "def list_orders_for_ledger",
        "def list_orders_for_owner_page",
    ]


def test_selectors_have_no_unused_and_no_undefined_name(selecting: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F,E9", "."]
    result = call(selecting, *command)
    assert result.returncode == 0, result.stdout


REFUSED = {
    "create-2": "This field may not be null.",  # within the items, by releases of REST framework
    "create-5": '{"items":["This field is required."]}',
    "gift-3": '{"points":["A valid integer is required."]}',
    "gift-4": '{"points":["This field is required."]}',
    "gift-5": '{"to":["This field is required."]}',
    "inline-1": '{"note":["This field is required."]}',
}
"""Requests that used to fail, some of them half-way, and what a serializer answers to them."""
NO_MAPPING = {"create-list", "gift-list", "inline-list"}
"""A list for a body: refused as well."""
FORGIVEN = {"create-1"}
"""An item with a key that no column has: it used to fail half-way, and is dropped now."""


@pytest.mark.parametrize("name", NAMES)
def test_valid_requests_are_answered_the_same(
    before: Answers, validated: Answers, name: str
) -> None:
    if name in FORGIVEN | NO_MAPPING | REFUSED.keys():
        assert before[name]["status"] == 500
    else:
        assert validated[name] == before[name]


@pytest.mark.parametrize("name", sorted(REFUSED.keys() | NO_MAPPING))
def test_invalid_request_is_refused_with_the_errors_of_the_serializer(
    before: Answers, validated: Answers, name: str
) -> None:
    answer = validated[name]
    assert answer["status"] == 400
    assert not answer["failures"]
    assert REFUSED.get(name, "Invalid data. Expected a dictionary") in answer["body"]
    assert answer["rows"] == before["create-5"]["rows"]


def test_refused_request_leaves_no_row(before: Answers, validated: Answers) -> None:
    assert len(before["create-2"]["rows"]["Order"]) == 3
    assert validated["create-2"]["rows"] == before["create-5"]["rows"]


def test_unknown_key_is_dropped(validated: Answers) -> None:
    answer = validated["create-1"]
    assert answer["status"] == 201
    assert [row["qty"] for row in answer["rows"]["OrderItem"]][-2:] == ["2", "1"]


def test_views_with_a_serializer_that_fits_ask_it(validating: Path) -> None:
    text = (validating / "shop" / "api.py").read_text()
    assert text.count("is_valid(raise_exception=True)") == 4  # one of them was there


def test_validated_views_have_no_unused_and_no_undefined_name(validating: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F,E9", "."]
    result = call(validating, *command)
    assert result.returncode == 0, result.stdout


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
