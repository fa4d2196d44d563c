"""Whether the index operations of a mixed migration can move to one of their own, and its name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.migration_values import Migration, Operation
from djfix.codemods.rules.concurrent_index.copying import NotCopied, new_migration
from djfix.codemods.rules.concurrent_index.places import lines_of, operation_nodes
from djfix.codemods.rules.concurrent_index.plans import CONCURRENT, Split
from djfix.codemods.rules.concurrent_index.writing import dependency_names

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.concurrent_index import ConcurrentIndexOptions
    from djfix.codemods.source.document import Document

INDEXES = frozenset({*CONCURRENT, *CONCURRENT.values()})
STATE_ONLY = frozenset({"AlterModelOptions", "AlterModelManagers"})
"""These change no table: they may be done twice, and fail with nothing half done."""

INDEPENDENT = STATE_ONLY | {"AddField", "AddConstraint", "AddConstraintNotValid"}
"""What may be done to a table before an index of it is built as well as after."""

_LEFTOVER = re.compile(r"\s*DROP INDEX CONCURRENTLY IF EXISTS \S+\s*")
_NUMBERED = re.compile(r"(\d{4})_(\w+)")


class NotSplit(Exception):  # noqa: N818
    """The operations must stay where they are, for `reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def others(migration: Migration) -> tuple[Operation, ...]:
    """The operations that are neither an index's nor without effect on tables."""
    return tuple(
        each
        for each in migration.operations
        if each.kind not in INDEXES | STATE_ONLY and not _drops_leftover(each)
    )


def _drops_leftover(operation: Operation) -> bool:
    sql = operation.call.argument(0, "sql")
    if operation.kind != "RunSQL" or sql is None or sql.string is None:
        return False
    return _LEFTOVER.fullmatch(sql.string) is not None


def split_of(
    document: Document, project: Project, migration: Migration, options: ConcurrentIndexOptions
) -> Split:
    """The plan that moves every index operation on a table that holds rows. Raises NotSplit, and
    UnusualLayout."""
    if not migration.is_new:
        raise NotSplit(_applied(migration))
    moved = [
        each
        for each in migration.operations
        if each.kind in CONCURRENT and project.migrations.creator(migration, each) is None
    ]
    check_movable(project, migration, moved)
    plan = Split(
        migration.key,
        new_name(project, migration),
        tuple(each.place for each in moved),
        tuple(each.kind for each in moved),
        tuple(_leftover(each, options) for each in moved),
        dependents_of(project, migration),
        latest_of(project, migration),
    )
    nodes = operation_nodes(document)
    for each in moved:
        lines_of(document, nodes[each.place])
    try:
        new_migration(plan, document)
    except NotCopied as error:
        text = f"the operation uses `{error.name}`, which the migration makes itself"
        raise NotSplit(Reason("local-name", text)) from None
    return plan


def check_movable(project: Project, migration: Migration, moved: Sequence[Operation]) -> None:
    """Whether operations may move behind all others, into a migration of their own. Raises
    NotSplit."""
    _check_order(migration, moved)
    if not project.migrations.is_label_sure(migration):
        text = "nothing in the migration's own dependencies shows the label of its app"
        raise NotSplit(Reason("unknown-label", text))
    if migration.run_before:
        text = "the migration says what it must run before, which the index would have to say too"
        raise NotSplit(Reason("run-before", text))


def _applied(migration: Migration) -> Reason:
    if migration.is_new is None:
        text = "git cannot tell whether the migration is new, and one that is applied stays whole"
        return Reason("mixed-unknown-history", text)
    text = "other operations stand beside the index, and a migration that is applied stays whole"
    return Reason("mixed-applied", text)


def _check_order(migration: Migration, moved: Sequence[Operation]) -> None:
    """What comes after the index must not mind that it comes later. Raises NotSplit."""
    for index in moved:
        for each in migration.operations[index.place + 1 :]:
            if each in moved or (each.kind and not _minds(each, index)):
                continue
            text = f"{each.kind or 'an operation'} after it may rest on the index"
            raise NotSplit(Reason("order", text))


def _minds(operation: Operation, index: Operation) -> bool:
    """Whether an operation may have another outcome before the index than after it."""
    if operation.kind in ("RenameModel", "DeleteModel", "SeparateDatabaseAndState"):
        return True
    return operation.model == index.model and operation.kind not in INDEPENDENT


def _leftover(operation: Operation, options: ConcurrentIndexOptions) -> str:
    given = operation.call.argument(1, "index")
    name = given.keyword("name") if given is not None and operation.kind == "AddIndex" else None
    return (name.string or "") if name is not None and options.drop_leftover else ""


def new_name(project: Project, migration: Migration) -> str:
    """The next number and the same words; the same number where the next is taken."""
    folder = posixpath.dirname(migration.path)
    taken = {
        posixpath.basename(path).removesuffix(".py")
        for path in project.files.paths
        if posixpath.dirname(path) == folder
    }
    numbered = _NUMBERED.fullmatch(migration.name)
    name = f"{migration.name}_concurrently"
    if numbered is not None:
        number = f"{int(numbered[1]) + 1:04}"
        if not any(each.startswith(f"{number}_") for each in taken):
            name = f"{number}_{numbered[2]}_concurrently"
    if name in taken:
        raise NotSplit(Reason("name-taken", f"there is a migration {name} already"))
    return name


def dependents_of(project: Project, migration: Migration) -> tuple[str, ...]:
    """The files of all apps whose `dependencies` name the migration. Raises NotSplit."""
    found: list[str] = []
    for path in project.migrations.files_spelling(migration.name):
        other = project.migrations.of(path)
        if other is None or other.path == migration.path:
            continue
        if other.unclear:
            text = f"the dependencies of {other.path} cannot be read"
            raise NotSplit(Reason("unclear-dependents", text))
        if migration.key not in other.dependencies:
            continue
        document = project.files.document(path)
        names = dependency_names(document, migration.key)
        if not other.is_new or not all(migration.name in document.segment(each) for each in names):
            text = f"{other.path} depends on it, and is not new"
            raise NotSplit(Reason("unclear-dependents", text))
        found.append(path)
    return tuple(sorted(found))


def latest_of(project: Project, migration: Migration) -> str:
    """django-linear-migrations keeps the name of the last migration in a file, which must agree."""
    path = posixpath.join(posixpath.dirname(migration.path), "max_migration.txt")
    if not project.files.exists(path):
        return ""
    is_it = project.files.read(path).rstrip() == migration.name.encode()
    return path if is_it else ""
