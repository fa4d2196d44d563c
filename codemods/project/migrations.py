"""The migrations of a project: operations, dependencies, what is new since the base branch.

https://docs.djangoproject.com/en/stable/howto/writing-migrations/. Files are read one by one, as
questions need them; an app's graph is the files of one folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.facts import ClassFacts, ExpressionFacts
from djfix.codemods.project.installed_apps import installed_app
from djfix.codemods.project.migration_values import Key, Migration, Operation

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

__all__ = ["Key", "Migration", "Migrations", "Operation"]

MIGRATION = "django.db.migrations.Migration"
BASES = frozenset({MIGRATION, "django.db.migrations.migration.Migration"})
OWN = ("django.db.migrations.", "django.contrib.postgres.operations.")
SWAPPABLE = "swappable_dependency"
ON_A_MODEL = frozenset(
    {"AddField", "AlterField", "RemoveField", "RenameField"}
    | {"AddIndex", "RemoveIndex", "RenameIndex", "AddIndexConcurrently", "RemoveIndexConcurrently"}
    | {"AddConstraint", "RemoveConstraint", "AlterConstraint"}
    | {"AddConstraintNotValid", "ValidateConstraint"}
)
"""Operations whose first argument is `model_name`; of the others on models it is `name`."""

ON_NAMED_MODEL = frozenset(
    {"CreateModel", "DeleteModel", "RenameModel", "AlterModelTable", "AlterModelTableComment"}
    | {"AlterUniqueTogether", "AlterIndexTogether", "AlterOrderWithRespectTo"}
    | {"AlterModelOptions", "AlterModelManagers"}
)

READ_BY_DJANGO = frozenset(
    {"__init__", "apply", "unapply", "mutate_state", "suggest_name"}
    | {"operations", "dependencies", "run_before", "replaces", "atomic", "initial"}
)
"""What a migration must not define by code, if it is to be read; other functions are its data
migrations' own."""

_CHANGED_LATER = re.compile(rb"\bMigration\.(?:operations|dependencies|atomic)\b")
"""`Migration.operations.append(...)` behind the class."""

DYNAMIC = Reason("dynamic-migration", "parts of the migration are worked out when it is loaded")


class Migrations:
    """Every answer is of the files as they are; what was asked before changes none."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read: dict[str, Migration | None] = {}

    def of(self, path: str) -> Migration | None:
        """The migration in a file; None if there is none that extends Django's own class."""
        if path not in self._read:
            self._read[path] = self._migration(path)
        return self._read[path]

    def beside(self, path: str) -> tuple[Migration, ...]:
        """All migrations in the folder of a file, by name."""
        others = self._folders.get(posixpath.dirname(path), ())
        return tuple(found for each in others if (found := self.of(each)) is not None)

    def naming(self, key: Key) -> tuple[Migration, ...]:
        """The migrations of any app that depend on one, run before it, or replace it."""
        found = (self.of(path) for path in self._project.files.containing(key[1].encode()))
        return tuple(
            each
            for each in found
            if each is not None and key in (*each.dependencies, *each.run_before, *each.replaces)
        )

    def files_spelling(self, name: str) -> tuple[str, ...]:
        """The Python files that hold a migration's name in any way."""
        return self._project.files.containing(name.encode())

    def leaves(self, path: str) -> tuple[Migration, ...]:
        """The migrations of a folder that no other of it depends on; one, unless they conflict."""
        mine = self.beside(path)
        needed = {key for each in mine for key in (*each.dependencies, *each.replaces)}
        needed |= {each.key for each in mine for other in mine if other.key in each.run_before}
        return tuple(each for each in mine if each.key not in needed)

    def creator(self, migration: Migration, operation: Operation) -> Migration | None:
        """The migration that makes an operation's table: this very one before the operation, or
        another that is new since the base branch as well. Such a table is still empty."""
        earlier = [each for each in migration.operations if each.place < operation.place]
        if operation.model in _made(earlier, frozenset()):
            return migration
        if not migration.is_new:
            return None
        made: frozenset[str] = frozenset()
        for each in self.beside(migration.path):
            if each.is_new and each.path != migration.path and not each.replaces:
                made = _made(each.operations, made)
                if operation.model in _made(earlier, made):
                    return each
        return None

    def field_before(
        self, migration: Migration, operation: Operation, name: str
    ) -> ExpressionFacts | None:
        """The field's definition that an operation meets: the last one on the one line of the
        app's migrations that leads to it. None where that line forks, or is not all here."""
        model, field = operation.model, name
        current: Migration | None = migration
        upto = operation.place
        seen: set[str] = set()
        while current is not None and current.path not in seen:
            seen.add(current.path)
            for each in reversed([one for one in current.operations if one.place < upto]):
                for one in reversed(list(each.on("state"))):
                    found = _definition(one, model, field)
                    if found is not None:
                        return found
                    model, field = _before_renaming(one, model, field)
            current, upto = self._parent(current), 1 << 30
        return None

    def fields_just_added(self, migration: Migration, model: str) -> frozenset[str]:
        """The fields that a model gets in this migration or the one before it."""
        parent = self._parent(migration)
        recent = [*migration.operations, *(parent.operations if parent else ())]
        names = [
            each.call.argument(1, "name")
            for each in recent
            if each.kind == "AddField" and each.model == model
        ]
        return frozenset(name.string for name in names if name is not None and name.string)

    def is_label_sure(self, migration: Migration) -> bool:
        """Whether the migration names another one of its folder by the label it is taken for."""
        folder = posixpath.dirname(migration.path)
        return any(
            app == migration.app and posixpath.join(folder, f"{name}.py") in self._paths
            for app, name in migration.dependencies
        )

    def label_of(self, model: str, app: str) -> str:
        """ "shop.Order" of a migration's model name, as its class is written, if there is one."""
        found = self._project.model_by_label(f"{app}.{model}", partial=True)
        return f"{app}.{model}" if found is None else found.label

    # -- reading --------------------------------------------------------------------------------

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._project.files.paths)

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._project.files.containing(b"class Migration", word=b"Migration"):
            found.setdefault(posixpath.dirname(path), []).append(path)
        return found

    def _parent(self, migration: Migration) -> Migration | None:
        names = {name for app, name in migration.dependencies if app == migration.app}
        if len(names) != 1:
            return None
        folder = posixpath.dirname(migration.path)
        return self.of(posixpath.join(folder, f"{next(iter(names))}.py"))

    def _migration(self, path: str) -> Migration | None:
        facts = self._project.module(path)
        own = None if facts is None else facts.class_at(("Migration",))
        if own is None or len(own.bases) != 1 or own.bases[0].kind != "name":
            return None
        if self._project.resolve(path, own.bases[0].name) not in BASES:
            return None
        new = self._project.configuration.new_files
        reader = _Reader(self._project, path, own)
        dependencies = reader.keys("dependencies")
        return Migration(
            path,
            self._app(path, dependencies),
            posixpath.basename(path).removesuffix(".py"),
            dependencies,
            reader.keys("run_before"),
            reader.keys("replaces"),
            reader.operations(),
            reader.atomic(),
            None if new is None else path in new,
            tuple(dict.fromkeys(reader.unclear)),
        )

    def _app(self, path: str, dependencies: tuple[Key, ...]) -> str:
        """The label of the app whose migrations a folder holds: as the settings and the AppConfig
        say, unless the migration's own dependencies tell otherwise."""
        label = self._configured_app(path)
        folder = posixpath.dirname(path)
        here = {
            app
            for app, name in dependencies
            if not name.startswith("0001_") and posixpath.join(folder, f"{name}.py") in self._paths
        }
        return next(iter(here)) if len(here) == 1 else label

    def _configured_app(self, path: str) -> str:
        package = (self._project.module_of(path) or "").rpartition(".")[0]
        for label, module in self._moved.items():
            if module == package:
                return label
        owner = package.rpartition(".")[0]
        if not owner:
            return posixpath.basename(posixpath.dirname(posixpath.dirname(path)))
        app = self._project.settings.app(package)
        if app is not None and app.module == owner:
            return app.label
        return installed_app(owner, self._project.files, self._project.roots).label

    @cached_property
    def _moved(self) -> dict[str, str]:
        """Labels of the apps whose migrations stand elsewhere (MIGRATION_MODULES)."""
        values = [value for _, value in self._project.settings.values("MIGRATION_MODULES") if value]
        return {
            label: module
            for value in values
            for label, entry in (value.entries or {}).items()
            if isinstance(module := entry.constant, str)
        }


class _Reader:
    """Reads the class of one migration; what it cannot read, it notes."""

    def __init__(self, project: Project, path: str, facts: ClassFacts) -> None:
        self.project = project
        self.path = path
        self.facts = facts
        is_own = any(each.name in READ_BY_DJANGO for each in facts.methods)
        later = _CHANGED_LATER.search(project.files.read(path)) is not None
        self.unclear: list[Reason] = [DYNAMIC] if facts.is_open or is_own or later else []

    def keys(self, name: str) -> tuple[Key, ...]:
        """Dependencies that name a migration; one on a swappable model names none."""
        found: list[Key] = []
        for each in self._items(name):
            texts = [item.string for item in each.items] if each.kind in ("tuple", "list") else []
            if len(texts) == 2 and texts[0] is not None and texts[1] is not None:
                found.append((texts[0], texts[1]))
            elif not self._is_swappable(each):
                self.unclear.append(DYNAMIC)
        return tuple(found)

    def atomic(self) -> bool | None:
        assigned = self.facts.assignment("atomic")
        value = None if assigned is None else assigned.value
        if value is None:
            return True
        return value.value if isinstance(value.value, bool) and value.kind == "constant" else None

    def operations(self) -> tuple[Operation, ...]:
        items = self._items("operations")
        return tuple(self._operation(each, place) for place, each in enumerate(items))

    def _items(self, name: str) -> tuple[ExpressionFacts, ...]:
        assigned = [each for each in self.facts.assignments if each.target == name]
        if not assigned:
            return ()
        value = assigned[0].value
        is_plain = len(assigned) == 1 and not assigned[0].operator and not assigned[0].condition
        if not is_plain or value is None or value.kind not in ("list", "tuple"):
            self.unclear.append(DYNAMIC)
            return ()
        if any(each.kind == "starred" for each in value.items):
            self.unclear.append(DYNAMIC)
        return value.items

    def _is_swappable(self, each: ExpressionFacts) -> bool:
        function = each.function
        return function is not None and function.name.rpartition(".")[2] == SWAPPABLE

    def _operation(self, call: ExpressionFacts, place: int) -> Operation:
        kind = self._kind(call)
        inner = self._inner(call) if kind == "SeparateDatabaseAndState" else ()
        return Operation(kind, call, place, _model(kind, call), inner)

    def _inner(self, call: ExpressionFacts) -> tuple[tuple[str, Operation], ...]:
        found: list[tuple[str, Operation]] = []
        for position, side in enumerate(("database", "state")):
            given = call.argument(position, f"{side}_operations")
            if given is None or given.is_constant(None):
                continue
            if given.kind not in ("list", "tuple"):
                self.unclear.append(DYNAMIC)
            found += [(side, self._operation(each, at)) for at, each in enumerate(given.items)]
        return tuple(found)

    def _kind(self, call: ExpressionFacts) -> str:
        """The name of Django's own operation that a call makes, "" for any other."""
        function = call.function
        if function is None or function.kind != "name":
            return ""
        resolved = self.project.resolve(self.path, function.name) or ""
        return resolved.rpartition(".")[2] if resolved.startswith(OWN) else ""


def _model(kind: str, call: ExpressionFacts) -> str:
    """The model that an operation is about, in lower case."""
    if kind not in ON_A_MODEL | ON_NAMED_MODEL:
        return ""
    # RenameModel is about the model of its old name; the other operations say `name`.
    named = "old_name" if kind == "RenameModel" else "name"
    first = call.argument(0, "model_name" if kind in ON_A_MODEL else named)
    return ((first and first.string) or "").lower()


def _made(operations: Iterable[Operation], made: frozenset[str]) -> frozenset[str]:
    """The models whose tables are new after these operations, renamed ones by their new names."""
    names = set(made)
    for operation in operations:
        for each in operation.on("database"):
            if each.kind == "CreateModel":
                names.add(each.model)
            elif each.kind == "RenameModel" and _renamed(each)[0] in names:
                names.add(_renamed(each)[1])
    return frozenset(names)


def _renamed(operation: Operation) -> tuple[str, str]:
    """The old and new names that RenameModel or RenameField gives, in lower case."""
    skip = 1 if operation.kind == "RenameField" else 0
    old = operation.call.argument(skip, "old_name")
    new = operation.call.argument(skip + 1, "new_name")
    return ((old and old.string) or "").lower(), ((new and new.string) or "").lower()


def _before_renaming(operation: Operation, model: str, field: str) -> tuple[str, str]:
    """The names that a model and a field had before an operation."""
    if operation.kind not in ("RenameModel", "RenameField"):
        return model, field
    old, new = _renamed(operation)
    if operation.kind == "RenameModel":
        return (old, field) if new == model else (model, field)
    return (model, old) if operation.model == model and new == field.lower() else (model, field)


def _definition(operation: Operation, model: str, field: str) -> ExpressionFacts | None:
    """The field as an operation defines it."""
    if operation.model != model:
        return None
    if operation.kind in ("AddField", "AlterField"):
        name = operation.call.argument(1, "name")
        is_it = name is not None and (name.string or "").lower() == field.lower()
        return operation.call.argument(2, "field") if is_it else None
    if operation.kind == "CreateModel":
        return next((value for name, value in _fields(operation) if name == field.lower()), None)
    return None


def _fields(operation: Operation) -> Iterator[tuple[str, ExpressionFacts]]:
    given = operation.call.argument(1, "fields")
    for each in given.items if given is not None else ():
        if each.kind == "tuple" and len(each.items) == 2 and each.items[0].string is not None:
            yield each.items[0].string.lower(), each.items[1]
