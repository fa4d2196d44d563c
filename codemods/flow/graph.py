"""Control flow of one Python function: its points, the edges between them, and paths.

The model
---------
A **point** is one simple statement, one test, one step of a `for`, a `with`, a `match`, an except
clause; plus `entry`, `exit` (the function returned) and `raised` (an exception left it). An
**edge** says that one point may directly follow another. The edges cover every execution, except
for exceptions that come from outside at any moment (KeyboardInterrupt, a signal handler's) and
functions abandoned for ever (a generator that is never resumed): a point whose code can raise has
an edge of kind "exception" to the nearest clauses that may catch it, through `finally` blocks and
`__exit__` calls, else to `raised`. A context manager may swallow an exception (edge kind
"suppressed"), unless `may_suppress` says that this one does not.

What runs on every way out of a block (`finally`, `__exit__`, the deletion of an except clause's
name) keeps the ways apart: no path returns through a `finally` and then goes on after the `try`.
The points are the same; all queries here follow only such paths, where `Graph.successors` is
the union over the ways.

Loops are paths that come back; nothing is assumed of values, so of both branches of an `if` each
is possible, except for constant tests (`while True`). Calls do return. A class body within the
function is one point. Bodies of nested functions, lambdas and generator expressions belong to the
point that creates them, though they run later, if ever.

Every answer errs to one side: `reachable`, `between` and `can_repeat` may say too much, never too
little; `dominates` may deny what is so, never the reverse.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator

from djfix.codemods.flow.building import Builder, MaySuppress
from djfix.codemods.flow.definitions import Definitions
from djfix.codemods.flow.evaluation import Step
from djfix.codemods.flow.points import (
    EDGE_KINDS,
    WITHOUT_EXCEPTIONS,
    Edge,
    EdgeKind,
    Point,
    PointKind,
)
from djfix.codemods.flow.scopes import Function, arguments_of
from djfix.codemods.flow.unbound import points_with_unbound_names
from djfix.codemods.source.walking import children, walk

__all__ = [
    "EDGE_KINDS",
    "WITHOUT_EXCEPTIONS",
    "Edge",
    "EdgeKind",
    "Graph",
    "Point",
    "PointKind",
    "graph_of",
]

_FIRST_KINDS: tuple[PointKind, ...] = (
    "statement",
    "test",
    "iter",
    "subject",
    "with",
    "case",
    "handler",
)
_ORDER_IN_PLACE: tuple[PointKind, ...] = (
    "entry",
    "iter",
    "target",
    "subject",
    "case",
    "handler",
    "with",
    "test",
    "statement",
    "unbind",
    "leave",
    "gather",
    "reraise",
    "exit",
    "raised",
)
_AT_END = frozenset(("unbind", "leave", "gather", "reraise"))

Passes = Callable[[Point, EdgeKind], bool]
"""Whether a path may go on from this point by an edge of this kind."""


def graph_of(function: Function, *, may_suppress: MaySuppress | None = None) -> Graph:
    """The control flow of a function, lambda or module body.

    `may_suppress` is asked, for the expression of each item of a `with`, whether that context
    manager may swallow an exception of the body; without it every one may.
    """
    return definitions_of(function, may_suppress=may_suppress).graph


def definitions_of(function: Function, *, may_suppress: MaySuppress | None = None) -> Definitions:
    """The definitions of a function over its graph; `may_suppress` as for `graph_of`."""
    suppress = may_suppress or (lambda expression: True)
    raising: frozenset[tuple[ast.AST, PointKind]] = frozenset()
    while True:
        builder = Builder(suppress, raising)
        definitions = Definitions(Graph(function, builder, builder.function(function)))
        unbound = points_with_unbound_names(definitions)
        if unbound <= raising:
            return definitions
        raising |= unbound


class Graph:
    """The points of one function and what paths there are between them."""

    def __init__(self, function: Function, builder: Builder, entry: int) -> None:
        self.function = function
        self.points: tuple[Point, ...] = _numbered(builder.points.values(), function)
        self.entry = builder.owners[entry]
        self.exit, self.raised = builder.owners[0], builder.owners[1]
        self._steps = builder.steps
        self._by_node = _by_node(self)
        self.nodes = Nodes(builder, entry)

    def steps(self, point: Point) -> tuple[Step, ...]:
        """What is evaluated at a point, in order."""
        return self._steps[point]

    def successors(self, point: Point) -> tuple[Edge, ...]:
        """The ways out of a point."""
        nodes = self.nodes
        ways = [way for node in nodes.of(point) for way in nodes.succeeding[node]]
        edges = {(nodes.owners[node], kind): None for node, kind in ways}
        return tuple(Edge(target, kind) for target, kind in edges)

    def point_of(self, node: ast.AST) -> Point:
        """The point at which an expression is evaluated, or a statement begins.

        For code within a nested function, lambda or class: the point that creates it. Raises
        LookupError for a node outside of the function's body (its decorators and defaults, say).
        """
        return self._by_node[node]

    def reachable(
        self,
        start: Point,
        *,
        forward: bool = True,
        through: Callable[[Point], bool] = lambda point: True,
        edges: Collection[EdgeKind] = EDGE_KINDS,
    ) -> frozenset[Point]:
        """The points on paths of at least one edge from (or, backward, to) `start`.

        A point for which `through` is false is reached, but no path goes on from it; `start`
        itself is not asked when the paths set out from it.
        """
        return self.walk(
            start, lambda point, kind: through(point) and kind in edges, forward, edges
        )

    def walk(
        self,
        start: Point,
        passes: Passes,
        forward: bool = True,
        edges: Collection[EdgeKind] = EDGE_KINDS,
    ) -> frozenset[Point]:
        """As `reachable`, where each point and kind of edge out of it is asked."""
        nodes = self.nodes
        found = nodes.reached(nodes.of(start), forward, passes, edges)
        return nodes.points(found)

    def walk_back(self, start: Point, passes: Passes) -> frozenset[Point]:
        """The points on paths to `start`, where each edge is asked before the path goes on.

        The point that an edge comes from is reached even if the edge may not be passed.
        """
        nodes = self.nodes
        return nodes.points(nodes.reached_back(nodes.of(start), passes))

    def dominates(self, first: Point, second: Point) -> bool:
        """Whether every path from entry to `second` has passed `first`.

        A point dominates itself. False for a `second` that no path reaches.
        """
        if second not in self.live:
            return False
        if first is second or first is self.entry:
            return True
        return second not in self.reachable(self.entry, through=lambda point: point is not first)

    def between(self, first: Point, second: Point) -> frozenset[Point]:
        """The points on any path from after `first` to before `second`, not passing `first` again.

        Where a path passes `second` and comes back to it without `first`, what is on it counts,
        `second` included: it runs before that second time. `first` is never in it.
        """
        nodes = self.nodes
        starts, ends = nodes.of(first), nodes.of(second)

        def passes(point: Point, kind: EdgeKind) -> bool:
            return point is not first

        after = nodes.reached(starts, True, passes, EDGE_KINDS)
        before = nodes.reached(ends, False, passes, EDGE_KINDS)
        return nodes.points(after & before) - {first}

    def can_repeat(self, point: Point, without: Collection[Point] = ()) -> bool:
        """Whether a path leads from a point back to it without passing any of `without`."""
        barred = frozenset(without) - {point}
        return point in self.reachable(point, through=lambda passed: passed not in barred)

    @property
    def live(self) -> frozenset[Point]:
        """The points that some path from entry reaches; the others are dead code."""
        return self.nodes.live_points


class Nodes:
    """The nodes behind the points: a point has one for each way on which it is passed.

    `succeeding[node]` and `preceding[node]` are pairs of node and kind of edge.
    """

    def __init__(self, builder: Builder, entry: int) -> None:
        self.entry = entry
        self.owners = tuple(builder.owners)
        edges = [[(to.node, to.kind) for to in ways] for ways in builder.succeeding]
        self.live = _live(edges, entry)
        self.live_points = self.points(self.live)
        kept = [
            node in self.live or self.owners[node] not in self.live_points
            for node in range(len(edges))
        ]
        self.succeeding = [ways if kept[node] else [] for node, ways in enumerate(edges)]
        self.preceding: list[list[tuple[int, EdgeKind]]] = [[] for _ in edges]
        self._of_point: dict[Point, list[int]] = {}
        for node, ways in enumerate(self.succeeding):
            if kept[node]:
                self._of_point.setdefault(self.owners[node], []).append(node)
            for target, kind in ways:
                self.preceding[target].append((node, kind))

    def of(self, point: Point) -> list[int]:
        """The nodes of a point."""
        return self._of_point[point]

    def points(self, nodes: Iterable[int]) -> frozenset[Point]:
        """The points of nodes."""
        return frozenset([self.owners[node] for node in nodes])

    def reached(
        self, starts: Iterable[int], forward: bool, passes: Passes, edges: Collection[EdgeKind]
    ) -> set[int]:
        """The nodes on paths of at least one edge from `starts`, which are not asked at first."""
        ways = self.succeeding if forward else self.preceding
        waiting = [(to, kind) for node in starts for to, kind in ways[node] if kind in edges]
        found: set[int] = set()
        while waiting:
            node, _ = waiting.pop()
            if node in found:
                continue
            found.add(node)
            owner = self.owners[node]
            waiting.extend((to, kind) for to, kind in ways[node] if passes(owner, kind))
        return found

    def reached_back(self, starts: Iterable[int], passes: Passes) -> set[int]:
        """The nodes on paths to `starts`; beyond a node only by an edge that may be passed."""
        waiting = [way for node in starts for way in self.preceding[node]]
        found, passed = set[int](), set[int]()
        while waiting:
            node, kind = waiting.pop()
            found.add(node)
            if node not in passed and passes(self.owners[node], kind):
                passed.add(node)
                waiting.extend(self.preceding[node])
        return found


def _live(edges: list[list[tuple[int, EdgeKind]]], entry: int) -> set[int]:
    live, waiting = {entry}, [entry]
    while waiting:
        for target, _ in edges[waiting.pop()]:
            if target not in live:
                live.add(target)
                waiting.append(target)
    return live


def _numbered(points: Iterable[Point], function: ast.AST) -> tuple[Point, ...]:
    ordered = sorted(points, key=lambda point: _place(point, function))
    for index, point in enumerate(ordered):
        point.index = index
    return tuple(ordered)


def _place(point: Point, function: ast.AST) -> tuple[int, int, int, int]:
    rank = _ORDER_IN_PLACE.index(point.kind)
    if point.node is function:
        return (0 if point.kind == "entry" else 2, 0, 0, rank)
    node = point.node
    if isinstance(node, ast.withitem):
        node = node.context_expr
    elif isinstance(node, ast.match_case):
        node = node.pattern
    names = ("end_lineno", "end_col_offset") if point.kind in _AT_END else ("lineno", "col_offset")
    return (1, getattr(node, names[0]), getattr(node, names[1]), rank)


def _by_node(graph: Graph) -> dict[ast.AST, Point]:
    places: dict[ast.AST, Point] = {}
    first = [point for point in graph.points if point.kind in _FIRST_KINDS]
    for point in sorted(first, key=lambda point: _FIRST_KINDS.index(point.kind)):
        places.setdefault(point.node, point)
    for point in graph.points:
        for node in _evaluated_at(point):
            places[node] = point
    places |= _blocks(graph.function, places)
    places[graph.function] = graph.entry
    if not isinstance(graph.function, ast.Module):
        for argument in arguments_of(graph.function):
            places[argument] = graph.entry
    return places


def _evaluated_at(point: Point) -> Iterator[ast.AST]:
    node = point.node
    if point.kind == "statement":
        yield from walk(node)
    for part in _PARTS.get((point.kind), ()):
        inner = getattr(node, part, None)
        if inner is not None:
            yield from walk(inner)


_PARTS: dict[PointKind, tuple[str, ...]] = {
    "test": ("test",),
    "iter": ("iter",),
    "target": ("target",),
    "with": ("context_expr", "optional_vars"),
    "subject": ("subject",),
    "case": ("pattern", "guard"),
    "handler": ("type",),
}


def _blocks(function: ast.AST, places: dict[ast.AST, Point]) -> dict[ast.AST, Point]:
    """Statements without a point of their own begin where their first statement does."""
    blocks: dict[ast.AST, Point] = {}
    waiting: list[ast.AST] = [function]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)):
            first: ast.AST = node
            while first not in places:
                first = first.body[0] if isinstance(first, (ast.Try, ast.TryStar)) else _item(first)
            blocks[node] = places[first]
        if node is function or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting.extend(child for child in children(node) if not isinstance(child, ast.expr))
    return blocks


def _item(node: ast.AST) -> ast.AST:
    assert isinstance(node, (ast.With, ast.AsyncWith))
    return node.items[0]
