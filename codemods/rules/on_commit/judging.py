"""From a function to findings: tasks that are sent before the rows are there that they need."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Evidence, Finding, NodeReference, Safety
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.transactions import transaction_around
from djfix.codemods.rules.on_commit import guards
from djfix.codemods.rules.on_commit.guards import Place
from djfix.codemods.rules.on_commit.options import OnCommitOptions
from djfix.codemods.rules.on_commit.sending import Sending, sendings_in
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

RULE = "on-commit"

_HOWS = {
    "with": "the block of line {line}",
    "decorator": "the transaction of its function (line {line})",
    "request": "the transaction of its request (ATOMIC_REQUESTS)",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The statement, its call, and how the task is sent instead."""

    statement: NodeReference
    call: NodeReference
    form: str
    using: str | None


def findings_in(
    document: Document, project: Project, options: OnCommitOptions, function: Function
) -> Iterator[Finding | Declined]:
    """What one function holds."""
    if not _may_send(function):
        return
    inference = Inference(project, document, function)
    for sending in sendings_in(inference):
        transaction = transaction_around(project, document, sending.call)
        if transaction is not None:
            yield _judged(Place(inference, sending, transaction), options)


def _may_send(function: Function) -> bool:
    names = {node.attr for node in walk(function) if isinstance(node, ast.Attribute)}
    return not names.isdisjoint({"delay", "apply_async", "send_task"})


def _judged(place: Place, options: OnCommitOptions) -> Finding | Declined:
    for guard in guards.DECLINES:
        for reason in guard(place):
            line = place.sending.call.lineno
            return Declined(RULE, place.inference.document.path, line, reason)
    return _finding(place, options)


def _finding(place: Place, options: OnCommitOptions) -> Finding:
    document, sending = place.inference.document, place.sending
    reports = tuple(reason for guard in guards.REPORTS for reason in guard(place))
    reviews = tuple(reason for guard in guards.REVIEWS for reason in guard(place))
    form = form_of(place, options)
    where = _HOWS[place.transaction.how].format(line=place.transaction.line)
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(sending.call),
        symbol=place.inference.symbol,
        message=f"{sending.name} is sent inside {where}, before its rows are committed",
        safety=Safety.REPORT if reports else Safety.REVIEW,
        anchor=ast.dump(sending.call),
        reasons=reports or reviews,
        evidence=tuple(_evidence(place)),
        data={"task": sending.name, "form": form},
        plan=None if reports else _plan(place, form),
    )


def _plan(place: Place, form: str) -> Plan:
    call = place.sending.call
    statement = place.inference.document.parents[call]
    assert isinstance(statement, ast.Expr)
    using = place.transaction.using
    return Plan(NodeReference.of(statement), NodeReference.of(call), form, using)


def _evidence(place: Place) -> Iterator[Evidence]:
    document, line = place.inference.document, place.transaction.line
    yield Evidence(document.path, line, document.line_text(line).strip())


def form_of(place: Place, options: OnCommitOptions) -> str:
    """The form that is asked for where it can be had, else Django's own.

    `delay_on_commit` came with Celery 5.4, and only tasks of the Django fixup's class have it:
    https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html#trigger-tasks-at-the-end-of-the-database-transaction
    """
    task, project = place.sending.task, place.inference.project
    if options.form == "partial" or place.transaction.using is not None:
        return "partial"
    if task is None or isinstance(_receiver(place.sending), ast.Call):
        return "partial"
    own_class = task.option("base") is not None or task.form in {"class", "wrapped"}
    is_new = project.versions.celery.is_at_least(5, 4)
    return "partial" if own_class or task.unclear or not is_new else "delay_on_commit"


def _receiver(sending: Sending) -> ast.expr:
    assert isinstance(sending.call.func, ast.Attribute)
    return sending.call.func.value
