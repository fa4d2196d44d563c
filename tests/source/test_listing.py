"""Finding files: git's own list, the pruned walk, and what is left out with its reason."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from djfix.codemods.source.listing import Listing, Skipped, list_files


def write(root: Path, *paths: str, text: str = "x = 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def names(listing: Listing) -> list[str]:
    return [file.path for file in listing.files]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    return root


def test_walk_finds_python_and_what_says_versions(tmp_path: Path) -> None:
    write(tmp_path, "manage.py", "shop/models.py", "pyproject.toml", "setup.cfg", "poetry.lock")
    write(tmp_path, "requirements.txt", "requirements-dev.txt", "requirements/base.txt")
    write(tmp_path, "README.md", "shop/page.html", "notes.txt")
    assert names(list_files(tmp_path)) == [
        "manage.py",
        "poetry.lock",
        "pyproject.toml",
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/base.txt",
        "setup.cfg",
        "shop/models.py",
    ]


def test_walk_finds_what_starts_processes(tmp_path: Path) -> None:
    found = ["Containerfile", "Dockerfile", "Dockerfile.web", "Procfile", "app.Dockerfile"]
    found += ["compose.yaml", "deploy/start", "docker-entrypoint.sh", "docker/entrypoint"]
    found += ["prod-compose.yml", "web.service"]
    write(tmp_path, *found, "page.yaml", "start.txt", "web.socket", "Filedocker")
    assert names(list_files(tmp_path)) == sorted(found)


def test_walk_leaves_out_what_is_nobodys_source(tmp_path: Path) -> None:
    write(tmp_path, "shop/models.py", ".venv/lib/a.py", "node_modules/b.py", "build/c.py")
    write(tmp_path, "shop/__pycache__/d.py", ".tox/e.py", "dist/f.py", "env/pyvenv.cfg")
    write(tmp_path, "env/lib/g.py")
    assert names(list_files(tmp_path)) == ["shop/models.py"]


def test_walk_enters_a_package_named_build(tmp_path: Path) -> None:
    write(tmp_path, "build/__init__.py", "build/models.py")
    assert names(list_files(tmp_path)) == ["build/__init__.py", "build/models.py"]


def test_sizes_and_times_are_those_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, "a.py", text="x = 1\n")
    status = (tmp_path / "a.py").stat()
    (found,) = list_files(tmp_path).files
    assert (found.size, found.mtime_ns) == (6, status.st_mtime_ns)


def test_git_lists_tracked_and_untracked_but_not_ignored(repository: Path) -> None:
    write(repository, "a.py", "b.py", "c.py", "build/d.py")
    write(repository, ".gitignore", text="c.py\n")
    git(repository, "add", "a.py", ".gitignore")
    assert names(list_files(repository)) == ["a.py", "b.py", "build/d.py"]


def test_git_lists_a_tracked_file_though_it_is_ignored(repository: Path) -> None:
    write(repository, "a.py")
    git(repository, "add", "a.py")
    write(repository, ".gitignore", text="*.py\n")
    assert names(list_files(repository)) == ["a.py"]


def test_root_may_be_a_folder_of_the_repository(repository: Path) -> None:
    write(repository, "a.py", "backend/shop/models.py", "backend/manage.py")
    git(repository, "add", "a.py", "backend/manage.py")
    assert names(list_files(repository / "backend")) == ["manage.py", "shop/models.py"]


def test_deleted_file_is_not_listed(repository: Path) -> None:
    write(repository, "a.py", "b.py")
    git(repository, "add", ".")
    (repository / "a.py").unlink()
    assert list_files(repository) == Listing(list_files(repository).files)
    assert names(list_files(repository)) == ["b.py"]


def test_unmerged_file_is_listed_once(repository: Path) -> None:
    write(repository, "a.py", text="x = 0\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "base")
    git(repository, "checkout", "-qb", "other")
    write(repository, "a.py", text="x = 1\n")
    git(repository, "commit", "-qam", "other")
    git(repository, "checkout", "-q", "-")
    write(repository, "a.py", text="x = 2\n")
    git(repository, "commit", "-qam", "mine")
    subprocess.run(
        ["git", "merge", "-q", "other"], cwd=repository, capture_output=True, check=False
    )
    assert names(list_files(repository)) == ["a.py"]


def test_submodule_and_nested_repository_are_not_entered(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    write(library, "library.py")
    git(library, "add", ".")
    git(library, "commit", "-qm", "library")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library))
    nested = repository / "nested"
    nested.mkdir()
    git(nested, "init", "-q")
    write(nested, "inner.py")
    write(repository, "a.py")
    assert names(list_files(repository)) == ["a.py"]


def test_untracked_environment_is_left_out_of_a_repository(repository: Path) -> None:
    write(repository, "a.py", "env/pyvenv.cfg", "env/lib/b.py", "node_modules/c.py", ".venv/d.py")
    assert names(list_files(repository)) == ["a.py"]


def test_ignored_root_is_walked(repository: Path) -> None:
    write(repository, ".gitignore", text="*\n")
    write(repository, "work/project/manage.py")
    assert names(list_files(repository / "work" / "project")) == ["manage.py"]


def test_hook_variables_do_not_lead_to_another_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    write(repository, "a.py")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert names(list_files(repository)) == ["a.py"]


def test_missing_git_program_is_noted(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, "a.py")
    monkeypatch.setenv("PATH", "")
    listing = list_files(repository)
    assert names(listing) == ["a.py"]
    assert "git was not found" in listing.notes[0]


def test_broken_repository_is_walked_and_noted(repository: Path) -> None:
    write(repository, "a.py")
    write(repository, ".git/HEAD", text="nonsense\n")
    listing = list_files(repository)
    assert names(listing) == ["a.py"]
    assert "git could not list the files" in listing.notes[0]


def test_distrusted_repository_is_walked_and_explained(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "a.py")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setattr("djfix.codemods.source.git.KEPT_VARIABLES", ("GIT_CONFIG", "GIT_TEST_"))
    listing = list_files(repository)
    assert names(listing) == ["a.py"]
    assert "safe.directory" in listing.notes[0]


def test_hostile_repository_runs_nothing(repository: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    script = repository / "run"
    script.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
    script.chmod(0o755)
    hooks = repository / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman", "post-checkout"):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    write(repository, "a.py")
    write(repository, ".gitattributes", text="*.py filter=evil\n")
    git(repository, "add", "a.py")
    settings = {
        "core.fsmonitor": str(script),
        "core.hooksPath": str(hooks),
        "core.pager": str(script),
        "filter.evil.clean": str(script),
        "filter.evil.process": str(script),
        "core.untrackedCache": "true",
        "core.sshCommand": str(script),
        "alias.ls-files": f"!{script}",
    }
    for key, value in settings.items():
        git(repository, "config", key, value)
    os.utime(repository / "a.py", (1, 1))
    assert "a.py" in names(list_files(repository))
    assert not canary.exists()


@pytest.mark.parametrize(
    "name", ["with space.py", "größe.py", "tab\tname.py", "-q.py", 'quo"te.py']
)
def test_any_decodable_name_is_listed(repository: Path, name: str) -> None:
    write(repository, name)
    assert names(list_files(repository)) == [name]


def test_undecodable_name_is_skipped_with_its_reason(repository: Path) -> None:
    write(repository, "a.py")
    with open(os.fsencode(repository) + b"/b\xff.py", "wb") as stream:
        stream.write(b"x = 1\n")
    listing = list_files(repository)
    assert names(listing) == ["a.py"]
    assert listing.skipped == (Skipped("b\\xff.py", "undecodable-name"),)


@pytest.mark.parametrize("in_git", [False, True])
def test_huge_file_is_skipped_with_its_reason(tmp_path: Path, in_git: bool) -> None:
    if in_git:
        git(tmp_path, "init", "-q")
    write(tmp_path, "generated.py", text="x = 1\n" * 200_000)
    write(tmp_path, "poetry.lock", text="x = 1\n" * 200_000)
    listing = list_files(tmp_path)
    assert names(listing) == ["poetry.lock"]
    assert listing.skipped == (Skipped("generated.py", "too-large"),)


@pytest.mark.parametrize("in_git", [False, True])
def test_links_are_not_followed(tmp_path: Path, in_git: bool) -> None:
    root = tmp_path / "root"
    root.mkdir()
    if in_git:
        git(root, "init", "-q")
    write(root, "a.py")
    write(tmp_path, "outside.py")
    (root / "inside.py").symlink_to("a.py")
    (root / "outside.py").symlink_to(tmp_path / "outside.py")
    (root / "self.py").symlink_to("self.py")
    (root / "gone.py").symlink_to("nowhere.py")
    listing = list_files(root)
    assert names(listing) == ["a.py"]
    assert listing.skipped == (
        Skipped("gone.py", "symlink"),
        Skipped("inside.py", "symlink"),
        Skipped("outside.py", "outside-root"),
        Skipped("self.py", "symlink-loop"),
    )


def test_folder_that_links_to_its_parent_is_a_loop(tmp_path: Path) -> None:
    write(tmp_path, "shop/models.py")
    (tmp_path / "shop" / "again").symlink_to(tmp_path)
    (tmp_path / "vendor").symlink_to("/usr")
    listing = list_files(tmp_path)
    assert names(listing) == ["shop/models.py"]
    assert listing.skipped == (
        Skipped("shop/again", "symlink-loop"),
        Skipped("vendor", "outside-root"),
    )


def test_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert list_files(tmp_path) == Listing((), (Skipped("pipe.py", "not-a-regular-file"),))


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is readable to root")
def test_unreadable_file_and_folder_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "a.py").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        listing = list_files(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert listing == Listing((), (Skipped("a.py", "unreadable"), Skipped("closed", "unreadable")))


def test_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list_files(tmp_path / "nowhere")


@pytest.mark.parametrize("in_git", [False, True])
@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        pytest.param([], ["a.py", "shop/a.py", "shop/sub/b.py"], id="nothing"),
        pytest.param(["a.py"], ["shop/sub/b.py"], id="name_anywhere"),
        pytest.param(["/a.py"], ["shop/a.py", "shop/sub/b.py"], id="name_at_the_root"),
        pytest.param(["shop"], ["a.py"], id="folder_by_name"),
        pytest.param(["sub/"], ["a.py", "shop/a.py"], id="folder_with_a_slash"),
        pytest.param(["shop/*.py"], ["a.py", "shop/sub/b.py"], id="star_stops_at_slashes"),
        pytest.param(["shop/**"], ["a.py"], id="two_stars_do_not"),
        pytest.param(["**/b.py"], ["a.py", "shop/a.py"], id="any_folder"),
        pytest.param(["sho"], ["a.py", "shop/a.py", "shop/sub/b.py"], id="no_part_of_a_name"),
        pytest.param(["[ab].py"], [], id="class_of_characters"),
        pytest.param(["[!a].py"], ["a.py", "shop/a.py"], id="all_but_a_class"),
        pytest.param(["a?py", "x+y("], ["shop/sub/b.py"], id="question_mark_and_plain_signs"),
    ],
)
def test_excluded_patterns(
    tmp_path: Path, in_git: bool, patterns: list[str], left: list[str]
) -> None:
    if in_git:
        git(tmp_path, "init", "-q")
    write(tmp_path, "a.py", "shop/a.py", "shop/sub/b.py")
    assert names(list_files(tmp_path, exclude=patterns)) == left
