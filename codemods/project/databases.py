"""Which database engines a project may run on, tests included: an operation that only PostgreSQL
knows breaks every other one (`SchemaEditor.add_index() got an unexpected keyword argument`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from djfix.codemods.project.deployment import production_modules
from djfix.codemods.project.setting_files import SettingsModule
from djfix.codemods.project.setting_modules import setting
from djfix.codemods.project.setting_values import Absent, Value

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.files import Files

POSTGRESQL = frozenset(
    {
        "django.db.backends.postgresql",
        "django.db.backends.postgresql_psycopg2",
        "django.contrib.gis.db.backends.postgis",
        "dj_db_conn_pool.backends.postgresql",
        "django_db_geventpool.backends.postgis",
        "django_db_geventpool.backends.postgresql_psycopg2",
        "django_db_geventpool.backends.postgresql_psycopg3",
        "django_prometheus.db.backends.postgis",
        "django_prometheus.db.backends.postgresql",
        "psqlextra.backend",
    }
)
"""Engines whose schema editor is PostgreSQL's. Those that run migrations schema by schema, and
those of databases that only speak PostgreSQL's protocol, are not among them."""

SQLITE = "django.db.backends.sqlite3"
SQLITES = (SQLITE, "django.contrib.gis.db.backends.spatialite")
"""Django's own engines of files, which no server stands behind."""

OTHER_WORDS = (
    SQLITE.encode(),
    b"django.db.backends.mysql",
    b"django.db.backends.oracle",
    b"sqlite:/",
    b"spatialite",
)
"""How code outside of the settings, such as a test's, names another database."""

_TIMEOUT = re.compile(rb"(statement|lock)_timeout")
_STARS = re.compile(rb"^\s*from\s+[\w.]*?(\w+)\s+import\s+\*", re.MULTILINE)

Answer = Literal["postgresql", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Engines:
    """What the settings modules configure. `answer` "other": a database is of another kind for
    certain; "unknown": no settings, or an engine that comes from the environment.

    `named`: the first line's worth of why, as "module: engine". `unread`: parts of the settings
    could not be read and may say otherwise. `mentioned`: files that name another engine.
    `timeout`: a settings file that limits how long a statement may take or wait, "" for none.
    """

    answer: Answer
    named: str = ""
    has_postgresql: bool = False
    unread: bool = False
    mentioned: tuple[str, ...] = ()
    timeout: str = ""


def may_run_on_sqlite(project: Project) -> bool:
    """Whether a database of the deployed project is SQLite, at least in some case; where it cannot
    be told which settings are deployed, of any that run."""
    return any(map(is_sqlite, _deployed(project)))


def runs_on_sqlite(project: Project) -> bool:
    """Whether every database of the deployed project is SQLite in any case, of those of which
    `may_run_on_sqlite` asks."""
    engines = _deployed(project)
    return bool(engines) and all(map(is_sqlite, engines))


def is_sqlite(engine: str | None) -> bool:
    """Also what others make of them, such as `django_prometheus.db.backends.sqlite3`."""
    return engine is not None and engine.endswith(("sqlite3", "spatialite"))


def _deployed(project: Project) -> list[str | None]:
    modules = project.shared(production_modules) or project.settings.running
    return [engine for module in modules for _, engine in _engines_of(module)]


def engines_of(project: Project) -> Engines:
    """The engines of every settings module, also of those of another source root: tests often
    stand in one of their own."""
    modules = project.settings.modules
    deployed = [each for each in modules if each.kind != "base"] or list(modules)
    found = [one for module in deployed for one in _engines_of(module)]
    values = [setting(each.namespace, "DATABASES") for each in deployed]
    unread = any(value is not None and not value.complete for value in values)
    paths = {each.path for each in modules}
    unread = unread or any(_takes_unseen(project.files, path) for path in paths)
    judged = _judged(found, unread, _mentioning(project.files, paths))
    return replace(judged, timeout=_timeout(project.files, paths))


def _timeout(files: Files, settings: set[str]) -> str:
    holding = (path for path in sorted(settings) if _TIMEOUT.search(files.read(path)))
    return next(holding, "")


def _takes_unseen(files: Files, path: str) -> bool:
    """Whether settings take everything from a module that the repository does not hold: a
    developer's own `local_settings`."""
    names = _STARS.findall(files.read(path))
    if not names:
        return False
    held = {part for each in files.paths if each.endswith(".py") for part in _last_parts(each)}
    return any(name.decode() not in held for name in names)


def _mentioning(files: Files, settings: set[str]) -> tuple[str, ...]:
    return tuple(path for path in files.containing(*OTHER_WORDS) if path not in settings)


def _last_parts(path: str) -> tuple[str, ...]:
    """The module's own name and its folder's."""
    folders, name = path.split("/")[:-1], path.rpartition("/")[2].removesuffix(".py")
    return (name, *folders[-1:])


def _judged(
    found: list[tuple[str, str | None]], unread: bool, mentioned: tuple[str, ...]
) -> Engines:
    """`found`: module and engine, None where it comes from elsewhere."""
    has = any(engine in POSTGRESQL for _, engine in found)
    for module, engine in found:
        if engine is not None and engine not in POSTGRESQL:
            return Engines("other", f"{module}: {engine}", has, unread, mentioned)
    for module, engine in found:
        if engine is None:
            text = f"{module}: an engine from the environment"
            return Engines("unknown", text, has, unread, mentioned)
    if not found:
        return Engines("unknown", "no settings with databases were found", has, unread, mentioned)
    return Engines("postgresql", f"{found[0][0]}: {found[0][1]}", has, unread, mentioned)


def _engines_of(module: SettingsModule) -> Iterator[tuple[str, str | None]]:
    """Each engine that a module's databases may have; None for one that was not read."""
    value = setting(module.namespace, "DATABASES")
    if value is None:
        return
    if not value.entries:
        yield module.name, None
        return
    for database in value.entries.values():
        if not database.is_absent:
            yield from ((module.name, each) for each in _texts(database.entry("ENGINE")))


def _texts(value: Value) -> Iterator[str | None]:
    """The engines that an `ENGINE` may hold; without one it is Django's dummy: nothing at all."""
    for constant in value.constants:
        if isinstance(constant, str):
            yield constant
        elif not isinstance(constant, Absent):
            yield None
    if not value.complete:
        yield None
