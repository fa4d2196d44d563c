"""Adds entries to a dict display, laid out as the ones that stand there."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Span
from djfix.codemods.rewriting.values import ReplaceText
from djfix.codemods.source.document import Document

Entry = tuple[str, str]
"""Key and value as source text."""


@dataclass(frozen=True, slots=True)
class DictPlace:
    """Where a dict display stands, each of its entries, and the last of them."""

    whole: Span
    entries: tuple[str, ...] = ()
    last: Span | None = None


def dict_place(document: Document, node: ast.Dict) -> DictPlace:
    """The place of a dict display."""
    whole = document.span(node)
    if not node.values:
        return DictPlace(whole)
    start = _start(document, node.keys[-1], node.values[-1])
    value = document.span(node.values[-1])
    last = Span(*start, value.end_line, value.end_column)
    return DictPlace(whole, _entries(document, node), _with_parentheses(document, last, whole))


def _entries(document: Document, node: ast.Dict) -> tuple[str, ...]:
    """The text of each entry of a dict of one line."""
    whole = document.span(node)
    starts = [_start(document, *pair) for pair in zip(node.keys, node.values, strict=True)]
    ends = [*starts[1:], (whole.end_line, whole.end_column - 1)]
    texts = [document.between(start, end) for start, end in zip(starts, ends, strict=True)]
    return tuple(text.rstrip().removesuffix(",").rstrip() for text in texts)


def _start(document: Document, key: ast.expr | None, value: ast.expr) -> tuple[int, int]:
    span = document.span(key or value)
    return span.line, span.column - (0 if key is not None else len("**"))


def with_entries(
    document: Document,
    place: DictPlace,
    entries: Sequence[Entry],
    *,
    width: int,
    apart: bool = True,
) -> ReplaceText:
    """The edit that adds entries behind all others.

    A dict of one line stays on it where that fits into `width`; else it gets one entry a line with
    a comma behind each, unless `apart` is False: then the edit holds nothing but what is new.
    Comments stay where they are.
    """
    added = [f"{key}: {value}" for key, value in entries]
    whole = place.whole
    if place.last is None or whole.line == whole.end_line:
        return _of_one_line(document, place, added, width if apart else None)
    start = (place.last.end_line, place.last.end_column)
    rest = document.between(start, (whole.end_line, whole.end_column))
    span = Span(*start, whole.end_line, whole.end_column)
    return ReplaceText(document.path, span, _behind(document, place.last, rest, added))


def _of_one_line(
    document: Document, place: DictPlace, added: list[str], width: int | None
) -> ReplaceText:
    whole, newline, last = place.whole, document.newline, place.last
    is_flat = whole.line == whole.end_line
    line = document.line_text(whole.end_line)
    behind = len(line[whole.end_column - 1 :].partition("#")[0].rstrip())
    if is_flat and last is not None:
        flat = "".join(f", {each}" for each in added) + "}"
        if width is None or last.end_column - 1 + len(flat) + behind <= width:
            span = Span(last.end_line, last.end_column, whole.end_line, whole.end_column)
            return ReplaceText(document.path, span, flat)
    outer = document.margin(whole.line)
    every = [*place.entries, *added]
    flat = f"{{{', '.join(added)}}}"
    if last is None and is_flat and whole.column - 1 + len(flat) + behind <= (width or 0):
        return ReplaceText(document.path, whole, flat)
    inner = "".join(f"{newline}{outer}{document.indentation}{each}," for each in every)
    return ReplaceText(document.path, whole, f"{{{inner}{newline}{outer}}}")


def _behind(document: Document, last: Span, rest: str, added: list[str]) -> str:
    """What follows the last value of a dict of several lines, with the new entries in it."""
    newline, lead = document.newline, document.margin(last.line)
    head, closing = rest[:-1], rest[-1]
    if newline not in head:
        # The last value shares its line with the closing brace.
        head = head.strip().removeprefix(",")
        return f",{newline}{lead}" + f",{newline}{lead}".join(added) + head + closing
    head = head if head.lstrip().startswith(",") else f",{head}"
    body, _, outer = head.rpartition(newline)
    return body + "".join(f"{newline}{lead}{each}," for each in added) + newline + outer + closing


def _with_parentheses(document: Document, last: Span, whole: Span) -> Span:
    """An entry's place with the parentheses around its value, which its own does not hold."""
    line, column = last.end_line, last.end_column
    found = (line, column)
    while (line, column) < (whole.end_line, whole.end_column):
        text = document.line_text(line)
        character = text[column - 1 : column]
        if character == "," or (character == "}" and (line, column + 1) == _end(whole)):
            break
        column += 1
        if character == ")":
            found = (line, column)
        if character in ("", "#"):
            line, column = line + 1, 1
    return Span(last.line, last.column, *found)


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column
