"""The line length that a project has agreed on, from ruff's, black's or flake8's configuration.

The configuration nearest to a file holds: https://docs.astral.sh/ruff/configuration/,
https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html,
https://flake8.pycqa.org/en/latest/user/configuration.html.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from djfix.codemods.source.files import Files

DEFAULT = 88
"""black's and ruff's own."""

_DEEPEST_EXTENSION = 3


def line_length(files: Files, path: str) -> int:
    """The most characters that a line of this file may have."""
    lengths = files.shared(_Lengths)
    for folder in _folders(path):
        found = lengths.of(folder)
        if found is not None:
            return found
    return DEFAULT


class _Lengths:
    """What each folder's own configuration says; read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str, int | None] = {}

    def of(self, folder: str) -> int | None:
        if folder not in self._known:
            self._known[folder] = _of_folder(self._files, folder)
        return self._known[folder]


def _folders(path: str) -> Iterator[str]:
    folder = dirname(path)
    while folder:
        yield folder
        folder = dirname(folder)
    yield ""


def _of_folder(files: Files, folder: str) -> int | None:
    pyproject = _toml(files, join(folder, "pyproject.toml"))
    tools = _table(pyproject, "tool")
    for name in ("ruff.toml", ".ruff.toml"):
        found = _of_ruff(files, folder, _toml(files, join(folder, name)), 0)
        if found is not None:
            return found
    found = _of_ruff(files, folder, _table(tools, "ruff"), 0)
    if found is None:
        found = _number(_table(tools, "black").get("line-length"))
    return _of_flake8(files, folder) if found is None else found


def _of_ruff(files: Files, folder: str, table: Mapping[str, Any], depth: int) -> int | None:
    """`line-length`, or that of the configuration that this one extends."""
    found = _number(table.get("line-length"))
    extended = table.get("extend")
    if found is not None or not isinstance(extended, str) or depth >= _DEEPEST_EXTENSION:
        return found
    other = normpath(join(folder, extended))
    content = _toml(files, other)
    if other.endswith("pyproject.toml"):
        content = _table(_table(content, "tool"), "ruff")
    return _of_ruff(files, dirname(other), content, depth + 1)


def _of_flake8(files: Files, folder: str) -> int | None:
    for name in (".flake8", "setup.cfg", "tox.ini"):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(_text(files, join(folder, name)))
            found = parser.get("flake8", "max-line-length", fallback="")
        except (configparser.Error, ValueError):
            continue
        if found.strip().isdecimal():
            return int(found)
    return None


def _toml(files: Files, path: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_text(files, path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(files: Files, path: str) -> str:
    try:
        return files.read(path).decode(errors="replace")
    except OSError:
        return ""


def _table(outer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = outer.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
