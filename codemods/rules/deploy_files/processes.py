"""What gunicorn and Celery's workers are to be told, and where it is told elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.rules.deploy_files.options import DeployFilesOptions
from djfix.codemods.rules.deploy_files.programs import Started
from djfix.codemods.rules.deploy_files.surroundings import (
    child_limit,
    other_pool,
    surroundings_of,
)
from djfix.codemods.rules.deploy_files.values import Advice

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_THREADED = frozenset({"", "sync", "gthread", "gunicorn.workers.ggthread.ThreadWorker"})
_PREFORK = frozenset({"prefork", "processes"})
GUNICORN_TIMEOUT = 30
"""What gunicorn takes without `--timeout`."""


@dataclass(frozen=True, slots=True)
class Where:
    """The file that a command stands in, as far as it decides what is written there.

    `is_platform`: a platform reads it that sets WEB_CONCURRENCY itself. `is_script`: only reported.
    `variables`: what is set around the command.
    """

    project: Project
    options: DeployFilesOptions
    is_platform: bool = False
    is_script: bool = False
    variables: frozenset[str] = frozenset()


def judged(started: Started, where: Where) -> Iterator[Advice | Reason]:
    """The advice for a command, or why it is left alone."""
    if started.program == "gunicorn":
        yield from _gunicorn(started, where)
    elif started.program in ("celery worker", "celery multi"):
        yield from _worker(started, where)


def _gunicorn(started: Started, where: Where) -> Iterator[Advice | Reason]:
    missing = _missing(started, where)
    if not missing:
        return
    elsewhere = _configured(started, where)
    if elsewhere:
        text = f"gunicorn's options may stand elsewhere: {elsewhere}"
        yield Reason("configured-elsewhere", text)
    elif started.given("--reload"):
        yield Reason("development", "with --reload, gunicorn serves a developer")
    elif started.is_unread:
        yield Reason(
            "unread-arguments",
            "a variable, or an option that lacks its value, may hold the options",
        )
    else:
        adds = tuple(word for option, number in missing for word in (option, str(number)))
        names = ", ".join(option for option, _ in missing)
        reasons = tuple(_of_option(option, number) for option, number in missing)
        yield _advice(
            started, where, "gunicorn-options", f"gunicorn without {names}", adds, reasons
        )


def _missing(started: Started, where: Where) -> list[tuple[str, int]]:
    options = where.options
    missing: list[tuple[str, int]] = []
    known = where.project.shared(surroundings_of).concurrency
    own = {"WEB_CONCURRENCY"} & {*started.command.variables, *where.variables}
    if not (started.given("--workers", "-w") or known or own or where.is_platform):
        missing.append(("--workers", options.workers))
    if not started.given("--threads") and _has_threads(started):
        missing.append(("--threads", options.threads))
    if not started.given("--timeout", "-t"):
        missing.append(("--timeout", options.timeout))
    return missing


def _has_threads(started: Started) -> bool:
    """Whether the kind of worker has threads: an event loop has none."""
    if any("asgi" in word.value for word in started.words):
        return False
    kind = started.value("--worker-class", "-k")
    return kind is None or (isinstance(kind, str) and kind.strip("'\"") in _THREADED)


def _configured(started: Started, where: Where) -> str:
    around = where.project.shared(surroundings_of)
    if started.given("--config", "-c"):
        return "it is given a configuration"
    if {"GUNICORN_CMD_ARGS"} & {*started.command.variables, *where.variables}:
        return "GUNICORN_CMD_ARGS is set"
    if around.gunicorn_config:
        return around.gunicorn_config
    if around.gunicorn_arguments:
        return f"{around.gunicorn_arguments} sets GUNICORN_CMD_ARGS"
    return ""


def _of_option(option: str, number: int) -> Reason:
    if option == "--workers":
        text = "each worker is a process with its own memory and its own database connections"
        return Reason("workers-cost-memory", text)
    if option == "--threads":
        text = "the project's code then runs in several threads of one process"
        return Reason("threads-share-a-process", text)
    if number == GUNICORN_TIMEOUT:
        text = "30 seconds hold without the option, too; it makes them visible"
        return Reason("timeout-is-the-default", text)
    text = f"a worker that is silent for {number} seconds is ended, {GUNICORN_TIMEOUT} until now"
    return Reason("timeout-changes", text)


def _worker(started: Started, where: Where) -> Iterator[Advice | Reason]:
    if started.given("--max-tasks-per-child", "--maxtasksperchild"):
        return
    pool = started.value("--pool", "-P")
    if started.given("--max-memory-per-child"):
        yield Reason("limited-elsewhere", "children are replaced by what memory they take")
    elif pool is not None and not (isinstance(pool, str) and pool in _PREFORK):
        yield Reason("no-child-processes", "only the prefork pool has children to replace")
    elif started.is_unread:
        yield Reason(
            "unread-arguments", "a variable, or an option that lacks its value, may hold the option"
        )
    elif limit := child_limit(where.project):
        yield Reason("limited-elsewhere", f"{limit} says how long a child lives")
    elif pool is None and (path := other_pool(where.project)):
        yield Reason("no-child-processes", f"{path} chooses another pool than prefork, or may")
    else:
        number = where.options.max_tasks_per_child
        text = f"after {number} tasks a child is replaced, with all that tasks keep in its memory"
        message = "a Celery worker whose processes live, and may grow, for ever"
        reasons = (Reason("children-start-anew", text),)
        adds = ("--max-tasks-per-child", str(number))
        yield _advice(started, where, "celery-children", message, adds, reasons)


def _advice(
    started: Started,
    where: Where,
    problem: str,
    message: str,
    adds: tuple[str, ...],
    reasons: tuple[Reason, ...],
) -> Advice:
    text = " ".join(started.command.values)
    if where.is_script:
        reasons = (Reason("shell-script", "a script may pass options in ways that are not read"),)
        return Advice(problem, message, reasons, adds, text=text)
    if started.program == "celery multi":
        reasons = (Reason("several-workers", "celery multi hands options on, each in its way"),)
        return Advice(problem, message, reasons, adds, text=text)
    insertion = (started.at.end, started.command.spelled(adds))
    return Advice(problem, message, reasons, adds, (insertion,), text=text)


_DEVELOPMENT_TEXT = """
dev devel develop development developer local test tests testing ci debug override
devcontainer e2e playwright selenium
"""
_DEVELOPMENT = frozenset(_DEVELOPMENT_TEXT.split())


def is_for_development(*names: str) -> bool:
    """Whether the names of a file, its folders, a stage or a service say that it is no
    production's."""
    words = {word for name in names for word in re.split(r"[^a-z0-9]+", name.lower())}
    return not words.isdisjoint(_DEVELOPMENT)
