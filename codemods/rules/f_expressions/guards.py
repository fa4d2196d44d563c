"""The reasons to report a proven change only, or to ask for review of it: flat, each named.

`REPORTS`: no rewrite is certain to mean the same. `REVIEWS`: a rewrite exists, and a person must
look at what the reason says. What is not proven stands in `declines.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.points import Point
from djfix.codemods.flow.uses import Use, points_after, uses, uses_before
from djfix.codemods.inference import numbers
from djfix.codemods.inference.callsites import CallSite
from djfix.codemods.inference.saving.columns import PLAIN
from djfix.codemods.inference.saving.handing import HANDING, HARMLESS_METHODS, is_harmless
from djfix.codemods.inference.saving.members import use_of_its_list
from djfix.codemods.inference.saving.objects import is_generated, is_trace
from djfix.codemods.inference.values import Instance, Saved, Unknown
from djfix.codemods.rules.f_expressions import methods, other_code
from djfix.codemods.rules.f_expressions.lookups import (
    has_unknown_lookup,
    is_difference_to_column,
    is_in_lookup,
    lookups_by,
)
from djfix.codemods.rules.f_expressions.models import TEXT, field_reasons
from djfix.codemods.rules.f_expressions.shapes import Change, reads
from djfix.codemods.rules.f_expressions.situation import Guard, Situation
from djfix.codemods.source.chains import path_of
from djfix.codemods.source.walking import walk

_HOLDING = HANDING - {"call", "iterate", "subscript"}
_SEEING = HANDING | {"return", "format", "compare", "truth"}


# Reported: proven, but no rewrite is certain.


def has_other_operator(situation: Situation) -> Iterator[Reason]:
    for change in situation.changes:
        if change.operator == "conditional":
            text = (
                f"{change.field} is not only added to or taken from: line {change.statement.lineno}"
            )
            yield Reason("conditional-amount", text)
        elif change.operator not in {"+", "-"}:
            text = f"F() has no {change.operator} that means the same in SQL as in Python"
            yield Reason("operator", text)


def has_text_field(situation: Situation) -> Iterator[Reason]:
    for field in situation.fields.values():
        if field.kind in TEXT:
            yield Reason("text-field", f"{field.name} is text: Concat() is needed, not F() + ...")


def properties_of(situation: Situation) -> set[str]:
    """The properties that the project's own code defines: they may read the value."""
    return {name for name, info in situation.model.properties.items() if info.path is not None}


def changes_twice(situation: Situation) -> Iterator[Reason]:
    """A second `= F(...)` on a path would drop the first."""
    graph = situation.flow.graph
    saves = [graph.point_of(save.statement) for save in situation.saves]
    for change in situation.changes:
        start = graph.point_of(change.statement)
        reached = _unsaved_after(situation, change)
        again = [
            other
            for other in situation.changes
            if other.field == change.field and graph.point_of(other.statement) in reached
        ]
        if again and start not in saves:
            text = f"{change.field} may be changed more than once before it is saved"
            yield Reason("changed-twice", text)
            return


def _unsaved_after(situation: Situation, change: Change) -> frozenset[Point]:
    graph = situation.flow.graph
    saves = frozenset(graph.point_of(save.statement) for save in situation.saves)
    start = graph.point_of(change.statement)
    return points_after(situation.flow, start, situation.path, until=saves)


def has_delta_of_itself(situation: Situation) -> Iterator[Reason]:
    computed = properties_of(situation)
    for change in situation.changes:
        for node in _sources_of(situation, change):
            if not isinstance(node, ast.Attribute):
                continue
            own = reads(node, change.path, change.field)
            if own or (node.attr in computed and path_of(node.value) == change.path):
                text = f"the amount depends on {situation.target}.{node.attr}"
                yield Reason("delta-reads-field", text)


def _sources_of(situation: Situation, change: Change) -> Iterator[ast.AST]:
    """The nodes of the amount, and of the values of the local variables in it."""
    waiting: list[ast.AST] = list(change.deltas)
    seen: set[ast.AST] = set()
    while waiting:
        root = waiting.pop()
        for node in walk(root):
            if node in seen:
                continue
            seen.add(node)
            yield node
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found = situation.inference.definitions(node)
                waiting.extend(item.value for item in found if item.value is not None)


def is_validated(situation: Situation) -> Iterator[Reason]:
    for use in situation.between:
        if use.kind == "call" and use.attribute in {"full_clean", "clean", "clean_fields"}:
            text = (
                f"line {use.point.line} validates the new value, which F() leaves to the database"
            )
            yield Reason("validated", text)


def is_seen_before_save(situation: Situation) -> Iterator[Reason]:
    """Between change and save the attribute would be an expression, not a number."""
    for use in situation.between:
        handed = use.kind in _SEEING and use.attribute not in HARMLESS_METHODS
        if situation.shows(use) or handed:
            text = f"line {use.point.line} sees the changed value before it is saved"
            yield Reason("value-read-before-save", text)


def is_left_unsaved(situation: Situation) -> Iterator[Reason]:
    """Whoever holds the object then finds an expression that no save has taken."""
    held = situation.value.outlives or any(use.kind in _HOLDING for use in situation.before)
    if situation.unsaved and held:
        text = f"{situation.target} is not saved on every way, and other code holds it"
        yield Reason("not-always-saved", text)


def _changed_names(situation: Situation) -> set[str]:
    return set(situation.changed)


def has_unreadable_save(situation: Situation) -> Iterator[Reason]:
    for save in situation.saves:
        if not save.readable:
            yield Reason("save-arguments", f"the arguments of save() in line {save.call.lineno}")


def stores_through_setter(situation: Situation) -> Iterator[Reason]:
    if all(save.update_fields is not None for save in situation.saves):
        return
    for name in situation.stored:
        if name in properties_of(situation):
            yield Reason("property-setter", f"{name} is a property that writes other columns")


REPORTS: tuple[Guard, ...] = (
    has_text_field,
    has_other_operator,
    has_delta_of_itself,
    changes_twice,
    is_validated,
    is_seen_before_save,
    is_left_unsaved,
    has_unreadable_save,
    stores_through_setter,
    methods.is_read_by_save,
    methods.is_compared_whole,
    is_in_lookup,
)


# Reported unless the guard itself moves into the query or under a lock.


def is_read_before(situation: Situation) -> Iterator[Reason]:
    """A check of the value in memory does not hold for the row that F() changes."""
    generated = {name for name, field in situation.model.fields.items() if is_generated(field)}
    for use in situation.reads(situation.before, situation.changed | generated):
        if not _is_traced(situation, use):
            text = f"line {use.point.line} reads {situation.target}.{use.attribute} before"
            yield Reason("value-read-before", text)


def _is_traced(situation: Situation, use: Use) -> bool:
    node: ast.AST | None = use.node
    parents = situation.flow.parents
    while node is not None and not isinstance(node, ast.stmt):
        if isinstance(node, ast.Call) and is_trace(node):
            return isinstance(parents.get(node), ast.Expr)
        node = parents.get(node)
    return False


# For review.


def has_unknown_state(situation: Situation) -> Iterator[Reason]:
    if situation.value.saved is Saved.UNKNOWN:
        text = (
            f"{situation.target} comes from outside: it may have no row yet, "
            "or hold other unsaved changes"
        )
        yield Reason("unsaved-state", text)
    if situation.value.origin == "request-user":
        text = "the user of a request may be anonymous, and other code holds the same object"
        yield Reason("request-user", text)
    if situation.value.remote and not is_handed_clean(situation):
        text = f"{situation.target} is fetched in another function, which may check its value"
        yield Reason("fetched-elsewhere", text)


def is_handed_clean(situation: Situation) -> bool:
    """Whether every caller fetches the object, and hands it on untouched and unread."""
    if len(situation.path) != 1 or situation.value.origin not in {"self", "parameter"}:
        return False
    sites = situation.inference.call_sites(situation.path[0])
    return bool(sites) and all(_is_clean(situation, site) for site in sites or ())


def _is_clean(situation: Situation, site: CallSite) -> bool:
    value, names = site.value, _changed_names(situation)
    if not isinstance(value, Instance) or value.remote or value.origin == "request-user":
        return False
    if any(lookups_by(site.inference, names)):
        return False
    flow = site.inference.flow
    point = flow.graph.point_of(site.call)
    ways = flow.graph.successors(point)
    if any(each.kind == "exception" and each.target is not flow.graph.raised for each in ways):
        return False
    path = path_of(site.argument)
    if path is None:
        return isinstance(site.argument, ast.Call)
    here = [use for use in uses(flow, path) if use.point is point]
    handed = [use for use in here if use.kind in {"call", "pass"}]
    seen = names | properties_of(situation)
    others = [use for use in (*uses_before(flow, point, path), *here) if use not in handed]
    return (
        len(path) == 1
        and len(handed) == 1
        and all(
            use.kind == "rebind" or (use.kind == "read" and use.attribute not in seen)
            for use in others
        )
    )


def has_unfit_delta(situation: Situation) -> Iterator[Reason]:
    for change in situation.changes:
        field = situation.fields[change.field]
        for delta in change.deltas:
            value = situation.inference.value(delta)
            if not numbers.fits(value, field.kind):
                known = value.why if isinstance(value, Unknown) else "its type is another"
                text = f"{ast.unparse(delta)} must fit a {field.class_name}: {known}"
                yield Reason("delta-type", text)


def has_delicate_field(situation: Situation) -> Iterator[Reason]:
    for field in situation.fields.values():
        yield from field_reasons(situation.model, field)


def is_handed_over(situation: Situation) -> Iterator[Reason]:
    """Code that is given the object may have changed it, and a narrower save leaves that out."""
    for use in situation.before:
        inside = use.attribute in {"__dict__", "_state"}
        if (
            use.kind in HANDING
            and not is_harmless(situation.inference, situation.path, use, situation.changed)
        ) or inside:
            text = f"line {use.point.line} hands {situation.target} to other code before the save"
            yield Reason("handed-over", text)


def is_member_of_used_list(situation: Situation) -> Iterator[Reason]:
    """`for x in rows: x.note = ...` and then `for y in rows: y.n += 1`: these are one object."""
    statements = [change.statement for change in situation.changes]
    found = use_of_its_list(situation.inference, situation.path, statements)
    if found is not None:
        text = f"line {found[0].point.line} uses members of {found[1]} before the save"
        yield Reason("handed-over", text)


def reads_property_before(situation: Situation) -> Iterator[Reason]:
    for use in situation.reads(situation.before, properties_of(situation)):
        text = f"line {use.point.line} reads {use.attribute}, which may depend on the value"
        yield Reason("property-read", text)


def may_fail_halfway(situation: Situation) -> Iterator[Reason]:
    """A handler that runs when the save fails finds an expression where a number was."""
    for use in situation.failing:
        if situation.shows(use) or use.kind in _SEEING:
            text = f"line {use.point.line} may see the expression after a failed save"
            yield Reason("failed-save", text)
            return


def is_asynchronous(situation: Situation) -> Iterator[Reason]:
    if situation.is_async:
        yield Reason("async", "the object is handled in async code")


def stores_unknown_attribute(situation: Situation) -> Iterator[Reason]:
    """An attribute that is no field: a descriptor, perhaps, that writes a column."""
    if all(save.update_fields is not None for save in situation.saves):
        return
    for name in situation.stored:
        if situation.model.field(name) is None:
            text = f"{situation.target}.{name} is assigned, and is no field that djfix knows"
            yield Reason("unknown-store", text)


def is_dynamic(situation: Situation) -> Iterator[Reason]:
    setting = any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr"
        for node in walk(situation.function)
    )
    if setting or situation.flow.dynamic:
        yield Reason("dynamic", "attributes or variables are set by name in this function")


REVIEWS: tuple[Guard, ...] = (
    has_unknown_state,
    has_unfit_delta,
    has_delicate_field,
    is_handed_over,
    reads_property_before,
    may_fail_halfway,
    is_asynchronous,
    stores_unknown_attribute,
    is_dynamic,
    has_unknown_lookup,
    is_difference_to_column,
    methods.is_updated_besides,
    methods.is_written_besides,
    methods.is_permitted_by_value,
    is_member_of_used_list,
    other_code.hides_another_name,
)

LAST: tuple[Guard, ...] = (
    methods.is_written_unseen,
    other_code.is_patched,
    other_code.is_name_of_other_code,
    other_code.is_put_over,
)
"""As `REVIEWS`; they read files all over the project, and are asked where nothing else is found."""

LOSING: tuple[Guard, ...] = (
    is_handed_over,
    stores_unknown_attribute,
    is_dynamic,
    is_member_of_used_list,
)
"""Reasons for which other columns may be assigned unseen: a narrower save would lose them."""


def mutable_reads(situation: Situation) -> tuple[str, ...]:
    """Fields whose value can be changed in place (JSON, files): a full save wrote them as well."""
    names: dict[str, None] = {}
    for use in (*situation.before, *situation.between):
        field = situation.model.field(use.attribute) if use.attribute else None
        if use.kind != "read" or field is None or field.relation is not None:
            continue
        if field.kind not in PLAIN and not field.primary_key and not is_generated(field):
            names.setdefault(field.name)
    return tuple(names)
