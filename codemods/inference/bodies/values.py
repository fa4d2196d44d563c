"""What a function's body does, as values: its acts, each with the lines that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from djfix.codemods.findings import Evidence, NodeReference, Reason

ActKind = Literal[
    "network",
    "mail",
    "payment",
    "create",
    "write",
    "delta",
    "delete",
    "file",
    "process",
    "retry",
    "swallow",
    "sleep",
    "lock",
    "loop",
    "delay",
    "unknown",
]
"""`network`: asks another machine. `write`: the same again when it is done again (`update`,
`get_or_create`). `delta`: adds to what is there (`F()`, `+=`). `retry`: `self.retry`. `swallow`: a
handler of every exception, or of the soft time limit, that does not raise. `loop`: `while True`.
`delay`: another task is sent. `unknown`: code of a library that is in no table."""

TimeoutState = Literal["given", "missing", "none-possible", "unknown"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a body does.

    `callee`: the resolved dotted name of what is called, else its text; of "swallow" the name of
    what is caught. `evidence`: the line in the function that was asked about, then those in the
    functions that it calls, down to the act. `reference`: the call or statement in the function
    that was asked about. `exceptions`: canonical names of what the act may raise out of the body.
    `swallowed`: the handler that catches whatever the act raises and goes on; `translated`: the one
    that raises another exception in place of every one. `repeatable`: whether
    doing it twice leaves the same as doing it once; None where that is not known. `amount`: the
    seconds of a sleep, a lock's expiry, or a countdown.
    """

    kind: ActKind
    callee: str
    evidence: tuple[Evidence, ...]
    reference: NodeReference
    exceptions: tuple[str, ...] = ()
    timeout: TimeoutState = "none-possible"
    repeatable: bool | None = None
    swallowed: Evidence | None = None
    translated: Evidence | None = None
    amount: int | float | None = None

    @property
    def path(self) -> str:
        """The file in which the act itself stands."""
        return self.evidence[-1].path

    @property
    def line(self) -> int:
        """The line at which the act itself stands."""
        return self.evidence[-1].line

    @property
    def is_own(self) -> bool:
        """Whether it stands in the function that was asked about, and in none that it calls."""
        return len(self.evidence) == 1


@dataclass(frozen=True, slots=True)
class Body:
    """All that a function does, in the order of its text. `unclear`: what could not be followed."""

    acts: tuple[Act, ...] = ()
    unclear: tuple[Reason, ...] = ()

    def of(self, *kinds: ActKind) -> tuple[Act, ...]:
        """The acts of these kinds."""
        return tuple(act for act in self.acts if act.kind in kinds)
