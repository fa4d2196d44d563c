"""What else stops a large table, with what it was measured to cost; reported, never rewritten.

Measured on PostgreSQL 15, 1.5 million rows; the types by `pg_relation_filenode` before and after.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import Declined, Finding, Plain, Reason, Safety
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.migration_values import Migration, Operation
from djfix.codemods.rules.concurrent_index.columns import (
    Column,
    column_of,
    rewrites,
    scans,
)
from djfix.codemods.rules.concurrent_index.field_writing import is_writable
from djfix.codemods.rules.concurrent_index.plans import IndexFields, NoReverse
from djfix.codemods.rules.concurrent_index.recipe import first_index, is_covered, recipe_of
from djfix.codemods.rules.concurrent_index.reversing import reverse_plan

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.concurrent_index import ConcurrentIndexOptions
    from djfix.codemods.source.document import Document

RULE = "concurrent-index"
KNOWN_APPLIED = Reason("known-applied", "the base branch has this migration: its cost is paid")
REPLACES = Reason(
    "replaces-others", "a squash runs only where there is no table yet: elsewhere it is recorded"
)

SCHEMA = frozenset(
    {"AddField", "AlterField", "RemoveField", "AddIndex", "AddConstraint", "AlterUniqueTogether"}
)
_CONSTRAINTS = {
    "UniqueConstraint": Reason(
        "unique-constraint",
        "nobody can write while its index is built (2.2 s for 1.5 million rows); Django has no"
        " concurrent form: build a unique index concurrently, then add the constraint USING INDEX",
    ),
    "CheckConstraint": Reason(
        "check-constraint",
        "nobody can read or write while every row is checked (0.3 s for 1.5 million rows):"
        " AddConstraintNotValid, then ValidateConstraint in a migration of its own",
    ),
    "ExclusionConstraint": Reason(
        "exclusion-constraint", "nobody can write while its index is built"
    ),
}
TOGETHER = Reason("unique-together", "nobody can write while the index behind it is built")
NOT_NULL = Reason(
    "not-null",
    "every row is read, and those without a value are updated in one statement, while nobody can"
    " read or write (20 s for 1.5 million rows with a default): fill the column in batches, add"
    " a CHECK with AddConstraintNotValid, validate it, then set NOT NULL",
)
DB_INDEX = Reason(
    "field-index",
    "the index of the column is built inside the transaction, and nobody can write meanwhile (2 s"
    " for 1.5 million rows)",
)
IN_SQL = Reason(
    "index-in-sql",
    "the index is built in SQL, under Django's own name for it, in a migration that is not atomic:"
    " whoever has applied this one migrates back first",
)
UNIQUE = Reason(
    "unique-column",
    "nobody can write while the index of the column is built (2.2 s for 1.5 million rows)",
)
SAME_DEFAULT = Reason(
    "unique-default",
    "the default is worked out once and given to every row, so this fails with a duplicate key"
    " where the table holds two: add it nullable, fill it in batches, then make it unique",
)
GENERATED = Reason("stored-column", "a generated column that is stored rewrites the whole table")
NO_REVERSE = Reason(
    "no-reverse",
    "the migration cannot be taken back (IrreversibleError): say how, or with noop that there is"
    " nothing to do",
)
WITH_SCHEMA = Reason(
    "data-with-schema",
    "the locks of the schema change are held until the last row is written, and rows with foreign"
    ' keys make later changes fail ("pending trigger events"): split the migration',
)


def costs_of(
    document: Document,
    project: Project,
    migration: Migration,
    operation: Operation,
    node: ast.expr,
    options: ConcurrentIndexOptions,
) -> Iterator[Finding | Declined]:
    """At most one report on one operation that is no index's."""
    reasons = tuple(_reasons(project, migration, operation))
    if not reasons:
        return
    if migration.is_new is False or migration.replaces:
        reason = KNOWN_APPLIED if migration.is_new is False else REPLACES
        yield Declined(RULE, document.path, node.lineno, reason)
        return
    model = project.migrations.label_of(operation.model, migration.app) if operation.model else None
    plan = _plan(document, project, migration, operation, node, reasons, options)
    index = first_index(plan, operation.place) if isinstance(plan, IndexFields) else None
    data: dict[str, Plain] = {"model": model, "index": index}
    yield Finding(
        rule=RULE,
        path=document.path,
        span=document.span(node),
        symbol=f"{project.module_of(document.path) or document.path}.Migration",
        message=f"{operation.kind}{f' on {model}' if model else ''}: {reasons[0].name}",
        safety=Safety.REPORT if plan is None else Safety.REVIEW,
        anchor=ast.dump(node),
        reasons=(*reasons, IN_SQL) if isinstance(plan, IndexFields) else reasons,
        data=data,
        plan=plan,
    )


def _plan(
    document: Document,
    project: Project,
    migration: Migration,
    operation: Operation,
    node: ast.expr,
    reasons: tuple[Reason, ...],
    options: ConcurrentIndexOptions,
) -> IndexFields | NoReverse | None:
    """A fix for review, for the two reports that may have one."""
    if reasons == (DB_INDEX,):
        return _recipe(document, project, migration, operation)
    if options.noop_reverse and reasons == (NO_REVERSE,):
        return reverse_plan(node, operation.kind)
    return None


def _recipe(
    document: Document, project: Project, migration: Migration, operation: Operation
) -> IndexFields | None:
    plan = recipe_of(project, migration)
    if plan is None or not is_covered(plan, operation) or not is_writable(plan, document):
        return None
    return plan


def _reasons(project: Project, migration: Migration, operation: Operation) -> Iterator[Reason]:
    if operation.kind in ("RunPython", "RunSQL"):
        yield from _of_code(project, migration, operation)
        return
    engines = project.databases
    if engines.answer == "other" and not engines.has_postgresql:
        return
    if not operation.model or project.migrations.creator(migration, operation) is not None:
        return
    if operation.kind == "AddConstraint":
        yield from _of_constraint(project, migration, operation)
    elif operation.kind in ("AlterUniqueTogether", "AlterIndexTogether"):
        given = operation.call.argument(1, operation.kind[5:].replace("T", "_t").lower())
        if given is not None and any(each.kind in ("tuple", "list") for each in _inside(given)):
            yield TOGETHER
    elif operation.kind in ("AddField", "AlterField"):
        yield from _of_field(project, migration, operation)


def _inside(given: ExpressionFacts) -> Iterator[ExpressionFacts]:
    """The items of a list, tuple, set, or `set([...])`."""
    yield from (
        given.items
        if given.kind != "call"
        else (each for argument in given.arguments for each in argument.items)
    )


def _of_code(project: Project, migration: Migration, operation: Operation) -> Iterator[Reason]:
    reverse = "reverse_code" if operation.kind == "RunPython" else "reverse_sql"
    unpacked = any(name == "**" for name, _ in operation.call.keywords) or any(
        each.kind == "starred" for each in operation.call.arguments
    )
    given = operation.call.argument(1, reverse)
    if not unpacked and (given is None or given.is_constant(None)):
        yield NO_REVERSE
    code = operation.call.argument(0, "code")
    does_nothing = code is not None and code.name.endswith("RunPython.noop")
    if operation.kind != "RunPython" or does_nothing or not migration.atomic:
        return
    changed = [each for each in migration.operations if each.kind in SCHEMA]
    if any(project.migrations.creator(migration, each) is None for each in changed):
        yield WITH_SCHEMA


def _of_constraint(
    project: Project, migration: Migration, operation: Operation
) -> Iterator[Reason]:
    given = operation.call.argument(1, "constraint")
    function = None if given is None else given.function
    if function is None:
        return
    resolved = project.resolve(migration.path, function.name) or ""
    if resolved.startswith(("django.db.models.", "django.contrib.postgres.constraints.")):
        reason = _CONSTRAINTS.get(resolved.rpartition(".")[2])
        if reason is not None:
            yield reason


def _of_field(project: Project, migration: Migration, operation: Operation) -> Iterator[Reason]:
    name = operation.call.argument(1, "name")
    given = operation.call.argument(2, "field")
    if name is None or name.string is None or given is None:
        return
    after = column_of(project, migration.path, given)
    if after is None:
        return
    if operation.kind == "AddField":
        yield from _of_new_column(after)
        return
    definition = project.migrations.field_before(migration, operation, name.string)
    before = None if definition is None else column_of(project, migration.path, definition)
    if before is not None:
        yield from _of_change(before, after)


def _of_new_column(column: Column) -> Iterator[Reason]:
    if column.kind == "GeneratedField" and column.stored:
        yield GENERATED
    elif column.unique and not column.null and column.has_default:
        yield SAME_DEFAULT
    elif column.unique and column.kind != "OneToOneField":
        yield UNIQUE
    elif column.index:
        yield DB_INDEX


def _of_change(before: Column, after: Column) -> Iterator[Reason]:
    text = rewrites(before, after)
    if text:
        yield Reason(
            "rewrites-table",
            f"{text}: the whole table is written anew while nobody can read or write (6 s for 1.5"
            " million rows)",
        )
    elif scans(before, after):
        yield Reason("scans-table", "every row is read to see whether its value fits")
    if before.null and not after.null:
        yield NOT_NULL
    if after.unique and not before.unique:
        yield UNIQUE
    elif after.index and not before.index and not before.unique:
        yield DB_INDEX
