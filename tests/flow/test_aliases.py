"""Which other paths may name an object, and which certainly do."""

from __future__ import annotations

import pytest

from djfix.codemods.flow.uses import aliases
from tests.flow.code import Code


def names(code: Code, path: str, mark: str = "here") -> dict[str, str]:
    """The aliases at a point, as path -> "certain", or how it possibly came about."""
    return {
        ".".join(alias.path): "certain" if alias.certain else alias.how
        for alias in aliases(code.flow, tuple(path.split(".")), code[mark].node)
    }


@pytest.mark.parametrize(
    ("statements", "path", "expected"),
    [
        (["x = order"], "order", {"x": "certain"}),
        (["x = order"], "x", {"order": "certain"}),
        (["x = y = order"], "order", {"x": "certain", "y": "certain"}),
        (["x, y = order, 1"], "order", {"x": "certain"}),
        (["x = order", "y = x"], "order", {"x": "certain", "y": "certain"}),
        (["x = order", "y = x", "x = None"], "order", {"y": "certain"}),
        (["x = order.account"], "order.account", {"x": "certain"}),
        (["x = order"], "order.account", {"x.account": "certain"}),
        (["x = order.account"], "order", {}),
        (["x = order.account", "x.total = 1"], "order.account", {"x": "certain"}),
        (["x = order.account", "order.refresh()"], "order.account", {"x": "assignment"}),
        (
            ["x = order.account", "order.account = z"],
            "order.account",
            {"x": "assignment", "z": "assignment"},
        ),
        (["x = order if z else None"], "order", {"x": "assignment"}),
        (["x = z or order"], "order", {"x": "assignment"}),
        (["if z: x = order", "else: x = None"], "order", {"x": "assignment"}),
        (["if z: x = order"], "order", {"x": "assignment"}),
        (["use(x := order)"], "order", {"x": "certain"}),
        (["with order as x: pass"], "order", {"x": "element"}),
        (["for x in (order, 1): pass"], "order", {"x": "element"}),
        (["z.order = order"], "order", {"z.order": "assignment"}),
        (["z.order = order"], "z.order", {"order": "assignment"}),
        (["x = copy(order)"], "order", {"x": "call"}),
        (["x = order.locked()"], "order", {"x": "call"}),
        (["x = f(to=[order.pk])"], "order", {}),
        (["match order:", "    case x: pass"], "order", {"x": "element"}),
        (["x = order", "order = z"], "order", {"z": "certain"}),
        (["x = order", "x = None"], "order", {}),
        (["x = [order]"], "order", {}),
        (["x = y = get()"], "x", {"y": "assignment"}),
        (["z.kept = x = get()"], "x", {"z.kept": "assignment"}),
        (["z.kept = x = get()"], "z.kept", {"x": "assignment"}),
        (["z.a, z.b = order, 1"], "order", {"z.a": "assignment"}),
        (["match get():", "    case x if (y := z): pass"], "x", {}),
        (["match get():", "    case x as y: pass"], "x", {"y": "element"}),
        (["x = get()", "y = get()"], "x", {}),
        (["x = y = None"], "x", {}),
        (["x = order.total + 1"], "order.total", {}),
        ([], "order", {}),
    ],
)
def test_aliases_at_a_point(statements: list[str], path: str, expected: dict[str, str]) -> None:
    body = "\n".join(f"    {statement}" for statement in statements)
    code = Code(f"def f(order, z):\n{body}\n    pass  # here\n")
    assert names(code, path) == expected


def test_alias_of_an_earlier_round_is_not_certain() -> None:
    code = Code("""
    def f(orders):
        kept = None
        while True:
            order = get()
            if kept is None:
                kept = order
            use(kept)  # here
    """)
    assert names(code, "order") == {"kept": "assignment"}


def test_alias_taken_once_before_the_loop_is_not_certain_in_it() -> None:
    code = Code("""
    def f(node):
        first = node
        while node.parent:
            node = node.parent  # step
        use(node)  # here
    """)
    assert names(code, "node")["first"] != "certain"


def test_linked_list_comes_to_an_end() -> None:
    code = Code("""
    def f(node):
        while node:
            node.next.previous = node
            node = node.next
        use(node)  # here
    """)
    assert all(how != "certain" for how in names(code, "node").values())


def test_two_parameters_are_not_aliases() -> None:
    code = Code("""
    def f(source, target):
        source.total -= 1  # here
    """)
    assert names(code, "source") == {}


def test_many_stores_to_attributes_stay_quick_and_hide_nothing() -> None:
    stores = "\n".join(f"    self.a{one} = self.a{one + 1}.b{one}" for one in range(40))
    code = Code(
        f"def f(self, order):\n    self.a40 = order\n    x = order\n{stores}\n    pass  # here"
    )
    assert names(code, "order")["x"] in ("certain", "call")
