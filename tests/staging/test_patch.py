"""Patches: git takes every one of them, and writes the same ones itself."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from djfix.codemods.findings import Change
from djfix.codemods.staging.lines import differences, split
from djfix.codemods.staging.patch import patch, unified_diff

if TYPE_CHECKING:
    from conftest import Repository

LONG = b"".join(b"line_%d = %d\n" % (number, number) for number in range(1, 31))

MATRIX: dict[str, tuple[str, bytes | None, bytes]] = {
    "plain": ("shop/models.py", LONG, LONG.replace(b"line_15 = 15", b"line_15 = 0")),
    "two_hunks": (
        "models.py",
        LONG,
        LONG.replace(b"line_3 = 3\n", b"line_3 = 0\n").replace(b"line_20 = 20\n", b""),
    ),
    "hunks_that_share_context": (
        "models.py",
        LONG,
        LONG.replace(b"line_10 = 10\n", b"").replace(b"line_16 = 16\n", b"x\ny\n"),
    ),
    "insert_at_the_start": ("a.py", b"a\nb\n", b"new\na\nb\n"),
    "insert_at_the_end": ("a.py", b"a\nb\n", b"a\nb\nnew\n"),
    "no_newline_at_end_kept": ("a.py", b"a = 1\nb = 2", b"a = 3\nb = 2"),
    "no_newline_at_end_changed": ("a.py", b"a = 1\nb = 2", b"a = 1\nb = 3"),
    "no_newline_at_end_added": ("a.py", b"a = 1\nb = 2", b"a = 1\nb = 2\n"),
    "no_newline_at_end_taken": ("a.py", b"a = 1\nb = 2\n", b"a = 1\nb = 2"),
    "no_newline_far_from_the_change": ("a.py", LONG + b"end", LONG[11:] + b"end"),
    "crlf": ("a.py", LONG.replace(b"\n", b"\r\n"), LONG[11:].replace(b"\n", b"\r\n")),
    "crlf_without_last_newline": ("a.py", b"a = 1\r\nb = 2", b"a = 1\r\nb = 3"),
    "mixed_newlines": ("a.py", b"a\r\nb\nc\rd\r\n", b"a\r\nB\nc\rd\r\n"),
    "only_newlines_change": ("a.py", b"a\r\nb\r\n", b"a\nb\r\n"),
    "lone_carriage_returns": ("a.py", b"a = 1\rb = 2\r", b"a = 1\rb = 3\r"),
    "byte_order_mark": ("a.py", b"\xef\xbb\xbfa = 1\n", b"\xef\xbb\xbfa = 2\n"),
    "latin_1_cookie": (
        "a.py",
        b"# coding: latin-1\na = '\xe9'\nb = 1\n",
        b"# coding: latin-1\na = '\xe9'\nb = 2\n",
    ),
    "form_feed": ("a.py", b"a = 1\n\x0c\nb = 2\n", b"a = 1\n\x0c\nb = 3\n"),
    "form_feed_inside_a_line": ("a.py", b"a = '\x0c'\nb\n", b"a = '\x0c'; c\nb\n"),
    "line_separator": (
        "a.py",
        "a = '\u2028'\nb = '\u2029\x85'\n".encode(),
        "a = '\u2028'\nb = '\u2029\x85' + c\n".encode(),
    ),
    "tabs": ("a.py", b"if a:\n\tb\n\tc\n", b"if a:\n\tb\n\td\n"),
    "trailing_blanks": ("a.py", b"a \t\n\n\n", b"a \t\n\nb  \n"),
    "looks_like_a_header": ("a.py", b"-- a\n++ b\n@@ c\n", b"-- x\n++ y\n@@ c\n"),
    "new_file": ("shop/new.py", None, b"a = 1\nb = 2\n"),
    "new_file_without_last_newline": ("shop/new.py", None, b"a = 1"),
    "new_empty_file": ("shop/__init__.py", None, b""),
    "empty_file_filled": ("a.py", b"", b"a = 1\n"),
    "file_emptied": ("a.py", b"a = 1\n", b""),
    "file_of_one_newline": ("a.py", b"\n", b"\n\n"),
    "name_with_a_space": ("my shop/the models.py", b"a\n", b"b\n"),
    "new_file_with_a_space": ("my shop/new file.py", None, b"b\n"),
    "name_with_a_quote": ('a"b.py', b"a\n", b"b\n"),
    "name_with_a_backslash": ("a\\b.py", b"a\n", b"b\n"),
    "name_with_a_tab": ("a\tb.py", b"a\n", b"b\n"),
    "name_with_a_newline": ("a\nb.py", b"a\n", b"b\n"),
    "name_beyond_ascii": ("l\u00e4den/\u30e2\u30c7\u30eb.py", b"a\n", b"b\n"),
    "name_beyond_ascii_with_a_space": ("l\u00e4den/a b.py", b"a\n", b"b\n"),
    "name_that_is_not_utf_8": ("caf\udce9.py", b"a\n", b"b\n"),
    "name_with_an_arrow": ("a => b.py", b"a\n", b"b\n"),
    "name_like_a_prefix": ("a/b/a/b.py", b"a\n", b"b\n"),
}


def prepared(repository: Repository, change: Change) -> None:
    """The tree that the patch was made from, committed byte by byte."""
    repository.git("config", "core.autocrlf", "false")
    repository.commit({change.path: change.before} if change.before is not None else {})


@pytest.mark.parametrize("case", MATRIX)
def test_git_takes_the_patch_and_gives_the_bytes(case: str, repository: Repository) -> None:
    change = Change(*MATRIX[case])
    prepared(repository, change)
    file = repository.write("../the.patch", patch([change]))
    repository.git("apply", "--check", str(file))
    repository.git("apply", str(file))
    assert repository.read(change.path) == change.after


@pytest.mark.parametrize("case", MATRIX)
def test_patch_is_gits_own_byte_for_byte(case: str, repository: Repository) -> None:
    change = Change(*MATRIX[case])
    prepared(repository, change)
    repository.write(change.path, change.after)
    repository.git("add", "--all")
    own = repository.git_bytes(
        "-c", "diff.noprefix=false", "diff", "--cached", "--text", "--no-color", "--no-renames"
    )
    assert without_what_git_adds(patch([change])) == without_what_git_adds(own)


def without_what_git_adds(data: bytes) -> list[bytes]:
    """Without blob ids, and without the line of context that git puts behind a hunk's numbers."""
    return [
        b"@@ ".join(line.split(b"@@ ")[:2]).rstrip(b"\n").removesuffix(b"@@").rstrip()
        if line.startswith(b"@@ -")
        else line
        for line in split(data)
        if not line.startswith(b"index ")
    ]


@pytest.mark.parametrize("case", ["plain", "new_file", "no_newline_at_end_changed", "crlf"])
def test_the_patch_program_takes_it_too(case: str, repository: Repository) -> None:
    change = Change(*MATRIX[case])
    prepared(repository, change)
    try:
        subprocess.run(
            ["patch", "-p1", "--quiet", "--binary"],
            input=patch([change]),
            cwd=repository.top,
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no patch program here")
    assert repository.read(change.path) == change.after


@pytest.mark.parametrize("setting", ["true", "input"])
@pytest.mark.parametrize("case", ["plain", "crlf", "no_newline_at_end_changed", "new_file"])
def test_git_that_converts_newlines_takes_it(
    case: str, setting: str, repository: Repository
) -> None:
    change = Change(*MATRIX[case])
    prepared(repository, change)
    repository.git("config", "core.autocrlf", setting)
    file = repository.write("../the.patch", patch([change]))
    repository.git("apply", str(file))
    # With "true" git writes every line with CRLF, also those that the patch did not touch.
    assert without_returns(repository.read(change.path)) == without_returns(change.after)


def without_returns(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def test_one_patch_of_all_files_keeps_their_modes(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "false")
    changes = [
        Change(f"{number}/{path}", before, after)
        for number, (path, before, after) in enumerate(MATRIX.values())
    ]
    for change in changes:
        if change.before is not None:
            repository.write(change.path, change.before).chmod(0o755)
    repository.commit()
    file = repository.write("../the.patch", patch(changes))
    repository.git("apply", "--index", str(file))
    for change in changes:
        assert repository.read(change.path) == change.after
        mode = (repository.top / change.path).stat().st_mode & 0o777
        assert mode == (0o644 if change.before is None else 0o755)


def test_patch_of_a_root_below_the_top_applies_at_the_top(repository: Repository) -> None:
    change = Change("models.py", LONG, LONG[11:])
    file = repository.write("../the.patch", patch([change], prefix="shop/"))
    repository.git("apply", str(file))
    assert repository.read("shop/models.py") == LONG[11:]


def test_files_stand_sorted_by_path() -> None:
    one, two = Change("b.py", b"a\n", b"b\n"), Change("a.py", b"a\n", b"b\n")
    assert patch([one, two]) == patch([two, one]) == unified_diff(two) + unified_diff(one)


def test_nothing_changed_is_an_empty_patch() -> None:
    assert patch([]) == b""
    assert patch([Change("a.py", b"a\n", b"a\n")]) == b""


def test_exact_text() -> None:
    change = Change("a.py", b"a\nb\nc\nd\ne", b"a\nb\nc\nd\nf\n")
    assert unified_diff(change) == (
        b"diff --git a/a.py b/a.py\n"
        b"--- a/a.py\n"
        b"+++ b/a.py\n"
        b"@@ -2,4 +2,4 @@\n"
        b" b\n"
        b" c\n"
        b" d\n"
        b"-e\n"
        b"\\ No newline at end of file\n"
        b"+f\n"
    )


TEXTS = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"\n", b"    pass\n", b"c\r\n", b"d\re\n", b"\x0c\n", b"f"])
).map(b"".join)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=10, max_size=20))
def test_any_two_texts(pairs: list[tuple[bytes, bytes]], tmp_path: Path) -> None:
    changes = [Change(f"{number}.py", *pair) for number, pair in enumerate(pairs)]
    for change in changes:
        (tmp_path / change.path).write_bytes(change.before or b"")
    data = patch(changes)
    if data:
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn"], input=data, cwd=tmp_path, check=True
        )
    for change in changes:
        assert (tmp_path / change.path).read_bytes() == change.after


def rebuilt(old: list[bytes], new: list[bytes]) -> list[bytes]:
    """The new lines, put together from the old ones and the differences alone."""
    lines, position = [], 0
    for found in differences(old, new):
        lines += old[position : found.start] + new[found.new_start : found.new_end]
        position = found.end
    return lines + old[position:]


@given(old=TEXTS.map(split), new=TEXTS.map(split))
def test_differences_lead_from_old_to_new(old: list[bytes], new: list[bytes]) -> None:
    assert rebuilt(old, new) == new
    found = differences(old, new)
    assert all(one.end < other.start for one, other in pairwise(found))


def test_large_files_are_cut_at_lines_that_stand_once() -> None:
    body = [line for n in range(20_000) for line in (b"x = %d\n" % n, b"\n", b"    pass\n")]
    changed = [b"import new\n", *body[:30_000], b"here\n", *body[30_003:], b"there\n"]
    found = differences(body, changed)
    assert rebuilt(body, changed) == changed
    assert [(one.end - one.start, one.new_end - one.new_start) for one in found] == [
        (0, 1),
        (3, 1),
        (0, 1),
    ]


def test_many_differences_in_a_large_file_are_told_apart() -> None:
    body = [line for n in range(5_000) for line in (b"x = %d\n" % n, b"\n", b"    pass\n")]
    changed = list(body)
    for index in range(1, len(body), 60):
        changed[index] = b"changed\n"
    found = differences(body, changed)
    assert rebuilt(body, changed) == changed
    assert [one.start for one in found] == list(range(1, len(body), 60))
    assert {(one.end - one.start, one.new_end - one.new_start) for one in found} == {(1, 1)}


def test_many_differences_in_a_small_file_are_told_apart() -> None:
    body = [b"x = %d\n" % n for n in range(800)]
    changed = [line if n % 4 else b"changed\n" for n, line in enumerate(body)]
    assert rebuilt(body, changed) == changed
    assert len(differences(body, changed)) == 200


def test_lines_that_repeat_are_not_all_taken_for_changed() -> None:
    body = [b"def f():\n", b"    return 1\n", b"\n"] * 200
    found = differences(body, [b"first\n", *body, b"last\n"])
    assert [(one.end - one.start, one.new_end - one.new_start) for one in found] == [
        (0, 1),
        (0, 1),
    ]


def test_nothing_but_thousands_of_equal_lines_is_one_difference() -> None:
    old, new = [b"a\n", b"b\n"] * 2_000, [b"b\n", b"a\n"] * 2_100
    assert len(differences(old, new)) == 1
    assert rebuilt(old, new) == new


MOVED = Change("config/settings.py", LONG, None)


@pytest.mark.parametrize("name", ["config/settings/base.py", "my shop/b\u00e4se.py"])
@pytest.mark.parametrize("after", [LONG, LONG.replace(b"line_15 = 15", b"line_15 = 0"), LONG[:-1]])
def test_git_takes_a_moved_file_and_shows_what_differs_alone(
    name: str, after: bytes, repository: Repository
) -> None:
    prepared(repository, MOVED)
    data = patch([MOVED, Change(name, None, after, moved_from=MOVED.path)])
    assert b"line_3 = 3" not in data
    file = repository.write("../the.patch", data)
    repository.git("apply", "--check", str(file))
    repository.git("apply", "--index", str(file))
    assert repository.staged(name) == after
    assert repository.git("status", "--short").startswith("R")
    assert not (repository.top / MOVED.path).exists()


def test_git_takes_a_removed_file(repository: Repository) -> None:
    prepared(repository, MOVED)
    file = repository.write("../the.patch", patch([MOVED]))
    repository.git("apply", "--check", str(file))
    repository.git("apply", str(file))
    assert not (repository.top / MOVED.path).exists()
