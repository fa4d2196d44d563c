"""What the text of a function tells of its names without its flow."""

from __future__ import annotations

import ast
import sys

import pytest

from djfix.codemods.flow.spelling import Spelling, spelling_of


def function_of(text: str) -> ast.FunctionDef:
    found = ast.parse(text).body[-1]
    assert isinstance(found, ast.FunctionDef)
    return found


def spelled(body: str, head: str = "def f(order, *rest, key=1, **more):") -> Spelling:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return spelling_of(function_of(f"{head}\n{lines}"))


def test_a_name_that_is_only_read_is_free() -> None:
    found = spelled("return Order.objects.get(pk=order.pk)")
    assert found.is_free("Order")
    assert not found.is_free("order")


BOUND = {
    "an_assignment": "x = 1",
    "a_loop": "for x in order: pass",
    "a_comprehension": "return [x for x in order]",
    "a_walrus": "if (x := order): pass",
    "an_import": "import x.y",
    "an_import_under_another_name": "from a import b as x",
    "a_with": "with order as x: pass",
    "a_handler": "try: pass\nexcept ValueError as x: pass",
    "a_pattern": "match order:\n    case {'a': x}: pass",
    "a_rest_of_a_pattern": "match order:\n    case {**x}: pass",
    "a_star_of_a_pattern": "match order:\n    case [*x]: pass",
    "a_deletion": "del x",
    "a_declaration": "global x",
    "an_inner_function": "def x(): pass",
    "an_inner_class": "class x: pass",
    "a_parameter_of_an_inner_function": "def g(x): pass",
    "a_parameter_of_a_lambda": "return lambda x: 1",
    "an_assignment_in_an_inner_function": "def g():\n    x = 1",
    "an_attribute_of_an_inner_class": "class A:\n    x = 1",
}


@pytest.mark.parametrize("name", BOUND)
def test_a_name_that_anything_inside_binds_is_not_free(name: str) -> None:
    assert not spelled(BOUND[name]).is_free("x")


@pytest.mark.parametrize("name", BOUND)
def test_a_parameter_that_anything_inside_binds_is_none(name: str) -> None:
    found = spelled(f"{BOUND[name]}\nreturn x", "def f(x, order):")
    assert set(found.parameters) == {"order"}


def test_a_parameter_is_known_where_the_body_reads_it() -> None:
    function = function_of("def f(order, size=1):\n    return [order for _ in range(size)]\n")
    found = spelling_of(function)
    read = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assert {node.id for node in read if found.is_parameter(node)} == {"order", "size"}


def test_the_same_name_around_the_body_is_not_the_parameter() -> None:
    text = "@cache(order)\ndef f(order, other=order) -> order:\n    return 1\n"
    function = function_of(text)
    found = spelling_of(function)
    around = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assert sorted(node.id for node in around) == ["cache", "order", "order", "order"]
    assert not any(map(found.is_parameter, around))


def test_the_same_name_of_another_function_is_not_the_parameter() -> None:
    found = spelled("return order")
    other = function_of("def g(order):\n    return order\n")
    assert not any(found.is_parameter(node) for node in ast.walk(other) if type(node) is ast.Name)


def test_a_name_that_a_default_binds_is_not_free() -> None:
    assert not spelled("return 1", "def f(order=(x := 1)):").is_free("x")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are new in Python 3.12")
def test_a_type_parameter_is_not_free() -> None:
    assert not spelled("return 1", "def f[T](order: T):").is_free("T")
