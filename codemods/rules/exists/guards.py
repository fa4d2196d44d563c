"""The reasons to leave a question as it is: flat, each named."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import aliases, uses
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.querysets import is_overridden
from djfix.codemods.inference.values import Instance, Manager, QuerySet, Saved, Value
from djfix.codemods.project.models import Model
from djfix.codemods.rules.exists.shapes import Question

_CLONING = frozenset(
    {
        *("filter", "exclude", "complex_filter", "order_by", "distinct", "reverse", "annotate"),
        *("alias", "select_related", "prefetch_related", "only", "defer", "using", "values"),
        *("values_list", "all", "select_for_update", "aggregate", "update", "delete", "union"),
        *("none", "get", "create", "get_or_create", "update_or_create"),
    }
)
"""Methods that ask anew, or write: they take no rows from a queryset that was fetched before."""

_COUNTING = ("count", "exists", "iterator", "__len__", "__iter__", "__bool__", "_fetch_all")
_LOADING = ("__init__", "__new__", "from_db")


@dataclass(frozen=True, eq=False)
class Place:
    """A question, with what is known of its queryset."""

    inference: Inference
    question: Question
    value: QuerySet | Manager
    model: Model

    @property
    def fetches(self) -> bool:
        """Whether the rows are fetched, and may serve somebody else."""
        return self.question.how != "count"


Guard = Callable[[Place], Iterator[Reason]]
EarlyGuard = Callable[[Inference, Question], Iterator[Reason]]


# Before it is known what is asked: these cost little, and leave most places alone.


def is_parameter(inference: Inference, question: Question) -> Iterator[Reason]:
    rows = question.rows
    if question.how == "count" or not isinstance(rows, ast.Name):
        return
    if any(item.kind == "parameter" for item in inference.definitions(rows)):
        yield Reason("held-elsewhere", f"{rows.id} may be the caller's, who may use its rows")


def is_used_again(inference: Inference, question: Question) -> Iterator[Reason]:
    rows = question.rows
    if question.how == "count" or not isinstance(rows, ast.Name):
        return
    flow = inference.flow
    if reads_all_variables(inference):
        text = f"locals(), or the like, hands {rows.id} on with all other variables"
        yield Reason("used-again", text)
        return
    for use in uses(flow, (rows.id,)):
        harmless = use.kind == "rebind" or (use.kind == "call" and use.attribute in _CLONING)
        if use.node is not rows and not harmless:
            text = f"line {use.point.line} uses {rows.id} as well: one fetch serves both"
            yield Reason("used-again", text)
            return
    others = (item for item in aliases(flow, (rows.id,), rows) if item.how != "call")
    if any(item.path != (rows.id,) for item in others):
        yield Reason("used-again", f"{rows.id} goes by another name as well")


_ALL_VARIABLES = frozenset({"locals", "vars", "eval", "exec"})


def reads_all_variables(inference: Inference) -> bool:
    """Whether the function reads its variables without naming them."""
    calls = (node for node in ast.walk(inference.function) if isinstance(node, ast.Call))
    names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    return not names.isdisjoint(_ALL_VARIABLES)


def is_asked_again(inference: Inference, question: Question) -> Iterator[Reason]:
    """In a loop the rows were fetched once, for all its turns."""
    rows = question.rows
    if question.how == "count" or not isinstance(rows, ast.Name):
        return
    bindings = [item.point for item in inference.definitions(rows)]
    graph = inference.flow.graph
    if not bindings or graph.can_repeat(graph.point_of(rows), without=bindings):
        text = f"{rows.id} is asked in each turn of a loop, and fetched in the first"
        yield Reason("asked-again", text)


EARLY: tuple[EarlyGuard, ...] = (is_parameter, is_used_again, is_asked_again)


# Once the queryset is known.


def is_locked(place: Place) -> Iterator[Reason]:
    """`len` and iteration lock the rows; `count()` locks none, and `exists()` one (measured)."""
    if isinstance(place.value, QuerySet) and place.value.locked:
        yield Reason("locked", "select_for_update() locks the rows that are asked for")


def is_own_code(place: Place) -> Iterator[Reason]:
    project = place.inference.project
    if is_overridden(project, place.value, *_COUNTING):
        text = f"the manager or queryset of {place.model.label} counts or fetches in its own way"
        yield Reason("custom-queryset", text)


def is_raw(place: Place) -> Iterator[Reason]:
    methods = place.value.methods if isinstance(place.value, QuerySet) else ()
    if "extra" in methods:
        yield Reason("extra-sql", "extra() adds SQL that only the rows' own query may understand")


def is_held(place: Place) -> Iterator[Reason]:
    """The rows are fetched for somebody else as well."""
    if place.fetches and isinstance(place.value, QuerySet) and place.value.held:
        text = f"{_text(place)} belongs to other code, which may use the rows that it fetches"
        yield Reason("held-elsewhere", text)


def is_perhaps_a_list(place: Place) -> Iterator[Reason]:
    """A slice of rows that are there already is a list, which has no `exists()`.

    Those of `x.items.all()` are there where they were prefetched with `x`.
    """
    value, rows = place.value, place.question.rows
    if not place.fetches or not isinstance(value, QuerySet) or not value.sliced:
        return
    if isinstance(rows, ast.Name) and not _is_bound_to_slice(place, rows):
        return
    fresh = isinstance(rows, ast.Subscript) and isinstance(rows.value, ast.Call)
    if not fresh or (value.related and set(value.methods) <= {"all"}):
        text = f"{_text(place)} is a slice, and a list where the rows were fetched before"
        yield Reason("perhaps-a-list", text)


def _is_bound_to_slice(place: Place, rows: ast.Name) -> bool:
    """Where two querysets meet in one name, only what they are bound to says whether one is."""
    bound = [item.value for item in place.inference.definitions(rows)]
    nodes = [node for value in bound if value is not None for node in ast.walk(value)]
    return None in bound or any(isinstance(node, ast.Subscript) for node in nodes)


def is_manager(place: Place) -> Iterator[Reason]:
    """A manager is always true, and has no length: it is another mistake."""
    if place.fetches and isinstance(place.value, Manager):
        yield Reason("manager", f"{_text(place)} is a manager, and always true")


def is_unsaved(place: Place) -> Iterator[Reason]:
    owner = _owner(place)
    if isinstance(owner, Instance) and owner.saved is Saved.NO:
        yield Reason("unsaved-owner", f"{_text(place)} is of an object that has no row yet")


def _owner(place: Place) -> Value | None:
    """The object whose relation the rows are of."""
    node = place.question.rows
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
        value = place.inference.value(node)
        if isinstance(value, Instance):
            return value
    return None


DECLINES: tuple[Guard, ...] = (
    is_manager,
    is_locked,
    is_own_code,
    is_raw,
    is_held,
    is_unsaved,
    is_perhaps_a_list,
)


def runs_code_on_load(place: Place) -> Iterator[Reason]:
    """Rows that are no longer fetched run no code of the model."""
    if not place.fetches:
        return
    own = [name for name in _LOADING if name in place.model.overrides]
    project = place.inference.project
    receivers = project.receivers(place.model.name, ("pre_init", "post_init"))
    if own or receivers:
        what = f"{own[0]}()" if own else "a receiver"
        text = f"{what} of {place.model.label} runs for each row that is fetched"
        yield Reason("loading-code", text)


def is_perhaps_prefetched(place: Place) -> Iterator[Reason]:
    """`x.items.all()` gives the rows that were prefetched with `x`: then both ways ask nobody."""
    value = place.value
    whole = isinstance(value, QuerySet) and value.related and set(value.methods) <= {"all"}
    if place.fetches and whole:
        text = f"if {_text(place)} was prefetched, there is nothing to gain"
        yield Reason("perhaps-prefetched", text)


REVIEWS: tuple[Guard, ...] = (runs_code_on_load, is_perhaps_prefetched)


def _text(place: Place) -> str:
    return ast.unparse(place.question.rows)
