"""The managers of a model along its MRO, its default manager and its base manager.

As `Options.managers`, `default_manager` and `base_manager` of `django.db.models.options` have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from djfix.codemods.project.classes import UNREAD_MODELS
from djfix.codemods.project.managers import AUTOMATIC, unknown_manager
from djfix.codemods.project.meta import MODEL
from djfix.codemods.project.models import Manager

if TYPE_CHECKING:
    from djfix.codemods.project.model_linking import ModelLinker


def managers_of_model(linker: ModelLinker, order: Iterable[str]) -> dict[str, Manager]:
    """By depth in the MRO, then in the order of declaration; the nearest of a name counts."""
    found: dict[str, Manager] = {}
    for each in order:
        for key, manager in own_managers(linker, each).items():
            found.setdefault(key, manager)
    return found


def own_managers(linker: ModelLinker, name: str) -> Mapping[str, Manager]:
    """The managers of one class of an MRO, with the automatic one of a concrete model."""
    info = linker.around.classes.class_named(name)
    order = linker.around.classes.ancestors(name)
    if info is None or MODEL not in order or name == MODEL:
        return {}
    layer = linker.layer(info)
    if not layer.managers and not UNREAD_MODELS.isdisjoint(info.bases):
        return {AUTOMATIC.name: unknown_manager(AUTOMATIC.name, None)}
    if layer.managers or layer.abstract:
        return layer.managers
    has_some = any(own_managers(linker, each) for each in order[1:])
    return {} if has_some else {AUTOMATIC.name: AUTOMATIC}


def default_manager_name(linker: ModelLinker, order: tuple[str, ...]) -> str | None:
    """Meta.default_manager_name; of a model without managers of its own, its parent's."""
    info = linker.around.classes.class_named(order[0])
    if info is None or MODEL not in linker.around.classes.ancestors(info.name):
        return None
    layer = linker.layer(info)
    named = layer.options.text("default_manager_name")
    if named or own_managers(linker, info.name):
        return named
    parent = next_model(linker, order)
    return default_manager_name(linker, linker.around.classes.ancestors(parent)) if parent else None


def base_manager_name(linker: ModelLinker, order: tuple[str, ...]) -> str | None:
    """Meta.base_manager_name, a parent's too."""
    info = linker.around.classes.class_named(order[0])
    if info is None or MODEL not in linker.around.classes.ancestors(info.name):
        return None
    known = info.known.model if info.known is not None else None
    named = linker.layer(info).options.text("base_manager_name")
    named = named or (known.base_manager_name if known is not None else None)
    if named:
        return named
    parent = next_model(linker, order)
    return base_manager_name(linker, linker.around.classes.ancestors(parent)) if parent else None


def next_model(linker: ModelLinker, order: tuple[str, ...]) -> str | None:
    """The first model along an MRO after the class itself."""
    for name in order[1:]:
        if name != MODEL and MODEL in linker.around.classes.ancestors(name):
            return name
    return None
