"""The columns that one save must name: assigned ones, those changed in place, and `auto_now`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from djfix.codemods.inference.saving.columns import is_plain, touched_fields, with_measures
from djfix.codemods.inference.saving.effects import stored_by_member, stored_by_setter
from djfix.codemods.inference.saving.objects import is_generated
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.project.models import Field
from djfix.codemods.source.walking import walk


def columns_of(occurrence: Occurrence) -> tuple[str, ...]:
    """In the order of the text; those that a save sets by itself come last."""
    names: dict[str, None] = {}
    for use in occurrence.before:
        for field in _fields_of(occurrence, use.kind, use.attribute or ""):
            names.update(dict.fromkeys(with_measures(field)))
    if not names:
        return ()
    touched = touched_fields(occurrence.model)
    names.update(dict.fromkeys(_set_by_override(occurrence)))
    names.update(dict.fromkeys(name for name in occurrence.model.fields if name in touched))
    return tuple(names)


def _fields_of(occurrence: Occurrence, kind: str, name: str) -> Iterator[Field]:
    model = occurrence.model
    field = model.field(name)
    if kind == "store":
        followed = stored_by_setter(occurrence.project, model, name) if field is None else None
        yield from _columns_named(occurrence, followed or {name})
    elif field is not None and kind in {"read", "capture"}:
        if is_changeable(field):
            yield field
    elif kind == "call" or name in model.properties:
        yield from _columns_named(occurrence, effects(occurrence, name) or ())


def _columns_named(occurrence: Occurrence, names: object) -> Iterator[Field]:
    assert isinstance(names, set | frozenset | tuple)
    for name in sorted(names):
        field = occurrence.model.field(name)
        if field is not None and field.is_column and not field.primary_key:
            yield field


def effects(occurrence: Occurrence, name: str) -> frozenset[str] | None:
    """What a method or property of the model assigns to the object; None if that is not known."""
    return stored_by_member(occurrence.project, occurrence.model, name)


def is_changeable(field: Field) -> bool:
    """Whether the value of a column may be changed in place where it is only read."""
    return (
        field.is_column
        and field.relation is None
        and not is_plain(field)
        and not (is_generated(field))
    )


def _set_by_override(occurrence: Occurrence) -> tuple[str, ...]:
    """The columns that the project's own `save()` of the model assigns: its save must list them."""
    override = occurrence.model.save_override
    if override is None or override.path is None:
        return ()
    document = occurrence.project.files.document(override.path)
    function = document.function_at(override.line)
    if function is None or not function.args.args:
        return ()
    own = function.args.args[0].arg
    assigned = map(partial(_assigned_to, own), walk(function))
    found = (occurrence.model.field(name) for name in assigned if name)
    return tuple(dict.fromkeys(field.name for field in found if field and not field.primary_key))


def _assigned_to(own: str, node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()):
            return attribute if name == own else ""
    return ""
