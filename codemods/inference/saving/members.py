"""Objects out of a list that is looked at before: other code here may have changed them as well."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from djfix.codemods.flow.uses import Use, uses
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.source.chains import Path
from djfix.codemods.source.walking import walk

_CHANGING = frozenset({"store", "call", "pass", "alias", "capture", "yield", "subscript", "other"})
_MEMBERS = frozenset({"first", "afirst"})
_LOOKING = frozenset({"len", "bool", "any", "all", "sum"})


def use_of_its_list(
    inference: Inference, path: Path, statements: Collection[ast.stmt]
) -> tuple[Use, str] | None:
    """`for x in rows: x.note = ...` and then `for y in rows: y.n += 1`: these are one object.

    The first use, from which one of the statements can be reached, of a list that the object may
    be a member of; and the list's name.
    """
    flow, graph = inference.flow, inference.flow.graph
    changes = {graph.point_of(statement) for statement in statements}
    for source in _lists_of(inference, path, statements):
        for use in uses(flow, (source.id,)):
            named = use.node.value if isinstance(use.node, ast.Attribute) else use.node
            if named is source or not changes & graph.reachable(use.point):
                continue
            if _hands_members(inference, use):
                return use, source.id
    return None


def _lists_of(
    inference: Inference, path: Path, statements: Iterable[ast.stmt]
) -> Iterator[ast.Name]:
    """The names of the lists or querysets that the object may be a member of."""
    for statement in statements:
        for definition in inference.flow.reaching(path[0], statement):
            value = definition.value
            if isinstance(value, ast.Subscript):
                value = value.value
            elif isinstance(value, ast.Call) and _method(value) in _MEMBERS:
                assert isinstance(value.func, ast.Attribute)
                value = value.func.value
            elif definition.kind != "for":
                continue
            if isinstance(value, ast.Name):
                yield value


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _hands_members(inference: Inference, use: Use) -> bool:
    parent = inference.flow.parents.get(use.node)
    match use.kind:
        case "call":
            return use.attribute in _MEMBERS
        case "iterate":
            return _changes_members(inference, parent)
        case "pass":
            return not (isinstance(parent, ast.Call) and _only_looks(parent))
        case "alias" | "capture" | "subscript" | "yield" | "other":
            return True
    return False


def _only_looks(call: ast.Call) -> bool:
    return is_trace(call) or (isinstance(call.func, ast.Name) and call.func.id in _LOOKING)


def _changes_members(inference: Inference, loop: ast.AST | None) -> bool:
    """Whether a loop, or what a comprehension makes of each member, does more than read."""
    if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name):
        of_member = uses(inference.flow, (loop.target.id,))
        inside = set(walk(loop))
        return any(use.kind in _CHANGING for use in of_member if use.node in inside)
    if isinstance(loop, ast.comprehension):
        owner = inference.flow.parents.get(loop)
        parts = walk(owner) if owner is not None else ()
        return any(isinstance(node, ast.Call) for node in parts)
    return True
