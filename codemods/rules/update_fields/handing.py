"""Code that gets hold of the object before it is saved, and may change columns unseen."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.flow.uses import Use
from djfix.codemods.inference.saving.columns import is_plain
from djfix.codemods.inference.saving.effects import assigns_implicitly
from djfix.codemods.inference.saving.handing import HANDING, is_harmless
from djfix.codemods.inference.saving.members import use_of_its_list
from djfix.codemods.inference.saving.occurrences import Occurrence
from djfix.codemods.rules.update_fields.columns import effects

_CLEANING = frozenset({"full_clean", "clean_fields", "validate_unique", "validate_constraints"})
_CLEAN_OVERRIDES = (*sorted(_CLEANING), "clean")


def hands_over(occurrence: Occurrence) -> Iterator[Reason]:
    """Uses by which columns may be assigned that this function does not name."""
    for use in occurrence.before:
        yield from _reasons(occurrence, use)
    statements = [
        use.point.node for use in occurrence.stores if isinstance(use.point.node, ast.stmt)
    ]
    implicit = assigns_implicitly(occurrence.project, occurrence.model)
    if implicit:
        text = f"{implicit}() of {occurrence.model.label} assigns to the object, unseen"
        yield Reason("handed-over", text)
    found = use_of_its_list(occurrence.inference, occurrence.path, statements)
    if found is not None:
        text = f"line {found[0].point.line} uses members of {found[1]} before the save"
        yield Reason("handed-over", text)


def _reasons(occurrence: Occurrence, use: Use) -> Iterator[Reason]:
    name, line, target = use.attribute or "", use.point.line, occurrence.target
    if use.kind == "read" and use.path == occurrence.path:
        yield from _of_read(occurrence, use)
    elif use.kind == "call" and name in occurrence.model.methods:
        if not _is_known_method(occurrence, use) and effects(occurrence, name) != frozenset():
            text = f"line {line} calls {target}.{name}(), which may assign to other columns"
            yield Reason("handed-over", text)
    elif use.kind in HANDING and not _is_quiet(occurrence, use):
        text = f"line {line} hands {target} to other code before the save"
        yield Reason("handed-over", text)


def _of_read(occurrence: Occurrence, use: Use) -> Iterator[Reason]:
    name, model = use.attribute or "", occurrence.model
    if name in model.properties and model.field(name) is None:
        if effects(occurrence, name) != frozenset():
            text = f"line {use.point.line} reads {name}, a property that may change the object"
            yield Reason("property-read", text)
    elif name in model.methods:
        text = f"line {use.point.line} hands on {occurrence.target}.{name}"
        yield Reason("handed-over", text)


def _is_known_method(occurrence: Occurrence, use: Use) -> bool:
    """Django's own methods that change no column: saves, and validation without own code."""
    if use.kind != "call" or use.path != occurrence.path:
        return False
    overrides = occurrence.model.overrides
    if use.attribute in _CLEANING:
        return not any(name in overrides for name in _CLEAN_OVERRIDES)
    return use.attribute in {"save", "asave"}


def _is_quiet(occurrence: Occurrence, use: Use) -> bool:
    """A known method, a nested function that only reads a column, or a query that is given it."""
    if _is_known_method(occurrence, use):
        return True
    field = occurrence.model.field(use.attribute or "")
    loads = isinstance(getattr(use.node, "ctx", None), ast.Load)
    if use.kind == "capture":
        return loads and field is not None and is_plain(field)
    return is_harmless(occurrence.inference, use.path, use, ())
