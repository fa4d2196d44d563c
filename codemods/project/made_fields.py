"""Fields that no class body of the project declares: those of Django's own models, and those that
Django adds by itself (keys, parent links, order)."""

from __future__ import annotations

from dataclasses import dataclass

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.field_classes import attname_of, is_django_own, kind_of
from djfix.codemods.project.known.classes import KnownField, known_class
from djfix.codemods.project.models import Field, Relation, RelationKind


@dataclass(frozen=True, slots=True)
class Declaration:
    """A field as a class body declares it; what depends on the inheriting class is still open.

    `target`: the relation's target expression, or for a known model its dotted name.
    """

    field: Field
    kind: RelationKind | None = None
    target: ExpressionFacts | str | None = None
    through: ExpressionFacts | None = None


def known_declaration(cls: str, known: KnownField) -> Declaration:
    """A field of a known model."""
    relation = known.relation
    order = _known_order(known.class_name)
    target: ExpressionFacts | str | None = None
    kind: RelationKind | None = None
    if relation is not None:
        kind = relation.kind  # type: ignore[assignment]
        setting = ExpressionFacts("name", "django.conf.settings.AUTH_USER_MODEL")
        target = setting if relation.setting == "AUTH_USER_MODEL" else relation.target
    field = Field(
        name=known.name,
        attname=attname_of(known.name, kind),
        class_name=known.class_name,
        kind=kind_of(order),
        model=cls,
        declared_in=cls,
        null=known.null,
        unique=known.unique,
        primary_key=known.primary_key,
        auto_now=known.auto_now,
        auto_now_add=known.auto_now_add,
        auto_created=known.auto_created,
        default=ExpressionFacts("other", known.default) if known.default is not None else None,
        has_choices=known.choices,
        is_django_own=is_django_own(known.class_name),
        has_pre_save=known.has_pre_save,
        relation=None
        if relation is None or kind is None
        else Relation(
            target=None,
            kind=kind,
            related_name=relation.related_name,
            related_query_name=relation.related_query_name,
            db_constraint=relation.db_constraint,
            parent_link=relation.parent_link,
        ),
    )
    return Declaration(field, kind, target)


def automatic_key(cls: str, class_name: str, order: tuple[str, ...], *, is_own: bool) -> Field:
    """The `id` that Django adds to a model without a primary key."""
    return Field(
        name="id",
        attname="id",
        class_name=class_name,
        kind=kind_of(order),
        model=cls,
        declared_in=cls,
        unique=True,
        primary_key=True,
        auto_created=True,
        is_django_own=is_own,
        has_pre_save=False if is_own else None,
    )


def parent_link(cls: str, parent: str, parent_name: str) -> Field:
    """The one-to-one that Django adds for a concrete parent."""
    name = f"{parent_name.lower()}_ptr"
    return Field(
        name=name,
        attname=f"{name}_id",
        class_name="django.db.models.OneToOneField",
        kind="relation",
        model=cls,
        declared_in=cls,
        unique=True,
        auto_created=True,
        relation=Relation(target=parent, kind="one-to-one", parent_link=True),
    )


def order_field(cls: str) -> Field:
    """The column that Django adds for `Meta.order_with_respect_to`."""
    return Field(
        name="_order",
        attname="_order",
        class_name="django.db.models.OrderWrt",
        kind="integer",
        model=cls,
        declared_in=cls,
        auto_created=True,
    )


def _known_order(name: str) -> tuple[str, ...]:
    known = known_class(name)
    return known.resolution_order if known is not None else (name,)
