"""`update-fields`: a save of a few changed columns names them, and leaves the others alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.update_fields.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

_SAVE = re.compile(rb"\.\s*a?save\s*\(")


class UpdateFields(Rule):
    """A lost change: one request loads a row, another changes its address, the first saves it.

    `x.save()` writes every column as it was when `x` was loaded. Where a function loads an object,
    assigns to some of its attributes and saves it, the save gets `update_fields` with just these
    columns, and with the `auto_now` columns, which a save sets by itself. Property setters are
    followed to the columns that they assign, images to the columns that hold their size, and
    columns that may be changed in place (JSON, files) are named where they are touched.

    Left alone: new objects and copies, rows that are locked, saves with other arguments, objects
    that forms and serializers fill, and objects that are not known for certain. For review: objects
    from outside of the function, objects that other code was given, and models whose `save()`,
    receivers or apps do more when an object is saved.
    """

    name = "update-fields"
    guide = "Always pass update_fields or use update()"
    summary = "x.save() overwrites what others changed: save the assigned columns only"
    sets = ("guide", "orm")
    mentions = (b"save",)
    safety = "SAFE, REVIEW or REPORT, by the code found"
    before = ("bulk-create",)
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES

    def mentioned(self, data: bytes) -> bool:
        """Whether anything is saved."""
        return _SAVE.search(data) is not None

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each save of all columns."""
        from djfix.codemods.rules.update_fields.judging import findings_in

        for function in document.functions.values():
            yield from findings_in(document, project, function)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """`update_fields=[...]` in the call's parentheses."""
        from djfix.codemods.rules.update_fields.writing import Plan, edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
