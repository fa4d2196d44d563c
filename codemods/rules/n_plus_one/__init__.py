"""`n-plus-one`: the relations that a serializer reads, put into the queryset behind the view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.n_plus_one.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class NPlusOneOptions:
    """What the rule's users can choose."""

    unordered: Literal["prefetch", "join", "review"] = field(
        default="prefetch",
        metadata={
            "help": "where the rows have no stated order, or tie in it, a join may change it: "
            "prefetch instead, join all the same, or join after review",
            "choices": ("prefetch", "join", "review"),
        },
    )
    form: Literal["append", "get_queryset"] = field(
        default="append",
        metadata={
            "help": "add to the expression that is there, or leave a class's `queryset` as it is "
            "and add a get_queryset()",
            "choices": ("append", "get_queryset"),
        },
    )
    prefetch_form: Literal["fewest", "string", "queryset"] = field(
        default="fewest",
        metadata={
            "help": "prefetch deep paths by name, by Prefetch(..., queryset=...) that joins what "
            "lies behind, or by that only where it saves two queries or more and rows cannot "
            "come in another order",
            "choices": ("fewest", "string", "queryset"),
        },
    )
    fetch_peers: bool = field(
        default=False,
        metadata={
            "help": "from Django 6.1 on, fetch to-one relations for all rows at once when they "
            "are first read (FETCH_PEERS) instead of naming them"
        },
    )


class NPlusOne(Rule):
    """A query for each row: the list gets slower with every object.

    Reads what the serializers behind a view really touch on each object, in whatever file it
    stands: nested and related fields, `source`, method fields, model properties and `__str__`,
    helper functions, inherited and mixed-in code. What the view's queryset does not load of it is
    added there: `select_related` for chains of foreign keys, `prefetch_related` for what crosses
    many rows.

    One finding for each queryset expression, with every view that it serves. It is applied only
    where all of them read each added path. A join is written only where it cannot change which
    rows come and in which order; else the same path is prefetched, which leaves the main query as
    it is.
    """

    name = "n-plus-one"
    guide = "Select and prefetch related, always"
    summary = "a serializer reads relations that the view's queryset does not load"
    sets = ("guide", "orm")
    mentions = (b"queryset", b"erializer", b"many=")
    safety = "SAFE, REVIEW or REPORT, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    stays_in_its_files = True
    option_type = NPlusOneOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each queryset expression that lacks what its views read."""
        from djfix.codemods.rules.n_plus_one.judging import findings_in

        is_mentioned = self.mentioned(document.data)
        for each in findings_in(document, project, self.options):
            # A view that inherits all that it has is told of where it has anything of its own.
            if is_mentioned or isinstance(each, Finding):
                yield each

    def explain(self, document: Document, project: Project, lines: range) -> Iterable[str]:
        """What each field of each serializer needs, what is loaded, what is missing."""
        from djfix.codemods.rules.n_plus_one.explaining import explanation

        return explanation(document, project, lines)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The calls that load what is missing, where `find` decided to write them."""
        from djfix.codemods.rules.n_plus_one.plans import Plan
        from djfix.codemods.rules.n_plus_one.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, trees)
