"""The reasons to leave a save alone, to report it only, or to ask for review: flat, each named.

`DECLINES`: it is not proven that the save overwrites columns that it need not write. `REPORTS`:
proven, and `update_fields` would fail or lose something. `REVIEWS`: a person must look.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import Use
from djfix.codemods.inference.put_over import put_over_reasons
from djfix.codemods.inference.saving import elsewhere, others
from djfix.codemods.inference.saving.effects import stored_by_setter
from djfix.codemods.inference.saving.models import save_reasons
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.inference.saving.routing import Routing
from djfix.codemods.inference.values import Instance, Saved, Value
from djfix.codemods.rules.update_fields.columns import columns_of
from djfix.codemods.rules.update_fields.handing import hands_over
from djfix.codemods.source.walking import walk

Guard = Callable[[Occurrence], Iterator[Reason]]

_FILLED = frozenset({"save_model", "save_form", "save_formset", "save_new", "save_existing"})
"""Hooks of admin classes and formsets that are given objects which a form has filled."""

_FETCHED = frozenset({"get", "get-object-or-404", "get-object", "first", "index", "iteration"})


# Declined: not proven.


def is_new(occurrence: Occurrence) -> Iterator[Reason]:
    if occurrence.value.saved is Saved.NO:
        text = f"{occurrence.target} is made here: its first save writes all columns"
        yield Reason("new-instance", text)


def is_copied(occurrence: Occurrence) -> Iterator[Reason]:
    keys = [field for name in occurrence.stored if (field := occurrence.model.field(name))]
    marked = any(use.attribute == "_state" for use in occurrence.before)
    if marked or any(field.primary_key for field in keys):
        text = f"{occurrence.target} gets another key: a copy is saved"
        yield Reason("copied-instance", text)


def is_locked(occurrence: Occurrence) -> Iterator[Reason]:
    if occurrence.value.locked:
        text = "the row is locked: nobody else changes it before the save"
        yield Reason("locked", text)


def is_deferred(occurrence: Occurrence) -> Iterator[Reason]:
    if occurrence.value.deferred:
        text = "it is fetched with only() or defer(), and its saves leave those columns out"
        yield Reason("deferred-columns", text)


def is_filled_by_form(occurrence: Occurrence) -> Iterator[Reason]:
    inference = occurrence.inference
    if occurrence.value.origin == "parameter" and inference.function.name in _FILLED:
        yield Reason("form-instance", f"a form has filled {occurrence.target}")


def is_set_by_name(occurrence: Occurrence) -> Iterator[Reason]:
    """`setattr()` may assign anything, and `del` makes a column be loaded again."""
    flow = occurrence.inference.flow
    deleted = any(isinstance(getattr(use.node, "ctx", None), ast.Del) for use in occurrence.stores)
    names = {call.func.id for call in occurrence.calls if isinstance(call.func, ast.Name)}
    named = not names.isdisjoint({"setattr", "delattr"})
    inside = any(use.attribute == "__dict__" for use in occurrence.before)
    inside = inside or "__class__" in occurrence.stored
    if deleted or named or inside or flow.dynamic:
        yield Reason("dynamic", "attributes or variables are set by name in this function")


def is_not_assigned(occurrence: Occurrence) -> Iterator[Reason]:
    if not occurrence.stored:
        text = f"nothing is assigned to {occurrence.target} before: what the save writes is unknown"
        yield Reason("nothing-assigned", text)


def is_no_column(occurrence: Occurrence) -> Iterator[Reason]:
    model = occurrence.model
    for name in occurrence.stored:
        field = model.field(name)
        if field is not None and field.relation is not None and not field.is_column:
            kind = field.relation.kind
            reason = "generic-key" if kind == "generic-foreign-key" else "not-a-column"
            yield Reason(reason, f"{name} is a {kind}, and no column of {model.label}")
        elif field is None and name in model.properties and not _is_followed(occurrence, name):
            text = f"{name} is a property; which columns its setter writes is not known"
            yield Reason("property-setter", text)


def _is_followed(occurrence: Occurrence, name: str) -> bool:
    return stored_by_setter(occurrence.project, occurrence.model, name) is not None


def has_no_columns(occurrence: Occurrence) -> Iterator[Reason]:
    """What is assigned is no column: what the save is for, is not known."""
    if not columns_of(occurrence):
        text = f"{', '.join(occurrence.stored)}: no column of {occurrence.model.label}"
        yield Reason("not-a-column", text)


def is_changed_by_itself(occurrence: Occurrence) -> Iterator[Reason]:
    """Where f-expressions declined for what else is assigned, its answer must stay the same."""
    model = occurrence.model
    if all(model.field(name) is not None for name in occurrence.stored):
        return
    for use in occurrence.stores:
        statement = occurrence.inference.flow.parents.get(use.node)
        if _uses_itself(statement, use):
            text = f"{use.attribute} is changed by its own value, beside an attribute of no column"
            yield Reason("changed-by-itself", text)


def _uses_itself(statement: ast.AST | None, use: Use) -> bool:
    if isinstance(statement, ast.AugAssign):
        return True
    return isinstance(statement, ast.Assign) and any(
        isinstance(node, ast.Attribute) and node.attr == use.attribute
        for node in walk(statement.value)
    )


DECLINES: tuple[Guard, ...] = (
    is_new,
    is_copied,
    is_locked,
    is_deferred,
    is_filled_by_form,
    is_set_by_name,
    is_not_assigned,
    is_no_column,
    has_no_columns,
    is_changed_by_itself,
)


# Reported: `update_fields` cannot be passed, or something else is wrong.


def takes_no_columns(occurrence: Occurrence) -> Iterator[Reason]:
    """`def save(self)` of the model's own: `update_fields` would be a TypeError."""
    for name in ("save", "asave") if occurrence.save.awaited else ("save",):
        override = occurrence.model.overrides.get(name)
        if override is None or override.path is None:
            continue
        facts = override.facts
        taken = facts.parameters if facts is not None else ()
        if not any(each.name == "update_fields" or each.kind == "**" for each in taken):
            text = f"{name}() of {occurrence.model.label} does not take update_fields"
            yield Reason("save-signature", f"{text} ({override.path}:{override.line})")


def is_perhaps_created(occurrence: Occurrence) -> Iterator[Reason]:
    if occurrence.value.origin == "get-or-create" and not _was_there(occurrence):
        text = "it may have been created with the defaults a moment ago: put the values there"
        yield Reason("get-or-create", text)


def _was_there(occurrence: Occurrence) -> bool:
    """Whether the save stands under `if not created:`, or in the `else` of `if created:`."""
    flags = {name for name in _created_flags(occurrence) if name}
    parents = occurrence.inference.flow.parents
    node: ast.AST = occurrence.save.statement
    while node in parents:
        around = parents[node]
        if isinstance(around, ast.If):
            match around.test:
                case ast.Name(id=name) if name in flags and node in around.orelse:
                    return True
                case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)) if name in flags:
                    return node in around.body
        node = around
    return False


def _created_flags(occurrence: Occurrence) -> Iterator[str]:
    """The names that say whether the object was created, if they are bound there alone."""
    flow, path = occurrence.inference.flow, occurrence.path
    definitions = flow.reaching(path[0], occurrence.save.statement)
    statements = [definition.point.node for definition in definitions]
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=own), ast.Name(id=flag)])]):
                bound = flow.reaching(flag, occurrence.save.statement)
                same = {each.point.node for each in bound} == {statement}
                if own == path[0] and len(path) == 1 and len(statements) == 1 and same:
                    yield flag


REPORTS: tuple[Guard, ...] = (takes_no_columns, is_perhaps_created)


# For review.


def comes_from_outside(occurrence: Occurrence) -> Iterator[Reason]:
    """Only an object that this function fetched is known to have a row and no other changes."""
    value, target = occurrence.value, occurrence.target
    if value.origin in {"create", "several"}:
        text = f"{target} is made here, or comes from several places: perhaps it is made there"
        yield Reason("created-here", text)
    elif _is_of_request(occurrence):
        text = "the user of a request is other code's object as well, and may be anonymous"
        yield Reason("request-user", text)
    elif value.saved is not Saved.YES or not all(_fetched_here(occurrence)):
        text = f"{target} comes from outside: it may be new, or hold other unsaved changes"
        yield Reason("unsaved-state", text)


def _is_of_request(occurrence: Occurrence) -> bool:
    origins = {value.origin for value in _bases(occurrence) if isinstance(value, Instance)}
    return "request-user" in origins | {occurrence.value.origin}


def _fetched_here(occurrence: Occurrence) -> Iterator[bool]:
    """Whether the object, and each object that leads to it by a relation, was fetched here."""
    for value in (occurrence.value, *_bases(occurrence)):
        if not isinstance(value, Instance):
            yield False
        elif value.origin == "get-or-create":
            yield _was_there(occurrence)
        else:
            yield value.origin == "relation" or value.origin in _FETCHED


def _bases(occurrence: Occurrence) -> Iterator[Value]:
    """What the objects are whose relations lead to this one."""
    assert isinstance(occurrence.save.call.func, ast.Attribute)
    waiting, seen = [occurrence.save.call.func.value], set[ast.expr]()
    while waiting:
        expression = waiting.pop()
        value = occurrence.value_of(expression)
        if expression in seen or not isinstance(value, Instance) or value.origin != "relation":
            continue
        seen.add(expression)
        for base in _leading_to(occurrence, expression):
            yield occurrence.value_of(base)
            waiting.append(base)


def _leading_to(occurrence: Occurrence, expression: ast.expr) -> Iterator[ast.expr]:
    if isinstance(expression, ast.Attribute):
        yield expression.value
    elif isinstance(expression, ast.Name):
        for definition in occurrence.inference.definitions(expression):
            if isinstance(definition.value, ast.Attribute):
                yield definition.value.value
            elif definition.value is not None:
                yield definition.value


def is_fetched_elsewhere(occurrence: Occurrence) -> Iterator[Reason]:
    origin = occurrence.value.origin
    fetched = occurrence.value.remote and origin in _FETCHED - {"get-object"}
    held = any(getattr(occurrence.value_of(each), "held", False) for each in occurrence.source())
    if fetched or held:
        text = f"{occurrence.target} is fetched by other code, which may have changed it"
        yield Reason("fetched-elsewhere", text)


def is_saved_with_more(occurrence: Occurrence) -> Iterator[Reason]:
    yield from save_reasons(occurrence.project, occurrence.model, sees="update_fields")


def is_asynchronous(occurrence: Occurrence) -> Iterator[Reason]:
    if isinstance(occurrence.inference.function, ast.AsyncFunctionDef):
        yield Reason("async", "the object is handled in async code")


def stores_other_side(occurrence: Occurrence) -> Iterator[Reason]:
    """An attribute that is no column: it may be a descriptor, which writes some."""
    model = occurrence.model
    for name in occurrence.stored:
        if model.field(name) is not None or name in model.properties:
            continue
        if model.reverse_named(name) is not None or name in model.methods:
            text = f"{occurrence.target}.{name} is assigned, and is no column"
            yield Reason("unknown-store", text)


def is_read_elsewhere(occurrence: Occurrence) -> Iterator[Reason]:
    """Where the other database lacks the row, a save makes it, and one of some columns fails."""
    router = occurrence.project.shared(Routing).differing
    if router:
        text = f"{router} may write the row to another database than it is read from"
        yield Reason("database-router", text)


def is_put_over(occurrence: Occurrence) -> Iterator[Reason]:
    """Code puts something over the column, or over `save()`, of a model that a variable holds."""
    yield from put_over_reasons(occurrence.project, occurrence.model, occurrence.stored)


REVIEWS: tuple[Guard, ...] = (
    comes_from_outside,
    is_fetched_elsewhere,
    is_saved_with_more,
    hands_over,
    others.are_written,
    elsewhere.are_written_elsewhere,
    others.may_delete,
    others.may_reach_it,
    is_asynchronous,
    stores_other_side,
    is_read_elsewhere,
)

LAST: tuple[Guard, ...] = (elsewhere.are_written_unseen, is_put_over)
"""As `REVIEWS`; they read files all over the project, and are asked where nothing else is found."""
