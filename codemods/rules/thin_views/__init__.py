"""`thin-views`: business logic of a view becomes a service; what clients see stays the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.thin_views.examples import EXAMPLES
from djfix.codemods.rules.thin_views.options import ThinViewsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class ThinViews(Rule):
    """Business logic in a view cannot be called from a task or a command, nor tested without HTTP.

    Views that write rows of several models, send tasks or mails, or decide by what they read are
    found; the statements between input and response become a function with keyword-only arguments
    in `services.py` of the app. The request never enters it: what the statements read of it is
    bound in the view, where it stood. Early responses become exceptions, and the view answers each
    with the very same response. Status, headers, body and rows stay as they are.

    Runs only when it is named, and is never applied by default. Left alone: views that validate,
    delegate and respond. Reported: what cannot be moved soundly, with what stands in the way.
    """

    name = "thin-views"
    guide = "Fat services, thin views"
    summary = "business logic stands in a view: move it to a service"
    sets = ("guide",)
    mentions = (b"request", b"perform_", b"form_valid", b"View")
    before = ("f-expressions", "update-fields", "bulk-create", "exists", "on-commit", "n-plus-one")
    safety = "REVIEW or REPORT, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    only_when_named = True
    option_type = ThinViewsOptions

    def mentioned(self, data: bytes) -> bool:
        """Whether something that answers requests may also write."""
        from djfix.codemods.inference.extraction.candidates import may_hold_candidates

        return may_hold_candidates(data)

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each view that does more than answer."""
        from djfix.codemods.rules.thin_views.judging import findings_in

        yield from findings_in(document, project, self.options)

    def followed_by(self) -> tuple[str, ...]:
        """What the option names."""
        names: tuple[str, ...] = self.options.follow
        return names

    def made_by(self, finding: Finding) -> tuple[str, ...]:
        """The service; a stub is none yet."""
        from djfix.codemods.inference.extraction.assembling import Plan

        return (str(finding.data["service"]),) if isinstance(finding.plan, Plan) else ()

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The service, the call in its place, the imports of both, and the tests' patches."""
        from djfix.codemods.inference.extraction.assembling import Plan
        from djfix.codemods.inference.extraction.edits import edits_of
        from djfix.codemods.inference.extraction.stubs import Stub, stub_edits

        if isinstance(finding.plan, Stub):
            return stub_edits(finding.plan, trees)
        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, trees)
