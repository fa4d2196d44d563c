"""What generated functions do when they run is what the graph and the definitions allow."""

from __future__ import annotations

import ast

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from djfix.codemods.flow.graph import Graph
from djfix.codemods.flow.names import Definition, Flow, flow_of
from djfix.codemods.flow.points import SILENT, Point, line_of
from tests.flow.programs import Run, execute, programs

DECISIONS = st.lists(st.integers(0, 59), max_size=60)


def function_of(source: str) -> ast.FunctionDef:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function


def may_be_silent(point: Point) -> bool:
    """Whether the interpreter need not report the point's line."""
    if point.kind in SILENT or point.kind in ("leave", "handler", "case"):
        return True
    node = point.node
    if isinstance(node, (ast.Pass, ast.Break, ast.Continue)):
        return True
    return isinstance(node, (ast.If, ast.While)) and isinstance(node.test, ast.Constant)


class Walk:
    """All ways through the graph that agree with the lines seen so far."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = self._silently({graph.nodes.entry}, line=0)

    def _silently(self, nodes: set[int], line: int) -> set[int]:
        """With what may follow unreported: silent points, and more of the same line."""
        found, waiting = set(nodes), list(nodes)
        while waiting:
            for target, _ in self.graph.nodes.succeeding[waiting.pop()]:
                point = self.graph.nodes.owners[target]
                if target not in found and (may_be_silent(point) or line_of(point) == line):
                    found.add(target)
                    waiting.append(target)
        return found

    def step(self, line: int) -> None:
        """Goes to a line, or stays: from Python 3.12 each round of a comprehension is reported."""
        owners, succeeding = self.graph.nodes.owners, self.graph.nodes.succeeding
        following = {target for node in self.nodes for target, _ in succeeding[node]}
        reached = {node for node in following | self.nodes if line_of(owners[node]) == line}
        self.nodes = self._silently(reached, line)

    def stands_at(self, point: Point) -> bool:
        return any(self.graph.nodes.owners[node] is point for node in self.nodes)


def assert_a_path(graph: Graph, run: Run) -> None:
    lines_with_points = {line_of(point) for point in graph.points if point.kind not in SILENT}
    walk = Walk(graph)
    for line in run.lines:
        if line in lines_with_points:
            walk.step(line)
            assert walk.nodes, f"no path to line {line}: {run.lines}"
    end = graph.exit if run.raised is None else graph.raised
    assert walk.stands_at(end), f"no path to the end {end}: {run.lines} {run.raised!r}"


def lines_bound(flow: Flow, definition: Definition) -> int | None:
    if definition.kind == "except":
        return None
    if definition.kind == "match":
        return int(flow.parents[definition.point.node].lineno)  # type: ignore[attr-defined]
    return int(getattr(definition.node, "lineno", 0))


def reads_of(function: ast.FunctionDef) -> dict[tuple[int, str], ast.Name]:
    return {
        (node.lineno, node.args[1].id): node.args[1]
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and len(node.args) == 2 and isinstance(node.args[1], ast.Name)
    }


def assert_reads_found(flow: Flow, run: Run, function: ast.FunctionDef) -> None:
    places = reads_of(function)
    for line, name, bound in run.reads:
        definitions = flow.reaching(name, places[line, name])
        assert bound in {lines_bound(flow, definition) for definition in definitions}, (
            f"line {line} read {name} of line {bound}"
        )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.lists(DECISIONS, min_size=1, max_size=4))
def test_every_execution_is_a_path_and_every_read_finds_a_reaching_definition(
    source: str, runs: list[list[int]]
) -> None:
    note(source)
    function = function_of(source)
    flow = flow_of(function)
    for decisions in runs:
        run = execute(source, decisions)
        assert_a_path(flow.graph, run)
        assert_reads_found(flow, run, function)
