"""What runs between two points, and which expressions do nothing."""

from __future__ import annotations

import ast

import pytest

from djfix.codemods.flow.effects import effects_at, effects_between, is_pure
from tests.flow.code import Code


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("x = order.total + 1", []),
        ("send(order)", ["call"]),
        ("x = [f() for f in order]", ["call?", "iterate"]),
        ("x = lambda: send(order)", []),
        ("def g(): send(order)", []),
        ("@register\n    def g(): pass", ["call"]),
        ("class A: pass", ["call"]),
        ("order.total = 1", ["attribute"]),
        ("del order.total", ["attribute"]),
        ("order.total += 1", ["attribute"]),
        ("order['a'] = 1", ["subscript"]),
        ("order += [1]", ["in-place"]),
        ("global counter; counter = 1", ["global"]),
        ("x, y = order", ["iterate"]),
        ("for x in order: pass", ["iterate"]),
        ("yield order", ["yield"]),
        ("raise order", ["raise"]),
        ("assert order.total", ["raise?"]),
        ("import json", ["import"]),
        ("with order: pass", ["with", "with"]),
        ("order.total and send()", ["call?"]),
        ("return order.total", []),
    ],
)
def test_effects_of_a_statement(statement: str, expected: list[str]) -> None:
    code = Code(f"def f(order):\n    {statement}\n")
    found = [effect for point in code.graph.points for effect in effects_at(code.flow, point)]
    assert [effect.kind + "?" * effect.conditional for effect in found] == expected


def test_effects_between_guard_and_write() -> None:
    code = Code("""
    def f(order, amount):
        if order.total < amount:  # guard
            log(order)
            return None
        record(order)
        order.total -= amount  # write
    """)
    found = effects_between(code.flow, code["guard"], code["write"])
    assert [ast.unparse(effect.node) for effect in found] == ["record(order)"]


def test_no_effects_between_neighbours() -> None:
    code = Code("""
    def f(order, amount):
        if order.total < amount:  # guard
            raise ValueError(order.total)
        left = order.total - amount
        order.total = left  # write
    """)
    assert effects_between(code.flow, code["guard"], code["write"]) == ()


@pytest.mark.parametrize(
    "text",
    ["n", "1", "-n", "n + 1", "n - m * 2", "n < m", "not n", "n and m", "n if m else 1", "(n, 1)"],
)
def test_pure(text: str) -> None:
    assert is_pure(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "f()",
        "n[0]",
        "n / 2",
        "n % 2",
        "n ** 2",
        "f'{n}'",
        "[n]",
        "(x := n)",
        "n.total",
        "lambda: n",
        "[x for x in n]",
        "n + f()",
        "await_(n)",
        "{n}",
    ],
)
def test_not_pure(text: str) -> None:
    assert not is_pure(ast.parse(text, mode="eval").body)


def test_attributes_are_pure_on_request() -> None:
    assert is_pure(ast.parse("order.account.total + 1", mode="eval").body, attributes=True)
    assert not is_pure(ast.parse("f().total", mode="eval").body, attributes=True)
