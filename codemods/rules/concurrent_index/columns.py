"""What a field makes of its column on PostgreSQL, and which changes write a whole table anew.

The types are those of `django.db.backends.postgresql.base.DatabaseWrapper.data_types`; that varchar
may grow, become text, and numeric gain digits without a rewrite is in
https://www.postgresql.org/docs/current/sql-altertable.html and was seen in `pg_relation_filenode`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import Constant, ExpressionFacts

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

FIELDS = ("django.db.models.", "django.contrib.postgres.fields.")
TEXTS = frozenset({"CharField", "EmailField", "SlugField", "URLField", "FileField", "ImageField"})
LENGTHS: dict[str, int] = {
    "EmailField": 254,
    "SlugField": 50,
    "URLField": 200,
    "FileField": 100,
    "ImageField": 100,
}
TYPES = {
    "AutoField": "integer",
    "IntegerField": "integer",
    "PositiveIntegerField": "integer",
    "BigAutoField": "bigint",
    "BigIntegerField": "bigint",
    "PositiveBigIntegerField": "bigint",
    "SmallAutoField": "smallint",
    "SmallIntegerField": "smallint",
    "PositiveSmallIntegerField": "smallint",
    "BooleanField": "boolean",
    "NullBooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "timestamptz",
    "TimeField": "time",
    "DurationField": "interval",
    "DecimalField": "numeric",
    "FloatField": "double precision",
    "JSONField": "jsonb",
    "TextField": "text",
    "UUIDField": "uuid",
    "BinaryField": "bytea",
    "GenericIPAddressField": "inet",
} | dict.fromkeys(TEXTS, "varchar")
CHECKED = frozenset(
    {"PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"}
)
RELATIONS = frozenset({"ForeignKey", "OneToOneField"})


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: the field's class. `type`: "" where it is not known. `length`: of a varchar, None for
    no limit; `digits` and `places`: of a numeric. -1 stands for what cannot be read."""

    kind: str
    type: str
    null: bool
    unique: bool
    index: bool
    has_default: bool
    stored: bool = False
    length: int | None = None
    digits: int | None = None
    places: int | None = None


def column_of(project: Project, path: str, given: ExpressionFacts) -> Column | None:
    """The column of a field of Django's own; None for any other class, or unread arguments."""
    function = given.function
    if function is None or any(name == "**" for name, _ in given.keywords):
        return None
    resolved = project.resolve(path, function.name) or ""
    kind = resolved.rpartition(".")[2]
    if not resolved.startswith(FIELDS) or not (kind in TYPES or kind in _OTHERS):
        return None
    return Column(
        kind,
        TYPES.get(kind, ""),
        _is(given, "null"),
        _is(given, "unique") or _is(given, "primary_key") or kind == "OneToOneField",
        _is(given, "db_index") or (kind == "SlugField" and given.keyword("db_index") is None),
        given.keyword("default") is not None,
        _is(given, "db_persist"),
        _number(given, "max_length", LENGTHS.get(kind)),
        _number(given, "max_digits", None),
        _number(given, "decimal_places", None),
    )


_OTHERS = RELATIONS | {"GeneratedField"}


def _is(given: ExpressionFacts, name: str) -> bool:
    value = given.keyword(name)
    return value is not None and value.is_constant(True)


def _number(given: ExpressionFacts, name: str, default: int | None) -> int | None:
    value = given.keyword(name)
    if value is None:
        return default
    plain: Constant = value.value if value.kind == "constant" else -1
    return plain if isinstance(plain, int) or plain is None else -1


def rewrites(before: Column, after: Column) -> str:
    """The change of type in words, where PostgreSQL writes the table anew for it; else ""."""
    if not before.type or not after.type or -1 in _sizes(before) or -1 in _sizes(after):
        return ""
    if before.type != after.type:
        if (before.type, after.type) in (("varchar", "text"), ("text", "varchar")):
            return _shrinks(before, after)
        return f"{before.type} becomes {after.type}"
    if before.type == "varchar":
        return _shrinks(before, after)
    if before.type == "numeric" and _changes_digits(before, after):
        return "numeric gets other decimal places, or fewer digits"
    return ""


def _changes_digits(before: Column, after: Column) -> bool:
    return before.places != after.places or (before.digits or 0) > (after.digits or 0)


def _sizes(column: Column) -> tuple[int | None, ...]:
    return (column.length, column.digits, column.places)


def _shrinks(before: Column, after: Column) -> str:
    if after.type == "text" or after.length is None:
        return ""
    if before.type == "text" or before.length is None or before.length > after.length:
        return f"{before.type} becomes varchar({after.length})"
    return ""


def scans(before: Column, after: Column) -> bool:
    """Whether each row is read, as for the CHECK of a positive number."""
    return after.kind in CHECKED and before.kind not in CHECKED
