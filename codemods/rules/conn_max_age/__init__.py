"""`conn-max-age`: a connection to the database is kept for the next request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from djfix.codemods.findings import Declined, Finding
from djfix.codemods.rule import Example, Rule
from djfix.codemods.rules.conn_max_age.examples import EXAMPLES
from djfix.codemods.rules.conn_max_age.options import ConnMaxAgeOptions

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


class ConnMaxAge(Rule):
    """Without CONN_MAX_AGE each request opens a connection to the database and closes it again.

    Adds `CONN_MAX_AGE` and, always with it, `CONN_HEALTH_CHECKS`: a kept connection that the
    server has closed fails the next request otherwise. In production settings only, in a dict, by
    keywords of `dj_database_url`, or behind `env.db()`. With `pool`, `OPTIONS["pool"]` instead.

    For review until `max-connections-checked` says that the server has room for a connection of
    each thread; then SAFE for a dict with a known engine in a production module of its own.

    Left alone: what is served under ASGI or by green threads, what stands behind PgBouncer, pools,
    SQLite, settings for development and tests.
    """

    name = "conn-max-age"
    guide = "Set CONN_MAX_AGE to keep database connections"
    summary = "each request opens and closes a connection to the database"
    sets = ("guide", "deploy")
    mentions = (b"DATABASES",)
    safety = "REVIEW until max-connections-checked, then SAFE where nothing speaks against it"
    examples: ClassVar[tuple[Example, ...]] = EXAMPLES
    option_type = ConnMaxAgeOptions

    def find(self, document: Document, project: Project) -> Iterator[Finding | Declined]:
        """One finding for each database of a production module."""
        from djfix.codemods.rules.conn_max_age.judging import findings_in

        yield from findings_in(document, project, self.options)

    def edit(self, finding: Finding, trees: Trees) -> Iterable[Edit]:
        """Two entries, keywords or statements; or a pool."""
        from djfix.codemods.rules.conn_max_age.judging import Plan
        from djfix.codemods.rules.conn_max_age.writing import edits_of

        assert isinstance(finding.plan, Plan)
        return edits_of(finding.plan, finding.path, trees)
