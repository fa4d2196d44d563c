"""Describes the classes of the Django, DRF and Celery that this interpreter has installed.

    ENVIRONMENT/bin/python scripts/described_classes.py

prints the description as JSON; `known_classes.py` runs it and merges what several print.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from measured_overrides import measured_overrides

PACKAGES = ("django", "rest_framework", "celery")

SKIPPED = (
    "django.conf.locale",
    "django.conf.app_template",
    "django.conf.project_template",
    "django.contrib.gis.gdal",
    "django.contrib.gis.geos",
    "django.contrib.gis.utils",
    "django.contrib.gis.management",
    "django.contrib.gis.sitemaps",
    "django.contrib.staticfiles.management",
    "django.core.management.commands",
    "django.core.management.templates",
    "django.core.management.sql",
    "django.core.management.utils",
    "django.core.servers",
    "django.core.checks",
    "django.core.handlers",
    "django.db.backends",
    "django.db.migrations.autodetector",
    "django.db.migrations.executor",
    "django.db.migrations.graph",
    "django.db.migrations.loader",
    "django.db.migrations.optimizer",
    "django.db.migrations.questioner",
    "django.db.migrations.recorder",
    "django.db.migrations.serializer",
    "django.db.migrations.state",
    "django.db.migrations.writer",
    "django.db.models.sql",
    "django.template.loaders",
    "django.template.backends",
    "django.template.smartif",
    "django.test.runner",
    "django.test.selenium",
    "django.utils._os",
    "django.utils.autoreload",
    "django.utils.feedgenerator",
    "django.utils.termcolors",
    "django.utils.translation.trans_null",
    "django.utils.translation.trans_real",
    "django.utils.translation.template",
    "django.views.debug",
    "django.views.i18n",
    "rest_framework.compat",
    "rest_framework.management",
    "rest_framework.schemas.generators",
    "rest_framework.templatetags",
    "rest_framework.utils",
)
CELERY = ("celery", "celery.app", "celery.app.base", "celery.app.task", "celery.schedules",
          "celery.signals", "celery.canvas", "celery.exceptions", "celery.result",
          "celery.utils.log", "celery.states", "celery.local", "celery.contrib.django.task",
          "celery._state", "celery.app.registry", "celery.beat")  # fmt: skip

PUBLIC_PACKAGES = (
    "django.db.models",
    "django.db.models.functions",
    "django.db",
    "django.contrib.gis.db.models",
    "django.contrib.gis.forms",
    "django.contrib.gis.geos",
    "django.contrib.postgres.fields",
    "django.contrib.postgres.aggregates",
    "django.contrib.postgres.forms",
    "django.contrib.auth",
    "django.contrib.admin",
    "django.forms",
    "django.http",
    "django.views",
    "django.views.generic",
    "django.urls",
    "django.dispatch",
    "django.apps",
    "django.conf",
    "django.core.cache",
    "django.core.mail",
    "django.core.management",
    "django.core.files",
    "django.template",
    "django.test",
    "django.utils.translation",
    "django.db.migrations",
    "celery",
)
"""What these export from their own submodules is named after them."""

PUBLIC_MODULES = {
    "django.contrib.auth.models": ("django.contrib.auth.base_user",),
    "django.contrib.sessions.models": ("django.contrib.sessions.base_session",),
    "rest_framework.serializers": ("rest_framework.fields", "rest_framework.relations"),
}
"""Modules whose re-exports are what code names, and where these are defined."""

HOMES_OF_OBJECTS = (
    "django.db.models.signals",
    "django.core.signals",
    "django.contrib.auth.signals",
    "django.conf",
    "django.urls",
    "django.utils.translation",
    "celery.signals",
)
"""Where signals, settings and lazy functions live, which do not say where they are defined."""

PREFERRED = (*HOMES_OF_OBJECTS, *PUBLIC_PACKAGES, *PUBLIC_MODULES)

APPS = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.redirects",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.syndication",
    "rest_framework",
    "rest_framework.authtoken",
)

AUTOMATIC = frozenset(
    {
        *("__module__", "__doc__", "__dict__", "__weakref__", "__slots__", "__qualname__"),
        *("__firstlineno__", "__static_attributes__", "__annotations__", "__orig_bases__"),
        *("__annotate__", "__annotate_func__", "__annotations_cache__", "__classcell__"),
        *("__parameters__", "__type_params__", "__class_getitem__", "__match_args__"),
        *("__abstractmethods__", "_abc_impl", "__dataclass_fields__", "__dataclass_params__"),
    }
)

MODEL_MEMBERS = frozenset({"DoesNotExist", "MultipleObjectsReturned", "NotUpdated", "_meta"})

Description = dict[str, Any]


def describe() -> Description:
    """What the packages of this interpreter define: versions, names, classes, models."""
    set_up_django()
    make_tables()
    modules = list(imported_modules())
    canonical = canonical_names(modules)
    classes = {canonical[id(cls)]: cls for cls in known_classes(modules, canonical)}
    return {
        "version": django_version(),
        "names": alias_names(modules, canonical),
        "classes": {
            name: class_description(name, cls, canonical)
            for name, cls in with_external_bases(classes, canonical).items()
        },
        "models": {
            name: model_description(cls, canonical)
            for name, cls in sorted(classes.items())
            if is_model(cls)
        },
        "apps": [app_description(name) for name in APPS],
    }


def django_version() -> str:
    import django

    return ".".join(map(str, django.VERSION[:2]))


def set_up_django() -> None:
    import django
    from django.conf import settings

    stand_in_for_geographic_libraries()
    settings.configure(
        INSTALLED_APPS=APPS,
        SITE_ID=1,
        SECRET_KEY="describes classes only",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        ROOT_URLCONF="django.contrib.auth.urls",
        STATIC_URL="/static/",
        USE_TZ=True,
    )
    django.setup()


def make_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def stand_in_for_geographic_libraries() -> None:
    """Lets `django.contrib.gis.db.models` be imported where GDAL and GEOS are not installed."""
    import ctypes

    real = ctypes.CDLL

    class Function:
        def __call__(self, *args: Any) -> bytes:
            return b"3.8.0"

    class Library:
        def __getattr__(self, name: str) -> Function:
            return Function()

        __getitem__ = __getattr__

    def load(name: Any, *args: Any, **kwargs: Any) -> Any:
        return Library() if name == "djfix-stand-in" else real(name, *args, **kwargs)

    ctypes.CDLL = load  # type: ignore[misc, assignment]
    from django.conf import global_settings

    global_settings.GDAL_LIBRARY_PATH = "djfix-stand-in"  # type: ignore[attr-defined]
    global_settings.GEOS_LIBRARY_PATH = "djfix-stand-in"  # type: ignore[attr-defined]


def imported_modules() -> Iterator[Any]:
    import importlib

    for name in sorted({*PREFERRED, *module_names()}):
        try:
            yield importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - an optional dependency that is not installed
            print(f"  not importable: {name}: {error!r}"[:150], file=sys.stderr)


def module_names() -> Iterator[str]:
    import importlib
    import pkgutil

    yield from CELERY
    for package in PACKAGES[:2]:
        yield package
        root = importlib.import_module(package)
        for info in pkgutil.walk_packages(root.__path__, package + ".", onerror=lambda name: None):
            if not is_skipped(info.name):
                yield info.name


def is_skipped(name: str) -> bool:
    parts = name.split(".")
    return (
        name.startswith(SKIPPED)
        or "migrations" in parts[2:-1]
        or (parts[-1] == "migrations" and "contrib" in parts)
        or "backends" in parts[:-1]
        or "__main__" in parts
        or "commands" in parts
        or (".contrib." in name and "tests" in parts)
    )


def canonical_names(modules: Iterable[Any]) -> dict[int, str]:
    """Object identity -> the one name that every other spelling is resolved to."""
    names: dict[int, str] = {}
    ranked = sorted(modules, key=lambda module: rank(module.__name__))
    for module in ranked:
        for name, value in members(module):
            if id(value) not in names and is_nameable(value):
                names[id(value)] = home(module, name, value)
    return names


def rank(module: str) -> tuple[int, int, str]:
    position = PREFERRED.index(module) if module in PREFERRED else len(PREFERRED)
    return position, module.count("."), module


def members(module: Any) -> Iterator[tuple[str, Any]]:
    for name in sorted(set(dir(module))):
        if not name.startswith("_"):
            try:
                yield name, getattr(module, name)
            except Exception:  # noqa: BLE001 - a lazy attribute that needs what is not installed
                continue


def home(module: Any, name: str, value: Any) -> str:
    """The public module's spelling if it holds the object under its own name, else where it is
    defined."""
    defined = definition(value)
    spelled = f"{module.__name__}.{name}"
    if defined is None:
        return spelled
    return spelled if is_public(module.__name__, name, defined) else defined


def is_public(module: str, name: str, defined: str) -> bool:
    source, _, own = defined.rpartition(".")
    if own != name:
        return False
    if module in PUBLIC_PACKAGES:
        return source.startswith(module + ".")
    return source in PUBLIC_MODULES.get(module, ())


def definition(value: Any) -> str | None:
    """Where the object says that it is defined, if it is found there."""
    name = getattr(value, "__qualname__", None)
    module = getattr(value, "__module__", None)
    if not isinstance(name, str) or not isinstance(module, str):
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}.{name}" if found is value or isinstance(value, type) else None


def is_nameable(value: Any) -> bool:
    """Classes and functions of these packages, and the few instances that code names: signals."""
    import inspect

    from django.conf import LazySettings
    from django.dispatch import Signal
    from django.utils.functional import LazyObject, Promise

    # `type`, not `isinstance`: lazy objects answer `__class__` by setting themselves up.
    if issubclass(type(value), Signal | LazySettings):
        return True
    if type(value).__module__ == "celery.utils.dispatch.signal":
        return type(value).__name__ == "Signal"
    if issubclass(type(value), LazyObject | Promise):
        return False
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return False
    return str(getattr(value, "__module__", "")).split(".")[0] in PACKAGES


def alias_names(modules: Iterable[Any], canonical: dict[int, str]) -> dict[str, dict[str, str]]:
    """module -> name there -> canonical name; classes only where that is another name."""
    found: dict[str, dict[str, str]] = {}
    for module in modules:
        for name, value in members(module):
            target = canonical.get(id(value))
            if target is None or not is_nameable(value):
                continue
            if target != f"{module.__name__}.{name}" or not isinstance(value, type):
                found.setdefault(module.__name__, {})[name] = target
    return found


def known_classes(modules: Iterable[Any], canonical: dict[int, str]) -> Iterator[type]:
    import inspect

    seen: set[int] = set()
    for module in modules:
        for _, value in members(module):
            if inspect.isclass(value) and id(value) in canonical and id(value) not in seen:
                seen.add(id(value))
                yield value


def with_external_bases(classes: dict[str, type], canonical: dict[int, str]) -> dict[str, type]:
    """The classes and every base of theirs, also private ones and those of other packages."""
    result = dict(classes)
    for cls in classes.values():
        for base in cls.__mro__:
            result.setdefault(name_of(base, canonical), base)
    return dict(sorted(result.items()))


def name_of(cls: type, canonical: dict[int, str]) -> str:
    return canonical.get(id(cls), f"{cls.__module__}.{cls.__qualname__}")


def class_description(name: str, cls: type, canonical: dict[int, str]) -> Description:
    ours = name.split(".")[0] in PACKAGES
    return {
        "kind": kind_of(cls) if ours else "external",
        "bases": [name_of(base, canonical) for base in cls.__bases__],
        "methods": sorted(own_methods(cls)) if ours else [],
        "properties": sorted(own_properties(cls)) if ours else [],
        "attributes": sorted(own_attributes(cls)) if ours else [],
    }


def kind_of(cls: type) -> str:
    for kind, base in kinds():
        if issubclass(cls, base):
            return kind
    return "other"


def kinds() -> Iterator[tuple[str, type]]:
    import celery
    from django import forms
    from django.apps import AppConfig
    from django.contrib.admin.options import BaseModelAdmin
    from django.core.management.base import BaseCommand
    from django.db import models
    from django.db.models.expressions import BaseExpression
    from django.db.models.manager import BaseManager
    from django.views import View
    from rest_framework import fields, permissions, serializers, viewsets

    yield "model", models.Model
    yield "field", models.Field
    yield "manager", BaseManager
    yield "queryset", models.QuerySet
    yield "expression", BaseExpression
    yield "expression", models.F
    yield "viewset", viewsets.ViewSetMixin
    yield "view", View
    yield "serializer", serializers.BaseSerializer
    yield "serializer-field", fields.Field
    yield "permission", permissions.BasePermission
    yield "form", forms.BaseForm
    yield "form-field", forms.Field
    yield "admin", BaseModelAdmin
    yield "command", BaseCommand
    yield "app", AppConfig
    yield "task", celery.Task
    yield "exception", BaseException


def is_model(cls: type) -> bool:
    from django.db import models

    return issubclass(cls, models.Model) and cls is not models.Model


def own_members(cls: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(cls).items():
        if name in AUTOMATIC or (is_model(cls) and not is_written_in(cls, name, value)):
            continue
        yield name, value


def is_written_in(cls: type, name: str, value: Any) -> bool:
    """Whether a model class member stands in its body; fields add descriptors and methods."""
    import inspect

    from django.db.models.query_utils import DeferredAttribute

    if name in MODEL_MEMBERS or isinstance(value, DeferredAttribute):
        return False
    function = getattr(value, "__func__", value)
    if inspect.isfunction(function):
        return bool(function.__qualname__ == f"{cls.__qualname__}.{name}")
    return not type(value).__module__.startswith(("django.db", "django.contrib", "functools"))


def is_property(value: Any) -> bool:
    from functools import cached_property

    from django.utils.functional import cached_property as django_cached_property
    from django.utils.functional import classproperty

    return isinstance(value, property | cached_property | django_cached_property | classproperty)


def is_method(value: Any) -> bool:
    import inspect
    from functools import partialmethod

    return inspect.isroutine(value) or isinstance(value, staticmethod | classmethod | partialmethod)


def own_methods(cls: type) -> Iterator[str]:
    return (name for name, value in own_members(cls) if is_method(value))


def own_properties(cls: type) -> Iterator[str]:
    return (name for name, value in own_members(cls) if is_property(value))


def own_attributes(cls: type) -> Iterator[str]:
    for name, value in own_members(cls):
        if not (name.startswith("__") or is_method(value) or is_property(value)):
            yield name


def model_description(cls: Any, canonical: dict[int, str]) -> Description:
    meta = cls._meta
    inherited = {
        field.name
        for base in cls.__mro__[1:]
        if hasattr(base, "_meta")
        for field in (*base._meta.local_fields, *base._meta.local_many_to_many)
    }
    return {
        "label": None if meta.abstract else meta.label,
        "abstract": meta.abstract,
        "proxy": meta.proxy,
        "managed": meta.managed,
        "swappable": meta.swappable,
        "ordering": list(meta.ordering or ()),
        "unique_together": [list(names) for names in meta.unique_together],
        "constraints": len(meta.constraints),
        "base_manager_name": meta.base_manager_name,
        "managers": {
            manager.name: name_of(type(manager), canonical)
            for manager in meta.managers
            if not manager.auto_created
        },
        "overrides": measured_overrides(cls),
        "fields": {
            field.name: field_description(field, canonical)
            for field in (*meta.local_fields, *meta.local_many_to_many)
            if field.name not in inherited
        },
    }


def field_description(field: Any, canonical: dict[int, str]) -> Description:
    result: Description = {"class": name_of(type(field), canonical)}
    for option in ("null", "blank", "unique", "primary_key", "auto_created", "editable"):
        if getattr(field, option) != (option == "editable"):
            result[option] = getattr(field, option)
    for option in ("auto_now", "auto_now_add"):
        if getattr(field, option, False):
            result[option] = True
    if field.max_length is not None:
        result["max_length"] = field.max_length
    if field.has_default():
        result["default"] = plain_default(field.default, canonical)
    if field.choices:
        result["choices"] = True
    if field.is_relation:
        result["relation"] = relation_description(field, canonical)
    return result


def plain_default(default: Any, canonical: dict[int, str]) -> str:
    """The default as Python text; a callable by its dotted name."""
    if callable(default):
        return canonical.get(id(default)) or definition(default) or "?"
    return repr(default)


def relation_description(field: Any, canonical: dict[int, str]) -> Description:
    target = field.remote_field.model
    swappable = getattr(field, "swappable_setting", None)
    result = {
        "to": target if isinstance(target, str) else name_of(target, canonical),
        "setting": swappable,
        "kind": (
            "many-to-many"
            if field.many_to_many
            else "one-to-one"
            if field.one_to_one
            else "foreign-key"
        ),
        "related_name": field.remote_field.related_name,
        "related_query_name": field.remote_field.related_query_name,
        "parent_link": bool(getattr(field.remote_field, "parent_link", False)),
        "db_constraint": bool(getattr(field, "db_constraint", True)),
    }
    usual = {"db_constraint": True, "parent_link": False}
    return {key: value for key, value in result.items() if value != usual.get(key)}


def app_description(name: str) -> Description:
    """What an installed app connects to the signals of saving (`AppConfig.ready` has run)."""
    from django.apps import apps
    from django.db.models import signals

    connected = []
    for signal in ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"):
        for function, sender in receivers_of(getattr(signals, signal)):
            if function.__module__.startswith(name + "."):
                connected.append([signal, sender, f"{function.__module__}.{function.__qualname__}"])
    return {"name": name, "label": apps.get_app_config(name.rpartition(".")[2]).label,
            "receivers": sorted(connected)}  # fmt: skip


def receivers_of(signal: Any) -> Iterator[tuple[Any, str | None]]:
    from django.apps import apps

    labels = {id(model): model._meta.label for model in apps.get_models()}
    for entry in signal.receivers:
        key, reference = entry[0], entry[1]
        function = reference() if hasattr(reference, "__callback__") else reference
        if function is not None and hasattr(function, "__qualname__"):
            yield function, labels.get(key[1])


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
