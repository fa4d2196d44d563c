"""Passwords and keys that stand in the settings' source. Their values are never carried along."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.project.deployment import bound_names
from djfix.codemods.source.walking import walk

_NAME = re.compile(
    r"(?:.*_)?(?:SECRET|SECRET_KEY|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|PRIVATE_KEY|AUTH_TOKEN"
    r"|ACCESS_TOKEN|API_TOKEN|DSN)"
)
"""Names whose value is a secret. Narrower than what is hidden in output: a finding costs a look."""

_CREDENTIALS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/@:]*:[^\s/@{]+@")
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|<.*>|\$\{.*\}|%\(.*\)s|x{3,}|\*+")


_READERS = frozenset({"environ.get", "getenv", "env", "env.str", "env.get_value", "config"})


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands: the name it goes by, and the literal. `is_default`: of a variable."""

    name: str
    node: ast.Constant
    is_default: bool = False


def secrets_in(statement: ast.stmt) -> Iterator[Secret]:
    """The secrets of one assignment: its own value, and entries of dicts in it."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return
    for name in bound_names(statement):
        yield from _of_value(name, statement.value)
        for node in walk(statement.value):
            if isinstance(node, ast.Dict):
                yield from _in_dict(name, node)


def _in_dict(outer: str, node: ast.Dict) -> Iterator[Secret]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            for found in _of_value(key.value, value):
                yield Secret(f"{outer}[{key.value!r}]", found.node, found.is_default)


def _of_value(name: str, value: ast.expr) -> Iterator[Secret]:
    if _is_secret(name, value):
        assert isinstance(value, ast.Constant)
        yield Secret(name, value)
    elif isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Constant):
        defaults = [each.value for each in value.keywords if each.arg == "default"]
        for default in [*(value.args[1:2] if _takes_default(value) else []), *defaults]:
            if _is_secret(name, default):
                assert isinstance(default, ast.Constant)
                yield Secret(name, default, is_default=True)


def _takes_default(call: ast.Call) -> bool:
    """Whether the second argument is what a variable that is not set is taken for: that of
    `config.get("django", "secret")` is the name of an option."""
    return ast.unparse(call.func).rpartition("os.")[2] in _READERS


def _is_secret(name: str, node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    if not node.value.strip() or _PLACEHOLDER.fullmatch(node.value.strip()):
        return False
    return _NAME.fullmatch(name.upper()) is not None or bool(_CREDENTIALS.search(node.value))
