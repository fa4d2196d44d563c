"""What the `get_queryset` of a project's own manager does to the rows, as far as it can be read."""

from __future__ import annotations

from collections.abc import Iterator

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.managers import named
from djfix.codemods.inference.loading.memory import Memory
from djfix.codemods.inference.values import Manager, QuerySet
from djfix.codemods.project.models import Model
from djfix.codemods.project.project import Project

_STRANGE = frozenset(
    {
        *("select_for_update", "extra", "raw", "values", "values_list", "dates", "datetimes"),
        *("union", "intersection", "difference", "iterator", "aiterator"),
    }
)
_UNREAD = frozenset({"unknown-manager", "unknown-queryset-method", "handed-on"})


def strange(project: Project, value: QuerySet | Manager, model: Model) -> str:
    """Why its rows may not be asked for as others are, in words; "" where they may."""
    for name, chain in _chains(project, value, model):
        if isinstance(chain, Reason):
            return f"what {name} gives cannot be read"
        called = _STRANGE.intersection(chain.methods)
        if called:
            return f"{name} calls {min(called)}()"
        if chain.sliced or any(each.reason.name in _UNREAD for each in chain.hazards):
            return f"what {name} gives cannot be read in full"
    return ""


def order(project: Project, value: QuerySet | Manager, model: Model) -> str:
    """The manager that orders its rows, by whatever; "" if none does."""
    for name, chain in _chains(project, value, model):
        if isinstance(chain, Chain) and "order_by" in chain.methods:
            return f"{name} orders its rows"
    return ""


def joined(project: Project, value: QuerySet | Manager, model: Model) -> Iterator[str]:
    """The paths that the managers join; "" for all."""
    for _, chain in _chains(project, value, model):
        if isinstance(chain, Chain):
            yield from ("",) if chain.loaded.joins_all else sorted(chain.loaded.joined)


def _chains(
    project: Project, value: QuerySet | Manager, model: Model
) -> Iterator[tuple[str, Chain | Reason]]:
    """The rows of each manager that the queryset may be of, where the project makes them."""
    managers = {**model.managers, "_default_manager": model.default_manager}
    if isinstance(value, Manager):
        name = "_default_manager" if value.related or value.name not in managers else value.name
        managers = {name: managers[name]}
    memory = project.shared(Memory)
    for name, manager in managers.items():
        if "get_queryset" in (manager.overrides or ()):
            yield name, named(memory, model, name)
