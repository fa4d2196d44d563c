"""Walking gives what `ast.walk` gives, in its order, but for the nodes that `ast` shares."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable

import pytest

from djfix.codemods.source import document, walking
from djfix.codemods.source.walking import blocks_in, children, parents_in, walk

TEXTS = {
    "a module of djfix": inspect.getsource(document),
    "another": inspect.getsource(walking),
    "nothing at all": "",
    "fields that hold None in a list": "f({**a, 'b': c}, *d, **e)\ndef g(*, h, i=1): global j\n",
    "a match": "match a:\n    case {'b': [c, *_], **d} if e: pass\n    case F(g=None) | 1: pass\n",
    "every block": (
        "try:\n    if a:\n        def f(): return lambda: 1\n    else: pass\nexcept E:\n    pass\n"
        "else: pass\nfinally:\n    while a: pass\n    else: b = 1 if c else 2\n"
    ),
    "an f-string": "f'{a!r:>{b}} {c=}'",
}


SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


def places(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    return [node for node in nodes if not isinstance(node, SHARED)]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_walks_in_the_order_of_ast(text: str) -> None:
    tree = ast.parse(text)
    assert list(walk(tree)) == places(ast.walk(tree))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_children_come_in_the_order_of_ast(text: str) -> None:
    for node in ast.walk(ast.parse(text)):
        assert children(node) == places(ast.iter_child_nodes(node))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_node_but_the_first_has_its_parent(text: str) -> None:
    tree = ast.parse(text)
    expected = {child: node for node in walk(tree) for child in children(node)}
    assert parents_in(tree) == expected


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_statement_stands_in_the_block_of_its_parent(text: str) -> None:
    tree = ast.parse(text)
    placed = ast.stmt | ast.ExceptHandler | ast.match_case
    expected = {
        child: node
        for child, node in parents_in(tree).items()
        if isinstance(child, placed) and node is not tree
    }
    assert blocks_in(tree.body) == expected
