"""From a plan to edits: entries of a dict, keywords of a call, or statements behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.decorators import with_keywords
from djfix.codemods.rewriting.entries import with_entries
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.conn_max_age.judging import Plan


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The one edit that adds all."""
    from djfix.codemods.rewriting.edits import InsertAfter, statements_from

    document = trees.files.document(path)
    width, quote = line_length(trees.files, path), plan.quote
    if plan.display is not None:
        entries = [(f"{quote}{name}{quote}", value) for name, value in plan.added]
        yield with_entries(document, plan.display, entries, width=width)
    elif plan.call is not None:
        yield with_keywords(document, plan.call, plan.added, width=width)
    else:
        assert plan.behind is not None
        database = f"DATABASES[{quote}{plan.alias}{quote}]"
        texts = [f"{database}[{quote}{name}{quote}] = {value}\n" for name, value in plan.added]
        yield InsertAfter(path, plan.behind, statements_from("".join(texts)))
