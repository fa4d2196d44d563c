"""What kind of work a project's tasks do, and in which queue: worked out once for a project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.inference.bodies.known import known_call
from djfix.codemods.inference.bodies.values import Act, Body
from djfix.codemods.project.task_numbers import number_of
from djfix.codemods.project.task_routes import Route, Routes
from djfix.codemods.project.test_files import is_test
from djfix.codemods.rules.task_queues.options import TaskQueuesOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

Kind = Literal["payment", "mail", "slow"]

NEEDLES = (b"shared_task", b".task", b"Task")
"""What a file holds that defines tasks."""

_LIMITS = ("soft_time_limit", "time_limit")


@dataclass(frozen=True, slots=True)
class Work:
    """One task that does work of a kind, the lines that say so, and its queue or why that is not
    known."""

    task: Task
    kind: Kind
    evidence: tuple[Evidence, ...]
    route: Route | Reason


@dataclass(frozen=True, slots=True)
class Works:
    """All work of a project, in the order of its files; to be asked by `project.shared`."""

    options: TaskQueuesOptions

    def __call__(self, project: Project) -> tuple[Work, ...]:
        files = project.files
        kept = [path for path in files.containing(*NEEDLES) if not is_test(project, path)]
        return tuple(each for path in kept for each in _in_file(project, path, self.options))


def _in_file(project: Project, path: str, options: TaskQueuesOptions) -> Iterator[Work]:
    for task in project.tasks(path):
        body = _body_of(project, task)
        found = _kind_of(project, task, body or Body(), options.slow_seconds)
        if found is not None:
            yield Work(task, *found, project.shared(Routes).of(task))


def _body_of(project: Project, task: Task) -> Body | None:
    bodies = project.shared(Bodies)
    if task.form != "class":
        return bodies.of_symbol(task.symbol)
    run = project.method(task.symbol, "run")
    return None if run is None else bodies.of_symbol(f"{run.cls}.run")


def _kind_of(
    project: Project, task: Task, body: Body, seconds: int
) -> tuple[Kind, tuple[Evidence, ...]] | None:
    """The first of these: money must not wait, and mail must not make others wait."""
    payments = [act for act in body.of("payment") if _moves_money(act)]
    mails = [act for act in body.of("mail") if _is_certain(act)]
    if payments:
        return "payment", payments[0].evidence
    if mails:
        return "mail", mails[0].evidence
    slow = next(_slow(project, task, body, seconds), None)
    return None if slow is None else ("slow", slow)


_STRIPE = "stripe."
_STRIPE_S_MONEY = frozenset(
    {
        *("Charge", "PaymentIntent", "Refund", "Transfer", "Payout", "Invoice", "InvoiceItem"),
        *("Subscription", "Session", "TransferReversal", "Topup"),
    }
)
"""The resources by which money moves (https://docs.stripe.com/api); others are settings."""


def _moves_money(act: Act) -> bool:
    named = act.callee.startswith(_STRIPE)
    return not named or not _STRIPE_S_MONEY.isdisjoint(act.callee.split("."))


def _is_certain(act: Act) -> bool:
    """Not by the name of a method of what is not known: `order.send_mail()` may only queue it."""
    return known_call(act.callee) is not None or act.callee.endswith(".email_user")


def _slow(project: Project, task: Task, body: Body, seconds: int) -> Iterator[tuple[Evidence, ...]]:
    for name in _LIMITS:
        option, value = task.option(name), number_of(project, task, name)
        if option is not None and value is not None and value > seconds:
            yield (Evidence(option.path, option.line, f"it may run for {value} seconds"),)
    yield from (act.evidence for act in body.acts if _is_slow(act, seconds))


def _is_slow(act: Act, seconds: int) -> bool:
    return act.kind == "sleep" and act.amount is not None and act.amount > seconds
