"""Which decorators make a function a Celery task, by what their names resolve to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.source.definitions import functions_in
from djfix.codemods.source.readable import tree_of
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

SHARED_TASK = "celery.shared_task"
APPLICATION = "celery.Celery"
CURRENT = "celery.current_app"
PARTIAL = "functools.partial"
REMOVED = ("celery.task", "celery.decorators")
"""Modules that Celery 5 does not have: importing from them fails
(https://docs.celeryq.dev/en/stable/history/whatsnew-5.0.html)."""


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes functions tasks: `shared_task`, the `task` of an application, or a decorator of
    the project's own around one of these (`wrapper`: its dotted name).

    `preset`: the call of `partial` that sets options before the decorator sees any, and its file.
    """

    application: str | None = None
    wrapper: str | None = None
    preset: tuple[str, ExpressionFacts] | None = None


class Makers:
    """Which names make tasks, each worked out once for a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, Maker | None] = {}

    def of(self, path: str, spelled: str, line: int | None) -> Maker | None:
        """What a decorator's name, as spelled in this file, is; None if it makes no task."""
        name = self._project.resolve(path, spelled, line=line)
        if name is None:
            return None
        if name not in self._known:
            self._known[name] = None
            self._known[name] = _maker(self._project, name)
        return self._known[name]


def _maker(project: Project, name: str) -> Maker | None:
    if name == SHARED_TASK:
        return Maker()
    owner, _, attribute = name.rpartition(".")
    if attribute == "task" and is_application(project, owner):
        return Maker(application=owner)
    return _own_maker(project, name)


def is_removed(name: str) -> bool:
    """Whether a resolved name is of the modules that Celery 5 has no longer."""
    return name.startswith(tuple(f"{each}." for each in REMOVED)) or name in REMOVED


def is_application(project: Project, name: str) -> bool:
    """Whether a dotted name stands for a Celery application."""
    if name == CURRENT:
        return True
    found = definition_of(project, name)
    if found is None:
        return False
    path, value = found
    function = value.function
    if function is not None and function.kind == "subscript":
        function = function.items[0]  # `Celery[...]("shop")`, for type checkers.
    if function is None or function.kind != "name":
        return False
    made = project.resolve(path, function.name, line=value.line)
    if made is None or project.class_named(made) is None:
        return _is_set_up_as_one(project, path, name.rpartition(".")[2])
    return project.is_subclass(made, APPLICATION) is True


def _is_set_up_as_one(project: Project, path: str, variable: str) -> bool:
    """Whether what an unknown call made is configured, and looks for tasks, as an application."""
    data = project.files.read(path)
    wanted = (f"{variable}.config_from_object(", f"{variable}.autodiscover_tasks(")
    return all(each.encode() in data for each in wanted)


def definition_of(project: Project, name: str) -> tuple[str, ExpressionFacts] | None:
    """The file of a module-level variable of the project, and what is assigned to it."""
    module, _, variable = name.rpartition(".")
    path = project.path_of(module)
    value = None if path is None else project.value_of(path, variable)
    return None if path is None or value is None else (path, value)


def _own_maker(project: Project, name: str) -> Maker | None:
    """A variable that is `partial(shared_task, ...)`, or a function that returns such a call."""
    found = definition_of(project, name)
    if found is not None:
        return _partial(project, *found)
    module, _, function = name.rpartition(".")
    path = project.path_of(module)
    facts = None if path is None else project.module(path)
    if path is None or facts is None or facts.function(function) is None:
        return None
    for called in _called_in(project, path, function):
        inner = project.resolve(path, called, (function,))
        if inner == SHARED_TASK:
            return Maker(wrapper=name)
        owner, _, attribute = (inner or "").rpartition(".")
        if attribute == "task" and is_application(project, owner):
            return Maker(application=owner, wrapper=name)
    return None


def _partial(project: Project, path: str, value: ExpressionFacts) -> Maker | None:
    function = value.function
    if function is None or function.kind != "name" or not value.arguments:
        return None
    made = project.resolve(path, function.name, line=value.line)
    inner = value.arguments[0]
    if made != PARTIAL or inner.kind != "name":
        return None
    base = project.shared(Makers).of(path, inner.name, value.line)
    return None if base is None else Maker(base.application, base.wrapper, (path, value))


def _called_in(project: Project, path: str, name: str) -> Iterator[str]:
    """The dotted names that a module-level function calls, or hands on, anywhere in its body."""
    tree = tree_of(project.files, path)
    for function in functions_in(tree.body) if tree is not None else ():
        if function.name == name:
            for node in walk(function):
                if isinstance(node, ast.Name | ast.Attribute):
                    yield ast.unparse(node)
