"""Where chains begin: managers, with what their `get_queryset` loads unseen; their own methods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.chains import QUERYSET, Chain, with_hazards
from djfix.codemods.inference.loading.hazards import hazard
from djfix.codemods.project.models import Manager as ManagerFacts
from djfix.codemods.project.models import Model

if TYPE_CHECKING:
    from djfix.codemods.inference.loading.memory import Memory
    from djfix.codemods.inference.loading.values import Order

_INHERITANCE = ("model_utils.managers.Inheritance",)


def named(memory: Memory, model: Model | str, name: str) -> Chain | Reason:
    """`Model.<name>`."""
    found = memory.project.model(model, partial=True) if isinstance(model, str) else model
    if found is None:
        return Reason("unknown-model", "the model is not known")
    if name == "_base_manager":
        return _chain(memory, found, found.base_manager, related=False)
    if name == "_default_manager" or name == found.default_manager.name:
        return of_model(memory, found)
    manager = found.managers.get(name)
    if manager is not None:
        return _chain(memory, found, manager, related=False)
    return Reason("unknown-manager", f"{name} is no manager of {found.label} that can be read")


def of_model(memory: Memory, model: Model, *, related: bool = False) -> Chain:
    """The model's default manager, or one of a relation to many, which is made of its class."""
    return _chain(memory, model, model.default_manager, related=related)


def _chain(memory: Memory, model: Model, manager: ManagerFacts, *, related: bool) -> Chain:
    key = (model.name, manager.name, related)
    if key not in memory.managers:
        plain = _plain(model, manager)
        # While its get_queryset is read the manager counts as plain, so that it ends.
        memory.managers[key] = plain
        memory.managers[key] = _with_own_queryset(memory, model, manager, plain)
    chain = memory.managers[key]
    is_default = manager.name == model.default_manager.name and not related
    return replace(chain, is_manager=True, keeps_rows=is_default)


def _plain(model: Model, manager: ManagerFacts) -> Chain:
    order = ordering_of(model)
    chain = Chain(
        model=model.name,
        queryset_class=manager.queryset_class,
        manager_class=manager.class_name,
        is_manager=True,
        order=order,
        ordered_by=model.ordering,
        by_meta=order != "none",
    )
    names = (manager.class_name or "", manager.queryset_class or "")
    if any(each.startswith(_INHERITANCE) for each in names):
        return with_hazards(chain, hazard("inheritance-manager"))
    around = (*names, *model.ancestors, *model.unknown_bases)
    if any(each.lower().startswith("polymorphic") for each in around):
        return with_hazards(chain, hazard("polymorphic-rows"))
    return chain


def ordering_of(model: Model) -> Order:
    """Meta.ordering; unknown where it is there and cannot be read."""
    if model.ordering:
        return "explicit"
    stated = model.meta.get("ordering")
    if stated is not None and (stated.items or stated.kind not in {"list", "tuple"}):
        return "unknown"
    return "unknown" if model.unknown_bases else "none"


def _with_own_queryset(memory: Memory, model: Model, manager: ManagerFacts, plain: Chain) -> Chain:
    """What the manager's own `get_queryset`, or that of a base in the project, makes of it."""
    if manager.overrides is not None and "get_queryset" not in manager.overrides:
        return plain
    if manager.class_name is None:
        return with_hazards(plain, hazard("unknown-manager"))
    found = _get_queryset(memory, manager.class_name, plain, model.name)
    if isinstance(found, Chain):
        return replace(
            plain,
            queryset_class=found.queryset_class,
            methods=found.methods,
            loaded=found.loaded,
            order=found.order,
            ordered_by=found.ordered_by,
            by_meta=found.by_meta,
            sliced=found.sliced,
            hazards=found.hazards,
        )
    return with_hazards(plain, hazard("unknown-manager")) if found is not None else plain


def _get_queryset(
    memory: Memory, manager_class: str, plain: Chain, model: str
) -> Chain | Reason | None:
    from djfix.codemods.inference.loading.methods import read_method

    info = memory.project.method(manager_class, "get_queryset")
    if info is None or info.path is None:
        known = memory.project.mro(manager_class) is not None
        return None if known else Reason("unknown-manager", "a base of the manager is not known")
    queryset = replace(plain, is_manager=False)
    return read_method(memory, info, model, rows=queryset)


def base_queryset(chain: Chain) -> Chain:
    """What Django's own `Manager.get_queryset` gives."""
    return replace(chain, is_manager=False, queryset_class=chain.queryset_class or QUERYSET)
