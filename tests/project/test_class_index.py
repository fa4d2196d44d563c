"""What the bytes of a file say of its classes: it may be too much, and never too little."""

from __future__ import annotations

import pytest

from djfix.codemods.project.class_index import ClassIndex, mentions_in

ALIASES = {
    "import": (b"from shop.models import Order as Purchase\n", True),
    "module": (b"Purchase = Order\n", True),
    "attribute_of_a_module": (b"Purchase = models.Order\n", True),
    "pair": (b"Other, Purchase = Cart, Order\n", True),
    "branch": (b"try:\n    Purchase = Order\nexcept NameError:\n    Purchase = None\n", True),
    "branch_within_a_branch": (b"if NEW:\n    if NEWER:\n        Purchase = Order\n", True),
    "branch_behind_a_long_string": (
        b'if NEW:\n    TEXT = """\nunindented\n"""\n    Purchase = Order\n',
        True,
    ),
    "branch_with_an_odd_quote_in_a_long_file": (
        b'if NEW:\n    QUOTE = \'"""\'\n'
        + b"def f():\n    pass\n" * 9000
        + b"    Purchase = Order\n",
        True,
    ),
    "branch_behind_a_list": (b"if NEW:\n    NAMES = [\n    1,\n]\n    Purchase = Order\n", True),
    "windows_lines": (b"if NEW:\r\n    Purchase = Order\r\n", True),
    "class_body": (b"class Meta:\n    Purchase = Order\n", False),
    "function": (b"def f():\n    Purchase = Order\n", False),
    "function_behind_a_branch": (b"if NEW:\n    pass\ndef f():\n    Purchase = Order\n", False),
    "comparison": (b"Purchase == Order\n", False),
}


@pytest.mark.parametrize(("text", "is_one"), ALIASES.values(), ids=ALIASES)
def test_another_name_of_a_class(text: bytes, is_one: bool) -> None:
    found = mentions_in(b"import x\n" + text)
    assert (("Order", "Purchase") in found.aliases) is is_one


PATCHES = {
    "attribute": (b"import x\nOrder.save = f\n", True),
    "first_line": (b"Order.save = f\n", True),
    "indented": (b"def patch():\n    Order.save = f\n", True),
    "through_a_module": (b"import x\nmodels.Order.save=f\n", True),
    "class_that_ends_in_self": (b"import x\nMyself.save = f\n", True),
    "setattr": (b"setattr(Order, 'save', f)\n", True),
    "add_to_class": (b"Order.add_to_class('save', f)\n", True),
    "instance": (b"import x\norder.save = f\n", False),
    "self": (b"def f(self):\n    self.Order = f\n", False),
    "comparison": (b"import x\nOrder.save == f\n", False),
    "argument": (b"import x\nf(Order.save, key=1)\n", False),
}


@pytest.mark.parametrize(("text", "is_one"), PATCHES.values(), ids=PATCHES)
def test_members_that_are_added_from_outside(text: bytes, is_one: bool) -> None:
    assert mentions_in(text + b"class C: pass\n").adds is is_one


def test_files_that_import_all_of_a_module() -> None:
    data = {"a.py": b"from m import *\n", "b.py": b"import m\n", "c.py": b"from c import *  # x\n"}
    index = ClassIndex(lambda: data, lambda path: mentions_in(data[path]))
    assert index.files_importing_all() == ("a.py", "c.py")
    taking = ClassIndex(lambda: data, lambda path: mentions_in(b""))
    taking.take(index)
    assert taking.files_importing_all() == ("a.py", "c.py")
