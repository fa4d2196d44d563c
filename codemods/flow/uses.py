"""What a function does with the object that a path names: reads, stores, calls, escapes.

A path is a variable and attributes, ("order", "account"). A use is of the path itself, or of the
nearest prefix of it: what is handed `order` can reach `order.account`. `Use.path` says which;
compare it with the path asked for where only that counts. Of a longer chain the first attribute
after the path is reported, as a read: `order.account.balance -= 1` reads "account" of ("order",),
and reads and stores "balance" of ("order", "account").

Uses of *other* names for the same object are not among them: see `aliases`. Kinds:

- "read", "store": `path.attr` is loaded; assigned, augmented (a read and a store) or deleted
- "call": `path.method(...)`; "pass": an argument of a call; "return"; "yield"
- "alias": bound to another name, put into a container, made a default argument
- "compare", "truth", "format", "iterate" (`for`, `in`, `*`), "subscript" (`path[...]`)
- "capture": in a nested function, lambda or generator expression, which may run at any time once
  created; `attribute` is given if it is an attribute that is used there
- "rebind": the variable, or an attribute that is part of the path, is bound anew or deleted
- "other": anything else; nothing is known of it
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from djfix.codemods.flow.aliases import Alias, aliases
from djfix.codemods.flow.classification import UseKind, kinds_of
from djfix.codemods.flow.evaluation import Access
from djfix.codemods.flow.names import Flow
from djfix.codemods.flow.paths import Mention
from djfix.codemods.flow.points import EdgeKind, Point
from djfix.codemods.source.chains import Path, path_of

__all__ = [
    "ESCAPES",
    "Alias",
    "Path",
    "Use",
    "UseKind",
    "aliases",
    "escapes",
    "path_of",
    "points_after",
    "points_before",
    "uses",
    "uses_after",
    "uses_at",
    "uses_before",
    "uses_between",
]

ESCAPES: frozenset[UseKind] = frozenset(
    ("pass", "return", "yield", "alias", "iterate", "subscript", "capture", "other")
)
"""Kinds by which an object gets out of sight; a "call" runs a method of the object itself."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an object path.

    `node` is the expression that names the path, or the attribute node of `path.attr`; for a
    rebind, what binds. `attribute` is the attribute used, None where the path itself is. `moment`
    counts the steps of the point, so that uses of one point can be ordered: a "call" or "pass"
    happens when the call is made, not when its operands are evaluated. `conditional`: the point
    can be passed without it. `scope` is the nested function, lambda or generator expression of a
    capture.
    """

    kind: UseKind
    node: ast.AST
    point: Point
    path: Path
    attribute: str | None = None
    conditional: bool = False
    moment: int = 0
    scope: ast.AST | None = None


def uses(flow: Flow, path: Path) -> tuple[Use, ...]:
    """Every use of a path in the function, by the order of the text and of evaluation."""
    found = [use for mention in flow.mentions.of(path[0]) for use in _uses(flow, path, mention)]
    found.extend(_rebinds(flow, path[0]))
    return tuple(sorted(found, key=lambda use: (use.point.index, use.moment)))


def uses_at(flow: Flow, point: Point, path: Path) -> tuple[Use, ...]:
    """The uses of a path at one point, in the order of evaluation."""
    return tuple(use for use in uses(flow, path) if use.point is point)


def uses_after(
    flow: Flow, point: Point, path: Path, *, until: Collection[Point] = ()
) -> tuple[Use, ...]:
    """The uses that may follow a point (not those at it, unless a loop comes back to it).

    Paths end where the path is surely bound anew (that point's uses are included) and before the
    points of `until` (theirs are not). Captures made before the point are included: they may run.
    """
    return _uses_in(flow, path, points_after(flow, point, path, until=until), point)


def points_after(
    flow: Flow, point: Point, path: Path, *, until: Collection[Point] = ()
) -> frozenset[Point]:
    """The points reachable from `point` while the path may still name the same object.

    A binding ends a path only where it surely happened: not one in a skipped operand, nor one
    that failed. The point of such a binding is included; those of `until` are not.
    """
    barred = frozenset(until)
    keeps = _keeping(flow, path)

    def passes(passed: Point, kind: EdgeKind) -> bool:
        return passed not in barred and keeps(passed, kind)

    return flow.graph.walk(point, passes) - barred


def escapes(found: Iterable[Use]) -> tuple[Use, ...]:
    """Those uses after which code that is not seen here may hold or change the object."""
    return tuple(use for use in found if use.kind in ESCAPES)


def uses_before(flow: Flow, point: Point, path: Path) -> tuple[Use, ...]:
    """The uses of the same object that may precede a point, back to where the path was bound.

    The binding points are included, with all their uses.
    """
    return _uses_in(flow, path, points_before(flow, point, path), point)


def points_before(flow: Flow, point: Point, path: Path) -> frozenset[Point]:
    """The points that may precede one while the path names the same object, its binding's too."""
    return flow.graph.walk_back(point, _keeping(flow, path))


def uses_between(flow: Flow, first: Point, second: Point, path: Path) -> tuple[Use, ...]:
    """The uses at `graph.between(first, second)`, and captures made before."""
    return _uses_in(flow, path, flow.graph.between(first, second), first)


def _uses_in(flow: Flow, path: Path, points: Collection[Point], start: Point) -> tuple[Use, ...]:
    found = uses(flow, path)
    created = {use.point for use in found if use.kind == "capture"} - set(points)
    earlier = flow.graph.reachable(start, forward=False) | {start} if created else frozenset()
    return tuple(
        use
        for use in found
        if use.point in points or (use.kind == "capture" and use.point in earlier)
    )


def _keeping(flow: Flow, path: Path) -> Callable[[Point, EdgeKind], bool]:
    """Whether the path may still name the same object after an edge out of a point."""
    attributes = {
        use.point
        for use in (uses(flow, path) if len(path) > 1 else ())
        if use.kind == "rebind" and len(use.path) > 1 and not use.conditional
    }

    def keeps(point: Point, kind: EdgeKind) -> bool:
        if point in attributes and kind not in ("exception", "exhausted"):
            return False
        return not flow.definitions.kills(path[0], point, kind)

    return keeps


def _rebinds(flow: Flow, name: str) -> Iterator[Use]:
    for definition in flow.definitions_of(name):
        if definition.kind in ("parameter", "nonlocal"):
            continue
        moment = flow.mentions.moment(definition.node, "store")
        yield Use(
            "rebind",
            definition.node,
            definition.point,
            (name,),
            conditional=definition.conditional,
            moment=moment,
        )


def _uses(flow: Flow, path: Path, mention: Mention) -> Iterable[Use]:
    common = _common(path, mention.chain)
    if common < len(mention.chain):
        node = mention.nodes[common]
        last = common + 1 == len(mention.chain)
        uses = _attribute_uses(flow, node, last)
        return [_use(mention, path[:common], kind, node, at) for kind, at in uses]
    node = mention.nodes[common - 1]
    return [
        _use(mention, path[:common], kind, node, at) for kind, at in _own_uses(flow, mention, node)
    ]


def _common(path: Path, chain: Path) -> int:
    for index, (expected, found) in enumerate(zip(path, chain, strict=False)):
        if expected != found:
            return index
    return min(len(path), len(chain))


def _attribute_uses(flow: Flow, node: ast.expr, last: bool) -> list[tuple[UseKind, int]]:
    """How `path.attr` is used: kind and moment; an inner attribute of a chain is only read."""
    moment = flow.mentions.moment
    parent = flow.parents.get(node)
    context = getattr(node, "ctx", None)
    if last and isinstance(context, ast.Store) and isinstance(parent, ast.AugAssign):
        return [("read", moment(node, "load")), ("store", moment(node, "store"))]
    if last and isinstance(context, (ast.Store, ast.Del)):
        access: Access = "store" if isinstance(context, ast.Store) else "delete"
        return [("store", moment(node, access))]
    if last and isinstance(parent, ast.Call) and parent.func is node:
        return [("call", moment(parent, "load"))]
    return [("read", moment(node, "load"))]


def _own_uses(flow: Flow, mention: Mention, node: ast.expr) -> list[tuple[UseKind, int]]:
    """How the path itself is used. A variable's own binding is told by its definitions."""
    moment = flow.mentions.moment
    parent = flow.parents.get(node)
    context = getattr(node, "ctx", None)
    if isinstance(context, ast.Load):
        outer = flow.parents.get(parent) if isinstance(parent, ast.keyword) else parent
        when = moment(outer if isinstance(outer, ast.Call) else node, "load")
        return [(kind, when) for kind in kinds_of(node, flow.parents)]
    augmented = isinstance(parent, ast.AugAssign)
    if isinstance(node, ast.Name):
        loaded = mention.step.access == "load"
        told = loaded if augmented else mention.step.captured
        return [("other", moment(node, "load"))] if told else []
    found: list[tuple[UseKind, int]] = [("other", moment(node, "load"))] if augmented else []
    access: Access = "delete" if isinstance(context, ast.Del) else "store"
    return [*found, ("rebind", moment(node, access))]


def _use(mention: Mention, path: Path, kind: UseKind, node: ast.expr, moment: int) -> Use:
    step = mention.step
    chain = path_of(node) or ()
    attribute = chain[-1] if len(chain) > len(path) else None
    scope = step.scopes[0] if step.captured else None
    kind = "capture" if step.captured else kind
    return Use(kind, node, mention.point, path, attribute, step.conditional, moment, scope)
