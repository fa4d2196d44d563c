"""Small functions as text, with their points named by a comment: `order.save()  # save`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from textwrap import dedent

from djfix.codemods.flow.building import MaySuppress
from djfix.codemods.flow.names import Flow, flow_of
from djfix.codemods.flow.points import Point, line_of


class Code:
    """The flow of the first function of a source; `code["save"]` is the point marked `# save`."""

    def __init__(self, source: str, may_suppress: MaySuppress | None = None) -> None:
        self.lines = dedent(source).strip().splitlines()
        function = ast.parse("\n".join(self.lines)).body[0]
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        self.function = function
        self.flow: Flow = flow_of(function, may_suppress=may_suppress)
        self.graph = self.flow.graph

    def line(self, mark: str) -> int:
        (line,) = (
            number for number, text in enumerate(self.lines, 1) if text.endswith(f"# {mark}")
        )
        return line

    def __getitem__(self, mark: str) -> Point:
        line = self.line(mark)
        points = [
            point
            for point in self.graph.points
            if line_of(point) == line and point.kind not in ("entry", "exit", "raised", "leave")
        ]
        return points[0]

    def marks(self, points: Iterable[Point]) -> set[str]:
        """The marks of these points; those without one are left out."""
        lines = {line_of(point) for point in points if point.node is not self.function}
        marked = {number: text for number, text in enumerate(self.lines, 1) if "  # " in text}
        return {marked[line].rpartition("  # ")[2] for line in lines & marked.keys()}

    def name(self, mark: str, name: str, occurrence: int = 0) -> ast.Name:
        """The node of a name on a marked line."""
        found = [
            node
            for node in ast.walk(self.function)
            if isinstance(node, ast.Name) and node.id == name and node.lineno == self.line(mark)
        ]
        return sorted(found, key=lambda node: node.col_offset)[occurrence]

    def reaching(self, name: str, mark: str, occurrence: int = 0) -> list[tuple[str, int]]:
        """Kind and line of the definitions that reach a name on a marked line."""
        node = self.name(mark, name, occurrence)
        return sorted(
            (definition.kind, getattr(definition.node, "lineno", 0))
            for definition in self.flow.reaching(name, node)
        )
