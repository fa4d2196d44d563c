"""Facts of one module: what is declared, under which condition; JSON loses nothing of it."""

import json

import pytest

from djfix.codemods.project.extraction import module_facts
from djfix.codemods.project.facts import ExpressionFacts, ModuleFacts, plain, unplain
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
