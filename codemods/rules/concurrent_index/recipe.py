"""The indexes of `db_index=True`, built concurrently in SQL beside the state, always for review.

The statements are those of Django's own schema editor on PostgreSQL, under its own names
(`BaseDatabaseSchemaEditor._create_index_name`, `postgresql.schema.DatabaseSchemaEditor`'s second
index of texts for LIKE), so that a later AlterField finds and drops them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.migration_values import Migration, Operation
from djfix.codemods.rules.concurrent_index.columns import Column, column_of
from djfix.codemods.rules.concurrent_index.plans import CONCURRENT, FieldIndex, IndexFields
from djfix.codemods.rules.concurrent_index.splitting import (
    NotSplit,
    check_movable,
    dependents_of,
    latest_of,
    new_name,
)

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

LONGEST_NAME = 63
"""Of anything in PostgreSQL; Django shortens longer names in ways that are not followed here."""

LIKE = {"varchar": "varchar_pattern_ops", "text": "text_pattern_ops"}
_OWN_NAMES = re.compile(rb"db_table|AlterModelTable|RenameModel|db_tablespace")


def index_name(table: str, column: str, suffix: str = "") -> str:
    """The name that Django gives to the index of one column."""
    digest = hashlib.md5(f"{table}{column}".encode(), usedforsecurity=False).hexdigest()[:8]
    return f"{table}_{column}_{digest}{suffix}"


def recipe_of(project: Project, migration: Migration) -> IndexFields | None:
    """The plan for every column of a migration that gets an index; None where any is unclear."""
    if not _is_plain(project, migration):
        return None
    indexed = [each for each in migration.operations if adds_index(project, migration, each)]
    fields = [_field_index(project, migration, each) for each in indexed]
    known = tuple(each for each in fields if each is not None)
    if not known or len(known) != len(fields):
        return None
    if len(known) == len(migration.operations) and all(each.kind == "AlterField" for each in known):
        return IndexFields(migration.key, "", known)
    try:
        check_movable(project, migration, indexed)
        name = new_name(project, migration)
        dependents = dependents_of(project, migration)
    except NotSplit:
        return None
    return IndexFields(migration.key, name, known, dependents, latest_of(project, migration))


def _is_plain(project: Project, migration: Migration) -> bool:
    """Whether the migration is new, atomic, of PostgreSQL, of tables under their default names."""
    if not migration.is_new or migration.unclear or migration.replaces or not migration.atomic:
        return False
    engines = project.databases
    if engines.answer != "postgresql" or engines.unread or engines.mentioned:
        return False
    if any(each.kind in CONCURRENT for each in migration.operations):
        return False
    others = [each.path for each in project.migrations.beside(migration.path)]
    return not any(_OWN_NAMES.search(project.files.read(path)) for path in others)


def adds_index(project: Project, migration: Migration, operation: Operation) -> bool:
    """Whether an operation gives a column of a table with rows an index, by `db_index` alone."""
    if operation.kind not in ("AddField", "AlterField"):
        return False
    column = _column(project, migration, operation)
    if column is None or not column.index or column.unique or not column.type:
        return False
    if project.migrations.creator(migration, operation) is not None:
        return False
    return operation.kind == "AddField" or _had_no_index(project, migration, operation)


def _column(project: Project, migration: Migration, operation: Operation) -> Column | None:
    given = operation.call.argument(2, "field")
    return None if given is None else column_of(project, migration.path, given)


def _had_no_index(project: Project, migration: Migration, operation: Operation) -> bool:
    name = operation.call.argument(1, "name")
    text = None if name is None else name.string
    before = project.migrations.field_before(migration, operation, text) if text else None
    column = None if before is None else column_of(project, migration.path, before)
    return column is not None and not column.index and not column.unique


def _field_index(project: Project, migration: Migration, operation: Operation) -> FieldIndex | None:
    """The statements for one column; None where its names or its other changes are not plain."""
    given = operation.call.argument(2, "field")
    name = operation.call.argument(1, "name")
    column = _column(project, migration, operation)
    if given is None or column is None or name is None or not name.string:
        return None
    said = {key for key, _ in given.keywords}
    if given.arguments or said & {"db_column", "db_collation", "db_tablespace"}:
        return None
    if "db_index" not in said:
        return None
    if operation.kind == "AlterField" and not _adds_only_index(project, migration, operation):
        return None
    statements = _statements(f"{migration.app}_{operation.model}", name.string, column)
    if statements is None:
        return None
    return FieldIndex(operation.place, operation.kind, statements)


def _adds_only_index(project: Project, migration: Migration, operation: Operation) -> bool:
    name, after = operation.call.argument(1, "name"), operation.call.argument(2, "field")
    assert name is not None
    assert name.string is not None
    before = project.migrations.field_before(migration, operation, name.string)
    return before is not None and after is not None and _told(before) == _told(after)


def _told(given: ExpressionFacts) -> object:
    """A field's definition without its index, and without the places in the file."""
    own = [(key, _plain(value)) for key, value in sorted(given.keywords) if key != "db_index"]
    return [_plain(each) for each in given.items], own


def _plain(given: ExpressionFacts) -> object:
    inner = [_plain(each) for each in given.items]
    words = [(key, _plain(value)) for key, value in given.keywords]
    return given.kind, given.name, repr(given.value), inner, words


def _statements(table: str, name: str, column: Column) -> tuple[tuple[str, str], ...] | None:
    """CREATE and DROP of each index that Django makes for the column; None for too long names."""
    wanted = [(index_name(table, name), f'"{name}"')]
    if column.type in LIKE:
        like = f'"{name}" {LIKE[column.type]}'
        wanted.append((index_name(table, name, "_like"), like))
    if any(len(index) > LONGEST_NAME for index, _ in wanted):
        return None
    return tuple(
        (
            f'CREATE INDEX CONCURRENTLY "{index}" ON "{table}" ({what})',
            f'DROP INDEX CONCURRENTLY IF EXISTS "{index}"',
        )
        for index, what in wanted
    )


def first_index(plan: IndexFields, place: int) -> str:
    """The name of the first index of the operation at a place."""
    found = next(each for each in plan.fields if each.place == place)
    return found.statements[0][0].split('"')[1]


def is_covered(plan: IndexFields, operation: Operation) -> bool:
    """Whether the plan is about an operation."""
    return any(each.place == operation.place for each in plan.fields)
