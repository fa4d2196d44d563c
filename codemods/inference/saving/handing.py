"""Uses by which other code gets hold of an object, and those of them that do no harm."""

from __future__ import annotations

import ast
from collections.abc import Collection

from djfix.codemods.flow.uses import Use
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.values import Manager, ModelClass, QuerySet
from djfix.codemods.source.chains import Path, path_of
from djfix.codemods.source.walking import walk

HANDING = frozenset({"pass", "call", "alias", "capture", "yield", "iterate", "subscript", "other"})
HARMLESS_METHODS = frozenset({"refresh_from_db", "arefresh_from_db", "get_absolute_url"})


def is_harmless(inference: Inference, path: Path, use: Use, changed: Collection[str]) -> bool:
    """Whether a use of the object at `path` neither changes it nor keeps it where it is not seen.

    `changed` are the attributes whose value nobody else may read.
    """
    name = use.attribute or ""
    if use.kind == "call":
        shown = name.removeprefix("get_").removesuffix("_display")
        displays = name == f"get_{shown}_display" and shown not in changed
        return displays or name in HARMLESS_METHODS
    if use.kind == "alias":
        return _is_followed(inference, use)
    parent = inference.flow.parents.get(use.node)
    if isinstance(parent, ast.keyword):
        parent = inference.flow.parents.get(parent)
    if not isinstance(parent, ast.Call) or use.kind != "pass":
        return False
    if is_trace(parent):
        return True
    return _is_query(inference, parent) and not _is_reached_again(inference, path, use)


def _is_followed(inference: Inference, use: Use) -> bool:
    """Whether the alias is a name whose uses are the situation's own; members are not followed."""
    node, parents = use.node, inference.flow.parents
    while isinstance(parents.get(node), ast.BoolOp | ast.IfExp | ast.NamedExpr):
        node = parents[node]
    parent = parents.get(node)
    if parent is not None and isinstance(parents.get(parent), ast.ClassDef):
        return False
    if isinstance(parent, ast.AnnAssign):
        return path_of(parent.target) is not None
    if isinstance(parent, ast.Assign):
        return all(path_of(target) is not None for target in parent.targets)
    return isinstance(node, ast.NamedExpr) and isinstance(parent, ast.Expr | ast.If)


def _is_query(inference: Inference, call: ast.Call) -> bool:
    """Whether a manager, queryset or model class is called: these only keep the object."""
    if not isinstance(call.func, ast.Attribute):
        return isinstance(inference.value(call.func), ModelClass)
    return isinstance(inference.value(call.func.value), Manager | QuerySet)


def _is_reached_again(inference: Inference, path: Path, use: Use) -> bool:
    """Whether an attribute here may be what a query or model keeps the object under."""
    keyword = inference.flow.parents.get(use.node)
    if not isinstance(keyword, ast.keyword):
        return False
    return any(
        isinstance(node, ast.Attribute) and node.attr == keyword.arg and path_of(node) != path
        for node in walk(inference.function)
    )
