"""`celery-settings`: workers that never let go of memory, or hold messages that others could do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.celery_settings.examples import EXAMPLES
from djfix.codemods.rules.celery_settings.options import CelerySettingsOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class CelerySettings(Rule):
    """A child process of a worker keeps what its tasks have leaked until it is replaced.

    Adds `worker_max_tasks_per_child`; `worker_prefetch_multiplier = 1` where tasks are long or
    acknowledged late, since messages that are fetched ahead wait behind them while other workers
    idle; `broker_pool_limit` where a server process has more threads than Celery's 10 connections.
    In the place, the namespace and the spelling that the project's own settings have, where Celery
    reads them. Always for review.

    Left alone: what is set, in any spelling, or given by the workers' commands; pools without
    child processes; projects whose production settings are not known.
    """

    name = "celery-settings"
    guide = "Celery task throughput: prefetch multiplier + connection pooling; max-tasks-per-child"
    summary = "Celery workers that keep leaked memory, or messages that others could do"
    sets = ("guide", "celery", "deploy")
    mentions = (b"elery", b"CELERY", b"BROKER_", b"INSTALLED_APPS", b"import *", b"broker_")
    safety = "REVIEW; a broker pool that is switched off is REPORT"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = CelerySettingsOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each setting that the file which holds Celery's settings lacks."""
        from djfix.codemods.rules.celery_settings.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """A statement behind Celery's other settings, or one more in their update."""
        from djfix.codemods.rules.celery_settings.homes import Plan
        from djfix.codemods.rules.celery_settings.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
