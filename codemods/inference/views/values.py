"""What a view does, as values: the querysets that it reads and the serializers that render them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.values import Hazard, Loaded, QuerySource

ActionKind = Literal["list", "object", "write", "delete"]
"""What an action does with the queryset: renders many rows; renders one; changes one and renders
it; only deletes (or otherwise reads the row without rendering it)."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One action (`list`, `retrieve`, `update`, an `@action`, an HTTP method) and what renders it.

    `serializer`: dotted name; None where the action renders none, or an unknown one (then
    `unclear` of the view says so). `stock`: the action's code is DRF's own.
    `certain`: no condition but the action decides about the serializer. `loaded`: what the rows
    load where the action's own code hands them to it, the view's queryset and more.
    """

    action: str
    kind: ActionKind
    serializer: str | None
    stock: bool = True
    certain: bool = True
    path: str | None = None
    line: int = 0
    loaded: Loaded | None = field(default=None, compare=False)


@dataclass(frozen=True)
class View:
    """One view class (or function view) and the querysets behind it.

    `name`: dotted. `sources`: each expression that its queryset may come from (several where
    branches return different ones); empty where it is unknown. `is_abstract`: other views extend
    it and no route can serve it itself (no serializer, or no queryset). `ordered`: the view itself
    orders the rows (`ordering` with OrderingFilter, CursorPagination). `unclear`: serializers or
    querysets that could not be followed. `find_hazards` gives the `hazards`: few views are asked.
    """

    name: str
    path: str
    line: int
    renderings: tuple[Rendering, ...] = ()
    sources: tuple[QuerySource, ...] = ()
    is_abstract: bool = False
    ordered: bool = False
    unclear: tuple[Reason, ...] = ()
    find_hazards: Callable[[], Iterable[Hazard]] = field(default=tuple, compare=False, repr=False)

    @cached_property
    def hazards(self) -> tuple[Hazard, ...]:
        """What the view's own code does to the queryset later, or to objects that it renders
        again (stale rows)."""
        return tuple(dict.fromkeys(self.find_hazards()))
