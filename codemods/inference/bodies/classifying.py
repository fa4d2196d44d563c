"""What one call does: a draft of an act, or the project's function that it calls."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.inference.bodies.known import Known, is_quiet, known_call
from djfix.codemods.inference.bodies.things import Symbol, Thing, Things, function_of
from djfix.codemods.inference.bodies.values import ActKind, TimeoutState
from djfix.codemods.inference.values import Instance, Manager, ModelClass, QuerySet, Saved, Value

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference

_SENDING = frozenset(
    {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}
)
_CREATING = frozenset({"create", "acreate", "bulk_create", "abulk_create"})
_WRITING = frozenset(
    {
        *("get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create", "set"),
        *("update", "aupdate", "bulk_update", "abulk_update", "add", "remove", "clear"),
    }
)
_DELETING = frozenset({"delete", "adelete", "_raw_delete"})
_SAVING = frozenset({"save", "asave"})
_CHANGING = _CREATING | _SAVING | _DELETING

_PAYING = frozenset({"charge", "refund", "capture", "payout", "pay"})
_MONEY = re.compile(r"pay|gateway|stripe|braintree|billing|wallet|bank|adyen|checkout", re.I)

_HARMLESS = frozenset(
    {
        *("get", "items", "keys", "values", "append", "extend", "format", "strip", "split", "join"),
        *("filter", "exclude", "all", "first", "last", "count", "exists", "order_by", "annotate"),
        *("aggregate", "select_related", "prefetch_related", "only", "defer", "values_list"),
        *(
            "distinct",
            "iterator",
            "in_bulk",
            "using",
            "none",
            "latest",
            "earliest",
            "refresh_from_db",
        ),
        *("select_for_update", "union", "reverse", "info", "debug", "warning", "warn", "error"),
        *("exception", "critical", "log", "lower", "upper", "replace", "startswith", "endswith"),
        *("encode", "decode", "json", "raise_for_status", "isoformat", "strftime", "total_seconds"),
        *("pop", "setdefault", "sort", "index", "insert", "copy", "title", "capitalize", "rstrip"),
        *("lstrip", "splitlines", "find", "read", "readlines", "readline", "close", "seek", "tell"),
        *("group", "groups", "match", "search", "sub", "findall", "date", "time", "timestamp"),
        *("astimezone", "as_dict", "as_view", "get_absolute_url", "union", "difference", "zfill"),
        *("intersection", "update", "add", "discard", "is_valid", "get_full_name", "render", "hex"),
        *("get_queryset", "rsplit", "partition", "rpartition", "isdigit", "hexdigest", "digest"),
        *(
            "weekday",
            "isoweekday",
            "quantize",
            "explain",
            "dates",
            "datetimes",
            "contains",
            "alias",
        ),
    }
)
"""Methods that, on whatever object, read or change only what is in memory, as names go."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An act without its place."""

    kind: ActKind
    callee: str
    exceptions: tuple[str, ...] = ()
    timeout: TimeoutState = "none-possible"
    repeatable: bool | None = None
    amount: int | float | None = None


@dataclass(frozen=True, slots=True)
class Classified:
    """What a call is: an act, a function of the project to follow, or not known (`unclear`)."""

    draft: Draft | None = None
    target: str | None = None
    unclear: bool = False


_NOTHING = Classified()


def classified(inference: Inference, things: Things, call: ast.Call) -> Classified:
    """What one call does."""
    named = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Attribute) and named not in _SENDING:
        of_model = _of_model(inference, call, call.func)
        if of_model is not None:
            return of_model
    thing = things.thing(call.func)
    if named in _SENDING and (not _is_library(thing) or _is_own(inference, thing)):
        amount = _keyword(call, "countdown")
        return Classified(Draft("delay", ast.unparse(call.func), amount=amount))
    if named == "retry" and not _is_library(thing):
        return Classified(Draft("retry", ast.unparse(call.func)))
    if isinstance(thing, Symbol):
        return _of_symbol(inference, call, thing.name)
    return _spelled(inference, call, named)


def _is_library(thing: Thing | None) -> bool:
    return thing is not None and not thing.name.startswith("celery")


# -- by what is called ---------------------------------------------------------------------------


def _of_symbol(inference: Inference, call: ast.Call, name: str) -> Classified:
    project = inference.project
    known = known_call(name)
    if known is not None:
        return Classified(_known(call, name, known))
    if project.task(name) is not None or function_of(project, name) is not None:
        return Classified(target=name)
    info = project.class_named(name)
    if info is not None and info.path is not None:
        return Classified(target=f"{name}.__init__")
    if _is_raising(name):
        exceptions = ("requests.exceptions.HTTPError",)
        return Classified(Draft("network", name, exceptions, repeatable=True))
    if name.startswith("httpx.") and name.endswith(".raise_for_status"):
        return Classified(Draft("network", name, ("httpx.HTTPStatusError",), repeatable=True))
    if name == "open":
        return Classified(_opened(call))
    if is_payment(name):
        return Classified(Draft("payment", name, repeatable=False))
    if name.rpartition(".")[2] in _CHANGING and "." in name:
        return _spelled(inference, call, name.rpartition(".")[2])
    if is_quiet(name) or name.rpartition(".")[2] in _HARMLESS:
        return _NOTHING
    if _is_own(inference, Symbol(name)):
        return Classified(unclear=True)
    return Classified(Draft("unknown", name))


def _is_raising(name: str) -> bool:
    return name.startswith("requests.") and name.endswith(".raise_for_status")


def _is_own(inference: Inference, thing: Thing | None) -> bool:
    """Whether a name begins with a module of the project."""
    parts = thing.name.split(".") if thing is not None else []
    project = inference.project
    return any(project.path_of(".".join(parts[:count])) for count in range(1, len(parts)))


def _known(call: ast.Call, name: str, known: Known) -> Draft:
    amount: int | float | None = None
    if known.kind == "sleep":
        amount = number(call.args[0]) if call.args else None
    elif known.kind == "lock":
        amount = _expiry(call)
    repeatable = _repeatable(call, name, known)
    return Draft(known.kind, name, known.exceptions, _timeout(call, known), repeatable, amount)


_SENT_AGAIN = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


def _repeatable(call: ast.Call, name: str, known: Known) -> bool | None:
    """As the table has it, but for calls whose arguments name the method, or send data."""
    first = call.args[0] if call.args else None
    if name.endswith(".request") and isinstance(first, ast.Constant):
        return str(first.value).upper() in _SENT_AGAIN
    if name == "urllib.request.urlopen":
        has_data = len(call.args) > 1 or any(each.arg == "data" for each in call.keywords)
        is_text = isinstance(first, ast.Constant | ast.JoinedStr | ast.BinOp)
        return False if has_data else True if is_text else None
    return known.repeatable


def _timeout(call: ast.Call, known: Known) -> TimeoutState:
    given = next((each.value for each in call.keywords if each.arg == "timeout"), None)
    is_none = isinstance(given, ast.Constant) and given.value is None
    if known.timeout == "default":
        return "missing" if is_none else "given"
    if known.timeout != "keyword":
        return "none-possible"
    if given is not None:
        return "missing" if is_none else "given"
    is_open = any(each.arg is None for each in call.keywords)
    is_open = is_open or any(isinstance(each, ast.Starred) for each in call.args)
    return "unknown" if is_open or len(call.args) > 2 else "missing"


def _opened(call: ast.Call) -> Draft | None:
    mode = call.args[1] if len(call.args) > 1 else None
    mode = mode or next((each.value for each in call.keywords if each.arg == "mode"), None)
    text = mode.value if isinstance(mode, ast.Constant) else "" if mode is None else "a"
    if not isinstance(text, str) or not set(text) & set("wax+"):
        return None
    return Draft("file", "open", repeatable=text.startswith("w"))


def is_payment(name: str) -> bool:
    """Whether a dotted name says that money moves: more care for a name cannot do harm."""
    words = name.rpartition(".")[2].lower().split("_")
    if words[0] in {"charge", "refund", "payout"}:
        return True
    return (words[0] in _PAYING and _MONEY.search(name) is not None) or (
        "payment" in words
        and words[0] in {"process", "make", "create", "submit", "execute", "send"}
    )


# -- by the model --------------------------------------------------------------------------------


def _of_model(inference: Inference, call: ast.Call, function: ast.Attribute) -> Classified | None:
    value = inference.value(function.value)
    if isinstance(value, Manager | QuerySet | ModelClass):
        return _of_queryset(inference, call, function, value)
    if isinstance(value, Instance):
        return _of_instance(inference, function, value)
    return None


def _of_queryset(
    inference: Inference, call: ast.Call, function: ast.Attribute, value: Value
) -> Classified | None:
    assert isinstance(value, Manager | QuerySet | ModelClass)
    callee, method = f"{value.model}.{function.attr}", function.attr
    if method in _CREATING:
        return Classified(Draft("create", callee, repeatable=_is_upsert(call)))
    if method in _WRITING:
        is_delta = any(_holds_f(inference, each.value) for each in call.keywords)
        kind: ActKind = "delta" if is_delta else "write"
        return Classified(Draft(kind, callee, repeatable=not is_delta))
    if method in _DELETING:
        return Classified(Draft("delete", callee, repeatable=True))
    if method in _HARMLESS or isinstance(value, ModelClass):
        return None if isinstance(value, ModelClass) else _NOTHING
    return None


def _is_upsert(call: ast.Call) -> bool:
    names = {each.arg for each in call.keywords}
    return bool(names & {"ignore_conflicts", "update_conflicts"})


def _holds_f(inference: Inference, value: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (inference.resolve(node.func) or "").startswith("django.db.models.")
        and (inference.resolve(node.func) or "").endswith(".F")
        for node in ast.walk(value)
    )


def _of_instance(
    inference: Inference, function: ast.Attribute, value: Instance
) -> Classified | None:
    callee, method = f"{value.model}.{function.attr}", function.attr
    if method in _SAVING:
        if value.saved is Saved.NO:
            return Classified(Draft("create", callee, repeatable=False))
        repeatable = True if value.saved is Saved.YES else None
        return Classified(Draft("write", callee, repeatable=repeatable))
    if method in _DELETING:
        return Classified(Draft("delete", callee, repeatable=True))
    if method == "email_user":
        return Classified(Draft("mail", callee, repeatable=False))
    info = inference.project.method(value.model, method)
    if info is not None and info.path is not None and info.facts is not None:
        return Classified(target=f"{info.cls}.{method}")
    return None


# -- by its spelling alone -----------------------------------------------------------------------


def _spelled(inference: Inference, call: ast.Call, named: str) -> Classified:
    """A method of an object that is not known: only what cannot be harmless by its name is said."""
    callee = ast.unparse(call.func)
    if named in _CREATING:
        return Classified(Draft("create", callee, repeatable=False))
    if named in _SAVING:
        return Classified(Draft("write", callee))
    if named in _DELETING:
        return Classified(Draft("delete", callee))
    if named in {"email_user", "send_mail", "send_email"}:
        return Classified(Draft("mail", callee, repeatable=False))
    if named == "lock" and any(each.arg in _EXPIRIES for each in call.keywords):
        return Classified(Draft("lock", callee, amount=_expiry(call)))
    if named and is_payment(callee):
        return Classified(Draft("payment", callee, repeatable=False))
    if named == "update" and any(_holds_f(inference, each.value) for each in call.keywords):
        return Classified(Draft("delta", callee, repeatable=False))
    if named in _HARMLESS or named.startswith(("get_", "is_", "has_", "to_", "as_")):
        return _NOTHING
    return Classified(unclear=True)


_EXPIRIES = frozenset({"timeout", "expire", "expires", "ttl", "lock_timeout"})


def _expiry(call: ast.Call) -> int | float | None:
    for each in call.keywords:
        if each.arg in _EXPIRIES:
            return number(each.value)
    return number(call.args[2]) if len(call.args) > 2 else None


def _keyword(call: ast.Call, name: str) -> int | float | None:
    value = next((each.value for each in call.keywords if each.arg == name), None)
    return None if value is None else number(value)


def number(node: ast.expr) -> int | float | None:
    """A number, or a product of numbers, as seconds are written."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            one, other = number(left), number(right)
            return None if one is None or other is None else one * other
    return None
