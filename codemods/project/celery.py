"""The Celery configuration of a project, linked: applications, Django settings, workers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.celery_applications import Configured, configured
from djfix.codemods.project.celery_names import OLD_NAMES, ignored_spellings, spellings
from djfix.codemods.project.celery_values import Celery, CelerySetting, SettingsSource
from djfix.codemods.project.deployment import Place, binding, place_of
from djfix.codemods.project.setting_expressions import Namespace
from djfix.codemods.project.setting_modules import SettingsReader, setting
from djfix.codemods.project.test_files import is_test
from djfix.codemods.project.worker_commands import worker_commands

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_LIMIT_NAME = re.compile(rb"\btask_(?:soft_)?time_limit\b|\bCELERYD?_(?:\w+_)?TIME_LIMIT\b")


@dataclass(frozen=True, slots=True)
class _Read:
    """A module of settings: its body, what it binds, and the namespace that Celery reads it under.

    `django`: Celery reads it through `django.conf.settings`, which has no name in lower case.
    """

    place: Place
    values: Namespace
    namespace: str
    django: bool

    def spellings(self, name: str) -> tuple[str, ...]:
        found = spellings(name, self.namespace)
        return tuple(each for each in found if each.isupper() or not self.django)

    def ignored(self, name: str) -> tuple[str, ...]:
        found = ignored_spellings(name, self.namespace)
        return (*found, name) if self.django else found


def celery_of(project: Project) -> Celery:
    """What a project tells Celery; `unclear` where it makes no application of its own."""
    found = configured(project)
    modules = [*_modules(project, found)]
    settings = [*found.settings, *_settings(project, modules)]
    by_name: dict[str, tuple[CelerySetting, ...]] = {}
    for each in settings:
        by_name[each.name] = (*by_name.get(each.name, ()), each)
    ignored = tuple(_ignored(project, modules))
    return Celery(
        applications=tuple(found.applications),
        namespaces=tuple(found.namespaces),
        modules=tuple(
            SettingsSource(each.place.path, each.namespace) for each in modules if not each.django
        ),
        settings=MappingProxyType(by_name),
        ignored=ignored,
        unread_limits=tuple(_unread_limits(project, [*settings, *ignored])),
        commands=worker_commands(project.files),
        unclear=tuple(dict.fromkeys([*found.unclear, *_unread(modules, found)])),
    )


def _modules(project: Project, found: Configured) -> Iterator[_Read]:
    for namespace in found.namespaces:
        for each in project.settings.running:
            yield _Read(place_of(project, each), each.namespace, namespace, django=True)
    reader = SettingsReader(project.files, project.roots)
    for module, namespace in found.modules:
        path = project.path_of(module)
        values = None if path is None else reader.module(path)
        if path is not None and values is not None:
            yield _Read(Place(path), values, namespace, django=False)


def _settings(project: Project, modules: Iterable[_Read]) -> Iterator[CelerySetting]:
    for each in modules:
        for name in OLD_NAMES:
            for spelled in each.spellings(name):
                value = setting(each.values, spelled)
                if value is not None and spelled in each.values.values:
                    where = _where(project, each.place, spelled)
                    yield CelerySetting(name, spelled, value, *where)


def _unread(modules: Iterable[_Read], found: Configured) -> Iterator[Reason]:
    if not found.applications:
        text = "the application that runs the tasks, and so its settings, was not found"
        yield Reason("celery-configuration", text)
    for each in modules:
        if not each.values.complete:
            text = f"{each.place.path} takes settings from what was not read"
            yield Reason("celery-configuration", text)


def _unread_limits(
    project: Project, settings: Iterable[CelerySetting]
) -> Iterator[tuple[str, int]]:
    """Names of global limits in code that sets them in a way that is not read, or may."""
    known = {(each.path, each.line) for each in settings}
    tests = {each.path for each in project.settings.modules if each.kind == "test"}
    files = project.files
    paths = {*files.containing(b"time_limit", b"TIME_LIMIT")} - tests
    for path in sorted(each for each in paths if not is_test(project, each)):
        for number, line in enumerate(files.read(path).split(b"\n"), 1):
            code = line.partition(b"#")[0]
            if _LIMIT_NAME.search(code) and (path, number) not in known:
                yield path, number


def _ignored(project: Project, modules: Iterable[_Read]) -> Iterator[CelerySetting]:
    """Settings that are spelled so that no application reads them.

    Where another library may read them, nothing is said: a name counts only if no other file of
    the project mentions it.
    """
    every = [*modules]
    held = {spelled for each in every for name in OLD_NAMES for spelled in each.spellings(name)}
    seen: set[tuple[str, str]] = set()
    for each in every:
        for name in OLD_NAMES:
            for spelled in each.ignored(name):
                value = setting(each.values, spelled)
                if spelled in held or value is None or spelled not in each.values.values:
                    continue
                where, line = _where(project, each.place, spelled)
                if line and (where, spelled) not in seen and not _is_used(project, spelled, where):
                    seen.add((where, spelled))
                    yield CelerySetting(name, spelled, value, where, line)


def _is_used(project: Project, spelled: str, path: str) -> bool:
    """Whether any code reads the setting: it is mentioned more often than it is set."""
    word = spelled.encode()
    files = project.files.containing(word, word=word)
    count = project.files.read(path).count(word)
    return any(each != path for each in files) or count > 1


def _where(project: Project, place: Place, spelled: str) -> tuple[str, int]:
    """Where a setting is assigned: in the body, in one that it takes everything from, or else (it
    may be included) in another file."""
    word = spelled.encode()
    others = (Place(each) for each in project.files.containing(word, word=word))
    for each in (place, *others):
        found = binding(project, each, spelled)
        if found is not None:
            return found[0].path, found[1].lineno
    return place.path, 0
