"""What users of `celery-settings` state: the numbers, and what counts as long."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CelerySettingsOptions:
    """The guide's 1000 tasks; the other two by what the project shows, until a number is stated."""

    max_tasks_per_child: int = field(
        default=1000,
        metadata={"help": "tasks after which a child process makes room for a new one"},
    )
    prefetch_multiplier: int | None = field(
        default=None,
        metadata={
            "help": "messages that a worker fetches ahead for each process; unless stated, 1 where "
            "tasks are long or acknowledged late, and nothing elsewhere"
        },
    )
    broker_pool_limit: int | None = field(
        default=None,
        metadata={
            "help": "connections to the broker that a process keeps; unless stated, the threads of "
            "a server process where these are more than Celery's 10"
        },
    )
    long_seconds: int = field(
        default=600, metadata={"help": "a task that may run longer than this is long"}
    )

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that switch off what they are to bound."""
        for name in ("max_tasks_per_child", "prefetch_multiplier", "broker_pool_limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"`{name.replace('_', '-')}` is at least 1")
