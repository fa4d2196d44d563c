"""What users of `conn-max-age` state: how long, whether the server has room, and the pool form."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ConnMaxAgeOptions:
    """The guide's 600 seconds, until the user states others."""

    max_age: int = field(
        default=600, metadata={"help": "seconds for which a connection is kept and used again"}
    )
    max_connections_checked: bool = field(
        default=False,
        metadata={
            "help": "you have compared all processes times their threads, over all hosts, with "
            "the server's max_connections"
        },
    )
    pool: bool = field(
        default=False,
        metadata={
            "help": 'write `OPTIONS["pool"]` instead, for review '
            "(Django 5.1+, PostgreSQL, psycopg 3)"
        },
    )

    def __post_init__(self) -> None:
        """Raises ValueError for an age that keeps nothing."""
        if self.max_age < 1:
            raise ValueError("`max-age` is at least one second")
