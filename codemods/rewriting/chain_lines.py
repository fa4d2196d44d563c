"""Calls added to an expression that stands on several lines, in the layout of these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from djfix.codemods.rewriting.chain_text import (
    Chain,
    Insertion,
    MethodCall,
    Position,
    behind_parentheses,
    call_to_extend,
    inline,
    length_of,
)
from djfix.codemods.rewriting.layout import Room, link
from djfix.codemods.source.walking import walk


def on_lines(chain: Chain, calls: Sequence[MethodCall]) -> Iterator[Insertion]:
    """What is put in, and where."""
    found = [(call, _extended_on_lines(chain, call)) for call in calls]
    left = [call for call, insertion in found if insertion is None]
    insertions = [insertion for _, insertion in found if insertion is not None]
    yield from insertions
    if not left:
        return
    if chain.is_tight:
        yield _behind_lines(chain, left, may_wrap=not insertions)
    elif chain.parentheses:
        yield behind_parentheses(chain, left)
    else:
        yield chain.start, chain.start, "("
        own = chain.indentation(chain.end[0])
        yield chain.end, chain.end, ")" + inline(chain, chain.end, left, own)


def _extended_on_lines(chain: Chain, call: MethodCall) -> Insertion | None:
    """Arguments put into a call that is there: on its line, or on a line of their own."""
    code = chain.code
    found = call_to_extend(code, call)
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


def _line_behind(chain: Chain, last: Position, call: MethodCall) -> Insertion | None:
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


def _behind_lines(chain: Chain, calls: Sequence[MethodCall], *, may_wrap: bool) -> Insertion:
    own = _indentation_of_calls(chain)
    if own is not None:
        return _lines_below(chain, calls, own)
    if may_wrap and not chain.parentheses and _wants_lines(chain, calls):
        return chain.start, chain.end, _wrapped(chain, calls)
    outer = chain.indentation(chain.end[0])
    return chain.end, chain.end, inline(chain, chain.end, calls, outer)


def _indentation_of_calls(chain: Chain) -> str | None:
    """How lines of the chain that begin with its dots are indented; None where none may follow."""
    places = [chain.position(dot) for dot in chain.code.dots]
    for line, column in reversed(places):
        before = chain.document.line_text(line)[:column]
        if not before.strip():
            return before
    stands_alone = chain.parentheses and not chain.before.strip()
    return chain.before if stands_alone else None


def _lines_below(chain: Chain, calls: Sequence[MethodCall], own: str) -> Insertion:
    """One more line for each call, in the indentation of the others."""
    rest = chain.rest(chain.end)
    at_end_of_line = not rest or rest.lstrip().startswith("#")
    at = (chain.end[0], chain.end[1] + len(rest)) if at_end_of_line else chain.end
    is_continued = not chain.parentheses and _has_backslash(chain)
    if is_continued:
        at = chain.end
    room = Room(chain.width, chain.document.indentation, own, len(own))
    last = replace(room, after=0 if at_end_of_line else length_of(rest))
    rooms = [room] * (len(calls) - 1) + [last]
    lines = [link(call.code, each) for call, each in zip(calls, rooms, strict=True)]
    newline = " \\\n" if is_continued else "\n"
    return at, at, "".join(f"{newline}{own}{line}" for line in lines)


def _has_backslash(chain: Chain) -> bool:
    return any(line.endswith("\\") for line in chain.text.split("\n"))


def _wants_lines(chain: Chain, calls: Sequence[MethodCall]) -> bool:
    """Whether black gives the longer chain parentheses, and its lines can be moved."""
    if len(chain.code.dots) + len(calls) < 2 or _has_backslash(chain):
        return False
    strings = (ast.Constant, ast.JoinedStr)
    return not any(
        isinstance(node, strings) and node.lineno != node.end_lineno
        for node in walk(chain.code.node)
    )


def _wrapped(chain: Chain, calls: Sequence[MethodCall]) -> str:
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
