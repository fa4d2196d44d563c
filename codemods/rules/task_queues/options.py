"""What users of `task-queues` may set: the names of their queues, and what counts as slow."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TaskQueuesOptions:
    """The guide's layout: `email` and `payments` beside the default queue; and one for slow work,
    which the guide does not name."""

    payments_queue: str = field(
        default="payments", metadata={"help": "the queue for tasks that move money"}
    )
    email_queue: str = field(
        default="email", metadata={"help": "the queue for tasks that send mail or messages"}
    )
    slow_queue: str = field(default="slow", metadata={"help": "the queue for tasks that take long"})
    slow_seconds: int = field(
        default=600,
        metadata={"help": "a task that may run or sleep longer than this is slow"},
    )
