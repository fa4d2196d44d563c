"""Islands: the top-level statements of a file, each a module of its own for LibCST.

Only the island that changes is parsed, and its text put back by lines, so that what lies outside
cannot change by a byte. LibCST is imported only when something is parsed.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.source.document import Document

if TYPE_CHECKING:
    import libcst as cst


@dataclass(frozen=True, slots=True)
class Island:
    """Whole lines of a file, counted from 1, both ends included; `text` holds their line ends."""

    first_line: int
    last_line: int
    text: str


@dataclass(frozen=True, slots=True)
class ParsedIsland:
    """An island beside its LibCST module; `module.code` is exactly `island.text`."""

    island: Island
    module: cst.Module


def islands(document: Document) -> tuple[Island, ...]:
    """The islands of a file, in order; what stands between them is blank or comment.

    Statements that share a logical line are one island; decorators belong to theirs. A comment
    after a class's last statement lies outside. Raises Unreadable.
    """
    bounds: list[tuple[int, int]] = []
    for statement in document.tree.body:
        first, last = _lines_of(document, statement)
        if bounds and first <= bounds[-1][1]:
            first, last = bounds[-1][0], max(last, bounds.pop()[1])
        bounds.append((first, last))
    return tuple(_island(document, first, last) for first, last in bounds)


def island_at(document: Document, line: int, among: Sequence[Island] | None = None) -> Island:
    """The island that holds a line. Raises LookupError where none does, and Unreadable.

    `among`: the islands of the document, where they are known already.
    """
    found = islands(document) if among is None else among
    index = bisect_right(found, line, key=lambda island: island.first_line) - 1
    if index < 0 or found[index].last_line < line:
        raise LookupError(f"{document.path}:{line} lies in no top-level statement")
    return found[index]


def whole_file(document: Document) -> Island:
    """The whole file as one island: for those that LibCST does not give back as they are."""
    return Island(1, max(1, len(document.lines)), document.text)


def parse(document: Document, island: Island) -> cst.Module | None:
    """The LibCST module of the island, else of the whole file, else None.

    The module's code is exactly the text that was parsed, and its default newline and indentation
    are the document's, so that new nodes come out in the style of the file.
    """
    parsed = parse_island(document, island)
    return None if parsed is None else parsed.module


def parse_island(document: Document, island: Island) -> ParsedIsland | None:
    """As `parse`, and says which island it came to be: the given one or the whole file."""
    for candidate in (island, whole_file(document)):
        module = _module(document, candidate.text)
        if module is not None:
            return ParsedIsland(candidate, module)
    return None


def _lines_of(document: Document, statement: ast.stmt) -> tuple[int, int]:
    """First and last line of a statement, with its decorators and what a backslash joins to it."""
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    last = statement.end_lineno or statement.lineno
    while first > 1 and document.line_text(first - 1).endswith("\\"):
        first -= 1
    while last < len(document.lines) and document.line_text(last).endswith("\\"):
        last += 1
    return first, last


def _island(document: Document, first: int, last: int) -> Island:
    return Island(first, last, "".join(document.lines[first - 1 : last]))


def _module(document: Document, text: str) -> cst.Module | None:
    import libcst as cst

    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError):
        return None
    module = _with_last_newline(module, text)
    if module.code != text:
        return None
    return _with_defaults(module, text, document.newline, document.indentation)


def _with_last_newline(module: cst.Module, text: str) -> cst.Module:
    r"""LibCST overlooks a last newline that is a lone \r, or stands after a backslash."""
    if text.endswith(("\r", "\n")) and not module.has_trailing_newline:
        return module.with_changes(has_trailing_newline=True)
    return module


def _with_defaults(module: cst.Module, text: str, newline: str, indent: str) -> cst.Module | None:
    """The same code under the document's defaults instead of those LibCST guessed from `text`."""
    if (module.default_newline, module.default_indent) == (newline, indent):
        return module
    changed = module.with_changes(default_newline=newline, default_indent=indent)
    if changed.code == text:
        return changed
    pinned = _pinned(module).with_changes(default_newline=newline, default_indent=indent)
    return pinned if pinned.code == text else None


def _pinned(module: cst.Module) -> cst.Module:
    """The module with its defaults written out in every node that relied on them."""
    import libcst as cst

    class Pin(cst.CSTTransformer):
        def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
            if isinstance(updated_node, cst.Newline) and updated_node.value is None:
                return updated_node.with_changes(value=module.default_newline)
            if isinstance(updated_node, cst.IndentedBlock) and updated_node.indent is None:
                return updated_node.with_changes(indent=module.default_indent)
            return updated_node

    return module.visit(Pin())
