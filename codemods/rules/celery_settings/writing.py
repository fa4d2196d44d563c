"""From a plan to edits: a statement, a keyword or an entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.decorators import with_keywords
from djfix.codemods.rewriting.entries import with_entries
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.celery_settings.homes import Plan


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The one edit that adds the setting."""
    from djfix.codemods.rewriting.edits import InsertAfter, statements_from

    document = trees.files.document(path)
    width = line_length(trees.files, path)
    if plan.call is not None:
        yield with_keywords(document, plan.call, [(plan.text, plan.value)], width=width)
    elif plan.display is not None:
        yield with_entries(document, plan.display, [(plan.text, plan.value)], width=width)
    else:
        assert plan.behind is not None
        yield InsertAfter(path, plan.behind, statements_from(f"{plan.text}{plan.value}\n"))
