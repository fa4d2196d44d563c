"""A hostile repository: nothing that its configuration names is ever run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import pending, stage, undo
from djfix.codemods.staging.patch import patch
from djfix.codemods.staging.refusal import Refused

if TYPE_CHECKING:
    from conftest import Repository

LINE = (b"line_15 = 15\n", b"line_15 = 0\n")

HOOKS = (
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "post-rewrite",
    "fsmonitor-watchman",
    "post-index-change",
    "reference-transaction",
    "pre-auto-gc",
    "sendemail-validate",
)

COMMANDS = (
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "sequence.editor",
    "credential.helper",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "merge.evil.driver",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "gpg.program",
    "gpg.ssh.program",
    "interactive.diffFilter",
    "pager.diff",
    "pager.status",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "remote.origin.vcs",
    "alias.status",
    "alias.ls-files",
    "alias.update-index",
    "trace2.normalTarget",
)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that leaves a trace; the trace."""
    trace = tmp_path / "canary-was-here"
    program = tmp_path / "canary"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{trace}"\ncat\n')
    program.chmod(0o755)
    return trace


@pytest.fixture
def hostile(repository: Repository, canary: Path) -> Repository:
    """Everything set that can name a command; attributes ask for it on all other files."""
    program = str(canary.with_name("canary"))
    attributes = (
        b"* filter=evil diff=evil merge=evil\nshop/models.py -filter\nshop/services.py -filter\n"
    )
    repository.commit({".gitattributes": attributes, "shop/other.py": b"a = 1\n"})
    for name in HOOKS:
        repository.write(f".git/hooks/{name}", f"#!/bin/sh\n{program} {name}\n".encode()).chmod(
            0o755
        )
    for name in COMMANDS:
        value = f"!{program}" if name.startswith("alias.") else program
        repository.git("config", name, value)
    for name in ("commit.gpgSign", "log.showSignature", "filter.evil.required", "gc.auto"):
        repository.git("config", name, "1")
    repository.git("config", "protocol.allow", "always")
    repository.git("config", "protocol.ext.allow", "always")
    repository.git("config", "remote.origin.url", f"ext::{program}")
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "remote.origin.promisor", "true")
    canary.unlink(missing_ok=True)
    return repository


def test_canary_sings_where_nothing_is_switched_off(hostile: Repository, canary: Path) -> None:
    """The trap works: the plain git program falls into it."""
    os.utime(hostile.top / "shop/other.py", (1, 1))
    subprocess.run(["git", "diff"], cwd=hostile.top, check=False, capture_output=True)
    assert canary.exists()


def test_apply_and_undo_run_nothing(hostile: Repository, canary: Path) -> None:
    for file in (hostile.top / "shop").iterdir():
        os.utime(file, (1, 1))  # git must look at the contents again, and ask a filter for others
    change = hostile.change("shop/models.py", *LINE)
    stage(hostile.top, [change, Change("shop/services.py", None, b"a = 1\n")])
    assert hostile.read("shop/models.py") == change.after
    second = hostile.change("shop/models.py", b"line_9 = 9\n", b"")
    stage(hostile.top, [second], allow_dirty=True)
    assert pending(hostile.top) is None
    undo(hostile.top)
    undo(hostile.top)
    assert hostile.read("shop/models.py") == change.before
    assert not canary.exists(), canary.read_text()


def test_dirty_and_touching_work_is_refused_without_running_anything(
    hostile: Repository, canary: Path
) -> None:
    hostile.write("shop/models.py", hostile.read("shop/models.py") + b"mine = 1\n")
    change = hostile.change("shop/models.py", *LINE)
    with pytest.raises(Refused):
        stage(hostile.top, [change])
    stage(hostile.top, [change], allow_dirty=True)
    undo(hostile.top)
    with pytest.raises(Refused, match="filter=evil"):
        stage(hostile.top, [hostile.change("shop/other.py", b"1", b"2")])
    assert not canary.exists(), canary.read_text()


def test_worktree_mode_and_patch_run_nothing(hostile: Repository, canary: Path) -> None:
    change = hostile.change("shop/other.py", b"1", b"2")
    assert patch([change])
    stage(hostile.top, [change], mode="worktree")
    undo(hostile.top)
    assert not canary.exists(), canary.read_text()


def test_undo_after_a_commit_runs_nothing(hostile: Repository, canary: Path) -> None:
    stage(hostile.top, [hostile.change("shop/models.py", *LINE)])
    switched_off = (
        *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"),
        *("-c", "filter.evil.clean=", "-c", "filter.evil.process="),
        *("-c", "filter.evil.required=false"),
    )
    tree = hostile.git(*switched_off, "write-tree")
    commit = hostile.git(*switched_off, "commit-tree", "-p", "HEAD", "-m", "fix", tree)
    hostile.git(*switched_off, "update-ref", "HEAD", commit)
    canary.unlink(missing_ok=True)
    with pytest.raises(Refused, match="was committed since"):
        undo(hostile.top)
    assert not canary.exists(), canary.read_text()


def test_missing_object_of_a_partial_clone_is_not_fetched(
    hostile: Repository, canary: Path
) -> None:
    """Fetching would run the remote's transport, which the repository names."""
    hostile.write("shop/models.py", hostile.read("shop/models.py") + b"mine = 1\n")
    blob = hostile.git("rev-parse", ":shop/models.py")
    (hostile.top / ".git/objects" / blob[:2] / blob[2:]).unlink()
    canary.unlink(missing_ok=True)
    with pytest.raises(Refused):
        stage(hostile.top, [hostile.change("shop/models.py", *LINE)], allow_dirty=True)
    assert not canary.exists(), canary.read_text()


def test_filter_that_cannot_be_switched_off_is_refused(
    repository: Repository, canary: Path
) -> None:
    """`-c` cuts a name at its first equals sign."""
    repository.commit(
        {"shop/other.py": b"a = 1\n", ".gitattributes": b"shop/other.py filter=a=b\n"}
    )
    repository.git("config", "filter.a=b.clean", str(canary.with_name("canary")))
    change = repository.change("shop/models.py", *LINE)
    with pytest.raises(Refused, match="cannot be switched off"):
        stage(repository.top, [change])
    assert repository.read("shop/models.py") == change.before
    assert not canary.exists(), canary.read_text()


def test_environment_that_names_commands(
    repository: Repository, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = str(canary.with_name("canary"))
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS", "GIT_SSH_COMMAND"):
        monkeypatch.setenv(name, program)
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    undo(repository.top)
    assert not canary.exists(), canary.read_text()


def test_code_of_the_project_is_parsed_and_not_run(repository: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    text = f"open({str(trace)!r}, 'w')\n".encode()
    stage(repository.top, [Change("shop/services.py", None, text)])
    assert not trace.exists()


# A journal that somebody put into the repository's git dir


@pytest.mark.parametrize(
    "path", ["../../victim", "/tmp/victim", ".git/hooks/pre-commit", "shop/../../victim", "a//b"]
)
def test_planted_journal_names_no_file_outside(
    path: str, repository: Repository, tmp_path: Path
) -> None:
    plant(repository, path=path)
    for call in (pending, undo):
        with pytest.raises(Refused, match="damaged"):
            call(repository.top)
    assert not (tmp_path / "victim").exists()


def test_planted_journal_does_not_write_through_a_link(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (repository.top / "link").symlink_to(tmp_path / "outside")
    plant(repository, path="link/victim")
    with pytest.raises(Refused, match="symbolic link"):
        undo(repository.top)
    assert os.listdir(tmp_path / "outside") == []


def test_planted_home_is_not_followed(repository: Repository, tmp_path: Path) -> None:
    """Behind the link are folders whose names look like djfix's."""
    photo = tmp_path / "photos/202401/cat.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"cat")
    (repository.top / ".git/djfix").symlink_to(tmp_path / "photos")
    change = repository.change("shop/models.py", *LINE)
    assert pending(repository.top) is None
    for call in (lambda: stage(repository.top, [change]), lambda: undo(repository.top)):
        with pytest.raises(Refused, match="is a symbolic link"):
            call()
    assert os.listdir(tmp_path / "photos") == ["202401"]
    assert photo.read_bytes() == b"cat"


def test_planted_content_name_leads_nowhere(repository: Repository) -> None:
    plant(repository, content="../../../../etc/passwd")
    with pytest.raises(Refused, match="damaged"):
        undo(repository.top)


def plant(repository: Repository, *, path: str = "shop/new.py", content: str | None = None) -> None:
    """A journal as an attacker would write it: undoing it makes a file of the attacker's text."""
    name = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    sided = {"content": content or name, "index": None}
    folder = repository.top / ".git/djfix/000001"
    folder.mkdir(parents=True)
    (folder / "contents").write_bytes(b"")
    plain = {
        "schema": 1,
        "state": "applied",
        "mode": "worktree",
        "head": None,
        "token": "00000000",
        "folders": [],
        "contents": {content or name: [0, 0]},
        "entries": [
            {
                "path": path,
                "permissions": None,
                "before": sided,
                "after": {"content": None, "index": None},
            }
        ],
    }
    (folder / "journal.json").write_text(json.dumps(plain))


def test_planted_journal_would_write_if_its_path_were_plain(repository: Repository) -> None:
    """The trap of the tests above works."""
    plant(repository)
    undo(repository.top)
    assert repository.read("shop/new.py") == b""
