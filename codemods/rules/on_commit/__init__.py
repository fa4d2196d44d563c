"""`on-commit`: a task is sent when the rows that it needs are committed, and not before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.on_commit.examples import EXAMPLES
from djfix.codemods.rules.on_commit.options import OnCommitOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class OnCommit(Rule):
    """A worker is faster than the commit: it looks for a row that is not there yet.

    `task.delay(...)` inside `transaction.atomic()` is sent at once; the worker may start before
    the transaction is committed, and runs for nothing where it is rolled back. It becomes
    `transaction.on_commit(partial(task.delay, ...))`, with the transaction's own `using=`; or
    `task.delay_on_commit(...)` by option.

    Always for review: tests that count on the task being sent need a commit, and the arguments are
    bound where the call stands. Only reported where what the call returns is used. Left alone:
    what is sent after the block, in a nested function or lambda, or in a callback already.
    """

    name = "on-commit"
    guide = "Send tasks when the transaction is committed"
    summary = "a task sent inside a transaction may run before its rows are there"
    sets = ("celery",)
    mentions = (b".delay(", b"apply_async(", b"send_task(")
    safety = "REVIEW, or REPORT where the result is used"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = OnCommitOptions
    stays_in_its_files = True

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each task that is sent inside a transaction."""
        from djfix.codemods.rules.on_commit.judging import findings_in

        for function in document.functions.values():
            yield from findings_in(document, project, self.options, function)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The call, put off until the commit."""
        from djfix.codemods.rules.on_commit.judging import Plan
        from djfix.codemods.rules.on_commit.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
