"""`thin-views-selectors`: queries that a view composes become a selector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.thin_views_selectors.examples import EXAMPLES
from djfix.codemods.rules.thin_views_selectors.options import ThinViewsSelectorsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class ThinViewsSelectors(Rule):
    """A query that a view composes step by step cannot be reused, nor tested without a request.

    The statements that filter, annotate and join querysets become a function with keyword-only
    arguments in `selectors.py` of the app, which returns the queryset; what they read of the
    request is handed to it. Querysets stay lazy, so that the view evaluates them as before.

    Runs only when it is named, and is never applied by default. Left alone: views with few steps,
    views that write among them, and what uses the view or the request as a whole.
    """

    name = "thin-views-selectors"
    guide = "Fat services, thin views"
    summary = "a query is composed in a view: move it to a selector"
    sets = ("guide",)
    mentions = (b"request", b"perform_", b"form_valid", b"View")
    safety = "REVIEW"
    before = ("n-plus-one", "exists")
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    only_when_named = True
    option_type = ThinViewsSelectorsOptions

    def mentioned(self, data: bytes) -> bool:
        """Whether something that answers requests may compose a query."""
        from djfix.codemods.inference.extraction.candidates import may_hold_queries

        return may_hold_queries(data)

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each view that composes a query of some length."""
        from djfix.codemods.rules.thin_views_selectors.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The selector, the call in its place, and the imports of both."""
        from djfix.codemods.inference.extraction.assembling import Plan
        from djfix.codemods.inference.extraction.edits import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, trees)
