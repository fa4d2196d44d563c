"""Where packaging configuration says that a project's packages lie. Nothing of it is run."""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.document import Unreadable
from djfix.codemods.source.files import Files
from djfix.codemods.source.walking import walk

Place = tuple[str, str]
"""A folder from the project's root, and the package name that its contents go by ("": none)."""


def packaged_roots(files: Files, path: str) -> list[Place]:
    """The source roots that a pyproject.toml, setup.cfg or setup.py names, and its own folder.

    Empty for a file that packages nothing, such as one that only configures a linter.
    """
    folder, _, name = path.rpartition("/")
    readers = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}
    try:
        found = list(readers[name](files, path))
    except (OSError, ValueError, configparser.Error, Unreadable):
        found = []
    return [(_below(folder, inner), prefix) for inner, prefix in found]


BESIDE: Place = ("", "")
"""Packages stand beside the file: a flat layout, or none declared."""


def _pyproject(files: Files, path: str) -> Iterator[Place]:
    data = tomllib.loads(files.read(path).decode("utf-8-sig"))
    tool = _table(data, "tool")
    if {"project", "build-system"} & data.keys() or {"poetry", "pdm", "flit"} & tool.keys():
        yield BESIDE
    setuptools = _table(tool, "setuptools")
    yield from _package_dir(_table(setuptools, "package-dir"))
    yield from ((each, "") for each in _strings(_table(setuptools, "packages", "find"), "where"))
    yield from _poetry(_table(tool, "poetry").get("packages"))
    wheel = _table(tool, "hatch", "build", "targets", "wheel")
    for package in _strings(wheel, "packages"):
        yield package.rpartition("/")[0], ""
    yield from ((each, "") for each in _strings(_table(tool, "pdm", "build"), "package-dir"))


def _poetry(packages: Any) -> Iterator[Place]:
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and isinstance(package.get("from"), str):
            yield package["from"], ""


def _package_dir(mapping: Mapping[str, Any]) -> Iterator[Place]:
    for package, folder in mapping.items():
        if isinstance(folder, str):
            yield folder, package


def _setup_cfg(files: Files, path: str) -> Iterator[Place]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(files.read(path).decode("utf-8-sig"))
    if parser.has_section("metadata") or parser.has_section("options"):
        yield BESIDE
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, equals, folder = line.partition("=")
        if equals:
            yield folder.strip(), package.strip()
    where = parser.get("options.packages.find", "where", fallback="")
    yield from ((each.strip(), "") for each in where.splitlines() if each.strip())


def _setup_py(files: Files, path: str) -> Iterator[Place]:
    for node in walk(files.document(path).tree):
        if not isinstance(node, ast.Call):
            continue
        called = (dotted_name(node.func) or "").rpartition(".")[2]
        if called == "setup":
            yield BESIDE
            yield from _setup_call(node)
        elif called in {"find_packages", "find_namespace_packages"}:
            yield from _find_call(node)


def _setup_call(node: ast.Call) -> Iterator[Place]:
    for keyword in node.keywords:
        if keyword.arg == "package_dir" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    yield str(value.value), str(key.value)


def _find_call(node: ast.Call) -> Iterator[Place]:
    where = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "where")]
    for each in where:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value, ""


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = data.get(key)
        if not isinstance(inner, dict):
            return {}
        data = inner
    return data


def _strings(table: Mapping[str, Any], key: str) -> Iterable[str]:
    value = table.get(key, ())
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _below(folder: str, inner: str) -> str:
    parts = [part for part in inner.replace("\\", "/").split("/") if part not in {"", "."}]
    # A folder outside of the project holds none of its files.
    return "/".join([folder, *parts] if folder else parts)
