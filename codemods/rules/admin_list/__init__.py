"""`admin-list`: what the list of an admin class reads of each row, put into what the list loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.admin_list.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class AdminListOptions:
    """What the rule's users can choose."""

    big_tables: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": 'models with many rows, as labels ("shop.Order"): selects that render all of '
            "them are reported, and their lists need not count them twice (for review)"
        },
    )
    list_per_page: int = field(
        default=0,
        metadata={"help": "the most rows that a page of a list may have, for review; 0: any"},
    )


class AdminList(Rule):
    """A query for each row of an admin's list: the page gets slower with its length.

    Reads what the columns really touch on each row: foreign keys, `__str__` of the row and of what
    a foreign key leads to, methods of the admin class and of the model, functions, "author__name".
    Writes `list_select_related` with every path to single rows that the list reads: an explicit
    list replaces the joins that Django makes by itself, so that it has to be complete. Where the
    queryset joins already, Django does not look at that attribute, and the path is added there;
    what lies over many rows is prefetched there, after review.

    Left alone: lists of which Django joins everything by itself. Only reported: counts and filters
    for each row, which need an annotation.
    """

    name = "admin-list"
    guide = "Optimise the Django admin"
    summary = "an admin's list reads relations that its queryset does not load"
    sets = ("guide", "orm")
    mentions = (b"dmin", b"list_display", b"register")
    safety = "SAFE, REVIEW or REPORT, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    stays_in_its_files = True
    option_type = AdminListOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """At most one finding for `list_select_related` of a class, one for its queryset."""
        from djfix.codemods.project.admin import may_hold_admin
        from djfix.codemods.rules.admin_list.judging import findings_in
        from djfix.codemods.rules.admin_list.pages import findings_of_pages

        if not may_hold_admin(project, document.path):
            return
        document.tree  # noqa: B018 - a file that may define an admin is not passed over in silence
        yield from findings_in(document, project)
        yield from findings_of_pages(document, project, self.options)

    def explain(self, document: Document, project: Project, lines: range) -> Iterable[str]:
        """What each column touches, what the list loads of it, what is missing."""
        from djfix.codemods.rules.admin_list.explaining import explanation

        return explanation(document, project, lines)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The attribute, the calls or the method that `find` decided on."""
        from djfix.codemods.rules.admin_list.plans import (
            AddMethod,
            Append,
            ExtendLiteral,
            SetAttribute,
        )
        from djfix.codemods.rules.admin_list.writing import edits_of

        assert isinstance(finding.plan, SetAttribute | ExtendLiteral | Append | AddMethod)
        return edits_of(finding.plan, trees)
