"""Which points read a variable that may have no value yet, and so may raise UnboundLocalError.

Most points can raise anyway; this finds the few, such as `return total`, that only raise for this.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.flow.points import Point, PointKind

if TYPE_CHECKING:
    from djfix.codemods.flow.definitions import Definitions


def points_with_unbound_names(
    definitions: Definitions,
) -> frozenset[tuple[ast.AST, PointKind]]:
    """Node and kind of the points without an exception edge that need one."""
    return frozenset(
        (point.node, point.kind)
        for point in definitions.graph.points
        if not any(edge.kind == "exception" for edge in definitions.graph.successors(point))
        and _reads_unbound(definitions, point)
    )


def _reads_unbound(definitions: Definitions, point: Point) -> bool:
    function = definitions.graph.function
    for index, step in enumerate(definitions.graph.steps(point)):
        if not isinstance(step.node, ast.Name) or step.access == "store" or step.captured:
            continue
        if definitions.resolver.owner(step.node.id, step) is function and any(
            definition.kind in ("unbound", "del")
            for definition in definitions.at_step(step.node.id, point, index)
        ):
            return True
    return False
