"""What users get wrong and what repositories hold against us: a message, the right exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from shop_project import FIXED, SERVICES, Shop


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["-r", "f-expresions"],
            "unknown rule `f-expresions`; did you mean `f-expressions`?",
            id="rule",
        ),
        pytest.param(
            ["--ignore", "guid"], "unknown rule `guid`; did you mean `guide`?", id="ignored_rule"
        ),
        pytest.param(
            ["--set", "f-expressions.mising-row=raise"],
            "unknown option of `f-expressions` `mising-row`; did you mean `missing-row`?",
            id="option",
        ),
        pytest.param(
            ["--set", "f-expressions.missing-row=rise"],
            "unknown value of `f-expressions.missing-row` `rise`; did you mean `raise`?",
            id="value",
        ),
        pytest.param(["--jobs", "0"], "`--jobs` is `auto` or a number from 1, not `0`", id="jobs"),
        pytest.param(
            ["--target-version", "five"],
            "`--target-version` is `auto` or a version such as `4.2`, not `five`",
            id="version",
        ),
        pytest.param(["nowhere.py"], "there is no nowhere.py", id="path"),
        pytest.param(
            ["--config", "none.toml"],
            "cannot read none.toml: No such file or directory",
            id="configuration",
        ),
    ],
)
def test_a_mistake_is_2_with_one_line(shop: Shop, arguments: list[str], message: str) -> None:
    ended = shop.run("check", *arguments)
    assert (ended.code, ended.out, ended.err) == (2, "", f"djfix: {message}\n")


def test_an_unknown_option_is_2_and_names_the_nearest(shop: Shop) -> None:
    ended = shop.run("check", "--statistic")
    assert (ended.code, ended.out) == (2, "")
    assert "--statistics" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.djfix]\nslect = []\n",
            "unknown key `slect`; did you mean `select`? (in `[tool.djfix]`)",
        ),
        (
            "[tool.djfix.rules.f-expressions]\nmising-row = 'ignore'\n",
            "unknown option of `f-expressions` `mising-row`; did you mean `missing-row`?",
        ),
    ],
)
def test_a_wrong_configuration_is_2(shop: Shop, text: str, message: str) -> None:
    shop.write("pyproject.toml", text)
    ended = shop.run("check")
    assert (ended.code, ended.out, ended.err) == (2, "", f"djfix: {message}\n")


def test_a_configuration_that_is_no_toml_is_2(shop: Shop) -> None:
    shop.write("pyproject.toml", "[tool.djfix\n")
    ended = shop.run("check")
    assert ended.code == 2
    assert ended.err.startswith(f"djfix: {shop.root}/pyproject.toml is not TOML: ")


def test_the_configuration_is_obeyed(shop: Shop) -> None:
    shop.write("pyproject.toml", '[tool.djfix]\nexclude = ["shop/services.py"]\n')
    assert shop.run("check").code == 0


def test_a_configuration_below_the_root_is_found_from_there(shop: Shop) -> None:
    shop.write("shop/pyproject.toml", '[tool.djfix]\nexclude = ["services.py"]\n')
    assert shop.run("check", cwd=shop.root / "shop").code == 0
    assert shop.run("check").code == 1


def test_a_path_of_another_project_is_2(shop: Shop, tmp_path: Path) -> None:
    other = Shop.made(tmp_path / "other")
    ended = shop.run("check", "shop", str(other.root / "shop"))
    assert ended.code == 2
    assert ended.err == (
        f"djfix: {other.root}/shop lies outside {shop.root}; one run looks at one project\n"
    )


class TestRepositories:
    """Whatever state the repository is in."""

    def test_an_empty_repository_is_clean(self, tmp_path: Path) -> None:
        empty = Shop(tmp_path)
        empty.git("init", "-q")
        for arguments in (["check"], ["apply"], ["apply", "-n"]):
            ended = empty.run(*arguments)
            assert (ended.code, ended.out) == (0, "")
            assert ended.err == "nothing found\n0 files, 0 parsed\n"

    def test_a_repository_without_a_commit_can_be_checked(self, tmp_path: Path) -> None:
        shop = Shop.made(tmp_path / "new", repository=False)
        shop.git("init", "-q")
        assert shop.run("check").code == 1

    def test_a_detached_head_is_no_obstacle(self, shop: Shop) -> None:
        shop.git("checkout", "-q", "--detach")
        assert shop.run("apply").code == 0
        assert shop.git("status", "--short") == "M  shop/services.py\n"

    def test_without_a_git_program_check_goes_on_and_apply_says_so(
        self, shop: Shop, tmp_path: Path
    ) -> None:
        (tmp_path / "bin").mkdir()
        path = str(tmp_path / "bin")
        ended = shop.run("check", PATH=path)
        assert ended.code == 1
        assert ended.err.startswith("git was not found, so files were searched for without it\n")
        refused = shop.run("apply", PATH=path)
        assert (refused.code, refused.out) == (2, "")
        assert "git" in refused.err
        assert "Traceback" not in refused.err
        assert shop.read("shop/services.py") == SERVICES

    def test_nothing_of_a_hostile_repository_runs(self, shop: Shop, tmp_path: Path) -> None:
        canary = tmp_path / "canary"
        script = tmp_path / "hook"
        script.write_text(f"#!/bin/sh\ntouch {canary}\n")
        script.chmod(0o755)
        shop.write("shop/settings.py", f"open({str(canary)!r}, 'w')\nINSTALLED_APPS = ['shop']\n")
        shop.write("conftest.py", f"open({str(canary)!r}, 'w')\n")
        shop.commit()
        shop.git("config", "core.fsmonitor", str(script))
        hooks = shop.root / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for name in ("post-index-change", "pre-commit", "post-checkout"):
            (hooks / name).write_text(script.read_text())
            (hooks / name).chmod(0o755)
        for arguments in (["check"], ["apply"], ["undo"]):
            shop.run(*arguments)
        assert not canary.exists()


class TestFiles:
    """Files that cannot be looked at are told, and the others are done."""

    def test_a_name_that_is_no_text_is_told(self, shop: Shop) -> None:
        name = os.fsencode(shop.root) + b"/shop/caf\xe9.py"
        with open(name, "wb") as stream:
            stream.write(SERVICES.encode())
        ended = shop.run("check")
        assert ended.code == 1
        assert ended.err.startswith("shop/caf\\xe9.py is left out: its name is not text\n")

    def test_a_generated_file_is_told(self, shop: Shop) -> None:
        shop.write("shop/huge.py", b"x = 1\n" * 400_000)
        assert shop.run("check").err.startswith(
            "shop/huge.py is left out: too large for source that is written by hand\n"
        )

    @pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
    def test_a_file_without_permission_is_3(self, shop: Shop) -> None:
        (shop.root / "shop/models.py").chmod(0)
        ended = shop.run("check")
        assert ended.code == 3
        assert "failed shop/models.py: cannot be read: no permission\n" in ended.err

    def test_names_with_spaces_and_accents_come_through(self, shop: Shop) -> None:
        shop.write("shop/à faire.py", SERVICES)
        shop.commit()
        found = {each["path"] for each in shop.json("check")["findings"]}
        assert "shop/à faire.py" in found
        assert shop.run("apply").code == 0
        assert shop.read("shop/à faire.py") == FIXED

    def test_a_damaged_cache_is_no_obstacle(self, shop: Shop, tmp_path: Path) -> None:
        place = {"DJFIX_CACHE_DIR": str(tmp_path / "cache")}
        first = shop.run("check", **place)
        (file,) = (tmp_path / "cache").iterdir()
        file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        again = shop.run("check", **place)
        assert (again.code, again.out, again.err) == (first.code, first.out, first.err)


class TestEnds:
    """However it ends, it ends quietly."""

    def test_an_interrupt_is_130(self, shop: Shop) -> None:
        # With names awaited on stdin, the run stands still until it is interrupted.
        with start(shop, "apply", "--only", "-") as process:
            assert process.stdout is not None
            wait_until_reading(process)
            process.send_signal(signal.SIGINT)
            # Its stdin stays open: at its end the run would go on by itself.
            process.wait(timeout=60)
            assert process.stderr is not None
            errors = process.stderr.read()
        assert (process.returncode, errors) == (130, b"djfix: interrupted\n")

    def test_a_reader_that_has_enough_is_no_failure(self, shop: Shop) -> None:
        with start(shop, "check", "-o", "json") as process:
            assert process.stdout is not None
            process.stdout.close()
            process.stdout = None
            _, errors = process.communicate(timeout=60)
        assert b"Traceback" not in errors
        assert b"BrokenPipe" not in errors
        assert process.returncode == 0


def start(shop: Shop, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "djfix", *arguments],
        cwd=shop.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Who runs the tests in the background of a shell has interrupts ignored, and hands that on.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def wait_until_reading(process: subprocess.Popen[bytes]) -> None:
    """Until the process waits for its stdin, as Linux tells: the call that it is in, whose first
    argument is file 0. It reads other pipes before, those of git."""
    waits, called = (Path(f"/proc/{process.pid}/{name}") for name in ("wchan", "syscall"))
    if not (waits.exists() and called.exists()):
        pytest.skip("needs /proc")
    while process.poll() is None:
        if "pipe" in waits.read_text() and called.read_text().split()[1:2] == ["0x0"]:
            return
