"""`batched-migration`: a data migration goes through a large table in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.batched_migration.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class BatchedMigration(Rule):
    """A data migration that touches a whole table at once locks each row until it commits.

    Finds `RunPython` whose function updates or deletes all rows in one statement, or loops over
    all of them and saves each, and `RunSQL` with an `UPDATE` or `DELETE` of a whole table. It is
    reported, with a form that works in batches: how many rows there are, and whether half the
    work may stand, a person knows. `djfix explain --at PATH:LINE` prints that form for the model.

    Left alone: work in batches, rows that a filter picks, tables that the same branch makes,
    migrations that the base branch has.
    """

    name = "batched-migration"
    guide = "Large table migrations without batching: locks the table"
    summary = "a data migration touches a whole table in one transaction"
    sets = ("guide", "deploy")
    mentions = (b"RunPython", b"RunSQL")
    safety = "REPORT"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each operation that touches a whole table at once."""
        from djfix.codemods.rules.batched_migration.judging import findings_in

        yield from findings_in(document, project)

    def explain(self, document: Document, project: Project, lines: range) -> Iterable[str]:
        """The same work in batches, for the model at hand."""
        from djfix.codemods.rules.batched_migration.judging import findings_in
        from djfix.codemods.rules.batched_migration.template import template

        for each in findings_in(document, project):
            if isinstance(each, Finding) and each.span.line in lines:
                yield from template(str(each.data["model"] or ""))

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Nothing: a person writes the batches."""
        return ()
