"""What a view does beyond answering: rows it writes, tasks and mails it sends, transactions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.inference.extraction.views import View
from djfix.codemods.inference.values import Instance, Manager, QuerySet, Saved
from djfix.codemods.source.walking import walk

WRITES = frozenset({"create", "save", "update", "delete"})
_OF_INSTANCES = {"save": "save", "asave": "save", "delete": "delete", "adelete": "delete"}
_OF_ROWS = {
    "create": "create",
    "bulk_create": "create",
    "get_or_create": "create",
    "update_or_create": "create",
    "update": "update",
    "bulk_update": "update",
    "delete": "delete",
}
_OF_RELATED = {"add": "update", "set": "update", "remove": "update", "clear": "update"}
_SENDING = frozenset({"delay", "apply_async", "delay_on_commit"})
_TRANSACTIONS = frozenset({"django.db.transaction.atomic", "django.db.transaction.on_commit"})
_MAILS = frozenset({"send_mail", "send_mass_mail", "mail_admins", "mail_managers"})


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One piece of it. `kind`: "create", "save", "update", "delete", "task", "mail" or
    "transaction"; `subject`: the dotted model or function."""

    kind: str
    subject: str
    node: ast.Call


_REFINING = frozenset(
    {
        *("filter", "exclude", "annotate", "alias", "aggregate", "order_by", "distinct"),
        *("select_related", "prefetch_related", "values", "values_list", "only", "defer"),
        *("union", "intersection", "difference"),
    }
)
"""What composes a query."""


def work_in(view: View, nodes: Iterable[ast.AST]) -> Iterator[Work]:
    """What these nodes do of what the view is looked at for, in their order."""
    if view.seeks == "queries":
        yield from _queries_in(view, nodes)
    else:
        yield from business_in(view, nodes)


def _queries_in(view: View, nodes: Iterable[ast.AST]) -> Iterator[Work]:
    for top in nodes:
        for node in walk(top):
            match node:
                case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in _REFINING:
                    value = view.inference.value(base)
                    if isinstance(value, Manager | QuerySet):
                        yield Work("query", value.model, node)


def business_in(view: View, nodes: Iterable[ast.AST]) -> Iterator[Work]:
    """Writes, tasks, mails and transactions."""
    for top in nodes:
        for node in walk(top):
            if isinstance(node, ast.Call):
                found = _of_call(view, node)
                if found is not None:
                    yield found


def _of_call(view: View, call: ast.Call) -> Work | None:
    resolved = view.inference.resolve(call.func)
    if resolved in _TRANSACTIONS:
        return Work("transaction", resolved, call)
    if resolved is not None and resolved.startswith("django.core.mail."):
        return Work("mail", resolved, call) if resolved.rpartition(".")[2] in _MAILS else None
    if not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr in _SENDING:
        sender = view.inference.resolve(call.func.value)
        known = sender is not None and view.project.task(sender) is not None
        return Work("task", sender or "", call) if known else None
    return _write(view, call, call.func)


def _write(view: View, call: ast.Call, method: ast.Attribute) -> Work | None:
    if method.attr not in {*_OF_INSTANCES, *_OF_ROWS, *_OF_RELATED}:
        return None
    value = view.inference.value(method.value)
    if isinstance(value, Instance) and method.attr in _OF_INSTANCES:
        kind = "create" if value.saved is Saved.NO else _OF_INSTANCES[method.attr]
        return Work(kind, value.model, call)
    if isinstance(value, Manager | QuerySet) and method.attr in _OF_ROWS:
        return Work(_OF_ROWS[method.attr], value.model, call)
    if isinstance(value, Manager) and value.related and method.attr in _OF_RELATED:
        return Work(_OF_RELATED[method.attr], value.model, call)
    return None


def changed_relation(work: Work) -> str | None:
    """The relation whose rows a piece of work changes, and not their columns:
    `item.voted_by.add(user)`."""
    match work.node.func:
        case ast.Attribute(value=ast.Attribute(attr=name), attr=attr) if attr in _OF_RELATED:
            return name if work.kind == "update" else None
    return None


@dataclass(frozen=True, slots=True)
class Score:
    """How much a view does beyond answering, and of what it is made up."""

    points: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.points}: {', '.join(self.reasons) or 'nothing'}"


def score_of(work: Iterable[Work], decisions: int) -> Score:
    """A point for each write, further model, task and mail; one for transactions and decisions.

    `decisions`: how many early responses stand among the work.
    """
    found = list(work)
    writes = [each for each in found if each.kind in WRITES]
    models = {each.subject for each in writes}
    kinds = (("task", 9), ("mail", 9), ("transaction", 1), ("query", 99))
    counted = {kind: sum(each.kind == kind for each in found) for kind, _ in kinds}
    parts = [
        (len(writes), f"{_count(len(writes), 'write')}"),
        (max(len(models) - 1, 0), f"{len(models)} models"),
        *((min(counted[kind], most), _count(counted[kind], kind)) for kind, most in kinds),
        (min(decisions, 1), _count(decisions, "early response")),
    ]
    given = [(points, text) for points, text in parts if points]
    return Score(sum(points for points, _ in given), tuple(text for _, text in given))


def thin(score: Score, wanted: int) -> Reason:
    """Why a view is left alone that does little."""
    return Reason("thin", f"it does little beyond answering: {score} (of {wanted} that count)")


def _count(number: int, noun: str) -> str:
    plural = {"query": "steps of queries"}.get(noun, f"{noun}s")
    return f"{number} {noun}" if number == 1 else f"{number} {plural}"
