"""What users of `on-commit` choose: Django's own way, or that of Celery's Django tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class OnCommitOptions:
    """How the task is sent once the transaction is committed."""

    form: Literal["partial", "delay_on_commit"] = field(
        default="partial",
        metadata={
            "help": "transaction.on_commit(partial(...)), or task.delay_on_commit(...) where the "
            "project's Celery has it (5.4 and newer)",
            "choices": ("partial", "delay_on_commit"),
        },
    )
