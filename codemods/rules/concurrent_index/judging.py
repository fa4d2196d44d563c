"""Which index operations hold up writers, and every reason to leave one to a person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from djfix.codemods.findings import (
    Declined,
    Evidence,
    Finding,
    NodeReference,
    Plain,
    Reason,
    Safety,
)
from djfix.codemods.project.migration_values import Migration, Operation
from djfix.codemods.rules.concurrent_index.costs import costs_of
from djfix.codemods.rules.concurrent_index.places import (
    UnusualLayout,
    atomic_place,
    operation_nodes,
)
from djfix.codemods.rules.concurrent_index.plans import CONCURRENT, Split, Swap
from djfix.codemods.rules.concurrent_index.splitting import INDEXES, NotSplit, others, split_of

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.concurrent_index import ConcurrentIndexOptions
    from djfix.codemods.source.document import Document

RULE = "concurrent-index"

NEW_TABLE = "new-table"
APPLIED = Reason(
    "applied",
    "the base branch has this migration: the change is harmless where it is applied, and edits"
    " history",
)
UNKNOWN_HISTORY = Reason(
    "unknown-history",
    "git cannot tell whether this migration is new since the base branch: the change is harmless"
    " where it is applied, and edits history",
)
SETTINGS_UNREAD = Reason(
    "settings-unread", "the settings take values from a module that is not in the repository"
)
MIGRATED_BY_CODE = Reason(
    "migrated-by-code",
    "code of the project runs migrations, perhaps inside a transaction, where no index can be"
    " built concurrently",
)
WITHOUT_TRANSACTION = Reason(
    "without-transaction",
    "other operations of this migration stay done, and are not recorded, where building the index"
    " fails",
)
SPLIT = Reason(
    "split",
    "the index moves to a migration of its own: whoever has applied this one migrates back first",
)
SQUASHED = Reason("squashed", "the migration replaces others, or is replaced by one")
UNREADABLE_ATOMIC = Reason("unknown-atomic", "whether the migration is atomic cannot be read")
PARTITIONED = Reason(
    "partitioned", "PostgreSQL cannot build an index concurrently on a partitioned table"
)
LAYOUT = Reason("unusual-layout", "the lines of the migration cannot be taken apart")

_PARTITIONS = re.compile(
    rb"(?i:PARTITION\s+(BY\s+(RANGE|LIST|HASH)|OF)\b)|Partitioned|create_hypertable"
)
_MIGRATING = re.compile(rb"MigrationExecutor|django_test_migrations|call_command\(\s*['\"]migrate")


def findings_in(
    document: Document, project: Project, options: ConcurrentIndexOptions
) -> Iterator[Finding | Declined]:
    """What one file's migration does to tables that hold rows."""
    migration = project.migrations.of(document.path)
    nodes = operation_nodes(document)
    if migration is None or len(nodes) != len(migration.operations):
        return
    for operation in migration.operations:
        node = nodes[operation.place]
        if operation.kind in CONCURRENT:
            yield _judged(document, project, migration, operation, node, options)
        else:
            yield from costs_of(document, project, migration, operation, node, options)


def _judged(
    document: Document,
    project: Project,
    migration: Migration,
    operation: Operation,
    node: ast.expr,
    options: ConcurrentIndexOptions,
) -> Finding | Declined:
    if migration.unclear:
        return Declined(RULE, document.path, node.lineno, migration.unclear[0])
    creator = project.migrations.creator(migration, operation)
    if creator is not None:
        text = f"{creator.name} makes the table, so it is still empty"
        return Declined(RULE, document.path, node.lineno, Reason(NEW_TABLE, text))
    obstacle = _obstacle(project, migration)
    if obstacle is not None:
        return _finding(document, project, migration, operation, node, (obstacle,))
    reasons = (*_own_index(project, migration, operation), *_doubts(project))
    try:
        plan, more = _plan(document, project, migration, operation, node, options)
    except UnusualLayout:
        return _finding(document, project, migration, operation, node, (LAYOUT,))
    except NotSplit as error:
        return _finding(document, project, migration, operation, node, (error.reason,))
    return _finding(document, project, migration, operation, node, (*more, *reasons), plan)


def _plan(
    document: Document,
    project: Project,
    migration: Migration,
    operation: Operation,
    node: ast.expr,
    options: ConcurrentIndexOptions,
) -> tuple[Swap | Split, tuple[Reason, ...]]:
    """The fix, and why it is for review, if it is. Raises UnusualLayout and NotSplit."""
    if others(migration) and migration.atomic:
        return split_of(document, project, migration, options), (SPLIT,)
    atomic_place(document)
    name = _index(operation) if options.drop_leftover and operation.kind == "AddIndex" else None
    swap = Swap(NodeReference.of(node), operation.kind, name or "")
    doubts = [WITHOUT_TRANSACTION] if others(migration) else []
    if not migration.is_new:
        doubts.append(UNKNOWN_HISTORY if migration.is_new is None else APPLIED)
    return swap, tuple(doubts)


def _obstacle(project: Project, migration: Migration) -> Reason | None:
    """Why no rewrite is certain at all."""
    if migration.replaces or _is_replaced(project, migration):
        return SQUASHED
    if migration.atomic is None:
        return UNREADABLE_ATOMIC
    engines = project.databases
    if engines.answer == "other":
        text = f"only PostgreSQL builds indexes concurrently ({engines.named})"
        return Reason("not-postgresql", text)
    if engines.answer == "unknown":
        text = f"every database must be PostgreSQL, those of tests too ({engines.named})"
        return Reason("unknown-engine", text)
    if _is_partitioned(project, migration):
        return PARTITIONED
    return _neighbour(migration)


def _is_replaced(project: Project, migration: Migration) -> bool:
    return any(migration.key in each.replaces for each in project.migrations.naming(migration.key))


def _neighbour(migration: Migration) -> Reason | None:
    """An operation of the same migration that may do anything."""
    for each in (inner for outer in others(migration) for inner in outer.on("database")):
        if each.kind in ("RunPython", "RunSQL"):
            text = (
                f"{each.kind} in the same migration: rows that it writes may keep the index from"
                " being built; give it a migration of its own"
            )
            return Reason("runs-code", text)
        if not each.kind:
            text = "the migration holds an operation that is not one of Django's"
            return Reason("unknown-operation", text)
    return None


def _is_partitioned(project: Project, migration: Migration) -> bool:
    paths = [each.path for each in project.migrations.beside(migration.path)]
    return any(_PARTITIONS.search(project.files.read(path)) for path in paths)


def _own_index(project: Project, migration: Migration, operation: Operation) -> Iterator[Reason]:
    """An index of a class that is not Django's: its `create_sql` may not take `concurrently`."""
    given = operation.call.argument(1, "index") if operation.kind == "AddIndex" else None
    if given is None:
        return
    called = given.function if given.kind == "call" else None
    resolved = project.resolve(migration.path, called.name) if called and called.name else None
    if resolved is None or not resolved.startswith("django."):
        text = "the index is not of one of Django's classes: it may not be built concurrently"
        yield Reason("custom-index", text)


def _doubts(project: Project) -> Iterator[Reason]:
    """Why a rewrite that is right in itself is for a person to look at."""
    engines = project.databases
    if engines.unread:
        yield SETTINGS_UNREAD
    if engines.timeout:
        text = (
            f"{engines.timeout} sets a timeout for statements or locks: an index that is stopped by"
            " it leaves invalid remains (see the option `drop-leftover`)"
        )
        yield Reason("timeout", text)
    if engines.mentioned:
        text = f"another database is named in {engines.mentioned[0]}"
        yield Reason("another-engine", text)
    running = [b"MigrationExecutor", b"django_test_migrations", b"call_command"]
    files = project.files
    own = any(path.endswith("management/commands/migrate.py") for path in files.paths)
    if own or any(_MIGRATING.search(files.read(path)) for path in files.containing(*running)):
        yield MIGRATED_BY_CODE


def _index(operation: Operation) -> str | None:
    """The name of the index, where it is written out."""
    given = operation.call.argument(1, "name" if operation.kind == "RemoveIndex" else "index")
    if given is None or operation.kind == "RemoveIndex":
        return None if given is None else given.string
    name = given.keyword("name")
    return None if name is None else name.string


def _finding(
    document: Document,
    project: Project,
    migration: Migration,
    operation: Operation,
    node: ast.expr,
    reasons: tuple[Reason, ...],
    plan: Swap | Split | None = None,
) -> Finding:
    model = project.migrations.label_of(operation.model, migration.app)
    safety = Safety.REPORT if plan is None else Safety.REVIEW if reasons else Safety.SAFE
    data: dict[str, Plain] = {"model": model, "index": _index(operation)}
    lines = plan.dependents if isinstance(plan, Split) else ()
    return Finding(
        rule=RULE,
        path=document.path,
        span=document.span(node),
        symbol=f"{project.module_of(document.path) or document.path}.Migration",
        message=_message(operation, model),
        safety=safety,
        anchor=ast.dump(node),
        reasons=reasons,
        evidence=tuple(_depending(project, path, migration) for path in lines),
        data=data,
        plan=plan,
    )


def _message(operation: Operation, model: str) -> str:
    if operation.kind == "AddIndex":
        return f"AddIndex: nobody can write to {model} while the index is built"
    return f"RemoveIndex: waits for a lock on {model} that all others then wait behind"


def _depending(project: Project, path: str, migration: Migration) -> Evidence:
    from djfix.codemods.rules.concurrent_index.writing import dependency_names

    names = dependency_names(project.files.document(path), migration.key)
    return Evidence(path, names[0].lineno, f"depends on {migration.name}")


__all__ = ["INDEXES", "findings_in"]
