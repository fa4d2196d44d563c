"""Names for new functions and exceptions, from what the view is called, says and decides."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from djfix.codemods.inference.extraction.exits import Exit
from djfix.codemods.inference.extraction.movable import status_of
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.extraction.work import Work, changed_relation
from djfix.codemods.source.walking import walk

_VERBS = frozenset(
    {
        *("accept", "activate", "add", "apply", "approve", "archive", "assign", "buy"),
        *("cancel", "checkout", "clear", "close", "complete", "confirm", "convert", "create"),
        *("deactivate", "decline", "delete", "disable", "duplicate", "enable", "enroll"),
        *("finish", "fulfil", "invite", "join", "mark", "merge", "move", "notify", "pay"),
        *("publish", "purchase", "redeem", "refund", "register", "reject", "remove"),
        *("rename", "renew", "reopen", "reserve", "reset", "resolve", "restore", "revoke"),
        *("save", "schedule", "send", "ship", "start", "stop", "submit", "subscribe"),
        *("suspend", "switch", "sync", "toggle", "transfer", "unlink", "unpublish"),
        *("unsubscribe", "update", "upgrade", "upload", "validate", "verify", "void"),
        *("begin", "end", "read", "regenerate", "withdraw"),
    }
)
_NOUNS_TOO = frozenset(
    {
        *("book", "change", "charge", "claim", "copy", "import", "issue", "leave", "like"),
        *("link", "open", "order", "place", "post", "release", "request", "return", "set"),
        *("vote",),
    }
)
"""Verbs that are as often nouns: only in front of one are they taken for verbs."""

_OF_METHOD = {
    "post": "create",
    "put": "update",
    "patch": "update",
    "delete": "delete",
    "partial_update": "update",
    "destroy": "delete",
    "perform_destroy": "delete",
    "perform_create": "create",
    "perform_update": "update",
    "form_valid": "save",
}
_NOISE = frozenset(
    {
        *("api", "view", "views", "viewset", "set", "ajax", "generic", "detail", "list"),
        *("base", "handler", "endpoint", "apiview", "json", "rest"),
    }
)
_SMALL = frozenset(
    {
        *("a", "an", "the", "is", "are", "was", "were", "be", "been", "this", "that"),
        *("these", "those", "has", "have", "had", "do", "does", "did", "it", "its", "there"),
        *("please",),
    }
)
_TRAILING = frozenset({"for", "of", "to", "in", "on", "with", "and", "or", "by", "at", "you", "as"})
_STATUSES = {
    400: "Invalid",
    401: "Unauthenticated",
    402: "PaymentRequired",
    403: "NotAllowed",
    404: "NotFound",
    409: "Conflict",
    410: "Gone",
    422: "Invalid",
    423: "Locked",
    429: "TooMany",
}
_LONGEST = 5
"""Words of a message that a name is made of."""


def snake(name: str) -> list[str]:
    """The words of a name, in small letters."""
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in re.split(r"[^a-z0-9]+", spread.lower()) if word]


def camel(words: Iterable[str]) -> str:
    """A class's name of these words."""
    return "".join(word[:1].upper() + word[1:] for word in words)


def function_names(view: View, work: Collection[Work]) -> Iterator[str]:
    """Names for the function that a view's statements become, the best first."""
    if view.seeks == "queries":
        yield from _selector_names(view, work)
        return
    words = [word for word in snake(view.owner) if word not in _NOISE]
    method = [word for word in snake(view.method) if word not in _NOISE]
    if view.kind == "function":
        named = _of_function(words, work)
    elif view.method in _OF_METHOD or view.method in {"get", "create", "update", "list"}:
        named = _of_class(view, words, work)
    else:
        _, noun = _split(words)
        noun = noun or _model_words(work)
        named = _of_action(method, [word for word in noun if word not in method])
    base = "_".join(named).strip("_") or "process"
    yield from dict.fromkeys((base, "_".join([base, *_models(work, base)])))
    yield from (f"{base}_{number}" for number in range(2, 1000))


def _of_function(words: list[str], work: Collection[Work]) -> list[str]:
    """`hold_ticket` as it is, `vote` with what is voted for, `notifications_read_all` from its
    verb on."""
    verbs = _VERBS | _NOUNS_TOO | _ALSO
    if not set(words) & verbs:
        return [_plain_verb(work), *words]
    if len(words) == 1:
        return [*words, *[word for word in _model_words(work) if word not in words]]
    places = [place for place, word in enumerate(words) if word in _VERBS]
    if words[0] in verbs | _ADVERBS or not places:
        return words
    return [*words[places[0] :], *words[: places[0]]]


_ADVERBS = frozenset({"all", "bulk", "default", "mass", "multiple"})


def _of_action(method: list[str], noun: list[str]) -> list[str]:
    """`end_fido_registration` for `registration_end` of the class for what is called fido."""
    if len(method) == 2 and method[0] not in _VERBS | _ADVERBS and method[1] in _VERBS:
        method = [method[1], method[0]]
    if len(method) < 2 or {method[0], method[1]} & _ADVERBS:
        return [*method, *noun]
    return [method[0], *noun, *method[1:]]


_ALSO = frozenset({"do", "get", "handle", "hold", "log", "login", "mark", "process", "read", "tip"})


def _plain_verb(work: Collection[Work]) -> str:
    kinds = {each.kind for each in work} & {"create", "delete"}
    return kinds.pop() if len(kinds) == 1 else "update"


def _selector_names(view: View, work: Collection[Work]) -> Iterator[str]:
    """`list_orders`, and where there is one, `list_orders_for_report`: of the model that the
    view's name is about, or else most steps."""
    models = Counter(each.subject.rpartition(".")[2] for each in work)
    own = [word for word in snake(view.owner) if word not in _NOISE]
    named = [name for name in models if set(snake(name)) & set(own)]
    if not named and len(models) > 1 and view.method == "get_queryset" and own:
        noun = "_".join(own)
    else:
        found = max(named or models, key=lambda name: models[name], default="rows")
        noun = "_".join(snake(found))
    base = f"list_{_plural(noun)}"
    owner = [word for word in snake(view.owner) if word not in _NOISE and word not in noun]
    method = snake(view.method) if view.method not in {"get_queryset", "get", "list"} else []
    yield from dict.fromkeys((base, "_".join([base, "for", *(owner or method or ["view"])])))
    yield from (f"{base}_{number}" for number in range(2, 1000))


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return noun if noun.endswith("s") else f"{noun}s"


def _of_class(view: View, words: list[str], work: Collection[Work]) -> list[str]:
    """`CreateOrderView.post` and `OrderCreateView.post`: create_order."""
    verb, noun = _split(words)
    own = _OF_METHOD.get(view.method, "")
    if verb and view.kind != "viewset" and own != "delete" and not view.method.startswith("perf"):
        return [verb, *noun]
    model = _model_words(work)
    if len(words) == 1 and words[0] in _VERBS | _NOUNS_TOO and own != "delete":
        return [*words, *[word for word in model if word not in words]]
    if verb is None and model and not set(words) & set(model) and _verb(view, work) == "create":
        return ["create", *model]
    return [_verb(view, work), *(words if verb is None else noun or _model_words(work))]


def _split(words: list[str]) -> tuple[str | None, list[str]]:
    """The verb of a class's name, which leads or ends it, and the rest."""
    if len(words) > 1 and words[0] in _VERBS | _NOUNS_TOO:
        return words[0], words[1:]
    if words and words[-1] in _VERBS:
        return words[-1], words[:-1]
    return None, words


def _verb(view: View, work: Collection[Work]) -> str:
    kinds = [each.kind for each in work]
    if view.method in {"post", "form_valid"} and "create" not in kinds:
        return "process"
    if view.method == "get":
        return "create" if "create" in kinds else "process"
    return _OF_METHOD.get(view.method, view.method)


def _model_words(work: Collection[Work]) -> list[str]:
    order = {"create": 0, "delete": 1, "update": 2, "save": 2}
    written = [each for each in work if each.kind in order and changed_relation(each) is None]
    first = min(written, key=lambda each: order[each.kind], default=None)
    return snake(first.subject.rpartition(".")[2]) if first else []


def _models(work: Collection[Work], base: str) -> list[str]:
    return [word for word in _model_words(work) if word not in base.split("_")] or ["service"]


def error_names(view: View, leaving: Exit, function: str) -> Iterator[str]:
    """Names for the exception that stands for an early response, the best first."""
    subject = camel(function.split("_"))
    said = list(_of_message(leaving))
    found = [*_of_handler(leaving), *said, *(f"{subject}{each}" for each in said)]
    found += _of_status(view, leaving, function)
    found.append(f"{subject}Refused")
    named = [each if each.endswith("Error") else f"{each}Error" for each in found if each]
    yield from dict.fromkeys(named)
    yield from (f"{subject}Refused{number}Error" for number in range(2, 1000))


def message_of(leaving: Exit) -> str | None:
    """The text that the response gives to a person."""
    for statement in leaving.statements:
        for node in walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _is_message(node.value):
                    return node.value
            elif isinstance(node, ast.JoinedStr):
                parts = (each.value for each in node.values if isinstance(each, ast.Constant))
                text = "".join(map(str, parts)).strip()
                if _is_message(text):
                    return text
    return None


def _is_message(text: str) -> bool:
    return len(text.split()) > 1 and re.match(r"^[A-Z]?[A-Za-z]", text) is not None


def _of_message(leaving: Exit) -> Iterator[str]:
    text = message_of(leaving)
    if text is None or "/" in text or "<" in text or re.match(r"(?i)you (must|need|have)\b", text):
        return
    spelled = re.sub(r"(?i)can't", "cannot", text).replace("n't", " not")
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", spelled)
    kept = [word.lower() for word in words if word.lower() not in _SMALL]
    if kept[:1] == ["field"]:
        kept = [*_key_of_message(leaving, text), *kept[1:]]
    if len(kept) > 1 or (kept and len(words) < 3):
        named = kept[:_LONGEST]
        while len(named) > 1 and named[-1] in _TRAILING:
            named.pop()
        yield camel(named)


def _key_of_message(leaving: Exit, text: str) -> list[str]:
    """The words of the key that a message stands under: `{"email": ["This field ..."]}`."""
    for statement in leaving.statements:
        for node in walk(statement):
            for key, value in (
                zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
            ):
                texts = [each.value for each in walk(value) if isinstance(each, ast.Constant)]
                if isinstance(key, ast.Constant) and text in texts:
                    return snake(str(key.value))
    return ["field"]


def _of_handler(leaving: Exit) -> Iterator[str]:
    """`except Order.DoesNotExist` is an order that is not found."""
    handler = leaving.handler
    if handler is None or handler.type is None:
        return
    text = ast.unparse(handler.type)
    if re.fullmatch(r"[\w.]+\.DoesNotExist", text):
        yield f"{camel([text.split('.')[-2]])}NotFound"


def _of_status(view: View, leaving: Exit, function: str) -> Iterator[str]:
    value = leaving.value
    if isinstance(value, ast.Call):
        status = status_of(view, value)
        resolved = (view.inference.resolve(value.func) or "").rpartition(".")[2]
        by_class = {"HttpResponseForbidden": 403, "HttpResponseNotFound": 404}
        status = status or by_class.get(resolved)
        if status in _STATUSES:
            noun = camel(function.split("_")[1:]) or camel(function.split("_"))
            yield f"{noun}{_STATUSES[status]}"
    yield from _of_condition(leaving)


def _of_condition(leaving: Exit) -> Iterator[str]:
    """`if not cart.items` is about the cart's items."""
    if leaving.tests:
        test = leaving.tests[-1]
        names = [node.attr for node in walk(test) if isinstance(node, ast.Attribute)]
        names += [node.id for node in walk(test) if isinstance(node, ast.Name)]
        words = [word for name in names[:2] for word in snake(name)]
        if words:
            yield f"{camel(words)}Refused"
