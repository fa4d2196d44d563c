"""Which limits a task lacks, and which numbers fill the gap without loosening what is there."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.task_numbers import Number, number_of
from djfix.codemods.project.task_routes import Route, Routes
from djfix.codemods.rules.celery_limits.options import GUIDE_HARD, GUIDE_SOFT, CeleryLimitsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.celery_values import Celery
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

SOFT, HARD = "soft_time_limit", "time_limit"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limits that a task should have; `stated`: by the user, both of them; `specific`: for it
    or for its queue, and not for all tasks."""

    soft: int
    hard: int
    stated: bool
    specific: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: the options to add, and reasons that come with it.

    `report`: why nothing can be added, though something is wrong. `decline`: why it is not known
    whether anything is missing.
    """

    options: tuple[tuple[str, Number], ...] = ()
    reviews: tuple[Reason, ...] = ()
    report: Reason | None = None
    decline: Reason | None = None


def wanted_for(options: CeleryLimitsOptions, task: Task, project: Project) -> Wanted:
    """The user's numbers for a task, by its name, its queue, or for all; else the guide's."""
    for pattern, soft, hard in options.tasks:
        if fnmatchcase(task.name or task.symbol, pattern):
            return Wanted(soft, hard, stated=True, specific=True)
    route = project.shared(Routes).of(task) if options.queues else None
    for pattern, soft, hard in options.queues:
        if isinstance(route, Route) and fnmatchcase(route.queue, pattern):
            return Wanted(soft, hard, stated=True, specific=True)
    soft_stated, hard_stated = options.soft_time_limit, options.time_limit
    stated = soft_stated is not None and hard_stated is not None
    if soft_stated is not None:
        return Wanted(soft_stated, hard_stated or 2 * soft_stated, stated)
    if hard_stated is not None:
        return Wanted(max(hard_stated // 2, 1), max(hard_stated, 2), stated)
    return Wanted(GUIDE_SOFT, GUIDE_HARD, stated)


def gap_of(project: Project, task: Task, wanted: Wanted) -> Gap:
    """What the task lacks: an option of its own comes before the global setting of its kind."""
    soft, hard = task.option(SOFT), task.option(HARD)
    if soft is not None and hard is not None:
        return _both(project, task)
    if soft is None and hard is None:
        return _neither(project.celery, wanted)
    name = SOFT if soft is not None else HARD
    own = number_of(project, task, name)
    if own is None:
        return Gap(decline=Reason("limit-not-read", f"its {name} is no number that can be read"))
    with_one = _only_soft if soft is not None else _only_hard
    return with_one(own, project.celery, wanted)


def _both(project: Project, task: Task) -> Gap:
    soft, hard = number_of(project, task, SOFT), number_of(project, task, HARD)
    if soft is not None and hard is not None and soft >= hard:
        return Gap(report=_above(soft, hard))
    return Gap()


def _above(soft: Number, hard: Number) -> Reason:
    text = f"the soft limit ({soft}) never comes: the hard one ({hard}) is not above it"
    return Reason("soft-above-hard", text)


def _neither(celery: Celery, wanted: Wanted) -> Gap:
    softs, hards = celery.numbers("task_soft_time_limit"), celery.numbers("task_time_limit")
    if softs is None or hards is None:
        text = "the global limits could not be read: a limit of its own may be looser"
        return Gap(_pair(wanted), (Reason("global-limit", text),))
    if softs and hards:
        return Gap()
    if hards:
        soft = wanted.soft if wanted.soft < hards[0] else _half(hards[0])
        return Gap(((SOFT, soft),), (_beside("hard", hards[0]),))
    if softs:
        hard = wanted.hard if wanted.hard > softs[-1] else 2 * softs[-1]
        return Gap(((HARD, hard),), (_beside("soft", softs[-1]),))
    return Gap(_pair(wanted))


def _only_soft(soft: Number, celery: Celery, wanted: Wanted) -> Gap:
    hards = celery.numbers("task_time_limit")
    if hards:
        return Gap(report=_above(soft, hards[0])) if soft >= hards[0] else Gap()
    if wanted.hard > soft:
        return Gap(((HARD, wanted.hard),), _unread(hards))
    return Gap(((HARD, 2 * soft),), (*_unread(hards), _own("soft", soft, 2 * soft)))


def _only_hard(hard: Number, celery: Celery, wanted: Wanted) -> Gap:
    softs = celery.numbers("task_soft_time_limit")
    if softs and softs[-1] < hard:
        return Gap()
    reviews = (_beside("soft", softs[-1]),) if softs else _unread(softs)
    if wanted.soft < hard <= wanted.hard:
        return Gap(((SOFT, wanted.soft),), reviews)
    soft = _half(hard)
    return Gap(((SOFT, soft),), (*reviews, _own("hard", hard, soft)))


def _own(kind: str, given: Number, number: Number) -> Reason:
    """A task that was given more, or less, than the others is no task like the others."""
    text = f"its own {kind} limit is {given} s: the other one, {number} s, is djfix's own number"
    return Reason("own-limit", text)


def _unread(numbers: tuple[Number, ...] | None) -> tuple[Reason, ...]:
    if numbers is None:
        text = "a global limit could not be read: a limit of its own may be looser"
        return (Reason("global-limit", text),)
    return ()


def _half(number: Number) -> Number:
    """Half of it in whole seconds, where there are two."""
    return number // 2 if number >= 2 else number / 2


def _pair(wanted: Wanted) -> tuple[tuple[str, Number], ...]:
    return ((SOFT, wanted.soft), (HARD, wanted.hard))


def _beside(kind: str, number: Number) -> Reason:
    text = f"there is a global {kind} limit of {number} s, and none of the other kind"
    return Reason("global-limit", text)
