"""Methods of the model that see the column without being named where it is changed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.saving import elsewhere, others
from djfix.codemods.inference.saving.occurrences import occurrence_of
from djfix.codemods.project.classes import MethodInfo
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

_IMPLICIT = ("__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__len__", "__str__")
_VALIDATING = frozenset({"full_clean", "clean_fields", "clean"})
_MOST = 20
"""Of more methods than this that call each other, the rest counts as if it read the column."""


def is_read_by_save(situation: Situation) -> Iterator[Reason]:
    """A `save()` of the model's own that computes with the column would meet an expression."""
    override = situation.model.save_override
    if override is not None and _reads(situation, override, situation.changed):
        where = f"{override.path}:{override.line}"
        text = f"{situation.model.label}.save() ({where}), or a method it calls, uses the value"
        yield Reason("save-reads-field", text)


def is_compared_whole(situation: Situation) -> Iterator[Reason]:
    """`a == b`, `if a:` and f-strings call methods of the model that may read the column."""
    for use in situation.before:
        if use.kind not in {"compare", "format", "truth"}:
            continue
        for name in _IMPLICIT:
            method = situation.model.methods.get(name)
            if method is not None and _reads(situation, method, situation.changed):
                text = f"line {use.point.line} calls {name}(), which reads the value"
                yield Reason("value-read-before", text)
                return


def _reads(situation: Situation, method: MethodInfo, names: Collection[str]) -> bool:
    """Whether a method, or what it uses of `self` in the project's code, has such an attribute."""
    model = situation.model
    waiting, seen = [(method.path, method.line)], set[tuple[str, int]]()
    while waiting:
        path, line = waiting.pop()
        if path is None or (path, line) in seen:
            continue
        seen.add((path, line))
        function = _function_at(situation, path, line)
        if function is None or len(seen) > _MOST or _has_attribute(function, names):
            return True
        members = sorted(set(_members_used(function)))
        if not _VALIDATING.isdisjoint(members):
            return True
        found = (model.methods.get(name) or model.properties.get(name) for name in members)
        waiting.extend((info.path, info.line) for info in found if info is not None)
    return False


def _function_at(situation: Situation, path: str, line: int) -> FunctionNode | None:
    document = situation.inference.project.files.document(path)
    return document.function_at(line)


def _has_attribute(function: FunctionNode, names: Collection[str]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in names for node in walk(function))


def _members_used(function: FunctionNode) -> Iterator[str]:
    """What the method uses of its first parameter, itself and what `super()` is asked left out."""
    first = function.args.args[0].arg if function.args.args else ""
    for node in walk(function):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if node.value.id == first and node.attr != function.name:
            yield node.attr


def is_updated_besides(situation: Situation) -> Iterator[Reason]:
    """A query here changes the column too: the save wrote over that, and F adds to it."""
    for node in walk(situation.function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in {"update", "aupdate"}:
            continue
        if any(keyword.arg in situation.changed for keyword in node.keywords):
            text = f"line {node.lineno} updates the column by a query besides"
            yield Reason("updated-besides", text)


def is_written_besides(situation: Situation) -> Iterator[Reason]:
    """A save of all columns wrote over what other queries of the function had written, or brought
    a deleted row back; one that writes less does not."""
    for save in situation.saves:
        if save.update_fields is None:
            occurrence = occurrence_of(situation.inference, save, situation.value, situation.model)
            yield from others.are_written(occurrence)
            yield from elsewhere.are_written_elsewhere(occurrence)
            yield from others.may_delete(occurrence)
            yield from others.may_reach_it(occurrence)


def is_written_unseen(situation: Situation) -> Iterator[Reason]:
    """As `is_written_besides`, by what runs where no call is written."""
    for save in situation.saves:
        if save.update_fields is None:
            occurrence = occurrence_of(situation.inference, save, situation.value, situation.model)
            yield from elsewhere.are_written_unseen(occurrence)


def is_permitted_by_value(situation: Situation) -> Iterator[Reason]:
    """REST framework's `get_object()` asks permission classes, which may check the column."""
    if situation.value.origin != "get-object":
        return
    project = situation.inference.project
    for name in project.subclasses("rest_framework.permissions.BasePermission"):
        method = project.method(name, "has_object_permission")
        if method is not None and method.path is not None:
            function = _function_at(situation, method.path, method.line)
            if function is None or _has_attribute(function, situation.changed):
                yield Reason("fetched-elsewhere", f"{name} checks the value of what it permits")
