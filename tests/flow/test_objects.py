"""What generated functions do to an object is told by the uses of its name and of its aliases."""

from __future__ import annotations

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from djfix.codemods.flow.names import Flow, flow_of
from djfix.codemods.flow.points import Point, line_of
from djfix.codemods.flow.uses import Use, aliases, uses_after, uses_at
from tests.flow.programs import NAMES, ObjectWriter, Run, Tagged, execute, programs
from tests.flow.test_execution import DECISIONS, function_of

HANDED_ON = frozenset(("alias", "iterate", "yield", "other", "subscript"))


def point_at(flow: Flow, line: int) -> Point | None:
    points = [
        point
        for point in flow.graph.points
        if line_of(point) == line and point.kind in ("statement", "test")
    ]
    return points[0] if len(points) == 1 else None


class Told:
    """The lines at which the object of a variable may be used from a point on, by all its names."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._lines: dict[tuple[Point, str], frozenset[int] | None] = {}

    def lines(self, point: Point, name: str) -> frozenset[int] | None:
        """None where the object gets another name later: then nothing is promised."""
        if (point, name) not in self._lines:
            found = self._uses(point, name)
            handed_on = any(use.kind in HANDED_ON for use in found)
            lines = frozenset(line_of_use(use) for use in found)
            self._lines[point, name] = None if handed_on else lines
        return self._lines[point, name]

    def _uses(self, point: Point, name: str) -> list[Use]:
        node = point.node if point.kind == "statement" else point.node.test  # type: ignore[attr-defined]
        paths = [(name,), *(alias.path for alias in aliases(self.flow, (name,), node))]
        return [
            use
            for path in paths
            for use in (
                *uses_at(self.flow, point, path),
                *uses_after(self.flow, point, path),
            )
        ]


def line_of_use(use: Use) -> int:
    return int(getattr(use.node, "lineno", 0))


def assert_told(told: Told, run: Run) -> None:
    for moment, (line, variables) in enumerate(zip(run.lines, run.variables, strict=True)):
        point = point_at(told.flow, line)
        for name in NAMES:
            value = variables.get(name)
            lines = told.lines(point, name) if point and isinstance(value, Tagged) else None
            if lines is None:
                continue
            for when, touched, where in run.touched:
                assert touched is not value or when <= moment or where in lines, (
                    f"from line {line} on, {name} is used at {where}, not told: {sorted(lines)}"
                )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(ObjectWriter), st.lists(DECISIONS, min_size=1, max_size=4))
def test_every_use_of_an_object_is_told_from_every_earlier_point(
    source: str, runs: list[list[int]]
) -> None:
    note(source)
    told = Told(flow_of(function_of(source)))
    for decisions in runs:
        assert_told(told, execute(source, decisions))
