"""What functions that run before a save, and code that is not known, may do to its row."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.saving.callees import (
    ANY,
    DELETED,
    UPDATING,
    Callees,
    models_written,
)
from djfix.codemods.inference.saving.implicit import Implicit, members_run
from djfix.codemods.inference.saving.leading_back import is_related
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.inference.saving.unknown_code import is_unknown
from djfix.codemods.inference.transactions import transaction_around
from djfix.codemods.inference.values import Named, Unknown
from djfix.codemods.project.project import Project
from djfix.codemods.source.chains import path_of

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

_SENDING = frozenset({"delay", "apply_async", "s", "si", "signature", "subtask"})
"""Methods of tasks that run nothing here."""


def are_written_elsewhere(occurrence: Occurrence) -> Iterator[Reason]:
    """As `are_written`, by functions that are called here, or by code that is not known."""
    callees = occurrence.project.shared(Callees)
    for call in occurrence.calls:
        if is_of_object(occurrence, call):
            continue
        written = set(callees.written_by(occurrence.inference, call))
        for name in (*_handed_functions(occurrence, call), *_unwritten(occurrence, call)):
            written |= callees.written_by_function(name)
        written.update({ANY} & set(models_written(occurrence.inference, call)))
        name = ast.unparse(call.func)[:60]
        reason = _of_written(occurrence, written, f"line {call.lineno} runs {name}()")
        if reason is not None:
            yield reason
        elif _is_unknown_with_key(occurrence, call):
            text = f"line {call.lineno} gives the key to {name}(), which is not known"
            yield Reason("updated-besides", text)
        elif _is_told_besides(occurrence, call):
            continue
        elif is_unknown(occurrence.inference, call):
            text = f"line {call.lineno} runs {name}(): what that does is not known"
            yield Reason("unknown-code", text)
        elif callees.runs_unknown(occurrence.inference, call):
            text = f"line {call.lineno} runs {name}(), which runs code that is not known"
            yield Reason("unknown-code", text)


def are_written_unseen(occurrence: Occurrence) -> Iterator[Reason]:
    """As `are_written`, by what runs where no call is written: the text of a value, a property."""
    known = occurrence.project.shared(Implicit)
    for line, member in members_run(occurrence):
        written = known.written_by(member)
        name = f"{member.cls.rpartition('.')[2]}.{member.name}".lstrip(".")
        reason = _of_written(occurrence, written, f"line {line} may run {name}")
        if reason is not None:
            yield reason


def _of_written(occurrence: Occurrence, written: Iterable[str], what: str) -> Reason | None:
    """What code that is run, as `what` says, does to the row by what it writes."""
    if _writes_any(occurrence, written):
        text = f"{what}, which may write to the same {occurrence.model.label}"
        return Reason("updated-besides", text)
    if _takes_any(occurrence, written):
        return Reason("deleted", f"{what}, which may delete what the row refers to")
    return None


def _writes_any(occurrence: Occurrence, written: Iterable[str]) -> bool:
    own = occurrence.model.name
    return any(each == ANY or is_related(occurrence, each, own) for each in written)


def _is_told_besides(occurrence: Occurrence, call: ast.Call) -> bool:
    """Whether another guard speaks of a call: it updates rows, or is handed the object."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in UPDATING:
        return True
    names = {use.path for use in occurrence.before} | {occurrence.path}
    given = (*call.args, *(item.value for item in call.keywords))
    return any(path_of(each) in names for each in given)


def _takes_any(occurrence: Occurrence, written: Iterable[str]) -> bool:
    """Whether the row may go with what is deleted."""
    deleted = {each[1:] for each in written if each.startswith(DELETED)}
    taking = takers(occurrence) if deleted else frozenset()
    return bool(deleted) and (None in taking or not taking.isdisjoint(deleted))


def _handed_functions(occurrence: Occurrence, call: ast.Call) -> Iterator[str]:
    """Functions that a call is given, and may call: `map(touch, rows)`."""
    inference = occurrence.inference
    is_later = inference.resolve(call.func) == "django.db.transaction.on_commit"
    if is_later and transaction_around(inference.project, inference.document, call):
        return
    for given in (*call.args, *(item.value for item in call.keywords)):
        named = isinstance(given, ast.Name | ast.Attribute)
        resolved = occurrence.inference.resolve(given) if named else None
        if resolved is not None:
            yield resolved


def _unwritten(occurrence: Occurrence, call: ast.Call) -> Iterator[str]:
    """What runs of an object made here without a call: `with Lock():`, `for x in Rows():`."""
    name = occurrence.inference.resolve(call.func)
    info = occurrence.project.class_named(name) if name is not None else None
    if info is None or info.facts is None:
        return
    for each in info.facts.methods:
        if each.is_property or (each.name.startswith("__") and each.name.endswith("__")):
            yield f"{info.name}.{each.name}"


def is_of_object(occurrence: Occurrence, call: ast.Call) -> bool:
    """Whether a call is a method of the object itself, which other guards look at, or of a value
    that it has: `order.paper.save(...)` of a file."""
    path = path_of(call.func.value) if isinstance(call.func, ast.Attribute) else None
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
    return any(path_of(item) in occurrence.keys for item in inside)


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


def takers(occurrence: Occurrence) -> frozenset[str | None]:
    """The models whose rows take the row along, over any number of keys; None: not all known."""
    found: set[str | None] = set()
    waiting: list[str | None] = [occurrence.model.name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        model = occurrence.project.model(name, partial=True) if name else None
        if model is not None and model.unknown_attributes:
            # What is put into it from outside may be a key.
            found.add(None)
        fields = model.fields.values() if model is not None else ()
        relations = [field.relation for field in fields if field.relation is not None]
        known = [each for each in relations if each.target or name == occurrence.model.name]
        waiting.extend(each.target for each in known)
    return frozenset(found)
