"""One object in a function: the paths that name it, what is stored to it, who only looks at it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from djfix.codemods.flow.names import Flow
from djfix.codemods.flow.uses import Use, aliases, uses_before
from djfix.codemods.inference.saving.saves import Save
from djfix.codemods.project.models import Field
from djfix.codemods.source.chains import Path

_TRACES = frozenset({"print", "str", "repr", "isinstance", "hasattr", "type", "id"})
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


def names_of(flow: Flow, path: Path, statements: Iterable[ast.stmt]) -> list[Path]:
    """The path and the other paths that name its object at these statements."""
    others = [
        item.path for at in statements for item in aliases(flow, path, at) if item.how != "call"
    ]
    return list(dict.fromkeys((path, *others)))


def collected(
    paths: Iterable[Path], own: frozenset[ast.AST], find: Callable[[Path], Iterable[Use]]
) -> tuple[Use, ...]:
    """The uses that `find` gives for each path, without the nodes of `own`, in their order."""
    found = {
        (use.node, use.kind): use for path in paths for use in find(path) if _counts(use, path, own)
    }
    return tuple(sorted(found.values(), key=lambda use: (use.point.index, use.moment)))


def _counts(use: Use, path: Path, own: frozenset[ast.AST]) -> bool:
    """Of a shorter path (`order` of `order.account`), only what hands the object on counts."""
    if use.node in own or use.kind == "rebind":
        return False
    return use.path == path or use.kind not in {"read", "store", "compare", "truth"}


def stored_before(flow: Flow, paths: Iterable[Path], save: Save) -> tuple[str, ...]:
    """The attributes assigned on a way from the object's binding to a save."""
    point = flow.graph.point_of(save.statement)
    found = [
        use
        for path in paths
        for use in uses_before(flow, point, path)
        if use.kind == "store" and use.path == path and use.attribute
    ]
    found.sort(key=lambda use: (use.point.index, use.moment))
    return tuple(dict.fromkeys(use.attribute for use in found if use.attribute))


def is_generated(field: Field) -> bool:
    """Whether the database computes the column from others."""
    return field.class_name.rpartition(".")[2] == "GeneratedField"


def is_trace(call: ast.Call) -> bool:
    """Whether a call only prints, logs or inspects what it is given."""
    if isinstance(call.func, ast.Name):
        return call.func.id in _TRACES
    return is_log(call)


def is_log(call: ast.Call) -> bool:
    """Whether a call logs what it is given."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in _LOGGING):
        return False
    root = call.func.value
    if isinstance(root, ast.Call):
        return ast.unparse(root.func) in {"getLogger", "logging.getLogger"}
    name = root.id.lower().strip("_") if isinstance(root, ast.Name) else ""
    return name in {"log", "logging"} or name.endswith("logger")
