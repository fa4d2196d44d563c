"""What a project tells Celery as a whole, as values: settings, workers, what it says in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from djfix.codemods.findings import Reason
from djfix.codemods.project.setting_values import ABSENT, Value

WITHOUT_LIMITS = frozenset({"solo", "threads", "eventlet"})
"""Pools in which neither time limit works (measured with Celery 5.7: still hung after 8 s)."""


@dataclass(frozen=True, slots=True)
class CelerySetting:
    """One setting of Celery, as some module or application gives it.

    `name`: as Celery 4 and later have it ("task_time_limit"); `spelled`: as it is written. `value`:
    all that it may be. `line` 0: not found in the text.
    """

    name: str
    spelled: str
    value: Value
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class WorkerCommand:
    """A command that starts workers: `pool` None where it names none; `queues` of `-Q`.

    `options`: the names of all; `given`: those that have a value, with it.
    """

    path: str
    line: int
    text: str
    pool: str | None = None
    queues: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    def value(self, *names: str) -> str | None:
        """The value of the first option that goes by one of these names."""
        return next((value for name, value in self.given if name in names), None)


@dataclass(frozen=True, slots=True)
class SettingsSource:
    """A module of settings other than Django's, and the namespace that it is read under."""

    path: str
    namespace: str


def _none() -> Mapping[str, tuple[CelerySetting, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Celery:
    """The Celery configuration of a project.

    `applications`: dotted names of the module-level apps. `namespaces`: those under which the
    Django settings are read; empty if they are not. `modules`: the other modules of settings.
    `settings`: by name, all that hold.
    `ignored`: settings that look as if they held and do not, with what would
    (`CelerySetting.name`). `commands`: how workers are started, as far as files of the project
    say. `unclear`: why there may be other settings. `unread_limits`: path and line of what spells a
    global limit's name, and was not read as a setting.
    """

    applications: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    modules: tuple[SettingsSource, ...] = ()
    settings: Mapping[str, tuple[CelerySetting, ...]] = field(default_factory=_none)
    ignored: tuple[CelerySetting, ...] = ()
    commands: tuple[WorkerCommand, ...] = ()
    unclear: tuple[Reason, ...] = ()
    unread_limits: tuple[tuple[str, int], ...] = ()

    def values(self, name: str) -> tuple[CelerySetting, ...]:
        """All that give a setting; empty if nothing does."""
        return self.settings.get(name, ())

    def numbers(self, name: str) -> tuple[int | float, ...] | None:
        """The numbers that a setting may be, smallest first; None if it may be another thing.

        Empty: nothing sets it, or only to None, which is Celery's default for limits.
        """
        every = [setting.value for setting in self.values(name)]
        if any(not each.complete or each.items or each.entries for each in every):
            return None
        given = {each for value in every for each in value.constants if each is not None}
        given -= {ABSENT}
        numbers = [each for each in given if isinstance(each, int | float)]
        numbers = [each for each in numbers if not isinstance(each, bool)]
        return tuple(sorted(numbers)) if len(numbers) == len(given) else None

    @property
    def pools(self) -> tuple[tuple[str, str, int], ...]:
        """The pools that are named: (pool, path, line), from settings and commands."""
        found = [
            (each, setting.path, setting.line)
            for setting in self.values("worker_pool")
            for each in setting.value.constants
            if isinstance(each, str)
        ]
        found += [(each.pool, each.path, each.line) for each in self.commands if each.pool]
        return tuple(dict.fromkeys(found))
