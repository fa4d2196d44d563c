"""The linked picture of a project: the only thing that a rule may ask about other files.

Read-only and demand-driven: files are read when a question needs them, and no answer depends on
what was asked before. Nothing of the project is imported or run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from djfix.codemods.project.callers import Call, Callers, all_calls_of, callers_of
from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.facts import ExpressionFacts, ImportFacts, ModuleFacts
from djfix.codemods.project.importers import importers_of
from djfix.codemods.project.links import Links, SettingsFacts
from djfix.codemods.project.models import (
    AttributeInfo,
    Field,
    Manager,
    Model,
    PropertyInfo,
    Relation,
    ReverseRelation,
)
from djfix.codemods.project.names import ModuleTarget
from djfix.codemods.project.roots import Roots
from djfix.codemods.source.files import Files, WatchedFiles

if TYPE_CHECKING:
    from djfix.codemods.project.admin_values import AdminClass
    from djfix.codemods.project.apps import AppEffect
    from djfix.codemods.project.celery_values import Celery
    from djfix.codemods.project.databases import Engines
    from djfix.codemods.project.migrations import Migrations
    from djfix.codemods.project.serializer_values import Serializer
    from djfix.codemods.project.settings import Settings
    from djfix.codemods.project.signal_facts import SignalFacts
    from djfix.codemods.project.signals import Receiver
    from djfix.codemods.project.task_values import RemovedTask, Task
    from djfix.codemods.project.versions import Versions
    from djfix.codemods.source.cache import Cache
    from djfix.codemods.source.document import Document

__all__ = [
    "AttributeInfo",
    "Call",
    "Callers",
    "ClassInfo",
    "ExpressionFacts",
    "Field",
    "Manager",
    "MethodInfo",
    "Model",
    "ModuleFacts",
    "Project",
    "ProjectConfiguration",
    "PropertyInfo",
    "Relation",
    "ReverseRelation",
]


Shared = TypeVar("Shared")


@dataclass(frozen=True, slots=True)
class ProjectConfiguration:
    """What the user's configuration says about the project.

    `source_roots`: folders from the root, put on `sys.path` when the project runs.
    `known_apps`: installed apps that the user vouches for. `target_version`: Django's, None or
    "auto" to read the project's files. `test_paths`: prefixes of paths that hold tests.
    `new_files`: the migrations that are new since the base branch, so that no database but their
    author's has them; None: not known, so that any may be applied.
    """

    source_roots: tuple[str, ...] = ()
    known_apps: tuple[str, ...] = ()
    target_version: str | None = None
    test_paths: tuple[str, ...] = ()
    new_files: frozenset[str] | None = None


class Project:
    """One project. Dotted names in answers are canonical (`django.db.models.F`)."""

    def __init__(
        self,
        files: Files,
        *,
        cache: Cache | None = None,
        configuration: ProjectConfiguration | None = None,
    ) -> None:
        self.files = files
        self.cache = cache
        self.configuration = configuration or ProjectConfiguration()
        self.asked = False
        self._callers: dict[str, Callers] = {}
        self._all_calls: dict[tuple[str, int], tuple[Call, ...] | None] = {}
        self._shared: dict[Any, Any] = {}
        self._serializers: dict[str, Serializer | None] = {}
        self._tasks: dict[str, tuple[Task, ...]] = {}
        self._app_of: dict[str, tuple[str, str] | None] = {}
        self._settings_files = WatchedFiles(files)
        settings = SettingsFacts(self._installed_apps, self._installed_app, self._setting_text)
        self._all_links = Links(files, cache, self.configuration.source_roots, settings)

    def replaced(self, changes: Mapping[str, bytes | None]) -> Project:
        """The project with these contents, None for no such file: what only the changed files
        say is read again."""
        project = Project(
            self.files.replaced(changes), cache=self.cache, configuration=self.configuration
        )
        project.take_facts(self, changes)
        return project

    def take_facts(self, other: Project, changes: Mapping[str, bytes | None]) -> None:
        """Takes what another project has read of files, but for those that have other contents."""
        self._all_links.take_facts(other._all_links, changes)
        known = other.__dict__.get("_settings")
        rests_on = other._settings_files.asked
        same_roots = self._all_links.has_roots_of(other._all_links)
        if known is not None and same_roots and rests_on.isdisjoint(changes):
            self._settings_files.asked |= rests_on
            self.__dict__["_settings"] = known

    def let_go(self) -> None:
        """Takes this picture apart, once another stands for it: its parts know each other, so
        that they would stay until the garbage is collected."""
        self._all_links.let_go()
        self.__dict__.clear()

    def note(self, document: Document) -> None:
        """Reads the facts of a file that was parsed for its own sake, while there is its tree."""
        if "tree" in document.__dict__:
            self._all_links.facts(document.path)

    def shared(self, kind: Callable[[Project], Shared]) -> Shared:
        """What a floor above works out of this project and remembers: one of each kind.

        A remembered answer must not depend on which questions came before it.
        """
        self.asked = True
        if kind not in self._shared:
            self._shared[kind] = kind(self)
        shared: Shared = self._shared[kind]
        return shared

    def forget(self) -> None:
        """Marks that nothing was asked yet: `asked` tells whether a result rests on the project."""
        self.asked = False

    @property
    def _links(self) -> Links:
        self.asked = True
        return self._all_links

    @property
    def roots(self) -> Roots:
        """The source roots and the modules under them."""
        return self._links.roots

    # -- modules and names ----------------------------------------------------------------------

    def module_of(self, path: str) -> str | None:
        """The dotted name that a file is imported by; None if it has none of its own."""
        return self._links.roots.module_of(path)

    def path_of(self, module: str) -> str | None:
        """The file of a module; None if it is not of the project, or found twice."""
        return self._links.roots.path_of(module)

    def imported_from(self, path: str, statement: ImportFacts) -> str | None:
        """The file of the project that an import statement of this file names before `import`."""
        found = self._links.names.imported_module(path, statement)
        return found.path if isinstance(found, ModuleTarget) else None

    def module(self, path: str) -> ModuleFacts | None:
        """The facts of a file; None if it cannot be read or parsed."""
        return self._links.facts(path)

    def signal_facts(self, path: str) -> SignalFacts:
        """What a file connects to signals, and what its possible receivers look at."""
        return self._links.signal_facts(path)

    def resolve(
        self, path: str, dotted: str, scope: tuple[str, ...] = (), *, line: int | None = None
    ) -> str | None:
        """What `dotted`, as spelled in this file, stands for; None if unknown or ambiguous.

        `scope`: the names of the enclosing classes and functions, outermost first, so that
        imports inside functions are seen. Locals and parameters that hide a name are the
        caller's to check. `line`: for code that runs at import (class bodies, decorators): later
        bindings do not count. A variable of a module resolves to itself ("shop.views.logger"),
        attributes of what is defined in the project are appended unchecked.
        """
        return self._links.names.resolve(path, dotted, scope, line)

    def value_of(self, path: str, dotted: str) -> ExpressionFacts | None:
        """What a module-level name or class attribute, as spelled in this file, is assigned once
        in the project."""
        return self._links.value_of(path, dotted, 1 << 30)

    # -- classes --------------------------------------------------------------------------------

    def class_named(self, dotted: str) -> ClassInfo | None:
        """The project's or known class of this absolute name, in any spelling."""
        return self._links.classes.class_named(dotted)

    def mro(self, dotted: str) -> tuple[str, ...] | None:
        """The method resolution order without `object`; None if any base is unknown."""
        return self._links.classes.mro(dotted)

    def unknown_bases(self, dotted: str) -> tuple[str, ...]:
        """The bases, direct or not, that are no known class; the name itself if it is none."""
        return self._links.classes.unknown_bases(dotted)

    def is_subclass(self, dotted: str, base: str) -> bool | None:
        """Whether a class is or inherits from another; None if an unknown base hides it."""
        return self._links.classes.is_subclass(dotted, base)

    def method(self, cls: str, name: str) -> MethodInfo | None:
        """The member of this name along the MRO (up to where a base is unknown)."""
        return self._links.classes.method(cls, name)

    def added_from_outside(self, cls: str) -> frozenset[str]:
        """Names that code outside of its body gives a class; "*" for one that is not literal."""
        return self._links.additions(cls)

    def subclasses(self, dotted: str) -> tuple[str, ...]:
        """All of the project's classes that inherit from this one, sorted."""
        return self._links.classes.subclasses(dotted)

    def files_naming_base(self, word: str) -> tuple[str, ...]:
        """The files with a class that may inherit from what goes by this word, unread ones too."""
        return self._links.class_index.files_naming_base(word)

    def files_naming_base_like(self, part: str) -> tuple[str, ...]:
        """The files with a class that names a base with this in its name, unread ones too."""
        return self._links.class_index.files_naming_base_like(part)

    # -- models ---------------------------------------------------------------------------------

    def model(self, dotted: str, *, partial: bool = False) -> Model | None:
        """The model of this name; None if it is no model, or a base of it is unknown.

        `partial`: also models with unknown bases, which `unknown_bases` then names; what they
        say may be incomplete.
        """
        model = self._links.model(dotted)
        return None if model is None or (model.unknown_bases and not partial) else model

    def model_by_label(self, label: str, *, partial: bool = False) -> Model | None:
        """The model of a label like "shop.Order"; None if there is none, or more than one."""
        name = self._links.labelled(label)
        return None if name is None else self.model(name, partial=partial)

    def user_model(self, *, partial: bool = False) -> Model | None:
        """The model that AUTH_USER_MODEL names."""
        name = self._links.user_model_name()
        return None if name is None else self.model(name, partial=partial)

    def serializer(self, dotted: str) -> Serializer | None:
        """The REST framework serializer of this name; None if the project has no such class, or
        no known base makes it one. What could not be read is named in its `unclear`."""
        from djfix.codemods.project.serializers import serializer_of

        self.asked = True
        if dotted not in self._serializers:
            self._serializers[dotted] = serializer_of(self, dotted)
        return self._serializers[dotted]

    def admin_classes(self, path: str) -> tuple[AdminClass, ...]:
        """The classes of this file that extend ModelAdmin, or are registered as one."""
        from djfix.codemods.project.admin import admin_classes_of

        self.asked = True
        return admin_classes_of(self, path)

    def receivers(self, model: str, signals: Collection[str]) -> tuple[Receiver, ...]:
        """The receivers of these signals ("post_save", ...) that a model's events may reach."""
        from djfix.codemods.project.signals import receivers_of

        self.asked = True
        return receivers_of(self, model, signals)

    @cached_property
    def connections(self) -> tuple[Receiver, ...]:
        """Every connection to Django's model signals that the project makes."""
        from djfix.codemods.project.signals import find_receivers

        return find_receivers(self)

    # -- Celery ---------------------------------------------------------------------------------

    def tasks(self, path: str) -> tuple[Task, ...]:
        """The Celery tasks that a file defines, in its order."""
        from djfix.codemods.project.tasks import tasks_of

        self.asked = True
        if path not in self._tasks:
            self._tasks[path] = tasks_of(self, path)
        return self._tasks[path]

    def task(self, symbol: str) -> Task | None:
        """The task of the function or class of this dotted name."""
        from djfix.codemods.project.tasks import task_named

        self.asked = True
        return task_named(self, symbol)

    def removed_tasks(self, path: str) -> tuple[RemovedTask, ...]:
        """The decorators of a file that Celery 5 does not have any more."""
        from djfix.codemods.project.tasks import removed_tasks

        self.asked = True
        return removed_tasks(self, path)

    @property
    def celery(self) -> Celery:
        """What the project tells Celery as a whole: settings, applications, workers."""
        self.asked = True
        return self._celery

    @cached_property
    def _celery(self) -> Celery:
        from djfix.codemods.project.celery import celery_of

        return celery_of(self)

    # -- settings, apps, versions ---------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What the settings modules say."""
        self.asked = True
        return self._settings

    @cached_property
    def _settings(self) -> Settings:
        from djfix.codemods.project.settings import read_settings

        return read_settings(self._settings_files, self.roots)

    @property
    def versions(self) -> Versions:
        """The releases of Python, Django, DRF and Celery that the project runs on."""
        self.asked = True
        return self._versions

    @cached_property
    def _versions(self) -> Versions:
        from djfix.codemods.project.versions import versions_of

        return versions_of(self.files, self.configuration.target_version)

    def unknown_apps(self) -> tuple[str, ...] | None:
        """Installed apps that are neither known, read, nor vouched for; None: not found."""
        from djfix.codemods.project.apps import unknown_apps_of

        self.asked = True
        return unknown_apps_of(self)

    def known_app_effects(self, model: str) -> tuple[AppEffect, ...]:
        """What known installed apps do when instances of this model are saved."""
        from djfix.codemods.project.apps import known_app_effects_of

        self.asked = True
        return known_app_effects_of(self, model)

    def _installed_apps(self) -> tuple[str, ...] | None:
        return self._settings.installed_apps

    def _installed_app(self, module: str) -> tuple[str, str] | None:
        if module not in self._app_of:
            app = self._settings.app(module)
            self._app_of[module] = None if app is None else (app.module, app.label)
        return self._app_of[module]

    def _setting_text(self, name: str) -> str | None:
        """One string that a setting has wherever the project runs."""
        if name == "AUTH_USER_MODEL":
            return self._settings.auth_user_model
        value = self._settings.constant(name)
        return value if isinstance(value, str) else None

    # -- migrations and databases ---------------------------------------------------------------

    @property
    def migrations(self) -> Migrations:
        """The project's migrations, read one by one as they are asked for."""
        self.asked = True
        return self._migrations

    @cached_property
    def _migrations(self) -> Migrations:
        from djfix.codemods.project.migrations import Migrations

        return Migrations(self)

    @property
    def databases(self) -> Engines:
        """The engines of the databases that the settings configure, those of tests too."""
        self.asked = True
        return self._databases

    @cached_property
    def _databases(self) -> Engines:
        from djfix.codemods.project.databases import engines_of

        return engines_of(self)

    # -- uses -----------------------------------------------------------------------------------

    def importers(self, path: str, name: str) -> tuple[tuple[str, int], ...]:
        """Who uses a module's name from outside: imports, attributes of the module, strings that
        spell it (patches, settings). (path, line), sorted."""
        return importers_of(self._links, path, name)

    def callers(self, function: str) -> Callers:
        """The calls of a function or method of the project, and whether these are all."""
        links = self._links
        if function not in self._callers:
            self._callers[function] = callers_of(links, function)
        return self._callers[function]

    def all_calls(self, function: str, most: int) -> tuple[Call, ...] | None:
        """Every call of a function or method of the project; None where one may be missing, or
        there are more than `most`."""
        links = self._links
        if (function, most) not in self._all_calls:
            self._all_calls[function, most] = all_calls_of(links, function, most)
        return self._all_calls[function, most]
