"""The reasons only to report a loop: one query would fail, or lose what a save does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import ESCAPES, uses
from djfix.codemods.inference.querysets import is_overridden
from djfix.codemods.inference.saving.models import save_reasons
from djfix.codemods.inference.values import Instance, Manager, Saved
from djfix.codemods.rules.bulk_create.doubts import doubts, streams
from djfix.codemods.rules.bulk_create.operators import of_condition, of_given
from djfix.codemods.rules.bulk_create.places import Place
from djfix.codemods.rules.bulk_create.shapes import names_in
from djfix.codemods.source.walking import walk

Guard = Callable[[Place], Iterator[Reason]]

_SIGNALS = ("pre_save", "post_save")
_MOST_NAMED = 3
"""More receivers than this are counted, not named."""

LOST = frozenset({"save-override", "receiver", "app-effect"})
"""What a save does and `bulk_create` does not."""


# Reported: it would fail, or lose something.


def is_used(place: Place) -> Iterator[Reason]:
    if place.creation.result:
        yield Reason("result-used", "the created objects are used")


def has_parent_table(place: Place) -> Iterator[Reason]:
    """`bulk_create` refuses models of multi-table inheritance (ValueError, measured)."""
    tables = {field.model for field in place.model.fields.values() if field.is_column}
    if len(tables) > 1 or (place.model.parents and not place.model.proxy):
        text = f"{place.model.label} has its columns in more than one table"
        yield Reason("multi-table", text)


def is_no_foreign_key(place: Place) -> Iterator[Reason]:
    if not place.is_related:
        return
    relation, field = place.relation, None
    if relation is not None:
        field = place.model.field(relation.field)
    kind = field.relation.kind if field is not None and field.relation is not None else ""
    if kind not in {"foreign-key", "one-to-one"}:
        text = "rows of a many-to-many or generic relation are linked by their manager"
        yield Reason("not-a-foreign-key", text)
    elif relation is not None and {relation.field, f"{relation.field}_id"} & set(place.given):
        yield Reason("given-twice", f"{relation.field} is given beside the relation")


def is_lost(place: Place) -> Iterator[Reason]:
    yield from lost(place, new=True)


def lost(place: Place, *, new: bool) -> Iterator[Reason]:
    """Code that runs when a row is saved, and is not run where many are written (measured)."""
    model, project = place.model, place.project
    found = project.receivers(model.name, _SIGNALS)
    heard = [each for each in found if new or not each.only_created]
    for receiver in heard[:_MOST_NAMED]:
        signal = receiver.signal.rpartition(".")[2]
        text = f"{receiver.function} receives {signal} ({receiver.path}:{receiver.line})"
        yield Reason("receiver", f"{text}, which one query for all does not send")
    if len(heard) > _MOST_NAMED:
        yield Reason("receiver", f"{len(heard) - _MOST_NAMED} more receivers hear a save")
    for reason in save_reasons(project, model, sees="every row that is saved"):
        if reason.name == "save-override":
            yield reason
    for effect in project.known_app_effects(model.name):
        if set(effect.signals) & set(_SIGNALS) and (new or not effect.only_created):
            yield Reason("app-effect", f"{effect.app} {effect.text}")


def is_own_way(place: Place) -> Iterator[Reason]:
    methods = ("create", "bulk_create", "acreate", "_prepare_for_bulk_create", "_insert")
    rows = place.rows or Manager(place.model.name, place.model.default_manager.name)
    if is_overridden(place.project, rows, *methods, "_batched_insert"):
        text = f"the manager or queryset of {place.model.label} creates in its own way"
        yield Reason("custom-create", text)


def is_ordered_by_parent(place: Place) -> Iterator[Reason]:
    """A save counts the rows before it (`Model._save_table`), `bulk_create` before 6.1 does not."""
    if "order_with_respect_to" in place.model.meta:
        text = f"a save of {place.model.label} gives it its place among its siblings"
        yield Reason("ordered-rows", text)


def is_saved_over(place: Place) -> Iterator[Reason]:
    """A save with a key updates the row that is there; `bulk_create` fails."""
    if place.creation.made.how != "save":
        return
    keys = [name for name in place.given if _is_key(place, name)]
    if keys or place.unpacked or place.creation.made.call.args:
        what = keys[0] if keys else "what is unpacked"
        yield Reason("saved-over", f"{what} may be the key of a row that the save overwrites")


def _is_key(place: Place, name: str) -> bool:
    field = place.model.field(name)
    return field is not None and field.primary_key


def doubts_of(place: Place) -> Iterator[Reason]:
    """What the values, the conditions and the iterables do besides."""
    creation = place.creation
    values = [*place.given.values(), *place.unpacked, *creation.made.call.args]
    values += [each for turn in creation.turns for each in turn.conditions]
    values += [place.owner] if place.owner is not None else []
    for value in values:
        yield from doubts(place, value)
    for name, value in place.given.items():
        yield from of_given(place, name, value)
    for condition in (each for turn in creation.turns for each in turn.conditions):
        yield from of_condition(place, condition)
    for position, turn in enumerate(creation.turns):
        yield from streams(place, turn.iterable, inner=position > 0)


def depends_on_rows(place: Place) -> Iterator[Reason]:
    """What is created depends on the rows that were created before."""
    for reason in doubts_of(place):
        if reason.name == "reads-the-table":
            yield reason


def is_made_of_unsaved(place: Place) -> Iterator[Reason]:
    """Both ways fail: it is another mistake."""
    given = [*place.given.values(), *([place.owner] if place.owner is not None else [])]
    for each in given:
        value = place.inference.value(each)
        is_new = isinstance(value, Instance) and value.saved is Saved.NO
        if is_new and not _is_saved(place, each):
            yield Reason("unsaved-relation", f"{ast.unparse(each)} has no row yet")


def _is_saved(place: Place, node: ast.expr) -> bool:
    """Whether the function saves the object anywhere, or has something else save it."""
    if not isinstance(node, ast.Name):
        return False
    found = uses(place.inference.flow, (node.id,))
    inside = set(_nodes(place))
    others = [use for use in found if use.node not in inside]
    return any(
        use.kind in ESCAPES or (use.kind == "call" and use.attribute == "save") for use in others
    )


def is_other_scope(place: Place) -> Iterator[Reason]:
    """What means something else in a comprehension, or is not there after one."""
    creation = place.creation
    for turn in creation.turns:
        if any(not isinstance(each, _TARGETS) for each in walk(turn.target)):
            yield Reason("loop-variable", f"{ast.unparse(turn.target)} is more than a variable")
            return
    if any(isinstance(each, _UNFIT) for each in _nodes(place)):
        yield Reason("loop-variable", "a comprehension cannot await, yield or bind this")
    if "super" in _called(place):
        yield Reason("loop-variable", "super() means something else in a comprehension")
    named = (node.func for node in walk(place.inference.function) if isinstance(node, ast.Call))
    if any(isinstance(each, ast.Name) and each.id in _ALL_VARIABLES for each in named):
        yield Reason("loop-variable", "locals(), or the like, reads the loop's variable")
        return
    used = creation.targets & set(names_outside(place))
    if used and not creation.listed:
        text = f"{', '.join(sorted(used))} may be used after the loop"
        yield Reason("loop-variable", text)


_ALL_VARIABLES = frozenset({"locals", "vars", "eval", "exec"})
_UNFIT = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_TARGETS = (ast.Name, ast.Tuple, ast.List, ast.Starred)


def _nodes(place: Place) -> Iterator[ast.AST]:
    return walk(place.creation.statement)


def _called(place: Place) -> set[str]:
    calls = (each.func for each in _nodes(place) if isinstance(each, ast.Call))
    return {each.id for each in calls if isinstance(each, ast.Name)}


def names_outside(place: Place) -> Iterator[str]:
    """The variables that the function loads outside of the loop, where the loop's may be meant."""
    inside = set(_nodes(place))
    for node in walk(place.inference.function):
        if node in inside:
            continue
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found = place.inference.definitions(node)
            if not found or any(each.point.node in inside for each in found):
                yield node.id


def is_made_by_each(place: Place) -> Iterator[Reason]:
    """Another manager in each turn: `Model.objects.using(row.alias).create(...)`."""
    if place.is_related:
        return
    if place.creation.targets & set(names_in(place.creation.made.receiver)):
        yield Reason("manager-by-row", "the loop takes another manager in each turn")


def needs_import(place: Place) -> Iterator[Reason]:
    """The model's name is not in this file: its import may close a circle."""
    if not place.is_related:
        return
    path, project = place.inference.document.path, place.project
    module, _, name = place.model.name.rpartition(".")
    if project.module_of(path) == module or project.resolve(path, name) == place.model.name:
        return
    for statement in walk(place.inference.document.tree):
        if isinstance(statement, ast.ImportFrom):
            bound = (each.asname or each.name for each in statement.names)
            found = (project.resolve(path, each) or "" for each in bound)
            if any(each.rpartition(".")[0] == module for each in found):
                return
    yield Reason("needs-import", f"{name} must be imported from {module}, if that is no circle")


REPORTS: tuple[Guard, ...] = (
    is_used,
    has_parent_table,
    is_no_foreign_key,
    is_own_way,
    is_lost,
    is_ordered_by_parent,
    is_saved_over,
    depends_on_rows,
    is_made_of_unsaved,
    is_other_scope,
    is_made_by_each,
    needs_import,
)
