"""Where `self.retry` goes: the statements that may fail, and the first parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.flow.evaluation import FUNCTIONS
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.source.definitions import FunctionNode
    from djfix.codemods.source.document import Document

_BLOCKS = ("body", "orelse", "finalbody")
Failing = Mapping[NodeReference, tuple[str, ...]]
"""The calls of a function that may fail, with the exceptions by which they do."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Statements that stand one after the other, and what they raise. `kept`: their lines that
    belong to texts, and so keep their indentation."""

    span: Span
    exceptions: tuple[str, ...]
    kept: frozenset[int]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Where the first parameter goes, and the text to put there; nothing where there is one."""

    name: str
    place: Span | None = None
    text: str = ""


def wrapped(document: Document, function: FunctionNode, failing: Failing) -> list[Wrapped] | None:
    """The statements to wrap, or None where one cannot be wrapped for certain."""
    by_statement: dict[ast.stmt, dict[str, None]] = {}
    for node in walk(function):
        if not isinstance(node, ast.expr | ast.stmt) or NodeReference.of(node) not in failing:
            continue
        statement = _statement(document, function, node)
        if statement is None:
            return None
        names = failing[NodeReference.of(node)]
        by_statement.setdefault(statement, {}).update(dict.fromkeys(names))
    runs = list(_runs(document, by_statement))
    if not all(_stands_alone(document, run) for run in runs):
        return None
    return [_wrapped(document, run, by_statement) for run in runs]


def _statement(document: Document, function: FunctionNode, node: ast.AST) -> ast.stmt | None:
    """The innermost statement around a node that can be moved into a `try` as it is."""
    while not isinstance(node, ast.stmt) or _is_elif(document, node):
        node = document.parents[node]
        if isinstance(node, FUNCTIONS):
            return None
    parent: ast.AST = node
    while parent is not function:
        parent = document.parents[parent]
        if isinstance(parent, FUNCTIONS) and parent is not function:
            return None
    return node


def _is_elif(document: Document, node: ast.stmt) -> bool:
    if not isinstance(node, ast.If):
        return False
    return document.segment(node).startswith("elif")


def _runs(document: Document, found: Iterable[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements side by side, in the order of the text; none that stands in another of them."""
    wanted = set(found)
    run: list[ast.stmt] = []
    for statement in sorted(wanted, key=lambda each: each.lineno):
        if any(parent in wanted for parent in _above(document, statement)):
            continue
        if run and _next(document, run[-1]) is not statement:
            yield run
            run = []
        run.append(statement)
    if run:
        yield run


def _above(document: Document, statement: ast.stmt) -> Iterator[ast.AST]:
    node: ast.AST | None = document.parents.get(statement)
    while node is not None:
        yield node
        node = document.parents.get(node)


def _next(document: Document, statement: ast.stmt) -> ast.stmt | None:
    parent = document.parents[statement]
    for name in _BLOCKS:
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            index = block.index(statement)
            return block[index + 1] if index + 1 < len(block) else None
    return None


def _stands_alone(document: Document, run: list[ast.stmt]) -> bool:
    """Whether the statements share no line with others."""
    for statement in run:
        span = document.span(statement)
        before = document.line_text(span.line)[: span.column - 1]
        after = document.line_text(span.end_line)[span.end_column - 1 :].strip()
        if before.strip() or (after and not after.startswith("#")):
            return False
    return True


def _wrapped(
    document: Document, run: list[ast.stmt], exceptions: Mapping[ast.stmt, Mapping[str, None]]
) -> Wrapped:
    first, last = document.span(run[0]), document.span(run[-1])
    end = len(document.line_text(last.end_line)) + 1
    inside = [each for each in exceptions if first.line <= each.lineno <= last.end_line]
    names = dict.fromkeys(name for each in inside for name in exceptions[each])
    kept = {
        line
        for statement in run
        for node in walk(statement)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    span = Span(first.line, first.column, last.end_line, end)
    return Wrapped(span, tuple(names), frozenset(kept))


def parameter(document: Document, function: FunctionNode, *, bound: bool) -> Parameter | None:
    """The parameter that is given the task; None where there can be none."""
    arguments = function.args
    first = next(iter((*arguments.posonlyargs, *arguments.args)), None)
    if bound:
        return None if first is None else Parameter(first.arg)
    if "self" in names_in(function) or list(getattr(function, "type_params", [])):
        return None
    line, column = _parenthesis(document, function)
    rest = document.line_text(line)[column - 1 :].strip()
    is_below = not rest or rest.startswith("#")
    if first is not None and is_below:
        place = document.span(first)
        lead = document.line_text(place.line)[: place.column - 1]
        at = Span(place.line, place.column, place.line, place.column)
        return Parameter("self", at, f"self,{document.newline}{lead}")
    has_any = first is not None or arguments.vararg or arguments.kwonlyargs or arguments.kwarg
    if is_below:
        return None
    return Parameter("self", Span(line, column, line, column), "self, " if has_any else "self")


def _parenthesis(document: Document, function: FunctionNode) -> tuple[int, int]:
    """The place behind the parenthesis that opens the parameters."""
    span = document.span(function)
    text = document.line_text(span.line)
    return span.line, text.index("(", span.column - 1) + 2


def created_names(function: FunctionNode) -> frozenset[str]:
    """The names that say whether `get_or_create` or `update_or_create` made a row."""
    found: set[str] = set()
    for node in walk(function):
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=[_, ast.Name(id=name)])],
                value=ast.Call(func=ast.Attribute(attr="get_or_create" | "update_or_create")),
            ):
                found.add(name)
    return frozenset(found)


def names_in(function: FunctionNode) -> frozenset[str]:
    """Every name that a function mentions or binds."""
    found = {node.id for node in walk(function) if isinstance(node, ast.Name)}
    found |= {node.arg for node in walk(function) if isinstance(node, ast.arg)}
    handlers = (node for node in walk(function) if isinstance(node, ast.ExceptHandler))
    return frozenset(found | {node.name for node in handlers if node.name})
