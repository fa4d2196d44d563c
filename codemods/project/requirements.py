"""Reads requirement lines: pip's requirement files with what they include, and setup.py's lists.

The format: https://pip.pypa.io/en/stable/reference/requirements-file-format/.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.source.files import Files
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class Requirement:
    """One package (normalised lower-case name) with its specifier, and the file that states it."""

    name: str
    specifier: str
    source: str


_LINE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)")
_INCLUDE = re.compile(r"\s*(?:-r|--requirement|-c|--constraint)[\s=]\s*(\S+)")


def parse_requirement(text: str, source: str) -> Requirement | None:
    """The requirement on one line; None for a comment, an option or an empty line."""
    line = re.sub(r"(^|\s)#.*", "", text).partition(";")[0]
    line = line.partition(" --")[0].rstrip(" \\")
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    specifier = "" if match[2].startswith("@") else match[2]
    return Requirement(re.sub(r"[-_.]+", "-", match[1]).lower(), specifier, source)


def requirements_in(
    files: Files, path: str, seen: frozenset[str] = frozenset()
) -> Iterator[Requirement]:
    """The requirements of a file and of those that it includes by -r or -c. Raises OSError for
    the file itself; an included file that is not there is passed over."""
    text = files.read(path).decode("utf-8-sig", errors="replace")
    for line in text.replace("\\\n", " ").splitlines():
        include = _INCLUDE.match(line)
        if include is None:
            found = parse_requirement(line, path)
            if found is not None:
                yield found
        else:
            yield from _included(files, _beside(path, include[1]), seen | {path})


def _beside(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _included(files: Files, path: str, seen: frozenset[str]) -> Iterator[Requirement]:
    if path in seen or path.startswith("../") or not files.exists(path):
        return
    yield from requirements_in(files, path, seen)


def setup_py_requirements(tree: ast.Module, path: str) -> Iterator[Requirement]:
    """What a literal `setup(...)` call states: requirements, "python" and "classifier" entries."""
    lists = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for keyword in _setup_keywords(tree):
        value: ast.expr = keyword.value
        if isinstance(value, ast.Name):
            value = lists.get(value.id, value)
        for text in _literal_strings(value):
            yield from _of_keyword(keyword.arg, text, path)


def _setup_keywords(tree: ast.Module) -> Iterator[ast.keyword]:
    for node in walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name == "setup":
                yield from node.keywords


def _of_keyword(keyword: str | None, text: str, path: str) -> Iterator[Requirement]:
    if keyword == "install_requires":
        found = parse_requirement(text, path)
        if found is not None:
            yield found
    elif keyword == "python_requires":
        yield Requirement("python", text, path)
    elif keyword == "classifiers":
        yield Requirement("classifier", text, path)


def _literal_strings(value: ast.expr) -> Iterator[str]:
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    for item in items:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value
