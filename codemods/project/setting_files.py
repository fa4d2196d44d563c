"""Finds the settings modules of a project and tells production, development and test apart.

A module counts if a start script or a test configuration names it in DJANGO_SETTINGS_MODULE, or if
it is named like settings and sets INSTALLED_APPS. One that only others import is their base.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from djfix.codemods.project.roots import Roots
from djfix.codemods.project.setting_expressions import Namespace
from djfix.codemods.project.setting_modules import SettingsReader
from djfix.codemods.source.files import Files

Kind = Literal["production", "development", "plain", "base", "test"]


@dataclass(frozen=True, slots=True)
class SettingsModule:
    """One settings module, or one class of it (django-configurations: `name` ends in the class).

    `kind`: "test" and "base" (only imported by others) say nothing about the running project.
    """

    name: str
    path: str
    kind: Kind
    namespace: Namespace = field(compare=False)
    root: str | None = None


NAMED_SETTINGS = re.compile(
    r"""(?:DJANGO_SETTINGS_MODULE|DJANGO_CONFIGURATION)["']?\s*(?:,|\]\s*=|=|:)\s*["']?([\w.]+)"""
)
"""How scripts and configuration name the settings module or class to run with."""

STARTERS = frozenset(
    {"manage.py", "wsgi.py", "asgi.py", "celery.py", "celery_app.py", "celeryapp.py", "__main__.py"}
)
TEST_STARTERS = frozenset(
    {"conftest.py", "runtests.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"}
)

TEST_WORDS = frozenset({"test", "tests", "testing", "pytest", "unittest", "ci", "e2e"})
TOOL_WORDS = frozenset(
    {"build", "collectstatic", "docs", "doc", "mypy", "lint", "schema", "makemigrations"}
)
"""Settings of a step that never serves or works on data count as little as a test's."""
DEVELOPMENT_WORDS = frozenset(
    {"dev", "develop", "development", "local", "debug", "docker", "devel"}
)
PRODUCTION_WORDS = frozenset({"prod", "production", "live", "deploy", "deployment", "heroku"})
ASIDE = frozenset(
    {"example", "examples", "sample", "samples", "demo", "demos", "sandbox", "docs", "doc"}
)
TEMPLATES = frozenset({"project_template", "app_template", "templates", "template"})


def settings_modules(files: Files, roots: Roots) -> tuple[SettingsModule, ...]:
    """All settings modules of a project, sorted by path."""
    reader = SettingsReader(files, roots)
    named = _named_by(files, roots, STARTERS)
    tested = _named_by(files, roots, TEST_STARTERS)
    candidates = sorted({*_likely_paths(files), *named, *tested})
    found = [module for path in candidates for module in _modules(reader, path, named, tested)]
    tests = {module.path for module in found if module.kind == "test"}
    imported = {
        other for path, others in reader.stars.items() if path not in tests for other in others
    }
    return tuple(_placed(module, imported, named | tested) for module in found)


def _named_by(files: Files, roots: Roots, names: frozenset[str]) -> frozenset[str]:
    """The files that scripts or configuration of these names give as DJANGO_SETTINGS_MODULE."""
    found: set[str] = set()
    paths = [path for path in files.paths if path.rpartition("/")[2] in names]
    extra = [name for name in names if name.endswith(".ini") and files.exists(name)]
    for path in sorted({*paths, *extra}):
        for module in NAMED_SETTINGS.findall(_text(files, path)):
            target = roots.path_for(module, path)
            if target is not None:
                found.add(target)
    return frozenset(found)


def _text(files: Files, path: str) -> str:
    try:
        return files.read(path).decode("utf-8", errors="replace")
    except OSError:
        return ""


def _likely_paths(files: Files) -> Iterator[str]:
    for path in files.paths:
        folders, name = path.split("/")[:-1], path.rpartition("/")[2]
        if not name.endswith(".py") or (TEMPLATES | {"migrations"}).intersection(folders):
            continue
        if any(folder.startswith(".") for folder in folders):
            continue
        if "settings" in name or "settings" in folders[-2:] or name == "configuration.py":
            yield path


def _modules(
    reader: SettingsReader, path: str, named: frozenset[str], tested: frozenset[str]
) -> Iterator[SettingsModule]:
    namespace = reader.module(path)
    if namespace is None:
        return
    name = reader.roots.module_of(path) or path
    root = reader.roots.sure_root(path)
    classes = list(_configurations(namespace))
    for own, values in classes:
        yield SettingsModule(f"{name}.{own}", path, _kind(path, own), values, root)
    if not classes and (_sets_apps(namespace) or path in named | tested):
        kind = _kind(path)
        if path in tested and path not in named and kind == "plain" and not _is_plain(path):
            kind = "test"
        yield SettingsModule(name, path, kind, namespace, root)


CORE = frozenset(
    {"SECRET_KEY", "DATABASES", "ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "STATIC_URL", "DEBUG"}
)


def _sets_apps(namespace: Namespace) -> bool:
    """Whether these are settings that a project may run with: INSTALLED_APPS and more."""
    return "INSTALLED_APPS" in namespace.values and len(CORE & namespace.values.keys()) >= 2


def _configurations(namespace: Namespace) -> Iterator[tuple[str, Namespace]]:
    """Classes that hold settings, where the module itself holds none."""
    if _sets_apps(namespace):
        return
    for name, value in namespace.values.items():
        if isinstance(value, Namespace) and value.is_class and "INSTALLED_APPS" in value.values:
            yield name, value


def _is_plain(path: str) -> bool:
    return path.rpartition("/")[2] in ("settings.py", "__init__.py")


def _kind(path: str, name: str = "") -> Kind:
    folders, file = path.split("/")[:-1], path.rpartition("/")[2].removesuffix(".py")
    words = set(words_of(f"{file}_{name}"))
    if words & (TEST_WORDS | TOOL_WORDS) or any(each.startswith("test") for each in words):
        return "test"
    if any(each in ASIDE or each.lower().startswith("test") for each in folders):
        return "test"
    if words & {"base", "common", "defaults", "default"} and name:
        return "base"
    if words & PRODUCTION_WORDS:
        return "production"
    return "development" if words & DEVELOPMENT_WORDS else "plain"


def words_of(name: str) -> Iterable[str]:
    """The words of a name in snake case, camel case or a mix of them."""
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())


def _placed(module: SettingsModule, imported: set[str], named: frozenset[str]) -> SettingsModule:
    if module.kind == "test" or module.path in named or module.path not in imported:
        return module
    return SettingsModule(module.name, module.path, "base", module.namespace, module.root)
