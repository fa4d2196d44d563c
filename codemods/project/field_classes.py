"""Django's field classes: what kind of value each holds, and how its arguments are named.

https://docs.djangoproject.com/en/stable/ref/models/fields/
"""

from __future__ import annotations

from collections.abc import Mapping

from djfix.codemods.project.models import FieldKind, RelationKind

FIELD = "django.db.models.Field"
GENERIC_FOREIGN_KEY = "django.contrib.contenttypes.fields.GenericForeignKey"
COMPOSITE_KEY = "django.db.models.CompositePrimaryKey"
GENERIC_RELATION = "django.contrib.contenttypes.fields.GenericRelation"

KINDS: Mapping[str, FieldKind] = {
    "django.db.models.AutoField": "integer",
    "django.db.models.IntegerField": "integer",
    "django.db.models.DecimalField": "decimal",
    "django.db.models.FloatField": "float",
    "django.db.models.DurationField": "duration",
    "django.db.models.CharField": "char",
    "django.db.models.TextField": "char",
    "django.db.models.DateTimeField": "datetime",
    "django.db.models.DateField": "date",
    "django.db.models.BooleanField": "boolean",
    "django.db.models.NullBooleanField": "boolean",
    "django.db.models.JSONField": "json",
    "django.db.models.ForeignKey": "relation",
    "django.db.models.ManyToManyField": "relation",
    "django.db.models.ForeignObject": "relation",
    GENERIC_RELATION: "relation",
    GENERIC_FOREIGN_KEY: "relation",
}

RELATION_KINDS: Mapping[str, RelationKind] = {
    "django.db.models.OneToOneField": "one-to-one",
    "django.db.models.ForeignKey": "foreign-key",
    "django.db.models.ForeignObject": "foreign-key",
    "django.db.models.ManyToManyField": "many-to-many",
    GENERIC_RELATION: "generic",
    GENERIC_FOREIGN_KEY: "generic-foreign-key",
}

POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "django.db.models.ManyToManyField": ("to", "related_name", "related_query_name"),
    GENERIC_RELATION: ("to", "object_id_field", "content_type_field"),
    "django.db.models.ForeignObject": ("to", "on_delete", "from_fields", "to_fields"),
    "django.db.models.ForeignKey": ("to", "on_delete", "related_name", "related_query_name"),
    GENERIC_FOREIGN_KEY: ("ct_field", "fk_field", "for_concrete_model"),
    "django.db.models.DateField": ("verbose_name", "name", "auto_now", "auto_now_add"),
    "django.db.models.DecimalField": ("verbose_name", "name", "max_digits", "decimal_places"),
    FIELD: (
        "verbose_name",
        "name",
        "primary_key",
        "max_length",
        "unique",
        "blank",
        "null",
        "db_index",
        "rel",
        "default",
    ),
}

VALUE_HOOKS = frozenset(
    {
        "pre_save",
        "get_prep_value",
        "get_db_prep_value",
        "get_db_prep_save",
        "from_db_value",
        "to_python",
        "contribute_to_class",
        "descriptor_class",
        "attr_class",
        "db_type",
        "get_internal_type",
        "get_placeholder",
        "save_form_data",
        "__init_subclass__",
    }
)
"""What makes the stored value differ from the attribute, or the attribute from a plain one."""

OUTSIDE_RELATIONS: Mapping[str, RelationKind] = {
    "OneToOneField": "one-to-one",
    "ManyToManyField": "many-to-many",
    "ForeignKey": "foreign-key",
    "ParentalKey": "foreign-key",
}
"""How other packages' relation classes end; their models still lead somewhere."""


def kind_of(order: tuple[str, ...]) -> FieldKind:
    return next((KINDS[each] for each in order if each in KINDS), "other")


def attname_of(name: str, kind: RelationKind | None) -> str:
    return f"{name}_id" if kind in {"foreign-key", "one-to-one"} else name


def is_django_own(name: str) -> bool:
    """Whether Django itself defines a class of this canonical name."""
    return name.startswith("django.")
