"""Lays out a chain of calls, on one line or on several, as black would.

Compared with `ruff format` in the tests: a chain of two or more calls behind the first goes into
parentheses, one call a line; a shorter one breaks within its last brackets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

_BETWEEN = r"(?:[\s)\\]|#[^\n]*)*"
"""What may stand between the end of an expression and the sign that follows it."""

_DOT = re.compile(_BETWEEN + r"\.")
_COMMA = re.compile(_BETWEEN + ",")


@dataclass(frozen=True, slots=True)
class Room:
    """Where an expression stands: its line's indentation, what is before and after it there."""

    width: int
    indent: str = "    "
    own: str = ""
    before: int = 0
    after: int = 0

    def fits(self, code: str) -> bool:
        """Whether the code keeps to the line that it stands on."""
        return self.before + len(code) + self.after <= self.width

    def deeper(self) -> Room:
        """A line of its own one level further in."""
        own = self.own + self.indent
        return replace(self, own=own, before=len(own), after=0)


class Code:
    """The text of one expression, with newlines as `\\n`, and the places of its parts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.node = ast.parse(f"({text}\n)", mode="eval").body

    def start(self, node: ast.expr | ast.keyword) -> int:
        """Where a part begins in the text."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.keyword) -> int:
        """Where a part ends in the text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    @cached_property
    def dots(self) -> tuple[int, ...]:
        """The dots behind a call, a subscript or a literal: the places where a chain breaks."""
        attributes = (each for each in self.spine() if isinstance(each, ast.Attribute))
        found = [self._dot(each) for each in attributes if not _is_name(each.value)]
        return tuple(sorted(found))

    def spine(self) -> Iterator[ast.Attribute | ast.Call | ast.Subscript]:
        """The links of the chain, the outermost first."""
        node = self.node
        while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
            yield node
            node = node.func if isinstance(node, ast.Call) else node.value

    def segments(self) -> list[str]:
        """The text cut before the dots at which it breaks."""
        cuts = [0, *self.dots, len(self.text)]
        return [self.text[start:end].rstrip() for start, end in pairwise(cuts)]

    def brackets(self, call: ast.Call) -> tuple[int, int]:
        """The places of a call's own parentheses."""
        return self.text.index("(", self.end(call.func)), self.end(call) - 1

    def arguments(self, call: ast.Call) -> list[str]:
        """The text of each argument."""
        start, end = self.brackets(call)
        items: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        items.sort(key=self.start)
        if len(items) == 1:
            return [self.text[start + 1 : end].strip().removesuffix(",").rstrip()]
        cuts = [start]
        for item in items:
            comma = _COMMA.match(self.text, self.end(item), end)
            cuts.append(comma.end() - 1 if comma else end)
        return [self.text[start + 1 : end].strip() for start, end in pairwise(cuts)]

    def comprehension(self, node: ast.ListComp) -> list[str]:
        """The element of a comprehension, then each of its `for` and `if` with what follows."""
        cuts, last = [1], self.end(node.elt)
        for each in node.generators:
            word = "async" if each.is_async else "for"
            for head, part, end in [
                (word, each.target, each.iter),
                *(("if", test, test) for test in each.ifs),
            ]:
                cuts.append(self.text.rindex(head, last, self.start(part)))
                last = self.end(end)
        cuts.append(self.text.rindex("]"))
        return [self.text[start:end].strip() for start, end in pairwise(cuts)]

    def _dot(self, node: ast.Attribute) -> int:
        found = _DOT.match(self.text, self.end(node.value))
        assert found is not None
        return found.end() - 1

    def _offset(self, line: int, column: int) -> int:
        lines = self._lines
        # The first line has the parenthesis that `ast` was given.
        column -= 1 if line == 1 else 0
        before = sum(len(each) + 1 for each in lines[: line - 1])
        return before + len(lines[line - 1].encode()[:column].decode())

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")


def _is_name(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def laid_out(code: str, room: Room) -> str:
    """An expression of one line, on one or more; further lines carry `room.own`."""
    if room.fits(code):
        return code
    parsed = Code(code)
    if len(parsed.dots) < 2:
        broken = _in_brackets(parsed, room)
        if broken is not None or not parsed.dots:
            return broken or code
    inner = in_lines(code, room.deeper())
    return f"(\n{room.own}{room.indent}{inner}\n{room.own})"


def in_lines(code: str, room: Room) -> str:
    """A chain that stands in parentheses: on its line, else each call on one of its own."""
    if room.fits(code):
        return code
    line = replace(room, before=len(room.own))
    return f"\n{room.own}".join(link(segment, line) for segment in Code(code).segments())


def link(segment: str, room: Room) -> str:
    """One link of a chain (`.filter(...)`), broken within its last brackets where it must be."""
    if room.fits(segment):
        return segment
    # A dot cannot begin an expression: give it something to follow.
    name = "_" if segment.startswith(".") else ""
    parsed = Code(name + segment)
    broken = _in_last_bracket(parsed, replace(room, before=room.before - len(name)))
    return segment if broken is None else broken.removeprefix(name)


def _in_brackets(parsed: Code, room: Room) -> str | None:
    """Broken within its last brackets; within those before, where they are what is too long."""
    broken = _in_last_bracket(parsed, room)
    if broken is not None and _lines_fit(broken, room):
        return broken
    if parsed.dots:
        head, tail = parsed.text[: parsed.dots[0]], parsed.text[parsed.dots[0] :]
        broken = _in_own_parentheses(head, room) or _in_last_bracket(Code(head), room)
        if broken is not None and _lines_fit(f"{broken}{tail}", room):
            return f"{broken}{tail}"
        return None
    return broken


def _in_own_parentheses(head: str, room: Room) -> str | None:
    """`(a or b)` with what it holds on a line of its own."""
    node = Code(head).node
    if not head.startswith("(") or isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        return None
    return f"(\n{room.own}{room.indent}{head[1:-1].strip()}\n{room.own})"


def _lines_fit(text: str, room: Room) -> bool:
    first, *others = text.split("\n")
    if room.before + len(first) > room.width:
        return False
    return all(len(line) <= room.width for line in others[:-1]) and (
        not others or len(others[-1]) + room.after <= room.width
    )


def _in_last_bracket(parsed: Code, room: Room) -> str | None:
    node = parsed.node
    if isinstance(node, ast.ListComp):
        return _comprehension_lines(parsed.comprehension(node), room)
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return None
    start, _ = parsed.brackets(node)
    arguments = "\n".join(_argument_lines(parsed.arguments(node), room.deeper()))
    return f"{parsed.text[: start + 1]}\n{arguments}\n{room.own})"


def _comprehension_lines(parts: Sequence[str], room: Room) -> str:
    """Each `for` and `if` on a line of its own."""
    inner = room.deeper()
    element, *clauses = parts
    lines = [_argument(element, inner), *(_clause(clause, inner) for clause in clauses)]
    return "[\n" + "".join(f"{inner.own}{line}\n" for line in lines) + f"{room.own}]"


def _clause(clause: str, room: Room) -> str:
    """`for x in rows` or `if x`, broken within what it ends with where it must be."""
    if room.fits(clause):
        return clause
    match ast.parse(f"[0 for _ in () {clause}]", mode="eval").body:
        case ast.ListComp(generators=[_, ast.comprehension(iter=last)]):
            start = clause.encode()[: last.col_offset - 15].decode()
            value = clause[len(start) :]
            return start + _argument(value, replace(room, before=room.before + len(start)))
    return clause


def _argument_lines(arguments: Sequence[str], room: Room) -> Iterator[str]:
    """On one line, or one a line, then with a comma behind each."""
    if room.fits(", ".join(arguments)):
        yield room.own + ", ".join(arguments)
        return
    comma = "," if len(arguments) > 1 else ""
    for argument in arguments:
        line = replace(room, before=len(room.own), after=len(comma))
        yield room.own + _argument(argument, line) + comma


def _argument(argument: str, room: Room) -> str:
    """An argument in its line, or broken within its own brackets."""
    name = re.match(r"\w+=(?!=)|\*{1,2}", argument)
    before = name.group() if name else ""
    value, line = argument[len(before) :], replace(room, before=room.before + len(before))
    if line.fits(value):
        return argument
    parsed = Code(value)
    if len(parsed.dots) > 1:
        return before + in_lines(value, line)
    return before + (_in_brackets(parsed, line) or value)
