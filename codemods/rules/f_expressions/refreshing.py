"""Whether the changed attribute is looked at once it is saved, and must be read again."""

from __future__ import annotations

import ast

from djfix.codemods.flow.graph import Graph
from djfix.codemods.flow.points import Point
from djfix.codemods.flow.uses import Use, uses
from djfix.codemods.inference.saving.rows_back import is_asked_at_once
from djfix.codemods.inference.saving.saves import Save
from djfix.codemods.project.databases import SQLITE
from djfix.codemods.rules.f_expressions.conditions import blocks_of
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.source.walking import walk

_RETURNING = frozenset({"django.db.backends.postgresql", SQLITE})
"""Engines on which Django 6.0 and later read the new value back from the save itself."""

_SHARING = frozenset({"pass", "alias", "capture", "yield", "other"})
"""Uses by which something else holds the object from then on."""


def needs_refresh(situation: Situation) -> bool:
    """Up to Django 5.2 the attribute stays an expression, and a second save adds it again."""
    if not is_seen_after(situation):
        return False
    project = situation.inference.project
    engines = project.settings.databases
    returning = bool(engines) and all(engine in _RETURNING for engine in engines.values())
    return not (returning and project.versions.django.minimum >= (6, 0))


def is_seen_after(situation: Situation) -> bool:
    """Whether anybody looks at the changed attribute once it is saved."""
    if _is_refreshed(situation):
        return False
    earlier = (*situation.before, *situation.between)
    if situation.value.outlives or any(use.kind in _SHARING for use in earlier):
        return True
    if is_saved_again(situation) or any(_keeps_it(situation, use) for use in earlier):
        return True
    return any(situation.shows(use) or use.kind not in {"read", "store"} for use in situation.after)


def _keeps_it(situation: Situation, use: Use) -> bool:
    """Whether what an attribute gave holds the object: the rows of a relation lead back to it, a
    method that is kept (`show = x.__str__`) is called later."""
    name = use.attribute
    if use.kind != "read" or name is None or name in {"pk", "_meta", "_state", *situation.changed}:
        return False
    field = situation.model.field(name)
    if field is not None:
        is_one = field.relation is not None and field.relation.kind == "one-to-one"
        return is_one and not isinstance(situation.flow.parents.get(use.node), ast.Attribute)
    if name in situation.model.properties:
        return False
    return not is_asked_at_once(situation.flow.parents, use.node)


def is_saved_again(situation: Situation) -> bool:
    """Whether a save may follow another without a new change: it would add the amount again."""
    graph = situation.flow.graph
    saves = {graph.point_of(save.statement) for save in situation.saves}
    bound = {use.point for use in uses(situation.flow, situation.path) if use.kind == "rebind"}
    for field in {change.field for change in situation.changes}:
        of_field = (change for change in situation.changes if change.field == field)
        renewed = bound | {graph.point_of(change.statement) for change in of_field}
        if any(saves & _reached(graph, save, renewed) for save in saves):
            return True
    return False


def _reached(graph: Graph, start: Point, ends: set[Point]) -> frozenset[Point]:
    return graph.reachable(start, through=lambda point: point not in ends)


def _is_refreshed(situation: Situation) -> bool:
    """Whether every save is directly followed by a `refresh_from_db()` of the object."""
    following = [_following(situation, save) for save in situation.saves]
    return all(_refreshes(situation, item) for item in following)


def _following(situation: Situation, save: Save) -> ast.stmt | None:
    for _, block in blocks_of(situation.function):
        if save.statement in block:
            index = block.index(save.statement)
            return block[index + 1] if index + 1 < len(block) else None
    return None


def _refreshes(situation: Situation, statement: ast.stmt | None) -> bool:
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    wanted = f"{situation.target}.refresh_from_db"
    fields = next((item.value for item in call.keywords if item.arg == "fields"), None)
    if ast.unparse(call.func) != wanted or call.args:
        return False
    if fields is None:
        return True
    listed = {node.value for node in walk(fields) if isinstance(node, ast.Constant)}
    return {change.field for change in situation.changes} <= listed
