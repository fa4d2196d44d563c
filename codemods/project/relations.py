"""Where relations lead, by Django's rules for lazy references and accessor names.

https://docs.djangoproject.com/en/stable/ref/models/fields/#module-django.db.models.fields.related
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from djfix.codemods.project.classes import Classes
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.made_fields import Declaration
from djfix.codemods.project.meta import Options
from djfix.codemods.project.models import Field, Relation

USER_SETTING = "django.conf.settings.AUTH_USER_MODEL"


class Around(Protocol):
    """What resolving a target needs of the project."""

    @property
    def classes(self) -> Classes: ...
    def value_of(self, path: str, name: str, line: int) -> ExpressionFacts | None: ...
    def setting_text(self, name: str) -> str | None: ...
    def labelled(self, label: str) -> str | None: ...


def linked_relation(
    around: Around, declaration: Declaration, app_label: str, options: Options
) -> Field:
    """The field with its relation's target and names, as the owning model has them."""
    field = declaration.field
    relation = field.relation
    if relation is None or declaration.kind is None:
        return field
    target = _target(around, declaration.target, field, app_label)
    through = _target(around, declaration.through, field, app_label)
    linked = _named(relation, target, through, field, app_label, options)
    is_self = (
        isinstance(declaration.target, ExpressionFacts) and declaration.target.string == "self"
    )
    if relation.kind == "many-to-many" and _is_symmetrical(field.options, is_self):
        # Two sides of a symmetrical many-to-many are one: nothing stands on the other side.
        linked = replace(linked, accessor=None)
    return replace(field, relation=linked)


def _target(
    around: Around,
    target: ExpressionFacts | str | None,
    field: Field,
    app_label: str,
) -> str | None:
    if target is None:
        return None
    if isinstance(target, str):
        return target
    if field.path is None and target.name == USER_SETTING:
        return _by_label(around, around.setting_text("AUTH_USER_MODEL"), field, app_label)
    return _of_expression(around, target, field, app_label, depth=0)


def _of_expression(
    around: Around, target: ExpressionFacts, field: Field, app_label: str, depth: int
) -> str | None:
    if target.string is not None:
        return _by_label(around, target.string, field, app_label)
    if field.path is None or depth > 5:
        return None
    if target.kind == "call":
        return _of_call(around, target, field, app_label)
    if target.kind != "name":
        return None
    resolved = around.classes.names.resolve(field.path, target.name, (), target.line)
    if resolved is None:
        return None
    if resolved.startswith("django.conf.settings."):
        name = resolved.removeprefix("django.conf.settings.")
        return _by_label(around, around.setting_text(name), field, app_label)
    info = around.classes.class_named(resolved)
    if info is not None:
        return info.name
    value = around.value_of(field.path, target.name, target.line)
    if value is None or value == target:
        return None
    return _of_expression(around, value, field, app_label, depth + 1)


def _of_call(around: Around, call: ExpressionFacts, field: Field, app_label: str) -> str | None:
    """`get_user_model()`, `getattr(settings, "AUTH_USER_MODEL", "auth.User")`."""
    assert call.function is not None
    name = call.function.name
    if name.rpartition(".")[2] == "get_user_model":
        return around.classes.names.user_model()
    if name == "getattr" and len(call.arguments) >= 2 and field.path is not None:
        holder = around.classes.names.resolve(field.path, call.arguments[0].name, (), call.line)
        setting = call.arguments[1].string
        if holder == "django.conf.settings" and setting is not None:
            default = call.arguments[2].string if len(call.arguments) > 2 else None
            return _by_label(around, around.setting_text(setting) or default, field, app_label)
    return None


def _by_label(around: Around, label: str | None, field: Field, app_label: str) -> str | None:
    """ "self", "Model" of the owning model's app, or "app.Model"."""
    if label is None:
        return None
    if label == "self":
        return field.model
    return around.labelled(label if "." in label else f"{app_label}.{label}")


def _named(
    relation: Relation,
    target: str | None,
    through: str | None,
    field: Field,
    app_label: str,
    options: Options,
) -> Relation:
    if relation.kind in {"generic", "generic-foreign-key"}:
        query_name = relation.related_query_name if relation.kind == "generic" else None
        return replace(relation, target=target, query_name=query_name)
    own_name = field.model.rpartition(".")[2].lower()
    values = {"class": own_name, "model_name": own_name, "app_label": app_label.lower()}
    given = relation.related_name or options.text("default_related_name")
    related_name = _formatted(given, values)
    hidden = related_name is not None and related_name.endswith("+")
    automatic = own_name if relation.kind == "one-to-one" else f"{own_name}_set"
    accessor = None if hidden else related_name or automatic
    query_name = _formatted(relation.related_query_name, values) or related_name or own_name
    return replace(
        relation,
        target=target,
        through=through,
        related_name=related_name,
        accessor=accessor,
        query_name=query_name,
    )


def _is_symmetrical(options: Mapping[str, ExpressionFacts], is_self: bool) -> bool:
    """The `symmetrical` argument; without it, whether the target is spelled "self"."""
    given = options.get("symmetrical")
    return is_self if given is None else is_self and given.is_constant(True)


def _formatted(name: str | None, values: Mapping[str, str]) -> str | None:
    if name is None or "%" not in name:
        return name
    for key, value in values.items():
        name = name.replace(f"%({key})s", value)
    return name
