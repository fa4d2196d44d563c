"""From a file to findings: its tasks, what each lacks, and what it says in vain."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, NodeReference, Reason, Safety
from djfix.codemods.project.task_numbers import Number
from djfix.codemods.project.task_values import Task
from djfix.codemods.rewriting.decorators import DecoratorPlace, decorator_place
from djfix.codemods.rules.celery_limits import guards, mistakes, network
from djfix.codemods.rules.celery_limits.bodies import Body
from djfix.codemods.rules.celery_limits.limits import (
    HARD,
    SOFT,
    Gap,
    gap_of,
    wanted_for,
)
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.definitions import FunctionNode
    from djfix.codemods.source.document import Document

RULE = "celery-limits"


@dataclass(frozen=True, slots=True)
class Plan:
    """Options to add: to the call at `place`, or of a class beside the statement `beside`."""

    options: tuple[tuple[str, Number], ...]
    place: DecoratorPlace | None = None
    beside: NodeReference | None = None


def findings_in(
    document: Document, project: Project, options: CeleryLimitsOptions
) -> Iterator[Finding | Declined]:
    """What one file holds, in its order."""
    found: list[Finding | Declined] = [*mistakes.of_settings(document, project)]
    found += mistakes.of_removed(document, project)
    for task in project.tasks(document.path):
        node = _node_of(document, task)
        if node is not None:
            found += _of_task(document, project, options, task, node)
    yield from _once(sorted(found, key=_line))


def _once(found: list[Finding | Declined]) -> Iterator[Finding | Declined]:
    """A call that several tasks of the file lead to is reported for the first of them."""
    seen: set[Reason] = set()
    for each in found:
        called = isinstance(each, Finding) and each.reasons[:1]
        if called and network.is_of_called(called[0]) and called[0] in seen:
            continue
        seen.update(called or ())
        yield each


def _line(found: Finding | Declined) -> int:
    return found.span.line if isinstance(found, Finding) else found.line


def _node_of(document: Document, task: Task) -> ast.ClassDef | FunctionNode | None:
    if task.form != "class":
        return document.function_at(task.line)
    classes = (node for node in document.tree.body if isinstance(node, ast.ClassDef))
    return next((node for node in classes if node.lineno == task.line), None)


def _of_task(
    document: Document,
    project: Project,
    options: CeleryLimitsOptions,
    task: Task,
    node: ast.ClassDef | FunctionNode,
) -> Iterator[Finding | Declined]:
    yield from mistakes.of_task(document, project, task, node)
    gap = gap_of(project, task, wanted_for(options, task, project))
    body = _body(document, project, node)
    if gap.decline is not None:
        yield Declined(RULE, document.path, task.line, gap.decline)
    elif task.form == "wrapped" and gap.options:
        yield Declined(RULE, document.path, task.line, task.unclear[-1])
    elif gap.report is not None:
        yield _finding(document, task, node, gap, Safety.REPORT, (gap.report,))
    elif gap.options:
        yield _lacking(document, project, options, task, node, gap, body)
    elif _own_limits(task):
        for reason in guards.reports(project):
            yield _finding(document, task, node, gap, Safety.REPORT, (reason,))
    if body is not None:
        yield from _network(document, options, task, body)
        yield from network.in_called_functions(document, project, options, task, node, body)


def _own_limits(task: Task) -> bool:
    return task.option(SOFT) is not None or task.option(HARD) is not None


def _body(document: Document, project: Project, node: ast.ClassDef | FunctionNode) -> Body | None:
    """The function that runs, where this file has it."""
    if isinstance(node, ast.ClassDef):
        runs = (each for each in node.body if isinstance(each, ast.FunctionDef))
        found = next((each for each in runs if each.name == "run"), None)
        return None if found is None else Body(project, document.path, found)
    return Body(project, document.path, node)


def _lacking(
    document: Document,
    project: Project,
    options: CeleryLimitsOptions,
    task: Task,
    node: ast.ClassDef | FunctionNode,
    gap: Gap,
    body: Body | None,
) -> Finding:
    reports = tuple(guards.reports(project))
    if reports:
        return _finding(document, task, node, gap, Safety.REPORT, reports)
    wanted = wanted_for(options, task, project)
    reviews = (*gap.reviews, *guards.reviews(project, task, gap, body, wanted))
    safety = Safety.REVIEW if reviews else Safety.SAFE
    return _finding(document, task, node, gap, safety, reviews)


def _finding(
    document: Document,
    task: Task,
    node: ast.ClassDef | FunctionNode,
    gap: Gap,
    safety: Safety,
    reasons: tuple[Reason, ...],
) -> Finding:
    anchor = mistakes.anchor_of(task, node)
    added: Mapping[str, int | str] = {
        name: value if isinstance(value, int) else str(value) for name, value in gap.options
    }
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(anchor),
        symbol=task.symbol,
        message=_message(task, gap),
        safety=safety,
        anchor=ast.dump(anchor),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=tuple(_evidence(task)),
        data={"task": task.name or task.symbol, "options": added},
        plan=None if safety is Safety.REPORT else _plan(document, task, node, gap),
    )


def _message(task: Task, gap: Gap) -> str:
    name = task.name or task.symbol
    if gap.report is not None:
        return f"{name}: its time limits do not go together"
    if not gap.options:
        return f"{name}: its time limits do nothing"
    missing = " and ".join(option.replace("_", " ") for option, _ in gap.options)
    return f"{name} has no {missing}: a call that hangs keeps its worker for ever"


def _evidence(task: Task) -> Iterator[Evidence]:
    for option in task.options:
        if option.name in {"soft_time_limit", "time_limit"}:
            text = f"{option.name} comes from the {option.origin}"
            yield Evidence(option.path, option.line, text)


def _plan(document: Document, task: Task, node: ast.ClassDef | FunctionNode, gap: Gap) -> Plan:
    if isinstance(node, ast.ClassDef):
        return Plan(gap.options, beside=NodeReference.of(_last_option(node)))
    return Plan(gap.options, place=decorator_place(document, mistakes.decorator_of(task, node)))


def _last_option(node: ast.ClassDef) -> ast.stmt:
    """The statement of a class that new attributes stand behind: the last of the first ones."""
    found = node.body[0]
    for statement in node.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            break
        found = statement
    return found


def _network(
    document: Document, options: CeleryLimitsOptions, task: Task, body: Body
) -> Iterator[Finding]:
    for found, call in network.in_body(document, options, task, body):
        given = (("timeout", options.network_timeout),)
        yield replace(found, plan=Plan(given, place=decorator_place(document, call)))
