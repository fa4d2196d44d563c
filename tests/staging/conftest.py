"""A real git repository in a temporary folder, and what the tests ask of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from djfix.codemods.findings import Change

BEFORE = b"".join(b"line_%d = %d\n" % (number, number) for number in range(1, 31))


class Repository:
    """A git repository as a user has it; every question goes to the git program."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def git(self, *arguments: str, **environment: str) -> str:
        """git's output, as text without the last line end."""
        return self.git_bytes(*arguments, **environment).decode("utf-8").rstrip("\n")

    def git_bytes(self, *arguments: str, **environment: str) -> bytes:
        return subprocess.run(
            ["git", *arguments],
            cwd=self.top,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        ).stdout

    def write(self, path: str, data: bytes) -> Path:
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def read(self, path: str) -> bytes:
        return (self.top / path).read_bytes()

    def commit(self, files: dict[str, bytes] | None = None, message: str = "work") -> str:
        for path, data in (files or {}).items():
            self.write(path, data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def staged(self, path: str) -> bytes:
        return self.git_bytes("cat-file", "blob", f":{path}")

    def staged_lines(self, *paths: str) -> list[str]:
        """The lines that `git diff --cached` shows as taken out or put in."""
        shown = self.git("diff", "--cached", "--unified=0", "--no-color", "--", *paths)
        return [
            line
            for line in shown.split("\n")
            if line[:1] in ("+", "-") and line[:4] not in ("+++ ", "--- ")
        ]

    def status(self) -> list[str]:
        return self.git("status", "--porcelain", "--untracked-files=all").split("\n")

    def snapshot(self) -> dict[str, object]:
        """Every file with its bytes and mode, every folder, and every index entry."""
        seen: dict[str, object] = {":index": self.git("ls-files", "--stage")}
        folders = []
        for name, inner, files in os.walk(self.top):
            folder = Path(name)
            inner[:] = [one for one in inner if one != ".git"]
            folders += [(folder / one).relative_to(self.top).as_posix() for one in inner]
            for file in (folder / one for one in files):
                data = file.read_bytes() if file.is_file() else None
                seen[file.relative_to(self.top).as_posix()] = (data, file.lstat().st_mode)
        seen[":folders"] = sorted(folders)
        return seen

    def change(self, path: str, old: bytes, new: bytes) -> Change:
        """A change of what the file holds now."""
        before = self.read(path)
        assert before.count(old) == 1
        return Change(path, before, before.replace(old, new))


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[..., Repository]:
    def make(name: str = "project", *options: str) -> Repository:
        top = Path(os.path.realpath(tmp_path)) / name
        top.mkdir(parents=True)
        repository = Repository(top)
        repository.git("init", "--quiet", "--initial-branch=main", *options)
        return repository

    return make


@pytest.fixture
def repository(make_repository: Callable[..., Repository]) -> Repository:
    """One commit: `shop/models.py` and `shop/views.py`, thirty lines each."""
    made = make_repository()
    made.commit({"shop/models.py": BEFORE, "shop/views.py": BEFORE})
    return made


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"
