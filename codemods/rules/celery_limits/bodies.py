"""What a task's body does that goes badly with a limit, or needs one most: its own statements, and
what the functions of the project do that it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.inference.bodies.known import SOFT_TIME_LIMIT
from djfix.codemods.inference.bodies.values import Act
from djfix.codemods.inference.saving.callees import Callees
from djfix.codemods.project.tasks import base_of, task_ancestors
from djfix.codemods.source.chains import dotted_name
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.project.task_values import Task

_CATCHING = frozenset({"builtins.Exception", "builtins.BaseException"})
_KEEPING = frozenset({"lock", "Lock", "add", "set", "get_or_set", "touch", "set_many"})
_TRANSPARENT = ("django.", "functools.", "contextlib.", "newrelic.", "sentry_sdk.", "builtins.")
"""Decorators of these neither lock nor swallow."""


class Body:
    """The statements of one function of a file, with the names in them resolved."""

    def __init__(self, project: Project, path: str, function: FunctionNode) -> None:
        self.project = project
        self.path = path
        self.function = function
        self.nodes = tuple(node for each in function.body for node in walk(each))

    def is_final(self, node: ast.Return) -> bool:
        """Whether it stands in a `finally`, where it drops the exception."""
        tries = (each for each in self.nodes if isinstance(each, ast.Try))
        return any(node in walk(each) for one in tries for each in one.finalbody)

    def resolve(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for, as far as imports say."""
        spelled = dotted_name(node)
        if spelled is None:
            return None
        return self.project.resolve(self.path, spelled, (self.function.name,))


def reviews(body: Body, soft: int | float, hard: int | float) -> Iterator[Reason]:
    """What the body, or a function that it calls, does that goes badly with the limits."""
    own = dict.fromkeys([*_swallowing(body), *waits_longer(body, soft)])
    yield from own
    named = {each.name for each in own}
    found = body.project.shared(Bodies).of_function(body.path, body.function)
    for act in found.acts:
        for reason in _of_act(act, soft, hard):
            if reason.name not in named:
                named.add(reason.name)
                yield reason


def tells_progress(body: Body) -> Iterator[Reason]:
    """`self.update_state(...)`: who tells how far it is expects to be asked, for long."""
    for node in body.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="update_state")):
                text = f"line {node.lineno} tells its progress, as what takes long does"
                yield Reason("tells-progress", text)
                return


def of_decorators(
    project: Project, task: Task, soft: int | float, hard: int | float
) -> Iterator[Reason]:
    """What stands between the task and its function may hold a lock, or swallow the limit."""
    given = task.function.decorators if task.function is not None else ()
    for decorator in given if task.form != "class" else ():
        if decorator == task.decorator:
            continue
        spelled = decorator.function if decorator.kind == "call" else decorator
        name = spelled and project.resolve(task.path, spelled.name, line=decorator.line)
        body = project.shared(Bodies).of_symbol(name) if name else None
        if body is not None:
            yield from (each for act in body.acts for each in _of_act(act, soft, hard))
        elif not name or not name.startswith(_TRANSPARENT):
            text = f"line {decorator.line}: a decorator that was not read runs around it"
            yield Reason("other-decorator", text)


def of_bases(
    project: Project, task: Task, soft: int | float, hard: int | float
) -> Iterator[Reason]:
    """What a base's `__call__` does around the function."""
    for cls in task_ancestors(project, base_of(project, task)):
        info = project.class_named(cls)
        if info is not None and info.facts is not None and info.facts.method("__call__"):
            body = project.shared(Bodies).of_symbol(f"{cls}.__call__")
            acts = body.acts if body is not None else ()
            yield from (each for act in acts for each in _of_act(act, soft, hard))


def _of_act(act: Act, soft: int | float, hard: int | float) -> Iterator[Reason]:
    place = f"{act.path}:{act.line}"
    match act.kind:
        case "swallow" if act.callee != SOFT_TIME_LIMIT:
            text = f"{place} catches every exception, SoftTimeLimitExceeded too"
            yield Reason("swallowed-exception", text)
        case "sleep" if not act.is_own or act.amount is None or act.amount >= soft:
            yield Reason("waits-longer", f"{place} may sleep longer than the limit")
        case "process" if act.timeout != "given":
            yield Reason("waits-longer", f"{place} runs a command that may take longer")
        case "loop":
            yield Reason("waits-longer", f"{place} goes on until something happens")
        case "lock" if act.amount is None:
            text = f"{place}: no expiry that is known, and a killed task releases no lock"
            yield Reason("lock-expiry", text)
        case "lock" if act.amount is not None and act.amount < hard:
            text = f"{place}: the lock expires after {act.amount} s, before the limit ends the task"
            yield Reason("lock-expiry", text)


def swallows(body: Body) -> Iterator[Reason]:
    """`except Exception` takes SoftTimeLimitExceeded as well (measured: the task ended SUCCESS)."""
    for node in body.nodes:
        if _swallows(body, node):
            assert isinstance(node, ast.ExceptHandler | ast.With | ast.AsyncWith | ast.Return)
            text = f"line {node.lineno} catches every exception, SoftTimeLimitExceeded too"
            yield Reason("swallowed-exception", text)
            return


def _swallowing(body: Body) -> Iterator[Reason]:
    found = [*swallows(body)]
    yield from found or _swallow_behind(body)


def _swallow_behind(body: Body) -> Iterator[Reason]:
    """What catches around a call, and not in the function that is called: its decorators, the
    context managers of the project. Of the task's own decorators `of_decorators` tells."""
    project = body.project
    own = (body.path, body.function.lineno)
    given = (each.func if isinstance(each, ast.Call) else each
             for each in body.function.decorator_list)  # fmt: skip
    around = {(dotted_name(each) or "").rpartition(".")[2] for each in given}
    for path, line in project.shared(Callees).behind([own]):
        function = project.files.document(path).function_at(line)
        if function is not None and (path, line) != own and function.name not in around:
            for reason in swallows(Body(project, path, function)):
                text = f"{path}: {reason.text}"
                yield Reason("swallowed-exception", text)
                return


def _swallows(body: Body, node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        is_wide = node.type is None or _is_wide(body, _caught(body, node))
        return is_wide and not _raises_again(node)
    if isinstance(node, ast.With | ast.AsyncWith):
        return any(_may_swallow(body, each.context_expr) for each in node.items)
    return isinstance(node, ast.Return) and body.is_final(node)


def _may_swallow(body: Body, entered: ast.expr) -> bool:
    """`with suppress(Exception):`, and a class of the project whose `__exit__` gives true."""
    if not isinstance(entered, ast.Call):
        return False
    name = body.resolve(entered.func)
    if name == "contextlib.suppress":
        return _is_wide(body, entered.args)
    method = body.project.method(name, "__exit__") if name is not None else None
    if method is None or method.path is None:
        return False
    function = body.project.files.document(method.path).function_at(method.line)
    returned = (node for node in walk(function) if isinstance(node, ast.Return)) if function else ()
    return any(_is_true(each.value) for each in returned)


def _is_true(returned: ast.expr | None) -> bool:
    if isinstance(returned, ast.Constant):
        return bool(returned.value)
    is_super = isinstance(returned, ast.Call) and "super()" in ast.unparse(returned.func)
    return returned is not None and not is_super


def _is_wide(body: Body, caught: Iterable[ast.expr]) -> bool:
    return any((body.resolve(each) or "builtins.Exception") in _CATCHING for each in caught)


def _caught(body: Body, handler: ast.ExceptHandler) -> list[ast.expr]:
    caught = handler.type
    if isinstance(caught, ast.Tuple):
        return caught.elts
    spelled = dotted_name(caught) if caught is not None else None
    value = body.project.value_of(body.path, spelled) if spelled is not None else None
    if value is not None and value.kind in {"tuple", "list"}:
        return [ast.parse(each.name, mode="eval").body for each in value.items if each.name]
    return [caught] if caught else []


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler ends by raising the same exception, and never before in another way."""
    last = handler.body[-1]
    inner = [node for each in handler.body for node in walk(each)]
    leaves = any(isinstance(node, ast.Return | ast.Continue | ast.Break) for node in inner)
    if not isinstance(last, ast.Raise) or leaves:
        return False
    return last.exc is None or (isinstance(last.exc, ast.Name) and last.exc.id == handler.name)


def waits_longer(body: Body, soft: int | float) -> Iterator[Reason]:
    """A wait that is not known to be shorter than the limit, or a sleep that is repeated."""
    for node in body.nodes:
        if isinstance(node, ast.Call) and (
            _sleeps_longer(body, node, soft) or _may_take(node) >= soft or _listens(node)
        ):
            yield Reason("waits-longer", f"line {node.lineno} may wait longer than the limit")
            return


def _sleeps_longer(body: Body, call: ast.Call, soft: int | float) -> bool:
    """By the name alone: whoever's `sleep` it is, it waits."""
    names = dotted_name(call.func) or ""
    if names.rpartition(".")[2] != "sleep":
        return False
    given = call.args[0] if call.args else None
    seconds = given.value if isinstance(given, ast.Constant) else None
    is_short = isinstance(seconds, int | float) and seconds < soft
    return not is_short or _is_repeated(body, call)


def _listens(call: ast.Call) -> bool:
    """`pubsub.listen()`, `consumer.consume()`: they give one message after the other, for ever."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"listen", "consume"}


def _may_take(call: ast.Call) -> int | float:
    """The seconds that a call is given as its `timeout`; those of a cache or a lock are none."""
    if (dotted_name(call.func) or "").rpartition(".")[2] in _KEEPING:
        return 0
    given = next((each.value for each in call.keywords if each.arg == "timeout"), None)
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"wait", "join", "acquire"}:
        given = given or (call.args[0] if call.args else None)
    seconds = given.value if isinstance(given, ast.Constant) else None
    return seconds if isinstance(seconds, int | float) else 0


def _is_repeated(body: Body, call: ast.Call) -> bool:
    loops = (node for node in body.nodes if isinstance(node, ast.While | ast.For))
    return any(node is call for loop in loops for node in walk(loop))
