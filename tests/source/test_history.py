"""Which migrations are new since the base branch, asked of real repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from djfix.codemods.source.history import new_since_base

OLD = "shop/migrations/0001_initial.py"
NEW = "shop/migrations/0002_new.py"
UNTRACKED = "shop/migrations/0003_untracked.py"
ALL = (OLD, NEW, UNTRACKED)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x = 1\n")


def commit(folder: Path, *paths: str) -> None:
    write(folder, *paths)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "more")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """`main` with one migration, and a branch `work` with another one and an untracked one."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, OLD)
    git(folder, "checkout", "-q", "-b", "work")
    commit(folder, NEW)
    write(folder, UNTRACKED)
    return folder


def test_committed_and_untracked_files_of_the_branch_are_new(repository):
    assert new_since_base(repository, ALL) == {NEW, UNTRACKED}


def test_below_a_folder_of_the_repository_paths_start_there(repository):
    paths = [path.removeprefix("shop/") for path in ALL]
    found = new_since_base(repository / "shop", paths)
    assert found == {"migrations/0002_new.py", "migrations/0003_untracked.py"}


def test_what_the_base_branch_got_since_does_not_matter(repository):
    git(repository, "checkout", "-q", "main")
    (repository / UNTRACKED).unlink()
    commit(repository, "shop/migrations/0002_other.py")
    git(repository, "checkout", "-q", "work")
    assert new_since_base(repository, [OLD, NEW]) == {NEW}


def test_on_the_base_branch_only_the_uncommitted_is_new(repository):
    git(repository, "checkout", "-q", "main")
    assert new_since_base(repository, [OLD, UNTRACKED]) == {UNTRACKED}


def test_remote_head_comes_before_a_local_main(repository):
    git(repository, "branch", "-f", "main", "work")
    assert new_since_base(repository, ALL) == {UNTRACKED}
    git(repository, "update-ref", "refs/remotes/origin/trunk", "main~1")
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert new_since_base(repository, ALL) == {NEW, UNTRACKED}


def test_master_is_a_base_branch_too(repository):
    git(repository, "branch", "-m", "main", "master")
    assert new_since_base(repository, ALL) == {NEW, UNTRACKED}


def test_configured_branch_comes_first(repository):
    git(repository, "branch", "release")
    assert new_since_base(repository, ALL, "release") == {UNTRACKED}


def test_configured_branch_may_be_the_remotes(repository):
    git(repository, "update-ref", "refs/remotes/origin/release", "work")
    assert new_since_base(repository, ALL, "release") == {UNTRACKED}


def test_configured_branch_that_is_not_there_tells_nothing(repository):
    with pytest.raises(LookupError):
        new_since_base(repository, ALL, "gone")


def test_no_usual_branch_tells_nothing(repository):
    git(repository, "branch", "-m", "main", "trunk")
    with pytest.raises(LookupError):
        new_since_base(repository, ALL)


def test_file_of_a_tag_off_the_base_branch_is_not_new(repository):
    git(repository, "tag", "v1", "work")
    assert new_since_base(repository, ALL) == {UNTRACKED}


def test_annotated_tag_counts_as_well(repository):
    git(repository, "tag", "-a", "v1", "-m", "one", "work")
    assert new_since_base(repository, ALL) == {UNTRACKED}


def test_tag_on_the_base_branch_changes_nothing(repository):
    git(repository, "tag", "v1", "main")
    assert new_since_base(repository, ALL) == {NEW, UNTRACKED}


def test_shallow_clone_tells_nothing(repository, tmp_path):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", str(clone))
    with pytest.raises(LookupError):
        new_since_base(clone, [OLD])


def test_folder_without_a_repository_tells_nothing(tmp_path):
    with pytest.raises(LookupError):
        new_since_base(tmp_path, [OLD])


def test_repository_without_a_commit_tells_nothing(tmp_path):
    git(tmp_path, "init", "-q")
    with pytest.raises(LookupError):
        new_since_base(tmp_path, [OLD])


def test_names_with_magic_and_spaces_are_plain_names(repository):
    odd = "shop/migrations/:(glob)** é.py"
    commit(repository, odd)
    git(repository, "tag", "v1", "work")
    commit(repository, "shop/migrations/0009 later.py")
    paths = [odd, "shop/migrations/0009 later.py"]
    assert new_since_base(repository, paths) == {"shop/migrations/0009 later.py"}


HOSTILE: Sequence[tuple[str, str]] = (
    ("core.fsmonitor", "{0}"),
    ("core.pager", "{0}"),
    ("pager.rev-list", "{0}"),
    ("gpg.program", "{0}"),
    ("log.showSignature", "true"),
    ("diff.external", "{0}"),
    ("core.sshCommand", "{0}"),
    ("uploadpack.packObjectsHook", "{0}"),
    ("alias.rev-list", "!{0}"),
    ("alias.merge-base", "!{0}"),
)


def test_configuration_of_a_hostile_repository_runs_nothing(repository, tmp_path):
    trap, mark = tmp_path / "trap", tmp_path / "mark"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\n")
    trap.chmod(0o755)
    git(repository, "tag", "v1", "work")
    for name, value in HOSTILE:
        git(repository, "config", name, value.format(trap))
    assert new_since_base(repository, ALL) == {UNTRACKED}
    assert not mark.exists()
    subprocess.run(["git", "-C", str(repository), "status"], capture_output=True, check=False)
    assert mark.exists(), "the trap works where git is called as usual"


def test_objects_that_a_partial_clone_lacks_are_not_fetched(repository, tmp_path):
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    command = ("clone", "-q", "--filter=tree:0", "--no-checkout")
    git(tmp_path, *command, "-b", "work", f"file://{repository}", str(clone))
    git(clone, "update-ref", "refs/heads/main", "origin/main")
    before = len(list((clone / ".git" / "objects").rglob("*")))
    with pytest.raises(LookupError):
        new_since_base(clone, ALL, "main")
    assert len(list((clone / ".git" / "objects").rglob("*"))) == before
