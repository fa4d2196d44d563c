"""Which files of requirements an image installs, and what in them only developers need."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_DEVELOPMENT_TEXT = """
autopep8 bandit black bump2version bumpversion coverage coveralls codecov django-debug-toolbar
django-extensions-dev django-silk django-test-plus djlint factory-boy faker flake8 freezegun
hypothesis ipdb ipython isort jupyter jupyterlab locust mixer mock model-bakery model-mommy
moto mypy nose notebook nox pdbpp pip-tools playwright pre-commit pudb pycodestyle pyflakes
pylint pyright pytest responses respx ruff selenium sphinx sphinx-rtd-theme tblib tox twine
vcrpy watchdog werkzeug-debugger yapf requests-mock django-stubs djangorestframework-stubs
fakeredis time-machine tavern testcontainers
"""
_DEVELOPMENT = frozenset(_DEVELOPMENT_TEXT.split())
"""Packages that test, format, check or document, and that nothing imports in production."""

_PREFIXES = ("pytest-", "flake8-", "types-", "pylint-", "sphinxcontrib-", "mypy-")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_INCLUDES = re.compile(r"\s*(?:-r|--requirement)[\s=]*(\S+)")
_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of a file of requirements; the name as PyPI normalises it, "" for an option."""

    path: str
    line: int
    name: str
    text: str


def installed(project: Project, dockerfile: str, names: Iterable[str]) -> tuple[Requirement, ...]:
    """The requirements of these files, as a Dockerfile names them, and of what they include.

    Files that are not found, or found in several places, say nothing.
    """
    paths = [_found(project, dockerfile, name) for name in names]
    return tuple(_read(project, [path for path in paths if path is not None]))


def is_for_developers(requirement: Requirement) -> bool:
    """Whether a package is of no use where the project runs."""
    name = requirement.name
    return name in _DEVELOPMENT or name.startswith(_PREFIXES) or name.endswith("-stubs")


def _found(project: Project, dockerfile: str, name: str) -> str | None:
    """The file that is meant: one of this name, beside the Dockerfile or in the only such place."""
    if "$" in name:
        return None
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    folder = posixpath.dirname(dockerfile)
    for length in range(len(parts), 0, -1):
        tail = "/".join(parts[-length:])
        for path in (posixpath.join(folder, tail), tail):
            if path in project.files.paths:
                return path
        ending = [path for path in project.files.paths if path.endswith(f"/{tail}")]
        if len(ending) == 1:
            return ending[0]
    return None


def _read(project: Project, waiting: list[str]) -> Iterator[Requirement]:
    seen: set[str] = set()
    while waiting and len(seen) < _MOST_FILES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        try:
            text = project.files.read(path).decode("utf-8", errors="replace")
        except OSError:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            included = _INCLUDES.match(line)
            if included is not None:
                waiting.append(
                    posixpath.normpath(posixpath.join(posixpath.dirname(path), included[1]))
                )
            found = _NAME.match(line)
            name = re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""
            if line.strip() and not line.lstrip().startswith("#"):
                yield Requirement(path, number, name, line.strip())
