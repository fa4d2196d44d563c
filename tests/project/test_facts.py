"""Facts of one module: what is declared, under which condition; JSON loses nothing of it."""

import ast
import json

import pytest

from djfix.codemods.project.expressions import expression_facts
from djfix.codemods.project.extraction import module_facts
from djfix.codemods.project.facts import ExpressionFacts, ModuleFacts, Unread, plain, unplain
from djfix.codemods.source.document import Document


def facts_of(text: str) -> ModuleFacts:
    document = Document("shop/models.py", text.encode())
    return module_facts(document.tree, document.segment)


def test_plain_data_gives_the_same_facts_back() -> None:
    facts = facts_of(
        "from __future__ import annotations\n"
        "from .base import *\n"
        "import a.b as c, d.e\n"
        "A = B = {'x': [1, -2.5, None, True], **other}\n"
        "class Order(Base[int], metaclass=Meta):\n"
        "    total = models.DecimalField(max_digits=8, **OPTIONS)\n"
        "    class Meta(Base.Meta):\n"
        "        ordering = ['-id']\n"
        "    @property\n"
        "    def first(self, /, a: int = 1, *args, b, **rest) -> str: ...\n"
        "signal.connect(handler, sender=Order)\n"
    )
    assert unplain(json.loads(json.dumps(plain(facts)))) == facts


def test_true_and_one_stay_apart_as_data() -> None:
    facts = facts_of("A = True\nB = 1\n")
    first, second = unplain(json.loads(json.dumps(plain(facts)))).assignments
    assert first.value.is_constant(True)
    assert not first.value.is_constant(1)
    assert second.value.is_constant(1)
    assert not second.value.is_constant(True)


@pytest.mark.parametrize("data", [[99], [1], {"a": 1}, [8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []])
def test_foreign_data_is_refused_or_no_module(data: object) -> None:
    try:
        found = unplain(data)
    except (ValueError, TypeError, IndexError):
        return
    assert not isinstance(found, ModuleFacts)


def test_imports_of_all_scopes_are_listed_with_their_condition() -> None:
    facts = facts_of(
        "import a.b\n"
        "import a.b as c\n"
        "from ..x import y as z\n"
        "if TYPE_CHECKING:\n    from t import T\n"
        "try:\n    import u\nexcept ImportError:\n    import v\n"
        "def f():\n    from w import W\n    class Inner:\n        def g(self):\n"
        "            if a:\n                import q\n"
    )
    assert [
        (each.module, each.name, each.bound, each.level, each.scope, each.condition)
        for each in facts.imports
    ] == [
        ("a.b", None, "a", 0, (), ""),
        ("a", "b", "c", 0, (), ""),
        ("x", "y", "z", 2, (), ""),
        ("t", "T", "T", 0, (), "type-checking"),
        ("u", None, "u", 0, (), "try"),
        ("v", None, "v", 0, (), "except"),
        ("w", "W", "W", 0, ("f",), ""),
        ("q", None, "q", 0, ("f", "Inner", "g"), "if"),
    ]


def test_the_branch_that_runs_beside_type_checking_is_plain() -> None:
    facts = facts_of(
        "if typing.TYPE_CHECKING:\n    A = 1\nelse:\n    A = 2\n"
        "if not TYPE_CHECKING:\n    B = 1\nelse:\n    B = 2\n"
    )
    assert [(each.target, each.condition) for each in facts.assignments] == [
        ("A", "type-checking"),
        ("A", ""),
        ("B", ""),
        ("B", "type-checking"),
    ]


def test_members_that_only_a_type_checker_sees_are_left_out_of_a_class() -> None:
    facts = facts_of(
        "class M(Manager):\n"
        "    if TYPE_CHECKING:\n        def filter(self): ...\n"
        "    def published(self): ...\n"
    )
    assert facts.classes[0].binds() == {"published"}


def test_a_chained_assignment_gives_each_target_the_value() -> None:
    facts = facts_of("a = b = 3\nc, (d, e) = 1, (2, x)\nf, g = h()\n")
    assert [(each.target, each.value and (each.value.kind)) for each in facts.assignments] == [
        ("a", "constant"),
        ("b", "constant"),
        ("c", "constant"),
        ("d", "constant"),
        ("e", "name"),
        ("f", "other"),
        ("g", "other"),
    ]


def test_names_bound_otherwise_are_marked() -> None:
    facts = facts_of(
        "for a in x: pass\nwith y as b: pass\nif (c := 1): pass\ndel d\n"
        "try: pass\nexcept E as e: pass\ndef f():\n    global g\n    g = 1\n"
        "match z:\n    case {'k': h, **i}: pass\n"
    )
    assert {name for name, _ in facts.other_bindings} == set("abcdeghi")


@pytest.mark.parametrize(
    ("text", "exports", "unclear"),
    [
        ("__all__ = ['A', 'B']\n", ("A", "B"), False),
        ("__all__ = ('A',)\n__all__ += ['B']\n", ("A", "B"), False),
        ("A = 1\n", None, False),
        ("__all__ = base.__all__ + ['A']\n", None, True),
        ("__all__ = ['A']\n__all__ += base.__all__\n", None, True),
        ("if x:\n    __all__ = ['A']\n", None, True),
    ],
)
def test_all_is_read_only_where_it_is_literal(
    text: str, exports: tuple[str, ...] | None, unclear: bool
) -> None:
    facts = facts_of(text)
    assert (facts.exports, facts.exports_unclear) == (exports, unclear)


def test_methods_know_what_they_are() -> None:
    (found,) = facts_of(
        "class A:\n"
        "    @property\n    def p(self): ...\n"
        "    @p.setter\n    def p(self, value): ...\n"
        "    @functools.cached_property\n    def c(self): ...\n"
        "    @classmethod\n    async def k(cls): ...\n"
        "    @staticmethod\n    def s(): ...\n"
        "    @decorated(1)\n    def plain(self): ...\n"
    ).classes
    by_name = {each.name: each for each in found.methods}
    assert [each.is_setter for each in found.methods if each.name == "p"] == [False, True]
    first = found.method("p")
    assert first is not None
    assert first.line == 3
    assert by_name["c"].is_property
    assert by_name["c"].is_cached_property
    assert by_name["k"].is_classmethod
    assert by_name["k"].is_async
    assert by_name["s"].is_staticmethod
    assert not by_name["plain"].is_property


def test_a_class_body_that_binds_in_a_loop_is_open() -> None:
    first, second = facts_of(
        "class A:\n    for n in x:\n        pass\nclass B:\n    n = 1\n"
    ).classes
    assert first.is_open
    assert not second.is_open


def test_expressions_become_trees() -> None:
    (value,) = [
        each.value for each in facts_of("a = f(x.y, *z, k=-1, **o).g[h] + {1: 'b'}\n").assignments
    ]
    assert value is not None
    assert [each.kind for each in value.walk()] == [
        "binary",
        "subscript",
        "attribute",
        "call",
        "name",
        "name",
        "starred",
        "name",
        "constant",
        "name",
        "name",
        "dict",
        "constant",
        "constant",
    ]


SPELLED = {
    "over_lines": "models.CharField(\n        # how it is shown\n        max_length=3,\n    )",
    "a_tuple_without_brackets": "a, *b, -1",
    "a_tuple_of_one": "a,",
    "a_line_that_goes_on": "a + \\\n    b",
    "texts_side_by_side": "f('x' \\\n  'y')",
    "a_long_string": 'f("""\n# no comment\n)""")',
    "another_alphabet": "{'ключ': назва()}",
    "a_lambda": "lambda each: (yield_ := each)",
    "what_has_no_form": "f([each for each in\n    others], x if y else z)",
    "a_generator": "(each for each in others)",
    "an_assigned_name": "(x := f(1))",
    "a_formatted_string": "g(f'{a!r:>{b}}', f\"{c['d']}\")",
}


@pytest.mark.parametrize("text", SPELLED.values(), ids=SPELLED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_expression_is_the_same_when_it_is_read_later(text: str, end: str) -> None:
    whole = f"\n\nclass Order:\n    ß, é = 1, 2; total = {text}  # paid\n".replace("\n", end)
    document = Document("shop/models.py", whole.encode())
    order = document.tree.body[0]
    assert isinstance(order, ast.ClassDef)
    assert isinstance(order.body[1], ast.Assign)
    total = module_facts(document.tree, document.segment).classes[0].assignments[2]
    again = unplain(json.loads(json.dumps(plain(total))))
    for each in (total, again):
        assert isinstance(each.given, Unread)
        assert each.value == expression_facts(order.body[1].value, document.segment)
        assert each == total


def test_an_expression_as_deep_as_the_parser_goes_is_kept_as_text() -> None:
    text = "(" * 197 + "1" + ",)" * 197
    facts = facts_of(f"A = {text}\n")
    assert facts.assignments[0].value is not None
    deeper = Unread("(" * 200 + "1" + ",)" * 200, 3).facts
    assert (deeper.kind, deeper.name, deeper.line) == ("other", "(" * 200, 3)


def test_names_and_constants_need_no_reading() -> None:
    facts = facts_of("A = B.c\nD = 'x'\nE: int\ndef f(a: int = 1): ...\n")
    assert [each.given for each in facts.assignments] == [
        ExpressionFacts("name", "B.c", line=1),
        ExpressionFacts("constant", value="x", line=2),
        None,
    ]
    assert facts.functions[0].parameters[0].given_default == ExpressionFacts(
        "constant", value=1, line=4
    )


@pytest.mark.parametrize(("value", "may"), [("f('total')", True), ("f(1)", False), ("1", True)])
def test_what_is_not_read_is_told_by_its_text(value: str, may: bool) -> None:
    assert facts_of(f"A = {value}\n").assignments[0].may_spell("total") is may


def test_an_argument_behind_a_star_has_no_certain_position() -> None:
    (assigned,) = facts_of("a = f(*rest, b)\n").assignments
    assert assigned.value is not None
    assert assigned.value.argument(1, "b") is None


def test_a_huge_literal_is_kept_as_text() -> None:
    (assigned,) = facts_of(f"a = [{'1,' * 5000}]\n").assignments
    assert assigned.value is not None
    assert assigned.value.kind == "other"
    assert len(assigned.value.name) == 200


def test_calls_that_register_are_listed_with_their_scope() -> None:
    facts = facts_of(
        "post_save.connect(f, sender=A)\n"
        "class C:\n    def ready(self):\n        if x:\n            User.add_to_class('y', z)\n"
        "value = other.connect()\nprint(1)\n"
    )
    assert [(each.call.items[0].name, each.scope) for each in facts.calls] == [
        ("post_save.connect", ()),
        ("User.add_to_class", ("C", "ready")),
    ]


def test_deep_expressions_do_not_overflow() -> None:
    (assigned,) = facts_of("a = " + "(" * 60 + "x()" + "[0])" * 60 + "\n").assignments
    assert isinstance(assigned.value, ExpressionFacts)
