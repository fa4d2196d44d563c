"""Why limits of a task need a person's eyes, or would do nothing: flat, each named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.celery_values import WITHOUT_LIMITS, WITHOUT_SOFT_LIMITS
from djfix.codemods.project.task_values import Task
from djfix.codemods.rules.celery_limits import bodies
from djfix.codemods.rules.celery_limits.bodies import Body
from djfix.codemods.rules.celery_limits.limits import HARD, SOFT, Gap
from djfix.codemods.rules.celery_limits.options import GUIDE_HARD, GUIDE_SOFT
from djfix.codemods.rules.celery_limits.senders import limits_at_senders

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_VISIBILITY = 3600
"""Seconds after which a Redis or SQS broker hands out again what nobody has acknowledged, unless
`visibility_timeout` says otherwise (https://docs.celeryq.dev/en/stable/getting-started/
backends-and-brokers/redis.html#visibility-timeout)."""


def reports(project: Project, task: Task) -> Iterator[Reason]:
    """Why limits would do nothing: every pool that the project names passes over them."""
    pools = project.celery.pools
    if pools and all(pool in WITHOUT_LIMITS for pool, _, _ in pools):
        pool, path, line = pools[0]
        text = f"the pool {pool} ({path}:{line}) knows no time limits: give each call its timeout"
        yield Reason("pool-without-limits", text)


def reviews(
    project: Project, task: Task, gap: Gap, body: Body | None, *, stated: bool
) -> Iterator[Reason]:
    """All that a person should look at before the limits are there."""
    if not stated:
        yield _unstated(gap)
    yield from _of_configuration(project, task)
    yield from task.unclear
    yield from _of_pools(project)
    yield from _of_senders(project, task)
    yield from _of_visibility(project, task, gap)
    if body is None:
        yield Reason("body-elsewhere", "what it runs stands in another class")
        return
    yield from bodies.swallows(body)
    soft = dict(gap.options).get(SOFT) or task.constant(SOFT) or GUIDE_SOFT
    yield from bodies.waits_longer(body, soft if isinstance(soft, int | float) else GUIDE_SOFT)


def _unstated(gap: Gap) -> Reason:
    given = " and ".join(f"{value} s" for _, value in gap.options)
    text = (
        f"{given}: nobody has stated how long it may take; state it in "
        "[tool.djfix.rules.celery-limits]"
    )
    return Reason("numbers-not-stated", text)


def _of_configuration(project: Project, task: Task) -> Iterator[Reason]:
    yield from project.celery.unclear
    for setting in project.celery.values("task_annotations"):
        text = f"{setting.spelled} ({setting.path}:{setting.line}) may set limits as well"
        yield Reason("task-annotations", text)


def _of_pools(project: Project) -> Iterator[Reason]:
    for pool, path, line in project.celery.pools:
        if pool in WITHOUT_LIMITS | WITHOUT_SOFT_LIMITS:
            text = f"workers of the pool {pool} ({path}:{line}) do not keep the soft limit"
            yield Reason("pool-without-limits", text)


def _of_senders(project: Project, task: Task) -> Iterator[Reason]:
    for path, line in limits_at_senders(project, task):
        yield Reason("limit-at-sender", f"{path}:{line} sends it with a limit of its own")


def _of_visibility(project: Project, task: Task, gap: Gap) -> Iterator[Reason]:
    """A task that is acknowledged late and runs longer is handed to a second worker."""
    late = task.option("acks_late")
    if late is None or late.value.is_constant(False):
        return
    hard = dict(gap.options).get(HARD) or task.constant(HARD) or GUIDE_HARD
    timeout = _visibility_timeout(project)
    if isinstance(hard, int | float) and hard >= timeout:
        text = (
            f"it is acknowledged late, and its limit reaches the visibility timeout ({timeout} s)"
        )
        yield Reason("visibility-timeout", text)


def _visibility_timeout(project: Project) -> int | float:
    """The shortest that is set, as far as it is known; else the default."""
    found: list[int | float] = []
    for setting in project.celery.values("broker_transport_options"):
        for each in setting.value.entry("visibility_timeout").constants:
            if isinstance(each, int | float) and not isinstance(each, bool):
                found.append(each)
    return min(found, default=_VISIBILITY)
