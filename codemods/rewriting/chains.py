"""Method calls added to the end of an expression, in the layout that it has, or as black would.

Text is put in at places, and what stands there stays as it is to the byte: comments, line breaks,
strings. Only a chain that needs another layout (parentheses around it) is written anew.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rewriting.comments import PRAGMA
from djfix.codemods.rewriting.layout import Code, Room, in_lines, laid_out, link
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import ReplaceText
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk

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


def with_calls(
    trees: Trees, path: str, reference: NodeReference, calls: Sequence[MethodCall], *, width: int
) -> tuple[ReplaceText, ...]:
    """The edits that add calls to an expression, in their order.

    `width` is the project's line length. Raises NotJoined, Unreadable and OSError.
    """
    document = trees.files.document(path)
    parentheses = _parentheses(trees, document, reference)
    chain = _Chain(document, reference, parentheses, width)
    if "\n" in chain.text:
        insertions = list(_on_lines(chain, calls))
    else:
        insertions = list(_on_one_line(chain, calls))
    return tuple(_edit(document, *insertion) for insertion in insertions)


def _parentheses(trees: Trees, document: Document, reference: NodeReference) -> int:
    """How many pairs stand around the expression, by the text where it is all of a value.

    Among other parts of a statement its tree tells them from the brackets of a call.
    """
    statement = _statement_of_value(document, reference)
    if statement is None:
        return len(getattr(trees.node(document.path, reference), "lpar", ()))
    assert statement.end_lineno is not None
    lines = iter(document.lines[statement.lineno - 1 : statement.end_lineno])
    column = document.column(reference.line, reference.column) - 1
    start = (reference.line - statement.lineno + 1, column)
    opened = 0
    for token in tokenize.generate_tokens(lambda: next(lines, "")):
        if token.start >= start:
            break
        if token.type not in _BETWEEN_TOKENS:
            opened = opened + 1 if token.string == "(" else 0
    return opened


_BETWEEN_TOKENS = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.INDENT})


def _statement_of_value(document: Document, reference: NodeReference) -> ast.stmt | None:
    for statement in walk(document.tree):
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return):
            value = statement.value
            if value is not None and NodeReference.of(value) == reference:
                return statement
    return None


def _edit(document: Document, start: Position, end: Position, text: str) -> ReplaceText:
    span = Span(start[0], start[1] + 1, end[0], end[1] + 1)
    return ReplaceText(document.path, span, text.replace("\n", document.newline))


Insertion = tuple[Position, Position, str]


@dataclass(frozen=True)
class _Chain:
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
        return Room(self.width, self.document.indentation, own, at[1], _length(self.rest(at)))


def _length(rest: str) -> int:
    """What counts of a line's end: all but a comment to tools, which black lets stand out."""
    code, hash_sign, comment = rest.partition("#")
    return len(code.rstrip()) if PRAGMA.match(hash_sign + comment) else len(rest)


def _joined(calls: Sequence[MethodCall]) -> str:
    return "".join(call.code for call in calls)


# -- an expression of one line ---------------------------------------------------------------------


def _on_one_line(chain: _Chain, calls: Sequence[MethodCall]) -> Iterator[Insertion]:
    if not chain.is_tight and chain.parentheses:
        yield _behind_parentheses(chain, calls)
        return
    text = chain.text
    left: list[MethodCall] = []
    for call in calls:
        extended = _extended(Code(text), call)
        text, left = (text, [*left, call]) if extended is None else (extended, left)
    code = (text if chain.is_tight else f"({text})") + _joined(left)
    own = chain.indentation(chain.start[0])
    room = replace(chain.room(chain.end, own), before=chain.start[1])
    yield chain.start, chain.end, _in_its_parentheses(chain, code, room)


def _in_its_parentheses(chain: _Chain, code: str, room: Room) -> str:
    """The chain in its place: in the parentheses that it has, or with new ones if it needs any."""
    if not chain.parentheses:
        return laid_out(code, room)
    if room.fits(code):
        return code
    if not chain.before.strip():
        return in_lines(code, room)
    if not chain.rest(chain.end).startswith(")"):
        return code
    return f"\n{room.own}{room.indent}{in_lines(code, room.deeper())}\n{room.own}"


def _extended(code: Code, call: MethodCall) -> str | None:
    """The text with a call's arguments in an earlier call of the same method."""
    found = _call_to_extend(code, call)
    if found is None:
        return None
    end = code.end(found.args[-1])
    return code.text[:end] + "".join(f", {each}" for each in call.arguments) + code.text[end:]


def _call_to_extend(code: Code, call: MethodCall) -> ast.Call | None:
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


def _behind_parentheses(chain: _Chain, calls: Sequence[MethodCall]) -> Insertion:
    """Behind the parentheses of `(a or b)`, which bind it."""
    position = _closed(chain)
    own = chain.indentation(position[0])
    return position, position, _inline(chain, position, calls, own)


def _inline(chain: _Chain, at: Position, calls: Sequence[MethodCall], own: str) -> str:
    """The calls on the line that is there; the last breaks within its brackets if it must."""
    room = chain.room(at, own)
    code = _joined(calls)
    return code if room.fits(code) else _joined(calls[:-1]) + _broken(calls, room)


def _broken(calls: Sequence[MethodCall], room: Room) -> str:
    before = room.before + len(_joined(calls[:-1]))
    return link(calls[-1].code, replace(room, before=before))


def _closed(chain: _Chain) -> Position:
    """The place behind all parentheses of the expression's own."""
    line, column = chain.end
    left = chain.parentheses
    while left:
        rest = chain.rest((line, column)).partition("#")[0]
        closing = rest.find(")")
        line, column = (line, column + closing + 1) if closing >= 0 else (line + 1, 0)
        left -= 1 if closing >= 0 else 0
    return line, column


# -- an expression of several lines ----------------------------------------------------------------


def _on_lines(chain: _Chain, calls: Sequence[MethodCall]) -> Iterator[Insertion]:
    found = [(call, _extended_on_lines(chain, call)) for call in calls]
    left = [call for call, insertion in found if insertion is None]
    insertions = [insertion for _, insertion in found if insertion is not None]
    yield from insertions
    if not left:
        return
    if chain.is_tight:
        yield _behind_lines(chain, left, may_wrap=not insertions)
    elif chain.parentheses:
        yield _behind_parentheses(chain, left)
    else:
        yield chain.start, chain.start, "("
        own = chain.indentation(chain.end[0])
        yield chain.end, chain.end, ")" + _inline(chain, chain.end, left, own)


def _extended_on_lines(chain: _Chain, call: MethodCall) -> Insertion | None:
    """Arguments put into a call that is there: on its line, or on a line of their own."""
    code = chain.code
    found = _call_to_extend(code, call)
    if found is None:
        return None
    last, closing = code.end(found.args[-1]), code.end(found) - 1
    position = chain.position(last)
    between = code.text[last:closing]
    if between.lstrip().startswith(","):
        if "\n" not in between:
            return None
        return _line_behind(chain, position, call)
    text = "".join(f", {each}" for each in call.arguments)
    return (position, position, text) if chain.room(position, "").fits(text) else None


def _line_behind(chain: _Chain, last: Position, call: MethodCall) -> Insertion | None:
    """New lines behind the line of the last argument, which has a comma."""
    own = chain.indentation(last[0])
    line = chain.document.line_text(last[0]).rstrip()
    if not chain.rest(last).startswith(","):
        return None
    at = (last[0], len(line))
    room = Room(chain.width, chain.document.indentation, own, len(own), 1)
    if not all(room.fits(each) for each in call.arguments):
        return None
    return at, at, "".join(f"\n{own}{each}," for each in call.arguments)


def _behind_lines(chain: _Chain, calls: Sequence[MethodCall], *, may_wrap: bool) -> Insertion:
    own = _indentation_of_calls(chain)
    if own is not None:
        return _lines_below(chain, calls, own)
    if may_wrap and not chain.parentheses and _wants_lines(chain, calls):
        return chain.start, chain.end, _wrapped(chain, calls)
    outer = chain.indentation(chain.end[0])
    return chain.end, chain.end, _inline(chain, chain.end, calls, outer)


def _indentation_of_calls(chain: _Chain) -> str | None:
    """How lines of the chain that begin with its dots are indented; None where none may follow."""
    places = [chain.position(dot) for dot in chain.code.dots]
    for line, column in reversed(places):
        before = chain.document.line_text(line)[:column]
        if not before.strip():
            return before
    stands_alone = chain.parentheses and not chain.before.strip()
    return chain.before if stands_alone else None


def _lines_below(chain: _Chain, calls: Sequence[MethodCall], own: str) -> Insertion:
    """One more line for each call, in the indentation of the others."""
    rest = chain.rest(chain.end)
    at_end_of_line = not rest or rest.lstrip().startswith("#")
    at = (chain.end[0], chain.end[1] + len(rest)) if at_end_of_line else chain.end
    is_continued = not chain.parentheses and _has_backslash(chain)
    if is_continued:
        at = chain.end
    room = Room(chain.width, chain.document.indentation, own, len(own))
    last = replace(room, after=0 if at_end_of_line else _length(rest))
    rooms = [room] * (len(calls) - 1) + [last]
    lines = [link(call.code, each) for call, each in zip(calls, rooms, strict=True)]
    newline = " \\\n" if is_continued else "\n"
    return at, at, "".join(f"{newline}{own}{line}" for line in lines)


def _has_backslash(chain: _Chain) -> bool:
    return any(line.endswith("\\") for line in chain.text.split("\n"))


def _wants_lines(chain: _Chain, calls: Sequence[MethodCall]) -> bool:
    """Whether black gives the longer chain parentheses, and its lines can be moved."""
    if len(chain.code.dots) + len(calls) < 2 or _has_backslash(chain):
        return False
    strings = (ast.Constant, ast.JoinedStr)
    return not any(
        isinstance(node, strings) and node.lineno != node.end_lineno
        for node in walk(chain.code.node)
    )


def _wrapped(chain: _Chain, calls: Sequence[MethodCall]) -> str:
    """The chain in parentheses, one call a line, its own lines one level further in."""
    indent = chain.document.indentation
    own = chain.indentation(chain.start[0])
    room = Room(chain.width, indent, own).deeper()
    links = [_collapsed(each, room) or _moved(each, indent) for each in chain.code.segments()]
    links += [link(call.code, room) for call in calls]
    return "(" + "".join(f"\n{room.own}{each}" for each in links) + f"\n{own})"


def _collapsed(text: str, room: Room) -> str | None:
    """A link on one line, where only its length broke it: no comment, no comma before the end."""
    lines = [line.strip() for line in text.split("\n")]
    joined = "".join(_glued(lines))
    is_own = len(lines) > 1 and not lines[0].endswith(("(", "[", "{"))
    is_kept = is_own or "#" in text or any(sign in joined for sign in (",)", ",]", ",}"))
    return joined if not is_kept and room.fits(joined) else None


def _glued(lines: Sequence[str]) -> Iterator[str]:
    """The lines, each with the space that it has behind it when they stand on one."""
    for line, following in zip(lines, [*lines[1:], ")"], strict=True):
        is_tight = line.endswith(("(", "[", "{")) or following.startswith((")", "]", "}"))
        yield line if is_tight else f"{line} "


def _moved(text: str, indent: str) -> str:
    first, *others = text.split("\n")
    return "\n".join([first, *(indent + line if line.strip() else line for line in others)])
