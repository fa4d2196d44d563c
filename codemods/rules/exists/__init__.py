"""`exists`: whether there is a row is asked of the database, and not of all the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.exists.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

_ASKING = re.compile(
    rb"\.\s*count\s*\(\s*\)|\blen\s*\(|\bbool\s*\(|\bnot\b|\bif\b|\bwhile\b|\bassert\b"
)
_ROWS = (
    *(b"objects", b"_set", b"_manager", b".all(", b".filter(", b".exclude(", b".count("),
    b".order_by(",
)


class Exists(Rule):
    """All rows are counted, or fetched, to learn whether there is any.

    `qs.count() > 0`, `len(qs) > 0`, `if qs:`, `not qs` and their relatives become `qs.exists()`,
    which stops at the first row. `len(qs)` becomes `qs.count()` where the rows are not used.

    Left alone: querysets whose rows are used besides (they are fetched once for both), that are
    asked in each turn of a loop, that others hold, that lock their rows, and managers and
    querysets with an own way to count or fetch. For review: models that run code for each row that
    is fetched, and relations whose rows may have been prefetched.
    """

    name = "exists"
    guide = "Ask the database for no more than the answer"
    summary = "rows are counted or fetched to see whether there is one: exists() stops at the first"
    sets = ("orm",)
    mentions = _ROWS
    safety = "SAFE or REVIEW, by the code found"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    stays_in_its_files = True

    def mentioned(self, data: bytes) -> bool:
        """Whether anything that may be rows is asked for its truth or length."""
        return any(word in data for word in _ROWS) and _ASKING.search(data) is not None

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each question."""
        from djfix.codemods.rules.exists.judging import findings_in

        for function in document.functions.values():
            yield from findings_in(document, project, function)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The question, asked by `exists()` or `count()`."""
        from djfix.codemods.rules.exists.judging import Plan
        from djfix.codemods.rules.exists.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
