"""From a plan to edits: keywords of a decorator or call, or attributes of a class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.decorators import with_keywords
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.celery_limits.judging import Plan


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The one edit that adds all options."""
    from djfix.codemods.rewriting.members import members_beside

    if plan.place is not None:
        document = trees.files.document(path)
        keywords = [(name, str(value)) for name, value in plan.options]
        yield with_keywords(document, plan.place, keywords, width=line_length(trees.files, path))
        return
    assert plan.beside is not None
    texts = [f"{name} = {value}" for name, value in plan.options]
    yield members_beside(trees, path, plan.beside, texts)
