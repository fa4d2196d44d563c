"""Other objects and queries before a save that may be about the same row, or reach its object."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import uses_before
from djfix.codemods.inference.saving.callees import (
    ANY,
    ASSIGNING,
    DELETED,
    DELETING,
    UPDATING,
    Callees,
    is_side_of_key,
    looks_like_rows,
    models_written,
)
from djfix.codemods.inference.saving.handing import HANDING, is_harmless
from djfix.codemods.inference.saving.leading_back import is_related, line_leading_back
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.occurrences import Occurrence, is_rows
from djfix.codemods.inference.saving.saves import object_path, save_of
from djfix.codemods.inference.values import (
    Instance,
    Manager,
    ModelClass,
    Named,
    QuerySet,
    Unknown,
    Value,
)
from djfix.codemods.project.project import Project

_CREATING = frozenset(
    {
        *("create", "acreate", "get_or_create", "aget_or_create", "update_or_create"),
        *("aupdate_or_create", "add", "aadd", "set", "aset", "remove", "clear"),
    }
)
_CONTAINING = frozenset(
    {
        *("get", "pop", "setdefault", "update", "append", "add", "remove", "discard", "insert"),
        *(
            "extend",
            "index",
            "count",
            "format",
            "join",
            "encode",
            "startswith",
            "endswith",
            "getlist",
        ),
    }
)
"""Methods of what is not known that are almost always those of a list, dictionary or text."""
_OWN = frozenset({"save", "asave", "refresh_from_db", "arefresh_from_db", "full_clean", "delete"})


def are_written(occurrence: Occurrence) -> Iterator[Reason]:
    """The save of all columns wrote over what another query of this function wrote."""
    for call in occurrence.calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        method, value = call.func.attr, occurrence.value_of(call.func.value)
        unknown = isinstance(value, Unknown) and looks_like_rows(call.func.value)
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


def are_written_elsewhere(occurrence: Occurrence) -> Iterator[Reason]:
    """As `are_written`, by functions that are called here, or by code that is not known."""
    callees = occurrence.project.shared(Callees)
    for call in occurrence.calls:
        if _is_of_object(occurrence, call):
            continue
        written = set(callees.written_by(occurrence.inference, call))
        for name in _handed_functions(occurrence, call):
            written |= callees.written_by_function(name)
        written.update({ANY} & set(models_written(occurrence.inference, call)))
        label, name = occurrence.model.label, ast.unparse(call.func)[:60]
        if any(each == ANY or is_related(occurrence, each, occurrence.model.name)
               for each in written):  # fmt: skip
            text = f"line {call.lineno} runs {name}(), which may write to the same {label}"
            yield Reason("updated-besides", text)
        elif any(each[1:] in _takers(occurrence) for each in written if each.startswith(DELETED)):
            text = f"line {call.lineno} runs {name}(), which may delete what the row refers to"
            yield Reason("deleted", text)
        elif _is_unknown_with_key(occurrence, call):
            text = f"line {call.lineno} gives the key to {name}(), which is not known"
            yield Reason("updated-besides", text)


def _handed_functions(occurrence: Occurrence, call: ast.Call) -> Iterator[str]:
    """Functions that a call is given, and may call: `map(touch, rows)`."""
    if occurrence.inference.resolve(call.func) == "django.db.transaction.on_commit":
        return
    for given in (*call.args, *(item.value for item in call.keywords)):
        named = isinstance(given, ast.Name | ast.Attribute)
        resolved = occurrence.inference.resolve(given) if named else None
        if resolved is not None:
            yield resolved


def _is_of_object(occurrence: Occurrence, call: ast.Call) -> bool:
    """Whether a call is a method of the object itself, which other guards look at, or of a value
    that it has: `order.paper.save(...)` of a file."""
    path = object_path(call.func.value) if isinstance(call.func, ast.Attribute) else None
    names = {use.path for use in occurrence.before} | {occurrence.path}
    if path is None or path in names:
        return path is not None
    assert isinstance(call.func, ast.Attribute)
    is_value = isinstance(occurrence.value_of(call.func.value), Unknown)
    return is_value and any(path[: len(name)] == name for name in names)


def _is_unknown_with_key(occurrence: Occurrence, call: ast.Call) -> bool:
    """A callback or a method of an unknown object that is told which row this is."""
    function = call.func
    resolved = occurrence.inference.resolve(function)
    if is_trace(call) or (resolved and not _is_of_own_variable(occurrence.project, resolved)):
        return False
    if isinstance(function, ast.Attribute) and function.attr in _CONTAINING:
        return False
    owner = function.value if isinstance(function, ast.Attribute) else function
    if not isinstance(occurrence.value_of(owner), Unknown | Named):
        return False
    given = [*call.args, *(item.value for item in call.keywords)]
    inside = [part for each in given for part in _parts(each)]
    return any(object_path(item) in occurrence.keys for item in inside)


_SENDING = frozenset({"delay", "apply_async", "s", "si", "signature", "subtask"})
"""Methods of tasks that run nothing here."""


def _is_of_own_variable(project: Project, resolved: str) -> bool:
    """Whether a name is a method of something that a module of the project binds: a signal's
    `send`, a task's `apply`."""
    owner, _, method = resolved.rpartition(".")
    module, _, name = owner.rpartition(".")
    path = project.path_of(module)
    if path is None or project.path_of(owner) is not None or method in _SENDING:
        return False
    return bool(name) and project.class_named(owner) is None


def _parts(given: ast.expr) -> list[ast.expr]:
    """An argument, and what stands in it where it is a list or dictionary."""
    match given:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [given, *parts]
        case ast.Dict(values=parts):
            return [given, *parts]
    return [given]


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
    takers = _takers(occurrence)
    return None in takers or any(
        is_related(occurrence, value.model, target) for target in takers if target
    )


def _takers(occurrence: Occurrence) -> frozenset[str | None]:
    """The models whose rows take the row along, over any number of keys; None: not all known."""
    found: set[str | None] = set()
    waiting: list[str | None] = [occurrence.model.name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        model = occurrence.project.model(name, partial=True) if name else None
        fields = model.fields.values() if model is not None else ()
        relations = [field.relation for field in fields if field.relation is not None]
        known = [each for each in relations if each.target or name == occurrence.model.name]
        waiting.extend(each.target for each in known)
    return frozenset(found)


def may_reach_it(occurrence: Occurrence) -> Iterator[Reason]:
    """Objects that hold this one at the other end of a relation, and run code of their own."""
    for call in occurrence.calls:
        if _creates_with_code(occurrence, call) or _uses_a_holder(occurrence, call):
            text = f"line {call.lineno} runs code of an object that holds {occurrence.target}"
            yield Reason("related-holder", text)
    for source in occurrence.source():
        yield from _of_owner(occurrence, source)
    line = line_leading_back(occurrence)
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
    holds = any(object_path(item) in names for item in given)
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
