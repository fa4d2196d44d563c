"""Finds the files of a project: git's own list where there is a repository, else a pruned walk."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from djfix.codemods.source.git import GitRefused, listed_by_git
from djfix.codemods.source.kinds import kind_of
from djfix.codemods.source.patterns import matcher

LARGEST_PYTHON = 1024 * 1024
LARGEST_OTHER = 16 * 1024 * 1024

PRUNED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        ".tox",
        ".nox",
        ".eggs",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        "__pycache__",
        "__pypackages__",
        "node_modules",
        "site-packages",
    }
)
"""Folders that hold nobody's own source, in a repository or not."""

PRODUCED = frozenset({"build", "dist", "htmlcov"})
"""Folders that a walk leaves out unless they are packages; git ignores them by itself."""

OTHER_NAMES = re.compile(
    r"pyproject\.toml|setup\.cfg|tox\.ini|\.flake8|\.?ruff\.toml|.*\.lock"
    r"|[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in)"
    # More of what starts the processes of a project than the kinds of file that rules look at.
    r"|(?:.*\.)?Dockerfile(?:\..+)?|.*supervisor.*\.(?:conf|ini)|Makefile"
)


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One file as it was listed: posix path relative to the root, bytes, nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A file or folder that was left out; `reason` is stable kebab-case.

    One of: unreadable, too-large, not-a-regular-file, symlink, symlink-loop, outside-root,
    undecodable-name.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a project, sorted by path, and what was left out.

    `notes` are sentences for the user, such as why git's list could not be had.
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


def list_files(root: Path, *, exclude: Sequence[str] = ()) -> Listing:
    """The Python files below `root`, and those that say which versions the project runs on, how
    it is formatted, and how its processes are started.

    `exclude` holds patterns as in .gitignore: without a slash they name any file or folder, with
    one a path from the root. Raises OSError if the root itself cannot be listed.
    """
    os.scandir(root).close()
    excluded = matcher(exclude)
    notes: tuple[str, ...] = ()
    skipped: list[Skipped] = []
    by_git: list[str] | None = None
    try:
        by_git = listed_by_git(root)
    except GitRefused as refusal:
        notes = (str(refusal),)
    paths = _walk(str(root), excluded, skipped) if by_git is None else by_git
    candidates = _candidates(paths, excluded)
    files = _regular_files(str(root), candidates, skipped)
    return Listing(tuple(sorted(files)), tuple(sorted(set(skipped))), notes)


def is_wanted(name: str) -> bool:
    """Whether a file of this name is read at all: Python, or what starts processes or configures
    tools."""
    return kind_of(name) is not None or OTHER_NAMES.fullmatch(name) is not None


def _candidates(paths: Iterable[str], excluded: Callable[[str], bool]) -> list[str]:
    """The wanted ones of all paths, without those in a virtual environment or excluded."""
    every = list(paths)
    environments = {path[: -len("/pyvenv.cfg")] for path in every if path.endswith("/pyvenv.cfg")}
    verdicts: dict[str, bool] = {"": True}

    def is_kept_folder(folder: str) -> bool:
        known = verdicts.get(folder)
        if known is None:
            parent, _, name = folder.rpartition("/")
            known = name not in PRUNED and folder not in environments and is_kept_folder(parent)
            verdicts[folder] = known
        return known

    return [
        path
        for path in every
        if _is_wanted_path(path) and is_kept_folder(path.rpartition("/")[0]) and not excluded(path)
    ]


def _is_wanted_path(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if is_wanted(name):
        return True
    return folder.endswith("requirements") and name.endswith((".txt", ".in"))


def _regular_files(root: str, paths: Iterable[str], skipped: list[Skipped]) -> Iterator[SourceFile]:
    prefix = root.rstrip(os.sep) + os.sep
    for path in paths:
        try:
            status = os.lstat(prefix + path)
        except FileNotFoundError:
            continue  # deleted in the working tree, or since it was listed
        except OSError:
            skipped.append(Skipped(_shown(path), "unreadable"))
            continue
        reason = _reason_to_skip(prefix, path, status)
        if reason is None:
            yield SourceFile(path, status.st_size, status.st_mtime_ns)
        else:
            skipped.append(Skipped(_shown(path), reason))


def _reason_to_skip(prefix: str, path: str, status: os.stat_result) -> str | None:
    if stat.S_ISLNK(status.st_mode):
        return _reason_of_link(prefix, path)
    if not stat.S_ISREG(status.st_mode):
        return "not-a-regular-file"
    if not path.isascii() and not _is_text(path):
        return "undecodable-name"
    if status.st_size > (LARGEST_PYTHON if path.endswith(".py") else LARGEST_OTHER):
        return "too-large"
    readable_by_all = status.st_mode & 0o444 == 0o444
    return None if readable_by_all or os.access(prefix + path, os.R_OK) else "unreadable"


def _reason_of_link(prefix: str, path: str) -> str:
    """Links are never followed: what they lead to inside the root is found where it stands."""
    try:
        target = os.path.realpath(prefix + path, strict=True)
    except OSError as error:
        return "symlink" if isinstance(error, FileNotFoundError) else "symlink-loop"
    root = os.path.realpath(prefix)
    if target != root and not target.startswith(root.rstrip(os.sep) + os.sep):
        return "outside-root"
    inside_itself = (os.path.realpath(os.path.dirname(prefix + path)) + os.sep).startswith(
        target.rstrip(os.sep) + os.sep
    )
    return "symlink-loop" if inside_itself else "symlink"


def _walk(root: str, excluded: Callable[[str], bool], skipped: list[Skipped]) -> Iterator[str]:
    """Every wanted file below the root, by folders, without following links."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                found = list(entries)
        except OSError:
            skipped.append(Skipped(_shown(folder.rstrip("/")), "unreadable"))
            continue
        if folder and any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            path = folder + entry.name
            if not entry.is_dir(follow_symlinks=False):
                _note_linked_folder(root, entry, path, excluded, skipped)
                yield path
            elif _is_entered(entry, path, excluded):
                waiting.append(path + "/")


def _note_linked_folder(
    root: str,
    entry: os.DirEntry[str],
    path: str,
    excluded: Callable[[str], bool],
    skipped: list[Skipped],
) -> None:
    if entry.is_symlink() and not is_wanted(entry.name) and not excluded(path):
        reason = _reason_of_link(root.rstrip(os.sep) + os.sep, path)
        if reason == "symlink-loop" or os.path.isdir(entry.path):
            skipped.append(Skipped(_shown(path), reason))


def _is_entered(entry: os.DirEntry[str], path: str, excluded: Callable[[str], bool]) -> bool:
    if entry.name in PRUNED or excluded(path):
        return False
    return entry.name not in PRODUCED or os.path.exists(os.path.join(entry.path, "__init__.py"))


def _is_text(path: str) -> bool:
    """Whether a name is text: bytes that are not come from the system as lone surrogates."""
    return not any("\udc80" <= character <= "\udcff" for character in path)


def _shown(path: str) -> str:
    return path if _is_text(path) else os.fsencode(path).decode(errors="backslashreplace")
