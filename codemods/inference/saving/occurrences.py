"""One save of all columns, and all that happens to its object from where it was loaded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from djfix.codemods.flow.points import Point
from djfix.codemods.flow.uses import Use, points_before, uses, uses_before
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.saving.objects import collected, names_of
from djfix.codemods.inference.saving.saves import Save
from djfix.codemods.inference.values import Instance, Manager, QuerySet, Value
from djfix.codemods.project.models import Model
from djfix.codemods.project.project import Project
from djfix.codemods.source.chains import Path, path_of
from djfix.codemods.source.walking import children


@dataclass(frozen=True, eq=False)
class Occurrence:
    """A save, with what is known of its object.

    `before`: the uses of the object, by any of its names, that may come before the save.
    """

    inference: Inference
    save: Save
    value: Instance
    model: Model
    before: tuple[Use, ...]

    @property
    def project(self) -> Project:
        return self.inference.project

    @property
    def path(self) -> Path:
        return self.save.path

    @property
    def target(self) -> str:
        return ".".join(self.path)

    @cached_property
    def stores(self) -> tuple[Use, ...]:
        """The assignments to attributes of the object that the save finds."""
        return tuple(use for use in self.before if use.kind == "store" and use.attribute)

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The attributes assigned, in the order of the text."""
        return tuple(dict.fromkeys(use.attribute for use in self.stores if use.attribute))

    @cached_property
    def region(self) -> frozenset[Point]:
        """The points between the object's binding and the save."""
        flow = self.inference.flow
        return points_before(flow, flow.graph.point_of(self.save.statement), self.path)

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """The calls in the region, but for the save itself."""
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """What is evaluated in the region, but for the save itself."""
        return tuple(
            node
            for point in sorted(self.region, key=lambda each: each.index)
            for node in self._nodes_at(point)
            if node is not self.save.call
        )

    def _nodes_at(self, point: Point) -> Iterator[ast.AST]:
        """The expressions evaluated at a point; of compound statements only their heads."""
        first = point.node
        waiting = [] if first is self.inference.function or isinstance(first, ast.Try) else [first]
        while waiting:
            node = waiting.pop(0)
            if node is not first and isinstance(node, ast.stmt):
                continue
            yield node
            waiting.extend(children(node))

    def value_of(self, expression: ast.expr) -> Value:
        return self.inference.value(expression)

    @cached_property
    def keys(self) -> frozenset[Path | None]:
        """What names the row: the names that it was looked up by, and its own key."""
        found: set[Path | None] = {(*self.path, name) for name in ("pk", "id")}
        for definition in self.inference.flow.reaching(self.path[0], self.save.statement):
            if isinstance(definition.value, ast.Call):
                call = definition.value
                given = [*call.args, *(item.value for item in call.keywords)]
                found.update(path_of(item) for item in given)
        return frozenset(found - {None})

    def source(self) -> Iterator[ast.expr]:
        """The lists or querysets that the object may come out of."""
        for definition in self.inference.flow.reaching(self.path[0], self.save.statement):
            value = definition.value
            if isinstance(value, ast.Subscript):
                yield value.value
            elif definition.kind == "for" and value is not None:
                yield value
            elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                yield value.func.value


def occurrence_of(inference: Inference, save: Save, value: Instance, model: Model) -> Occurrence:
    """Everything that the guards ask about a save."""
    flow = inference.flow
    point = flow.graph.point_of(save.statement)
    paths = names_of(flow, save.path, [save.statement])
    own = frozenset[ast.AST]({save.call.func})
    before = collected(paths, own, lambda path: uses_before(flow, point, path))
    if value.origin == "relation":
        # Others may hold the object that a relation gives: all assignments count, wherever.
        shared = collected(paths, own, lambda path: _stores(uses(flow, path), path))
        before = tuple(dict.fromkeys((*before, *shared)))
    return Occurrence(inference, save, value, model, before)


def _stores(found: tuple[Use, ...], path: Path) -> Iterator[Use]:
    return (use for use in found if use.kind == "store" and use.path == path)


def is_rows(value: Value) -> bool:
    """Whether a value stands for rows: a queryset or manager."""
    return isinstance(value, Manager | QuerySet)
