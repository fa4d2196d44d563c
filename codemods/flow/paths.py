"""Dotted chains of a name and attributes, and where a function mentions them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djfix.codemods.flow.evaluation import Access, Step
from djfix.codemods.flow.points import Point
from djfix.codemods.source.chains import Path

if TYPE_CHECKING:
    from djfix.codemods.flow.names import Flow


@dataclass(frozen=True, slots=True)
class Mention:
    """One chain in the code, at its longest: `nodes[i]` is the node that ends with `chain[i]`."""

    chain: Path
    nodes: tuple[ast.expr, ...]
    point: Point
    step: Step


class Mentions:
    """All chains of a function by their variable, and at which step each node is evaluated."""

    def __init__(self, flow: Flow) -> None:
        self._steps: dict[tuple[ast.AST, Access], int] = {}
        self._last: dict[ast.AST, int] = {}
        mentions: dict[str, list[Mention]] = defaultdict(list)
        for point in flow.graph.points:
            for index, step in enumerate(flow.graph.steps(point)):
                self._steps.setdefault((step.node, step.access), index)
                self._last[step.node] = index
                if isinstance(step.node, ast.Name) and flow.resolves(step.node.id, step):
                    mentions[step.node.id].append(_mention(flow, step.node, point, step))
        self._mentions: Mapping[str, list[Mention]] = mentions

    def of(self, name: str) -> list[Mention]:
        """The mentions of a variable, in the order of the text and of evaluation."""
        return self._mentions.get(name, [])

    def moment(self, node: ast.AST, access: Access) -> int:
        """At which step of its point a node is loaded, stored or deleted."""
        return self._steps.get((node, access), self._last.get(node, -1))


def _mention(flow: Flow, name: ast.Name, point: Point, step: Step) -> Mention:
    nodes: list[ast.expr] = [name]
    chain = [name.id]
    parent = flow.parents.get(name)
    while isinstance(parent, ast.Attribute):
        nodes.append(parent)
        chain.append(parent.attr)
        parent = flow.parents.get(parent)
    return Mention(tuple(chain), tuple(nodes), point, step)
