"""Which project is meant: its root, the paths seen from there, and its configuration."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from djfix.codemods.engine.mistakes import ConfigurationError, UserError

MARKS = ("pyproject.toml", "setup.cfg", "setup.py", "manage.py")
"""Without a repository, the nearest folder upwards that holds one of these is the root."""


@dataclass(frozen=True, slots=True)
class Where:
    """A project. `paths` are posix, from the root; `configured_in` is the configuration's folder
    from the root, `configuration` the text of its file, None where there is none.
    """

    root: Path
    paths: tuple[str, ...]
    configuration: str | None
    configured_in: str


def locate(paths: Sequence[str], config: str | None = None) -> Where:
    """The project that these paths, or else the current folder, lie in. Raises UserError."""
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"there is no {path}")
    start = _folder(Path(paths[0] if paths else os.curdir))
    root = root_of(start)
    text, folder = _configuration(start, root) if config is None else (_read(Path(config)), "")
    return Where(root, tuple(_from_root(path, root) for path in paths), text, folder)


def root_of(start: Path) -> Path:
    """The top of the repository around a folder, else the nearest folder that marks a project."""
    upwards = (start, *start.parents)
    for folder in upwards:
        if os.path.lexists(folder / ".git"):
            return folder
    for folder in upwards:
        if any((folder / name).is_file() for name in MARKS):
            return folder
    return start


def _folder(path: Path) -> Path:
    path = Path(os.path.realpath(path))
    return path if path.is_dir() else path.parent


def _from_root(path: str, root: Path) -> str:
    # Only the folder is resolved: a link is looked at where it stands.
    absolute = Path(os.path.realpath(os.path.dirname(path) or os.curdir)) / os.path.basename(path)
    if os.path.basename(path) in ("", ".", "..") or absolute.is_dir():
        absolute = Path(os.path.realpath(path))
    if absolute != root and root not in absolute.parents:
        raise UserError(f"{path} lies outside {root}; one run looks at one project")
    return absolute.relative_to(root).as_posix()


def _configuration(start: Path, root: Path) -> tuple[str | None, str]:
    """The nearest pyproject.toml with `[tool.djfix]`, from `start` up to the root."""
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            text = _read(file)
            if "djfix" in text and _has_table(text, file):
                return text, folder.relative_to(root).as_posix().removeprefix(".")
        if folder == root:
            break
    return None, ""


def _has_table(text: str, file: Path) -> bool:
    try:
        return "djfix" in tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8, so it is not TOML") from None
