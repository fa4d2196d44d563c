"""What users of `deploy-files` state: the numbers that it writes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeployFilesOptions:
    """The guide's numbers."""

    workers: int = field(
        default=4,
        metadata={"help": "gunicorn's --workers; the guide: twice the CPUs and one"},
    )
    threads: int = field(default=2, metadata={"help": "gunicorn's --threads"})
    timeout: int = field(default=30, metadata={"help": "gunicorn's --timeout, in seconds"})
    max_tasks_per_child: int = field(
        default=1000, metadata={"help": "Celery's --max-tasks-per-child"}
    )

    def __post_init__(self) -> None:
        """Raises ValueError for numbers with which nothing would run."""
        for name in ("workers", "threads", "timeout", "max_tasks_per_child"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name.replace('_', '-')}` is at least 1")
