"""From a plan to edits: the call, bound with its arguments and run after the commit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.rewriting.layout import Code, Room, laid_out
from djfix.codemods.source.line_length import line_length
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.rewriting.edits import Edit
    from djfix.codemods.rewriting.trees import Trees
    from djfix.codemods.rules.on_commit.judging import Plan
    from djfix.codemods.source.document import Document

_ON_COMMIT = {
    "delay": "delay_on_commit",
    "apply_async": "apply_async_on_commit",
}


def edits_of(plan: Plan, path: str, trees: Trees) -> Iterator[Edit]:
    """The replaced call, and the imports that it needs."""
    from djfix.codemods.rewriting.edits import ReplaceText

    document = trees.files.document(path)
    call = _call_at(document, plan)
    if plan.form == "delay_on_commit":
        assert isinstance(call.func, ast.Attribute)
        span = document.span(call.func)
        receiver = document.segment(call.func.value)
        yield ReplaceText(path, span, f"{receiver}.{_ON_COMMIT[call.func.attr]}")
        return
    line = plan.call.line
    partial = trees.name(path, "functools", "partial", line)
    on_commit = trees.name(path, "django.db.transaction", "on_commit", line)
    if on_commit.edits:
        transaction = trees.name(path, "django.db", "transaction", line)
        yield from transaction.edits
        spelled = f"{transaction.expression}.on_commit"
    else:
        spelled = on_commit.expression
    yield from partial.edits
    text = _text(document, plan, call, spelled, partial.expression)
    width = line_length(trees.files, path)
    text = laid_out(text, _room(document, call, width)) if "\n" not in text else text
    text = text.replace("\n", document.newline)
    yield ReplaceText(path, document.span(call), text)


def _call_at(document: Document, plan: Plan) -> ast.Call:
    place = (plan.call.line, plan.call.column, plan.call.end_line, plan.call.end_column)
    for node in walk(document.tree):
        if isinstance(node, ast.Call):
            own = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            if own == place:
                return node
    raise AssertionError("the call is no longer where it was found")


def _text(document: Document, plan: Plan, call: ast.Call, on_commit: str, partial: str) -> str:
    """The new call; arguments over several lines stay as they stand."""
    method = document.segment(call.func)
    segment = document.segment(call).replace("\r\n", "\n").replace("\r", "\n")
    using = f", using={plan.using}" if plan.using else ""
    parsed = Code(segment)
    assert isinstance(parsed.node, ast.Call)
    if not (call.args or call.keywords) and "#" not in segment:
        return f"{on_commit}({method}{using})"
    arguments = parsed.arguments(parsed.node)
    if all("\n" not in each and "#" not in each for each in arguments):
        return f"{on_commit}({partial}({', '.join([method, *arguments])}){using})"
    start, end = parsed.brackets(parsed.node)
    kept = segment[start + 1 : end]
    space = "" if kept.startswith("\n") else " "
    return f"{on_commit}({partial}({method},{space}{kept}){using})"


def _room(document: Document, call: ast.Call, width: int) -> Room:
    span = document.span(call)
    after = document.line_text(span.end_line)[span.end_column - 1 :]
    return Room(
        width=width,
        indent=document.indentation,
        own=document.margin(span.line),
        before=span.column - 1,
        after=len(after.partition("#")[0].rstrip()),
    )
