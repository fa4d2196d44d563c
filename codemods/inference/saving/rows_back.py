"""Code of the project that goes from rows of an object's relation back to the object itself.

`for item in order.items.all(): f"{item}"` runs the item's `__str__`, whose `self.order` is the very
`order` (django.db.models.fields.related_descriptors): what is assigned to it there, a save of all
columns wrote.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from djfix.codemods.flow.uses import Use
from djfix.codemods.inference.saving.callees import Callees
from djfix.codemods.inference.saving.effects import IMPLICIT, stored_by_member
from djfix.codemods.inference.saving.leading_back import comes_of
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.source.walking import children, walk

if TYPE_CHECKING:
    from djfix.codemods.project.models import Model, ReverseRelation
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.definitions import FunctionNode

WITHOUT_OBJECTS = frozenset(
    {
        "count",
        "exists",
        "aggregate",
        "values",
        "values_list",
        "update",
        "delete",
        "get_absolute_url",
    }
)
"""Methods of rows that give no objects, and one of an object that gives a text."""


def line_of_rows(occurrence: Occurrence) -> int:
    """The line that asks for rows of a relation whose code, or other code that they are handed to,
    may go back to the object; 0 if there is none."""
    for use in occurrence.before:
        relation = _asked_for(occurrence, use)
        if relation is not None and _may_go_back(occurrence, relation):
            return use.point.line
    return 0


def _asked_for(occurrence: Occurrence, use: Use) -> ReverseRelation | None:
    if use.kind != "read" or not use.attribute or use.path != occurrence.path:
        return None
    relation = occurrence.model.reverse_named(use.attribute)
    if relation is None or relation.kind == "many-to-many":
        return None
    return None if is_asked_at_once(occurrence.inference.flow.parents, use.node) else relation


def is_asked_at_once(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> bool:
    """Whether rows are only counted or given as values: `x.items.filter(...).count()`."""
    last = ""
    while isinstance(parents.get(node), ast.Attribute | ast.Call):
        node = parents[node]
        last = node.attr if isinstance(node, ast.Attribute) else last
    return last in WITHOUT_OBJECTS


def _may_go_back(occurrence: Occurrence, relation: ReverseRelation) -> bool:
    if _goes_back_unseen(occurrence.project, relation):
        return True
    callees = occurrence.project.shared(Callees)
    return any(
        _is_handed_rows(occurrence, relation, call)
        and callees.mentions(occurrence.inference, call, {relation.field})
        for call in occurrence.calls
        if not is_trace(call)
    )


def _is_handed_rows(occurrence: Occurrence, relation: ReverseRelation, call: ast.Call) -> bool:
    given = [*call.args, *(item.value for item in call.keywords)]
    if isinstance(call.func, ast.Attribute):
        given.append(call.func.value)
    return any(comes_of(occurrence, each, relation.accessor) for each in given)


def _goes_back_unseen(project: Project, relation: ReverseRelation) -> bool:
    """Whether a property of the rows, or what runs where no call is written, does more with the
    object than to look at it."""
    model = project.model(relation.model, partial=True)
    if model is None:
        return False
    named = [model.methods.get(name) or model.overrides.get(name) for name in IMPLICIT]
    for info in (*model.properties.values(), *named):
        if info is None or info.path is None:
            continue
        function = project.files.document(info.path).function_at(info.line)
        if function is not None and _does_more(project, relation, function):
            return True
    return False


def _does_more(project: Project, relation: ReverseRelation, function: FunctionNode) -> bool:
    parents = {child: node for node in walk(function) for child in children(node)}
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == relation.field
        and not _is_looked_at(project, relation, node, parents)
        for node in walk(function)
    )


def _is_looked_at(
    project: Project,
    relation: ReverseRelation,
    node: ast.Attribute,
    parents: dict[ast.AST, ast.AST],
) -> bool:
    parent = parents.get(node)
    match parent:
        case ast.FormattedValue() | ast.Compare() | ast.BinOp():
            return True
        case ast.Call() if is_trace(parent):
            return True
        case ast.Attribute(attr=name, ctx=ast.Load()):
            call = parents.get(parent)
            is_called = isinstance(call, ast.Call) and call.func is parent
            target = _target(project, relation)
            shows = name.startswith("get_") and name.endswith("_display")
            return (
                shows
                or not is_called
                or (target is not None and stored_by_member(project, target, name) == frozenset())
            )
    return False


def _target(project: Project, relation: ReverseRelation) -> Model | None:
    model = project.model(relation.model, partial=True)
    field = model.field(relation.field) if model is not None else None
    target = field.relation.target if field is not None and field.relation is not None else None
    return project.model(target, partial=True) if target else None
