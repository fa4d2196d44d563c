"""Loops that change each row and save it: one query for all of them, always for review.

`QuerySet.update()` where each row gets the same values, `bulk_update()` else. Neither calls
`save()`, sends signals, calls `pre_save`, nor sets `auto_now` columns (measured).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from djfix.codemods.findings import NodeReference, Reason
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.querysets import is_overridden
from djfix.codemods.inference.saving.columns import touched_fields
from djfix.codemods.inference.saving.saves import Save, save_of, statements_of
from djfix.codemods.inference.values import Instance, Items, QuerySet, Saved, Value
from djfix.codemods.project.models import Model
from djfix.codemods.rules.bulk_create import guards, reviews
from djfix.codemods.rules.bulk_create.doubts import doubts
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.rules.bulk_create.shapes import Creation, Made, Turn, names_in
from djfix.codemods.source.walking import walk

_UPDATABLE = frozenset(
    {"filter", "exclude", "all", "order_by", "select_related", "prefetch_related", "using"}
)
"""Methods of a queryset whose `update()` writes the rows that a loop over it would see."""


@dataclass(frozen=True, slots=True, eq=False)
class Changing:
    """`for x in rows: x.a = ...; x.save()`."""

    loop: ast.For
    target: str
    stores: tuple[ast.Assign | ast.AugAssign, ...]
    save: Save

    @property
    def assigned(self) -> tuple[str, ...]:
        """The attributes, in the order of the text."""
        return tuple(dict.fromkeys(_stored(each).attr for each in self.stores))


@dataclass(frozen=True, eq=False)
class Update:
    """A loop with what is known of its rows. `rows`: what it runs over."""

    place: Place
    changing: Changing
    rows: Value

    @property
    def columns(self) -> tuple[str, ...]:
        """What the save writes, as far as it is assigned or named."""
        named = self.changing.save.update_fields
        names = self.changing.assigned if named is None else named
        fields = (self.place.model.field(name) for name in names)
        return tuple(dict.fromkeys(field.name for field in fields if field is not None))

    @property
    def form(self) -> str:
        return "update" if self.is_same_for_all else "bulk-update"

    @property
    def is_same_for_all(self) -> bool:
        """Whether every row of a queryset that nobody holds gets the same values."""
        changing, rows = self.changing, self.rows
        if not isinstance(rows, QuerySet) or isinstance(changing.loop.iter, ast.Name):
            return False
        if rows.sliced or rows.held or not set(rows.methods) <= _UPDATABLE:
            return False
        values = [each.value for each in changing.stores if isinstance(each, ast.Assign)]
        plain = len(values) == len(changing.stores) == len(changing.assigned) == len(self.columns)
        own = any(changing.target in names_in(value) for value in values)
        unused = changing.target not in guards.names_outside(self.place)
        sure = not any(True for value in values for _ in doubts(self.place, value))
        return plain and not own and unused and sure


def _stored(statement: ast.Assign | ast.AugAssign) -> ast.Attribute:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    assert isinstance(target, ast.Attribute)
    return target


def changing_in(function: Function) -> Iterator[Changing]:
    """The loops of a function that do nothing but change each row and save it."""
    for statement in statements_of(function):
        found = _changing(statement) if isinstance(statement, ast.For) else None
        if found is not None:
            yield found


def _changing(loop: ast.For) -> Changing | None:
    if loop.orelse or not isinstance(loop.target, ast.Name) or len(loop.body) < 2:
        return None
    save, name = save_of(loop.body[-1]), loop.target.id
    if save is None or save.awaited or save.path != (name,):
        return None
    if not save.readable and save.call.args + save.call.keywords:
        return None
    stores = tuple(each for each in loop.body[:-1] if _is_store(each, name))
    if len(stores) != len(loop.body) - 1:
        return None
    kept = tuple(each for each in stores if isinstance(each, ast.Assign | ast.AugAssign))
    return Changing(loop, name, kept, save)


def _is_store(statement: ast.stmt, name: str) -> bool:
    match statement:
        case (
            ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner))])
            | ast.AugAssign(target=ast.Attribute(value=ast.Name(id=owner)))
        ):
            return owner == name
    return False


def update_of(inference: Inference, changing: Changing) -> Update | None:
    """What the guards ask about; None where the rows are not known to be rows of a model."""
    call = changing.save.call
    assert isinstance(call.func, ast.Attribute)
    value, rows = inference.value(call.func.value), inference.value(changing.loop.iter)
    if not isinstance(value, Instance) or value.saved is not Saved.YES:
        return None
    listed = isinstance(changing.loop.iter, ast.Name) and isinstance(rows, Items)
    if not (isinstance(rows, QuerySet) or listed) or value.origin != "iteration":
        return None
    model = inference.project.model(value.model)
    if model is None or any(_is_key(model, name) for name in changing.assigned):
        return None
    turn = Turn(changing.loop.target, changing.loop.iter)
    creation = Creation(changing.loop, (turn,), Made(call, call.func.value, "save"))
    queryset = rows if isinstance(rows, QuerySet) else QuerySet(value.model)
    return Update(Place(inference, creation, model, queryset), changing, rows)


def _is_key(model: Model, name: str) -> bool:
    """Whether a save with this attribute makes a copy."""
    field = model.field(name)
    return name == "_state" or (field is not None and field.primary_key)


Guard = Callable[[Update], Iterator[Reason]]


# Reported.


def loses_code(update: Update) -> Iterator[Reason]:
    yield from guards.lost(update.place, new=False)


def loses_touched(update: Update) -> Iterator[Reason]:
    """Neither way sets an `auto_now` column, also where it is named."""
    touched = touched_fields(update.place.model)
    named = update.changing.save.update_fields
    if named is not None:
        touched &= set(update.columns)
    if touched:
        text = f"a save sets {', '.join(sorted(touched))}; one query for all does not"
        yield Reason("auto-now", text)


def is_own_update(update: Update) -> Iterator[Reason]:
    place = update.place
    assert place.rows is not None
    if is_overridden(place.project, place.rows, "update", "bulk_update", "_update"):
        text = f"the manager or queryset of {place.model.label} updates in its own way"
        yield Reason("custom-update", text)


def is_no_column(update: Update) -> Iterator[Reason]:
    model, changing = update.place.model, update.changing
    for name in (*changing.assigned, *(changing.save.update_fields or ())):
        field = model.field(name)
        if field is None or not field.is_column or field.primary_key:
            yield Reason(
                "not-a-column", f"{name} is no column of {model.label} that can be updated"
            )
    named = changing.save.update_fields
    fields = {field.name for name in changing.assigned if (field := model.field(name)) is not None}
    if named is not None and not fields <= set(update.columns):
        yield Reason("other-columns", "not all that is assigned is saved")


def is_narrower(update: Update) -> Iterator[Reason]:
    rows = update.rows
    if isinstance(rows, QuerySet) and (rows.deferred or {"iterator"} & set(rows.methods)):
        text = "the rows are fetched in parts, or without some of their columns"
        yield Reason("streamed", text)


def is_changed_by_itself(update: Update) -> Iterator[Reason]:
    """Written later, it loses more of what others write: it is for f-expressions to mend."""
    for each in update.changing.stores:
        name = _stored(each).attr
        read = (node.attr for node in walk(each.value) if isinstance(node, ast.Attribute))
        field = update.place.model.field(name)
        counts = field is not None and field.kind in {"integer", "decimal", "float", "duration"}
        if counts and (isinstance(each, ast.AugAssign) or name in read):
            yield Reason("changed-by-itself", f"{name} is counted in Python, from what was read")


REPORTS: tuple[Guard, ...] = (
    is_changed_by_itself,
    loses_code,
    loses_touched,
    is_own_update,
    is_no_column,
    is_narrower,
)


# Reviewed: always.


def is_at_once(update: Update) -> Iterator[Reason]:
    if update.form == "update":
        text = "the rows that fit when the query runs are written, and none is fetched"
    else:
        text = "the rows are written after the last was changed, and save() is not called"
    yield Reason("rows-at-once", text)


def runs_code(update: Update) -> Iterator[Reason]:
    place = update.place
    yield from reviews.runs_code_on_save(place)
    for each in update.changing.stores:
        yield from doubts(place, each.value)
    yield from reviews.is_not_atomic(place)
    yield from reviews.is_caught(place)


REVIEWS: tuple[Guard, ...] = (is_at_once, runs_code)


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """`values` are the arguments of `update()`; empty for `bulk_update(rows, columns)`.

    `rows`: the variable that holds the rows, made where `is_new`. `iterable`: the loop's, as it is
    spelled. `model` is empty where it must be named first."""

    loop: NodeReference
    save: NodeReference
    iterator: NodeReference
    iterable: str
    values: tuple[str, ...]
    rows: str
    is_new: bool
    columns: tuple[str, ...]
    model: str
    module: str
    name: str
    manager_name: str
    batch_size: int | None
