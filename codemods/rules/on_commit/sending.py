"""Calls that send a Celery task: which task, and by what receiver."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.task_decorators import is_application
from djfix.codemods.source.walking import children

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.task_values import Task

_SENDING = frozenset({"delay", "apply_async"})
_SIGNATURES = frozenset({"s", "si", "signature", "subtask"})
_CANVAS = frozenset({"celery.chain", "celery.group", "celery.chord", "celery.chunks"})


@dataclass(frozen=True, slots=True, eq=False)
class Sending:
    """One call that sends a task. `task` is None for a canvas, or a task that is sent by name."""

    call: ast.Call
    method: str
    task: Task | None
    name: str


def sendings_in(inference: Inference) -> Iterator[Sending]:
    """The calls of a function that certainly send a Celery task, nested functions left out."""
    for node in _calls(inference.function):
        assert isinstance(node.func, ast.Attribute)
        found = _sending(inference, node, node.func)
        if found is not None:
            yield found


def _calls(function: ast.AST) -> Iterator[ast.Call]:
    waiting = list(reversed(list(children(function))))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node
        waiting.extend(reversed(list(children(node))))


def _sending(inference: Inference, call: ast.Call, method: ast.Attribute) -> Sending | None:
    project = inference.project
    if method.attr == "send_task":
        name = inference.resolve(method.value)
        if name is None or not is_application(project, name):
            return None
        first = call.args[0] if call.args else None
        sent = first.value if isinstance(first, ast.Constant) else None
        return Sending(call, method.attr, None, str(sent or ast.unparse(method)))
    if method.attr not in _SENDING:
        return None
    task = _task(inference, method.value)
    if task is not None:
        return Sending(call, method.attr, task, task.name or task.symbol)
    if _is_canvas(inference, method.value):
        return Sending(call, method.attr, None, ast.unparse(method.value))
    return None


def _task(inference: Inference, node: ast.expr) -> Task | None:
    """The task that an expression names, or of which it is a signature."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _SIGNATURES:
            return _task(inference, inner)
    name = inference.resolve(node)
    return None if name is None else inference.project.task(name)


def _is_canvas(inference: Inference, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and inference.resolve(node.func) in _CANVAS
