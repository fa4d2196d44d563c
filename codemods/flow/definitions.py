"""Reaching definitions: which binding of a variable may be the one that a read finds.

Forward data flow over the nodes of a graph, with one bit per definition. A point that raises may
have bound its names or not, unless the binding is the last thing that it does. What a nested
function rebinds through `nonlocal` can happen at any time after that function was created.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from djfix.codemods.flow.evaluation import Step
from djfix.codemods.flow.points import EdgeKind, Point
from djfix.codemods.flow.raising import can_raise
from djfix.codemods.flow.scopes import Resolver, arguments_of, bound_by, parameters_of

if TYPE_CHECKING:
    from djfix.codemods.flow.graph import Graph

DefinitionKind = Literal[
    "parameter",
    "assign",
    "augmented",
    "for",
    "with",
    "except",
    "import",
    "def",
    "class",
    "walrus",
    "del",
    "match",
    "global",
    "nonlocal",
    "inner",
    "unbound",
]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One binding of a name; compared by identity.

    `node` is what binds it: the `ast.Name` in a target, the `arg`, `alias`, handler, pattern or
    nested def. `value` is the expression that the kind says something of: the value itself for
    assign and walrus, the right operand for augmented, the iterable for `for`, the manager for
    `with`; None where the name is bound to a part of it (unpacking), and for all other kinds.
    Kinds of bindings that are not in the function's own code: "global" (bound outside, any call may
    rebind it), "nonlocal" (a nested function rebinds it, any time after its creation), "inner"
    (the name belongs to a nested scope). A "del" leaves the name without a value. `conditional`:
    the point can be passed without it.
    """

    name: str
    point: Point
    node: ast.AST
    kind: DefinitionKind
    value: ast.expr | None = None
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A definition within its point: at which step, and its bit."""

    definition: Definition
    step: int
    bit: int
    scopes: tuple[ast.AST, ...]


class Definitions:
    """All definitions of a function and which of them reach where."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.resolver = Resolver(graph.function)
        self.all: list[Definition] = []
        self._at: dict[Point, list[Placed]] = {}
        self._of_name: dict[str, int] = defaultdict(int)
        self._killable: dict[str, int] = defaultdict(int)
        self._initial = self._define_entry()
        for point in graph.points:
            self._define_point(point)
        self._final = {point for point in self._at if self._binds_last(point)}
        self._reaching = self._solve()

    def _add(self, definition: Definition, *, sticky: bool = False) -> int:
        bit = 1 << len(self.all)
        self.all.append(definition)
        self._of_name[definition.name] |= bit
        if not sticky:
            self._killable[definition.name] |= bit
        return bit

    def _define_entry(self) -> int:
        """Parameters, and for every other variable that it has no value yet."""
        function, entry = self.graph.function, self.graph.entry
        mask, named = 0, set(parameters_of(function))
        if not isinstance(function, ast.Module):
            for argument in arguments_of(function):
                mask |= self._add(Definition(argument.arg, entry, argument, "parameter"))
        for name in sorted(self.resolver.names.bound - named):
            mask |= self._add(Definition(name, entry, function, "unbound"))
        for name in sorted(self._outer_names()):
            mask |= self._add(Definition(name, entry, function, "global"), sticky=True)
        return mask

    def _outer_names(self) -> set[str]:
        """Names of outer scopes that the function's own code reads or binds."""
        names = self.resolver.names
        outer = set(names.declared_global | names.declared_nonlocal)
        for point in self.graph.points:
            for step in self.graph.steps(point):
                if isinstance(step.node, ast.Name) and step.node.id not in names.bound:
                    outer.add(step.node.id)
        return outer

    def _define_point(self, point: Point) -> None:
        placed: list[Placed] = []
        for index, step in enumerate(self.graph.steps(point)):
            for name in bound_at(step):
                if self.resolver.owner(name, step) is not self.graph.function:
                    continue
                definition = _definition(name, point, step)
                bit = self._add(definition, sticky=step.captured)
                placed.append(Placed(definition, index, bit, step.scopes))
        if placed:
            self._at[point] = placed

    def _binds_last(self, point: Point) -> bool:
        steps, first = self.graph.steps(point), self._at[point][0].step
        later = [step for step in steps[first + 1 :] if step.node is not point.node]
        return not can_raise(later) and not any(step.access == "delete" for step in later)

    def at(self, point: Point) -> list[Placed]:
        """The definitions made at a point, in order."""
        return self._at.get(point, [])

    def after(self, state: int, point: Point, kind: EdgeKind) -> int:
        """The definitions that hold on an edge out of a point, given those before it."""
        placed = self._at.get(point)
        if not placed:
            return state
        if not self._completed(point, kind):
            return state if self._unstarted(point, kind) else state | _bits(placed)
        return self._applied(state, point, placed)

    def _completed(self, point: Point, kind: EdgeKind) -> bool:
        """Whether all bindings of a point have happened on this edge out of it."""
        if point.kind == "unbind":
            return True
        if point.kind in ("case", "handler"):
            return kind == "true"
        return kind not in ("exception", "exhausted")

    def _unstarted(self, point: Point, kind: EdgeKind) -> bool:
        """Whether no binding of a point has happened on this edge out of it."""
        return (
            point.kind == "handler"
            or kind == "exhausted"
            or (kind == "exception" and point in self._final)
        )

    def _applied(self, state: int, point: Point, placed: Iterable[Placed]) -> int:
        """The state after these bindings; alternatives of a pattern do not replace each other."""
        bound: dict[str, int] = {}
        for one in placed:
            definition = one.definition
            sticky = not one.bit & self._killable[definition.name]
            if not definition.conditional and not sticky:
                state &= ~self._killable[definition.name]
                if point.kind == "case":
                    bound[definition.name] = bound.get(definition.name, 0) | one.bit
            state |= one.bit | bound.get(definition.name, 0)
        return state

    def kills(self, name: str, point: Point, kind: EdgeKind) -> bool:
        """Whether the name surely has another value after leaving a point by this kind of edge."""
        return self._completed(point, kind) and any(
            one.definition.name == name
            and not one.definition.conditional
            and one.definition.kind != "nonlocal"
            for one in self.at(point)
        )

    def _solve(self) -> list[int]:
        nodes = self.graph.nodes
        reaching = [0] * len(nodes.owners)
        reaching[nodes.entry] = self._initial
        waiting, queued = [nodes.entry], {nodes.entry}
        reached = set[int]()
        while waiting:
            node = waiting.pop()
            queued.discard(node)
            reached.add(node)
            for target, kind in nodes.succeeding[node]:
                state = reaching[target] | self.after(reaching[node], nodes.owners[node], kind)
                if state != reaching[target] or target not in reached:
                    reaching[target] = state
                    if target not in queued:
                        queued.add(target)
                        waiting.append(target)
        return reaching

    def before(self, point: Point) -> int:
        """The bits of the definitions that reach a point."""
        state = 0
        for node in self.graph.nodes.of(point):
            state |= self._reaching[node]
        return state

    def at_step(self, name: str, point: Point, index: int) -> Iterator[Definition]:
        """The definitions of a name of this function that reach one step of a point."""
        step = self.graph.steps(point)[index]
        mask = self._of_name.get(name, 0)
        if not step.captured:
            mask &= self._state_at(point, index, step)
        return self._chosen(mask)

    def _state_at(self, point: Point, index: int, step: Step) -> int:
        placed = self.at(point)
        earlier = [one for one in placed if one.step < index]
        state = self._applied(self.before(point), point, earlier)
        if step.scopes:
            state |= _bits(one for one in placed if one.scopes[:1] == step.scopes[:1])
        return state

    def at_start(self, name: str, point: Point) -> Iterator[Definition]:
        """The definitions of a name that reach the beginning of a point."""
        return self._chosen(self._of_name.get(name, 0) & self.before(point))

    def _chosen(self, mask: int) -> Iterator[Definition]:
        while mask:
            lowest = mask & -mask
            yield self.all[lowest.bit_length() - 1]
            mask ^= lowest


def _bits(placed: Iterable[Placed]) -> int:
    bits = 0
    for one in placed:
        bits |= one.bit
    return bits


def bound_at(step: Step) -> tuple[str, ...]:
    """The names bound or deleted at a step."""
    if isinstance(step.node, ast.Name):
        return () if step.access == "load" else (step.node.id,)
    return bound_by(step.node)


_KINDS: tuple[tuple[type[ast.AST], DefinitionKind], ...] = (
    (ast.alias, "import"),
    (ast.FunctionDef, "def"),
    (ast.AsyncFunctionDef, "def"),
    (ast.ClassDef, "class"),
    (ast.MatchAs, "match"),
    (ast.MatchStar, "match"),
    (ast.MatchMapping, "match"),
    (ast.ExceptHandler, "except"),
)


def _definition(name: str, point: Point, step: Step) -> Definition:
    node = step.node
    if step.captured:
        return Definition(name, point, node, "nonlocal", None, True)
    kind: DefinitionKind = next((kind for cls, kind in _KINDS if isinstance(node, cls)), "assign")
    if step.binding in ("assign", "augmented", "for", "with", "walrus", "del"):
        kind = step.binding  # type: ignore[assignment]
    value = step.value if isinstance(node, ast.Name) else None
    return Definition(name, point, node, kind, value, step.conditional)
