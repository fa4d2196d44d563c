"""Text of statements in another place: moved lines keep their comments, strings and layout."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Span
from djfix.codemods.source.document import Document

Cut = tuple[int, int, str]
"""Offsets of a stretch of the file, end exclusive, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a file, from 1, both inclusive, and the indentation of their block."""

    document: Document
    first: int
    last: int
    lead: str

    @property
    def span(self) -> Span:
        end = len(self.document.line_text(self.last)) + 1
        return Span(self.first, 1, self.last, end)


def lines_of(document: Document, statements: Sequence[ast.stmt]) -> Lines | None:
    """The lines of a run of statements and of the comments above it; None where it shares one."""
    first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
    decorated = getattr(statements[0], "decorator_list", None)
    if decorated:
        first = decorated[0].lineno
    text = document.line_text(first)
    lead = text[: len(text) - len(text.lstrip())]
    column = document.column(statements[0].lineno, statements[0].col_offset)
    if not decorated and column != len(lead) + 1:
        return None
    end = document.column(last, statements[-1].end_col_offset or 0)
    rest = document.line_text(last)[end - 1 :].strip()
    if rest and not rest.startswith("#"):
        return None
    while first > 1 and document.line_text(first - 1).startswith(f"{lead}#"):
        first -= 1
    return Lines(document, first, last, lead)


def indented(lines: Lines, lead: str, cuts: Iterable[Cut]) -> str:
    """The text of lines with another indentation, and with some stretches replaced.

    Lines within a string keep theirs. Ends without a line end.
    """
    document = lines.document
    starts = offsets(document)
    found = sorted(cuts)
    held = _inside_strings(document)
    for line in range(lines.first, lines.last + 1):
        start, text = starts[line - 1], document.line_text(line)
        if line in held or any(low <= start < high for low, high, _ in found):
            continue
        if not text.strip():
            found.append((start, start + len(text), ""))
        elif text.startswith(lines.lead):
            found.append((start, start + len(lines.lead), lead))
    begin, end = starts[lines.first - 1], starts[lines.last - 1] + lines.span.end_column - 1
    return spliced(document, begin, end, found)


def spliced(document: Document, begin: int, end: int, cuts: Iterable[Cut]) -> str:
    """A stretch of the file with some of it replaced, in plain line feeds."""
    pieces, position = [], begin
    for low, high, text in sorted(cuts):
        if begin <= low and high <= end:
            pieces += [document.text[position:low], text]
            position = high
    pieces.append(document.text[position:end])
    return "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")


def offsets(document: Document) -> list[int]:
    """The offset at which each line begins."""
    found = [0]
    for line in document.lines:
        found.append(found[-1] + len(line))
    return found


def stretch(document: Document, first: ast.AST, last: ast.AST | None = None) -> tuple[int, int]:
    """The offsets of a node, or of what lies from one to another."""
    starts = offsets(document)
    begin, end = document.span(first), document.span(last or first)
    low = starts[begin.line - 1] + begin.column - 1
    return low, starts[end.end_line - 1] + end.end_column - 1


def is_exact(document: Document, node: ast.expr) -> bool:
    """Whether the place of a node is its place indeed: within f-strings of old it may not be."""
    try:
        again = ast.parse(document.segment(node).strip(), mode="eval").body
    except (SyntaxError, ValueError, IndexError):
        return False
    return ast.dump(again) == ast.dump(node)


def _inside_strings(document: Document) -> frozenset[int]:
    """The lines that begin within a string."""
    held: set[int] = set()
    opened: list[int] = []
    text = io.StringIO(document.text, newline="")
    for token in tokenize.generate_tokens(text.readline):
        kind = tokenize.tok_name[token.type]
        if kind == "FSTRING_START":
            opened.append(token.start[0])
        elif kind == "FSTRING_END":
            held.update(range(opened.pop() + 1, token.end[0] + 1))
        elif kind == "STRING":
            held.update(range(token.start[0] + 1, token.end[0] + 1))
    return frozenset(held)


def call_text(prefix: str, items: Sequence[str], lead: str, unit: str, width: int) -> str:
    """`prefix(items)`, in one line if it fits, as black lays it out otherwise."""
    flat = f"{lead}{prefix}({', '.join(items)})"
    if len(flat) <= width or not items:
        return flat
    together = f"{lead}{unit}{', '.join(items)}"
    if len(together) <= width:
        return f"{lead}{prefix}(\n{together}\n{lead})"
    rows = "".join(f"{lead}{unit}{item},\n" for item in items)
    return f"{lead}{prefix}(\n{rows}{lead})"


def head_text(name: str, parameters: Sequence[str], result: str, unit: str, width: int) -> str:
    """`def name(*, parameters) -> result:`."""
    flat = f"def {name}({', '.join(['*', *parameters] if parameters else [])}) -> {result}:"
    if len(flat) <= width or not parameters:
        return flat
    together = f"{unit}{', '.join(['*', *parameters])}"
    if len(together) <= width:
        return f"def {name}(\n{together}\n) -> {result}:"
    rows = "".join(f"{unit}{each},\n" for each in ["*", *parameters])
    return f"def {name}(\n{rows}) -> {result}:"
