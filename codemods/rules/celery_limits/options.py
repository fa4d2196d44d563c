"""What users of `celery-limits` state: seconds for all tasks, for some, and for network calls."""

from __future__ import annotations

from dataclasses import dataclass, field

GUIDE_SOFT, GUIDE_HARD = 30, 60
"""The guide's own numbers, proposed where the user has stated none."""


@dataclass(frozen=True, slots=True)
class CeleryLimitsOptions:
    """Limits are whole seconds; of several patterns that fit a task the first counts."""

    soft_time_limit: int | None = field(
        default=None,
        metadata={
            "help": "seconds after which a task gets SoftTimeLimitExceeded "
            f"(not stated: {GUIDE_SOFT}, for review)"
        },
    )
    time_limit: int | None = field(
        default=None,
        metadata={
            "help": "seconds after which its process is killed "
            f"(not stated: {GUIDE_HARD}, for review)"
        },
    )
    tasks: tuple[tuple[str, int, int], ...] = field(
        default=(),
        metadata={
            "help": 'soft and hard limit by task name: `tasks = {"*.reports.*" = [3000, 3600]}`'
        },
    )
    queues: tuple[tuple[str, int, int], ...] = field(
        default=(),
        metadata={"help": 'soft and hard limit by queue: `queues = {"slow" = [3000, 3600]}`'},
    )
    network_timeout: int = field(
        default=10,
        metadata={"help": "seconds of the `timeout=` that network calls get, for review"},
    )

    def __post_init__(self) -> None:
        """Raises ValueError for limits that Celery would not keep apart."""
        rows = [("soft-time-limit", self.soft_time_limit, self.time_limit)]
        rows += [*self.tasks, *self.queues]
        for name, soft, hard in rows:
            if any(each is not None and each < 1 for each in (soft, hard)):
                raise ValueError(f"`{name}`: a limit is at least one second")
            if soft is not None and hard is not None and soft >= hard:
                raise ValueError(
                    f"`{name}`: the soft limit ({soft}) is below the hard one ({hard})"
                )
