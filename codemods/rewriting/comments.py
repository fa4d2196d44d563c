"""The comments of statements that go: none is lost when its line is rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

PRAGMA = re.compile(
    r"#\s*(noqa|type:|pragma|pylint:|nosec|pyright:|mypy:|fmt:|isort:|ruff:|djfix:)", re.IGNORECASE
)
"""Comments that mean something only on the line they stand on."""


def comments_within(node: cst.CSTNode, kept: frozenset[int]) -> Iterator[cst.Comment]:
    """Every comment of a statement, in the order of the file, but for those above it.

    Subtrees whose `id` is in `kept` are passed over.
    """
    above = {id(line) for line in getattr(node, "leading_lines", ())}
    for child in node.children:
        if id(child) not in above:
            yield from _comments(child, kept)


def _comments(node: cst.CSTNode, kept: frozenset[int]) -> Iterator[cst.Comment]:
    import libcst as cst

    if isinstance(node, cst.Comment):
        yield node
    elif id(node) not in kept:
        for child in node.children:
            yield from _comments(child, kept)


def lines_of(comments: Iterable[cst.Comment]) -> list[cst.EmptyLine]:
    """Each comment on a line of its own."""
    import libcst as cst

    return [cst.EmptyLine(comment=comment) for comment in comments]


def comment_lines(lines: Iterable[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Those lines that hold a comment."""
    return [line for line in lines if line.comment is not None]


def blank_prefix(lines: Sequence[cst.EmptyLine]) -> int:
    """How many blank lines stand before the first comment."""
    numbers = (number for number, line in enumerate(lines) if line.comment is not None)
    return next(numbers, len(lines))


def joined_lines(
    above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]
) -> list[cst.EmptyLine]:
    """Lines of a removed statement before those of the next; blank ones are not heaped up."""
    blank = blank_prefix(below)
    last_blanks = blank_prefix(list(above)[::-1])
    kept = list(below[blank:]) if last_blanks >= blank else list(below[last_blanks:])
    return [*above, *kept]


def with_trailing(
    line: cst.SimpleStatementLine, comments: Sequence[cst.Comment]
) -> cst.SimpleStatementLine:
    """The line with these comments at its end, before the one that it may have."""
    import libcst as cst

    if not comments:
        return line
    old = line.trailing_whitespace
    every = [*comments, *([old.comment] if old.comment else [])]
    text = "  ".join(comment.value for comment in every)
    space = old.whitespace if old.comment else cst.SimpleWhitespace("  ")
    changed = old.with_changes(whitespace=space, comment=cst.Comment(text))
    return line.with_changes(trailing_whitespace=changed)
