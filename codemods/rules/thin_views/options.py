"""The options of `thin-views`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ThinViewsOptions:
    """From how much work on a view is called fat, and what is made of it."""

    minimum_score: int = field(
        default=3,
        metadata={
            "help": "the points from which on a view is found: one for each write, each further "
            "model, task, mail and transaction, one for early responses"
        },
    )
    minimum_statements: int = field(
        default=3,
        metadata={"help": "the statements that must leave a view at least, inner ones counted"},
    )
    follow: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "the rules that run on what was moved, inside of a transaction: what clients "
            "see stays the same, rows differ where a request used to fail half-way",
            "choices": ("f-expressions", "update-fields", "bulk-create", "exists", "on-commit"),
        },
    )
    validate: bool = field(
        default=False,
        metadata={
            "help": "where one serializer of the app takes in just what the view reads of "
            "request.data, the input goes through it: what it refuses is answered 400 with its "
            "errors, values get the types of its fields, keys that it does not know are dropped"
        },
    )
    stubs: bool = field(
        default=False,
        metadata={
            "help": "where the work cannot be moved soundly, a service with the proposed "
            "signature, and with what to move in its docstring"
        },
    )
