"""Which tasks meet in a queue that they should not share, and the routes that part them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, Reason, Safety, Span
from djfix.codemods.project.task_routes import Route
from djfix.codemods.rules.task_queues.options import TaskQueuesOptions
from djfix.codemods.rules.task_queues.work import Kind, Work, Works

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task
    from djfix.codemods.source.document import Document

RULE = "task-queues"
MOST_NAMED = 3
"""How many of the other tasks are named, of each kind."""

_WORDS: dict[Kind, str] = {"payment": "payments", "mail": "mail", "slow": "slow work"}


def findings_in(
    document: Document, project: Project, options: TaskQueuesOptions
) -> Iterator[Finding | Declined]:
    """The tasks of one file that do work of a kind, each judged beside all of the project."""
    works = project.shared(Works(options))
    for work in works:
        if work.task.path == document.path:
            yield _judged(document, project, options, work, works)


def _judged(
    document: Document,
    project: Project,
    options: TaskQueuesOptions,
    work: Work,
    works: tuple[Work, ...],
) -> Finding | Declined:
    line = work.task.line
    if _is_eager(project):
        text = "CELERY_TASK_ALWAYS_EAGER: tasks run in place, and in no queue"
        return Declined(RULE, document.path, line, Reason("always-eager", text))
    if isinstance(work.route, Reason):
        return Declined(RULE, document.path, line, work.route)
    others = [each for each in works if _meets(work, each)]
    wanted = _queue_for(work.kind, options)
    if work.route.is_given or work.route.queue == wanted:
        text = f"it is routed to `{work.route.queue}`"
        return Declined(RULE, document.path, line, Reason("routed", text))
    if not others:
        text = f"no other of payments, mail and slow work is in `{work.route.queue}`"
        return Declined(RULE, document.path, line, Reason("unshared-queue", text))
    return _finding(document, project, work, work.route, others, wanted)


def _is_eager(project: Project) -> bool:
    eager = project.celery.values("task_always_eager")
    return bool(eager) and all(each.value.constant is True for each in eager)


def _meets(work: Work, other: Work) -> bool:
    """Whether another kind of work waits in the same queue."""
    if isinstance(other.route, Reason) or isinstance(work.route, Reason):
        return False
    return other.kind != work.kind and other.route.queue == work.route.queue


def _queue_for(kind: Kind, options: TaskQueuesOptions) -> str:
    queues: dict[Kind, str] = {
        "payment": options.payments_queue,
        "mail": options.email_queue,
        "slow": options.slow_queue,
    }
    return queues[kind]


def _finding(
    document: Document,
    project: Project,
    work: Work,
    route: Route,
    others: list[Work],
    wanted: str,
) -> Finding:
    node = _anchor(document, work.task)
    task = _name(work.task)
    met = " and ".join(_WORDS[kind] for kind in _WORDS if any(o.kind == kind for o in others))
    return Finding(
        rule=RULE,
        path=document.path,
        span=_span(document, node),
        symbol=work.task.symbol,
        message=f"{task} ({_WORDS[work.kind]}) waits in `{route.queue}` with {met}",
        safety=Safety.REPORT,
        anchor=work.kind,
        reasons=(_shared(route, others), _layout(project, work, route, wanted)),
        evidence=(*work.evidence, *_named(others)),
        data={"task": task, "options": {"queue": wanted}},
    )


def _name(task: Task) -> str:
    return task.name or task.symbol


def _shared(route: Route, others: list[Work]) -> Reason:
    parts = []
    for kind, word in _WORDS.items():
        names = [_name(each.task) for each in others if each.kind == kind]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        parts += [f"{word} ({', '.join(names[:MOST_NAMED])}{more})"] if names else []
    return Reason("shared-queue", f"`{route.queue}` also holds {' and '.join(parts)}")


def _layout(project: Project, work: Work, route: Route, wanted: str) -> Reason:
    """The route, and the workers that must read the queues before it is there."""
    celery = project.celery
    spaces = [each.upper() for each in celery.namespaces if each]
    setting = f"{spaces[0]}_TASK_ROUTES" if spaces else "task_routes"
    line = f'{setting} = {{"{_name(work.task)}": {{"queue": "{wanted}"}}}}'
    if any(wanted in command.queues for command in celery.commands):
        return Reason("guide-layout", line)
    app = next(iter(celery.applications), "app").rpartition(".")[0].removesuffix(".celery")
    queues = f"{route.queue},{wanted}" if work.kind == "mail" else wanted
    worker = f"celery -A {app or 'app'} worker -Q {queues}"
    return Reason("guide-layout", f"{line}, after a worker reads the queue: {worker}")


def _named(others: list[Work]) -> Iterator[Evidence]:
    for kind, word in _WORDS.items():
        same = [each for each in others if each.kind == kind]
        for each in same[:MOST_NAMED]:
            yield Evidence(each.task.path, each.task.line, f"{_name(each.task)}: {word}")


def _anchor(document: Document, task: Task) -> ast.ClassDef | ast.expr:
    if task.form == "class":
        classes = (each for each in document.tree.body if isinstance(each, ast.ClassDef))
        return next(each for each in classes if each.lineno == task.line)
    assert task.decorator is not None
    decorators = document.functions[task.line].decorator_list
    return next(each for each in decorators if each.lineno == task.decorator.line)


def _span(document: Document, node: ast.ClassDef | ast.expr) -> Span:
    span = document.span(node)
    if isinstance(node, ast.expr):
        return span
    return Span(span.line, span.column, span.line, span.column + len(f"class {node.name}"))
