"""Admin classes, linked: for which models, and what their lists show (`ModelAdmin`, facts only)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.project.admin_columns import columns_of
from djfix.codemods.project.admin_registrations import DECORATOR, MODEL_ADMIN, AdminRegistrations
from djfix.codemods.project.admin_values import HOOKS, SETTINGS, AdminClass, AdminSetting
from djfix.codemods.project.classes import ClassInfo, MethodInfo
from djfix.codemods.project.facts import ExpressionFacts
from djfix.codemods.project.known_order import known_order, unknown_bases

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

_UNREADABLE = ExpressionFacts("other", "")

HARMLESS_BASES = {
    # They add buttons, pages or formats and leave the list and its queryset alone.
    "django_object_actions.DjangoObjectActions": "",
    "import_export.admin.ExportMixin": "",
    "import_export.admin.ImportExportMixin": "",
    "import_export.admin.ImportMixin": "",
    "import_export.admin.ImportExportModelAdmin": MODEL_ADMIN,
    "reversion.admin.VersionAdmin": MODEL_ADMIN,
    "simple_history.admin.SimpleHistoryAdmin": MODEL_ADMIN,
}
"""Bases from libraries that change nothing of what is read here, and the class they extend."""


class AdminFiles:
    """The files that may define an admin class; worked out once for a project, from the headers of
    its classes: whatever extends Django's, has a base with "Admin" in its name, or is registered.
    """

    def __init__(self, project: Project) -> None:
        names = (*project.subclasses(MODEL_ADMIN), *project.shared(AdminRegistrations).names())
        infos = (project.class_named(name) for name in names)
        known = {info.path for info in infos if info is not None and info.path is not None}
        self.paths = frozenset(known.union(project.files_naming_base_like("Admin")))


def may_hold_admin(project: Project, path: str) -> bool:
    """Whether a file may define an admin class."""
    return path in project.shared(AdminFiles).paths


def admin_classes_of(project: Project, path: str) -> tuple[AdminClass, ...]:
    """The admin classes that a file defines, in its order; those without a model too."""
    if not may_hold_admin(project, path):
        return ()
    facts, module = project.module(path), project.module_of(path)
    if facts is None or module is None:
        return ()
    names = dict.fromkeys(f"{module}.{each.name}" for each in facts.classes)
    infos = [project.class_named(name) for name in names]
    found = [
        _admin_class(project, info, path)
        for info in infos
        if info is not None and info.facts is not None and info.path == path
    ]
    return tuple(each for each in found if each is not None)


def _admin_class(project: Project, info: ClassInfo, path: str) -> AdminClass | None:
    order = admin_order(project, info.name)
    unknown = unknown_bases(project, order, HARMLESS_BASES)
    is_admin = MODEL_ADMIN in order
    if not is_admin and not unknown:
        return None
    registered = project.shared(AdminRegistrations).of(info.name)
    if not is_admin and not registered:
        return None
    models = tuple(dict.fromkeys(each.model for each in registered if each.model is not None))
    settings = settings_of_admin(project, order)
    return AdminClass(
        name=info.name,
        path=path,
        line=info.line,
        models=models,
        order=order,
        columns=columns_of(project, order, complete=not unknown),
        unclear=tuple(_unclear(project, info.name, order)),
        unknown_bases=unknown,
        settings=MappingProxyType(settings),
        hooks=MappingProxyType(hooks_of_admin(project, order)),
        inlines=_classes_in(project, settings.get("inlines")),
    )


def admin_order(project: Project, dotted: str) -> tuple[str, ...]:
    """The MRO, as far as it is known."""
    return known_order(project, dotted, HARMLESS_BASES)


def _unclear(project: Project, name: str, order: tuple[str, ...]) -> list[Reason]:
    found: list[Reason] = []
    if any(each.model is None for each in project.shared(AdminRegistrations).of(name)):
        text = f"{_short(name)} is registered for a model that cannot be read"
        found.append(Reason("unknown-model", text))
    if any(each.has_options for each in project.shared(AdminRegistrations).of(name)):
        text = f"{_short(name)} is registered with options, which make another class of it"
        found.append(Reason("open-class", text))
    for each in order:
        info = project.class_named(each)
        if info is not None and info.facts is not None and info.facts.is_open:
            text = f"the body of {_short(each)} binds names in ways that cannot be read"
            found.append(Reason("open-class", text))
        elif info is not None and _is_changed_elsewhere(project, info):
            text = f"a decorator, or code outside of it, may change {_short(each)}"
            found.append(Reason("open-class", text))
    return found


def _is_changed_elsewhere(project: Project, info: ClassInfo) -> bool:
    """Whether a class may not be what its body says: a decorator of another's, an assignment."""
    if info.facts is None or info.path is None:
        return False
    for each in info.facts.decorators:
        called = each.function or each
        name = called.name if called.kind == "name" else ""
        if project.resolve(info.path, name, line=each.line) != DECORATOR:
            return True
    return bool(project.added_from_outside(info.name))


def settings_of_admin(project: Project, order: tuple[str, ...]) -> dict[str, AdminSetting]:
    """The attributes of SETTINGS that the project's classes of this order assign."""
    nearest = _nearest(project, order, SETTINGS)
    return {attribute: _setting(info, attribute) for info, attribute in nearest}


def _nearest(
    project: Project, order: tuple[str, ...], names: frozenset[str]
) -> Iterator[tuple[ClassInfo, str]]:
    """The nearest class that binds each of these names, where that is one of the project's."""
    hidden: set[str] = set()
    for cls in order:
        info = project.class_named(cls)
        if info is None:
            continue
        own = (info.binds() & names) - hidden
        for name in sorted(own) if info.facts is not None else ():
            yield info, name
        hidden |= own


def _setting(info: ClassInfo, attribute: str) -> AdminSetting:
    assert info.facts is not None
    given = [each for each in info.facts.assignments if each.target == attribute and each.value]
    last = given[-1] if given else None
    if last is None or last.value is None or info.path is None:
        return AdminSetting(_UNREADABLE, info.name, info.path or "", info.line, False)
    is_plain = len(given) == 1 and not last.operator and not last.condition
    return AdminSetting(last.value, info.name, info.path, last.line, is_plain)


def hooks_of_admin(project: Project, order: tuple[str, ...]) -> dict[str, MethodInfo]:
    """The methods of HOOKS: the nearest class with the name decides; Django's own are no hooks."""
    found: dict[str, MethodInfo] = {}
    for info, name in _nearest(project, order, HOOKS):
        facts = info.facts.method(name) if info.facts is not None else None
        line = info.line if facts is None else facts.line
        found[name] = MethodInfo(info.name, name, info.path, line, facts)
    return found


def _classes_in(project: Project, setting: AdminSetting | None) -> tuple[str, ...]:
    items = () if setting is None else setting.value.items
    assert setting is not None or not items
    found: list[str] = []
    for item in items:
        if setting is None or item.kind != "name":
            continue
        dotted = project.resolve(setting.path, item.name, line=item.line)
        info = project.class_named(dotted) if dotted is not None else None
        found += [] if info is None else [info.name]
    return tuple(found)


def _short(dotted: str) -> str:
    return dotted.rpartition(".")[2]
