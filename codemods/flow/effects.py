"""What code does besides computing a value, and which expressions do nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from djfix.codemods.flow.evaluation import Step
from djfix.codemods.flow.names import Flow
from djfix.codemods.flow.points import Point

EffectKind = Literal[
    "call",
    "attribute",
    "subscript",
    "in-place",
    "global",
    "await",
    "yield",
    "raise",
    "import",
    "with",
    "iterate",
]

_PURE_OPERATORS = (ast.Add, ast.Sub, ast.Mult)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a point does, or lets unknown code do.

    Kinds: "call" (decorators and class statements too); "attribute" and "subscript" (stored or
    deleted; the node is the target); "in-place" (`name += ...`, which may change the object);
    "global" (a variable of an outer scope is bound); "await"; "yield"; "raise" (asserts are
    conditional ones); "import"; "with" (`__enter__` or `__exit__`: the node is the item, the
    point's kind "with" or "leave"); "iterate" (a loop, an unpacking, `*`, which runs an iterator).
    What operators, truth tests, formatting and loading an attribute may run is not listed: those
    are uses of their object.
    """

    kind: EffectKind
    node: ast.AST
    point: Point
    conditional: bool


def effects_at(flow: Flow, point: Point) -> tuple[Effect, ...]:
    """The effects of one point, in the order of evaluation; nested functions have none."""
    if point.kind == "leave":
        return (Effect("with", point.node, point, False),)
    found = [
        Effect(kind, step.node, point, step.conditional or isinstance(step.node, ast.Assert))
        for step in flow.graph.steps(point)
        if not step.captured
        for kind in _effects(flow, step)
    ]
    if point.kind == "target":
        found.insert(0, Effect("iterate", point.node, point, False))
    return tuple(found)


def effects_between(flow: Flow, first: Point, second: Point) -> tuple[Effect, ...]:
    """The effects of `graph.between(first, second)`, by the order of the text."""
    points = sorted(flow.graph.between(first, second), key=lambda point: point.index)
    return tuple(effect for point in points for effect in effects_at(flow, point))


def _effects(flow: Flow, step: Step) -> Iterator[EffectKind]:
    node = step.node
    match node:
        case ast.Attribute() if step.access != "load":
            yield "attribute"
        case ast.Subscript() if step.access != "load":
            yield "subscript"
        case ast.Name() if step.access != "load":
            if step.binding == "augmented":
                yield "in-place"
            if flow.resolves(node.id, step) and not flow.is_local(node.id):
                yield "global"
        case (
            ast.FunctionDef(decorator_list=decorators)
            | ast.AsyncFunctionDef(decorator_list=decorators)
        ):
            if decorators:
                yield "call"
        case ast.Tuple() | ast.List() if step.access == "store":
            yield "iterate"
        case ast.Starred() if step.access == "load":
            yield "iterate"
        case _:
            kind = _KINDS.get(type(node))
            if kind is not None:
                yield kind


_KINDS: dict[type[ast.AST], EffectKind] = {
    ast.Call: "call",
    ast.ClassDef: "call",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Raise: "raise",
    ast.Assert: "raise",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.withitem: "with",
    ast.For: "iterate",
    ast.AsyncFor: "iterate",
    ast.ListComp: "iterate",
    ast.SetComp: "iterate",
    ast.DictComp: "iterate",
    ast.GeneratorExp: "iterate",
}


def is_pure(expression: ast.expr, *, attributes: bool = False) -> bool:
    """Whether an expression only computes a value from names and constants.

    Pure are names, constants, `+ - *`, signs, `not`, `and`, `or`, conditional expressions,
    comparisons and tuples of such; with `attributes` also chains of attributes of a name (a
    property or a descriptor is then taken to be pure). It may still raise.
    """
    waiting: list[ast.expr] = [expression]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name() | ast.Constant():
                continue
            case ast.Attribute(value=value) if attributes:
                if not isinstance(value, (ast.Name, ast.Attribute)):
                    return False
                waiting.append(value)
            case ast.BinOp(left=left, right=right, op=operator):
                if not isinstance(operator, _PURE_OPERATORS):
                    return False
                waiting.extend((left, right))
            case ast.UnaryOp(operand=operand):
                waiting.append(operand)
            case ast.BoolOp(values=values) | ast.Tuple(elts=values):
                waiting.extend(values)
            case ast.Compare(left=left, comparators=comparators):
                waiting.extend((left, *comparators))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                waiting.extend((test, body, orelse))
            case _:
                return False
    return True
