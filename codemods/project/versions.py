"""Which releases of Python, Django, DRF and Celery a project runs on: ranges, with their source.

Lock files and exact requirements say what is deployed and come before ranges; what a package
declares in its classifiers as supported widens them. What nothing states is the oldest supported.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from djfix.codemods.project.requirements import (
    Requirement,
    parse_requirement,
    requirements_in,
    setup_py_requirements,
)
from djfix.codemods.project.specifiers import Range, hull, parse_range
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.files import Files

UNKNOWN = {
    "python": Range((3, 8)),
    "django": Range((4, 2)),
    "djangorestframework": Range((3, 15)),
    "celery": Range((5, 2)),
}
"""Anything from the oldest supported release on: Django's is 4.2, whose oldest Python is 3.8."""

ASIDE = frozenset({"doc", "docs", "example", "examples", "node_modules", "vendor", "benchmarks"})
"""Folders whose requirements are not those of the project."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The ranges that the project's own files state, or the oldest supported and anything newer."""

    python: Range = UNKNOWN["python"]
    django: Range = UNKNOWN["django"]
    djangorestframework: Range = UNKNOWN["djangorestframework"]
    celery: Range = UNKNOWN["celery"]


def versions_of(files: Files, target_version: str | None = None) -> Versions:
    """The versions of a project. `target_version` ("5.2"; None or "auto" reads the files) is
    Django's and overrides what the files say. Files that do not parse say nothing."""
    statements = [each for path in _stating_paths(files) for each in _statements(files, path)]
    ranges = {name: _settled(name, statements) for name in UNKNOWN}
    if target_version and target_version != "auto":
        ranges["django"] = parse_range(f"=={target_version}", "target-version") or ranges["django"]
    return Versions(**ranges)


@dataclass(frozen=True, slots=True)
class _Statement:
    """`strength`: 3 a lock file, 2 an exact requirement, 1 a range, 0 a development group's;
    -1 a classifier of supported releases, which only widens."""

    name: str
    range: Range
    strength: int


def _settled(name: str, statements: Iterable[_Statement]) -> Range:
    own = [each for each in statements if each.name == name]
    best = max((each.strength for each in own), default=None)
    found = hull(each.range for each in own if each.strength in (best, -1))
    if found is None:
        return UNKNOWN[name]
    return replace(found, minimum=UNKNOWN[name].minimum) if found.minimum == (0,) else found


def _stating_paths(files: Files) -> Iterator[str]:
    """Listed files, and the few that a listing leaves out but that may lie beside them."""
    extra = (".python-version", "runtime.txt", "Pipfile.lock", "pylock.toml")
    for path in sorted({*files.paths, *(name for name in extra if files.exists(name))}):
        if not ASIDE.intersection(path.split("/")[:-1]):
            yield path


def _statements(files: Files, path: str) -> Iterator[_Statement]:
    name = path.rpartition("/")[2]
    reader = _READERS.get(name)
    if reader is None and _is_requirements(path):
        reader = _requirements
    if reader is None:
        return
    try:
        yield from list(reader(files, path))
    except (OSError, ValueError, RecursionError, Unreadable, configparser.Error):
        return


def _is_requirements(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if not name.endswith((".txt", ".in")) or "doc" in name:
        return False
    return "requirements" in name or folder.endswith("requirements")


def _requirements(files: Files, path: str) -> Iterator[_Statement]:
    for requirement in requirements_in(files, path):
        yield from _stated(requirement, 1)


def _stated(requirement: Requirement | None, strength: int) -> Iterator[_Statement]:
    if requirement is None or requirement.name not in UNKNOWN:
        return
    found = parse_range(requirement.specifier, requirement.source)
    if found is not None:
        exact = "==" in requirement.specifier and "*" not in requirement.specifier
        yield _Statement(requirement.name, found, 2 if exact and strength == 1 else strength)


_PACKAGE = re.compile(
    r'^\[\[packages?\]\][ \t]*\r?\nname = "([^"]+)"[ \t]*\r?\nversion = "([^"]+)"', re.MULTILINE
)


def _lock(files: Files, path: str) -> Iterator[_Statement]:
    """uv.lock, poetry.lock, pdm.lock: the regular layout of generated files, as parsing megabytes
    of TOML takes longer than the rest of a run."""
    for name, version in _PACKAGE.findall(_text(files, path)):
        yield from _stated(Requirement(name.lower(), f"=={version}", path), 3)


def _pipfile_lock(files: Files, path: str) -> Iterator[_Statement]:
    data = json.loads(files.read(path))
    for name, values in data.get("default", {}).items():
        yield from _stated(Requirement(name.lower(), values.get("version", ""), path), 3)
    python = data.get("_meta", {}).get("requires", {}).get("python_version")
    if python:
        yield from _stated(Requirement("python", f"=={python}", path), 1)


def _pyproject(files: Files, path: str) -> Iterator[_Statement]:
    data = tomllib.loads(_text(files, path))
    project = _table(data, "project")
    for text in _strings(project.get("dependencies")):
        yield from _stated(parse_requirement(text, path), 1)
    yield from _python(project.get("requires-python"), path)
    yield from _classifiers(_strings(project.get("classifiers")), path)
    for group in (*_table(project, "optional-dependencies").values(),
                  *_table(data, "dependency-groups").values()):  # fmt: skip
        for text in _strings(group):
            yield from _stated(parse_requirement(text, path), 0)
    yield from _poetry(_table(data, "tool", "poetry"), path)


def _poetry(poetry: Mapping[str, Any], path: str) -> Iterator[_Statement]:
    for name, value in _table(poetry, "dependencies").items():
        choices = value if isinstance(value, list) else [value]
        for choice in choices:
            specifier = choice.get("version", "") if isinstance(choice, dict) else choice
            if isinstance(specifier, str):
                yield from _stated(Requirement(name.lower(), specifier, path), 1)
    yield from _classifiers(_strings(poetry.get("classifiers")), path)


def _python(specifier: Any, path: str) -> Iterator[_Statement]:
    if isinstance(specifier, str):
        yield from _stated(Requirement("python", specifier, path), 1)


_CLASSIFIER = re.compile(r"(Framework :: Django|Programming Language :: Python) :: (\d+(?:\.\d+)+)")


def _classifiers(classifiers: Iterable[str], path: str) -> Iterator[_Statement]:
    for text in classifiers:
        match = _CLASSIFIER.fullmatch(text.strip())
        if match:
            name = "django" if "Django" in match[1] else "python"
            yield from _stated(Requirement(name, f"=={match[2]}", path), -1)


def _setup_cfg(files: Files, path: str) -> Iterator[_Statement]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(_text(files, path))
    options = "options"
    for text in parser.get(options, "install_requires", fallback="").splitlines():
        yield from _stated(parse_requirement(text, path), 1)
    yield from _python(parser.get(options, "python_requires", fallback=None), path)
    yield from _classifiers(parser.get("metadata", "classifiers", fallback="").splitlines(), path)


def _setup_py(files: Files, path: str) -> Iterator[_Statement]:
    for requirement in setup_py_requirements(files.document(path).tree, path):
        if requirement.name == "classifier":
            yield from _classifiers([requirement.specifier], path)
        else:
            yield from _stated(requirement, 1)


def _python_version(files: Files, path: str) -> Iterator[_Statement]:
    match = re.search(r"\d+(?:\.\d+)+", _text(files, path))
    if match:
        yield from _stated(Requirement("python", f"=={match[0]}", path), 1)


_READERS = {
    "uv.lock": _lock,
    "poetry.lock": _lock,
    "pdm.lock": _lock,
    "pylock.toml": _lock,
    "Pipfile.lock": _pipfile_lock,
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    ".python-version": _python_version,
    "runtime.txt": _python_version,
}


def _text(files: Files, path: str) -> str:
    return files.read(path).decode("utf-8-sig", errors="replace")


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = data.get(key)
        data = value if isinstance(value, dict) else {}
    return data


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))
