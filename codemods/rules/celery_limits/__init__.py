"""`celery-limits`: a task that hangs is ended, and its worker goes on with the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.celery_limits.examples import EXAMPLES
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class CeleryLimits(Rule):
    """A task without a time limit that waits for an answer which never comes keeps its worker.

    Adds `soft_time_limit` and `time_limit`, each where it is missing. The numbers are yours: until
    `soft-time-limit` and `time-limit` are stated, for all tasks or by patterns of names and
    queues, the guide's 30 and 60 seconds are proposed, for review.

    Never loosens what is there: a global limit counts for every task that sets none, so only the
    half that nothing sets is added. Limits in `base=`, in unpacked options, in a wrapper and at
    the sender are looked for first. For review besides: bodies that catch every exception (and
    with it SoftTimeLimitExceeded) or sleep longer, pools that keep no limits, settings that could
    not be read. Network calls in tasks without `timeout=` get one, for review.

    Reported: misspelt options, settings in names that Celery does not read, soft limits that are
    not below the hard one, async functions as tasks, decorators that Celery 5 does not have.
    """

    name = "celery-limits"
    guide = "Configure Celery task timeouts and retries"
    summary = "a Celery task without time limits may keep its worker for ever"
    sets = ("guide", "celery")
    mentions = (b"task", b"Task", b"TIME_LIMIT")
    safety = "REVIEW until the numbers are stated, then SAFE where nothing speaks against it"
    before = ("celery-retries",)
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = CeleryLimitsOptions
    stays_in_its_files = True

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each task that lacks a limit, and for each mistake about them."""
        from djfix.codemods.rules.celery_limits.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Options in the decorator, or attributes of a class-based task."""
        from djfix.codemods.rules.celery_limits.judging import Plan
        from djfix.codemods.rules.celery_limits.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
