"""What a project says about limits in vain: misspelt options, settings and decorators of no effect.

Reported only: what was meant is for a person to say.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from djfix.codemods.findings import Finding, Reason, Safety
from djfix.codemods.project.task_values import OPTIONS, Task, TaskOption
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.celery_values import CelerySetting
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.definitions import FunctionNode
    from djfix.codemods.source.document import Document

RULE = "celery-limits"
_NEAR = 0.8
"""How alike a word must be to count as a misspelt option: `soft_time_limt` is, `timeout` is not."""


def decorator_of(task: Task, node: FunctionNode) -> ast.expr:
    """The expression that makes a function a task."""
    assert task.decorator is not None
    lines = [each for each in node.decorator_list if each.lineno == task.decorator.line]
    return (lines or node.decorator_list)[0]


def anchor_of(task: Task, node: ast.ClassDef | FunctionNode) -> ast.expr | ast.stmt:
    """The decorator; of a class, its docstring or first statement."""
    return node.body[0] if isinstance(node, ast.ClassDef) else decorator_of(task, node)


def of_task(
    document: Document, project: Project, task: Task, node: ast.ClassDef | FunctionNode
) -> Iterator[Finding]:
    """Misspelt options, and async functions, which no worker runs."""
    for name, right, line in _misspelt(project, task):
        text = f"Celery has no option {name}, and stores it without a word; {right} is one"
        yield _finding(document, task, node, Reason("misspelt-option", text), name, line)
    given = task.option("autoretry_for")
    if given is not None and _is_exception(project, given):
        text = "it is no tuple: the decorator raises TypeError when the module is imported"
        what = f"autoretry_for={given.value.name}"
        yield _finding(document, task, node, Reason("not-a-tuple", text), what, given.line)
    if isinstance(node, ast.AsyncFunctionDef):
        text = "a worker does not await it: its body never runs, and its state is SUCCESS"
        yield _finding(document, task, node, Reason("async-task", text), "async def", task.line)


def _is_exception(project: Project, option: TaskOption) -> bool:
    """Whether an option's value is a class, as `autoretry_for=Exception`."""
    if option.value.kind != "name":
        return False
    name = project.resolve(option.path, option.value.name, line=option.line) or ""
    if name.startswith("builtins."):
        return isinstance(getattr(builtins, name.removeprefix("builtins."), None), type)
    return project.class_named(name) is not None


def _misspelt(project: Project, task: Task) -> Iterator[tuple[str, str, int]]:
    """Options that are none, are near to one, and that no class of the task knows."""
    known = {each.name for each in task.options if each.origin in {"base", "application"}}
    for option in task.options:
        if option.origin not in {"decorator", "unpacked"} or option.name in OPTIONS | known:
            continue
        if _is_attribute(project, task, option.name):
            continue
        near = get_close_matches(option.name, OPTIONS, n=1, cutoff=_NEAR)
        if near:
            yield option.name, near[0], option.line


def _is_attribute(project: Project, task: Task, name: str) -> bool:
    """Whether the class that `base=` names has such an attribute, or code reads it: then the
    option sets it."""
    read = f".{name}".encode()
    if any(re.search(re.escape(read) + rb"\b(?!\s*=[^=])", project.files.read(path))
           for path in project.files.containing(read, word=name.encode())):  # fmt: skip
        return True
    base = task.option("base")
    if base is None or base.value.kind != "name":
        return False
    cls = project.resolve(base.path, base.value.name, line=base.line)
    order = project.mro(cls) if cls is not None else None
    infos = [project.class_named(each) for each in order or ()]
    return order is None or any(info and info.facts and name in info.binds() for info in infos)


def _finding(
    document: Document,
    task: Task,
    node: ast.ClassDef | FunctionNode,
    reason: Reason,
    what: str,
    line: int,
) -> Finding:
    anchor = anchor_of(task, node)
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(anchor),
        symbol=task.symbol,
        message=f"{task.name or task.symbol}: {what} (line {line}) does nothing",
        safety=Safety.REPORT,
        # Without the decorator's other options: those that are added must not make it another.
        anchor=f"{reason.name} {what}",
        reasons=(reason,),
        data={"task": task.name or task.symbol, "options": {}},
    )


def of_settings(document: Document, project: Project) -> Iterator[Finding]:
    """Settings that look as if they limited tasks, in names that Celery does not read."""
    if b"LIMIT" not in document.data:
        return
    for setting in project.celery.ignored:
        if setting.path == document.path and setting.name.endswith("time_limit"):
            yield _of_setting(document, project, setting)


def _of_setting(document: Document, project: Project, setting: CelerySetting) -> Finding:
    namespaces = project.celery.namespaces
    spaced = [each for each in namespaces if each]
    right = f"{spaced[0].upper()}_{setting.name.upper()}" if spaced else setting.name
    under = f'with namespace="{spaced[0]}"' if spaced else "without a namespace"
    text = f"{under} Celery does not read {setting.spelled}: it is {right}"
    node = _statement_at(document, setting.line)
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(node),
        symbol=project.module_of(document.path) or document.path,
        message=f"{setting.spelled} limits nothing",
        safety=Safety.REPORT,
        anchor=ast.dump(node),
        reasons=(Reason("ignored-setting", text),),
        data={"task": "", "options": {}},
    )


def _statement_at(document: Document, line: int) -> ast.stmt:
    found = (node for node in walk(document.tree) if isinstance(node, ast.stmt))
    return max((node for node in found if node.lineno <= line), key=lambda node: node.lineno)


def of_removed(document: Document, project: Project) -> Iterator[Finding]:
    """Decorators that Celery 5 has no longer: importing them fails."""
    for removed in project.removed_tasks(document.path):
        node = _statement_at(document, removed.line)
        text = (
            f"Celery 5 has no {removed.name}: use shared_task, and beat_schedule for what repeats"
        )
        yield Finding(
            rule=RULE,
            path=document.path,
            span=document.span(node),
            symbol=project.module_of(document.path) or document.path,
            message=f"{removed.name} is gone since Celery 5",
            safety=Safety.REPORT,
            anchor=f"{removed.name} {ast.dump(node)}",
            reasons=(Reason("removed-decorator", text),),
            data={"task": "", "options": {}},
        )
