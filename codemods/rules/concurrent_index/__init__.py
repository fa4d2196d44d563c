"""`concurrent-index`: an index is built without holding up those who write to the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.concurrent_index.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

_OPERATION = re.compile(
    rb"\b(AddIndex|RemoveIndex|AddField|AlterField|AddConstraint|RunPython|RunSQL"
    rb"|AlterUniqueTogether|AlterIndexTogether)\b"
)


@dataclass(frozen=True, slots=True)
class ConcurrentIndexOptions:
    """Each says in its help what it does."""

    drop_leftover: bool = field(
        default=False,
        metadata={
            "help": "before an index is built, drop what a failed attempt may have left of it, so"
            " that the migration can simply be run again"
        },
    )
    noop_reverse: bool = field(
        default=False,
        metadata={
            "help": "offer, for review, noop as the way back of RunPython and RunSQL without one:"
            " they then go back, and nothing is undone"
        },
    )


class ConcurrentIndex(Rule):
    """A migration that builds an index stops every write to the table until it is done.

    On PostgreSQL `AddIndex` and `RemoveIndex` become `AddIndexConcurrently` and
    `RemoveIndexConcurrently`, with `atomic = False` in the migration, where it holds nothing but
    index operations. A migration that holds others is split in two: the index moves behind it,
    and what depended on it depends on the new one.

    Safe only where every configured database is PostgreSQL, those of tests too, and the migration
    is new since the base branch. For review: migrations that the base branch has, every split.
    Left alone: tables that the same branch makes, since they are empty.

    Besides, it reports what else stops a large table, with the cost as it was measured: columns
    that become NOT NULL, types that rewrite the table, constraints, `db_index`, unique columns
    that cannot be added to two rows, and data migrations that cannot be taken back or that stand
    in one transaction with schema changes.
    """

    name = "concurrent-index"
    guide = "Large table migrations without batching: use AddIndexConcurrently"
    summary = "AddIndex stops all writes to a table while it builds: build it concurrently"
    sets = ("guide", "deploy")
    mentions = (b"migrations",)
    safety = "SAFE, REVIEW or REPORT, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = ConcurrentIndexOptions

    def mentioned(self, data: bytes) -> bool:
        """Whether a migration holds an operation that may stop a table."""
        return b"class Migration" in data and _OPERATION.search(data) is not None

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each operation that holds up a table with rows."""
        from djfix.codemods.rules.concurrent_index.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The concurrent operation where it stands, or in a migration of its own."""
        from djfix.codemods.rules.concurrent_index.field_writing import field_edits
        from djfix.codemods.rules.concurrent_index.plans import (
            IndexFields,
            NoReverse,
            Split,
            Swap,
        )
        from djfix.codemods.rules.concurrent_index.reversing import reverse_edits
        from djfix.codemods.rules.concurrent_index.writing import split_edits, swap_edits

        if isinstance(finding.plan, Split):
            return split_edits(finding.plan, finding.path, trees)
        if isinstance(finding.plan, IndexFields):
            return field_edits(finding.plan, finding.path, trees)
        if isinstance(finding.plan, NoReverse):
            return reverse_edits(finding.plan, finding.path, trees)
        assert isinstance(finding.plan, Swap)
        return swap_edits(finding.plan, finding.path, trees)
