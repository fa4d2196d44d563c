"""One function's own steps, in the order of its text: acts, calls to follow, and `raise`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from djfix.codemods.findings import Evidence, NodeReference, Reason
from djfix.codemods.inference.bodies.catching import (
    BROAD,
    Frame,
    Handler,
    handlers_of,
    raised_name,
    suppressing,
)
from djfix.codemods.inference.bodies.classifying import classified, handed_on, verb_of
from djfix.codemods.inference.bodies.drafts import Draft
from djfix.codemods.inference.bodies.known import SOFT_TIME_LIMIT
from djfix.codemods.inference.bodies.things import Found, Things
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.values import Instance
from djfix.codemods.project.project import Project
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import children, walk

_RETRYING = frozenset({"tenacity", "backoff", "retrying", "retry", "stamina"})
"""Libraries whose decorators call a function again when it raises."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of three: an act (`draft`), a function of the project that is called (`target`), or an
    exception that is raised. `frames`: the handlers around it, innermost first. `verb`: the HTTP
    method that a call is given."""

    evidence: Evidence
    reference: NodeReference
    frames: tuple[Frame, ...]
    draft: Draft | None = None
    target: str | None = None
    raised: str | None = None
    verb: str | None = None


@dataclass(slots=True)
class Reading:
    """The steps of one function, and the calls in it that are not known."""

    steps: list[Step] = field(default_factory=list)
    unclear: list[Reason] = field(default_factory=list)


def read(project: Project, found: Found) -> Reading:
    """What one function does itself."""
    inference = Inference(project, found.document, found.node, asks_callers=False)
    reader = _Reader(inference, found.symbol)
    reader.decorators(found.node)
    for statement in found.node.body:
        reader.visit(statement, ())
    return reader.reading


class _Reader:
    def __init__(self, inference: Inference, symbol: str) -> None:
        self._inference = inference
        self._symbol = symbol
        self._things = Things(inference)
        self.reading = Reading()

    def decorators(self, function: FunctionNode) -> None:
        """Decorators of the libraries that try a function again."""
        for each in function.decorator_list:
            called = each.func if isinstance(each, ast.Call) else each
            dotted = dotted_name(called)
            path = self._inference.document.path
            name = self._inference.project.resolve(path, dotted) if dotted else None
            if name is not None and name.partition(".")[0] in _RETRYING:
                self._add(each, (), Draft("retry", name))

    def visit(self, node: ast.AST, frames: tuple[Frame, ...]) -> None:
        """A node and what is in it, evaluated before it."""
        if isinstance(node, ast.Try | ast.TryStar):
            self._try(node, frames)
            return
        inner = frames
        if isinstance(node, ast.With | ast.AsyncWith):
            inner = (*suppressing(self._inference, node), *frames)
        for child in _parts(node):
            self.visit(child, inner)
        self._own(node, frames)

    def _try(self, node: ast.Try | ast.TryStar, frames: tuple[Frame, ...]) -> None:
        handlers = handlers_of(self._inference, node)
        for statement in node.body:
            self.visit(statement, (handlers, *frames))
        self._swallowing(node, handlers, frames)
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part, frames)

    def _swallowing(
        self, node: ast.Try | ast.TryStar, handlers: Frame, frames: tuple[Frame, ...]
    ) -> None:
        calls = any(isinstance(each, ast.Call) for part in node.body for each in walk(part))
        for handler in handlers if calls else ():
            name = _everything(handler)
            if name is not None and handler.goes_on:
                step = Step(
                    handler.evidence,
                    NodeReference.of(node),
                    frames,
                    Draft("swallow", name, repeatable=True),
                )
                self.reading.steps.append(step)

    def _own(self, node: ast.AST, frames: tuple[Frame, ...]) -> None:
        match node:
            case ast.Call():
                self._call(node, frames)
            case ast.Raise():
                raised = raised_name(self._inference, node)
                self._add(node, frames, raised=raised) if raised is not None else None
            case ast.While(test=ast.Constant(value=value)) if value:
                self._add(node, frames, Draft("loop", "while True"))
            case ast.AugAssign(target=ast.Attribute() as target):
                value_of = self._inference.value(target.value)
                if isinstance(value_of, Instance):
                    callee = f"{value_of.model}.{target.attr}"
                    self._add(node, frames, Draft("delta", callee, repeatable=False))

    def _call(self, node: ast.Call, frames: tuple[Frame, ...]) -> None:
        for given in (*node.args, *(each.value for each in node.keywords)):
            handed = handed_on(self._inference, self._things, given)
            if handed.draft is not None or handed.target is not None:
                self._add(node, frames, handed.draft, target=handed.target)
        found = classified(self._inference, self._things, node)
        if found.draft is not None and self._is_itself(found.draft):
            self._add(node, frames, replace(found.draft, kind="retry"))
        elif found.draft is not None or found.target is not None:
            self._add(node, frames, found.draft, target=found.target)
        elif found.unclear:
            path = self._inference.document.path
            text = f"{path}:{node.lineno} calls {_short(node.func)}, which could not be followed"
            self.reading.unclear.append(Reason("unread-call", text))

    def _is_itself(self, draft: Draft) -> bool:
        """Whether a task sends itself again, which is a retry by hand."""
        sent = draft.callee.rpartition(".")[0]
        return draft.kind == "delay" and sent in {self._symbol, "self"}

    def _add(
        self,
        node: ast.stmt | ast.expr,
        frames: tuple[Frame, ...],
        draft: Draft | None = None,
        *,
        target: str | None = None,
        raised: str | None = None,
    ) -> None:
        document = self._inference.document
        evidence = Evidence(document.path, node.lineno, document.line_text(node.lineno).strip())
        reference = NodeReference.of(node)
        verb = verb_of(node) if isinstance(node, ast.Call) else None
        step = Step(evidence, reference, frames, draft, target, raised, verb)
        self.reading.steps.append(step)


def _everything(handler: Handler) -> str | None:
    """The name by which a handler catches the soft time limit as well."""
    wanted = (*sorted(BROAD), SOFT_TIME_LIMIT)
    return next((name for name in handler.names if name in wanted), None)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a node, in the order of its text; decorators and annotations left out."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.body
        return
    if isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value is not None else []
        return
    yield from children(node)


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."
