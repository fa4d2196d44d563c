"""Trees are large: what was worked out of one goes with it, and no search for cycles is needed."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from djfix.codemods.flow.names import flow_of
from djfix.codemods.inference.expressions import Inference
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

FUNCTION = """
def f(orders):
    total = 0
    try:
        for order in orders:
            with order.lock():
                total = total + order.count
    finally:
        print(total)
    return total
"""


@pytest.fixture
def without_collecting() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collecting")
def test_values_hold_no_cycle() -> None:
    document = Document("shop/views.py", FUNCTION.encode())
    function = document.functions[2]
    inference = Inference(Project(Files.of({"shop/views.py": FUNCTION})), document, function)
    statement = function.body[-1]
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    inference.value(statement.value)
    gone = ref(inference)
    del inference
    assert gone() is None


@pytest.mark.usefixtures("without_collecting")
def test_a_flow_holds_no_cycle() -> None:
    function = ast.parse(FUNCTION).body[0]
    assert isinstance(function, ast.FunctionDef)
    flow = flow_of(function)
    assert flow.definitions_of("total")
    gone = ref(flow.graph), ref(flow.definitions)
    del flow
    assert [each() for each in gone] == [None, None]
