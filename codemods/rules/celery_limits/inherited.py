"""Limits that come and go with classes, or are set on the task from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.task_decorators import definition_of
from djfix.codemods.project.tasks import base_of, task_ancestors
from djfix.codemods.project.test_files import is_test
from djfix.codemods.rules.celery_limits.limits import HARD, SOFT

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_SET = re.compile(
    rb"\b(\w+)\.(?:soft_)?time_limit\s*=[^=]"
    rb"|\bsetattr\(\s*[\w.]*?(\w+)\s*,\s*[\"'](?:soft_)?time_limit[\"']"
)
_ANY = "*"
"""Stands for a variable that may be any task: of a loop, a parameter of a decorator."""
_OWN = re.compile(rb"\bself\.(?:soft_)?time_limit\s*=[^=]")
_SENDING = frozenset({"apply_async", "signature", "subtask", "__call__", "on_bound", "bind"})


def reviews(project: Project, task: Task) -> Iterator[Reason]:
    """What a class above or below the task may say of its limits."""
    yield from _above(project, task)
    yield from _of_applications(project, task)
    if task.form == "class":
        yield from _below(project, task)
    name = task.symbol.rpartition(".")[2]
    found = project.shared(set_elsewhere)
    place = found.get(name) or found.get(_ANY)
    if place is not None:
        yield Reason("limit-set-elsewhere", f"{place} sets a limit of {name}")


def _above(project: Project, task: Task) -> Iterator[Reason]:
    """A base that computes a limit, or sends the task with one."""
    for cls in task_ancestors(project, base_of(project, task)):
        info = project.class_named(cls)
        if info is None or info.facts is None or info.path is None:
            continue
        methods = {each.name for each in info.facts.methods}
        sends = methods & _SENDING and b"time_limit" in project.files.read(info.path)
        sets = _OWN.search(project.files.read(info.path)) is not None
        if methods & {SOFT, HARD} or sends or (sets and methods):
            yield Reason("limit-in-base", f"{cls} ({info.path}) may set limits in its methods")


def _of_applications(project: Project, task: Task) -> Iterator[Reason]:
    """`shared_task` makes a task of the class that the application is made with."""
    if task.application is not None or task.form == "class" or task.option("base") is not None:
        return
    for application in project.celery.applications:
        found = definition_of(project, application)
        if found is not None and found[1].keyword("task_cls") is not None:
            text = f"{application} makes its tasks of a class of its own, which may have limits"
            yield Reason("limit-in-base", text)


def _below(project: Project, task: Task) -> Iterator[Reason]:
    """Classes and tasks that would inherit a limit, and may have the other one set lower."""
    for cls in project.subclasses(task.symbol):
        yield Reason("inherited-limit", f"{cls} extends it, and would inherit the limits")
        return
    name = task.symbol.rpartition(".")[2]
    using = re.compile(rb"\bbase\s*=\s*[\w.]*\b" + name.encode() + rb"\b")
    for path in project.files.containing(name.encode(), word=name.encode()):
        if using.search(project.files.read(path)):
            yield Reason("inherited-limit", f"{path} makes tasks of it, which inherit the limits")
            return


def set_elsewhere(project: Project) -> Mapping[str, str]:
    """The places that assign to `NAME.time_limit`, by name; to be asked by `project.shared`.

    In a file of Celery's, a name that is no function or class of it is a variable, of any task.
    """
    files = project.files
    found: dict[str, str] = {}
    for path in files.containing(b"time_limit"):
        data = files.read(path)
        for each in _SET.finditer(data) if not is_test(project, path) else ():
            line = data.count(b"\n", 0, each.start()) + 1
            name = (each[1] or each[2]).decode()
            found.setdefault(name, f"{path}:{line}")
            if name not in {"self", "cls"} and _may_be_any(project, path, data, name):
                found.setdefault(_ANY, f"{path}:{line}")
    return found


def _may_be_any(project: Project, path: str, data: bytes, name: str) -> bool:
    facts = project.module(path)
    if facts is None or b"celery" not in data or name in {"conf", "app"}:
        return False
    bound = {each.name for each in facts.functions} | {each.name for each in facts.classes}
    return name not in bound | {each.bound for each in facts.imports}
