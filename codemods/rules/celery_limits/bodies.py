"""What stands in a task's own body that goes badly with a limit, or needs one most."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.source.definitions import FunctionNode

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_CATCHING = frozenset({"builtins.Exception", "builtins.BaseException"})
_SLEEP = "time.sleep"
_REQUESTS = frozenset(
    f"requests.{module}{name}"
    for module in ("", "api.")
    for name in ("get", "post", "put", "patch", "delete", "head", "options", "request")
)
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.Session"})
_SENDING = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_URLOPEN = "urllib.request.urlopen"


class Body:
    """The statements of one function of a file, with the names in them resolved."""

    def __init__(self, project: Project, path: str, function: FunctionNode) -> None:
        self.project = project
        self.path = path
        self.function = function
        self.nodes = tuple(node for each in function.body for node in ast.walk(each))

    def resolve(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for, as far as imports say."""
        spelled = _dotted(node)
        if spelled is None:
            return None
        return self.project.resolve(self.path, spelled, (self.function.name,))


def _dotted(node: ast.expr) -> str | None:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def swallows(body: Body) -> Iterator[Reason]:
    """`except Exception` takes SoftTimeLimitExceeded as well (measured: the task ended SUCCESS)."""
    for node in body.nodes:
        if not isinstance(node, ast.ExceptHandler) or _raises_again(node):
            continue
        if node.type is None or any(body.resolve(each) in _CATCHING for each in _caught(node)):
            text = f"line {node.lineno} catches every exception, SoftTimeLimitExceeded too"
            yield Reason("swallowed-exception", text)
            return


def _caught(handler: ast.ExceptHandler) -> list[ast.expr]:
    caught = handler.type
    return caught.elts if isinstance(caught, ast.Tuple) else [caught] if caught else []


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler ends by raising the same exception."""
    last = handler.body[-1]
    if not isinstance(last, ast.Raise):
        return False
    return last.exc is None or (isinstance(last.exc, ast.Name) and last.exc.id == handler.name)


def waits_longer(body: Body, soft: int | float) -> Iterator[Reason]:
    """A sleep that is not known to be shorter than the limit, or one that is repeated."""
    for node in body.nodes:
        if not isinstance(node, ast.Call) or body.resolve(node.func) != _SLEEP:
            continue
        given = node.args[0] if node.args else None
        seconds = given.value if isinstance(given, ast.Constant) else None
        is_short = isinstance(seconds, int | float) and seconds < soft
        if not is_short or _is_repeated(body, node):
            yield Reason("waits-longer", f"line {node.lineno} may sleep longer than the limit")
            return


def _is_repeated(body: Body, call: ast.Call) -> bool:
    loops = (node for node in body.nodes if isinstance(node, ast.While | ast.For))
    return any(node is call for loop in loops for node in ast.walk(loop))


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
