"""What users of `bulk-create` can choose."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BulkCreateOptions:
    """Django cuts a statement by itself where the database has a limit on its parameters."""

    batch_size: int | None = field(
        default=None,
        metadata={"help": "rows in one statement, written as batch_size=... (none: all at once)"},
    )

    def __post_init__(self) -> None:
        """Raises ValueError for a size that Django would refuse."""
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError("`batch-size`: a statement has at least one row")
