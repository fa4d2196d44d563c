"""Real code: every function of a sample of the installed packages has a flow."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

from djfix.codemods.flow.effects import effects_between
from djfix.codemods.flow.names import flow_of
from djfix.codemods.flow.uses import aliases, uses_after

SAMPLE = (
    ("django", "db/models/query.py"),
    ("rest_framework", "serializers.py"),
    ("celery", "canvas.py"),
)


@pytest.mark.parametrize(("package", "path"), SAMPLE)
def test_functions_of_a_package(package: str, path: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    tree = ast.parse((Path(found.origin).parent / path).read_text(encoding="utf-8"))
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    for function in functions:
        flow = flow_of(function)
        first = flow.graph.point_of(function.body[0])
        live = flow.graph.live
        assert first in live
        assert all(
            flow.graph.point_of(node)
            for node in ast.walk(function.body[-1])
            if isinstance(node, ast.expr)
        )
        assert {use.point for use in uses_after(flow, first, ("self",))} <= live
        effects_between(flow, first, flow.graph.exit)
        aliases(flow, ("self",), function.body[0])
    assert functions
