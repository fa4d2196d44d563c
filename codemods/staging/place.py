"""Where a root lies: its repository, and the folder outside the work tree that holds the journal.

Found by looking at the disk alone, so that the journal is found again without a git program.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from djfix.codemods.staging.refusal import refuse


@dataclass(frozen=True, slots=True)
class Place:
    """`base`: the top of the work tree, or the root itself where there is no repository.

    `prefix`: the root seen from the base, "" or "backend/". `git_dir`: None without a repository
    (of a linked work tree or a submodule, its own). `home`: the folder of locks and journals.
    All absolute, without symbolic links.
    """

    root: Path
    base: Path
    prefix: str
    git_dir: Path | None
    home: Path

    def from_root(self, path: str) -> str:
        """A path that is kept from the base, as the user sees it from the root."""
        if path.startswith(self.prefix):
            return path[len(self.prefix) :]
        return Path(os.path.relpath(self.base / path, self.root)).as_posix()


def place_of(root: Path, environment: Mapping[str, str] = os.environ) -> Place:
    """The place of `root`. Raises `Refused` if the environment's GIT_DIR names another repository.

    A hook's GIT_DIR names the repository that the root lies in, and is then of no consequence.
    """
    root = Path(os.path.realpath(root))
    found = _repository(root)
    inherited = environment.get("GIT_DIR")
    if inherited:
        named = Path(os.path.realpath(inherited))
        if found is None:
            found = _named_repository(root, named, environment)
        elif found[1] != named:
            raise refuse(
                f"the environment's GIT_DIR names {named}, but {root} lies in the repository"
                f" of {found[0]}",
                "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE",
            )
    if found is None:
        return Place(root, root, "", None, _state_folder(root, environment))
    base, git_dir = found
    inside = root.relative_to(base).as_posix()
    return Place(root, base, "" if inside == "." else inside + "/", git_dir, git_dir / "djfix")


def prefix_of(root: Path) -> str:
    """What stands before a path of `root` in a patch that is read from the repository's top."""
    return place_of(root).prefix


def _repository(root: Path) -> tuple[Path, Path] | None:
    """The nearest folder, from the root upwards, that is the top of a work tree; its git dir."""
    for folder in (root, *root.parents):
        git_dir = git_dir_of(folder)
        if git_dir is not None:
            return folder, git_dir
    return None


def git_dir_of(folder: Path) -> Path | None:
    """The git dir of a work tree whose top is `folder`: its `.git`, or where that file points."""
    link = folder / ".git"
    try:
        if link.is_dir():
            git_dir = link
        else:
            text = link.read_text(encoding="utf-8", errors="surrogateescape")
            if not text.startswith("gitdir: "):
                return None
            git_dir = folder / text.removeprefix("gitdir: ").rstrip("\r\n")
        return Path(os.path.realpath(git_dir)) if os.path.lexists(git_dir / "HEAD") else None
    except (OSError, ValueError):
        return None


def _named_repository(
    root: Path, git_dir: Path, environment: Mapping[str, str]
) -> tuple[Path, Path] | None:
    """A work tree that only the environment ties to its repository, as for kept dotfiles."""
    top = Path(os.path.realpath(environment.get("GIT_WORK_TREE") or os.curdir))
    return (top, git_dir) if root == top or top in root.parents else None


def _state_folder(root: Path, environment: Mapping[str, str]) -> Path:
    """https://specifications.freedesktop.org/basedir-spec: relative values are to be ignored."""
    state = Path(environment.get("XDG_STATE_HOME") or "")
    if not state.is_absolute():
        state = Path.home() / ".local" / "state"
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return state / "djfix" / f"{root.name or 'root'}-{key}"
