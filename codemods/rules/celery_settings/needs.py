"""What a project's workers lack, by what its commands, tasks and servers show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.project.setting_values import Value
from djfix.codemods.project.task_numbers import number_of
from djfix.codemods.project.test_files import is_test
from djfix.codemods.rules.celery_settings.options import CelerySettingsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.celery_values import WorkerCommand
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task
    from djfix.codemods.rules.celery_settings.homes import Home

CHILD, PREFETCH, POOL = (
    "worker_max_tasks_per_child",
    "worker_prefetch_multiplier",
    "broker_pool_limit",
)
WITHOUT_CHILDREN = frozenset({"solo", "threads", "gevent", "eventlet"})
"""Pools whose tasks run in the worker's own process (measured: it is never replaced)."""
CHILD_POOLS = frozenset({"prefork", "processes"})
DEFAULT_POOL_LIMIT = 10

_OPTIONS = {
    CHILD: ("--max-tasks-per-child", "--maxtasksperchild", "--max-memory-per-child"),
    PREFETCH: ("--prefetch-multiplier", "--disable-prefetch"),
    POOL: (),
}
_WORDS = {
    CHILD: re.compile(rb"max[-_]?(?:imum_)?tasks[-_]?per[-_]?child", re.IGNORECASE),
    PREFETCH: re.compile(rb"prefetch[-_]multiplier", re.IGNORECASE),
    POOL: re.compile(rb"broker[-_]pool[-_]limit", re.IGNORECASE),
}
_ASIDE = (".md", ".rst", ".txt", ".po", ".js", ".map", ".css", ".svg", ".html", ".lock", ".json")
_TASKS = (b"shared_task", b".task", b"Task")
_OUTSIDE = re.compile(r"\$\W?\w*|%\(|\{\{")
"""What a shell, an environment or a template puts into a command."""

_GUNICORN_THREADS = re.compile(r"--threads[\"',\s=]+(\d+)")


@dataclass(frozen=True, slots=True)
class Need:
    """A setting that a project lacks: its value, what a person should weigh, and what says so."""

    name: str
    value: int
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...] = ()


def needs_of(
    project: Project, home: Home, options: CelerySettingsOptions
) -> tuple[Need | Reason, ...]:
    """All that a home lacks, or why a setting is not proposed."""
    eager = home.values(project, "task_always_eager")
    if eager and all(each.value.constant is True for each in eager):
        return (Reason("always-eager", "tasks run where they are sent, and no worker runs"),)
    needs = (each(project, home, options) for each in (_child, _prefetch, _pool))
    return tuple(each for each in needs if each is not None)


def _stopped(
    project: Project, home: Home, name: str, others: tuple[str, ...] = ()
) -> Reason | None:
    """Where it is set, in any spelling, or where every worker is given it."""
    for each in (name, *others):
        for setting in home.values(project, each):
            text = f"{setting.spelled} is set ({setting.path}:{setting.line})"
            return Reason("already-set", text)
    commands = project.celery.commands
    if commands and all(_gives(each, name) for each in commands):
        first = commands[0]
        return Reason("given-by-command", f"{first.path}:{first.line} gives it to its workers")
    place = next(_unread(project, home, name), None)
    return None if place is None else Reason("may-be-set", f"{place} names it, and was not read")


def _gives(command: WorkerCommand, name: str) -> bool:
    return not set(_OPTIONS[name]).isdisjoint(command.options)


def _unread(project: Project, home: Home, name: str) -> Iterator[str]:
    """Files that spell the setting in another way than was read: a template, a variable."""
    celery, files, word = project.celery, project.files, _WORDS[name]
    known = {*home.aside, *(each.path for each in celery.ignored if each.name == name)}
    known |= {each.path for each in celery.commands if _gives(each, name)}
    for path in files.paths:
        if path in known or path.endswith(_ASIDE) or is_test(project, path):
            continue
        try:
            data = files.read(path)
        except OSError:
            continue
        if word.search(data) is not None:
            yield path


def _passed_over(project: Project, name: str) -> tuple[int, Reason] | None:
    """A number that somebody wanted, under a name that Celery does not read."""
    for setting in project.celery.ignored:
        value = setting.value.constant
        if setting.name == name and type(value) is int and value > 0:
            text = f"{setting.spelled} ({setting.path}:{setting.line}) is a name Celery passes over"
            return value, Reason("ignored-setting", text)
    return None


# -- child processes ------------------------------------------------------------------------------


def _child(project: Project, home: Home, options: CelerySettingsOptions) -> Need | Reason | None:
    reason = _stopped(project, home, CHILD, ("worker_max_memory_per_child",))
    if reason is not None:
        return reason
    pools = _pools(project, home)
    if pools and all(each in WITHOUT_CHILDREN for each, _ in pools):
        pool, place = pools[0]
        text = f"the pool {pool} ({place}) runs tasks in the worker itself, which is not replaced"
        return Reason("no-child-processes", text)
    text = (
        "a child that ends takes with it what it holds in memory, and its successor begins "
        "without; tasks that leak nothing need no successor"
    )
    reasons = [Reason("children-replaced", text), *_of_commands(project, pools)]
    value = options.max_tasks_per_child
    wanted = _passed_over(project, CHILD)
    if wanted is not None:
        value, reason = wanted
        reasons.append(reason)
    lacking = [each for each in project.celery.commands if not _gives(each, CHILD)]
    return Need(CHILD, value, tuple(reasons), _starting(lacking, "starts workers without it"))


def _pools(project: Project, home: Home) -> list[tuple[str, str]]:
    """The pool of each command, and where it is named; those of settings where there is none."""
    celery = project.celery
    default = [
        (str(each), f"{setting.path}:{setting.line}")
        for setting in home.values(project, "worker_pool")
        for each in setting.value.constants
    ]
    found: list[tuple[str, str]] = []
    for each in celery.commands:
        own = [(each.pool, f"{each.path}:{each.line}")] if each.pool else []
        found += own or default or [("prefork", f"{each.path}:{each.line}")]
    return found or default


def _of_commands(project: Project, pools: list[tuple[str, str]]) -> Iterator[Reason]:
    if not project.celery.commands:
        text = "no file of the project starts workers: another pool than prefork has no children"
        yield Reason("no-worker-command", text)
    for pool, place in pools:
        if pool not in CHILD_POOLS:
            text = f"workers of the pool {pool} ({place}) may have no children to replace"
            yield Reason("other-pool", text)
            break
    for command in project.celery.commands:
        if _OUTSIDE.search(command.text) is not None:
            text = f"{command.path}:{command.line} takes options from outside, this one perhaps"
            yield Reason("options-from-outside", text)
            break


def _starting(commands: list[WorkerCommand], text: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(each.path, each.line, text) for each in commands)


# -- messages fetched ahead -----------------------------------------------------------------------


def _prefetch(project: Project, home: Home, options: CelerySettingsOptions) -> Need | Reason | None:
    wanted = _passed_over(project, PREFETCH)
    late, long = _late(project, home), _long(project, options.long_seconds)
    stated = options.prefetch_multiplier
    if stated is None and wanted is None and not late and not long:
        return None
    reason = _stopped(project, home, PREFETCH, ("worker_disable_prefetch",))
    if reason is not None:
        return reason
    reasons = [wanted[1]] if wanted is not None else []
    value = stated or (wanted[0] if wanted is not None else 1)
    if value == 1:
        text = (
            "short tasks take one more trip to the broker each; part them by queue if these count"
        )
        reasons.append(Reason("fetched-one-by-one", text))
        if not late:
            text = "with early acknowledgement each busy process still holds one message"
            reasons.append(Reason("one-still-waits", text))
    for command in project.celery.commands:
        if command.value("-O", "--optimization") == "fast":
            text = f"{command.path}:{command.line}: -O fast hands messages to busy children as well"
            reasons.append(Reason("fast-dispatch", text))
    if not reasons:
        reasons.append(Reason("stated-number", "compare it with the queue under load"))
    return Need(PREFETCH, value, tuple(reasons), (*late, *long)[:3])


def _late(project: Project, home: Home) -> tuple[Evidence, ...]:
    found = [
        Evidence(each.path, each.line, "all tasks are acknowledged late")
        for each in home.values(project, "task_acks_late")
        if True in each.value.constants
    ]
    for task in _tasks(project):
        option = task.option("acks_late")
        if option is not None and option.value.kind == "constant" and option.value.value is True:
            found.append(Evidence(option.path, option.line, "acknowledged late"))
    return tuple(found)


def _long(project: Project, seconds: int) -> tuple[Evidence, ...]:
    found = []
    for task in _tasks(project):
        numbers = [number_of(project, task, name) for name in ("soft_time_limit", "time_limit")]
        longest = max((each for each in numbers if each is not None), default=0)
        if longest > seconds:
            found.append(Evidence(task.path, task.line, f"it may run for {longest} seconds"))
    return tuple(found)


def _tasks(project: Project) -> Iterator[Task]:
    files = project.files
    for path in files.containing(*_TASKS):
        if not is_test(project, path):
            yield from project.tasks(path)


# -- connections to the broker --------------------------------------------------------------------


def _pool(project: Project, home: Home, options: CelerySettingsOptions) -> Need | Reason | None:
    wanted, threads = _passed_over(project, POOL), _threads(project)
    value = options.broker_pool_limit or (wanted[0] if wanted is not None else None)
    if value is None and threads is not None:
        value = threads[0]
    if value is None:
        return None
    reason = _stopped(project, home, POOL)
    if reason is not None:
        return reason
    text = "each process may keep so many connections: compare with what the broker takes"
    reasons = [Reason("broker-connections", text), *([wanted[1]] if wanted is not None else [])]
    return Need(POOL, value, tuple(reasons), (threads[1],) if threads is not None else ())


def _threads(project: Project) -> tuple[int, Evidence] | None:
    """The most threads that a gunicorn process is started with, where these are many."""
    found: list[tuple[int, Evidence]] = []
    for path in project.files.paths:
        if path.endswith((*_ASIDE, ".py")):
            continue
        try:
            text = project.files.read(path).decode("utf-8", errors="replace")
        except OSError:
            continue
        for number, line in enumerate(text.split("\n") if "gunicorn" in text else (), 1):
            for count in _GUNICORN_THREADS.findall(line.partition("#")[0]):
                found.append((int(count), Evidence(path, number, f"{count} threads may send")))
    most = max(found, default=None, key=lambda each: each[0])
    return most if most is not None and most[0] > DEFAULT_POOL_LIMIT else None


def is_off(value: Value) -> bool:
    """Whether a limit switches the pool off: a connection is then opened for each message."""
    return value.complete and value.constants in ((None,), (0,))
