"""Method calls added to the end of an expression, in the layout that it has, or as black would.

Text is put in at places, and what stands there stays as it is to the byte: comments, line breaks,
strings. Only a chain that needs another layout (parentheses around it) is written anew.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import replace

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rewriting.chain_lines import on_lines
from djfix.codemods.rewriting.chain_text import (
    Chain,
    Insertion,
    MethodCall,
    Position,
    behind_parentheses,
    call_to_extend,
    joined,
)
from djfix.codemods.rewriting.layout import Code, Room, in_lines, laid_out
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import ReplaceText
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import blocks_in

__all__ = ["MethodCall", "with_calls"]


def with_calls(
    trees: Trees, path: str, reference: NodeReference, calls: Sequence[MethodCall], *, width: int
) -> tuple[ReplaceText, ...]:
    """The edits that add calls to an expression, in their order.

    `width` is the project's line length. Raises NotJoined, Unreadable and OSError.
    """
    document = trees.files.document(path)
    parentheses = _parentheses(trees, document, reference)
    chain = Chain(document, reference, parentheses, width)
    if "\n" in chain.text:
        insertions = list(on_lines(chain, calls))
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
    near = list(document.statements_near([reference.line]))
    for statement in (*near, *blocks_in(near)):
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return):
            value = statement.value
            if value is not None and NodeReference.of(value) == reference:
                return statement
    return None


def _edit(document: Document, start: Position, end: Position, text: str) -> ReplaceText:
    span = Span(start[0], start[1] + 1, end[0], end[1] + 1)
    return ReplaceText(document.path, span, text.replace("\n", document.newline))


def _on_one_line(chain: Chain, calls: Sequence[MethodCall]) -> Iterator[Insertion]:
    if not chain.is_tight and chain.parentheses:
        yield behind_parentheses(chain, calls)
        return
    text = chain.text
    left: list[MethodCall] = []
    for call in calls:
        extended = _extended(Code(text), call)
        text, left = (text, [*left, call]) if extended is None else (extended, left)
    code = (text if chain.is_tight else f"({text})") + joined(left)
    own = chain.indentation(chain.start[0])
    room = replace(chain.room(chain.end, own), before=chain.start[1])
    yield chain.start, chain.end, _in_its_parentheses(chain, code, room)


def _in_its_parentheses(chain: Chain, code: str, room: Room) -> str:
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
    found = call_to_extend(code, call)
    if found is None:
        return None
    end = code.end(found.args[-1])
    return code.text[:end] + "".join(f", {each}" for each in call.arguments) + code.text[end:]
