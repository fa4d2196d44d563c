"""`split-settings`: one settings file for all environments becomes a package with one for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.split_settings.examples import EXAMPLES

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class SplitSettings(Rule):
    """One `settings.py` for a laptop, a server and tests has values that suit one of them only.

    It moves, whole and in its order, to `settings/base.py`; `development`, `production` and `test`
    take everything from there and change little: each difference is a reason of the finding.
    `settings/__init__.py` takes everything as well, so that what names the old module (a server's
    environment, a Dockerfile) has the values that it has today. `manage.py` is given development,
    `wsgi.py`, `asgi.py` and `celery.py` production, pytest's configuration test.

    Paths that are built from `__file__` get one more parent, relative imports one more dot.
    `djfix apply --compare-settings` loads the settings before and after, and writes only where they
    differ by nothing else than what the reasons say.

    Left alone: settings that are split already, in whatever way; those of tests and examples.
    Reported: what depends on where the file is or what it is called in a way that is not known.
    """

    name = "split-settings"
    guide = "config/settings: base, development, production, test"
    summary = "one settings file for every environment"
    sets = ("guide", "deploy")
    mentions = (b"INSTALLED_APPS",)
    safety = "REVIEW: what starts the project is given other settings"
    only_when_named = True
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for a settings file that all environments share."""
        from djfix.codemods.rules.split_settings.judging import findings_in

        yield from findings_in(document, project)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The file moved, the modules made, the starters pointed at them."""
        from djfix.codemods.rules.split_settings.plan import Plan, edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path)
