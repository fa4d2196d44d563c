"""Members put into classes, and the quotes that new strings get."""

from __future__ import annotations

import ast

import pytest

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.members import member_beside
from djfix.codemods.rewriting.quoting import quote_at

PATH = "shop/views.py"
ATTRIBUTE = "queryset = Base.queryset.all()"
METHOD = "def get_queryset(self):\n    return super().get_queryset()"
BODY = "    def get_queryset(self):\n        return super().get_queryset()\n"


def put(workbench, text: str, place: int, member: str) -> str:
    """The text with a member beside the numbered statement of its class."""
    bench = workbench(text)
    (node,) = (each for each in bench.document.tree.body if isinstance(each, ast.ClassDef))
    reference = NodeReference.of(node.body[place])
    return bench.applied([member_beside(bench.trees, PATH, reference, member)])


@pytest.mark.parametrize(
    ("before", "place", "member", "after"),
    [
        pytest.param(
            "class V(B):\n    a = 1\n\n\nclass_after = 1\n",
            -1,
            METHOD,
            f"class V(B):\n    a = 1\n\n{BODY}\n\nclass_after = 1\n",
            id="method_behind_attributes",
        ),
        pytest.param(
            "class V(B):\n    def f(self):\n        pass  # yet\n",
            -1,
            METHOD,
            f"class V(B):\n    def f(self):\n        pass  # yet\n\n{BODY}",
            id="method_behind_methods",
        ),
        pytest.param("class V(B):\n    pass\n", -1, METHOD, f"class V(B):\n{BODY}", id="no_pass"),
        pytest.param("class V(B): ...\n", -1, METHOD, f"class V(B):\n{BODY}", id="no_dots"),
        pytest.param(
            "class V(B):\n    a = 1\n    b = 2  # two\n\n    def f(self):\n        pass\n",
            1,
            ATTRIBUTE,
            "class V(B):\n    a = 1\n    b = 2  # two\n"
            f"    {ATTRIBUTE}\n\n    def f(self):\n        pass\n",
            id="attribute_behind_attributes",
        ),
        pytest.param(
            'class V(B):\n    """About V."""\n\n    def f(self):\n        pass\n',
            0,
            ATTRIBUTE,
            f'class V(B):\n    """About V."""\n\n    {ATTRIBUTE}\n\n'
            "    def f(self):\n        pass\n",
            id="attribute_behind_a_docstring",
        ),
        pytest.param(
            "class V(B):\n    # about f\n    @d\n    def f(self):\n        pass\n",
            0,
            ATTRIBUTE,
            f"class V(B):\n    {ATTRIBUTE}\n\n    # about f\n    @d\n"
            "    def f(self):\n        pass\n",
            id="attribute_before_the_first_method",
        ),
        pytest.param(
            "class V(B): pass\n", 0, ATTRIBUTE, f"class V(B): {ATTRIBUTE}\n", id="line_of_its_own"
        ),
    ],
)
def test_member_has_its_place(workbench, before: str, place: int, member: str, after: str) -> None:
    assert put(workbench, before, place, member) == after


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param('x = f(\'a\')\ny = "b"\nz = "c"\n', "'", id="of_the_expression"),
        pytest.param("x = f()\ny = 'b'\nz = 'c'\n", "'", id="of_the_file"),
        pytest.param("x = f()  # doesn't, can't, won't\ny = \"b\"\n", '"', id="no_apostrophes"),
        pytest.param("x = f()\n'''one'''\n'''two'''\ny = \"b\"\n", '"', id="no_docstrings"),
        pytest.param("x = f()\n", '"', id="blacks_own"),
        pytest.param("x = f()\ny = 'b'\n", '"', id="one_string_is_no_style"),
    ],
)
def test_quotes_are_those_around(workbench, text: str, quote: str) -> None:
    bench = workbench(text)
    first = bench.document.tree.body[0]
    assert isinstance(first, ast.Assign)
    assert quote_at(bench.document, NodeReference.of(first.value)) == quote
