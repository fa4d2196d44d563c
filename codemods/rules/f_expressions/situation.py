"""One object whose fields are changed and saved in one function, and all that happens around it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from djfix.codemods.findings import Reason
from djfix.codemods.flow.names import Flow
from djfix.codemods.flow.points import WITHOUT_EXCEPTIONS, Point
from djfix.codemods.flow.uses import (
    Use,
    points_after,
    uses,
    uses_after,
    uses_before,
    uses_between,
)
from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.saving.objects import collected, is_generated, names_of, stored_before
from djfix.codemods.inference.saving.saves import Save, save_of, statements_of
from djfix.codemods.inference.values import Instance
from djfix.codemods.project.models import Field, Model
from djfix.codemods.rules.f_expressions.shapes import Change, change_of
from djfix.codemods.source.chains import Path


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Changes and the saves that they reach: what one finding is about. Saves may be none."""

    path: Path
    changes: tuple[Change, ...]
    saves: tuple[Save, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """A component, with what is known of its object and of what happens to it.

    `before`: uses from where the object was bound up to its changes, and by their amounts;
    `between`: from the changes to the saves, and on ways that miss them; `after`: from the saves
    on. The changed attributes and the saves themselves are in none of them. `unsaved`: a way from
    a change leaves the function without a save. `stored_for` gives the attributes that a save
    finds assigned, in the order of the text.
    """

    inference: Inference
    component: Component
    value: Instance
    model: Model
    fields: Mapping[str, Field]
    before: tuple[Use, ...]
    between: tuple[Use, ...]
    after: tuple[Use, ...]
    failing: tuple[Use, ...]
    stored_for: Mapping[Save, tuple[str, ...]]
    unsaved: bool

    @property
    def path(self) -> Path:
        return self.component.path

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.component.changes

    @property
    def saves(self) -> tuple[Save, ...]:
        return self.component.saves

    @property
    def stored(self) -> tuple[str, ...]:
        """The attributes that any of the saves finds assigned."""
        return tuple(dict.fromkeys(name for found in self.stored_for.values() for name in found))

    @property
    def function(self) -> Function:
        return self.inference.function

    @property
    def flow(self) -> Flow:
        return self.inference.flow

    @property
    def target(self) -> str:
        return ".".join(self.path)

    @property
    def is_async(self) -> bool:
        return isinstance(self.function, ast.AsyncFunctionDef)

    @property
    def changed(self) -> frozenset[str]:
        """The attributes changed, by the names that the function and the model have for them."""
        named = {field.name for field in self.fields.values()}
        return frozenset({change.field for change in self.changes} | named)

    def shows(self, use: Use) -> bool:
        """Whether a use that loads an attribute may lead to the value of a changed one.

        A property may compute with it, and another object may hold this one on its side.
        """
        if use.kind not in {"read", "capture"} or use.attribute is None:
            return False
        if use.attribute in self.changed or use.attribute == "__dict__":
            return True
        if use.attribute in {"pk", "_meta", "_state"}:
            return False
        field = self.model.field(use.attribute)
        if field is None or is_generated(field):
            return True
        return (
            field.relation is not None
            and field.relation.kind == "one-to-one"
            and use.attribute != field.attname
        )

    def reads(self, where: Iterable[Use], names: Iterable[str]) -> Iterator[Use]:
        """The uses that load one of the object's attributes `names` (by field or by column)."""
        wanted = set(names)
        return (use for use in where if use.kind in {"read", "capture"} and use.attribute in wanted)


Guard = Callable[[Situation], Iterator[Reason]]
"""Gives its reason where it holds, and nothing where it does not."""


def components_of(inference: Inference) -> Iterator[Component]:
    """The changes of one function, each with the saves of its object that it reaches."""
    statements = list(statements_of(inference.function))
    changes = [change for item in statements if (change := change_of(item)) is not None]
    saves = [save for item in statements if (save := save_of(item)) is not None]
    for path in dict.fromkeys(change.path for change in changes):
        of_path = [change for change in changes if change.path == path]
        yield from _linked(inference.flow, path, of_path, [s for s in saves if s.path == path])


def _linked(
    flow: Flow, path: Path, changes: list[Change], saves: list[Save]
) -> Iterator[Component]:
    reached = {change: _saves_reached(flow, path, change, saves) for change in changes}
    left = list(changes)
    while left:
        group = [left.pop(0)]
        found = set(reached[group[0]])
        for change in list(left):
            if found & set(reached[change]):
                group.append(change)
                found |= set(reached[change])
                left.remove(change)
        yield Component(path, tuple(group), tuple(save for save in saves if save in found))


def _saves_reached(flow: Flow, path: Path, change: Change, saves: list[Save]) -> list[Save]:
    """The saves that find this change made: the first on each path, on which `path` is not rebound.

    A save whose `update_fields` leave the field out does not save it.
    """
    fitting = [
        save for save in saves if save.update_fields is None or change.field in save.update_fields
    ]
    points = {flow.graph.point_of(save.statement): save for save in fitting}
    start = flow.graph.point_of(change.statement)
    return [
        save
        for point, save in points.items()
        if point in points_after(flow, start, path, until=points.keys() - {point})
    ]


def situation_of(
    inference: Inference, component: Component, value: Instance, model: Model
) -> Situation:
    """Everything the guards ask about a component."""
    flow = inference.flow
    changes = [flow.graph.point_of(item.statement) for item in component.changes]
    saves = [flow.graph.point_of(item.statement) for item in component.saves]
    own = _own_nodes(component)
    statements: list[ast.stmt] = [item.statement for item in component.changes]
    statements += [item.statement for item in component.saves]
    paths = names_of(flow, component.path, statements)
    before = collected(paths, own, lambda path: _before(flow, changes, path))
    between = collected(paths, own, lambda path: _between(flow, changes, saves, path))
    after = collected(paths, own, lambda path: _each(uses_after, flow, saves, path))
    fields = {
        change.field: field
        for change in component.changes
        if (field := model.field(change.field)) is not None
    }
    return Situation(
        inference,
        component,
        value,
        model,
        fields,
        before,
        between,
        after,
        collected(paths, own, lambda path: _after_failure(flow, changes, saves, path)),
        {save: stored_before(flow, paths, save) for save in component.saves},
        any(flow.graph.exit in _unsaved(flow, one, saves, component.path) for one in changes),
    )


def _own_nodes(component: Component) -> frozenset[ast.AST]:
    """The changed attributes where they are changed, and the methods of the saves."""
    found: list[ast.AST] = [save.call.func for save in component.saves]
    for change in component.changes:
        found.append(change.target)
        found.extend([change.own] if change.own is not None else [])
    return frozenset(found)


_Find = Callable[[Flow, Point, Path], Iterable[Use]]


def _each(find: _Find, flow: Flow, points: list[Point], path: Path) -> Iterator[Use]:
    for point in points:
        yield from find(flow, point, path)


def _before(flow: Flow, changes: list[Point], path: Path) -> Iterator[Use]:
    """Uses before the changes; of those in their amounts, what hands the object to other code."""
    for change in changes:
        yield from uses_before(flow, change, path)
        here = (use for use in uses(flow, path) if use.point is change)
        yield from (use for use in here if use.kind not in {"read", "store"})


def _between(flow: Flow, changes: list[Point], saves: list[Point], path: Path) -> Iterator[Use]:
    for change in changes:
        for save in saves:
            yield from uses_between(flow, change, save, path)
        missed = _unsaved(flow, change, saves, path)
        yield from (use for use in uses_after(flow, change, path) if use.point in missed)


def _unsaved(flow: Flow, change: Point, saves: list[Point], path: Path) -> frozenset[Point]:
    """The points after a change that no save comes before, unless something fails."""
    named = points_after(flow, change, path, until=saves)
    return named & flow.graph.reachable(
        change, through=lambda point: point not in saves, edges=WITHOUT_EXCEPTIONS
    )


def _after_failure(
    flow: Flow, changes: list[Point], saves: list[Point], path: Path
) -> Iterator[Use]:
    """Uses in handlers that run when a save, or what stands between change and save, fails."""
    points = {point for one in changes for save in saves for point in flow.graph.between(one, save)}
    for point in (*points, *saves):
        for edge in flow.graph.successors(point):
            if edge.kind == "exception" and edge.target is not flow.graph.raised:
                yield from (use for use in uses(flow, path) if use.point is edge.target)
                yield from uses_after(flow, edge.target, path)
