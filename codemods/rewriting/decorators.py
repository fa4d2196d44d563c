"""Adds keyword arguments to a decorator, called or not, laid out as the ones that stand there."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Span
from djfix.codemods.rewriting.values import ReplaceText
from djfix.codemods.source.document import Document

Keyword = tuple[str, str]
"""A name, and its value as source text."""


@dataclass(frozen=True, slots=True)
class DecoratorPlace:
    """Where a decorator stands: the expression, and of a call its callee and last argument."""

    whole: Span
    callee: Span
    last: Span | None = None


def decorator_place(document: Document, node: ast.expr) -> DecoratorPlace:
    """The place of a decorator's expression."""
    whole = document.span(node)
    if not isinstance(node, ast.Call):
        return DecoratorPlace(whole, whole)
    spans = [document.span(each) for each in node.args]
    # A keyword's span holds the parentheses around its value, which the value's own does not.
    spans += [document.span(each) for each in node.keywords]
    last = max(spans, default=None, key=lambda span: (span.end_line, span.end_column))
    return DecoratorPlace(whole, document.span(node.func), last)


def with_keywords(
    document: Document, place: DecoratorPlace, keywords: Sequence[Keyword], *, width: int
) -> ReplaceText:
    """The edit that adds the keywords behind all arguments.

    On the decorator's line where they fit into `width`; else one a line with a comma behind each,
    as black leaves them. Comments stay where they are.
    """
    added = [f"{name}={value}" for name, value in keywords]
    if place.last is None:
        return _first(document, place, added, width)
    whole = place.whole
    start = (place.last.end_line, place.last.end_column)
    rest = document.between(start, (whole.end_line, whole.end_column))
    span = Span(*start, whole.end_line, whole.end_column)
    if whole.line == whole.end_line:
        flat = f"{''.join(f', {each}' for each in added)})"
        if rest.strip() in {")", ",)"} and _fits(document, place, len(flat), width):
            return ReplaceText(document.path, span, flat)
        return _exploded(document, place, added)
    return ReplaceText(document.path, span, _behind(document, place.last, rest, added))


def _first(document: Document, place: DecoratorPlace, added: list[str], width: int) -> ReplaceText:
    """Into `@name` or `@name()`, the latter with all that stands in its parentheses."""
    callee, whole = place.callee, place.whole
    span = Span(callee.end_line, callee.end_column, whole.end_line, whole.end_column)
    inner = document.between((span.line, span.column), (span.end_line, span.end_column))
    if "#" in inner:
        kept = inner.strip().removeprefix("(").removesuffix(")").rstrip()
        return ReplaceText(document.path, span, f"({kept}{_lines(document, callee, added)}")
    flat = f"({', '.join(added)})"
    before = len(document.line_text(callee.end_line)[: callee.end_column - 1])
    if before + len(flat) + _behind_on_line(document, place) <= width:
        return ReplaceText(document.path, span, flat)
    return ReplaceText(document.path, span, f"({_lines(document, callee, added)}")


def _lines(document: Document, at: Span, arguments: Sequence[str]) -> str:
    """One argument a line, and the closing parenthesis below them."""
    newline, outer = document.newline, document.margin(at.line)
    step = outer + document.indentation
    inner = "".join(f"{newline}{step}{each}," for each in arguments)
    return f"{inner}{newline}{outer})"


def _fits(document: Document, place: DecoratorPlace, added: int, width: int) -> bool:
    assert place.last is not None
    before = place.last.end_column - 1
    return before + added + _behind_on_line(document, place) <= width


def _behind_on_line(document: Document, place: DecoratorPlace) -> int:
    """The length of the code behind the decorator on its line: none but a comment, as a rule."""
    text = document.line_text(place.whole.end_line)[place.whole.end_column - 1 :]
    return len(text.partition("#")[0].rstrip())


def _exploded(document: Document, place: DecoratorPlace, added: list[str]) -> ReplaceText:
    """A call of one line, with each argument on its own."""
    callee, whole = place.callee, place.whole
    span = Span(callee.end_line, callee.end_column, whole.end_line, whole.end_column)
    text = document.between((callee.line, callee.column), (whole.end_line, whole.end_column))
    arguments = _arguments(text)
    return ReplaceText(document.path, span, f"({_lines(document, callee, [*arguments, *added])}")


def _arguments(call: str) -> list[str]:
    """The text of each argument of a call of one line."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    ends = sorted((each.col_offset, each.end_col_offset or 0) for each in parts)
    data = call.encode()
    return [data[start:end].decode() for start, end in ends]


def _behind(document: Document, last: Span, rest: str, added: list[str]) -> str:
    """What follows the last argument of a call of several lines, with the new ones in it."""
    newline = document.newline
    head, closing = rest[:-1], rest[-1]
    lead = document.margin(last.line)
    if newline not in head:
        # The last argument shares its line with the closing parenthesis.
        if last.line != last.end_line:
            return "".join(f", {each}" for each in added) + closing
        return "".join(f",{newline}{lead}{each}" for each in added) + closing
    comma = head.lstrip().startswith(",")
    head = head if comma else f",{head}"
    body, _, outer = head.rpartition(newline)
    return body + "".join(f"{newline}{lead}{each}," for each in added) + newline + outer + closing
