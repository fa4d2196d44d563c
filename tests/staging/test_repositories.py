"""All the shapes that a repository can have, and attributes that change what git stores."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import stage, undo
from djfix.codemods.staging.place import place_of, prefix_of
from djfix.codemods.staging.refusal import Refused

if TYPE_CHECKING:
    from conftest import Repository

LINE = (b"line_15 = 15\n", b"line_15 = 0\n")
SHOWN = ["-line_15 = 15", "+line_15 = 0"]


def staged_and_undone(repository: Repository, path: str = "shop/models.py") -> None:
    """An apply shows exactly its lines, and undo leaves everything as it was."""
    before = repository.snapshot()
    stage(repository.top, [repository.change(path, *LINE)])
    assert repository.staged_lines() == SHOWN
    assert undo(repository.top).paths == (path,)
    assert repository.snapshot() == before


def refused(repository: Repository, *changes: Change) -> list[tuple[str, str, str]]:
    before = repository.snapshot()
    with pytest.raises(Refused) as caught:
        stage(repository.top, changes)
    assert repository.snapshot() == before
    return [(one.path, one.why, one.command) for one in caught.value.refusals]


def test_root_below_the_top(repository: Repository) -> None:
    shop = repository.top / "shop"
    change = Change("models.py", repository.read("shop/models.py"), b"a = 1\n")
    assert stage(shop, [change]).paths == ("models.py",)
    assert repository.status() == ["M  shop/models.py"]
    assert prefix_of(shop) == "shop/"
    assert undo(shop).paths == ("models.py",)
    assert repository.status() == [""]


def test_undo_from_elsewhere_in_the_repository_names_paths_as_seen_from_there(
    repository: Repository,
) -> None:
    stage(
        repository.top / "shop",
        [
            repository.change("shop/models.py", *LINE).__class__(
                "models.py", repository.read("shop/models.py"), b"a = 1\n"
            )
        ],
    )
    (repository.top / "docs").mkdir()
    assert undo(repository.top / "docs").paths == ("../shop/models.py",)


def test_detached_head(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--detach")
    staged_and_undone(repository)


def test_linked_work_tree_has_its_own_index_and_journal(repository: Repository) -> None:
    repository.git("worktree", "add", "--quiet", "../linked")
    linked = type(repository)(repository.top.parent / "linked")
    stage(linked.top, [linked.change("shop/models.py", *LINE)])
    assert linked.staged_lines() == SHOWN
    assert repository.status() == [""]
    with pytest.raises(Refused, match="no apply to undo"):
        undo(repository.top)
    assert undo(linked.top).paths == ("shop/models.py",)


def test_inside_a_submodule(
    repository: Repository, make_repository: Callable[..., Repository]
) -> None:
    outer = make_repository("outer")
    outer.commit()
    outer.git(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(repository.top),
        "sub",
    )
    outer.commit()
    inner = type(repository)(outer.top / "sub")
    assert refused(outer, outer.change("sub/shop/models.py", *LINE)) == [
        ("sub/shop/models.py", "belongs to the repository in sub", "cd sub && djfix apply")
    ]
    stage(inner.top, [inner.change("shop/models.py", *LINE)])
    assert inner.staged_lines() == SHOWN
    assert undo(inner.top).paths == ("shop/models.py",)


def test_repository_without_commits(make_repository: Callable[..., Repository]) -> None:
    empty = make_repository()
    empty.write("a.py", b"a = 1\n")
    assert refused(empty, empty.change("a.py", b"1", b"2"))[0][1] == "is not tracked by git"
    stage(empty.top, [Change("b.py", None, b"b = 1\n")])
    stage(empty.top, [Change("b.py", b"b = 1\n", b"b = 2\n")])
    assert empty.status() == ["A  b.py", "?? a.py"]
    empty.git("add", "a.py")
    why = "has changes of yours that are staged but not committed"
    assert refused(empty, empty.change("a.py", b"1", b"2"))[0][1] == why
    stage(empty.top, [empty.change("a.py", b"1", b"2")], allow_dirty=True)
    assert empty.staged("a.py") == b"a = 2\n"
    assert [undo(empty.top).left for _ in range(3)] == [2, 1, 0]
    assert empty.status() == ["A  a.py"]


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_index_versions(version: str, repository: Repository) -> None:
    repository.git("update-index", "--index-version", version)
    staged_and_undone(repository)
    signature = (repository.top / ".git/index").read_bytes()[:8]
    assert signature[:4] == b"DIRC"
    assert signature[7] in ((2, 3) if version != "4" else (4,))


def test_split_index(repository: Repository) -> None:
    repository.git("update-index", "--split-index")
    staged_and_undone(repository)


def test_untracked_cache(repository: Repository) -> None:
    repository.git("update-index", "--force-untracked-cache")
    staged_and_undone(repository)


@pytest.mark.parametrize("sparse_index", ["--sparse-index", "--no-sparse-index"])
def test_sparse_checkout(sparse_index: str, repository: Repository) -> None:
    repository.commit({"docs/conf.py": b"a = 1\n", "docs/deep/b.py": b"b = 1\n"})
    repository.git("sparse-checkout", "init", "--cone", sparse_index)
    repository.git("sparse-checkout", "set", "shop")
    assert not (repository.top / "docs").exists()
    staged_and_undone(repository)
    assert repository.status() == [""]


def test_sparse_checkout_finds_attributes_that_are_not_checked_out(repository: Repository) -> None:
    repository.commit({"shop/.gitattributes": b"*.py filter=lfs\n"})
    repository.git("update-index", "--skip-worktree", "shop/.gitattributes")
    (repository.top / "shop/.gitattributes").unlink()
    assert [
        why for _, why, _ in refused(repository, repository.change("shop/models.py", *LINE))
    ] == ["has the attribute filter=lfs, and staging it would run that filter's command"]


def test_sha_256_repository(make_repository: Callable[..., Repository]) -> None:
    made = make_repository("new", "--object-format=sha256")
    made.commit({"a.py": b"a = 1\n"})
    before = made.snapshot()
    stage(made.top, [made.change("a.py", b"1", b"2"), Change("b.py", None, b"")])
    assert made.status() == ["M  a.py", "A  b.py"]
    undo(made.top)
    assert made.snapshot() == before
    stage(made.top, [Change("b.py", None, b"")])
    undo(made.top)
    assert made.snapshot() == before


def test_names_out_of_the_way(repository: Repository) -> None:
    names = [
        "my shop/the models.py",
        "l\u00e4den/\u30e2\u30c7\u30eb.py",
        'a"b.py',
        "a\tb.py",
        "a\nb.py",
        "a\\b.py",
        "-f.py",
        ":(top)a.py",
        ":!a.py",
        "*.py",
        "[a].py",
        "#a.py",
        "caf\udce9.py",
        "e\u0301.py",
    ]
    repository.commit(dict.fromkeys(names, b"a = 1\n"))
    before = repository.snapshot()
    changes = [repository.change(name, b"1", b"2") for name in names]
    new = [Change(f"new/{name}", None, b"a = 1\n") for name in names]
    stage(repository.top, [*changes, *new])
    listing = repository.git_bytes("status", "--porcelain", "-z", "--untracked-files=all")
    assert {line[:3] for line in listing.split(b"\0") if line} == {b"M  ", b"A  "}
    assert len(listing.split(b"\0")) == 2 * len(names) + 1
    undo(repository.top)
    assert repository.snapshot() == before


def test_many_files(repository: Repository) -> None:
    """More than one command line holds."""
    files = {f"app/{'long_' * 20}{number}.py": b"a = 1\n" for number in range(300)}
    repository.commit(files)
    before = repository.snapshot()
    stage(repository.top, [Change(path, b"a = 1\n", b"a = 2\n") for path in files])
    assert len(repository.staged_lines()) == 600
    undo(repository.top)
    assert repository.snapshot() == before


# Attributes


@pytest.mark.parametrize(
    ("attributes", "configuration"),
    [
        (b"*.py text eol=crlf\n", {}),
        (b"* text=auto eol=crlf\n", {}),
        (b"* text=auto\n", {"core.autocrlf": "true"}),
        (b"", {"core.autocrlf": "true"}),
        (b"", {"core.autocrlf": "input"}),
        (b"* text=auto\n", {"core.eol": "crlf"}),
        (b"[attr]py text eol=crlf\nshop/* py\n", {}),
    ],
    ids=["eol", "auto_eol", "auto_autocrlf", "autocrlf", "autocrlf_input", "core_eol", "macro"],
)
@pytest.mark.parametrize("safe", ["true", "warn"])
def test_one_changed_line_is_staged_as_one(
    attributes: bytes, configuration: dict[str, str], safe: str, repository: Repository
) -> None:
    for name, value in configuration.items():
        repository.git("config", name, value)
    repository.commit({".gitattributes": attributes} if attributes else {})
    (repository.top / "shop/models.py").unlink()
    repository.git("checkout", "--", "shop/models.py")
    repository.git("config", "core.safecrlf", safe)
    wants_crlf = configuration.get("core.autocrlf") != "input"
    assert (b"\r\n" in repository.read("shop/models.py")) == wants_crlf
    newline = b"\r\n" if wants_crlf else b"\n"
    before = repository.snapshot()
    old, new = (line.replace(b"\n", newline) for line in LINE)
    stage(repository.top, [repository.change("shop/models.py", old, new)])
    assert repository.staged_lines() == SHOWN
    assert repository.status() == ["M  shop/models.py"]
    undo(repository.top)
    assert repository.snapshot() == before


@pytest.mark.parametrize("setting", ["true", "input"])
def test_crlf_that_git_holds_stays_where_newlines_are_converted_by_guess(
    setting: str, repository: Repository
) -> None:
    crlf = repository.read("shop/models.py").replace(b"\n", b"\r\n")
    repository.commit({"shop/models.py": crlf})
    repository.git("config", "core.autocrlf", setting)
    stage(
        repository.top,
        [repository.change("shop/models.py", b"line_15 = 15\r\n", b"line_15 = 0\r\n")],
    )
    assert [line.rstrip("\r") for line in repository.staged_lines()] == SHOWN


def test_file_that_git_would_renormalise_is_dirty(repository: Repository) -> None:
    """The attribute came after the file: git itself shows every line as changed."""
    crlf = repository.read("shop/models.py").replace(b"\n", b"\r\n")
    repository.commit({"shop/models.py": crlf})
    repository.write(".gitattributes", b"* text\n")
    repository.git("add", ".gitattributes")
    repository.git("commit", "--quiet", "--message", "attributes")
    found = refused(
        repository, repository.change("shop/models.py", b"line_15 = 15\r\n", b"line_15 = 0\r\n")
    )
    assert [why for _, why, _ in found] == ["has changes of yours that are not staged"]


def test_allow_dirty_with_converted_newlines(repository: Repository) -> None:
    repository.commit({".gitattributes": b"* text eol=crlf\n"})
    mine = repository.read("shop/models.py").replace(b"\n", b"\r\n") + b"mine = 31\r\n"
    repository.write("shop/models.py", mine)
    change = repository.change("shop/models.py", b"line_15 = 15\r\n", b"line_15 = 0\r\n")
    stage(repository.top, [change], allow_dirty=True)
    assert repository.staged_lines() == SHOWN


def test_working_tree_encoding(repository: Repository) -> None:
    text = "# coding: latin-1\na = 1\nb = '\u00e9'\n"
    repository.commit({".gitattributes": b"*.py working-tree-encoding=latin-1\n"})
    repository.commit({"shop/models.py": text.encode("latin-1")})
    stage(repository.top, [repository.change("shop/models.py", b"a = 1", b"a = 2")])
    assert repository.staged("shop/models.py") == text.replace("1\nb", "2\nb").encode("utf-8")
    assert repository.staged_lines() == ["-a = 1", "+a = 2"]


def test_ident(repository: Repository) -> None:
    repository.commit({".gitattributes": b"*.py ident\n"})
    repository.commit({"shop/models.py": b"# $Id$\na = 1\n"})
    (repository.top / "shop/models.py").unlink()
    repository.git("checkout", "--", "shop/models.py")
    assert b"$Id: " in repository.read("shop/models.py")
    stage(repository.top, [repository.change("shop/models.py", b"a = 1", b"a = 2")])
    assert repository.staged_lines() == ["-a = 1", "+a = 2"]


@pytest.mark.parametrize("attribute", ["filter=lfs diff=lfs merge=lfs -text", "filter=mine"])
def test_refuses_a_filter_by_name(attribute: str, repository: Repository) -> None:
    repository.commit({".gitattributes": f"shop/models.py {attribute}\n".encode()})
    name = attribute.split()[0]
    assert refused(repository, repository.change("shop/models.py", *LINE)) == [
        (
            "shop/models.py",
            f"has the attribute {name}, and staging it would run that filter's command",
            "djfix apply --no-stage",
        )
    ]
    stage(repository.top, [repository.change("shop/views.py", *LINE)])
    assert repository.staged_lines() == SHOWN


def test_filter_taken_off_again_is_none(repository: Repository) -> None:
    repository.commit({".gitattributes": b"*.py filter=mine\nshop/*.py -filter\n"})
    staged_and_undone(repository)


def test_diff_and_merge_attributes_do_not_matter(repository: Repository) -> None:
    repository.commit({".gitattributes": b"*.py binary merge=ours\n"})
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert repository.git("diff", "--cached", "--numstat") == "-\t-\tshop/models.py"


# Environment and program


def test_inherited_index_file_is_honoured(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository.top / ".git/other-index"
    other.write_bytes((repository.top / ".git/index").read_bytes())
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    monkeypatch.chdir(repository.top / "shop")
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    assert repository.staged_lines() == SHOWN
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert repository.status() == [" M shop/models.py"]


def test_environment_of_a_hook_of_this_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_PREFIX", "")
    monkeypatch.chdir(repository.top)
    stage(repository.top / "shop", [Change("models.py", repository.read("shop/models.py"), b"")])
    assert repository.status() == ["M  shop/models.py"]


def test_a_real_hook_stages_into_the_commit_in_progress(repository: Repository) -> None:
    """`git commit` with an explicit path works on an index of its own, named in the environment."""
    script = repository.write("../script.py", _HOOK)
    hook = repository.write(
        ".git/hooks/pre-commit", f'#!/bin/sh\nexec "{_python()}" "{script}"\n'.encode()
    )
    hook.chmod(0o755)
    repository.write("shop/views.py", b"mine = 1\n")
    repository.git("add", "shop/views.py")
    repository.git("commit", "--quiet", "--message", "with a hook")
    assert repository.git("show", "--format=", "--name-only", "HEAD").split("\n") == [
        "shop/models.py",
        "shop/views.py",
    ]
    assert repository.status() == [""]


_HOOK = b"""
import pathlib
from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import stage
before = pathlib.Path("shop/models.py").read_bytes()
stage(pathlib.Path.cwd(), [Change("shop/models.py", before, b"hook = 1\\n")])
"""


def _python() -> str:
    import sys

    return sys.executable


def test_git_dir_of_another_repository_is_refused(
    repository: Repository,
    make_repository: Callable[..., Repository],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = make_repository("other")
    change = repository.change("shop/models.py", *LINE)
    monkeypatch.setenv("GIT_DIR", str(other.top / ".git"))
    with pytest.raises(Refused) as caught:
        stage(repository.top, [change])
    assert caught.value.refusals[0].command == "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE"
    assert repository.read("shop/models.py") == change.before


def test_work_tree_that_only_the_environment_names(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.top / ".git").rename(tmp_path / "kept.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "kept.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository.top))
    staged_and_undone(repository)


def test_literal_and_glob_settings_of_the_environment_do_not_matter(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")
    monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
    stage(repository.top, [repository.change("shop/models.py", *LINE)])
    monkeypatch.undo()
    assert repository.staged_lines() == SHOWN


def test_missing_git_program(repository: Repository, tmp_path: Path) -> None:
    """In a process of its own: GitPython looks for the program when it is imported."""
    text = """
import os, sys
from pathlib import Path
from djfix.codemods.findings import Change
from djfix.codemods.staging.apply import stage, undo
from djfix.codemods.staging.refusal import Refused
os.environ["PATH"] = sys.argv[2]
root = Path(sys.argv[1])
before = (root / "shop/models.py").read_bytes()
try:
    stage(root, [Change("shop/models.py", before, b"a = 1\\n")])
except Refused as refused:
    print(refused.refusals[0].why)
    print(refused.refusals[0].command)
stage(root, [Change("shop/models.py", before, b"a = 1\\n")], mode="worktree")
print((root / "shop/models.py").read_bytes())
undo(root)
print((root / "shop/models.py").read_bytes() == before)
"""
    shown = subprocess.run(
        [_python(), "-c", text, str(repository.top), str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split("\n") == [
        "the git program was not found; install it, or let djfix write the files without staging",
        "djfix apply --no-stage",
        "b'a = 1\\n'",
        "True",
        "",
    ]
    assert shown.stderr == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_repository_of_another_user_is_explained(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    for folder in (repository.top, repository.top / ".git"):
        os.chown(folder, 1234, 1234)
    with pytest.raises(Refused) as caught:
        stage(repository.top, [change])
    found = caught.value.refusals[0]
    assert found.why.endswith("its files belong to another user")
    assert found.command == f"git config --global --add safe.directory {repository.top}"
    assert repository.read("shop/models.py") == change.before


def test_index_held_by_another_git_is_explained_and_all_is_taken_back(
    repository: Repository,
) -> None:
    change = repository.change("shop/models.py", *LINE)
    lock = repository.write(".git/index.lock", b"")
    with pytest.raises(Refused, match="another git process holds the index"):
        stage(repository.top, [change, Change("new/a.py", None, b"")])
    assert repository.read("shop/models.py") == change.before
    assert not (repository.top / "new").exists()
    lock.unlink()
    stage(repository.top, [change])
    assert repository.staged_lines() == SHOWN
    assert undo(repository.top).left == 0


def test_work_tree_that_the_configuration_puts_elsewhere(
    repository: Repository, tmp_path: Path
) -> None:
    change = repository.change("shop/models.py", *LINE)
    (tmp_path / "elsewhere").mkdir()
    repository.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match=r"core\.worktree"):
        stage(repository.top, [change])
    assert repository.read("shop/models.py") == change.before


def test_broken_repository_is_gits_word(repository: Repository) -> None:
    change = repository.change("shop/models.py", *LINE)
    repository.write(".git/index", b"DIRC rubbish")
    with pytest.raises(Refused, match="git check-attr failed: "):
        stage(repository.top, [change])
    assert repository.read("shop/models.py") == change.before


def test_place_outside_of_any_repository(tmp_path: Path) -> None:
    place = place_of(tmp_path, {"XDG_STATE_HOME": str(tmp_path / "state")})
    assert (place.base, place.prefix, place.git_dir) == (tmp_path.resolve(), "", None)
    assert place.home.parent == tmp_path / "state" / "djfix"
    relative = place_of(tmp_path, {"XDG_STATE_HOME": "relative"})
    assert relative.home.parent == Path.home() / ".local" / "state" / "djfix"


def test_folder_named_git_that_is_no_repository_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert place_of(tmp_path).git_dir is None
