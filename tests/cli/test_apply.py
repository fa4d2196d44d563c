"""`djfix apply` and `djfix undo`: what is written, staged, printed and refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop_project import FIXED, REVIEWED, SERVICES, Shop


def test_stages_the_fix_and_names_the_review(shop: Shop) -> None:
    ended = shop.run("apply")
    assert ended.code == 0
    assert shop.read("shop/services.py") == FIXED
    assert shop.git("status", "--short") == "M  shop/services.py\n"
    assert ended.out.splitlines()[0].startswith("shop/services.py:6:5 f-expressions ")
    assert "[fixed " in ended.out
    assert ended.err == ("f-expressions: 1 fixed\n5 files, 2 parsed\nnext: git diff --cached\n")


def test_a_second_apply_changes_nothing(shop: Shop) -> None:
    shop.run("apply")
    ended = shop.run("apply")
    assert (ended.code, ended.out) == (0, "")
    assert shop.read("shop/services.py") == FIXED


def test_undo_takes_it_back_whole(shop: Shop) -> None:
    shop.run("apply")
    ended = shop.run("undo")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "took the last apply back: shop/services.py\n"
    assert shop.git("status", "--short") == ""
    assert shop.read("shop/services.py") == SERVICES


def test_undo_with_nothing_to_undo_is_2(shop: Shop) -> None:
    ended = shop.run("undo")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (f"djfix: there is no apply to undo in {shop.root} (try: djfix apply)\n")


class TestDryRun:
    """The same run as a diff, and nothing written."""

    def test_prints_the_diff_of_what_apply_stages(self, shop: Shop) -> None:
        dry = shop.run("apply", "--dry-run")
        assert dry.code == 1
        assert shop.git("status", "--short") == ""
        assert dry.err.splitlines()[-1] == "next: djfix apply"
        shop.run("apply")
        staged = shop.git("diff", "--cached", "--no-color")
        body = [line for line in staged.splitlines() if not line.startswith(("index ", "@@"))]
        assert [line for line in dry.out.splitlines() if not line.startswith("@@")] == body

    def test_unsafe_takes_what_needs_review_too(self, shop: Shop) -> None:
        shop.write("shop/services.py", REVIEWED)
        assert shop.run("apply", "-n").out == ""
        ended = shop.run("apply", "-n", "--unsafe")
        assert '+    account.balance = F("balance") + 1' in ended.out
        assert ended.code == 1

    def test_a_clean_project_is_0(self, shop: Shop) -> None:
        shop.write("shop/services.py", FIXED)
        ended = shop.run("apply", "--dry-run")
        assert (ended.code, ended.out) == (0, "")


class TestPatch:
    """One patch, and nothing else touched."""

    def test_goes_to_a_file_that_git_takes(self, shop: Shop, tmp_path: Path) -> None:
        target = tmp_path / "fix it.patch"
        ended = shop.run("apply", "--patch", str(target))
        assert ended.code == 0
        assert ended.err.splitlines()[-1] == f"next: git apply '{target}'"
        assert shop.git("status", "--short") == ""
        shop.git("apply", "--index", str(target))
        assert shop.read("shop/services.py") == FIXED

    def test_goes_to_stdout_alone(self, shop: Shop) -> None:
        ended = shop.run("apply", "--patch", "-")
        assert ended.out == shop.run("apply", "--dry-run").out
        assert ended.code == 0

    def test_from_a_folder_below_the_repository_it_still_applies(self, shop: Shop) -> None:
        ended = shop.run("apply", "--patch", "-", cwd=shop.root / "shop")
        shop.git("apply", "--check", data=ended.out.encode())


class TestOnly:
    """Exactly the findings that are named."""

    def test_takes_one_and_leaves_the_others(self, shop: Shop) -> None:
        shop.write("shop/more.py", SERVICES)
        shop.commit()
        names = {each["path"]: each["fingerprint"] for each in shop.json("check")["findings"]}
        ended = shop.run("apply", "--only", names["shop/more.py"])
        assert ended.code == 0
        assert shop.git("status", "--short") == "M  shop/more.py\n"
        assert "f-expressions: left 1 fixable (not asked for): shop/services.py:6" in (
            ended.err.splitlines()
        )

    def test_reads_names_from_stdin(self, shop: Shop) -> None:
        ended = shop.run("apply", "--only", "-", stdin=f"\n{shop.fingerprint()}\n")
        assert ended.code == 0
        assert shop.read("shop/services.py") == FIXED

    def test_an_unknown_name_is_2_and_writes_nothing(self, shop: Shop) -> None:
        ended = shop.run("apply", "--only", shop.fingerprint(), "--only", "f" * 16)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == f"djfix: no finding has the fingerprint `{'f' * 16}`\n"
        assert shop.git("status", "--short") == ""

    def test_no_names_at_all_are_2(self, shop: Shop) -> None:
        ended = shop.run("apply", "--only", "-", stdin="")
        assert ended.code == 2
        assert ended.err == "djfix: `--only -` found no fingerprint on stdin\n"


class TestWithoutARepository:
    """`apply` cannot stage there, and says what can be done."""

    def test_apply_is_2_and_names_no_stage(self, tmp_path: Path) -> None:
        shop = Shop.made(tmp_path / "bare", repository=False)
        ended = shop.run("apply")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"djfix: {shop.root} is in no git repository, so nothing can be staged; "
            "`djfix apply --no-stage` writes the files alone\n"
        )
        assert shop.read("shop/services.py") == SERVICES

    def test_no_stage_writes_and_undo_takes_back(self, tmp_path: Path) -> None:
        shop = Shop.made(tmp_path / "bare", repository=False)
        state = {"XDG_STATE_HOME": str(tmp_path / "state")}
        ended = shop.run("apply", "--no-stage", **state)
        assert ended.code == 0
        assert ended.err.splitlines()[-1] == "next: djfix undo"
        assert shop.read("shop/services.py") == FIXED
        assert shop.run("undo", **state).code == 0
        assert shop.read("shop/services.py") == SERVICES


def test_no_stage_leaves_the_index_alone(shop: Shop) -> None:
    ended = shop.run("apply", "--no-stage")
    assert shop.git("status", "--short") == " M shop/services.py\n"
    assert ended.err.splitlines()[-1] == "next: git diff"


def test_a_dirty_file_is_refused_by_name_and_nothing_written(shop: Shop) -> None:
    text = SERVICES + "\n\nLIMIT = 3\n"
    shop.write("shop/services.py", text)
    ended = shop.run("apply")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("djfix: shop/services.py: ")
    assert shop.read("shop/services.py") == text
    assert shop.git("diff", "--cached") == ""


def test_allow_dirty_stages_djfixs_own_lines(shop: Shop) -> None:
    between = "\n\ndef idle() -> None:\n    pass\n"
    shop.write("shop/services.py", SERVICES + between)
    shop.commit()
    shop.write("shop/services.py", SERVICES + between + "\n\nLIMIT = 3\n")
    assert shop.run("apply", "--allow-dirty").code == 0
    assert shop.git("show", ":shop/services.py") == FIXED + between
    assert shop.read("shop/services.py") == FIXED + between + "\n\nLIMIT = 3\n"


def test_allow_dirty_refuses_where_the_lines_touch(shop: Shop) -> None:
    text = SERVICES + "\n\nLIMIT = 3\n"
    shop.write("shop/services.py", text)
    ended = shop.run("apply", "--allow-dirty")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("djfix: shop/services.py: ")
    assert shop.read("shop/services.py") == text


def test_what_was_left_is_told_by_reason(shop: Shop) -> None:
    shop.write("shop/review.py", REVIEWED)
    shop.commit()
    ended = shop.run("apply")
    assert ended.code == 0
    left = [line for line in ended.err.splitlines() if ": left " in line]
    assert len(left) == 2
    assert left[0].startswith("f-expressions: left 1 that need review (")
    assert left[0].endswith("): shop/review.py:5")
    assert left[1] == "update-fields: left 1 that need review (unsaved-state): shop/review.py:6"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-n", "--no-stage"], "`--dry-run` and `--no-stage` exclude each other"),
        (["-n", "--patch", "x"], "`--dry-run` and `--patch` exclude each other"),
        (["--finish"], "no apply was interrupted here, so there is nothing to finish"),
    ],
)
def test_options_that_make_no_sense_are_2(shop: Shop, options: list[str], message: str) -> None:
    ended = shop.run("apply", *options)
    assert (ended.code, ended.out, ended.err) == (2, "", f"djfix: {message}\n")
