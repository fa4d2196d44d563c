"""Files are cut where their parts are parsed as in the whole, and nowhere else."""

from __future__ import annotations

import ast
import sys

import pytest

from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.sections import cut

MODULE = '''"""Orders.

class NotHere:
"""
from django.db import models

RATE = 2

@register
@on(
    "save",
)
class Order(models.Model):
    total = models.IntegerField()

    def text(self):
        """
def neither():
        """
        if self.total:
            return "#"  # class Nor(this): "

async def paid(): pass

def late():
    def inner():
        return 1
    return inner

try:
    import celery
except ImportError:
    celery = None
'''


def firsts(text: str) -> list[str]:
    return [text[each.start : each.end].partition("\n")[0] for each in cut(text)]


def parts(text: str) -> list[ast.stmt]:
    document = Document("shop/models.py", text.encode())
    lines = [each.first_line for each in cut(text)]
    return [each for line in lines for each in document.statements_near([line])]


def dump(body: list[ast.stmt]) -> str:
    return ast.dump(ast.Module(body, []), include_attributes=True)


def test_each_section_begins_with_a_definition_or_its_decorators() -> None:
    assert firsts(MODULE) == ['"""Orders.', "@register", "async def paid(): pass", "def late():"]


CASES = {
    "a module": MODULE,
    "nothing": "",
    "a definition first": "class A: pass\ndef b(): pass\n",
    "a decorator first": "@a\ndef b(): pass\n@c\n@d\nclass E: pass\n",
    "no line feed at the end": "def a(): pass\nclass B: pass",
    "an expression that goes on with @": "x = (a\n@ b)\ndef f(): pass\n@c\ndef g(): pass\n",
    "a line that goes on with @": "x = a \\\n@ b\ndef f(): pass\n",
    "other line ends": "x = 1\r\nclass A: pass\r\ndef b(): pass\r\n",
    "strings in strings": "x = '\"\"\"'\ny = \"'''\"\ndef f(): return 'a\\'b'\n",
    "a quote before the end of a string": "z = '''\ndef g(): \\''''\ndef h(): pass\n",
    "raw strings and a quote in a comment": "x = r'\\'' # don't\ndef f(): pass\n",
    "a string that goes on": "x = 'a\\\ndef b(): pass'\ndef c(): pass\n",
    "names that begin like keywords": "define = 1\nclass_ = 2\nasynchronous = 3\ndef f(): pass\n",
    "letters of other scripts": "é = 'ü'\ndef ñ():\n    return 'é' + ñ\n",
    "branches of a statement": "if a:\n    class B: 0\nelse:\n    class B: 1\nclass C(B): 2\n",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_sections_give_the_statements_of_the_whole(text: str) -> None:
    assert "".join(text[each.start : each.end] for each in cut(text)) == text
    assert dump(parts(text)) == dump(ast.parse(text).body)


def test_is_not_cut_where_a_line_goes_on_with_an_operator() -> None:
    assert len(cut("x = (a\n@ b)\ndef f(): pass\n")) == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="such quotes end the string before 3.12")
def test_is_not_cut_where_a_format_string_holds_longer_quotes() -> None:
    text = "x = f\"{'''a'''}\"\ndef f(): pass\n"
    assert len(cut(text)) == 1
    assert dump(parts(text)) == dump(ast.parse(text).body)


def test_a_statement_has_one_node_whatever_is_asked_first() -> None:
    document = Document("shop/models.py", MODULE.encode())
    line = MODULE[: MODULE.index("    def text")].count("\n") + 1
    method = document.function_at(line)
    assert method is not None
    order = document.tree.body[3]
    assert isinstance(order, ast.ClassDef)
    assert order.body[1] is method
    assert document.function_at(line) is method
    assert list(document.around(method)) == [order]


@pytest.mark.parametrize("is_whole", [False, True])
def test_what_holds_a_node_is_told_up_to_the_module(is_whole: bool) -> None:
    document = Document("shop/models.py", MODULE.encode())
    if is_whole:
        assert document.tree.body
    line = MODULE[: MODULE.index("    def text")].count("\n") + 1
    method = document.function_at(line)
    assert method is not None
    condition = method.body[1]
    assert isinstance(condition, ast.If)
    assert isinstance(condition.test, ast.Attribute)
    holding = [type(each).__name__ for each in document.above(condition.test.value)]
    assert holding == ["Attribute", "If", "FunctionDef", "ClassDef"]


def test_nodes_of_other_trees_stand_in_nothing() -> None:
    document = Document("shop/models.py", MODULE.encode())
    assert document.tree.body
    order = ast.parse(MODULE).body[3]
    assert list(document.around(order)) == []
    assert isinstance(order, ast.ClassDef)
    assert list(document.above(order.body[0])) == []


def test_a_part_is_read_beside_one_that_cannot_be_parsed() -> None:
    document = Document("a.py", b"def f(): pass\ndef g(:\n    pass\ndef h(): pass\n")
    assert document.function_at(1) is not None
    assert document.function_at(4) is not None
    with pytest.raises(Unreadable) as caught:
        document.function_at(2)
    assert caught.value.line == 2
    with pytest.raises(Unreadable):
        _ = document.tree


def test_only_what_is_new_counts_as_new() -> None:
    before = Document("a.py", b"x = 1\ndef f(): pass\ndef g(): pass\n")
    after = Document("a.py", b"x = 1\ndef f():\n    pass\ndef g(): pass\n")
    assert [getattr(each, "name", "") for each in after.new_statements(before)] == ["f"]
    assert list(before.new_statements(before)) == []
