"""An expression that calls are added to, its lines, and what can be told of them in any layout."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.comments import PRAGMA
from djfix.codemods.rewriting.layout import Code, Room, link
from djfix.codemods.source.document import Document

TIGHT = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
"""Expressions to which a call can be added without parentheses."""

Position = tuple[int, int]
"""A line from 1 and a column from 0, in code points."""


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A call to add; its arguments as source.

    `passes`: where it is not None, the arguments may go into a call of the same method that is
    there, if all between it and the chain's end are calls of these methods.
    """

    method: str
    arguments: tuple[str, ...]
    passes: frozenset[str] | None = None

    @property
    def code(self) -> str:
        """The call with its dot."""
        return f".{self.method}({', '.join(self.arguments)})"


Insertion = tuple[Position, Position, str]


@dataclass(frozen=True)
class Chain:
    """The expression and the lines around it."""

    document: Document
    reference: NodeReference
    parentheses: int
    width: int

    @cached_property
    def start(self) -> Position:
        line, column = self.reference.line, self.reference.column
        return line, self.document.column(line, column) - 1

    @cached_property
    def end(self) -> Position:
        line, column = self.reference.end_line, self.reference.end_column
        return line, self.document.column(line, column) - 1

    @cached_property
    def text(self) -> str:
        first, last = self.start[0], self.end[0]
        lines = [self.document.line_text(line) for line in range(first, last + 1)]
        lines[-1] = lines[-1][: self.end[1]]
        lines[0] = lines[0][self.start[1] :]
        return "\n".join(lines)

    @cached_property
    def code(self) -> Code:
        return Code(self.text)

    @property
    def is_tight(self) -> bool:
        return isinstance(self.code.node, TIGHT)

    @property
    def before(self) -> str:
        """What stands before the expression on its first line."""
        return self.document.line_text(self.start[0])[: self.start[1]]

    def rest(self, position: Position) -> str:
        """What stands behind a position on its line."""
        return self.document.line_text(position[0])[position[1] :].rstrip()

    def indentation(self, line: int) -> str:
        text = self.document.line_text(line)
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def position(self, offset: int) -> Position:
        """The place in the file of an offset of the text."""
        lines = self.text[:offset].split("\n")
        first = self.start[1] if len(lines) == 1 else 0
        return self.start[0] + len(lines) - 1, first + len(lines[-1])

    def room(self, at: Position, own: str) -> Room:
        """Between what stands before a position on its line and what stands behind it."""
        return Room(self.width, self.document.indentation, own, at[1], length_of(self.rest(at)))


def length_of(rest: str) -> int:
    """What counts of a line's end: all but a comment to tools, which black lets stand out."""
    code, hash_sign, comment = rest.partition("#")
    return len(code.rstrip()) if PRAGMA.match(hash_sign + comment) else len(rest)


def joined(calls: Sequence[MethodCall]) -> str:
    return "".join(call.code for call in calls)


def call_to_extend(code: Code, call: MethodCall) -> ast.Call | None:
    """The call that is there already and takes the arguments of the one to add."""
    if call.passes is None:
        return None
    for node in code.spine():
        if not isinstance(node, ast.Call):
            continue
        if not isinstance(node.func, ast.Attribute):
            return None
        if node.func.attr == call.method:
            return node if _takes_more(node) else None
        if node.func.attr not in call.passes:
            return None
    return None


def _takes_more(node: ast.Call) -> bool:
    """Whether the arguments are literal names, or calls; nothing that may stand for any number."""
    return bool(node.args) and not node.keywords and all(map(_is_plain, node.args))


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.lineno == node.end_lineno
    return isinstance(node, ast.Call) and bool(node.args)


def behind_parentheses(chain: Chain, calls: Sequence[MethodCall]) -> Insertion:
    """Behind the parentheses of `(a or b)`, which bind it."""
    position = _closed(chain)
    own = chain.indentation(position[0])
    return position, position, inline(chain, position, calls, own)


def inline(chain: Chain, at: Position, calls: Sequence[MethodCall], own: str) -> str:
    """The calls on the line that is there; the last breaks within its brackets if it must."""
    room = chain.room(at, own)
    code = joined(calls)
    return code if room.fits(code) else joined(calls[:-1]) + _broken(calls, room)


def _broken(calls: Sequence[MethodCall], room: Room) -> str:
    before = room.before + len(joined(calls[:-1]))
    return link(calls[-1].code, replace(room, before=before))


def _closed(chain: Chain) -> Position:
    """The place behind all parentheses of the expression's own."""
    line, column = chain.end
    left = chain.parentheses
    while left:
        rest = chain.rest((line, column)).partition("#")[0]
        closing = rest.find(")")
        line, column = (line, column + closing + 1) if closing >= 0 else (line + 1, 0)
        left -= 1 if closing >= 0 else 0
    return line, column
