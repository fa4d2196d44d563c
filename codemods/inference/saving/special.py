"""The names by which Python and Django call methods of a class where no call is written."""

from __future__ import annotations

TEXT = frozenset({"__str__", "__repr__", "__format__"})
COMPARING = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__"})
COUNTING = frozenset({"__iter__", "__next__", "__getitem__", "__len__", "__reversed__"})
TRUTH = frozenset({"__bool__", "__len__"})
ITEMS = frozenset({"__getitem__", "__setitem__", "__delitem__", "__missing__"})
SUMS = frozenset(
    f"__{kind}{name}__"
    for kind in ("", "r", "i")
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
) | {"__neg__", "__pos__", "__invert__", "__matmul__", "__lshift__", "__rshift__"}
ATTRIBUTES = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__get__", "__set__"})
BLOCKS = frozenset({"__enter__", "__exit__", "__aenter__", "__aexit__"})
LOADING = frozenset({"from_db", "pre_init", "post_init"})
NUMBERS = frozenset({"__int__", "__float__", "__index__", "__hash__", "__bool__", "__len__"})
NOTED = frozenset(
    {
        *(TEXT | COMPARING | COUNTING | TRUTH | ITEMS | SUMS | ATTRIBUTES | BLOCKS),
        *(LOADING | NUMBERS),
    }
)
"""All of them."""
