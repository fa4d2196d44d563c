"""Acts without their place, and which methods change something, by their names."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.inference.bodies.values import ActKind, TimeoutState

SENDING = frozenset(
    {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}
)
SENT_AGAIN = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""The HTTP methods that may be sent twice (RFC 9110, section 9.2.2)."""
VERBS = SENT_AGAIN | {"POST", "PATCH"}

CREATING = frozenset({"create", "acreate", "bulk_create", "abulk_create"})
WRITING = frozenset(
    {
        *("get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create", "set"),
        *("update", "aupdate", "bulk_update", "abulk_update", "add", "remove", "clear"),
    }
)
DELETING = frozenset({"delete", "adelete", "_raw_delete"})
SAVING = frozenset({"save", "asave"})
CHANGING = CREATING | SAVING | DELETING

HARMLESS = frozenset(
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
    """An act without its place. `by_verb`: what it does depends on the HTTP method, which is not
    written there, but perhaps at a call on the way to it."""

    kind: ActKind
    callee: str
    exceptions: tuple[str, ...] = ()
    timeout: TimeoutState = "none-possible"
    repeatable: bool | None = None
    amount: int | float | None = None
    by_verb: bool = False


@dataclass(frozen=True, slots=True)
class Classified:
    """What a call is: an act, a function of the project to follow, or not known (`unclear`)."""

    draft: Draft | None = None
    target: str | None = None
    unclear: bool = False


NOTHING = Classified()
