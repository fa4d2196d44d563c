"""Whether a task may run twice: what speaks against it, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason

if TYPE_CHECKING:
    from djfix.codemods.inference.bodies.values import Act, Body
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_VISIBILITY = 3600
"""https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html: seconds until
Redis gives an unacknowledged message to another worker, unless `visibility_timeout` says else."""

_REDELIVERING = ("redis", "rediss", "sentinel", "sqs")
"""Brokers that give a message out again by the clock."""


def is_listed(task: Task, patterns: tuple[str, ...]) -> bool:
    """Whether the user vouches that the task may run twice."""
    names = {task.symbol, task.name or task.symbol}
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def blockers(body: Body) -> Iterator[Reason]:
    """What a second run would do a second time, with what to do first."""
    for act in body.acts:
        if act.repeatable is not False:
            continue
        where = f"{act.path}:{act.line}"
        match act.kind:
            case "payment":
                text = f"{where} moves money: give {act.callee} an idempotency key first"
                yield Reason("payment", text)
            case "mail":
                text = f"{where} sends: record first to whom it was sent, so that none gets two"
                yield Reason("mail", text)
            case "create":
                text = f"{where} creates: get_or_create with a key that the task is given"
                yield Reason("creates", text)
            case "delta":
                text = f"{where} adds to {act.callee}: record first that this was added"
                yield Reason("adds", text)
            case "network":
                text = f"{where} may create something elsewhere: send an idempotency key first"
                yield Reason("sends", text)
            case "file":
                yield Reason("appends", f"{where} appends to a file, again on each run")


def doubts(project: Project, body: Body) -> Iterator[Reason]:
    """What is not known to be the same when it is done twice: a retry is for review, and a late
    acknowledgement is not added."""
    yield from body.unclear
    for act in body.acts:
        where = f"{act.path}:{act.line}"
        yield from _on_save(project, act)
        if act.kind == "delay":
            yield Reason("sends-tasks", f"{where} sends another task, again on each run")
        elif act.kind == "process":
            yield Reason("runs-program", f"{where} runs a program or command")
        elif act.kind == "unknown":
            yield Reason("unknown-library", f"{where} calls {act.callee}, of no known library")
        elif act.repeatable is None and act.kind in {"network", "write", "delete", "file"}:
            yield Reason("may-differ", f"{where}: {act.callee} may not be the same done twice")


_SAVING = frozenset({"save", "asave", "get_or_create", "update_or_create"})
_SIGNALS = ("pre_save", "post_save", "pre_delete", "post_delete")


def _on_save(project: Project, act: Act) -> Iterator[Reason]:
    """Receivers, and a `save` of the model's own, which run with each write of a row."""
    name, _, method = act.callee.rpartition(".")
    if act.kind not in {"write", "delete"} or (act.kind == "write" and method not in _SAVING):
        return
    model = project.model(name, partial=True)
    if model is None:
        return
    if model.overrides.keys() & {"save", "delete"} or project.receivers(model.name, _SIGNALS):
        text = f"{act.path}:{act.line}: code of its own runs when {model.label} is saved or deleted"
        yield Reason("runs-on-save", text)


# -- late acknowledgement ------------------------------------------------------------------------


def late_doubts(project: Project, task: Task) -> Iterator[Reason]:
    """Why the broker might give the task out again while it is still running."""
    if not _may_redeliver(project):
        return
    hard, timeout = _hard_limit(project, task), visibility_timeout(project)
    if hard is None:
        text = "without a time_limit it may run longer than the broker waits (visibility_timeout)"
        yield Reason("no-time-limit", text)
    elif hard >= timeout:
        yield _too_long(hard, timeout)


def too_long_for_broker(project: Project, task: Task) -> Iterator[Reason]:
    """A task that is acknowledged late, and may run when Redis gives it out a second time."""
    hard, timeout = _hard_limit(project, task), visibility_timeout(project)
    late = task.constant("acks_late") is True or _is_global(project, "task_acks_late")
    if late and hard is not None and hard >= timeout and _names_redelivering(project):
        yield _too_long(hard, timeout)


def _too_long(hard: int | float, timeout: int | float) -> Reason:
    text = f"its time_limit ({hard} s) is not below the broker's visibility_timeout ({timeout} s)"
    return Reason("visibility-timeout", f"{text}: a second worker would get it too")


def _hard_limit(project: Project, task: Task) -> int | float | None:
    own = task.constant("time_limit")
    if isinstance(own, int | float) and not isinstance(own, bool):
        return own
    if task.option("time_limit") is not None:
        return None
    return max(project.celery.numbers("task_time_limit") or (), default=None)


def visibility_timeout(project: Project) -> int | float:
    """The shortest that is set, as far as it could be read; else the default."""
    found = [
        each
        for setting in project.celery.values("broker_transport_options")
        for each in setting.value.entry("visibility_timeout").constants
        if isinstance(each, int | float) and not isinstance(each, bool)
    ]
    return min(found, default=_VISIBILITY)


def _may_redeliver(project: Project) -> bool:
    """Whether the broker is, or may be, one that gives messages out again by the clock."""
    brokers = project.celery.values("broker_url")
    is_read = brokers and all(each.value.is_read and each.value.constants for each in brokers)
    return not is_read or _names_redelivering(project)


def _names_redelivering(project: Project) -> bool:
    texts = [
        each
        for setting in project.celery.values("broker_url")
        for each in setting.value.constants
        if isinstance(each, str)
    ]
    return any(text.partition(":")[0].startswith(_REDELIVERING) for text in texts)


def _is_global(project: Project, name: str) -> bool:
    return any(True in setting.value.constants for setting in project.celery.values(name))
