"""What an attribute of a known value is: a field, a relation's other side, a manager."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.inference.parameters import is_view
from djfix.codemods.inference.returns import promised_by_property
from djfix.codemods.inference.stores import held_value
from djfix.codemods.inference.values import (
    Instance,
    Manager,
    ModelClass,
    Number,
    Plain,
    Request,
    Saved,
    Self,
    Unknown,
    Value,
)
from djfix.codemods.source.walking import walk

if TYPE_CHECKING:
    from djfix.codemods.inference.expressions import Inference
    from djfix.codemods.project.models import Field, Model

_OF_KIND: dict[str, Value] = {
    "integer": Number("int"),
    "decimal": Number("decimal"),
    "float": Number("float"),
    "duration": Number("timedelta"),
    "boolean": Number("bool"),
    "char": Plain("str"),
    "text": Plain("str"),
    "date": Plain("date"),
    "datetime": Plain("datetime"),
}
_MADE = frozenset({"create", "get-or-create"})


def attribute_of(inference: Inference, base: Value, attribute: ast.Attribute) -> Value:
    """What `base.attribute` is."""
    name = attribute.attr
    match base:
        case ModelClass():
            return _of_class(inference, base, name)
        case Instance():
            value = _of_instance(inference, base, name)
            is_column = isinstance(value, Number)
            return held_value(inference, base, attribute, value) if is_column else value
        case Request() if name == "user":
            user = inference.project.user_model(partial=True)
            if user is None:
                return Unknown("the user model is not known")
            return Instance(user.name, Saved.YES, "request-user", outlives=True, optional=True)
        case Self() if name == "request" and is_view(inference, base.class_name):
            return Request()
    return Unknown(f"the attribute {name} is not known")


def _of_class(inference: Inference, base: ModelClass, name: str) -> Value:
    model = inference.project.model(base.model, partial=True)
    if model is None:
        return Unknown()
    if name in model.managers or name in {"_default_manager", "_base_manager"}:
        return Manager(model.name, name)
    return Unknown(f"{name} is no manager of {model.label}")


def _of_instance(inference: Inference, base: Instance, name: str) -> Value:
    model = inference.project.model(base.model, partial=True)
    if model is None:
        return Unknown()
    field = _field_named(model, name)
    if field is not None:
        return _of_field(inference, base, field, name)
    if name in model.properties:
        return promised_by_property(inference, model.properties[name])
    reverse = model.reverse_named(name)
    if reverse is None:
        return Unknown(f"{name} is no field of {model.label}")
    if reverse.kind == "one-to-one":
        found = _related(inference, base, reverse.model, name, optional=False)
        return replace(found, owner=model.name) if isinstance(found, Instance) else found
    return Manager(reverse.model, name, related=True, owner=model.name)


def _field_named(model: Model, name: str) -> Field | None:
    if name == "pk":
        return next((field for field in model.fields.values() if field.primary_key), None)
    if name in model.fields:
        return model.fields[name]
    return next((field for field in model.fields.values() if field.attname == name), None)


def _of_field(inference: Inference, base: Instance, field: Field, name: str) -> Value:
    if field.relation is None:
        value = _OF_KIND.get(field.kind, Unknown(f"{name} is a {field.class_name}"))
        if field.has_pre_save is not False:
            return Unknown(f"{name} is a {field.class_name}, which has values of its own")
        if field.null and isinstance(value, Number):
            return Number(value.kind, optional=True)
        return value
    if name != field.name:
        return Unknown(f"{name} is a key")
    if field.relation.kind == "many-to-many":
        target = field.relation.target
        return Manager(target, name, related=True) if target else Unknown()
    found = _related(inference, base, field.relation.target, name, optional=field.null)
    if isinstance(found, Instance) and field.relation.kind == "one-to-one":
        return replace(found, owner=base.model)
    return found


def _related(
    inference: Inference, base: Instance, target: str | None, name: str, *, optional: bool
) -> Value:
    """The instance at the other end of a relation; the base instance caches and so holds it.

    What a relation of an object brought holds that object itself at its other end; what was made
    here holds the objects that it was made of.
    """
    if target is None or inference.project.model(target, partial=True) is None:
        return Unknown(f"the model that {name} points at is not known")
    made = base.origin in _MADE
    given = made or _stored_in(inference, name) or _is_owner(inference, base, target)
    saved = Saved.UNKNOWN if given else min(base.saved, Saved.YES)
    return Instance(target, saved, "relation", locked=base.locked, outlives=True, optional=optional)


def _is_owner(inference: Inference, base: Instance, target: str) -> bool:
    if not base.owner:
        return False
    return base.owner == target or inference.project.is_subclass(base.owner, target) is True


def _stored_in(inference: Inference, attribute: str) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.ctx, ast.Store)
        for node in walk(inference.function)
    )
