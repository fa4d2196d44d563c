"""What a user may set for `celery-retries`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class CeleryRetriesOptions:
    """The form of the retries, and which tasks may run twice."""

    form: Literal["autoretry", "bind"] = field(
        default="autoretry",
        metadata={
            "help": 'options alone, or `self.retry` in the body ("bind", the guide\'s form)',
            "choices": ("autoretry", "bind"),
        },
    )
    max_retries: int = field(default=3, metadata={"help": "how often a task is tried again"})
    default_retry_delay: int = field(
        default=60,
        metadata={"help": "seconds before the first retry of the form bind; doubled each time"},
    )
    acks_late: bool = field(
        default=True,
        metadata={"help": "acknowledge repeatable tasks late, so that none is lost with a worker"},
    )
    repeatable: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "tasks that may run twice though they pay, send or create: names, or patterns "
            'like "*.process_payment"'
        },
    )
