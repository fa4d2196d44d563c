"""`task-queues`: slow work, mail and payments that wait for each other in one queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.task_queues.examples import EXAMPLES
from djfix.codemods.rules.task_queues.options import TaskQueuesOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class TaskQueues(Rule):
    """A payment waits behind a thousand mails, and a mail behind a report that takes an hour.

    Reports tasks that no route takes out of a queue in which payments, mail and slow work meet,
    with the route that the guide's layout gives them. Never rewritten: a queue without a worker
    that reads it is never emptied, so the workers come first.

    Left alone: queues that hold one of these kinds, whatever else they hold; tasks whose queue
    could not be read, or that a sender puts into a queue; projects that run their tasks in place.
    """

    name = "task-queues"
    guide = "Separate Celery workers by queue"
    summary = "payments, mail and slow work wait for each other in one queue"
    sets = ("guide", "celery")
    mentions = (b"shared_task", b".task", b"Task")
    safety = "REPORT"
    before = ("celery-limits",)
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = TaskQueuesOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each task that belongs into a queue of its own."""
        from djfix.codemods.rules.task_queues.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Nothing: see above."""
        return ()
