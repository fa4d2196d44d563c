"""The queryset behind an admin's list, and what else is done with its rows."""

from __future__ import annotations

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
