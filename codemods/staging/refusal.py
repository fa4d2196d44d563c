"""What djfix will not do, and what to type instead: one exception for the whole floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One thing that stands in the way.

    `path` is posix, from the root ("" where it is about the whole repository), `why` a sentence
    without a full stop, `command` what to type next ("" where there is nothing to type).
    """

    path: str
    why: str
    command: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return place + self.why + (f" (try: {self.command})" if self.command else "")


class Refused(Exception):  # noqa: N818
    """Nothing was changed, or everything was taken back; `refusals` say why, where and what next.

    Where a file could not be taken back (the disk is full, someone wrote to it meanwhile), a
    refusal of its own says so, and `apply.pending` finds it.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))


def refuse(why: str, command: str = "", *, path: str = "") -> Refused:
    """A refusal of one reason, to be raised."""
    return Refused((Refusal(path, why, command),))
