"""`debug-setting`: what production settings show to everybody, or keep where they should not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.debug_setting.examples import EXAMPLES
from djfix.codemods.rules.debug_setting.options import DebugSettingOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class DebugSetting(Rule):
    """With DEBUG on, the page of any error shows settings, code and queries to everybody.

    `DEBUG = True` in settings that production uses is read from the environment, with today's
    value as the default and a parser that takes "False" and "0" for false. That it is on by
    default is reported besides: whether the server sets the variable is in no file.

    Reported: SECRET_KEY, passwords and URLs with credentials in the source, with the way out and
    never with their value; a local-memory cache or SQLite in a module named like production. With
    `secret-key-variable` SECRET_KEY is read from that variable, for review.

    Left alone: settings for development, tests and examples.
    """

    name = "debug-setting"
    guide = "DEBUG=True in production; secrets from the environment"
    summary = "DEBUG, secrets or stores that production settings should not have"
    sets = ("guide", "deploy")
    mentions = (
        *(b"DEBUG", b"SECRET", b"PASSW", b"_KEY", b"TOKEN", b"DSN"),
        *(b"CACHES", b"DATABASES", b"://"),
    )
    safety = "SAFE for DEBUG with today's value as the default; the rest REVIEW or REPORT"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = DebugSettingOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each value that has no place in production."""
        from djfix.codemods.rules.debug_setting.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """The value, read from the environment."""
        from djfix.codemods.rules.debug_setting.judging import Plan
        from djfix.codemods.rules.debug_setting.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
