"""A creation with what is known of its model and of the relation that it goes through."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.values import Instance, Manager, QuerySet, Value
from djfix.codemods.project.models import Field, Model, ReverseRelation
from djfix.codemods.project.project import Project
from djfix.codemods.rules.bulk_create.shapes import Creation


@dataclass(frozen=True, eq=False)
class Place:
    """One creation. `rows`: what `create` is called on; None for `Model(...).save()`."""

    inference: Inference
    creation: Creation
    model: Model
    rows: Manager | QuerySet | None

    @property
    def project(self) -> Project:
        return self.inference.project

    @property
    def form(self) -> str:
        if self.is_related:
            return "related"
        return "list" if self.creation.listed else self.creation.made.how

    @property
    def is_related(self) -> bool:
        return self.rows is not None and self.rows.related

    @cached_property
    def owner(self) -> ast.expr | None:
        """`order` of `order.items.create(...)`."""
        receiver = self.creation.made.receiver
        if self.is_related and isinstance(receiver, ast.Attribute):
            return receiver.value
        return None

    @cached_property
    def owner_value(self) -> Value | None:
        return None if self.owner is None else self.inference.value(self.owner)

    @cached_property
    def relation(self) -> ReverseRelation | None:
        """The reverse side of a foreign key that the rows are made through."""
        receiver, value = self.creation.made.receiver, self.owner_value
        if not isinstance(receiver, ast.Attribute) or not isinstance(value, Instance):
            return None
        owner = self.project.model(value.model, partial=True)
        return None if owner is None else owner.reverse_named(receiver.attr)

    @property
    def given(self) -> dict[str, ast.expr]:
        """The columns that the call names, with their values."""
        keywords = self.creation.made.call.keywords
        return {each.arg: each.value for each in keywords if each.arg is not None}

    @property
    def unpacked(self) -> tuple[ast.expr, ...]:
        """What is given as `**x`."""
        keywords = self.creation.made.call.keywords
        return tuple(each.value for each in keywords if each.arg is None)

    @property
    def given_fields(self) -> frozenset[str]:
        fields = (self.model.field(name) for name in self.given)
        own = {field.name for field in fields if field is not None}
        return frozenset(own | ({self.relation.field} if self.relation is not None else set()))

    @property
    def others(self) -> tuple[Field, ...]:
        """The fields that the call leaves to their defaults."""
        given = self.given_fields
        return tuple(each for name, each in self.model.fields.items() if name not in given)


def is_kin(project: Project, one: str, other: str) -> bool:
    """Whether two models may share a table: one is the other, its parent, child or proxy."""
    if one == other:
        return True
    models = (project.model(one, partial=True), project.model(other, partial=True))
    first, second = (set(each.parents) | {each.name} if each else set() for each in models)
    return not first.isdisjoint(second)
