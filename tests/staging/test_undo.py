"""Undo: the last apply is taken back whole, or not at all."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.findings import Change
from djfix.codemods.staging import journal
from djfix.codemods.staging.apply import Undone, finish, pending, stage, take_back, undo
from djfix.codemods.staging.lock import locked
from djfix.codemods.staging.place import place_of
from djfix.codemods.staging.refusal import Refusal, Refused

if TYPE_CHECKING:
    from conftest import Repository

LINE = (b"line_15 = 15\n", b"line_15 = 0\n")
NINE = (b"line_9 = 9\n", b"")


def refusals(repository: Repository) -> tuple[Refusal, ...]:
    before = repository.snapshot()
    with pytest.raises(Refused) as caught:
        undo(repository.top)
    assert repository.snapshot() == before
    assert pending(repository.top) is None
    return caught.value.refusals


def test_undo_restores_files_modes_index_and_folders(repository: Repository) -> None:
    repository.write("manage.py", b"a = 1\n").chmod(0o755)
    repository.commit({"empty.py": b""})
    before = repository.snapshot()
    stage(
        repository.top,
        [
            repository.change("shop/models.py", *LINE),
            repository.change("manage.py", b"1", b"2"),
            Change("empty.py", b"", b"a = 1\n"),
            Change("shop/services/orders/new.py", None, b"a = 1\n"),
        ],
    )
    undone = undo(repository.top)
    paths = ("empty.py", "manage.py", "shop/models.py", "shop/services/orders/new.py")
    assert undone == Undone(paths, "index", 0)
    assert repository.snapshot() == before


def test_undo_brings_a_moved_file_back_with_its_mode(repository: Repository) -> None:
    repository.write("settings.py", b"a = 1\n").chmod(0o755)
    repository.commit()
    before = repository.snapshot()
    changes = [
        Change("settings.py", b"a = 1\n", None),
        Change("settings/base.py", None, b"a = 1\n", moved_from="settings.py"),
    ]
    stage(repository.top, changes)
    assert not (repository.top / "settings.py").exists()
    assert repository.git("status", "--short") == "R  settings.py -> settings/base.py"
    undo(repository.top)
    assert repository.snapshot() == before


def test_undo_of_a_committed_move_names_git_revert(repository: Repository) -> None:
    repository.commit({"settings.py": b"a = 1\n"})
    changes = [
        Change("settings.py", b"a = 1\n", None),
        Change("settings/base.py", None, b"a = 1\n", moved_from="settings.py"),
    ]
    stage(repository.top, changes)
    repository.git("commit", "--quiet", "--message", "split")
    assert {each.command.partition(" ")[2][:6] for each in refusals(repository)} == {"revert"}


def test_folder_that_holds_something_of_the_users_stays(repository: Repository) -> None:
    stage(repository.top, [Change("shop/services/new.py", None, b"a = 1\n")])
    repository.write("shop/services/mine.py", b"mine = 1\n")
    undo(repository.top)
    assert os.listdir(repository.top / "shop/services") == ["mine.py"]


def test_applies_stack(repository: Repository) -> None:
    states = [repository.snapshot()]
    for old, new in (LINE, NINE, (b"line_15 = 0\n", b"again = 1\n")):
        stage(repository.top, [repository.change("shop/models.py", old, new)])
        states.append(repository.snapshot())
    for left in (2, 1, 0):
        assert states.pop() == repository.snapshot()
        assert undo(repository.top).left == left
    assert states == [repository.snapshot()]


def test_both_modes_stack(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    stage(repository.top, [repository.change("shop/models.py", *NINE)], mode="worktree")
    assert undo(repository.top) == Undone(("shop/models.py",), "worktree", 1)
    assert repository.status() == ["M  shop/models.py"]
    assert undo(repository.top) == Undone(("shop/models.py",), "index", 0)
    assert repository.status() == [""]


def test_old_journals_go(repository: Repository) -> None:
    for number in range(journal.KEPT + 3):
        text = b"line_15 = %d\n"
        old, new = text % (15 + number), text % (16 + number)
        stage(repository.top, [repository.change("shop/models.py", old, new)], mode="worktree")
    assert undo(repository.top).left == journal.KEPT - 1
    stored = sorted(os.listdir(repository.top / ".git/djfix"))
    assert (stored[0], stored[-1]) == ("000004", "lock")


def test_nothing_to_undo(repository: Repository) -> None:
    assert [one.why for one in refusals(repository)] == [
        f"there is no apply to undo in {repository.top}"
    ]
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    undo(repository.top)
    assert [one.why for one in refusals(repository)] == [
        f"there is no apply to undo in {repository.top}"
    ]


def test_refuses_and_names_each_file_that_was_edited_since(repository: Repository) -> None:
    changes = [
        repository.change("shop/models.py", *LINE),
        repository.change("shop/views.py", *LINE),
        Change("shop/services.py", None, b"a = 1\n"),
    ]
    stage(repository.top, changes)
    repository.write("shop/views.py", repository.read("shop/views.py") + b"mine = 1\n")
    (repository.top / "shop/services.py").unlink()
    repository.write("shop/services.py", b"mine = 1\n")
    assert refusals(repository) == (
        Refusal(
            "shop/services.py",
            "was edited since djfix wrote it",
            "git diff -- shop/services.py",
        ),
        Refusal("shop/views.py", "was edited since djfix wrote it", "git diff -- shop/views.py"),
    )


def test_refuses_a_file_that_was_removed_or_replaced_by_a_link_since(
    repository: Repository,
) -> None:
    stage(
        repository.top,
        [repository.change("shop/models.py", *LINE), repository.change("shop/views.py", *LINE)],
    )
    (repository.top / "shop/views.py").rename(repository.top / "elsewhere.py")
    (repository.top / "shop/views.py").symlink_to("../elsewhere.py")
    (repository.top / "shop/models.py").unlink()
    assert [one.why for one in refusals(repository)] == [
        "was removed since",
        "is reached through a symbolic link",
    ]


def test_refuses_what_was_staged_anew(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    stage(repository.top, [change])
    repository.write("shop/models.py", change.after + b"mine = 1\n")
    repository.git("add", "shop/models.py")
    repository.write("shop/models.py", change.after)
    assert refusals(repository) == (
        Refusal(
            "shop/models.py",
            "was staged anew since djfix staged it",
            "git diff --cached -- shop/models.py",
        ),
    )


def test_works_after_the_user_unstaged_it(repository: Repository) -> None:
    before = repository.snapshot()
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.git("reset", "--quiet")
    undo(repository.top)
    assert repository.snapshot() == before


def test_works_after_the_user_reset_everything(repository: Repository) -> None:
    before = repository.snapshot()
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.git("reset", "--quiet", "--hard")
    assert undo(repository.top) == Undone((), "index", 0)
    assert repository.snapshot() == before


def test_refuses_after_a_commit_and_names_git_revert(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    commit = repository.commit()[:12]
    command = f"git revert {commit}"
    found = refusals(repository)
    assert found == (Refusal("shop/models.py", f"was committed since ({commit})", command),)
    before = repository.read("shop/models.py")
    repository.git(*command.split()[1:], "--no-edit")
    assert repository.read("shop/models.py") == before.replace(*reversed(LINE))


def test_refuses_after_part_of_it_was_committed(repository: Repository) -> None:
    stage(
        repository.top,
        [repository.change("shop/models.py", *LINE), repository.change("shop/views.py", *LINE)],
    )
    repository.git("commit", "--quiet", "--message", "half", "--", "shop/views.py")
    assert [one.path for one in refusals(repository)] == ["shop/views.py"]


def test_refuses_after_a_commit_of_what_was_only_written(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)], mode="worktree")
    commit = repository.commit()[:12]
    assert [one.command for one in refusals(repository)] == [f"git revert {commit}"]


def test_refuses_after_the_first_commit_of_all(repository: Repository) -> None:
    repository.git("update-ref", "-d", "HEAD")
    repository.git("rm", "--quiet", "-r", "--cached", ".")
    stage(repository.top, [Change("new.py", None, b"a = 1\n")])
    repository.git("commit", "--quiet", "--message", "first")
    assert [one.path for one in refusals(repository)] == ["new.py"]


def test_works_after_a_commit_of_something_else(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.write("shop/views.py", b"mine = 1\n")
    repository.git("commit", "--quiet", "--message", "mine", "--", "shop/views.py")
    undo(repository.top)
    assert repository.status() == [""]


def test_only_the_uncommitted_apply_of_two_is_undone(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.commit()
    stage(repository.top, [repository.change("shop/models.py", *NINE)])
    undo(repository.top)
    assert repository.status() == [""]
    assert "git revert" in refusals(repository)[0].command


def test_without_a_repository(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_bytes(b"a = 1\n")
    changes = [Change("a.py", b"a = 1\n", b"a = 2\n"), Change("new/b.py", None, b"b = 1\n")]
    stage(root, changes, mode="worktree")
    assert undo(root) == Undone(("a.py", "new/b.py"), "worktree", 0)
    assert os.listdir(root) == ["a.py"]
    assert (root / "a.py").read_bytes() == b"a = 1\n"


def test_read_only_file_is_restored_as_read_only(repository: Repository) -> None:
    """Undo gives back what the user had; the mode that they set since stays."""
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    (repository.top / "shop/models.py").chmod(0o400)
    undo(repository.top)
    assert (repository.top / "shop/models.py").stat().st_mode & 0o777 == 0o400


# The journal


def journal_file(repository: Repository) -> Path:
    return repository.top / ".git/djfix/000001/journal.json"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"schema": "x"}',
        b'{"schema": 0}',
        b"[" * 100_000,
        b'{"schema": 1, "state": "applied", "mode": "index", "head": 1, "token": 2, "folders": 3}',
    ],
)
def test_damaged_journal_is_refused_and_named(text: bytes, repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    journal_file(repository).write_bytes(text)
    change = repository.change("shop/views.py", *LINE)
    before = repository.snapshot()
    for call in (lambda: undo(repository.top), lambda: stage(repository.top, [change])):
        with pytest.raises(Refused, match="damaged") as caught:
            call()
        assert caught.value.refusals[0].command == f"rm -r {journal_file(repository).parent}"
    assert repository.snapshot() == before


def test_damaged_contents_are_refused_before_anything_is_written(repository: Repository) -> None:
    stage(
        repository.top,
        [repository.change("shop/models.py", *LINE), repository.change("shop/views.py", *NINE)],
    )
    before = repository.snapshot()
    contents = journal_file(repository).with_name("contents")
    kept = contents.read_bytes()
    for damaged in (b"", kept[:-1], kept[:400] + b"!" + kept[401:], None):
        contents.unlink()
        if damaged is not None:
            contents.write_bytes(damaged)
        with pytest.raises(Refused, match="damaged"):
            undo(repository.top)
        contents.write_bytes(kept)
        assert repository.snapshot() == before
    undo(repository.top)


def test_journal_of_a_newer_djfix_is_left_alone(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    plain = json.loads(journal_file(repository).read_bytes())
    journal_file(repository).write_text(json.dumps({**plain, "schema": 2}))
    with pytest.raises(Refused, match="written by a newer djfix"):
        undo(repository.top)


def test_journal_is_plain_data(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    stage(repository.top, [change])
    plain = json.loads(journal_file(repository).read_bytes())
    assert (plain["schema"], plain["state"], plain["mode"]) == (1, "applied", "index")
    entry = plain["entries"][0]
    kept = journal_file(repository).with_name("contents").read_bytes()
    assert entry["path"] == "shop/models.py"
    for side, data in (("before", change.before), ("after", change.after)):
        offset, size = plain["contents"][entry[side]["content"]]
        assert kept[offset : offset + size] == data
    assert entry["after"]["index"]["blob"] == repository.git("rev-parse", ":shop/models.py")


def test_journal_that_cannot_be_written_is_refused(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    repository.write(".git/djfix", b"a file stands in the way")
    with pytest.raises(Refused, match="cannot keep a journal"):
        stage(repository.top, [change])
    assert repository.read("shop/models.py") == change.before


# The lock


def hold(home: Path, held: object, done: object) -> None:
    with locked(home):
        held.set()  # type: ignore[attr-defined]
        done.wait(60)  # type: ignore[attr-defined]


def test_second_djfix_is_refused_and_a_dead_ones_lock_is_taken_over(
    repository: Repository,
) -> None:
    context = multiprocessing.get_context("fork")
    held, done = context.Event(), context.Event()
    home = place_of(repository.top).home
    other = context.Process(target=hold, args=(home, held, done))
    other.start()
    assert held.wait(60)
    change = repository.change("shop/models.py", *LINE)
    for call in (lambda: stage(repository.top, [change]), lambda: undo(repository.top)):
        with pytest.raises(Refused, match=f"another djfix .process {other.pid}. is at work here"):
            call()
    assert repository.read("shop/models.py") == change.before
    other.kill()
    other.join()
    stage(repository.top, [change])
    assert repository.read("shop/models.py") == change.after


def test_apply_at_work_is_not_taken_for_a_dead_one(repository: Repository) -> None:
    assert pending(repository.top) is None
    with locked(place_of(repository.top).home):
        assert pending(repository.top) is None


def test_what_is_no_longer_pending_cannot_be_finished(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    last = next(journal.journals(place_of(repository.top)))
    for call in (finish, take_back):
        with pytest.raises(Refused, match="nothing left to finish"):
            call(last)
    assert repository.staged_lines() == ["-line_15 = 15", "+line_15 = 0"]
