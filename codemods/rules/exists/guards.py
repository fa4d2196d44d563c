"""The reasons to leave a question as it is: flat, each named."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import aliases, uses
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.patches import Patches
from djfix.codemods.inference.querysets import is_overridden
from djfix.codemods.inference.values import Instance, Manager, QuerySet, Saved, Value
from djfix.codemods.project.models import Model
from djfix.codemods.project.project import Project
from djfix.codemods.rules.exists import own_managers
from djfix.codemods.rules.exists.rows import (
    method_of,
    multiplied_by,
    skips_rows,
    unconstrained,
    written,
)
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
_LOADING = ("__init__", "__new__", "__setattr__", "from_db")
_FIELD_LOADING = frozenset(
    {"from_db_value", "get_db_converters", "contribute_to_class", "descriptor_class"}
)


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

    @cached_property
    def calls(self) -> tuple[ast.Call | ast.Subscript, ...] | None:
        """What the queryset is made by; None where some of it stands in other code."""
        return written(self.inference, self.question.rows)

    @property
    def methods(self) -> frozenset[str]:
        """The queryset methods on any way to the question."""
        methods = self.value.methods if isinstance(self.value, QuerySet) else ()
        return frozenset((*methods, *map(method_of, self.calls or ())))


Guard = Callable[[Place], Iterator[Reason]]
EarlyGuard = Callable[[Inference, Question], Iterator[Reason]]


# Before it is known what is asked: these cost little, and leave most places alone.


def is_in_text(inference: Inference, question: Question) -> Iterator[Reason]:
    """Before Python 3.12 the places in an f-string are not known exactly."""
    parent: ast.AST | None = question.node
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.JoinedStr):
            yield Reason("inside-a-text", "it stands in an f-string, where nothing is rewritten")
            return
        parent = inference.document.parents.get(parent)


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
    repeats = not bindings or graph.can_repeat(graph.point_of(rows), without=bindings)
    if repeats or _is_in_comprehension(inference, rows):
        text = f"{rows.id} is asked in each turn of a loop, and fetched in the first"
        yield Reason("asked-again", text)


def _is_in_comprehension(inference: Inference, rows: ast.AST) -> bool:
    """Whether it is asked in each turn of a comprehension; its first source is read once."""
    parents = inference.document.parents
    node, parent = rows, parents.get(rows)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            first = parent.generators[0]
            is_source = node is first and any(each is rows for each in ast.walk(first.iter))
            if not is_source:
                return True
        node, parent = parent, parents.get(parent)
    return False


EARLY: tuple[EarlyGuard, ...] = (is_in_text, is_parameter, is_used_again, is_asked_again)


# Once the queryset is known.


def is_locked(place: Place) -> Iterator[Reason]:
    """`len` and iteration lock the rows; `count()` locks none, and `exists()` one (measured)."""
    if "select_for_update" in place.methods:
        yield Reason("locked", "select_for_update() locks the rows that are asked for")


def is_own_code(place: Place) -> Iterator[Reason]:
    project = place.inference.project
    if is_overridden(project, place.value, *_COUNTING):
        text = f"the manager or queryset of {place.model.label} counts or fetches in its own way"
        yield Reason("custom-queryset", text)
        return
    strange = own_managers.strange(project, place.value, place.model)
    if strange:
        yield Reason("custom-queryset", f"the manager of {place.model.label}: {strange}")


def is_patched(place: Place) -> Iterator[Reason]:
    """The project puts methods of its own over Django's, while it runs."""
    model = place.model
    where = place.inference.project.shared(Patches).of_queries
    added = model.unknown_attributes.intersection({*model.managers, "*"})
    if where or added:
        place_of = where or f"a manager of {model.label} is set from outside"
        yield Reason("patched-query", f"{place_of}: Django's own query methods are replaced")


def is_raw(place: Place) -> Iterator[Reason]:
    if "extra" in place.methods:
        yield Reason("extra-sql", "extra() adds SQL that only the rows' own query may understand")


def is_iterator(place: Place) -> Iterator[Reason]:
    if not place.methods.isdisjoint({"iterator", "aiterator"}):
        yield Reason("iterator", f"{_text(place)} is an iterator: always true, of no length")


def is_multiplied(place: Place) -> Iterator[Reason]:
    """It matters how many rows there are, and the order makes more of them."""
    calls = place.calls
    is_sliced = isinstance(place.value, QuerySet) and place.value.sliced
    matters = place.question.form == "count" or (is_sliced and (calls is None or skips_rows(calls)))
    if not matters:
        return
    if calls is None:
        text = f"how the rows of {_text(place)} are ordered is written elsewhere"
        yield Reason("unknown-order", text)
        return
    model, inference = place.model, place.inference
    order = own_managers.order(inference.project, place.value, model)
    order = order or multiplied_by(inference, model, calls)
    if order:
        text = f"{order}: an order over other tables may give a row twice, and count() does not"
        yield Reason("ordered-over-relations", text)


def is_held(place: Place) -> Iterator[Reason]:
    """The rows are fetched for somebody else as well."""
    if place.fetches and isinstance(place.value, QuerySet) and place.value.held:
        text = f"{_text(place)} belongs to other code, which may use the rows that it fetches"
        yield Reason("held-elsewhere", text)


def is_perhaps_a_list(place: Place) -> Iterator[Reason]:
    """A slice of rows that are there already is a list, which has no `exists()`.

    Those of `x.items.all()` are there where they were prefetched with `x`.
    """
    value, rows, calls = place.value, place.question.rows, place.calls
    if not place.fetches or not isinstance(value, QuerySet) or not value.sliced:
        return
    # Where two querysets meet, only what they are made by says whether one is a slice.
    if calls is not None and not any(isinstance(each, ast.Subscript) for each in calls):
        return
    fresh = isinstance(rows, ast.Subscript) and isinstance(rows.value, ast.Call)
    if not fresh or (value.related and set(value.methods) <= {"all"}):
        text = f"{_text(place)} is a slice, and a list where the rows were fetched before"
        yield Reason("perhaps-a-list", text)


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
    is_iterator,
    is_multiplied,
    is_held,
    is_unsaved,
    is_perhaps_a_list,
    is_patched,
)


def runs_code_on_load(place: Place) -> Iterator[Reason]:
    """Rows that are no longer fetched run no code of the model."""
    if not place.fetches:
        return
    model, project = place.model, place.inference.project
    own = [f"{name}()" for name in _LOADING if name in model.overrides]
    if model.metaclass is not None and _defines(project, model.metaclass, "__call__"):
        own.append("the metaclass")
    own += [
        f"the field class of {each.name}"
        for each in model.fields.values()
        if not each.overrides.isdisjoint(_FIELD_LOADING)
    ]
    receivers = project.receivers(model.name, ("pre_init", "post_init"))
    if own or receivers:
        what = own[0] if own else "a receiver"
        text = f"{what} of {place.model.label} runs for each row that is fetched"
        yield Reason("loading-code", text)


def _defines(project: Project, cls: str, method: str) -> bool:
    found = project.method(cls, method)
    return found is not None and found.path is not None


def is_joined_unconstrained(place: Place) -> Iterator[Reason]:
    """A row whose key points nowhere drops out of a join, which `exists()` and `count()` leave
    out."""
    if not place.fetches:
        return
    project = place.inference.project
    joined = own_managers.joined(project, place.value, place.model)
    for field in unconstrained(project, place.model, place.calls or (), joined):
        text = f"nothing keeps {field.name} from pointing nowhere, and a join drops such a row"
        yield Reason("no-database-constraint", text)
        return


def is_perhaps_prefetched(place: Place) -> Iterator[Reason]:
    """`x.items.all()` gives the rows that were prefetched with `x`: then both ways ask nobody."""
    value = place.value
    whole = isinstance(value, QuerySet) and value.related and set(value.methods) <= {"all"}
    if place.fetches and whole:
        text = f"if {_text(place)} was prefetched, there is nothing to gain"
        yield Reason("perhaps-prefetched", text)


_NAMING = frozenset({"select_related", "prefetch_related", "only", "defer"})


def is_wrongly_named(place: Place) -> Iterator[Reason]:
    """What the rows are loaded with is looked up when they are fetched, and by nothing else: a name
    that is none fails there only."""
    if not place.fetches:
        return
    for call in place.calls or ():
        given = call.args if isinstance(call, ast.Call) and method_of(call) in _NAMING else []
        texts = [each.value for each in given if isinstance(each, ast.Constant)]
        for text in texts:
            if isinstance(text, str) and not _is_known(place.model, text.partition("__")[0]):
                reason = f"{text} is no field of {place.model.label}: fetching the rows fails"
                yield Reason("unknown-path", reason)


def _is_known(model: Model, name: str) -> bool:
    if model.field(name) is not None or model.reverse_named(name) is not None:
        return True
    return any(each.query_name == name for each in model.reverse.values())


def is_watched(place: Place) -> Iterator[Reason]:
    """Code that reads another function's variables may find the rows that were fetched here."""
    watcher = place.inference.project.shared(Patches).watcher
    if place.fetches and isinstance(place.question.rows, ast.Name) and watcher:
        text = f"{watcher} looks at other functions' variables, and may use the fetched rows"
        yield Reason("read-by-frame", text)


REVIEWS: tuple[Guard, ...] = (
    runs_code_on_load,
    is_joined_unconstrained,
    is_perhaps_prefetched,
    is_watched,
    is_wrongly_named,
)


def _text(place: Place) -> str:
    return ast.unparse(place.question.rows)
