"""Why a statement must stay in its view."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.exits import Exit, exits_in, own_nodes
from djfix.codemods.inference.extraction.inputs import input_at, inputs_in, is_own, is_request
from djfix.codemods.inference.extraction.views import View, is_filled_class
from djfix.codemods.inference.extraction.work import business_in
from djfix.codemods.source.walking import walk

_ANSWERING = ("django.contrib.messages.", "django.contrib.auth.login", "django.contrib.auth.logout")


def stays(view: View, statement: ast.stmt) -> tuple[Reason, ...]:
    """The reasons, none if the statement may move (its early responses do not)."""
    answers = {
        node
        for each in exits_in(view, statement)
        for part in each.statements
        for node in walk(part)
    }
    found: dict[Reason, None] = {}
    for each in exits_in(view, statement):
        found.update(dict.fromkeys(each.reasons))
        found.update(dict.fromkeys(_of_answer(view, each)))
    if view.seeks == "queries" and any(True for _ in business_in(view, [statement])):
        found[Reason("writes", "it does more than read")] = None
    for reason in _of_nodes(view, statement, answers):
        found[reason] = None
    return tuple(found)


def _of_answer(view: View, leaving: Exit) -> Iterator[Reason]:
    """An answer that is no error is no exception."""
    if leaving.value is None:
        yield Reason("bare-return", "the view is left early without an answer")
    elif not _is_error(view, leaving):
        text = f"`{_short(ast.unparse(leaving.value))}` is an early answer, and no error"
        yield Reason("early-success", text)


def _short(text: str) -> str:
    return text if len(text) < 50 else f"{text[:47]}..."


def _is_error(view: View, leaving: Exit) -> bool:
    """By its status, by a message beside it, by the clause it stands in, by what it calls it."""
    value = leaving.value
    if any(_congratulates(each) for each in leaving.statements[:-1]):
        return False
    if leaving.handler is not None or len(leaving.statements) > 1:
        return True
    if not isinstance(value, ast.Call):
        return False
    resolved = view.inference.resolve(value.func) or ""
    if resolved.startswith("django.http.HttpResponse") and resolved.endswith(_REFUSING):
        return True
    status = status_of(view, value)
    return (status is not None and status >= 400) or _says_error(value)


def _congratulates(statement: ast.stmt) -> bool:
    """`messages.success(request, ...)`"""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="success" | "info"))):
            return True
    return False


_REFUSING = ("BadRequest", "Forbidden", "NotFound", "NotAllowed", "Gone", "ServerError")
_ERROR_KEYS = frozenset({"error", "errors"})


def _says_error(call: ast.Call) -> bool:
    keys = [key for node in walk(call) if isinstance(node, ast.Dict) for key in node.keys]
    return any(isinstance(key, ast.Constant) and key.value in _ERROR_KEYS for key in keys)


def status_of(view: View, call: ast.Call) -> int | None:
    """The status that a response is given, by number or by REST framework's name."""
    given = next((each.value for each in call.keywords if each.arg == "status"), None)
    made = view.inference.resolve(call.func) or ""
    if given is None and len(call.args) > 1 and made.endswith(".Response"):
        given = call.args[1]
    if isinstance(given, ast.Constant) and isinstance(given.value, int):
        return given.value
    resolved = view.inference.resolve(given) if given is not None else None
    digits = (resolved or "").partition(".HTTP_")[2][:3]
    if digits.isdigit():
        return int(digits)
    return None if given is None else 400


def _of_nodes(view: View, statement: ast.stmt, answers: set[ast.AST]) -> Iterator[Reason]:
    inputs = list(inputs_in(view, [statement]))
    taken = {id(node) for each in inputs for node in walk(each.node)}
    for node in walk(statement):
        if node in answers or id(node) in taken:
            continue
        yield from _of_node(view, node)
    for node in own_nodes(statement):
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom):
            yield Reason("async-code", "it waits for asynchronous code")


def _of_node(view: View, node: ast.AST) -> Iterator[Reason]:
    match node:
        case ast.Global() | ast.Nonlocal() | ast.Delete():
            yield Reason("dynamic", "it deletes or declares variables of other scopes")
        case ast.Subscript(value=base, ctx=ast.Store() | ast.Del()) if input_at(view, base):
            yield Reason("request-needed", "it hands the request on, or changes it")
        case ast.Name(id="super"):
            yield Reason("self-state", "it calls `super()`")
        case ast.Name(id=name) if name in view.filled:
            yield Reason("form-needed", f"it uses `{name}`, which holds the request's input")
        case ast.Call() if _renders(view, node):
            text = f"it makes the answer: `{_short(ast.unparse(node.func))}`"
            yield Reason("makes-response", text)
        case _ if is_request(view, node):
            yield Reason("request-needed", "it hands the request on, or changes it")
        case _ if is_own(view, node):
            yield Reason("self-state", "it uses the view itself (`self`)")


def _renders(view: View, call: ast.Call) -> bool:
    if view.is_response(call):
        return True
    resolved = view.inference.resolve(call.func)
    if resolved is None:
        return False
    return resolved.startswith(_ANSWERING) or is_filled_class(view.project, resolved)
