"""Objects out of a list that is looked at before: other code here may have changed them as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import Use, uses
from djfix.codemods.rules.f_expressions.situation import Situation, is_trace

_CHANGING = frozenset({"store", "call", "pass", "alias", "capture", "yield", "subscript", "other"})
_MEMBERS = frozenset({"first", "afirst"})
_LOOKING = frozenset({"len", "bool", "any", "all", "sum"})


def is_member_of_used_list(situation: Situation) -> Iterator[Reason]:
    """`for x in rows: x.note = ...` and then `for y in rows: y.n += 1`: these are one object."""
    flow, graph = situation.flow, situation.flow.graph
    changes = {graph.point_of(change.statement) for change in situation.changes}
    for source in _lists_of(situation):
        for use in uses(flow, (source.id,)):
            named = use.node.value if isinstance(use.node, ast.Attribute) else use.node
            if named is source or not changes & graph.reachable(use.point):
                continue
            if _hands_members(situation, use):
                text = f"line {use.point.line} uses members of {source.id} before the save"
                yield Reason("handed-over", text)
                return


def _lists_of(situation: Situation) -> Iterator[ast.Name]:
    """The names of the lists or querysets that the object may be a member of."""
    for change in situation.changes:
        for definition in situation.flow.reaching(situation.path[0], change.statement):
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


def _hands_members(situation: Situation, use: Use) -> bool:
    parent = situation.flow.parents.get(use.node)
    match use.kind:
        case "call":
            return use.attribute in _MEMBERS
        case "iterate":
            return _changes_members(situation, parent)
        case "pass":
            return not (isinstance(parent, ast.Call) and _only_looks(parent))
        case "alias" | "capture" | "subscript" | "yield" | "other":
            return True
    return False


def _only_looks(call: ast.Call) -> bool:
    return is_trace(call) or (isinstance(call.func, ast.Name) and call.func.id in _LOOKING)


def _changes_members(situation: Situation, loop: ast.AST | None) -> bool:
    """Whether a loop, or what a comprehension makes of each member, does more than read."""
    if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name):
        of_member = uses(situation.flow, (loop.target.id,))
        inside = set(ast.walk(loop))
        return any(use.kind in _CHANGING for use in of_member if use.node in inside)
    if isinstance(loop, ast.comprehension):
        owner = situation.flow.parents.get(loop)
        parts = ast.walk(owner) if owner is not None else ()
        return any(isinstance(node, ast.Call) for node in parts)
    return True
