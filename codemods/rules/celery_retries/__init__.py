"""`celery-retries`: a task that fails for a moment is tried again, where it may run twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.celery_retries.examples import EXAMPLES
from djfix.codemods.rules.celery_retries.options import CeleryRetriesOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document

_TASK = re.compile(rb"@[\w.]*task|shared_task|Task\b")


class CeleryRetries(Rule):
    """A gateway that does not answer for a second makes a task fail for good.

    Adds retries for the exceptions that the called libraries raise, by name. `form = "autoretry"`
    (the default) sets options alone; `form = "bind"`, the guide's, puts the call into a `try` that
    raises `self.retry`: without it `max_retries` does nothing. `acks_late` and
    `reject_on_worker_lost` are added together, and only where all that the task does is the same
    when it is done twice; what it does is read through the functions that it calls, and is the
    evidence.

    Always for review: that a task may run twice is never certain. Reported, with what to do first:
    payments, mail, rows or other things that are created, and sums that are added to, unless the
    task is listed under `repeatable`; bodies that swallow the exception; options that do nothing
    as they stand. Left alone: tasks with a policy, wherever it stands.
    """

    name = "celery-retries"
    guide = "Configure Celery task timeouts and retries"
    summary = "a task that calls out is not tried again when the call fails"
    sets = ("guide", "celery")
    mentions = (b"task", b"Task")
    safety = "REVIEW or REPORT, by what the task does; never SAFE"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = CeleryRetriesOptions
    stays_in_its_files = True

    def mentioned(self, data: bytes) -> bool:
        """Whether any function is decorated by what may make tasks, or a class may be one."""
        return _TASK.search(data) is not None

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each task without retries, and for each policy that does nothing."""
        from djfix.codemods.rules.celery_retries.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Options in the decorator; in the form bind also the parameter and a `try`."""
        from djfix.codemods.rules.celery_retries.writing import Plan, edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
