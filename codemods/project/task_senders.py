"""Where tasks are sent with options of their own: `apply_async(..., queue="email")`, `.set(...)`,
`send_task`, the schedule.

By the name that a sender calls the task: two tasks of one name are not told apart, and a task in a
variable may be any.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.test_files import is_test
from djfix.codemods.source.chains import path_of
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_BY_NAME = frozenset({"send_task", "signature"})
_SENDING = frozenset({"apply_async", "apply_async_on_commit", "set", "subtask"}) | _BY_NAME
"""What takes options of sending as keywords: `s` and `si` take the task's own arguments."""
_GROUPS = frozenset({"group", "chain", "chord"})


def senders_of(project: Project, task: Task, options: Collection[str]) -> tuple[str, ...]:
    """The first place ("path:line") where the task, or one that cannot be told from it, is sent
    with one of these options; empty if there is none."""
    senders = project.shared(_Senders(tuple(options)))
    for name in (task.symbol.rpartition(".")[2], task.name, ""):
        if name is not None and name in senders:
            return (senders[name],)
    return ()


@dataclass(frozen=True, slots=True)
class _Senders:
    """By a name of the task, the place. "": any task. To be asked by `project.shared`."""

    options: tuple[str, ...]

    def __call__(self, project: Project) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for path in self._files(project):
            for name, line in _senders_in(project, path, self.options):
                found.setdefault(name, f"{path}:{line}")
        for setting in project.celery.values("beat_schedule"):
            for entry in (setting.value.entries or {}).values():
                given, task = entry.entry("options").entries or {}, entry.entry("task").constant
                if not given.keys().isdisjoint(self.options) and isinstance(task, str):
                    found.setdefault(task, f"{setting.path}:{setting.line}")
        return found

    def _files(self, project: Project) -> tuple[str, ...]:
        files = project.files
        naming = {*files.containing(*(each.encode() for each in self.options))}
        called = (b"apply_async", b"send_task", b"signature(", b"subtask(", b".set(")
        both = files.containing(*called, among=naming)
        return tuple(path for path in both if not is_test(project, path))


def _senders_in(project: Project, path: str, options: Collection[str]) -> Iterator[tuple[str, int]]:
    facts = project.module(path)
    if facts is None:
        return
    known = {each.bound for each in facts.imports} | {each.name for each in facts.functions}
    known |= {each.name for each in facts.classes} | {each.target for each in facts.assignments}
    for node in walk(project.files.document(path).tree):
        if isinstance(node, ast.Call) and any(each.arg in options for each in node.keywords):
            yield from ((name, node.lineno) for name in _sent_by(node, known))


def _sent_by(call: ast.Call, known: Collection[str]) -> Iterator[str]:
    """The name of the task that a call sends; "" for one that could be any."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _SENDING:
        return
    if function.attr in _BY_NAME and call.args and isinstance(call.args[0], ast.Constant):
        name = call.args[0].value
        yield name if isinstance(name, str) else ""
    elif function.attr != "set" or _is_signature(function.value):
        yield _sent_name(function.value, known)


def _is_signature(node: ast.expr) -> bool:
    """`task.s(...).set(queue=...)`: other things have a `set`, too."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in {"s", "si", "signature", "subtask"}:
            return True
        node = node.func.value
    return False


def _sent_name(node: ast.expr, known: Collection[str]) -> str:
    """`process` of `process`, `tasks.process` and `process.s(1)`; "" of a variable."""
    while isinstance(node, ast.Call):
        inner = node.func
        node = inner.value if isinstance(inner, ast.Attribute) else inner
    names = path_of(node) or ("",)
    return names[-1] if names[0] in known and names[-1] not in _GROUPS else ""
