"""From a plan to text: `update_fields=[...]` in the parentheses of a save, as black lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rewriting.quoting import quote_at
from djfix.codemods.source.line_length import line_length

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.source.document import Document


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns of one save; `parentheses` is where its empty argument list stands."""

    call: NodeReference
    parentheses: Span
    columns: tuple[str, ...]


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    text = _text(plan, document, line_length(trees.files, path))
    yield ReplaceText(path, plan.parentheses, text)


def _text(plan: Plan, document: Document, width: int) -> str:
    quote = quote_at(document, plan.call)
    names = [f"{quote}{name}{quote}" for name in plan.columns]
    inner = _inside(document, plan.parentheses)
    if "#" in inner:
        return _behind_comment(document, plan, inner, names)
    flat = f"(update_fields=[{', '.join(names)}])"
    if _fits(document, plan.parentheses, flat, width):
        return flat
    return _in_lines(document, plan, names, width)


def _inside(document: Document, span: Span) -> str:
    lines = list(document.lines[span.line - 1 : span.end_line])
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    text = "".join(lines).strip()
    return text.removeprefix("(").removesuffix(")")


def _fits(document: Document, span: Span, text: str, width: int) -> bool:
    before = document.line_text(span.line)[: span.column - 1]
    after = document.line_text(span.end_line)[span.end_column - 1 :]
    code = after.partition("#")[0].rstrip()
    return len(before) + len(text) + len(code) <= width


def _in_lines(document: Document, plan: Plan, names: list[str], width: int) -> str:
    newline, step = document.newline, document.indentation
    outer = document.margin(plan.parentheses.line)
    inner = f"{outer}{step}update_fields=[{', '.join(names)}]"
    if len(inner) > width:
        items = "".join(f"{outer}{step}{step}{name},{newline}" for name in names)
        inner = f"{outer}{step}update_fields=[{newline}{items}{outer}{step}]"
    return f"({newline}{inner}{newline}{outer})"


def _behind_comment(document: Document, plan: Plan, inner: str, names: list[str]) -> str:
    """Comments between the parentheses stay above the argument."""
    newline, outer = document.newline, document.margin(plan.parentheses.line)
    argument = f"{outer}{document.indentation}update_fields=[{', '.join(names)}]"
    return f"({inner.rstrip()}{newline}{argument}{newline}{outer})"
