"""Why limits of a task need a person's eyes, or would do nothing: flat, each named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.celery_values import WITHOUT_LIMITS
from djfix.codemods.project.task_numbers import Number, number_of
from djfix.codemods.project.task_senders import senders_of
from djfix.codemods.project.task_values import Task, TaskOption
from djfix.codemods.rules.celery_limits import bodies, inherited
from djfix.codemods.rules.celery_limits.bodies import Body
from djfix.codemods.rules.celery_limits.limits import HARD, SOFT, Gap, Wanted
from djfix.codemods.rules.celery_limits.options import GUIDE_HARD, GUIDE_SOFT

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

WITH_LIMITS = frozenset({"prefork", "processes"})
"""Pools that keep both limits: all that is not one of these may keep none."""

BROAD = frozenset({"Exception", "BaseException", "?"})
SOFT_EXCEPTIONS = frozenset(
    {"celery.exceptions.SoftTimeLimitExceeded", "billiard.exceptions.SoftTimeLimitExceeded"}
)

_VISIBILITY = 3600
"""Seconds after which a Redis or SQS broker hands out again what nobody has acknowledged, unless
`visibility_timeout` says otherwise (https://docs.celeryq.dev/en/stable/getting-started/
backends-and-brokers/redis.html#visibility-timeout)."""


def reports(project: Project) -> Iterator[Reason]:
    """Why limits do nothing: every pool that the project names passes over them."""
    pools = project.celery.pools
    others = [each for each in project.celery.commands if each.pool is None]
    if pools and not others and all(pool in WITHOUT_LIMITS for pool, _, _ in pools):
        pool, path, line = pools[0]
        text = f"the pool {pool} ({path}:{line}) knows no time limits: give each call its timeout"
        yield Reason("pool-without-limits", text)


def reviews(
    project: Project, task: Task, gap: Gap, body: Body | None, wanted: Wanted
) -> Iterator[Reason]:
    """All that a person should look at before the limits are there."""
    if not wanted.stated:
        yield _unstated(gap)
    yield from _of_configuration(project)
    yield from task.unclear
    yield from _of_pools(project)
    yield from _of_senders(project, task)
    yield from _of_visibility(project, task, gap)
    yield from inherited.reviews(project, task)
    yield from retried(project, task)
    if body is None:
        yield Reason("body-elsewhere", "what it runs stands in another class")
        return
    if not wanted.specific:
        yield from bodies.tells_progress(body)
    options = {**_numbers_of(project, task), **dict(gap.options)}
    soft, hard = options.get(SOFT, GUIDE_SOFT), options.get(HARD, GUIDE_HARD)
    yield from bodies.reviews(body, soft, hard)
    yield from bodies.of_decorators(project, task, soft, hard)
    yield from bodies.of_bases(project, task, soft, hard)


def _numbers_of(project: Project, task: Task) -> dict[str, Number]:
    given = {name: number_of(project, task, name) for name in (SOFT, HARD)}
    return {name: each for name, each in given.items() if each is not None}


def _unstated(gap: Gap) -> Reason:
    given = " and ".join(f"{value} s" for _, value in gap.options)
    text = (
        f"{given}: nobody has stated how long it may take; state it in "
        "[tool.djfix.rules.celery-limits]"
    )
    return Reason("numbers-not-stated", text)


def _of_configuration(project: Project) -> Iterator[Reason]:
    celery = project.celery
    yield from celery.unclear
    for setting in celery.values("task_annotations"):
        text = f"{setting.spelled} ({setting.path}:{setting.line}) may set limits as well"
        yield Reason("task-annotations", text)
    for path, line in celery.unread_limits[:1]:
        text = f"{path}:{line} names a global limit in a way that could not be read"
        yield Reason("global-limit", text)
    for command in celery.commands:
        if any(each.endswith("-limit") for each in command.options):
            text = f"{command.path}:{command.line} starts workers with limits for all tasks"
            yield Reason("global-limit", text)
            return


def _of_pools(project: Project) -> Iterator[Reason]:
    for pool, path, line in project.celery.pools:
        if pool not in WITH_LIMITS:
            text = f"workers of the pool {pool} ({path}:{line}) may not keep the soft limit"
            yield Reason("pool-without-limits", text)


def _of_senders(project: Project, task: Task) -> Iterator[Reason]:
    for place in senders_of(project, task, (SOFT, HARD)):
        yield Reason("limit-at-sender", f"{place} sends it with a limit of its own")


def retried(project: Project, task: Task) -> Iterator[Reason]:
    """`autoretry_for=(Exception,)` runs again what the soft limit has ended (measured: 3 runs)."""
    wanted, spared = task.option("autoretry_for"), task.option("dont_autoretry_for")
    if wanted is None or (spared is not None and _names(project, spared) & SOFT_EXCEPTIONS):
        return
    if wanted.value.kind not in {"tuple", "list"} or _names(project, wanted) & BROAD:
        text = f"line {wanted.line}: autoretry_for runs it again when the soft limit ends it"
        yield Reason("retried-limit", text)


def _names(project: Project, option: TaskOption) -> frozenset[str]:
    """What the names among an option's items stand for."""
    names = [each.name for each in option.value.walk() if each.kind == "name"]
    found = [project.resolve(option.path, name, line=option.line) or "?" for name in names]
    return frozenset(each.removeprefix("builtins.") for each in found)


def _of_visibility(project: Project, task: Task, gap: Gap) -> Iterator[Reason]:
    """A task that is acknowledged late and runs longer is handed to a second worker."""
    late = task.option("acks_late")
    is_late = late is not None and not late.value.is_constant(False)
    if not is_late and (late is not None or not _all_late(project)):
        return
    hard = dict(gap.options).get(HARD) or number_of(project, task, HARD) or GUIDE_HARD
    timeout = _visibility_timeout(project)
    if hard >= timeout:
        text = (
            f"it is acknowledged late, and its limit reaches the visibility timeout ({timeout} s)"
        )
        yield Reason("visibility-timeout", text)


def _all_late(project: Project) -> bool:
    """Whether a setting may have every task acknowledged late."""
    values = [each.value for each in project.celery.values("task_acks_late")]
    return any(not each.complete or set(each.constants) - {False, None} for each in values)


def _visibility_timeout(project: Project) -> int | float:
    """The shortest that is set, as far as it is known; else the default."""
    found: list[int | float] = []
    for setting in project.celery.values("broker_transport_options"):
        for each in setting.value.entry("visibility_timeout").constants:
            if isinstance(each, int | float) and not isinstance(each, bool):
                found.append(each)
    return min(found, default=_VISIBILITY)
