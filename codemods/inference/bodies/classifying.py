"""What one call does: a draft of an act, or the project's function that it calls."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from djfix.codemods.inference.bodies.drafts import (
    CHANGING,
    CREATING,
    DELETING,
    HARMLESS,
    NOTHING,
    SAVING,
    SENDING,
    SENT_AGAIN,
    VERBS,
    Classified,
    Draft,
)
from djfix.codemods.inference.bodies.known import Known, is_quiet, known_call
from djfix.codemods.inference.bodies.querying import holds_f, of_model
from djfix.codemods.inference.bodies.things import Symbol, Thing, Things, function_of
from djfix.codemods.inference.bodies.values import TimeoutState

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference

_PAYING = frozenset({"charge", "refund", "capture", "payout", "pay"})
_MONEY = re.compile(r"pay|gateway|stripe|braintree|billing|wallet|bank|adyen|checkout", re.I)


def classified(inference: Inference, things: Things, call: ast.Call) -> Classified:
    """What one call does."""
    named = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if isinstance(call.func, ast.Attribute) and named not in SENDING:
        of_a_model = of_model(inference, call, call.func)
        if of_a_model is not None:
            return of_a_model
    thing = things.thing(call.func)
    if named in SENDING and (not _is_library(thing) or _is_own(inference, thing)):
        callee = thing.name if isinstance(thing, Symbol) else ast.unparse(call.func)
        return Classified(Draft("delay", callee, amount=_keyword(call, "countdown")))
    if named == "retry" and not _is_library(thing):
        return Classified(Draft("retry", ast.unparse(call.func)))
    if isinstance(thing, Symbol):
        return _of_symbol(inference, things, call, thing.name)
    return _spelled(inference, things, call, named)


def handed_on(inference: Inference, things: Things, given: ast.expr) -> Classified:
    """What a function does that is handed to a call, which may call it: `partial(send_mail, ...)`,
    `on_commit(send)`, `map(fetch, urls)`."""
    if not isinstance(given, ast.Name | ast.Attribute) or inference.resolve(given) is None:
        return NOTHING
    thing = things.thing(given)
    if not isinstance(thing, Symbol):
        return NOTHING
    if isinstance(given, ast.Attribute) and given.attr in SENDING:
        return Classified(Draft("delay", ast.unparse(given)))
    known = known_call(thing.name)
    if known is not None:
        draft = Draft(known.kind, thing.name, known.exceptions, "unknown", known.repeatable)
        return Classified(draft)
    is_own = function_of(inference.project, thing.name) is not None
    return Classified(target=thing.name) if is_own else NOTHING


def _is_library(thing: Thing | None) -> bool:
    return thing is not None and not thing.name.startswith("celery")


# -- by what is called ---------------------------------------------------------------------------


def _of_symbol(inference: Inference, things: Things, call: ast.Call, name: str) -> Classified:
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
    if name.rpartition(".")[2] in CHANGING and "." in name:
        return _spelled(inference, things, call, name.rpartition(".")[2])
    if is_quiet(name) or name.rpartition(".")[2] in HARMLESS:
        return NOTHING
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
    is_open = name.endswith(".request") and verb_of(call) is None
    timeout = _timeout(call, known)
    return Draft(known.kind, name, known.exceptions, timeout, repeatable, amount, by_verb=is_open)


def verb_of(call: ast.Call) -> str | None:
    """The HTTP method that is spelled among a call's arguments."""
    for given in (*call.args, *(each.value for each in call.keywords)):
        text = given.value if isinstance(given, ast.Constant) else None
        if isinstance(text, str) and text.upper() in VERBS:
            return text.upper()
    return None


def _repeatable(call: ast.Call, name: str, known: Known) -> bool | None:
    """As the table has it, but for calls whose arguments name the method, or send data."""
    first = call.args[0] if call.args else None
    if name.endswith(".request"):
        return verb_of(call) in SENT_AGAIN
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


# -- by its spelling alone -----------------------------------------------------------------------


def _spelled(inference: Inference, things: Things, call: ast.Call, named: str) -> Classified:
    """A method of an object that is not known: only what cannot be harmless by its name is said."""
    callee = ast.unparse(call.func)
    if named in CREATING:
        return Classified(Draft("create", callee, repeatable=False))
    if named in SAVING and _fills_new_row(inference, things, call):
        return Classified(Draft("create", callee, repeatable=False))
    if named in SAVING:
        return Classified(Draft("write", callee))
    if named in DELETING:
        return Classified(Draft("delete", callee))
    if named in {"email_user", "send_mail", "send_email"}:
        return Classified(Draft("mail", callee, repeatable=False))
    if named == "lock" and any(each.arg in _EXPIRIES for each in call.keywords):
        return Classified(Draft("lock", callee, amount=_expiry(call)))
    if named and is_payment(callee):
        return Classified(Draft("payment", callee, repeatable=False))
    if named == "update" and any(holds_f(inference, each.value) for each in call.keywords):
        return Classified(Draft("delta", callee, repeatable=False))
    if named in HARMLESS or named.startswith(("get_", "is_", "has_", "to_", "as_")):
        return NOTHING
    return Classified(unclear=True)


_FILLING = ("rest_framework.serializers.BaseSerializer", "django.forms.models.BaseModelForm")


def _fills_new_row(inference: Inference, things: Things, call: ast.Call) -> bool:
    """Whether a serializer or form is saved that was made with data alone: that creates a row."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    definitions = inference.definitions(receiver) if isinstance(receiver, ast.Name) else ()
    for definition in definitions:
        made = definition.value
        if not isinstance(made, ast.Call) or any(each.arg == "instance" for each in made.keywords):
            return False
        thing = things.thing(made.func)
        kinds = [inference.project.is_subclass(thing.name, each) for each in _FILLING if thing]
        is_serializer = bool(kinds) and kinds[0] is True
        if not any(kinds) or (is_serializer and made.args):
            return False
    return bool(definitions)


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
