"""A Python file in parts that are parsed one by one, each as in the whole.

A file is asked for one function far more often than for all that it holds, and a tree takes some
thirty times the room of its text.
"""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.source.definitions import Definition, definitions_in
from djfix.codemods.source.parsing import Unreadable, parsed
from djfix.codemods.source.walking import blocks_in, parents_in

_TOKENS = re.compile(
    r"""
    \#[^\n]*
    | \"\"\" [^"\\]* (?: (?: \\. | "(?!\"\") ) [^"\\]* )* (?: \"\"\" | \Z )
    | ''' [^'\\]* (?: (?: \\. | '(?!'') ) [^'\\]* )* (?: ''' | \Z )
    | " [^"\\\n]* (?: \\. [^"\\\n]* )* "?
    | ' [^'\\\n]* (?: \\. [^'\\\n]* )* '?
    | \n (?= @ | (?: class | def | async[ \t]+def ) \b )
    """,
    re.VERBOSE | re.DOTALL,
)
"""Comments, strings, and the ends of lines before what begins like a definition."""

_LONG_QUOTES_IN_FORMAT = re.compile(r"\b[rR]?[fFtT][rR]?(?:\"[^\n]*'''|'[^\n]*\"\"\")")
"""Since Python 3.12 what stands in a format string may hold any quotes of its own."""


@dataclass(frozen=True, slots=True)
class Section:
    """Whole lines of a text, the first counted from 1; `start` and `end` are offsets in it."""

    first_line: int
    start: int
    end: int


@dataclass(frozen=True)
class Part:
    """The statements of a section."""

    body: Sequence[ast.stmt]

    @cached_property
    def definitions(self) -> Mapping[int, Definition]:
        """Functions and classes at any depth by the line of their `def` or `class`."""
        return {each.lineno: each for each in definitions_in(self.body)}

    @cached_property
    def blocks(self) -> Mapping[ast.AST, ast.AST]:
        """Each statement, handler and case below these statements, to what it stands in."""
        return blocks_in(self.body)

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Each node below these statements, to the node that holds it."""
        return {node: above for each in self.body for node, above in parents_in(each).items()}


class Sections:
    """The parts of one text. A statement has one node, whatever is asked first."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._parts: dict[int, Part] = {}
        self._whole: Part | None = None

    @cached_property
    def _sections(self) -> tuple[Section, ...]:
        return cut(self._text)

    def at(self, line: int) -> Part:
        """The part in which a line stands. Raises Unreadable if that does not parse."""
        if self._whole is not None:
            return self._whole
        index = self._index(line)
        if index not in self._parts:
            section = self._sections[index]
            above = "\n" * (section.first_line - 1)
            self._parts[index] = Part(parsed(self._path, above + self._spelled(section)).body)
        return self._parts[index]

    def with_lines(self, lines: Iterable[int]) -> Sequence[Part]:
        """The parts in which these lines stand, in order. Raises Unreadable."""
        found = {id(part): part for part in map(self.at, lines)}
        return list(found.values())

    def new(self, before: Sections) -> Sequence[Part]:
        """The parts that an earlier state of the text did not have. Raises Unreadable."""
        known = set(map(before._spelled, before._sections))
        new = [each.first_line for each in self._sections if self._spelled(each) not in known]
        return self.with_lines(new)

    def around(self, statement: ast.stmt) -> Iterator[ast.AST]:
        """What one of the nodes stands in, innermost first; nothing of nodes of other trees."""
        part = self._known(statement.lineno)
        return _upwards(statement, part.blocks if part is not None else {})

    def above(self, node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
        """All that holds one of the nodes, innermost first; nothing of nodes of other trees."""
        part = self._known(node.lineno)
        return _upwards(node, part.parents if part is not None else {})

    def whole(self) -> Part:
        """All statements. Raises Unreadable with the line and Python's own message."""
        if self._whole is None:
            body = parsed(self._path, self._text).body
            given = {_place(each): each for part in self._parts.values() for each in part.body}
            self._whole = Part([given.get(_place(each), each) for each in body])
        return self._whole

    def _known(self, line: int) -> Part | None:
        """The part in which a line stands, if that was parsed: no other has nodes."""
        return self._whole or self._parts.get(self._index(line))

    def _spelled(self, section: Section) -> str:
        return self._text[section.start : section.end]

    def _index(self, line: int) -> int:
        found = bisect_right(self._sections, line, key=lambda section: section.first_line)
        return max(found - 1, 0)


def cut(text: str) -> tuple[Section, ...]:
    """The sections of a module's text, one behind the other; each but the first begins with a
    definition of the module or its decorators.

    Told by comments, strings and the beginnings of lines, in a tenth of the time of a parse. One
    section where lines end otherwise than in a line feed, and where a line goes on with `@`.
    """
    has_own_quotes = sys.version_info >= (3, 12) and _LONG_QUOTES_IN_FORMAT.search(text)
    starts = None if "\r" in text or has_own_quotes else _starts(text)
    return tuple(_between(text, starts or [0]))


def _starts(text: str) -> list[int] | None:
    """Where sections start; None where that is not clear."""
    starts = [0]
    decorator = 0 if text.startswith("@") else None
    for start in _beginnings(text):
        if text[start] == "@":
            decorator = start if decorator is None else decorator
            continue
        if decorator is not None and not _decorates(text[decorator:start]):
            return None
        starts.append(start if decorator is None else decorator)
        decorator = None
    return list(dict.fromkeys(starts)) if decorator is None else None


def _beginnings(text: str) -> Iterator[int]:
    """Where lines outside of strings begin like a definition or a decorator."""
    for found in _TOKENS.finditer(text):
        place = found.start()
        if text[place] == "\n" and text[place - 1 : place] != "\\":
            yield place + 1


def _decorates(text: str) -> bool:
    """Whether lines that begin with `@` are decorators, and do not go on with an expression in
    parentheses, which would have to be closed here."""
    try:
        parsed("", f"{text}def decorated(): ...")
    except Unreadable:
        return False
    return True


def _between(text: str, starts: Sequence[int]) -> Iterator[Section]:
    line = 1
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield Section(line, start, end)
        line += text.count("\n", start, end)


def _upwards(node: ast.AST, above: Mapping[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    found = above.get(node)
    while found is not None:
        yield found
        found = above.get(found)


def _place(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset
