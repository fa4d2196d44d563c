"""Asks the git program for its list of files, in a way that runs nothing of the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SWITCHED_OFF = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "--no-pager",
)
"""Configuration that could run a command of the repository; ls-files runs no filter or pager."""

KEPT_VARIABLES = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY", "GIT_EXEC_PATH")


class GitRefused(Exception):  # noqa: N818
    """Git has a repository here and would not list it; the text says why, for the user."""


def listed_by_git(root: Path) -> list[str] | None:
    """Tracked and untracked files below `root`, not the ignored, nor those of submodules.

    Relative to `root`, in no order. None where there is no repository, where git is missing, or
    where the root itself is ignored. Raises GitRefused.
    """
    if not has_repository(root):
        return None
    try:
        finished = _run(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except FileNotFoundError:
        raise GitRefused("git was not found, so files were searched for without it") from None
    if finished.returncode:
        raise GitRefused(_explained(root, os.fsdecode(finished.stderr)))
    listed = sorted(set(filter(None, os.fsdecode(finished.stdout).split("\0"))))
    if not listed and _run(root, "check-ignore", "-q", ".").returncode == 0:
        return None
    return listed


def clean_environment() -> dict[str, str]:
    """The user's environment without what ties git to another repository, as inside a hook."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(KEPT_VARIABLES)
    }
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


def attempt_git(root: Path, *arguments: str) -> tuple[int, bytes]:
    """git's exit status and output; 127 where there is no git program."""
    try:
        finished = _run(root, *arguments)
    except FileNotFoundError:
        return 127, b""
    return finished.returncode, finished.stdout


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", *SWITCHED_OFF, *arguments],
        cwd=root,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def has_repository(root: Path) -> bool:
    """Whether any folder upwards has a `.git`; saves starting git where there is none."""
    absolute = root.absolute()
    return any((folder / ".git").exists() for folder in (absolute, *absolute.parents))


def _explained(root: Path, error: str) -> str:
    if "dubious ownership" in error:
        return (
            "git does not trust this repository because another user owns it, so files were "
            f"searched for without it; to trust it: git config --global --add safe.directory {root}"
        )
    first = next((line for line in error.splitlines() if line.strip()), "no reason given")
    return f"git could not list the files ({first.strip()}), so they were searched for without it"
