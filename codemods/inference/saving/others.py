"""Other objects and queries before a save that may be about the same row, or reach its object."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import uses_before
from djfix.codemods.inference.saving.callees import (
    ASSIGNING,
    DELETING,
    UPDATING,
    is_side_of_key,
    looks_like_rows,
)
from djfix.codemods.inference.saving.elsewhere import is_of_object, takers
from djfix.codemods.inference.saving.handing import HANDING, is_harmless
from djfix.codemods.inference.saving.leading_back import is_related, line_leading_back
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.occurrences import Occurrence, is_rows
from djfix.codemods.inference.saving.rows_back import line_of_rows
from djfix.codemods.inference.saving.saves import save_of
from djfix.codemods.inference.values import (
    Instance,
    Manager,
    ModelClass,
    QuerySet,
    Unknown,
    Value,
)
from djfix.codemods.source.chains import path_of

_CREATING = frozenset(
    {
        *("create", "acreate", "get_or_create", "aget_or_create", "update_or_create"),
        *("aupdate_or_create", "add", "aadd", "set", "aset", "remove", "clear"),
    }
)
_OWN = frozenset({"save", "asave", "refresh_from_db", "arefresh_from_db", "full_clean", "delete"})


def are_written(occurrence: Occurrence) -> Iterator[Reason]:
    """The save of all columns wrote over what another query of this function wrote."""
    for call in occurrence.calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        method, value = call.func.attr, occurrence.value_of(call.func.value)
        unknown = isinstance(value, Unknown) and _may_be_rows(occurrence, call, call.func)
        if not unknown and not _is_of_model(occurrence, value):
            continue
        queries = (is_rows(value) or unknown) and method in UPDATING
        if isinstance(value, Manager) and method in ASSIGNING:
            queries = is_side_of_key(occurrence.project, value)
        saves = isinstance(value, Instance) and method in {"save", "asave"}
        if queries or (saves and not _saves_the_same(occurrence, call)):
            label = occurrence.model.label
            text = f"line {call.lineno} writes to {label} besides, perhaps to the same row"
            yield Reason("updated-besides", text)


def _may_be_rows(occurrence: Occurrence, call: ast.Call, function: ast.Attribute) -> bool:
    """Whether a method of something unknown is likely one of rows: by how that is written, or
    because no dictionary has such a method, or is given such names."""
    if looks_like_rows(function.value) or function.attr in UPDATING - {"update"}:
        return True
    if call.args or is_of_object(occurrence, call):
        return False
    names = [each.arg for each in call.keywords]
    return any(each is None or occurrence.model.field(each) is not None for each in names)


def _saves_the_same(occurrence: Occurrence, call: ast.Call) -> bool:
    """The same object, or another that is assigned the same columns: the later one wins."""
    statement = occurrence.inference.flow.parents.get(call)
    if isinstance(statement, ast.Await):
        statement = occurrence.inference.flow.parents.get(statement)
    save = save_of(statement) if isinstance(statement, ast.stmt) else None
    if save is None:
        return False
    if save.path in {use.path for use in occurrence.before} | {occurrence.path}:
        return True
    flow = occurrence.inference.flow
    found = uses_before(flow, flow.graph.point_of(save.statement), save.path)
    stored = {use.attribute for use in found if use.kind == "store" and use.path == save.path}
    return stored == set(occurrence.stored)


def _is_of_model(occurrence: Occurrence, value: Value) -> bool:
    if not isinstance(value, Instance | Manager | QuerySet):
        return False
    return is_related(occurrence, value.model, occurrence.model.name)


def may_delete(occurrence: Occurrence) -> Iterator[Reason]:
    """A save of all columns brings a deleted row back; one of some columns fails."""
    for call in occurrence.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in DELETING:
            continue
        value = occurrence.value_of(call.func.value)
        if isinstance(value, Unknown) and (call.args or call.keywords):
            continue
        if isinstance(value, Unknown) or _takes_along(occurrence, value):
            text = f"line {call.lineno} may delete the row, which the save would bring back"
            yield Reason("deleted", text)


def _takes_along(occurrence: Occurrence, value: Value) -> bool:
    """Whether deleting this may delete the row: it is of the model, or the model refers to it."""
    if not isinstance(value, Instance | Manager | QuerySet):
        return False
    taking = takers(occurrence)
    return None in taking or any(
        is_related(occurrence, value.model, target) for target in taking if target
    )


def may_reach_it(occurrence: Occurrence) -> Iterator[Reason]:
    """Objects that hold this one at the other end of a relation, and run code of their own."""
    for call in occurrence.calls:
        if _creates_with_code(occurrence, call) or _uses_a_holder(occurrence, call):
            text = f"line {call.lineno} runs code of an object that holds {occurrence.target}"
            yield Reason("related-holder", text)
    for source in occurrence.source():
        yield from _of_owner(occurrence, source)
    line = line_leading_back(occurrence) or line_of_rows(occurrence)
    if line:
        text = f"line {line} uses an object of a relation, which may be {occurrence.target} itself"
        yield Reason("related-holder", text)


def _creates_with_code(occurrence: Occurrence, call: ast.Call) -> bool:
    """`Item.objects.create(order=x)`: the item's `save()` and receivers find `x` itself."""
    value, model = _made_by(occurrence, call)
    if model is None:
        return False
    given = [*call.args, *(item.value for item in call.keywords)]
    names = {use.path for use in occurrence.before} | {occurrence.path}
    holds = any(path_of(item) in names for item in given)
    owned = isinstance(value, Manager | QuerySet) and bool(value.owner)
    return (holds or owned) and _has_code(occurrence, model)


def _made_by(occurrence: Occurrence, call: ast.Call) -> tuple[Value, str | None]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _CREATING:
        value = occurrence.value_of(call.func.value)
        if isinstance(value, Manager | QuerySet):
            return value, value.model
    value = occurrence.value_of(call.func)
    return value, value.model if isinstance(value, ModelClass) else None


def _has_code(occurrence: Occurrence, name: str) -> bool:
    """Whether saving or making such an object runs code of the project."""
    project = occurrence.project
    model = project.model(name, partial=True)
    if model is None or model.unknown_bases:
        return True
    own = [each for each in model.overrides.values() if each.path is not None]
    return bool(own) or bool(
        project.receivers(model.name, ("pre_save", "post_save", "pre_init", "post_init"))
    )


def _uses_a_holder(occurrence: Occurrence, call: ast.Call) -> bool:
    """A method of, or a call with, an object that a relation of this one gave, or that was made."""
    if isinstance(call.func, ast.Attribute):
        value = occurrence.value_of(call.func.value)
        if _is_holder(occurrence, value) and isinstance(value, Instance):
            return call.func.attr not in _OWN or _has_code(occurrence, value.model)
    if is_trace(call) or _is_query(occurrence, call):
        return False
    given = [*call.args, *(item.value for item in call.keywords)]
    return any(_is_holder(occurrence, occurrence.value_of(item)) for item in given)


def _is_query(occurrence: Occurrence, call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and is_rows(occurrence.value_of(function.value))


def _is_holder(occurrence: Occurrence, value: Value) -> bool:
    if not isinstance(value, Instance):
        return False
    if value.owner and is_related(occurrence, value.owner, occurrence.model.name):
        return True
    model = occurrence.project.model(value.model, partial=True)
    made = value.origin in {"new", "create", "get-or-create"}
    if not made or model is None:
        return False
    targets = {field.relation.target for field in model.fields.values() if field.relation}
    return occurrence.model.name in targets or None in targets


def _of_owner(occurrence: Occurrence, source: ast.expr) -> Iterator[Reason]:
    """`for item in order.items.all()`: other code that has `order` may have its items, too."""
    value = occurrence.value_of(source)
    if not (isinstance(value, Manager | QuerySet) and value.related):
        return
    root = _root(source)
    if root is None or not isinstance(occurrence.value_of(root), Instance):
        return
    flow, name = occurrence.inference.flow, root.id
    point = flow.graph.point_of(occurrence.save.statement)
    for use in uses_before(flow, point, (name,)):
        if use.kind in HANDING and not is_harmless(occurrence.inference, use.path, use, ()):
            text = f"line {use.point.line} hands {name} to other code, which may reach its objects"
            yield Reason("handed-over", text)


def _root(expression: ast.expr) -> ast.Name | None:
    while isinstance(expression, ast.Attribute | ast.Call | ast.Subscript):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return expression if isinstance(expression, ast.Name) else None
