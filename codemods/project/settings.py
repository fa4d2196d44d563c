"""What the settings of a project say, as far as it holds in every settings module but tests'.

https://docs.djangoproject.com/en/stable/ref/settings/ has the meaning and the defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from djfix.codemods.project.installed_apps import InstalledApp, installed_app
from djfix.codemods.project.roots import Roots
from djfix.codemods.project.setting_expressions import Namespace
from djfix.codemods.project.setting_files import SettingsModule, settings_modules
from djfix.codemods.project.setting_modules import setting
from djfix.codemods.project.setting_values import ABSENT, Constant, Value, join, of_constant
from djfix.codemods.source.files import Files

USER = "auth.User"


def _no_databases() -> Mapping[str, str | None]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that hold in every module of the running project.

    `modules`: all that were found, those of tests and bases included.
    `installed_apps`: the dotted modules of the apps that some settings module may install, None if
    there are no settings or a part of a list could not be read; `apps_read` holds what was.
    `auth_user_model`: "app.Model"; None if modules disagree or it could not be read. Where only
    tests have settings, theirs.
    `databases`: alias -> engine (None where it comes from the environment); empty if there are no
    settings or they name none. `single_database`: None if not known.
    `routers`: whether DATABASE_ROUTERS is (or may be) filled; None if not known.
    `atomic_requests`: whether every database has ATOMIC_REQUESTS; None if modules disagree.
    """

    modules: tuple[SettingsModule, ...] = ()
    installed_apps: tuple[str, ...] | None = None
    apps_read: tuple[InstalledApp, ...] = ()
    auth_user_model: str | None = USER
    databases: Mapping[str, str | None] = field(default_factory=_no_databases)
    single_database: bool | None = None
    routers: bool | None = None
    atomic_requests: bool | None = None
    default_auto_field: str | None = None
    use_tz: bool | None = None
    middleware: tuple[str, ...] | None = None

    @property
    def running(self) -> tuple[SettingsModule, ...]:
        """The modules that a deployed or developed project may run with."""
        return tuple(each for each in self.modules if each.kind not in ("test", "base"))

    def values(self, name: str) -> tuple[tuple[SettingsModule, Value | None], ...]:
        """What each running module sets a name to; None: it certainly does not set it."""
        return tuple((each, setting(each.namespace, name)) for each in self.running)

    def constant(self, name: str, default: Constant = None) -> Constant:
        """The plain value that a setting has in every running module; ABSENT if there is no such
        one. `default` is Django's, for modules that do not set it."""
        found = [_over(each, default) for _, each in self.values(name)]
        return join(found).constant

    def entry(self, name: str, key: str) -> Value | None:
        """An entry of a dict setting such as REST_FRAMEWORK, over all running modules; None if
        none of them sets it."""
        found = [each.entry(key) for _, each in self.values(name) if each is not None]
        value = join(found) if found else of_constant(ABSENT)
        return None if value.is_absent else value

    def app(self, module: str) -> InstalledApp | None:
        """The innermost installed app that holds a module."""
        holding = [app for app in self.apps_read if f"{module}.".startswith(f"{app.module}.")]
        return max(holding, key=lambda app: len(app.module), default=None)


def read_settings(files: Files, roots: Roots, path: str | None = None) -> Settings:
    """The settings of a project; with a path, of the settings modules under the same source root
    as that file, if there are any there."""
    modules = settings_modules(files, roots)
    if path is not None:
        own = roots.sure_root(path)
        near = tuple(each for each in modules if each.root == own)
        modules = near if any(each.kind not in ("test", "base") for each in near) else modules
    return _linked(modules, files, roots)


def _linked(modules: tuple[SettingsModule, ...], files: Files, roots: Roots) -> Settings:
    running = [each.namespace for each in modules if each.kind not in ("test", "base")]
    if not modules:
        return Settings()
    if not running:
        tested = [each.namespace for each in modules]
        return Settings(modules=modules, auth_user_model=_text(tested, "AUTH_USER_MODEL", USER))
    apps = _apps(running, files, roots)
    databases = _databases(running)
    return Settings(
        modules=modules,
        installed_apps=tuple(app.module for app in apps) if _is_read(running) else None,
        apps_read=apps,
        auth_user_model=_text(running, "AUTH_USER_MODEL", USER),
        databases=databases,
        single_database=_is_single(running, databases),
        routers=_routers(running),
        atomic_requests=_atomic_requests(running),
        default_auto_field=_text(running, "DEFAULT_AUTO_FIELD", None),
        use_tz=_truth(running, "USE_TZ"),
        middleware=_middleware(running),
    )


def _apps(running: Iterable[Namespace], files: Files, roots: Roots) -> tuple[InstalledApp, ...]:
    entries = [value.texts for value in _set(running, "INSTALLED_APPS")]
    names = dict.fromkeys(name for texts in entries for name in texts)
    found = {app.module: app for app in (installed_app(name, files, roots) for name in names)}
    return tuple(found.values())


def _is_read(running: Iterable[Namespace]) -> bool:
    """Whether every module sets INSTALLED_APPS and all of it could be read."""
    values = [setting(each, "INSTALLED_APPS") for each in running]
    return all(
        value is not None
        and value.items is not None
        and value.complete
        and all(item.complete and item.items is None for item in value.items)
        for value in values
    )


def _set(running: Iterable[Namespace], name: str) -> list[Value]:
    return [value for each in running if (value := setting(each, name)) is not None]


def _text(running: Iterable[Namespace], name: str, default: str | None) -> str | None:
    found = join(_over(setting(each, name), default) for each in running).constant
    return found if isinstance(found, str) else None


def _truth(running: Iterable[Namespace], name: str) -> bool | None:
    found = join(_over(setting(each, name), None) for each in running).constant
    return found if isinstance(found, bool) else None


def _over(value: Value | None, default: Constant) -> Value:
    return of_constant(default) if value is None else value.or_default(default)


def _databases(running: Iterable[Namespace]) -> Mapping[str, str | None]:
    found: dict[str, list[Value]] = {}
    for value in _set(running, "DATABASES"):
        for alias, database in (value.entries or {}).items():
            if not database.is_absent:
                found.setdefault(alias, []).append(database.entry("ENGINE"))
    return MappingProxyType({alias: _engine(each) for alias, each in found.items()})


def _engine(values: list[Value]) -> str | None:
    engine = join(values).constant
    return engine if isinstance(engine, str) else None


def _is_single(running: Iterable[Namespace], databases: Mapping[str, str | None]) -> bool | None:
    if len(databases) > 1:
        return False
    values = _set(running, "DATABASES")
    is_read = bool(values) and all(each.complete and each.entries is not None for each in values)
    return True if is_read and databases else None


def _routers(running: Iterable[Namespace]) -> bool | None:
    values = _set(running, "DATABASE_ROUTERS")
    if any(value.items for value in values):
        return True
    return False if all(value.complete and value.items is not None for value in values) else None


def _atomic_requests(running: Iterable[Namespace]) -> bool | None:
    """True or False where it is the same for all databases of all modules that name any."""
    found = [
        database.entry("ATOMIC_REQUESTS")
        for value in _set(running, "DATABASES")
        for database in (value.entries or {}).values()
    ]
    if not found:
        return None
    value = join(each.or_default(False) for each in found).constant
    return value if isinstance(value, bool) else None


def _middleware(running: Iterable[Namespace]) -> tuple[str, ...] | None:
    value = join(_set(running, "MIDDLEWARE") or [of_constant(None)])
    return value.texts if value.items is not None and value.is_read else None
