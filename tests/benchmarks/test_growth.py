"""The projects that the growth benchmark draws: whole, and as large as they claim."""

from __future__ import annotations

import ast

import pytest

from benchmarks.growth.shapes import SHAPES
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 25])
def test_every_file_is_python(name: str, size: int) -> None:
    for path, text in SHAPES[name](size).items():
        ast.parse(text, path)


@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_size_is_at_most_twice_the_text(name: str) -> None:
    lengths = [sum(map(len, SHAPES[name](size).values())) for size in (50, 100, 200)]
    growth = [lengths[1] - lengths[0], lengths[2] - lengths[1]]
    assert growth[1] == pytest.approx(2 * growth[0], rel=0.1)


@pytest.mark.parametrize("name", SHAPES)
def test_every_import_leads_to_a_definition(name: str) -> None:
    files = SHAPES[name](25)
    project = Project(Files.of(files))
    for path in files:
        facts = project.module(path)
        assert facts is not None
        for each in facts.imports:
            assert project.resolve(path, each.bound) is not None, (path, each.bound)


def test_the_chain_is_as_long_as_its_size() -> None:
    callers = Project(Files.of(SHAPES["long call chains"](25))).callers
    for number in range(1, 25):
        module = f"shop.chain{number // 10}"
        (call,) = callers(f"{module}.step{number}").calls
        assert call.symbol == f"step{number - 1}"


def test_the_last_serializer_of_the_ring_builds_the_first() -> None:
    text = SHAPES["cyclic serializers"](3)["shop/serializers.py"]
    assert text.count("Part0Serializer") == 2
    assert text.endswith("return Part0Serializer(part.next).data\n")
