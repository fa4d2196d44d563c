"""What the views behind one queryset expression read of each row, and what is not loaded yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from djfix.codemods.findings import Evidence, Reason
from djfix.codemods.inference.access.beside import is_among, models_written
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.inference.access.values import DYNAMIC, Path, Reads, Touch
from djfix.codemods.inference.loading.hazards import hazards_for, on_path
from djfix.codemods.inference.loading.missing import covered
from djfix.codemods.inference.loading.values import Hazard, QuerySource
from djfix.codemods.inference.orders import is_total
from djfix.codemods.inference.views.ordering import Orders
from djfix.codemods.inference.views.stale import STALE
from djfix.codemods.inference.views.values import Rendering, View

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project

READING = frozenset({"list", "object", "write"})
"""Kinds of actions that render rows of the queryset."""


@dataclass(frozen=True)
class Consumer:
    """One action that renders rows of the queryset, and what its serializer touches on them.

    `lacking`: what of it is not loaded; `circling`: of that, what is followed again and again.
    `brought`: the paths that the action's own code loads. `perhaps`: what is not loaded and only
    touched while a field is there that may be taken out.
    """

    view: View
    rendering: Rendering
    reads: Reads
    lacking: tuple[Touch, ...]
    circling: tuple[Touch, ...] = ()
    brought: frozenset[Path] = frozenset()
    perhaps: tuple[Touch, ...] = ()

    @property
    def is_dynamic(self) -> bool:
        """Whether code decides at run time which fields there are."""
        return any(each.reason.name == DYNAMIC for each in self.reads.unclear)

    def perhaps_of(self, path: Path) -> frozenset[tuple[str, str]]:
        """The doubts, and their fields, of a path that is only perhaps read."""
        if path in self.touched:
            return frozenset()
        return frozenset((each.doubt, each.field) for each in self.perhaps if each.path == path)

    def doubts(self, name: str) -> bool:
        """Whether reading what renders a row raised a doubt of this name."""
        return any(each.reason.name == name for each in self.reads.unclear)

    @cached_property
    def touched(self) -> frozenset[Path]:
        """The paths that are read and that the queryset does not load."""
        return self.brought | {touch.path for touch in self.lacking}

    @cached_property
    def needed(self) -> frozenset[Path]:
        """What costs a query for each row, at least at times: of one object, what lies behind
        many."""
        touches = (*self.lacking, *self.perhaps)
        served = {touch.path for touch in touches if touch.use != "query"}
        if self.rendering.kind == "list":
            return frozenset(served)
        return frozenset(path for path in served if _is_behind_many(path))


def _is_behind_many(path: Path) -> bool:
    return any(hop.kind == "many" for hop in path[:-1])


@dataclass(frozen=True)
class Group:
    """One queryset expression with all that reads from it.

    `suppressed`: comments on evidence that take a path out: file, line, path.
    """

    source: QuerySource
    views: tuple[View, ...]
    consumers: tuple[Consumer, ...]
    suppressed: tuple[tuple[str, int, str], ...] = ()

    @cached_property
    def needed(self) -> frozenset[Path]:
        """All paths that cost some action a query for each row."""
        known = [each for each in self.consumers if not each.is_dynamic]
        return frozenset[Path]().union(*(each.needed for each in known))

    @cached_property
    def uses(self) -> dict[Path, set[str]]:
        """How each path's end is read."""
        found: dict[Path, set[str]] = {}
        for consumer in self.consumers:
            for touch in consumer.lacking:
                found.setdefault(touch.path, set()).add(touch.use)
        certain = frozenset(found)
        for consumer in self.consumers:
            for touch in consumer.perhaps:
                if touch.path not in certain:
                    found.setdefault(touch.path, set()).add(touch.use)
        return found

    def hazards_on(self, project: Project, path: Path) -> tuple[Hazard, ...]:
        """What stands against loading a path, in the expression and in each view's code."""
        found: dict[Hazard, None] = {}
        for view in self.views:
            found.update({on_path(project, each, path): None for each in view.hazards})
            for source in view.sources:
                if _place(source) == _place(self.source):
                    found.update(dict.fromkeys(hazards_for(project, source, path)))
        for consumer in self.consumers:
            found.update(dict.fromkeys(_written_while_shown(project, consumer)))
        return tuple(each for each in found if _concerns(project, each, path, self.source))

    @property
    def is_ordered(self) -> bool:
        """Whether each list of these rows has an order that the code states."""
        lists = self._lists
        by_view = all(view.ordered for view in lists)
        return self.source.order == "explicit" or not lists or by_view

    def is_total(self, project: Project) -> bool:
        """Whether no list of these rows has two that are equal in its order, whatever it is."""
        model, own = self.source.model, self.source.ordered_by
        is_own = self.source.order == "explicit" and is_total(project, model, own)
        orders = project.shared(Orders)
        return all(
            (is_own or view.ordered)
            and all(is_total(project, model, each) for each in orders.of(view.name))
            for view in self._lists
        )

    @property
    def _lists(self) -> tuple[View, ...]:
        """The views that render many of the rows."""
        names = {each.view.name for each in self.consumers if each.rendering.kind == "list"}
        return tuple(view for view in self.views if view.name in names)

    def evidence(self, paths: Iterable[Path]) -> tuple[Evidence, ...]:
        """The lines that say why these paths are needed, in their order."""
        wanted = set(paths)
        found: dict[Evidence, None] = {}
        for touch in sorted(
            touch
            for each in self.consumers
            for touch in (*each.lacking, *each.circling, *each.perhaps)
        ):
            if touch.path in wanted:
                found.update(dict.fromkeys(line for line in touch.evidence if line.path))
        return tuple(found)

    def serializers(self) -> tuple[str, ...]:
        names = {each.rendering.serializer or "" for each in self.consumers if each.needed}
        return tuple(sorted(name.rpartition(".")[2] for name in names))


def _written_while_shown(project: Project, consumer: Consumer) -> Iterator[Hazard]:
    """Rows that are written by code which renders others: what was loaded before is old."""
    for unclear in consumer.reads.writing:
        written = models_written(project, unclear)
        if written:
            evidence = unclear.evidence[-1]
            yield Hazard(STALE, "both", certain=False, evidence=evidence, models=written)


def _concerns(project: Project, hazard: Hazard, path: Path, source: QuerySource) -> bool:
    """Whether what a hazard tells of has to do with the path, and is not before the addition."""
    if hazard.models:
        return is_among(project, hazard.models, path)
    if not hazard.lookup:
        return True
    lookup = "__".join(hop.name for hop in path)
    begins = f"{lookup}__".startswith(f"{hazard.lookup}__")
    line = hazard.evidence.line if hazard.evidence is not None else 0
    is_inside = hazard.evidence is not None and hazard.evidence.path == source.path
    inside = source.reference.line <= line <= source.reference.end_line
    return begins and not (is_inside and inside)


def _place(source: QuerySource) -> tuple[str, object]:
    return (source.path, source.reference)


def groups_of(project: Project, views: Iterable[View], path: str) -> Iterator[Group]:
    """The queryset expressions of a file, in its order, each with the views that it serves."""
    by_place: dict[tuple[str, object], list[tuple[View, QuerySource]]] = {}
    for view in views:
        for source in view.sources:
            if source.path == path and not view.is_abstract:
                by_place.setdefault(_place(source), []).append((view, source))
    for served in sorted(by_place.values(), key=lambda each: each[0][1].reference):
        if "none" not in served[0][1].methods:
            yield _group(project, served)


def _group(project: Project, served: list[tuple[View, QuerySource]]) -> Group:
    accesses = project.shared(Accesses)
    consumers = [
        _consumer(project, accesses, view, source, rendering)
        for view, source in served
        for rendering in view.renderings
        if rendering.kind in READING and rendering.serializer is not None
    ]
    views = tuple(dict.fromkeys(view for view, _ in served))
    return Group(served[0][1], views, tuple(consumers))


def _consumer(
    project: Project,
    accesses: Accesses,
    view: View,
    source: QuerySource,
    rendering: Rendering,
) -> Consumer:
    assert rendering.serializer is not None
    reads = accesses.serializer(rendering.serializer, source.model)

    def is_brought(touch: Touch) -> bool:
        if touch.use == "query" or rendering.loaded is None:
            return False
        return covered(rendering.loaded, touch.path, project)

    def is_lacking(touch: Touch) -> bool:
        # What no prefetch serves costs a query for each row with one as well.
        if touch.use == "query":
            return True
        if accesses.is_read_by_making(touch.path) or is_brought(touch):
            return False
        return not covered(source.loaded, touch.path, project)

    lacking = tuple(filter(is_lacking, reads.touches))
    circling = tuple(filter(is_lacking, reads.circular))
    brought = frozenset(touch.path for touch in filter(is_brought, reads.touches))
    perhaps = tuple(filter(is_lacking, reads.perhaps))
    return Consumer(view, rendering, reads, lacking, circling, brought, perhaps)


def unknown_renderings(group: Group) -> tuple[Reason, ...]:
    """Why it is not known of some action what it renders."""
    found: dict[Reason, None] = {}
    for view in group.views:
        for each in view.unclear:
            found[each] = None
    return tuple(found)
