"""What a method of a manager or queryset returns (Django's QuerySet API reference, 4.2 to 6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djfix.codemods.inference.values import (
    Instance,
    Items,
    Manager,
    Number,
    Plain,
    QuerySet,
    Saved,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from djfix.codemods.project.models import Manager as ManagerFacts
    from djfix.codemods.project.models import Model
    from djfix.codemods.project.project import Project

REFINING = frozenset(
    {
        *("filter", "exclude", "complex_filter", "all", "none", "distinct", "reverse", "order_by"),
        *("select_related", "prefetch_related", "only", "defer", "using", "select_for_update"),
        *("annotate", "alias", "extra", "iterator", "aiterator"),
    }
)
"""Methods that return a queryset of the same model's instances."""

_FETCHING = {
    "get": ("get", False),
    "aget": ("get", False),
    "first": ("first", True),
    "afirst": ("first", True),
    "last": ("first", True),
    "alast": ("first", True),
    "earliest": ("first", False),
    "aearliest": ("first", False),
    "latest": ("first", False),
    "alatest": ("first", False),
    "create": ("create", False),
    "acreate": ("create", False),
}
_OR_CREATING = frozenset(
    {"get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create"}
)
_COUNTING = frozenset({"count", "acount", "update", "aupdate"})
_TRUTH = frozenset({"exists", "aexists", "contains", "acontains"})


def of_method(receiver: Manager | QuerySet, method: str) -> Value:
    """What `receiver.method(...)` is; Unknown for a method that is not Django's."""
    queryset = as_queryset(receiver)
    if method in REFINING:
        return queryset.after(method)
    if method in _FETCHING:
        origin, optional = _FETCHING[method]
        return _instance(queryset, origin, optional=optional)
    if method in _OR_CREATING:
        return Items((_instance(queryset, "get-or-create"), Plain("bool")))
    if method in _COUNTING:
        return Number("int")
    if method in _TRUTH:
        return Plain("bool")
    return Unknown(f"{method}() is not a method of Django's QuerySet that returns instances")


def is_overridden(project: Project, base: Manager | QuerySet, *methods: str) -> bool:
    """Whether a class of the project, or one that is not known, may have its own such method."""
    model = project.model(base.model, partial=True)
    if model is None:
        return True
    if isinstance(base, Manager):
        overrides = _manager_of(model, base).overrides
        return overrides is None or not overrides.isdisjoint(methods)
    # The manager that a queryset comes from is known; which of them it was is not remembered.
    everywhere = [manager.overrides or frozenset() for manager in model.managers.values()]
    return any(not overrides.isdisjoint(methods) for overrides in everywhere)


def _manager_of(model: Model, manager: Manager) -> ManagerFacts:
    """Relations to many make theirs of the default manager's class."""
    if manager.name == "_base_manager" and not manager.related:
        return model.base_manager
    if manager.related or manager.name not in model.managers:
        return model.default_manager
    return model.managers[manager.name]


def as_queryset(receiver: Manager | QuerySet) -> QuerySet:
    """The queryset that a manager hands out, or the queryset itself."""
    if isinstance(receiver, QuerySet):
        return receiver
    return QuerySet(receiver.model, related=receiver.related, owner=receiver.owner)


def element(queryset: QuerySet, origin: str, *, outlives: bool) -> Instance:
    """One instance out of an evaluated queryset.

    A to-many relation may have been prefetched, and then its list is held by the other instance.
    """
    return _instance(queryset, origin, outlives=outlives or queryset.related or queryset.held)


def _instance(
    queryset: QuerySet, origin: str, *, optional: bool = False, outlives: bool = False
) -> Instance:
    return Instance(
        model=queryset.model,
        saved=Saved.YES,
        origin=origin,
        locked=queryset.locked,
        optional=optional,
        outlives=outlives,
        remote=queryset.remote,
        deferred=queryset.deferred,
        owner=queryset.owner,
    )
