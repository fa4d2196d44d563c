"""`deploy-files`: how the project's images are built, and how its processes are started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.deploy_files.examples import EXAMPLES
from djfix.codemods.rules.deploy_files.options import DeployFilesOptions
from djfix.codemods.source.kinds import kind_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class DeployFiles(Rule):
    """Dockerfiles, compose files, Procfiles and systemd units that the guide would write otherwise.

    Adds `--no-cache-dir` to pip in an image, `--workers`, `--threads` and `--timeout` to gunicorn,
    `--max-tasks-per-child` to Celery's workers, puts a plain image into two stages, and gives a
    process that writes no files a user of its own, always for review. Reports what else runs as
    root, what only developers need among the requirements of an image, other images of one stage,
    and the same options in shell scripts.

    Left alone: what is configured elsewhere, what variables may hold, files for development.
    """

    name = "deploy-files"
    guide = "Infrastructure & Deployment"
    summary = "an image or process is not built or started as the guide advises"
    sets = ("guide", "deploy")
    mentions = (b"pip", b"gunicorn", b"celery", b"manage.py")
    safety = "REVIEW for options and plain images; other images and scripts are reported"
    only_when_named = True
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = DeployFilesOptions

    def looks_at(self, path: str) -> bool:
        """The files that say how images are built and processes started."""
        return kind_of(path) not in (None, "python")

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each command, and each image."""
        from djfix.codemods.rules.deploy_files.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Texts that are put in; nothing is taken out."""
        from djfix.codemods.rewriting.edits import ReplaceText
        from djfix.codemods.rules.deploy_files.values import Plan

        assert isinstance(finding.plan, Plan)
        return [ReplaceText(finding.path, span, text) for span, text in finding.plan.insertions]
