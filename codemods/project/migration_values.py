"""What a migration says, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.project.facts import ExpressionFacts

Key = tuple[str, str]
"""A migration by its app's label and its name, as `dependencies` have it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `kind`: the class's name where it is one of Django's ("AddIndex"), else "".

    `place`: its position in `operations`. `model`: the model's name in lower case, "" where the
    operation names none. `inner`: what SeparateDatabaseAndState holds, by "database" and "state".
    """

    kind: str
    call: ExpressionFacts
    place: int
    model: str = ""
    inner: tuple[tuple[str, Operation], ...] = ()

    @property
    def line(self) -> int:
        return self.call.line

    def on(self, side: str) -> Iterator[Operation]:
        """What this does to one side ("database" or "state"), itself if it does not divide them."""
        if self.kind != "SeparateDatabaseAndState":
            yield self
        for where, each in self.inner:
            if where == side:
                yield from each.on(side)


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file. `atomic`: None where it cannot be read.

    `is_new`: the base branch does not have it, so that no database but its author's does; None
    where history is not known. `unclear`: what of it could not be read.
    """

    path: str
    app: str
    name: str
    dependencies: tuple[Key, ...] = ()
    run_before: tuple[Key, ...] = ()
    replaces: tuple[Key, ...] = ()
    operations: tuple[Operation, ...] = ()
    atomic: bool | None = True
    is_new: bool | None = None
    unclear: tuple[Reason, ...] = ()

    @property
    def key(self) -> Key:
        return (self.app, self.name)
