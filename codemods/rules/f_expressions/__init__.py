"""`f-expressions`: a field changed by its own value in Python and saved becomes one done in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.f_expressions.examples import EXAMPLES
from djfix.codemods.rules.f_expressions.mentions import may_hold_change, may_hold_guarded_update

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class FExpressionsOptions:
    """What the rule's users can choose."""

    missing_row: Literal["raise", "ignore"] = field(
        default="raise",
        metadata={
            "help": "what an update does where the fetch found no row: raise what the fetch "
            "raised, or ignore it",
            "choices": ("raise", "ignore"),
        },
    )


class FExpressions(Rule):
    """A lost update: two requests read 100, both take 50, both write 50.

    Finds `x.f += n`, `x.f -= n` and `x.f = x.f ± n` on a numeric column of a model instance,
    followed by `x.save()`, and moves the arithmetic into the database with `F()`.

    The code found decides the form. An object that is fetched only to be changed becomes one
    `filter(...).update(f=F("f") - n)`, and a missing row still fails as before. A check right
    before the change becomes part of the query, with its own failure if no row was changed. An
    object that lives on, or whose model does more when it is saved, keeps its `save()`, with the
    columns that were assigned in `update_fields`, and is refreshed where it is read again. A
    check on such a model is done under a lock.

    Left alone: rows that are locked already, new objects, values set in memory before, fields and
    objects that are not known for certain. Only reported: other operators, text, values that are
    validated or read before they are saved, checks that F would no longer honour; and a guarded
    update of a column that no `CheckConstraint` keeps from going below zero.
    """

    name = "f-expressions"
    guide = "Use F() and update() to avoid race conditions"
    summary = "x.f -= n; x.save() loses updates: change the column in SQL with F()"
    sets = ("guide", "orm")
    mentions = (b"save", b"update")
    safety = "SAFE, REVIEW or REPORT, by the code found"
    before = ("update-fields", "bulk-create")
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = FExpressionsOptions

    def mentioned(self, data: bytes) -> bool:
        """A save and an attribute changed by its own value, or an update and a lower bound."""
        return may_hold_change(data) or may_hold_guarded_update(data)

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each object whose fields are changed and saved together."""
        from djfix.codemods.rules.f_expressions.constraints import unconstrained_in
        from djfix.codemods.rules.f_expressions.judging import findings_in

        ignore = self.options.missing_row == "ignore"
        updates = may_hold_guarded_update(document.data)
        for function in document.functions.values():
            yield from findings_in(document, project, function, ignore_missing=ignore)
            if updates:
                yield from unconstrained_in(document, project, function)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The edits of the form that `find` chose."""
        from djfix.codemods.rules.f_expressions.plans import Plan
        from djfix.codemods.rules.f_expressions.rewrite import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
