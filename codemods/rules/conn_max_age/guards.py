"""What keeps connections from being kept, and what leaves the decision to a person."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.project.databases import POSTGRESQL, is_sqlite
from djfix.codemods.project.deployment import Giving, chain_of
from djfix.codemods.project.serving import Sign, signs_of
from djfix.codemods.project.setting_modules import setting
from djfix.codemods.project.setting_values import UNKNOWN, Absent, Value
from djfix.codemods.rules.conn_max_age.reading import read_whole

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.rules.conn_max_age.places import Entry

KEPT = POSTGRESQL | {
    "django.db.backends.mysql",
    "django.contrib.gis.db.backends.mysql",
    "mysql.connector.django",
}
"""Engines whose connections were measured to be kept, or that extend one of those."""

POOLING = ("dj_db_conn_pool", "django_db_geventpool", "django_postgrespool", "django_db_pool")
"""Engines that keep connections themselves."""

NATIVE_POOL = frozenset({"django.db.backends.postgresql", "django.contrib.gis.db.backends.postgis"})
"""Engines that know `OPTIONS["pool"]` (Django 5.1+)."""


@dataclass(frozen=True, slots=True)
class Database:
    """What the evaluated settings say of one alias, over all production modules that take it.

    `is_read`: nothing that could not be read may put another database in its place.
    """

    values: tuple[Value, ...]
    is_read: bool = True

    def entries(self, key: str) -> tuple[Value, ...]:
        return tuple(each.entry(key) for each in self.values)

    def has(self, key: str) -> bool:
        """Whether some module gives this key, for certain or in some case."""
        return any(_is_given(each) for each in self.entries(key))

    def lacks(self, key: str) -> bool:
        """Whether no module gives this key, for certain."""
        return all(each.is_absent for each in self.entries(key))

    @property
    def engines(self) -> frozenset[str]:
        found = (each for value in self.entries("ENGINE") for each in value.constants)
        return frozenset(each for each in found if isinstance(each, str))

    @property
    def engine_is_known(self) -> bool:
        return all(isinstance(each.constant, str) for each in self.entries("ENGINE"))

    @property
    def is_file(self) -> bool:
        """Whether it is SQLite, for certain."""
        return self.engine_is_known and self.names_only_files

    @property
    def names_only_files(self) -> bool:
        """Whether SQLite is the only engine that is named."""
        return bool(self.engines) and all(map(is_sqlite, self.engines))

    @property
    def has_pool(self) -> bool:
        """Whether a pool may be on: `pool: False` and `pool: {}` are off."""
        options = [each.entries or {} for each in self.entries("OPTIONS")]
        return any("pool" in each and _may_be_true(each["pool"]) for each in options)


def _is_given(value: Value) -> bool:
    constants = [each for each in value.constants if not isinstance(each, Absent)]
    return bool(constants or value.items is not None or value.entries is not None)


def _may_be_true(value: Value) -> bool:
    if value.entries is not None:
        return bool(value.entries) or not value.complete
    return not value.complete or any(each for each in value.constants)


def database_of(givings: list[Giving], alias: str) -> Database:
    """The alias as each production module ends up with it."""
    found = [setting(each.module.namespace, "DATABASES") or UNKNOWN for each in givings]
    is_read = all(each.complete for each in found)
    return Database(tuple(each.entry(alias) for each in found), is_read)


def stopped(project: Project, givings: list[Giving], database: Database) -> Reason | None:
    """Why a connection is better not kept here, or why it is not known to be lost; the first."""
    engines = database.engines
    if database.names_only_files:
        return Reason("no-server", "SQLite is all that it names, and has no server to connect to")
    if any(each.startswith(POOLING) for each in engines):
        return Reason("pooling-engine", "the engine keeps connections itself")
    if database.has_pool:
        return Reason("pool", 'OPTIONS["pool"] keeps the connections, and refuses CONN_MAX_AGE')
    return _stopped_by_service(project, givings) or _stopped_by_words(project, givings, database)


def _stopped_by_service(project: Project, givings: list[Giving]) -> Reason | None:
    named = next(_pgbouncer(project, givings), None)
    if named is not None:
        return Reason("pgbouncer", f"PgBouncer keeps the connections ({named})")
    for sign in project.shared(signs_of):
        if sign.kind == "asgi":
            text = f"under ASGI each kept connection stays open beside the others ({_at(sign)})"
            return Reason("asgi", text)
        if sign.kind == "green":
            text = f"each green thread would keep a connection of its own ({_at(sign)})"
            return Reason("green-threads", text)
    return None


def _at(sign: Sign) -> str:
    return f"{sign.evidence.path}:{sign.evidence.line}"


def _pgbouncer(project: Project, givings: list[Giving]) -> Iterator[str]:
    for path in _paths(project, givings):
        data = project.files.read(path)
        for word in (b"6432", b"DISABLE_SERVER_SIDE_CURSORS", b"pgbouncer", b"PGBOUNCER"):
            if word in data:
                yield f"{path}: {word.decode()}"
    for sign in project.shared(signs_of):
        if sign.kind == "pgbouncer":
            yield _at(sign)


def _paths(project: Project, givings: list[Giving]) -> list[str]:
    """All files that the production modules read, each once."""
    places = [place for each in givings for place in chain_of(project, each.module)]
    return list(dict.fromkeys(place.path for place in places))


def _stopped_by_words(project: Project, givings: list[Giving], database: Database) -> Reason | None:
    """A file that spells the setting may set it in a way that was not read."""
    if database.has("CONN_MAX_AGE"):
        return Reason("already-set", "CONN_MAX_AGE is set")
    if database.lacks("CONN_MAX_AGE"):
        return None
    for path in _paths(project, givings):
        data = project.files.read(path)
        if b"CONN_MAX_AGE" in data or b"conn_max_age" in data:
            return Reason("may-be-set", f"{path} names CONN_MAX_AGE, in a way that was not read")
    return None


def doubts(project: Project, entry: Entry, givings: list[Giving], database: Database,
           *, checked: bool) -> Iterator[Reason]:  # fmt: skip
    """Why a person has to look at it."""
    if not checked:
        text = (
            "each thread of each process keeps its connection: compare their number with the "
            "server's max_connections, then set `max-connections-checked`"
        )
        yield Reason("max-connections", text)
    if entry.shape != "dict":
        text = "which database it is comes from the environment"
        needs = "; dj-database-url knows `conn_health_checks` since 1.1"
        yield Reason("engine-from-url", f"{text}{needs if entry.shape == 'url' else ''}")
    elif not database.engine_is_known or not database.is_read or project.databases.unread:
        yield Reason("unread-settings", "not all of the settings could be read")
    elif not database.engines <= KEPT:
        other = ", ".join(sorted(database.engines - KEPT))
        yield Reason("unknown-engine", f"what `{other}` does with kept connections is not known")
    where = read_whole(project, _paths(project, givings)) if entry.shape == "dict" else ""
    if where:
        text = f"{where} goes through the entries of a database, or hands it on with the new ones"
        yield Reason("read-besides", text)
    yield from _doubts_of_place(project, entry, givings, database)


def _doubts_of_place(
    project: Project, entry: Entry, givings: list[Giving], database: Database
) -> Iterator[Reason]:
    if any(not each.own for each in givings):
        text = "modules for development and tests take this from here, too"
        yield Reason("shared-settings", text)
    if entry.conditional:
        yield Reason("conditional", "it stands in a branch")
    if entry.named:
        yield Reason("named-value", "the value stands under a name, and may be used again")
    if entry.shape == "dict" and _is_open(entry, database):
        yield Reason("unread-entries", "entries that could not be read may hold CONN_MAX_AGE")
    if project.versions.django.may_be_below(4, 1):
        yield Reason("old-django", "CONN_HEALTH_CHECKS does nothing before Django 4.1")


def _is_open(entry: Entry, database: Database) -> bool:
    """Whether entries are taken from elsewhere, or the settings may be changed by what follows."""
    unpacks = isinstance(entry.node, ast.Dict) and None in entry.node.keys
    return unpacks or not database.lacks("CONN_MAX_AGE")


def evidence_of(givings: list[Giving], path: str) -> tuple[Evidence, ...]:
    """The production modules that take it, where they stand in other files."""
    others = dict.fromkeys(each.module.path for each in givings if each.module.path != path)
    return tuple(Evidence(each, 1, "this production module takes it") for each in others)
