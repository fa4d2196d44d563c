"""The forms of a guarded change: the check moves into the query, or under a lock with the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from djfix.codemods.findings import NodeReference, Reason
from djfix.codemods.flow.effects import is_pure
from djfix.codemods.flow.uses import Use, points_after, uses
from djfix.codemods.inference import numbers
from djfix.codemods.inference.saving.objects import is_trace
from djfix.codemods.inference.values import Unknown
from djfix.codemods.project.databases import may_run_on_sqlite, runs_on_sqlite
from djfix.codemods.rules.f_expressions.conditions import Guard, blocks_of, guard_of
from djfix.codemods.rules.f_expressions.expressing import change_plan, save_plan
from djfix.codemods.rules.f_expressions.fetching import fetch_before_guard, lookups_of
from djfix.codemods.rules.f_expressions.guards import mutable_reads
from djfix.codemods.rules.f_expressions.plans import Condition, GuardedPlan, LockPlan
from djfix.codemods.rules.f_expressions.refreshing import is_seen_after
from djfix.codemods.rules.f_expressions.situation import Situation
from djfix.codemods.source.walking import walk


def guard_in(situation: Situation) -> Guard | None:
    """The guard right before the only change of the object, if that is the layout."""
    if len(situation.changes) != 1 or len(situation.saves) != 1:
        return None
    change, save = situation.changes[0], situation.saves[0]
    for owner, block in blocks_of(situation.function):
        if any(item is change.statement for item in block):
            return guard_of(change, save, block, owner)
    return None


def compares_object(situation: Situation, guard: Guard) -> bool:
    """Whether the check compares the object with itself: two columns, or a copy of the value."""
    if guard.value is None:
        return False
    root = situation.path[0]
    return any(isinstance(node, ast.Name) and node.id == root for node in walk(guard.value))


def names_database(situation: Situation) -> bool:
    """Whether the object may be of another database; a save stays with the object's own.

    Fetched in another function, it is of the default one for certain only if there is no other.
    """
    settings = situation.inference.project.settings
    if situation.value.remote and len(settings.databases) > 1:
        return True
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"using", "db_manager"}
        for node in walk(situation.function)
    )


def is_beyond_update(situation: Situation, guard: Guard) -> bool:
    """Whether the code does more than one guarded update of one column could."""
    change, save = situation.changes[0], situation.saves[0]
    others = set(situation.stored) - {change.field}
    if situation.is_async or (others and save.update_fields is None):
        return True
    if save.update_fields is not None and set(save.update_fields) != {change.field}:
        return True
    if len(change.deltas) != 1:
        return True
    if mutable_reads(situation) and save.update_fields is None:
        return True
    if "#" in situation.inference.document.segment(guard.test):
        return True
    if _checks_more(situation, guard) or _is_used_on_failure(situation, guard):
        return True
    if not (_is_simple(change.deltas[0]) and _is_sure(situation, guard, change.deltas[0])):
        return True
    if guard.value is None:
        return situation.fields[change.field].kind == "duration"
    return not _is_simple(guard.value)


def _checks_more(situation: Situation, guard: Guard) -> bool:
    """Whether the rest of the test looks at the column too: the query would hold half of it."""
    moved = set(walk(guard.test))
    rest = set(walk(guard.statement.test)) - moved
    return any(situation.shows(use) and use.node in rest for use in situation.before)


def _is_used_on_failure(situation: Situation, guard: Guard) -> bool:
    """Whether code that runs without the change may save the object: its value may be an old one.

    Where it fails because of another writer, the object still holds what was read at first.
    """
    flow, path = situation.flow, situation.path
    test = flow.graph.point_of(guard.statement.test)
    way = "true" if guard.failing else "false"
    starts = [edge.target for edge in flow.graph.successors(test) if edge.kind == way]
    later = {point for start in starts for point in (start, *points_after(flow, start, path))}
    own = {save.call.func for save in situation.saves}
    return any(
        use.point in later and use.node not in own and _may_save(situation, use)
        for use in uses(flow, path)
    )


def _may_save(situation: Situation, use: Use) -> bool:
    if use.kind == "call":
        return not (use.attribute or "").startswith(("refresh_", "arefresh_", "get_"))
    node = situation.flow.parents.get(use.node)
    while isinstance(node, ast.expr | ast.keyword):
        if isinstance(node, ast.Call) and is_trace(node):
            return False
        node = situation.flow.parents.get(node)
    return use.kind == "pass" and not isinstance(node, ast.Raise | ast.Return)


def _is_simple(expression: ast.expr) -> bool:
    """Without effects, and on one line: comments within it would be kept twice."""
    return is_pure(expression, attributes=True) and expression.lineno == expression.end_lineno


def _is_sure(situation: Situation, guard: Guard, amount: ast.expr) -> bool:
    """Whether the amount has a value also where the check fails, and it was not asked for: it is
    what the check compares with, or its names are bound and its objects not None on every way."""
    if guard.value is not None and ast.dump(guard.value) == ast.dump(amount):
        return True
    for node in walk(amount):
        if isinstance(node, ast.Name) and situation.flow.is_local(node.id):
            found = situation.flow.reaching(node.id, node)
            if any(each.kind in {"unbound", "del"} for each in found):
                return False
        if isinstance(node, ast.Attribute):
            owner = situation.inference.value(node.value)
            if isinstance(owner, Unknown) or getattr(owner, "optional", False):
                return False
    return True


def guarded_plan(situation: Situation, guard: Guard, *, ignore_missing: bool) -> GuardedPlan:
    """The check in the query. Where nobody looks at the object after, `ignore_missing` drops its
    fetch as well."""
    change, save = situation.changes[0], situation.saves[0]
    refresh = (change.field,) if is_seen_after(situation) else ()
    plan = GuardedPlan(
        condition=_condition(guard, change.field),
        change=change_plan(change),
        operator=change.operator,
        delta=NodeReference.of(change.deltas[0]),
        save=save_plan(situation, save, ()),
        manager_text=_manager_text(situation),
        target=situation.target,
        refresh=refresh,
        alone=None if refresh else _alone(situation, guard),
    )
    fetch = fetch_before_guard(situation, guard) if ignore_missing else None
    if fetch is None or refresh or _is_used_besides(situation, guard):
        return plan
    return replace(
        plan,
        fetch=NodeReference.of(fetch.statement),
        lookups=lookups_of(fetch),
        manager_text=fetch.manager_text,
    )


def _alone(situation: Situation, guard: Guard) -> NodeReference | None:
    """The whole `if`, where it holds the change and the save and nothing else."""
    statement = guard.statement
    above = situation.flow.parents.get(statement)
    is_elif = isinstance(above, ast.If) and statement in above.orelse
    bare = len(statement.body) == 2 and not statement.orelse and guard.test is statement.test
    return NodeReference.of(statement) if bare and not guard.failing and not is_elif else None


def _is_used_besides(situation: Situation, guard: Guard) -> bool:
    inside = set(walk(guard.test))
    used = (*situation.before, *situation.between, *situation.after, *situation.failing)
    return any(use.node not in inside for use in used)


def unfit_comparison(situation: Situation, guard: Guard) -> Iterator[Reason]:
    """The check compares in SQL what Python compared: the types must be those of the column."""
    kind = situation.fields[situation.changes[0].field].kind
    if kind == "decimal" and may_run_on_sqlite(situation.inference.project):
        yield _FLOATS
    if guard.value is None:
        return
    if not numbers.fits(situation.inference.value(guard.value), kind):
        text = f"{ast.unparse(guard.value)} is compared in the database: its type is not known"
        yield Reason("guard-type", text)


_FLOATS = Reason(
    "float-storage",
    "SQLite keeps what F computes as a float: 0.30 - 0.10 is not 0.20 to the next check",
)


def is_stored_as_float(situation: Situation) -> Iterator[Reason]:
    """A decimal without a check, where all that runs is SQLite: a lookup of the exact value finds
    another; where a server's database runs as well, SQLite is for development."""
    kinds = {situation.fields[change.field].kind for change in situation.changes}
    if "decimal" in kinds and runs_on_sqlite(situation.inference.project):
        yield _FLOATS


def _condition(guard: Guard, field: str) -> Condition:
    value = NodeReference.of(guard.value) if guard.value is not None else None
    return Condition(NodeReference.of(guard.test), field, guard.lookup, value, guard.failing)


def _manager_text(situation: Situation) -> str:
    """The manager as this file can spell it; "" for the user model's, which has a function."""
    name = _model_text(situation)
    if name is not None:
        plain = situation.model.default_manager.is_plain
        return f"{name}.{situation.model.default_manager.name if plain else '_base_manager'}"
    if situation.value.origin == "request-user":
        return ""
    return f"type({situation.target})._base_manager"


def _model_text(situation: Situation) -> str | None:
    inference = situation.inference
    facts = inference.project.module(inference.document.path)
    if facts is None:
        return None
    names = [item.bound for item in facts.imports if not item.scope and not item.condition]
    names += [item.name for item in facts.classes]
    for name in dict.fromkeys(names):
        own = inference.project.resolve(inference.document.path, name)
        if own == situation.model.name and not inference.flow.is_local(name):
            return name
    return None


def lock_plan(situation: Situation, guard: Guard) -> LockPlan:
    """Guard, change and save as they are, under a lock on the row."""
    change, save = situation.changes[0], situation.saves[0]
    inner = (guard.statement, change.statement, save.statement)
    statements: tuple[ast.stmt, ...] = inner if guard.failing else (guard.statement,)
    fetch = fetch_before_guard(situation, guard)
    if fetch is not None:
        statements = (fetch.statement, *statements)
    return LockPlan(
        statements=tuple(NodeReference.of(item) for item in statements),
        save=save_plan(situation, save, ()),
        manager_text=_manager_text(situation),
        target=situation.target,
        fields=(change.field,),
        rebinds=fetch is not None,
        fetch=NodeReference.of(fetch.statement) if fetch is not None else None,
        locked_fetch=fetch.locked_text if fetch is not None else "",
    )
