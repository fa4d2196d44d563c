"""Where the settings of a file say how a database is reached, in each shape that is known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.project.deployment import bound_names, statements_in
from djfix.codemods.source.chains import last_name
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

Shape = Literal["dict", "call", "url", "reader", "value", "unread"]
"""A dict display; `dict(...)`; a call that takes `conn_max_age=`; a call that reads a URL from the
environment and takes no such keyword; django-configurations' own value; none of these."""

DATABASES = "DATABASES"

_URL_CALLS = frozenset({"config", "parse", "dj_db_url"})
_READER_CALLS = frozenset({"db", "db_url", "db_url_config"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One database of one statement. `conditional`: it runs only in some cases; `named`: the value
    stands in another statement, under a name."""

    alias: str
    node: ast.expr
    statement: ast.stmt
    shape: Shape
    conditional: bool = False
    named: bool = False


def entries_in(project: Project, path: str, body: list[ast.stmt]) -> Iterator[Entry]:
    """The databases that a body of settings gives."""
    statements = list(statements_in(body))
    for statement, conditional in statements:
        for alias, node in _given(statement):
            named = isinstance(node, ast.Name)
            found = _named(node, statements) if isinstance(node, ast.Name) else node
            shape = _shape(project, path, found)
            yield Entry(alias, found, statement, shape, conditional, named)


def _given(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Each alias that an assignment gives a database, and its value."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return
    value = statement.value
    if DATABASES in bound_names(statement):
        yield from _in_value(value)
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        alias = _alias_of(statement.targets[0])
        if alias is not None:
            yield alias, value


def _in_value(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Dict):
        for key, inner in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, inner
    elif isinstance(value, ast.Call) and last_name(value.func) == "dict" and not value.args:
        yield from ((each.arg, each.value) for each in value.keywords if each.arg is not None)
    elif isinstance(value, ast.Call):
        yield "default", value


def _alias_of(target: ast.expr) -> str | None:
    """The alias of `DATABASES["alias"]`."""
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return None
    key = target.slice.value if isinstance(target.slice, ast.Constant) else None
    return key if target.value.id == DATABASES and isinstance(key, str) else None


def _named(node: ast.Name, statements: list[tuple[ast.stmt, bool]]) -> ast.expr:
    """The value of a name that the body binds once; the name itself otherwise."""
    found = [each for each, _ in statements if node.id in bound_names(each)]
    value = getattr(found[0], "value", None) if len(found) == 1 else None
    return value if isinstance(value, ast.expr) else node


def _shape(project: Project, path: str, node: ast.expr) -> Shape:
    if isinstance(node, ast.Dict):
        return "dict"
    if not isinstance(node, ast.Call):
        return "unread"
    name = _dotted(node.func)
    resolved = project.resolve(path, name, line=node.lineno) if name else None
    if last_name(node.func) == "dict" and not node.args:
        return "call"
    if (resolved or "").rpartition(".")[2] == "DatabaseURLValue":
        return "value"
    if resolved in ("dj_database_url.config", "dj_database_url.parse"):
        return "url"
    if last_name(node.func) in _READER_CALLS | _URL_CALLS:
        return _shape_of_reader(project, path, name, last_name(node.func))
    return "unread"


def _shape_of_reader(project: Project, path: str, name: str, method: str) -> Shape:
    """Of `env.db()` by what `env` is: django-environ's reader, or that of environs."""
    made = project.value_of(path, name.rpartition(".")[0]) if "." in name else None
    function = made.function if made is not None else None
    # An `env` that a star import brings in is told by its method: both libraries' are unlike.
    library = (project.resolve(path, function.name) or "") if function is not None else ""
    if method in _READER_CALLS and (not library or library.startswith("environ.")):
        return "reader"
    if method == "dj_db_url" and (not library or library.startswith("environs.")):
        return "url"
    return "unread"


def holds_secret(node: ast.expr) -> bool:
    """Whether a password may stand in it: under its name, or in a URL."""
    for each in walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            if "@" in each.value or "PASS" in each.value.upper():
                return True
        elif isinstance(each, ast.keyword) and "PASS" in (each.arg or "").upper():
            return True
    return False


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
