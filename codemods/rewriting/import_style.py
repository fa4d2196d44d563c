"""How a file writes its imports: sections, order, line length, relative or absolute."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from typing import Any

from djfix.codemods.rewriting.bindings import resolved_module
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

ImportStatement = ast.Import | ast.ImportFrom

STANDARD, THIRD_PARTY, FIRST_PARTY, RELATIVE = range(1, 5)
"""The sections of isort and ruff, in their order (`__future__` comes before all)."""

USUAL_LIMITS = (79, 88, 100, 120)
HANDS_OFF = re.compile(r"#.*\b(noqa|isort|pylint|type:|fmt:|ruff:|nosec)", re.IGNORECASE)
"""Comments on an import that name, or are about, exactly what stands there."""


def line_limit(document: Document, files: Files) -> int:
    """The longest line that the project's formatter allows, else what this file keeps to."""
    configured = _configured_limit(files)
    if configured is not None:
        return configured
    longest = max((len(line.rstrip("\r\n")) for line in document.lines), default=0)
    return next((limit for limit in USUAL_LIMITS if longest <= limit), USUAL_LIMITS[-1])


def section(module: str, level: int, own: frozenset[str]) -> int:
    """The section of an import; `own` are the project's top-level packages."""
    if level:
        return RELATIVE
    top = module.partition(".")[0]
    if top in own:
        return FIRST_PARTY
    return STANDARD if top in sys.stdlib_module_names else THIRD_PARTY


def own_packages(files: Files) -> frozenset[str]:
    """The names by which the project's own code is imported: packages whose folder is in none."""
    packages = {
        path.removesuffix("/__init__.py") for path in files.paths if path.endswith("/__init__.py")
    }
    tops = {path for path in packages if path.rpartition("/")[0] not in packages}
    names = {path.rpartition("/")[2] for path in tops}
    at_root = {path.partition("/")[0] for path in files.paths if path.endswith(".py")}
    return frozenset(names | {name.removesuffix(".py") for name in at_root})


def spelled_module(
    module: str, package: str | None, statements: Sequence[ImportStatement]
) -> tuple[int, str]:
    """The level and module to write: relative where the file imports its own package so."""
    is_relative = any(isinstance(found, ast.ImportFrom) and found.level for found in statements)
    is_absolute = any(
        package and _module(found).startswith(package.partition(".")[0] + ".")
        for found in statements
    )
    if is_relative and not is_absolute and package and f"{module}.".startswith(f"{package}."):
        return 1, module[len(package) + 1 :]
    return 0, module


def order(name: str) -> tuple[int, str]:
    """Where isort and ruff put a name by default: constants, then classes, then the others."""
    if name.isupper() and len(name) > 1:
        return 0, name.lower()
    return (1 if name[:1].isupper() else 2), name.lower()


NAME_ORDERS: tuple[Callable[[str], Any], ...] = (order, str.lower, str)


def sorted_place(names: Sequence[str], name: str) -> int:
    """Where a name belongs among names in any usual order; after the last if they have none."""
    for key in NAME_ORDERS:
        if list(names) == sorted(names, key=key):
            return sum(key(other) <= key(name) for other in names)
    return len(names)


def has_pragma(document: Document, statement: ImportStatement) -> bool:
    """Whether a comment on the statement asks tools to leave it as it is."""
    lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    return any(HANDS_OFF.search(document.line_text(line)) for line in lines)


def same_module(statement: ast.stmt, module: str, package: str | None) -> bool:
    """Whether this is a from-import of the module, however spelled, that could take a name more."""
    return (
        isinstance(statement, ast.ImportFrom)
        and resolved_module(statement, package) == module
        and statement.names[0].name != "*"
    )


def _module(statement: ImportStatement) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "" if statement.level else f"{statement.module}."
    return f"{statement.names[0].name}."


def _configured_limit(files: Files) -> int | None:
    try:
        data = tomllib.loads(files.read("pyproject.toml").decode())
    except (OSError, ValueError):
        return None
    tools = data.get("tool")
    if not isinstance(tools, dict):
        return None
    for tool, key in (("ruff", "line-length"), ("isort", "line_length"), ("black", "line-length")):
        table = tools.get(tool)
        found = table.get(key) if isinstance(table, dict) else None
        if isinstance(found, int) and found > 0:
            return found
    return None
