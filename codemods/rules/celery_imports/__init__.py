"""`celery-imports`: models are imported in the task that uses them, where the top makes a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.celery_imports.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class CeleryImports(Rule):
    """A module of tasks that imports models, which import the tasks: one of them fails at boot.

    Where such a cycle is proven, the import goes to the head of each function that uses the model;
    where only annotations use it, under `if TYPE_CHECKING:`. The chain of imports is the evidence.
    Tests that patch the model in the module of tasks are pointed at the module of models.

    Runs only when it is named. Only reported: imports without a cycle, which work where they
    stand, and names that are used when the module is imported (decorators, defaults, base classes,
    constants, annotations that are evaluated), exported, or used through this module elsewhere.
    """

    name = "celery-imports"
    guide = "Import models inside the task function body"
    summary = "a module of tasks and its models import each other"
    sets = ("guide", "celery")
    mentions = (b"task", b"Task")
    safety = "SAFE in a proven cycle, REVIEW for annotations and patches, else REPORT"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    only_when_named = True

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each statement that imports models."""
        from djfix.codemods.rules.celery_imports.judging import findings_in

        yield from findings_in(document, project)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Imports in functions, or for type checkers, instead of at the top."""
        from djfix.codemods.rules.celery_imports.judging import Plan
        from djfix.codemods.rules.celery_imports.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
