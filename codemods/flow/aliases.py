"""Other paths that may name the same object at a point.

Each variable is traced back through the bindings that may have given it its value: assignments
(also through conditional expressions, `and`, `or`, `:=`, unpacked displays), augmented assignments,
`with ... as`, loops over a display, captures of a `match`, stores to attributes, and calls, whose
result may be the receiver or an argument. Two paths are aliases if their traces meet. Objects that
come from elsewhere by two ways (two queries for one row, two parameters, members of containers)
are not recognised.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.flow.definitions import Definition
from djfix.codemods.flow.effects import effects_between
from djfix.codemods.flow.names import Flow
from djfix.codemods.source.chains import Path, path_of

How = Literal["assignment", "element", "call"]

_LONGEST_REST = 6
"""Chains of attributes are told apart up to this length (`node = node.next` in a loop)."""

_MOST_STORES = 2
"""How many times an object is followed through the attributes that it was stored to."""

_MOST_ORIGINS = 2000
"""Beyond this every variable may be an alias."""


@dataclass(frozen=True, slots=True, order=True)
class Alias:
    """A path that may name the object; `certain` if it does on every path to the node.

    `how` is the weakest link: "assignment" hands on the object itself; "element": it is a member
    of a display looped over, what a `with` gives, what a pattern captured; "call": the result of a
    call, which may be its receiver or one of its arguments.
    """

    path: Path
    certain: bool
    how: How


@dataclass(frozen=True, slots=True)
class Source:
    """An expression whose object a binding may hand on; `path` if it is a chain of names."""

    path: Path | None
    node: ast.expr
    how: How
    sole: bool


Root = Definition | ast.AST
"""Where an object comes from: a binding, or an expression (`a = b = get()`)."""

Origin = tuple[Root, Path]
"""A root, and the attributes that lead from its object to the one asked for."""

Named = tuple[Path | None, ast.AST]
"""A path with the node at which it is meant; None for an expression that is no path."""


def aliases(flow: Flow, path: Path, at: ast.AST) -> tuple[Alias, ...]:
    """The paths, without `path` itself, that certainly or possibly name its object at a node."""
    tracer = _Tracer(flow, at)
    try:
        found = _meeting(tracer, path)
    except TooManyOriginsError:
        found = {(name,): "call" for name in tracer.variables()}
    found.pop(path, None)
    return tuple(
        Alias(alias, how == "assignment" and tracer.is_certain(path, alias), how)
        for alias, how in sorted(found.items())
    )


def _meeting(tracer: _Tracer, path: Path) -> dict[Path, How]:
    """The paths with an origin in common with this one."""
    wanted: dict[Root, list[tuple[Path, How]]] = {}
    for (root, rest), how in tracer.origins(path).items():
        wanted.setdefault(root, []).append((rest, how))
    found: dict[Path, How] = {}
    for name in sorted(tracer.variables()):
        for (root, rest), how in tracer.origins((name,)).items():
            for longer, weakness in wanted.get(root, ()):
                if longer[: len(rest)] == rest:
                    alias = (name, *longer[len(rest) :])
                    found[alias] = _stronger(_weaker(how, weakness), found.get(alias))
    return found


_STRENGTH: tuple[How, ...] = ("assignment", "element", "call")


def _weaker(first: How, second: How) -> How:
    return max(first, second, key=_STRENGTH.index)


def _stronger(first: How, second: How | None) -> How:
    return first if second is None else min(first, second, key=_STRENGTH.index)


class TooManyOriginsError(Exception):
    """There are more ways than can be followed."""


def _by_origin(found: dict[tuple[Origin, int], How]) -> dict[Origin, How]:
    merged: dict[Origin, How] = {}
    for (origin, _), how in found.items():
        merged[origin] = _stronger(how, merged.get(origin))
    return merged


class _Tracer:
    """Traces paths back from one node."""

    def __init__(self, flow: Flow, at: ast.AST) -> None:
        self._flow = flow
        self._at = at
        self._point = flow.graph.point_of(at)
        self._found: dict[tuple[str, ast.AST], tuple[Definition, ...]] = {}
        self._stores = self._stores_by_root()

    def variables(self) -> set[str]:
        """All names that are bound or read in the function's own scope."""
        return {definition.name for definition in self._flow.definitions.all}

    def origins(self, path: Path) -> dict[Origin, How]:
        """The bindings that may have given the path its object, by their weakest link.

        Raises TooManyOriginsError rather than to leave any out.
        """
        found: dict[tuple[Origin, int], How] = {}
        waiting: list[tuple[Origin, int, How]] = [
            ((definition, path[1:]), 0, "assignment")
            for definition in self._reaching(path[0], self._at)
        ]
        while waiting:
            origin, stores, how = waiting.pop()
            better = _stronger(how, found.get((origin, stores)))
            if better == found.get((origin, stores)):
                continue
            found[origin, stores] = better
            if len(found) > _MOST_ORIGINS:
                raise TooManyOriginsError
            waiting.extend((earlier, stores, link) for earlier, link in self._earlier(origin, how))
            if stores < _MOST_STORES:
                stored = self._stored(origin, how)
                waiting.extend((earlier, stores + 1, link) for earlier, link in stored)
        return _by_origin(found)

    def _reaching(self, name: str, at: ast.AST) -> tuple[Definition, ...]:
        if (name, at) not in self._found:
            self._found[name, at] = tuple(
                definition
                for definition in self._flow.reaching(name, at)
                if definition.kind not in ("unbound", "del", "inner")
            )
        return self._found[name, at]

    def _earlier(self, origin: Origin, how: How) -> Iterator[tuple[Origin, How]]:
        root, rest = origin
        if isinstance(root, Definition):
            for source in sources_of(self._flow, root):
                for earlier, attributes in self._roots(source.path, source.node):
                    yield (earlier, (*attributes, *rest)[:_LONGEST_REST]), _weaker(how, source.how)

    def _roots(self, path: Path | None, node: ast.AST) -> Iterator[Origin]:
        if path is None:
            yield node, ()
            return
        for definition in self._reaching(path[0], node):
            yield definition, path[1:]

    def _stores_by_root(self) -> Mapping[Root, Sequence[tuple[Path, Named, How]]]:
        """By the root of each side of a store to an attribute: what follows the root there, and
        the other side."""
        found: dict[Root, list[tuple[Path, Named, How]]] = {}
        for place, target, source in self._attribute_stores():
            sides: tuple[Named, Named] = (place, target), (source.path, source.node)
            for one, other in (sides, sides[::-1]):
                for root, attributes in self._roots(*one):
                    found.setdefault(root, []).append((attributes, other, source.how))
        return found

    def _attribute_stores(self) -> Iterator[tuple[Path, ast.AST, Source]]:
        """Stores to attributes, at points from which the node can be reached."""
        before = self._flow.graph.reachable(self._point, forward=False) | {self._point}
        for point in before:
            for step in self._flow.graph.steps(point):
                place = path_of(step.node)
                if step.access == "store" and place is not None and len(place) > 1:
                    for source in _bound_sources(step.binding, step.value):
                        yield place, step.node, source

    def _stored(self, origin: Origin, how: How) -> Iterator[tuple[Origin, How]]:
        """Other names of the object, if it or what leads to it went into an attribute."""
        root, rest = origin
        for attributes, other, link in self._stores.get(root, ()):
            if rest[: len(attributes)] != attributes:
                continue
            for earlier, others in self._roots(*other):
                longer = (*others, *rest[len(attributes) :])[:_LONGEST_REST]
                yield (earlier, longer), _weaker(how, link)

    def is_certain(self, first: Path, second: Path) -> bool:
        """Whether each has one trace, they meet, and nothing can have come between."""
        one, other = list(self._sole_trace(first)), list(self._sole_trace(second))
        met = [origin for origin in one if origin in other]
        if not met:
            return False
        parts = (one[: one.index(met[0]) + 1], other[: other.index(met[0]) + 1])
        return all(self._undisturbed(part) for part in parts)

    def _sole_trace(self, path: Path) -> Iterator[tuple[Definition, Path]]:
        at, seen = self._at, set[tuple[Definition, Path]]()
        while True:
            reaching = self._flow.reaching(path[0], at)
            if len(reaching) != 1 or reaching[0].conditional:
                return
            origin = (reaching[0], path[1:])
            if origin in seen:
                return
            seen.add(origin)
            yield origin
            sources = list(sources_of(self._flow, reaching[0]))
            if len(sources) != 1 or not sources[0].sole or sources[0].path is None:
                return
            path, at = (*sources[0].path, *path[1:]), sources[0].node

    def _undisturbed(self, trace: list[tuple[Definition, Path]]) -> bool:
        """Whether no binding further back is made again, nor an attribute stored, on the way."""
        graph = self._flow.graph
        for index, (definition, _) in enumerate(trace[:-1]):
            passed = graph.between(definition.point, self._point)
            if any(earlier.point in passed for earlier, _ in trace[index + 1 :]):
                return False
        attributes = {name for _, rest in trace for name in rest}
        oldest = trace[-1][0].point
        return not attributes or not any(
            effect.kind != "attribute" or getattr(effect.node, "attr", "") in attributes
            for definition, _ in trace[:-1]
            for effect in effects_between(self._flow, definition.point, self._point)
            if definition.point is not oldest
        )


def sources_of(flow: Flow, definition: Definition) -> Iterator[Source]:
    """The expressions whose object a binding may hand on to its name."""
    point = definition.point
    match definition.kind:
        case "augmented" if isinstance(point.node, ast.AugAssign):
            yield Source((definition.name,), point.node.target, "assignment", False)
        case "match":
            statement = flow.parents.get(point.node)
            if isinstance(statement, ast.Match):
                yield from _alternatives(statement.subject, "element", False)
        case "assign" | "walrus":
            sole = not definition.conditional
            yield from _bound_sources(definition.kind, definition.value, sole=sole)
        case _:
            yield from _bound_sources(definition.kind, definition.value)


def _bound_sources(kind: str, value: ast.expr | None, *, sole: bool = False) -> Iterator[Source]:
    """What a target may get, by the kind of its binding."""
    if value is None:
        return
    if kind in ("assign", "walrus"):
        yield from _alternatives(value, "assignment", sole)
    elif kind == "with":
        yield from _alternatives(value, "element", False)
    elif kind == "for" and isinstance(value, (ast.Tuple, ast.List, ast.Set)):
        for element in value.elts:
            yield from _alternatives(element, "element", False)


def _alternatives(value: ast.expr, how: How, sole: bool) -> Iterator[Source]:
    """The expressions that the object of a value may come from, itself included."""
    if not isinstance(value, ast.Constant):
        yield Source(path_of(value), value, how, sole)
    for part, weaker in _results(value, how):
        yield from _alternatives(part, weaker, False)


def _results(value: ast.expr, how: How) -> Iterator[tuple[ast.expr, How]]:
    """The operands that an expression may give back."""
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            yield from ((body, how), (orelse, how))
        case ast.BoolOp(values=values):
            yield from ((operand, how) for operand in values)
        case ast.NamedExpr(value=inner) | ast.Await(value=inner):
            yield (inner, how)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            if isinstance(function, ast.Attribute):
                yield (function.value, "call")
            yield from ((argument, "call") for argument in arguments)
            yield from ((keyword.value, "call") for keyword in keywords)
