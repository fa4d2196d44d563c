"""How settings turn a variable's text into true or false, and what holds when it is not set."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

TRUE_WORDS = ("1", "true", "yes", "on")
"""What the rewritten setting takes for true, in any case; everything else is false."""

_READS = frozenset({"os.environ.get", "os.getenv"})


@dataclass(frozen=True, slots=True)
class AnyText:
    """A variable of which any text counts as true, "False" and "0" among them.

    `default`: whether it is true while the variable is not set.
    """

    variable: str
    default: bool


def any_text(project: Project, path: str, node: ast.expr) -> AnyText | None:
    """`os.environ.get("DEBUG", False)` or `bool(os.environ.get("DEBUG"))`; None for others."""
    call = node
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "bool":
        call = call.args[0] if len(call.args) == 1 and not call.keywords else call
    if not isinstance(call, ast.Call) or call.keywords or not 1 <= len(call.args) <= 2:
        return None
    name, *rest = call.args
    variable = name.value if isinstance(name, ast.Constant) else None
    if _resolved(project, path, call) not in _READS or not isinstance(variable, str):
        return None
    if rest and not isinstance(rest[0], ast.Constant):
        return None
    default = bool(rest[0].value) if rest and isinstance(rest[0], ast.Constant) else False
    return AnyText(variable, default)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _resolved(project: Project, path: str, call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Name | ast.Attribute):
        return None
    return project.resolve(path, ast.unparse(call.func), line=call.lineno)


def true_by_default(node: ast.expr) -> bool:
    """Whether an expression that reads the environment is true while nothing is set there.

    False where that is not certain: behind a `not`, or compared with another word.
    """
    if any(_negates(each) for each in walk(node)):
        return False
    if any(isinstance(each, ast.Compare) and not _names_true(each) for each in walk(node)):
        return False
    calls = [each for each in walk(node) if isinstance(each, ast.Call)]
    return any(_has_true_default(each) for each in calls)


def _negates(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(isinstance(each, ast.NotEq | ast.NotIn) for each in node.ops)
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _names_true(node: ast.Compare) -> bool:
    constants = (each for each in walk(node.comparators[0]) if isinstance(each, ast.Constant))
    return any(str(each.value).lower() in TRUE_WORDS for each in constants)


def _has_true_default(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    defaults = [each.value for each in call.keywords if each.arg == "default"]
    if name == "BooleanValue":
        defaults += call.args[:1]
    elif call.args and _is_text(call.args[0]):
        defaults += call.args[1:2]
    constants = [each.value for each in defaults if isinstance(each, ast.Constant)]
    return any(str(each).lower() in TRUE_WORDS for each in constants)
