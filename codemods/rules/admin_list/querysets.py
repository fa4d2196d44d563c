"""The queryset behind an admin's list, and what else is done with its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.admin import admin_rows
from djfix.codemods.inference.loading.sources import sources_of_view
from djfix.codemods.inference.loading.values import Hazard, Loaded, QuerySource
from djfix.codemods.project.admin_values import AdminClass

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


@dataclass(frozen=True)
class Queryset:
    """What the class's `get_queryset` gives: `sources`, its own expressions where it has one."""

    loaded: Loaded
    sources: tuple[QuerySource, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    unclear: tuple[Reason, ...] = ()


def queryset_of(project: Project, admin: AdminClass) -> Queryset:
    """What `get_queryset` gives: the default manager's rows, or what the class makes of them."""
    if "get_queryset" not in admin.hooks:
        chains = [admin_rows(project, model) for model in admin.models]
        known = [each for each in chains if each is not None]
        hazards = dict.fromkeys(hazard for each in known for hazard in each.hazards)
        return Queryset(_joining([each.loaded for each in known]), (), tuple(hazards))
    sources, reasons = sources_of_view(project, admin.name)
    if not sources:
        unknown = reasons or (Reason("unknown-queryset", "its get_queryset cannot be read"),)
        return Queryset(Loaded(), (), (), unknown)
    hazards = dict.fromkeys(hazard for each in sources for hazard in each.hazards)
    loaded = _joining([each.loaded for each in sources])
    return Queryset(loaded, sources, tuple(hazards), reasons)


def _joining(loaded: list[Loaded]) -> Loaded:
    """Of several branches the first that joins, which switches the attribute off."""
    joining = [each for each in loaded if each.joined or each.joins_all]
    return next(iter([*joining, *loaded]), Loaded())


_RESTRICTING = ("select_for_update(", ".only(", ".defer(")


def restrictions(project: Project, admin: AdminClass) -> Iterator[Reason]:
    """Actions are handed the list's queryset, joins and all: a lock fails on a join that may be
    empty (PostgreSQL), and only() on a column that is joined."""
    for path, first, last in (*_bodies(project, admin), *_actions(project, admin)):
        lines = project.files.document(path).lines[first - 1 : last]
        found = [word.strip(".(") for word in _RESTRICTING if any(word in each for each in lines)]
        if found:
            text = f"{path}:{first} calls {', '.join(found)}; an action is handed the joined rows"
            yield Reason("restricted-later", text)


def _bodies(project: Project, admin: AdminClass) -> Iterator[tuple[str, int, int]]:
    """Where the class and those of the project that it extends stand."""
    for info in map(project.class_named, admin.order):
        if info is not None and info.facts is not None and info.path is not None:
            yield info.path, info.facts.line, info.facts.end_line


def _actions(project: Project, admin: AdminClass) -> Iterator[tuple[str, int, int]]:
    """Where the functions stand that `actions` names."""
    setting = admin.settings.get("actions")
    for item in setting.value.items if setting is not None else ():
        dotted = project.resolve(setting.path, item.name) if setting and item.name else None
        module, _, name = (dotted or "").rpartition(".")
        path = project.path_of(module) if module else None
        facts = project.module(path) if path is not None else None
        function = facts.function(name) if facts is not None else None
        if path is not None and function is not None:
            yield path, function.line, function.end_line
