"""Network calls of a task that wait for ever: in its own body, and in functions that it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Finding, Reason, Safety
from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.rules.celery_limits.mistakes import RULE, anchor_of

if TYPE_CHECKING:
    from djfix.codemods.inference.bodies.values import Act
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task
    from djfix.codemods.rules.celery_limits.bodies import Body
    from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions
    from djfix.codemods.source.definitions import FunctionNode
    from djfix.codemods.source.document import Document

_REQUESTS = frozenset(
    f"requests.{module}{name}"
    for module in ("", "api.")
    for name in ("get", "post", "put", "patch", "delete", "head", "options", "request")
)
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_SENDING = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_URLOPEN = "urllib.request.urlopen"


def in_body(
    document: Document, options: CeleryLimitsOptions, task: Task, body: Body
) -> Iterator[tuple[Finding, ast.Call]]:
    """Findings about the calls of the task's own body, and the calls."""
    for call in calls_without_timeout(body):
        called = body.resolve(call.func) or ast.unparse(call.func)
        seconds = options.network_timeout
        text = f"how long {called} may take is for you to say: {seconds} s is djfix's own number"
        finding = Finding(
            rule=RULE,
            path=document.path,
            span=document.span(call),
            symbol=task.symbol,
            message=f"{called} waits for ever: it has no timeout",
            safety=Safety.REVIEW,
            anchor=ast.dump(call),
            reasons=(Reason("network-timeout", text),),
            data={"task": task.name or task.symbol, "options": {"timeout": seconds}},
        )
        yield finding, call


def in_called_functions(
    document: Document,
    project: Project,
    options: CeleryLimitsOptions,
    task: Task,
    node: ast.ClassDef | FunctionNode,
    body: Body,
) -> Iterator[Finding]:
    """Reports about calls in other functions: who else uses them is not looked at."""
    found = project.shared(Bodies).of_function(body.path, body.function)
    seen: set[tuple[str, int]] = set()
    for act in found.of("network"):
        if act.timeout != "missing" or act.is_own or (act.path, act.line) in seen:
            continue
        seen.add((act.path, act.line))
        yield _called(document, options, task, node, act)


def is_of_called(reason: Reason) -> bool:
    """Whether a reason is that of a call in another function."""
    return reason.name == "called-network"


def _called(
    document: Document,
    options: CeleryLimitsOptions,
    task: Task,
    node: ast.ClassDef | FunctionNode,
    act: Act,
) -> Finding:
    place = f"{act.path}:{act.line}"
    text = f"{place}: other code may call it as well, so its timeout is for you to give"
    name = task.name or task.symbol
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(anchor_of(task, node)),
        symbol=task.symbol,
        message=f"{name}: {act.callee} waits for ever: it has no timeout ({place})",
        safety=Safety.REPORT,
        anchor=f"network-timeout {act.path} {act.callee}",
        reasons=(Reason("called-network", text),),
        evidence=act.evidence,
        data={"task": name, "options": {"timeout": options.network_timeout}},
    )


def calls_without_timeout(body: Body) -> Iterator[ast.Call]:
    """Network calls that wait for ever: `requests` and `urlopen` have no timeout of their own.

    https://requests.readthedocs.io/en/latest/user/advanced/#timeouts; `urlopen` takes the default
    of the socket module, which is none.
    """
    sessions = _session_names(body)
    for node in body.nodes:
        if not isinstance(node, ast.Call) or _has_timeout(node):
            continue
        name = body.resolve(node.func)
        waits = name in _REQUESTS or (name == _URLOPEN and len(node.args) < 3)
        if waits or _is_of_session(node, sessions):
            yield node


def _has_timeout(call: ast.Call) -> bool:
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    return starred or any(each.arg in {"timeout", None} for each in call.keywords)


def _is_of_session(call: ast.Call, sessions: frozenset[str]) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method):
            return name in sessions and method in _SENDING
    return False


def _session_names(body: Body) -> frozenset[str]:
    """Local names that are nothing but a `requests.Session()`."""
    made: set[str] = set()
    for node in body.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                made |= {name} if body.resolve(function) in _SESSIONS else set()
            case ast.withitem(
                context_expr=ast.Call(func=function), optional_vars=ast.Name(id=name)
            ):
                made |= {name} if body.resolve(function) in _SESSIONS else set()
    stored = [
        node.id
        for node in body.nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return frozenset(name for name in made if stored.count(name) == 1)
