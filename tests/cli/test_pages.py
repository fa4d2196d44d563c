"""`djfix rules`, `djfix explain`, `--version`, `--help`, `python -m djfix`."""

from __future__ import annotations

import subprocess
import sys

import pytest
from shop_project import FIXED, REVIEWED, SERVICES, Shop

import djfix


def test_the_version_is_one_line(shop: Shop) -> None:
    ended = shop.run("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"djfix {djfix.__version__}\n", "")


def test_help_names_every_command(shop: Shop) -> None:
    ended = shop.run("--help")
    commands = [line.split()[0] for line in ended.out.split("Commands:\n")[1].splitlines()]
    assert commands == ["check", "apply", "undo", "rules", "explain"]
    assert shop.run("-h").out == ended.out


@pytest.mark.parametrize("command", ["check", "apply", "undo", "rules", "explain"])
def test_every_command_has_its_help(shop: Shop, command: str) -> None:
    ended = shop.run(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: djfix {command} [OPTIONS]")


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["rules"], ["check"]])
def test_no_heavy_module_is_imported_for_what_needs_none(shop: Shop, command: list[str]) -> None:
    shop.write("shop/services.py", FIXED)
    shop.run("check")
    program = (
        "import sys; from djfix.cli.main import main; sys.argv = ['djfix', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('libcst', 'git', 'rich') if name in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=shop.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.splitlines()[-1] == "[]"


def test_the_list_of_rules_has_sets_safety_and_options(shop: Shop) -> None:
    ended = shop.run("rules")
    assert ended.code == 0
    assert ended.out.startswith("f-expressions  ")
    assert "    sets: guide, orm; safety: " in ended.out
    assert "    f-expressions.missing-row=raise (raise | ignore)  " in ended.out
    assert "    bulk-create.batch-size  rows in one statement" in ended.out
    (split,) = [each for each in ended.out.split("\n") if each.startswith("split-settings  ")]
    below = ended.out.partition(f"{split}\n")[2].splitlines()
    assert below[1] == "    runs only when it is named itself; its sets leave it out"
    assert ended.out.count(below[1]) == 6
    assert ended.err == "next: djfix explain f-expressions\n"


def test_a_rules_page_shows_before_and_after(shop: Shop) -> None:
    ended = shop.run("explain", "f-expressions")
    assert ended.code == 0
    assert ended.out.startswith("f-expressions\n")
    assert "\n  before (shop/services.py):\n    " in ended.out
    assert "\n  after:\n    " in ended.out
    assert "\n  left alone (shop/services.py):\n    " in ended.out
    assert ended.err == "next: djfix check --rule f-expressions\n"


def test_the_page_of_an_unknown_rule_names_the_nearest(shop: Shop) -> None:
    ended = shop.run("explain", "f-expression")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "djfix: unknown rule `f-expression`; did you mean `f-expressions`?\n"


class TestAt:
    """Why there is, or is not, a finding on a line."""

    def test_a_finding_names_the_command_that_shows_its_fix(self, shop: Shop) -> None:
        ended = shop.run("explain", "--at", "shop/services.py:6")
        assert ended.code == 0
        assert ended.out.startswith(
            "shop/services.py:6  account.balance -= 5\nf-expressions: fixable\n"
        )
        assert ended.err == f"next: djfix apply --dry-run --only {shop.fingerprint()}\n"
        shown = shop.run("apply", "--dry-run", "--only", shop.fingerprint())
        assert shown.out.startswith("diff --git ")

    def test_a_file_without_the_pattern_says_so(self, shop: Shop) -> None:
        ended = shop.run("explain", "--at", "shop/models.py:4")
        assert ended.out.startswith(
            "shop/models.py:4  class Account(models.Model):\n"
            "f-expressions: no mention of this rule's pattern: "
        )

    def test_a_test_file_names_the_pattern_that_leaves_it_alone(self, shop: Shop) -> None:
        shop.write("shop/tests/test_a.py", SERVICES)
        ended = shop.run("explain", "--at", "shop/tests/test_a.py:6")
        assert (
            "f-expressions: left alone: per-path-ignores take `tests/` out for f-expressions; "
            "without that there would be a finding\n"
        ) in ended.out

    def test_a_reason_to_review_is_given_in_words(self, shop: Shop) -> None:
        shop.write("shop/services.py", REVIEWED)
        ended = shop.run("explain", "--at", "shop/services.py:5")
        lines = ended.out.splitlines()
        assert lines[1] == "f-expressions: needs-review"
        assert any(": " in line for line in lines[3:])

    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ("shop/services.py", "`--at shop/services.py`: write PATH:LINE"),
            ("shop/services.py:x", "`--at shop/services.py:x`: write PATH:LINE"),
            ("shop/none.py:1", "there is no shop/none.py"),
            ("shop/services.py:99", "shop/services.py has 7 lines, so there is no line 99"),
        ],
    )
    def test_a_place_that_is_none_is_2(self, shop: Shop, at: str, message: str) -> None:
        ended = shop.run("explain", "--at", at)
        assert (ended.code, ended.out, ended.err) == (2, "", f"djfix: {message}\n")

    def test_neither_rule_nor_place_is_2(self, shop: Shop) -> None:
        ended = shop.run("explain")
        assert (ended.code, ended.err) == (
            2,
            "djfix: `djfix explain` takes a RULE, or `--at PATH:LINE`\n",
        )
