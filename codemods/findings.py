"""The plain values that all floors share: findings, outcomes, edits as text, changes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

Plain = None | bool | int | str | tuple["Plain", ...] | Mapping[str, "Plain"]
"""What a finding's data holds: values that serialise as JSON."""


class Safety(IntEnum):
    """How sure a rule is of its rewrite; ordered, so that `min` of two is the weaker."""

    REPORT = 0
    REVIEW = 1
    SAFE = 2


class Outcome(StrEnum):
    """What became of a finding in a run."""

    FIXED = "fixed"
    FIXABLE = "fixable"
    NEEDS_REVIEW = "needs-review"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file. Lines and columns count code points from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, order=True)
class NodeReference:
    """Names one node of a file across its two trees: ast type and ast span.

    `kind` is the `ast` class name; lines count from 1 and columns UTF-8 bytes from 0, as in `ast`.
    """

    kind: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, node: ast.stmt | ast.expr) -> NodeReference:
        """The reference of an `ast` node (decorators lie outside a def's span, as in `ast`)."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return cls(
            type(node).__name__, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
        )


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a finding is not SAFE, or why code was left alone; `name` is stable kebab-case."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A line, possibly of another file, that the finding rests on."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where an anti-pattern is proven.

    `anchor` is the `ast.dump` (without positions) of the anchoring node and `reference` its place;
    `plan` is whatever frozen value the rule's `edit` needs. A REPORT finding has no edit.
    """

    rule: str
    path: str
    span: Span
    symbol: str
    message: str
    safety: Safety
    anchor: str
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    data: Mapping[str, Plain] = field(default_factory=dict)
    plan: object = None


REDACTED = "<redacted>"
"""Stands for what nobody should read, in whatever is shown."""

SUPPRESSED = "suppressed-evidence"


@dataclass(frozen=True, slots=True)
class Declined:
    """A place that was looked at and is not proven to be the anti-pattern; never a finding.

    A part of a finding that a comment on its evidence takes out is one, too: its reason is called
    SUPPRESSED, and its line is the comment's.
    """

    rule: str
    path: str
    line: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or rule that failed; the run went on. `traceback` is empty for a user's error."""

    path: str
    error: str
    rule: str | None = None
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """One replacement of text in one file; `span` None with `create` makes a new file, with
    `move_to` gives the file, as its other edits leave it, another path."""

    path: str
    span: Span | None
    replacement: str
    create: bool = False
    move_to: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after. `before` None: the file is new; `after` None: it goes. Paths are
    posix, from the root. `moved_from`: the file that goes and whose text this new one has."""

    path: str
    before: bytes | None
    after: bytes | None
    rule: str = ""
    fingerprints: tuple[str, ...] = ()
    moved_from: str = ""
