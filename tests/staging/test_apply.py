"""Staging: exactly djfix's lines, in the working tree and in the index; and what is refused."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import Staged, stage, undo
from djfix.codemods.staging.refusal import Refusal, Refused

if TYPE_CHECKING:
    from conftest import Repository

LINE = (b"line_15 = 15\n", b"line_15 = 0\n")


def refusals(repository: Repository, *changes: Change, **options: object) -> tuple[Refusal, ...]:
    """Why these changes are refused; checks that nothing was touched."""
    before = repository.snapshot()
    with pytest.raises(Refused) as caught:
        stage(repository.top, changes, **options)  # type: ignore[arg-type]
    assert repository.snapshot() == before
    return caught.value.refusals


def test_change_is_written_and_staged(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    assert stage(repository.top, [change]) == Staged(("shop/models.py",), "index")
    assert repository.read("shop/models.py") == change.after
    assert repository.staged_lines() == ["-line_15 = 15", "+line_15 = 0"]
    assert repository.status() == ["M  shop/models.py"]


def test_index_knows_the_files_times_so_that_plumbing_sees_no_change(
    repository: Repository,
) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert repository.git("diff-files", "--name-only") == ""


def test_new_files_and_their_folders(repository: Repository) -> None:
    stage(
        repository.top,
        [
            Change("shop/services/__init__.py", None, b""),
            Change("shop/services/l\u00e4den.py", None, b"a = 1\n"),
        ],
    )
    assert repository.read("shop/services/__init__.py") == b""
    assert repository.git("-c", "core.quotePath=false", "status", "--porcelain").split("\n") == [
        "A  shop/services/__init__.py",
        "A  shop/services/l\u00e4den.py",
    ]
    umask = os.umask(0)
    os.umask(umask)
    mode = (repository.top / "shop/services/__init__.py").stat().st_mode
    assert stat.S_IMODE(mode) == 0o666 & ~umask


def test_executable_file_stays_executable(repository: Repository) -> None:
    repository.write("manage.py", b"a = 1\n").chmod(0o750)
    repository.commit()
    stage(repository.top, [repository.change("manage.py", b"1", b"2")])
    assert stat.S_IMODE((repository.top / "manage.py").stat().st_mode) == 0o750
    assert repository.git("ls-files", "--stage", "manage.py").startswith("100755 ")


def test_second_apply_works_on_what_the_first_staged(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    stage(repository.top, [repository.change("shop/models.py", b"line_9 = 9\n", b"")])
    stage(repository.top, [repository.change("shop/models.py", b"line_15 = 0\n", b"gone = 1\n")])
    assert repository.staged_lines() == ["-line_9 = 9", "-line_15 = 15", "+gone = 1"]


def test_apply_after_the_first_was_committed(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.git("commit", "--quiet", "--message", "fixes")
    stage(repository.top, [repository.change("shop/models.py", b"line_9 = 9\n", b"")])
    assert repository.staged_lines() == ["-line_9 = 9"]


def test_other_files_of_the_user_stay_as_they_are(repository: Repository) -> None:
    repository.write("notes.txt", b"mine")
    repository.write("shop/views.py", b"half = done\n")
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert repository.status() == ["M  shop/models.py", " M shop/views.py", "?? notes.txt"]


def test_several_changes_of_one_file_that_follow_on_each_other(repository: Repository) -> None:
    first = repository.change("shop/models.py", *LINE)
    second = Change("shop/models.py", first.after, first.after.replace(b"line_9 = 9\n", b""))
    stage(repository.top, [first, second])
    assert repository.read("shop/models.py") == second.after
    assert undo(repository.top).left == 0


def test_nothing_to_do_writes_nothing(repository: Repository) -> None:
    before = repository.snapshot()
    same = Change("shop/models.py", b"a = 1\n", b"a = 1\n")
    assert stage(repository.top, []) == stage(repository.top, [same]) == Staged((), "index")
    assert repository.snapshot() == before
    assert not (repository.top / ".git/djfix").exists()


def test_worktree_mode_leaves_the_index_alone(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)], mode="worktree")
    assert repository.status() == [" M shop/models.py"]


def test_worktree_mode_minds_no_dirt(repository: Repository) -> None:
    repository.write("shop/models.py", b"half = done\n")
    repository.write("shop/new.py", b"untracked = 1\n")
    stage(
        repository.top,
        [
            repository.change("shop/models.py", b"done", b"fixed"),
            repository.change("shop/new.py", b"1", b"2"),
        ],
        mode="worktree",
    )
    assert repository.read("shop/models.py") == b"half = fixed\n"
    assert repository.read("shop/new.py") == b"untracked = 2\n"
    assert repository.status() == [" M shop/models.py", "?? shop/new.py"]


def test_without_a_repository_index_mode_names_no_stage(tmp_path: Path, state_home: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"a = 1\n")
    with pytest.raises(Refused) as caught:
        stage(tmp_path, [Change("a.py", b"a = 1\n", b"a = 2\n")])
    assert [found.command for found in caught.value.refusals] == ["djfix apply --no-stage"]
    assert (tmp_path / "a.py").read_bytes() == b"a = 1\n"
    assert not state_home.exists()


def test_without_a_repository_worktree_mode_works(tmp_path: Path, state_home: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_bytes(b"a = 1\n")
    stage(root, [Change("a.py", b"a = 1\n", b"a = 2\n")], mode="worktree")
    assert (root / "a.py").read_bytes() == b"a = 2\n"
    assert os.listdir(root) == ["a.py"]
    assert next((state_home / "djfix").iterdir()).name.startswith("root-")


def test_symlinked_root_is_the_same_root(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository.top)
    stage(tmp_path / "link", [repository.change("shop/models.py", *LINE)])
    assert undo(repository.top).paths == ("shop/models.py",)


# What the door refuses


def test_refuses_a_file_that_was_changed_since_it_was_read(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    repository.write("shop/models.py", b"user = 1\n")
    assert refusals(repository, change) == (
        Refusal("shop/models.py", "was changed since djfix read it", "djfix check"),
    )


def test_refuses_a_file_that_was_removed_since(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    (repository.top / "shop/models.py").unlink()
    assert [found.why for found in refusals(repository, change)] == [
        "was removed since djfix read it"
    ]


def test_refuses_to_make_a_file_that_exists(repository: Repository) -> None:
    repository.write("shop/services.py", b"mine = 1\n")
    found = refusals(repository, Change("shop/services.py", None, b"a = 1\n"))
    assert [one.why for one in found] == ["exists already, and djfix would have made it"]


def test_one_bad_file_stops_all_and_all_bad_ones_are_named(repository: Repository) -> None:
    found = refusals(
        repository,
        repository.change("shop/models.py", *LINE),
        Change("shop/gone.py", b"a\n", b"b\n"),
        Change("shop/views.py", b"other\n", b"b\n"),
    )
    assert [one.path for one in found] == ["shop/gone.py", "shop/views.py"]


@pytest.mark.parametrize(
    "after",
    [
        b"def f(:\n",
        b"a = '\xe9'\n",
        b"a\x00b\n",
        b"(" * 5000 + b"\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
    ],
    ids=["syntax", "encoding", "null_byte", "too_deep", "bom_and_cookie"],
)
@pytest.mark.parametrize("mode", ["index", "worktree"])
def test_refuses_a_file_that_would_not_parse(
    after: bytes, mode: str, repository: Repository
) -> None:
    before = repository.read("shop/models.py")
    found = refusals(repository, Change("shop/models.py", before, after), mode=mode)
    assert [one.path for one in found] == ["shop/models.py"]
    assert found[0].why.startswith("would not parse afterwards: ")


def test_refuses_what_parses_but_does_not_compile(repository: Repository) -> None:
    before = repository.read("shop/models.py")
    found = refusals(repository, Change("shop/models.py", before, b"return 1\n" + before))
    assert "'return' outside function" in found[0].why


def test_takes_what_did_not_compile_before_either(repository: Repository) -> None:
    repository.commit({"cell.py": b"await load()\na = 1\n"})
    stage(repository.top, [repository.change("cell.py", b"1", b"2")])
    assert repository.staged_lines() == ["-a = 1", "+a = 2"]
    bad = repository.change("cell.py", b"2", b"(")
    assert refusals(repository, bad)[0].why.startswith("would not parse afterwards: ")


def test_refuses_a_root_inside_the_git_dir(repository: Repository) -> None:
    hook = repository.write(".git/hooks/pre-commit.py", b"a = 1\n")
    for mode in ("index", "worktree"):
        with pytest.raises(Refused, match="lies inside a git directory"):
            stage(hook.parent, [Change("pre-commit.py", b"a = 1\n", b"a = 2\n")], mode=mode)
    assert hook.read_bytes() == b"a = 1\n"


@pytest.mark.filterwarnings("error")
def test_warnings_of_the_parser_do_not_refuse(repository: Repository) -> None:
    before = repository.read("shop/models.py")
    stage(repository.top, [Change("shop/models.py", before, b"a = '\\d'\n" + before)])
    assert repository.staged_lines() == ["+a = '\\d'"]


def test_file_that_is_not_python_need_not_parse(repository: Repository) -> None:
    repository.commit({"Dockerfile": b"FROM python:3.10\n"})
    stage(repository.top, [repository.change("Dockerfile", b"3.10", b"3.13")])
    assert repository.staged_lines() == ["-FROM python:3.10", "+FROM python:3.13"]


@pytest.mark.parametrize(
    "path",
    [
        "../out.py",
        "/tmp/out.py",
        "shop/../../out.py",
        ".git/hooks/pre-commit",
        "a/.GIT/b.py",
        "",
        "./a.py",
    ],
)
def test_refuses_a_path_that_leaves_the_root_or_enters_the_git_dir(
    path: str, repository: Repository
) -> None:
    found = refusals(repository, Change(path, None, b"a = 1\n"))
    assert [one.why for one in found] == ["is not a plain path below the root"]


def test_refuses_a_symbolic_link_and_names_the_file(repository: Repository) -> None:
    (repository.top / "shop/alias.py").symlink_to("models.py")
    repository.commit()
    found = refusals(repository, repository.change("shop/alias.py", *LINE))
    assert [one.why for one in found] == [
        f"is reached through a symbolic link; the file itself is {repository.top}/shop/models.py"
    ]


def test_refuses_a_file_below_a_linked_folder(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.py").write_bytes(b"a = 1\n")
    (repository.top / "link").symlink_to(tmp_path / "outside")
    found = refusals(
        repository,
        Change("link/a.py", b"a = 1\n", b"a = 2\n"),
        Change("link/new.py", None, b"a = 2\n"),
        mode="worktree",
    )
    assert [one.path for one in found] == ["link/a.py", "link/new.py"]
    assert os.listdir(tmp_path / "outside") == ["a.py"]


def test_refuses_a_read_only_file_and_never_changes_its_mode(repository: Repository) -> None:
    (repository.top / "shop/models.py").chmod(0o444)
    found = refusals(repository, repository.change("shop/models.py", *LINE))
    assert found == (Refusal("shop/models.py", "is read-only", "chmod u+w shop/models.py"),)


def test_refuses_what_is_not_a_file(repository: Repository) -> None:
    os.mkfifo(repository.top / "pipe.py")
    found = refusals(repository, Change("pipe.py", b"a\n", b"b\n"), Change("shop", b"a\n", b"b\n"))
    assert [one.why for one in found] == ["is not a regular file"] * 2


def test_refuses_a_new_file_below_a_file(repository: Repository) -> None:
    found = refusals(repository, Change("shop/models.py/new.py", None, b"a = 1\n"))
    assert [one.why for one in found] == ["shop/models.py is not a folder"]


def test_hard_link_is_noted(repository: Repository) -> None:
    os.link(repository.top / "shop/models.py", repository.top / "shop/twin.py")
    staged = stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert staged.notes == ("shop/models.py has another hard link, which keeps the old text",)
    assert repository.read("shop/twin.py") != repository.read("shop/models.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_owner_is_kept(repository: Repository) -> None:
    os.chown(repository.top / "shop/models.py", 1234, 1235)
    stage(repository.top, [repository.change("shop/models.py", *LINE)], mode="worktree")
    found = (repository.top / "shop/models.py").stat()
    assert (found.st_uid, found.st_gid) == (1234, 1235)


def test_extended_attributes_are_kept(repository: Repository) -> None:
    file = repository.top / "shop/models.py"
    try:
        os.setxattr(file, "user.note", b"mine")
    except (OSError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOTSUP:
            raise
        pytest.skip("no extended attributes here")
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert os.getxattr(file, "user.note") == b"mine"


# What dirt refuses


DIRTY = "djfix apply --allow-dirty"


def test_refuses_unstaged_work(repository: Repository) -> None:
    repository.write("shop/models.py", repository.read("shop/models.py") + b"mine = 1\n")
    assert refusals(repository, repository.change("shop/models.py", *LINE)) == (
        Refusal("shop/models.py", "has changes of yours that are not staged", DIRTY),
    )


def test_refuses_staged_work(repository: Repository) -> None:
    repository.write("shop/models.py", repository.read("shop/models.py") + b"mine = 1\n")
    repository.git("add", "shop/models.py")
    assert refusals(repository, repository.change("shop/models.py", *LINE)) == (
        Refusal("shop/models.py", "has changes of yours that are staged but not committed", DIRTY),
    )


def test_refuses_staged_work_over_what_djfix_staged(repository: Repository) -> None:
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    repository.write("shop/models.py", repository.read("shop/models.py") + b"mine = 1\n")
    repository.git("add", "shop/models.py")
    found = refusals(repository, repository.change("shop/models.py", b"line_9 = 9\n", b""))
    assert [one.why for one in found] == ["has changes of yours that are staged but not committed"]


def test_refuses_a_changed_mode(repository: Repository) -> None:
    (repository.top / "shop/models.py").chmod(0o755)
    found = refusals(repository, repository.change("shop/models.py", *LINE))
    assert [one.why for one in found] == ["has a changed mode that is not staged"]


def test_changed_mode_does_not_matter_where_git_does_not_mind(repository: Repository) -> None:
    repository.git("config", "core.fileMode", "false")
    (repository.top / "shop/models.py").chmod(0o755)
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert repository.git("ls-files", "--stage", "shop/models.py").startswith("100644 ")


@pytest.mark.parametrize("allow_dirty", [False, True])
@pytest.mark.parametrize("ignored", [False, True])
def test_refuses_an_untracked_file(
    allow_dirty: bool, ignored: bool, repository: Repository
) -> None:
    if ignored:
        repository.commit({".gitignore": b"new.py\n"})
    repository.write("new.py", b"a = 1\n")
    found = refusals(repository, repository.change("new.py", b"1", b"2"), allow_dirty=allow_dirty)
    assert found == (Refusal("new.py", "is not tracked by git", "git add -- new.py"),)


@pytest.mark.parametrize("allow_dirty", [False, True])
def test_refuses_an_unmerged_file(allow_dirty: bool, repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit({"shop/models.py": b"theirs = 1\n"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"shop/models.py": b"ours = 1\n"})
    with pytest.raises(Exception, match="merge"):
        repository.git("merge", "other")
    repository.write("shop/models.py", b"both = 1\n")
    found = refusals(
        repository, repository.change("shop/models.py", b"1", b"2"), allow_dirty=allow_dirty
    )
    assert [one.why for one in found] == ["has an unresolved merge conflict"]


@pytest.mark.parametrize("allow_dirty", [False, True])
def test_refuses_a_file_that_is_only_intended_to_be_added(
    allow_dirty: bool, repository: Repository
) -> None:
    repository.write("new.py", b"a = 1\n")
    repository.git("add", "--intent-to-add", "new.py")
    refusals(repository, repository.change("new.py", b"1", b"2"), allow_dirty=allow_dirty)


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
@pytest.mark.parametrize("allow_dirty", [False, True])
def test_refuses_a_file_that_git_is_told_to_overlook(
    flag: str, allow_dirty: bool, repository: Repository
) -> None:
    repository.git("update-index", f"--{flag}", "shop/models.py")
    found = refusals(
        repository, repository.change("shop/models.py", *LINE), allow_dirty=allow_dirty
    )
    assert found == (
        Refusal(
            "shop/models.py",
            f"is marked {flag}",
            f"git update-index --no-{flag} -- shop/models.py",
        ),
    )


def test_refuses_a_new_file_where_git_still_has_one(repository: Repository) -> None:
    (repository.top / "shop/models.py").unlink()
    found = refusals(repository, Change("shop/models.py", None, b"a = 1\n"))
    assert found[0].command == "git restore -- shop/models.py"
    repository.git("rm", "--quiet", "--cached", "shop/models.py")
    found = refusals(repository, Change("shop/models.py", None, b"a = 1\n"))
    assert found[0].why == "was removed from the index, but not yet committed"


def test_refuses_a_new_file_that_git_ignores(repository: Repository) -> None:
    repository.commit({".gitignore": b"services.py\n"})
    found = refusals(repository, Change("shop/services.py", None, b"a = 1\n"))
    assert [one.why for one in found] == ["would be a new file, but git ignores its name"]


# With --allow-dirty: djfix's lines alone


def test_allow_dirty_stages_only_djfix_lines(repository: Repository) -> None:
    mine = repository.read("shop/models.py").replace(b"line_3 = 3\n", b"mine = 3\nmore = 3\n")
    repository.write("shop/models.py", mine + b"mine = 31\n")
    change = repository.change("shop/models.py", *LINE)
    stage(repository.top, [change], allow_dirty=True)
    assert repository.staged_lines() == ["-line_15 = 15", "+line_15 = 0"]
    assert repository.read("shop/models.py") == change.after
    undo(repository.top)
    assert repository.staged_lines() == []
    assert repository.read("shop/models.py") == mine + b"mine = 31\n"


def test_allow_dirty_beside_staged_lines_of_the_user(repository: Repository) -> None:
    repository.write("shop/models.py", repository.read("shop/models.py") + b"mine = 31\n")
    repository.git("add", "shop/models.py")
    repository.write("shop/models.py", b"mine = 0\n" + repository.read("shop/models.py"))
    stage(repository.top, [repository.change("shop/models.py", *LINE)], allow_dirty=True)
    assert repository.staged_lines() == ["-line_15 = 15", "+line_15 = 0", "+mine = 31"]
    undo(repository.top)
    assert repository.staged_lines() == ["+mine = 31"]


def test_allow_dirty_a_second_time(repository: Repository) -> None:
    repository.write("shop/models.py", repository.read("shop/models.py") + b"mine = 31\n")
    stage(repository.top, [repository.change("shop/models.py", *LINE)], allow_dirty=True)
    second = repository.change("shop/models.py", b"line_14 = 14\n", b"line_14 = 0\n")
    stage(repository.top, [second], allow_dirty=True)
    assert repository.staged_lines() == [
        "-line_14 = 14",
        "-line_15 = 15",
        "+line_14 = 0",
        "+line_15 = 0",
    ]


def test_allow_dirty_keeps_a_changed_mode_unstaged(repository: Repository) -> None:
    (repository.top / "shop/models.py").chmod(0o755)
    stage(repository.top, [repository.change("shop/models.py", *LINE)], allow_dirty=True)
    assert repository.git("ls-files", "--stage", "shop/models.py").startswith("100644 ")
    assert repository.status() == ["MM shop/models.py"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"line_15 = 15\n", b"line_15 = mine\n"),
        (b"line_14 = 14\n", b"line_14 = mine\n"),
        (b"line_16 = 16\n", b""),
        (b"line_15 = 15\n", b"mine = 0\nline_15 = 15\n"),
    ],
    ids=["the_same_line", "the_line_above", "the_line_below_removed", "inserted_above"],
)
@pytest.mark.parametrize("staged", [False, True])
def test_allow_dirty_refuses_lines_that_touch_the_users(
    old: bytes, new: bytes, staged: bool, repository: Repository
) -> None:
    repository.write("shop/models.py", repository.read("shop/models.py").replace(old, new))
    if staged:
        repository.git("add", "shop/models.py")
    before = repository.read("shop/models.py")
    after = before.replace(b"line_15 = ", b"fixed_15 = ")
    found = refusals(repository, Change("shop/models.py", before, after), allow_dirty=True)
    assert [
        (one.path, one.why.endswith("touches your own uncommitted lines")) for one in found
    ] == [("shop/models.py", True)]


def test_allow_dirty_refuses_what_would_not_parse_in_the_index(repository: Repository) -> None:
    """Indented lines stand in the user's new brackets, but not outside of them."""
    repository.commit({"a.py": b"a,\nb,\nc,\nd,\n"})
    repository.write("a.py", b"x = [\na,\nb,\nc,\nd,\n]\n")
    found = refusals(repository, repository.change("a.py", b"b", b"    b"), allow_dirty=True)
    assert [one.why for one in found] == [
        "djfix's lines would not parse in the index without yours"
    ]


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    text = (
        "import sys\n"
        "import djfix.codemods.staging.apply, djfix.codemods.staging.patch\n"
        "print(sorted({'git', 'libcst', 'rich', 'typer', 'difflib'} & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
    assert shown.stdout == "[]\n"


@pytest.mark.parametrize("allow_dirty", [False, True])
def test_file_with_changes_of_the_users_is_not_moved(
    repository: Repository, allow_dirty: bool
) -> None:
    mine = repository.read("shop/models.py") + b"mine = 1\n"
    repository.write("shop/models.py", mine)
    changes = [
        Change("shop/models.py", mine, None),
        Change("shop/base.py", None, mine, moved_from="shop/models.py"),
    ]
    found = refusals(repository, *changes, allow_dirty=allow_dirty)
    assert [each.path for each in found] == ["shop/models.py"]


def test_file_that_was_changed_since_is_not_moved(repository: Repository) -> None:
    change = Change("shop/models.py", b"older\n", None)
    found = refusals(repository, change, Change("b.py", None, b"older\n"))
    assert [each.why for each in found] == ["was changed since djfix read it"]
