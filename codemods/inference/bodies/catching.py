"""Which exceptions get out of a `try`: its handlers, and what they raise instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence
from djfix.codemods.flow.evaluation import FUNCTIONS
from djfix.codemods.inference.bodies.known import BASES, canonical_exception
from djfix.codemods.source.walking import children

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.project import Project

ANY = "?"
"""Stands for whatever else may be raised: only a handler of every exception catches it."""

BROAD = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Handler:
    """One `except`, or a `suppress`. `raises`: what it raises instead; `reraises`: the same again.

    With neither it goes on as if nothing had happened, or asks for a retry (`retries`).
    """

    names: tuple[str, ...]
    evidence: Evidence
    raises: tuple[str, ...] = ()
    reraises: bool = False
    retries: bool = False

    @property
    def goes_on(self) -> bool:
        return not (self.raises or self.reraises or self.retries)


Frame = tuple[Handler, ...]


def handlers_of(inference: Inference, statement: ast.Try | ast.TryStar) -> Frame:
    """The handlers of a `try`, in their order."""
    return tuple(_handler(inference, each) for each in statement.handlers)


def suppressing(inference: Inference, statement: ast.With | ast.AsyncWith) -> tuple[Frame, ...]:
    """`with suppress(...)` of the standard library."""
    found: list[Frame] = []
    for item in statement.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and inference.resolve(call.func) == "contextlib.suppress":
            names = tuple(_names(inference, call.args))
            found.append((Handler(names, _evidence(inference, statement.lineno)),))
    return tuple(found)


def _handler(inference: Inference, handler: ast.ExceptHandler) -> Handler:
    caught = [] if handler.type is None else [handler.type]
    names = tuple(_names(inference, caught)) if caught else ("BaseException",)
    raised = [node for each in handler.body for node in _own(each) if isinstance(node, ast.Raise)]
    instead = [_raised(inference, handler, each) for each in raised]
    retries = any(_is_retry(node) for each in handler.body for node in _own(each))
    return Handler(
        names,
        _evidence(inference, handler.lineno),
        raises=tuple(dict.fromkeys(name for name in instead if name)),
        reraises=any(name is None for name in instead),
        retries=retries,
    )


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a handler's body but for those of functions in it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        if not isinstance(each, FUNCTIONS):
            waiting.extend(reversed(children(each)))


def _is_retry(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="retry")):
            return True
    return False


def _raised(inference: Inference, handler: ast.ExceptHandler, node: ast.Raise) -> str | None:
    """The exception that a handler raises; None for the one that it caught, or may have."""
    if node.exc is None or (isinstance(node.exc, ast.Name) and node.exc.id == handler.name):
        return None
    if _is_retry(node.exc):
        return ""
    return raised_name(inference, node)


def raised_name(inference: Inference, node: ast.Raise) -> str | None:
    """The canonical name of what a `raise` raises."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    resolved = inference.resolve(raised) if raised is not None else None
    return canonical_exception(resolved) if resolved is not None else None


def _names(inference: Inference, caught: list[ast.expr]) -> Iterator[str]:
    for each in caught:
        if isinstance(each, ast.Tuple):
            yield from _names(inference, each.elts)
            continue
        resolved = inference.resolve(each)
        if resolved is not None:
            yield canonical_exception(resolved)


def _evidence(inference: Inference, line: int) -> Evidence:
    document = inference.document
    return Evidence(document.path, line, document.line_text(line).strip())


@dataclass(frozen=True, slots=True)
class Escaped:
    """What gets out of handlers; the one that lets nothing out, if one does; and the one that
    raises another exception in place of every one."""

    exceptions: tuple[str, ...]
    swallowed: Evidence | None = None
    translated: Evidence | None = None


def escaping(project: Project, exceptions: tuple[str, ...], frames: tuple[Frame, ...]) -> Escaped:
    """What gets out of the handlers around it, innermost first."""
    current = [*exceptions, ANY]
    swallowed: Evidence | None = None
    translated: Evidence | None = None
    for frame in frames:
        kept: list[str] = []
        for name in current:
            handler = _catching(project, frame, name)
            if handler is None or handler.reraises:
                kept.append(name)
            if handler is None:
                continue
            kept += handler.raises
            if handler.goes_on:
                swallowed = swallowed or handler.evidence
            if name == ANY and any(handler.raises):
                translated = translated or handler.evidence
        current = kept
    out = tuple(dict.fromkeys(name for name in current if name != ANY))
    is_all = ANY not in current or (bool(exceptions) and not out)
    return Escaped(out, swallowed if is_all else None, translated)


def _catching(project: Project, frame: Frame, name: str) -> Handler | None:
    above = ancestors(project, name)
    return next((each for each in frame if not above.isdisjoint(each.names)), None)


def ancestors(project: Project, name: str) -> frozenset[str]:
    """The exception itself and all that catches it."""
    found = {*BROAD}
    waiting = [name]
    while waiting:
        each = canonical_exception(waiting.pop())
        if each in found:
            continue
        found.add(each)
        info = project.class_named(each) if "." in each else None
        if each in BASES:
            waiting.extend(BASES[each])
        elif info is not None:
            waiting.extend((*info.bases, *info.unresolved))
    return frozenset(found)
