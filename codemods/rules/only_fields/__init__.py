"""`only-fields`: a list that shows few columns fetches no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.only_fields.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class OnlyFields(Rule):
    """Columns that no response shows are fetched for each row.

    Adds `.only(...)` with the columns that the serializers of a read-only view show, foreign keys
    and joined columns included. Never applied by default: a column that is left out costs a query
    for each row as soon as any code reads it, so a person who knows that code decides.

    Runs only when it is named. Left alone: views that write, serializers that run code on the
    object (method fields, properties, `__str__`, an own `to_representation`), fields that cannot
    be read, models that look at their fields when they are loaded, querysets that already choose
    their columns, and querysets that several views share.
    """

    name = "only-fields"
    guide = "Select and prefetch related, always"
    summary = "a read-only list fetches columns that it does not show"
    sets = ("guide", "orm")
    mentions = (b"queryset",)
    safety = "REVIEW"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    stays_in_its_files = True
    only_when_named = True

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each queryset whose views show only some of its columns."""
        from djfix.codemods.rules.only_fields.judging import findings_in

        yield from findings_in(document, project)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """`.only(...)` behind the queryset's expression."""
        from djfix.codemods.rewriting.chains import MethodCall, with_calls
        from djfix.codemods.rules.only_fields.judging import Plan
        from djfix.codemods.source.line_length import line_length

        assert isinstance(finding.plan, Plan)
        plan, path = finding.plan, finding.path
        call = MethodCall("only", tuple(f'"{name}"' for name in plan.columns))
        width = line_length(trees.files, path)
        yield from with_calls(trees, path, plan.reference, [call], width=width)
