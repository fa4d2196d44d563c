"""What about a model makes an update differ from its `save()`, each with its stable reason name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.saving import models as saving
from djfix.codemods.inference.saving.columns import touched_fields
from djfix.codemods.inference.saving.routing import Routing

if TYPE_CHECKING:
    from djfix.codemods.project.models import Field, Model
    from djfix.codemods.project.project import Project

NUMERIC = frozenset({"integer", "decimal", "float", "duration"})
TEXT = frozenset({"char", "text"})

_UNIQUE = "UniqueConstraint"


def field_reasons(model: Model, field: Field) -> Iterator[Reason]:
    """Why changing this one column in SQL may not be what `save()` did."""
    if field.null:
        text = f"{model.label}.{field.name} may be NULL: None + n was a TypeError, NULL + n is NULL"
        yield Reason("nullable-field", text)
    if field.unique or field.name in _uniquely_grouped(model):
        text = f"{model.label}.{field.name} is unique: it is an order or a number, not a counter"
        yield Reason("unique-field", text)
    if field.has_choices or field.choices is not None:
        text = f"{model.label}.{field.name} has choices: it is a state, which two steps may leave"
        yield Reason("state-field", text)
    if not field.is_django_own:
        text = f"{model.label}.{field.name} is a {field.class_name}, not one of Django's own fields"
        yield Reason("custom-field", text)


def _uniquely_grouped(model: Model) -> frozenset[str]:
    names = {name for group in model.unique_together for name in group}
    for constraint in model.constraints:
        if constraint.function is not None and constraint.function.name.endswith(_UNIQUE):
            names |= {part.string for part in constraint.walk() if part.string}
    return frozenset(names)


def save_reasons(project: Project, model: Model) -> Iterator[Reason]:
    """Why `save(update_fields=...)` with an F expression may differ from the model's `save()`."""
    yield from saving.save_reasons(project, model, sees="the expression and update_fields")


def update_obstacles(project: Project, model: Model, field: Field) -> Iterator[Reason]:
    """Why `QuerySet.update()` can't stand in for `save()` on this model and field."""
    yield from save_reasons(project, model)
    for name in sorted(touched_fields(model)):
        yield Reason("auto-now", f"{model.label}.{name} is set by save() and not by update()")
    if field.model != model.name and _is_other_table(project, field.model):
        yield Reason("inherited-table", f"{field.name} is a column of {field.model}'s table")
    if project.settings.routers is None:
        yield Reason("settings-unknown", "DATABASE_ROUTERS was not found or not understood")
    elif project.settings.routers:
        yield Reason("database-router", "database routers choose where a save goes")
    if not model.default_manager.is_plain:
        text = f"{model.label}'s default manager is not Django's own"
        yield Reason("custom-manager", text)


def load_reasons(project: Project, model: Model) -> Iterator[Reason]:
    """Why an object more, or one less, that is loaded may be noticed."""
    for receiver in project.receivers(model.name, ("pre_init", "post_init")):
        text = f"{receiver.function} ({receiver.path}:{receiver.line}) runs for each object made"
        yield Reason("receiver", text)
    if "__del__" in model.methods:
        yield Reason("model-override", f"{model.label}.__del__ runs for each object made")


def refresh_reasons(project: Project, model: Model) -> Iterator[Reason]:
    """Why `refresh_from_db()` may do more than read the value: it makes an object of the row, which
    it asks the base manager for."""
    yield from load_reasons(project, model)
    if not model.base_manager.is_plain or model.base_manager.filters is not False:
        text = f"the base manager of {model.label} may leave out the row that is read again"
        yield Reason("custom-manager", text)


def routing_reasons(project: Project) -> Iterator[Reason]:
    """A row that is read from another database than it is written to may be missing, or old."""
    router = project.shared(Routing).differing
    if router:
        text = f"{router} may write the row to another database than it is read from"
        yield Reason("database-router", text)


def _is_other_table(project: Project, declaring: str) -> bool:
    parent = project.model(declaring, partial=True)
    return parent is None or not parent.abstract
