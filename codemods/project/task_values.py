"""What a Celery task is, as values: how it is written, its options and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Reason
from djfix.codemods.project.facts import ExpressionFacts, FunctionFacts

TaskForm = Literal["bare", "called", "class", "wrapped"]
"""`@shared_task`, `@shared_task(...)`, a class that extends Task, or a decorator of the project's
own that makes the task (and may set any option)."""

Origin = Literal["decorator", "unpacked", "wrapper", "class", "base", "application"]
"""Where an option is written: in the decorator; in a mapping unpacked there; in a `partial` that
the decorator is; in the body of a class-based task; in the class that `base=` names, or a base of
a class-based task; in the class that the application makes its tasks of."""

OPTIONS = frozenset(
    {
        *("name", "bind", "base", "serializer", "queue", "routing_key", "priority", "expires"),
        *("ignore_result", "store_errors_even_if_ignored", "track_started", "rate_limit"),
        *("typing", "throws", "max_retries", "default_retry_delay", "soft_time_limit"),
        *("time_limit", "acks_late", "acks_on_failure_or_timeout", "acks_on_failure"),
        *("acks_on_timeout", "reject_on_worker_lost", "retry_on_worker_lost", "autoretry_for"),
        *("dont_autoretry_for", "retry_kwargs", "retry_backoff", "retry_backoff_max"),
        *(
            "retry_jitter",
            "pydantic",
            "pydantic_strict",
            "pydantic_context",
            "pydantic_dump_kwargs",
        ),
        *("exchange", "delivery_mode", "compression", "immediate", "mandatory", "abstract"),
        *("lazy", "shared", "filter", "trail", "send_events", "resultrepr_maxsize", "backend"),
        *("Strategy", "Request", "from_config"),
    }
)
"""The options that Celery 5.7 reads: any other is stored on the task without a word.
https://docs.celeryq.dev/en/stable/userguide/tasks.html#list-of-options, and `celery.app.task`."""


@dataclass(frozen=True, slots=True)
class TaskOption:
    """One option of a task, and the line that says it."""

    name: str
    value: ExpressionFacts
    path: str
    line: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Task:
    """One Celery task.

    `symbol`: the dotted name of its function or class ("shop.tasks.ship"); `line`: of `def` or
    `class`; `name`: what it is registered as, None where that cannot be read. `decorator`: what
    makes it a task, None of a class. `application`: the dotted name of the app whose `task` it is,
    None for `shared_task`. `options`: those that hold first, first; the same name may follow with
    what it overrides. `bound`: whether the function is given the task as its first argument.
    `unclear`: why there may be other options, or other values.
    """

    symbol: str
    path: str
    line: int
    name: str | None
    form: TaskForm
    decorator: ExpressionFacts | None = None
    application: str | None = None
    function: FunctionFacts | None = None
    options: tuple[TaskOption, ...] = ()
    bound: bool | None = False
    unclear: tuple[Reason, ...] = ()

    def option(self, name: str) -> TaskOption | None:
        """The option that holds; None if nothing that was read sets it."""
        return next((each for each in self.options if each.name == name), None)

    def constant(self, name: str) -> object:
        """The literal value of an option, None if it is not set or no literal."""
        found = self.option(name)
        return found.value.value if found is not None and found.value.kind == "constant" else None


@dataclass(frozen=True, slots=True)
class RemovedTask:
    """A decorator that Celery 5 has no longer (`celery.task`, `celery.decorators`)."""

    name: str
    path: str
    line: int
