"""What a terminal shows that a pipe does not: colour, progress, a question."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass

import pytest
from shop_project import FIXED, SERVICES, Shop


@dataclass(frozen=True)
class Shown:
    """What a terminal showed, and the exit code."""

    code: int
    text: str


def on_terminal(
    shop: Shop, *command: str, typed: str = "", errors: bool = True, **env: str
) -> Shown:
    """Run a command on a terminal; without `errors`, its stderr is not there (nor progress)."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=shop.root,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal if errors else subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", **env},
        close_fds=True,
    )
    os.close(terminal)
    os.write(controller, typed.encode())
    seen = b""
    while chunk := _read(controller):
        seen += chunk
    os.close(controller)
    return Shown(process.wait(timeout=60), seen.decode().replace("\r\n", "\n"))


def djfix(shop: Shop, *arguments: str, **env: str) -> Shown:
    return on_terminal(shop, "-m", "djfix", *arguments, errors=False, **env)


def test_a_terminal_is_coloured(shop: Shop) -> None:
    shown = djfix(shop, "check")
    assert "\x1b[1mshop/services.py:6:5\x1b[0m f-expressions " in shown.text
    assert "[\x1b[32mfixable\x1b[0m " in shown.text


def test_a_diff_on_a_terminal_is_coloured_and_plain_without_its_colours(shop: Shop) -> None:
    shown = djfix(shop, "apply", "-n")
    assert "\x1b[31m-    account.balance -= 5\x1b[0m\n" in shown.text
    plain = shop.run("apply", "-n")
    stripped = shown.text
    for code in ("0", "1", "31", "32", "36"):
        stripped = stripped.replace(f"\x1b[{code}m", "")
    assert stripped == plain.out


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        pytest.param([], {"NO_COLOR": "1"}, id="no_color"),
        pytest.param([], {"TERM": "dumb"}, id="dumb"),
        pytest.param(["--color", "never"], {"FORCE_COLOR": "1"}, id="option_outranks"),
        pytest.param([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, id="no_color_outranks_force"),
    ],
)
def test_colour_can_be_refused(
    shop: Shop, arguments: list[str], environment: dict[str, str]
) -> None:
    shown = djfix(shop, "check", *arguments, **environment)
    assert shown.text.startswith("shop/services.py:6:5 f-expressions ")
    assert "\x1b[" not in shown.text


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [([], {"FORCE_COLOR": "1"}), (["--color", "always"], {"NO_COLOR": "1"})],
)
def test_colour_can_be_forced_in_a_pipe(
    shop: Shop, arguments: list[str], environment: dict[str, str]
) -> None:
    assert "\x1b[1m" in shop.run("check", *arguments, **environment).out


def test_a_pipe_is_plain(shop: Shop) -> None:
    ended = shop.run("check")
    assert "\x1b" not in ended.out + ended.err


PROGRESS = """
import sys, time
from djfix.cli.progress import Display
from djfix.codemods.engine.values import Progress
display = Display(False, time.monotonic() - float(sys.argv[1]))
display.show(Progress("f-expressions", 3, 7))
display.close()
"""


def test_a_run_that_takes_more_than_a_moment_shows_how_far_it_is(shop: Shop) -> None:
    shown = on_terminal(shop, "-c", PROGRESS, "60")
    assert "f-expressions" in shown.text
    assert "3/7 files" in shown.text


def test_a_short_run_shows_nothing(shop: Shop) -> None:
    assert on_terminal(shop, "-c", PROGRESS, "-60").text == ""


class TestInterruptedApply:
    """The next command asks what is to become of it; in a pipe it names the two commands."""

    @pytest.fixture
    def half(self, shop: Shop) -> Shop:
        """An apply that wrote its file and was killed before it said so."""
        shop.run("apply")
        journal = shop.root / ".git/djfix/000001/journal.json"
        plain = json.loads(journal.read_text())
        assert plain["state"] == "applied"
        journal.write_text(json.dumps(plain | {"state": "applying"}))
        return shop

    FOUND = "djfix: an earlier apply was interrupted while it wrote shop/services.py"

    @pytest.mark.parametrize("command", [["check"], ["apply"], ["apply", "-n"]])
    def test_in_a_pipe_it_is_2_and_names_both_ways(self, half: Shop, command: list[str]) -> None:
        ended = half.run(*command)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"{self.FOUND}; `djfix apply --finish` makes it whole, `djfix undo` takes it back\n"
        )

    def test_undo_takes_it_back(self, half: Shop) -> None:
        ended = half.run("undo")
        assert (ended.code, ended.err) == (
            0,
            "took the interrupted apply back: shop/services.py\n",
        )
        assert half.read("shop/services.py") == SERVICES
        assert half.git("status", "--short") == ""
        assert half.run("check").code == 1

    def test_finish_makes_it_whole(self, half: Shop) -> None:
        ended = half.run("apply", "--finish")
        assert (ended.code, ended.err) == (
            0,
            "finished the interrupted apply: shop/services.py\nnext: git diff --cached\n",
        )
        assert half.read("shop/services.py") == FIXED
        assert half.run("check").code == 0

    @pytest.mark.parametrize(
        ("typed", "text", "code"),
        [
            pytest.param("f\n", FIXED, 0, id="finish"),
            pytest.param("t\n", SERVICES, 1, id="take_back"),
            pytest.param("k\n", FIXED, 0, id="keep"),
            pytest.param("what\nq\n", FIXED, 2, id="quit_after_a_slip"),
            pytest.param("\n", FIXED, 2, id="quit_by_default"),
        ],
    )
    def test_on_a_terminal_it_asks_and_goes_on(
        self, half: Shop, typed: str, text: str, code: int
    ) -> None:
        shown = on_terminal(half, "-m", "djfix", "check", typed=typed, NO_COLOR="1")
        assert f"{self.FOUND}.\n" in shown.text
        assert "[f]inish the apply, [t]ake it back, [k]eep the files as they are" in shown.text
        assert (half.read("shop/services.py"), shown.code) == (text, code)

    def test_what_touches_no_files_is_not_held_up(self, half: Shop) -> None:
        assert half.run("rules").code == 0
        assert half.run("explain", "f-expressions").code == 0


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the last one that had the terminal open has closed it
        return b""
