"""`bulk-create`: rows that a loop makes one by one are made by one query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.bulk_create.examples import EXAMPLES
from djfix.codemods.rules.bulk_create.options import BulkCreateOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

_MAKING = re.compile(rb"\.\s*(create|save)\s*\(")
_LOOP = re.compile(rb"\bfor\b")


class BulkCreate(Rule):
    """One INSERT for each turn of a loop: twenty rows, twenty round trips.

    A loop, or a list comprehension, that does nothing but `Model.objects.create(...)`,
    `Model(...).save()` or `order.items.create(...)` becomes one
    `Model.objects.bulk_create([Model(...) for ...])`.

    Safe inside a transaction, where the model has no `save()` or receivers of its own and the
    values are read from memory. For review: outside of a transaction, where the rows before one
    that fails would have stayed, and wherever code that is not known makes the values. Only
    reported: what `bulk_create` would lose (receivers, `save()`), what it refuses, and loops that
    do more than create.

    A loop that changes each row and saves it becomes one `update()`, where all get the same
    values, or one `bulk_update()`; always for review.
    """

    name = "bulk-create"
    guide = "Insert many rows with one query"
    summary = "rows are created one by one in a loop: bulk_create inserts them with one query"
    sets = ("orm",)
    mentions = (b"create", b"save")
    safety = "SAFE, REVIEW or REPORT, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = BulkCreateOptions

    def mentioned(self, data: bytes) -> bool:
        """Whether anything is created, and anything is repeated."""
        return _MAKING.search(data) is not None and _LOOP.search(data) is not None

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each loop, or for each creation in a loop that does more."""
        from djfix.codemods.rules.bulk_create.judging import findings_in

        for function in document.functions.values():
            yield from findings_in(document, project, function, self.options.batch_size)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """One statement in the place of the loop, or behind it for all its rows."""
        from djfix.codemods.rules.bulk_create.updates import UpdatePlan
        from djfix.codemods.rules.bulk_create.writing import Plan, edits_of, update_edits

        if isinstance(finding.plan, UpdatePlan):
            return update_edits(finding.plan, finding.path, trees)
        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
