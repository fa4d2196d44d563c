"""Calls added to chains: exact texts, and those that black (as ruff has it) leaves as they are."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.chains import MethodCall, with_calls

PATH = "shop/views.py"

PASSED = frozenset({"all", "filter", "order_by", "prefetch_related", "select_related"})


def joined(*arguments: str) -> MethodCall:
    return MethodCall("select_related", arguments, PASSED)


def fetched(*arguments: str) -> MethodCall:
    return MethodCall("prefetch_related", arguments, PASSED)


CASES = [
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()
""",
        [joined('"user"')],
        """\
class V:
    queryset = Order.objects.all().select_related("user")
""",
        id="one_line",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(active=True)
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        .select_related("user")
        .prefetch_related("items__product")
    )
""",
        id="one_call_a_line",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(active=True)  # why not
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        .select_related("user")
        .prefetch_related("items__product")
    )  # why not
""",
        id="comment_stays_behind",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(active=True, something=1)
""",
        [joined('"user"', '"customer"', '"x"')],
        """\
class V:
    queryset = Order.objects.filter(active=True, something=1).select_related(
        "user", "customer", "x"
    )
""",
        id="breaks_in_its_brackets",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects
""",
        [joined('"user"', '"customer"', '"xaaaaaaaaaaaaaaaaaaaaaaaaa"', '"bbbbbbbb"')],
        """\
class V:
    queryset = Order.objects.select_related(
        "user", "customer", "xaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbb"
    )
""",
        id="manager_alone",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(active=True, sssssssssssssssssssssssssssssssss=1, ab=2)
""",
        [joined('"user"', '"customer"', '"x"')],
        """\
class V:
    queryset = Order.objects.filter(
        active=True, sssssssssssssssssssssssssssssssss=1, ab=2
    ).select_related("user", "customer", "x")
""",
        id="long_filter_breaks",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(
        active=True,
    )
""",
        [joined('"user"')],
        """\
class V:
    queryset = Order.objects.filter(
        active=True,
    ).select_related("user")
""",
        id="lines_of_the_last_brackets",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(
        active=True,
    )
""",
        [joined('"user"'), fetched('"items"')],
        """\
class V:
    queryset = (
        Order.objects.filter(
            active=True,
        )
        .select_related("user")
        .prefetch_related("items")
    )
""",
        id="two_calls_behind_brackets",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(
        active=True,
    )
""",
        [joined('"userrrrrrrrrrrrrrrrrrrr"', '"customerrrrrrrrrrrrrrrrr"', '"xaaaaaaaaaaaaaaa"')],
        """\
class V:
    queryset = Order.objects.filter(
        active=True,
    ).select_related(
        "userrrrrrrrrrrrrrrrrrrr", "customerrrrrrrrrrrrrrrrr", "xaaaaaaaaaaaaaaa"
    )
""",
        id="long_behind_brackets",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        # .x()
        .order_by("a")  # why
        # last
    )
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        # .x()
        .order_by("a")  # why
        .select_related("user")
        .prefetch_related("items__product")
        # last
    )
""",
        id="comments_in_the_chain",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        # .x()
        .order_by("a")  # why
        # last
    )
""",
        [
            joined(
                '"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"', '"cccccccccccccccccccccccccccccc"'
            ),
            fetched('"items__product"'),
        ],
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        # .x()
        .order_by("a")  # why
        .select_related(
            "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", "cccccccccccccccccccccccccccccc"
        )
        .prefetch_related("items__product")
        # last
    )
""",
        id="long_call_in_the_chain",
    ),
    pytest.param(
        """\
class V:
    queryset = (Order.objects.all())
""",
        [joined('"user"')],
        """\
class V:
    queryset = (Order.objects.all().select_related("user"))
""",
        id="parentheses_of_one_line",
    ),
    pytest.param(
        """\
class V:
    queryset = (Order.objects.all())
""",
        [
            joined(
                '"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"', '"cccccccccccccccccccccccccccccc"'
            ),
            fetched('"items__product"'),
        ],
        """\
class V:
    queryset = (
        Order.objects.all()
        .select_related(
            "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", "cccccccccccccccccccccccccccccc"
        )
        .prefetch_related("items__product")
    )
""",
        id="parentheses_become_lines",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        Order.objects.all().order_by('a')
    )
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.all()
        .order_by('a')
        .select_related("user")
        .prefetch_related("items__product")
    )
""",
        id="alone_in_its_parentheses",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        Order.objects.all().order_by('a')
    )
""",
        [
            joined(
                '"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"', '"cccccccccccccccccccccccccccccc"'
            ),
            fetched('"items__product"'),
        ],
        """\
class V:
    queryset = (
        Order.objects.all()
        .order_by('a')
        .select_related(
            "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", "cccccccccccccccccccccccccccccc"
        )
        .prefetch_related("items__product")
    )
""",
        id="long_alone_in_its_parentheses",
    ),
    pytest.param(
        """\
class V:
    queryset = a | b
""",
        [joined('"user"')],
        """\
class V:
    queryset = (a | b).select_related("user")
""",
        id="operator_gets_parentheses",
    ),
    pytest.param(
        """\
class V:
    queryset = (a | b)
""",
        [joined('"user"')],
        """\
class V:
    queryset = (a | b).select_related("user")
""",
        id="operator_has_parentheses",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        a
        | b
    )
""",
        [joined('"user"')],
        """\
class V:
    queryset = (
        a
        | b
    ).select_related("user")
""",
        id="operator_on_lines",
    ),
    pytest.param(
        """\
class V:
    queryset = a if x else b
""",
        [joined('"user"')],
        """\
class V:
    queryset = (a if x else b).select_related("user")
""",
        id="conditional",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related("a").filter(x=1)
""",
        [joined('"user"'), fetched('"b"')],
        """\
class V:
    queryset = (
        Order.objects.select_related("a", "user").filter(x=1).prefetch_related("b")
    )
""",
        id="joins_an_earlier_call",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related("a").prefetch_related(Prefetch('x', Y.objects.all()))
""",
        [joined('"user"'), fetched('"bbbbbbbbbb"')],
        """\
class V:
    queryset = Order.objects.select_related("a", "user").prefetch_related(
        Prefetch('x', Y.objects.all()), "bbbbbbbbbb"
    )
""",
        id="prefetch_that_has_a_queryset",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related("a").none()
""",
        [joined('"user"'), fetched('"b"')],
        """\
class V:
    queryset = (
        Order.objects.select_related("a")
        .none()
        .select_related("user")
        .prefetch_related("b")
    )
""",
        id="call_that_is_not_passed",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related(None).filter(x=1)
""",
        [joined('"user"'), fetched('"b"')],
        """\
class V:
    queryset = (
        Order.objects.select_related(None)
        .filter(x=1)
        .select_related("user")
        .prefetch_related("b")
    )
""",
        id="none_takes_nothing_in",
    ),
    pytest.param(
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        .select_related('a')
        .order_by("a")  # why
    )
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.filter(active=True)
        .select_related('a', "user")
        .order_by("a")  # why
        .prefetch_related("items__product")
    )
""",
        id="earlier_call_in_a_column",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related(
        'a',  # one
        'b',  # two
    )
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = Order.objects.select_related(
        'a',  # one
        'b',  # two
        "user",
    ).prefetch_related("items__product")
""",
        id="column_of_arguments",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related(
        'a', 'b'
    )
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = Order.objects.select_related(
        'a', 'b', "user"
    ).prefetch_related("items__product")
""",
        id="line_of_arguments",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.select_related(
        'a',
    )
""",
        [joined('"user"')],
        """\
class V:
    queryset = Order.objects.select_related(
        'a',
        "user",
    )
""",
        id="only_argument_of_a_column",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(a=1) \\
        .order_by('x')
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = Order.objects.filter(a=1) \\
        .order_by('x') \\
        .select_related("user") \\
        .prefetch_related("items__product")
""",
        id="backslashes",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.extra('''
  x
  ''')
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = Order.objects.extra('''
  x
  ''').select_related("user").prefetch_related("items__product")
""",
        id="string_of_lines",
    ),
    pytest.param(
        """\
class V:
    queryset = (Order.objects.filter(a=1)
                .order_by('x'))  # why
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (Order.objects.filter(a=1)
                .order_by('x')
                .select_related("user")
                .prefetch_related("items__product"))  # why
""",
        id="aligned_with_its_dots",
    ),
    pytest.param(
        """\
class V:
    queryset = (Order.objects.filter(a=1,
                  b=2))  # why
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (Order.objects.filter(a=1,
                  b=2).select_related("user").prefetch_related("items__product"))  # why
""",
        id="aligned_arguments_in_parentheses",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(a=1,
                  b=2)  # why
""",
        [joined('"user"'), fetched('"items__product"')],
        """\
class V:
    queryset = (
        Order.objects.filter(a=1,
                      b=2)
        .select_related("user")
        .prefetch_related("items__product")
    )  # why
""",
        id="aligned_arguments",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()
""",
        [fetched('"items"', 'Prefetch("reviews", queryset=Review.objects.select_related("user"))')],
        """\
class V:
    queryset = Order.objects.all().prefetch_related(
        "items", Prefetch("reviews", queryset=Review.objects.select_related("user"))
    )
""",
        id="prefetch_with_a_queryset",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()
""",
        [
            joined('"user"'),
            fetched(
                '"items"',
                'Prefetch("reviews", queryset='
                'Review.objects.select_related("user", "other_thing"))',
            ),
        ],
        """\
class V:
    queryset = (
        Order.objects.all()
        .select_related("user")
        .prefetch_related(
            "items",
            Prefetch(
                "reviews", queryset=Review.objects.select_related("user", "other_thing")
            ),
        )
    )
""",
        id="nested_prefetch",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()
""",
        [
            joined('"user"'),
            fetched(
                'Prefetch("reviews", queryset=Review.objects.select_related("user", "other_thing"))'
            ),
        ],
        """\
class V:
    queryset = (
        Order.objects.all()
        .select_related("user")
        .prefetch_related(
            Prefetch(
                "reviews", queryset=Review.objects.select_related("user", "other_thing")
            )
        )
    )
""",
        id="sole_nested_prefetch",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()
""",
        [
            joined('"user"'),
            fetched(
                'Prefetch("reviews", queryset=Review.objects.all()'
                '.select_related("user", "other_thing").fetch_mode(models.FETCH_PEERS))'
            ),
        ],
        """\
class V:
    queryset = (
        Order.objects.all()
        .select_related("user")
        .prefetch_related(
            Prefetch(
                "reviews",
                queryset=Review.objects.all()
                .select_related("user", "other_thing")
                .fetch_mode(models.FETCH_PEERS),
            )
        )
    )
""",
        id="chain_in_a_prefetch",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.all()[:10]
""",
        [joined('"user"')],
        """\
class V:
    queryset = Order.objects.all()[:10].select_related("user")
""",
        id="slice_stays",
    ),
    pytest.param(
        """\
class V:
    queryset = Ordeé.objects.filter(x='éééé', y=(1), z=(2), )
""",
        [joined('"useruseruseruseruseruseruseruseruseruser"', '"bbbbbbbbbbbbbbbbbbb"')],
        """\
class V:
    queryset = Ordeé.objects.filter(x='éééé', y=(1), z=(2), ).select_related(
        "useruseruseruseruseruseruseruseruseruser", "bbbbbbbbbbbbbbbbbbb"
    )
""",
        id="spelling_stays",
    ),
    pytest.param(
        """\
class V:
    def f(self):
        return super().get_queryset()
""",
        [joined('"user"', '"customer"', '"xaaaaaaaaaaaaaaaaaaaaaaaaa"')],
        """\
class V:
    def f(self):
        return (
            super()
            .get_queryset()
            .select_related("user", "customer", "xaaaaaaaaaaaaaaaaaaaaaaaaa")
        )
""",
        id="super_is_a_link",
    ),
    pytest.param(
        """\
class V:
    def f(self):
        return super().get_queryset()
""",
        [joined('"user"')],
        """\
class V:
    def f(self):
        return super().get_queryset().select_related("user")
""",
        id="returned",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.get_for_the_administrator_who_asks(self.request.user).filter(
        type="relay", name="x"
    )
""",
        [joined('"user"')],
        """\
class V:
    queryset = (
        Order.objects.get_for_the_administrator_who_asks(self.request.user)
        .filter(type="relay", name="x")
        .select_related("user")
    )
""",
        id="what_only_its_length_broke_is_whole_again",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(
        type="relay",  # why
        name="x"
    )
""",
        [joined('"user"'), fetched('"items"')],
        """\
class V:
    queryset = (
        Order.objects.filter(
            type="relay",  # why
            name="x"
        )
        .select_related("user")
        .prefetch_related("items")
    )
""",
        id="comments_keep_their_lines",
    ),
    pytest.param(
        """\
class V:
    queryset = Order.objects.filter(number="1") | Order.objects.filter(number="2")
""",
        [joined('"user"')],
        """\
class V:
    queryset = (
        Order.objects.filter(number="1") | Order.objects.filter(number="2")
    ).select_related("user")
""",
        id="operator_on_a_line_of_its_own",
    ),
]


def added(workbench, text: str | bytes, calls: list[MethodCall], width: int = 88) -> str:
    """The text with calls behind the value of its first assignment or return."""
    bench = workbench(text)
    wanted = (ast.Assign, ast.Return)
    node = next(each for each in ast.walk(bench.document.tree) if isinstance(each, wanted))
    assert node.value is not None
    reference = NodeReference.of(node.value)
    return bench.applied(with_calls(bench.trees, PATH, reference, calls, width=width))


@pytest.mark.parametrize(("before", "calls", "after"), CASES)
def test_calls_are_added(workbench, before: str, calls: list[MethodCall], after: str) -> None:
    assert added(workbench, before, calls) == after


@pytest.mark.parametrize(("before", "calls", "after"), CASES)
def test_lines_end_as_in_the_file(workbench, before, calls, after) -> None:
    windows = before.replace("\n", "\r\n")
    assert added(workbench, windows, calls) == after.replace("\n", "\r\n")


def formatted(texts: list[str]) -> list[str]:
    """What ruff makes of the texts, each by itself."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    return [
        subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
        for text in texts
    ]


def test_code_that_black_leaves_alone_stays_so():
    stable = [case for case in CASES if formatted([case.values[0]]) == [case.values[0]]]
    afters = [case.values[2] for case in stable]
    assert len(stable) > 20
    assert formatted(afters) == afters


def test_width_is_the_projects(workbench):
    before = "queryset = Order.objects.all()\n"
    calls = [joined('"user"'), fetched('"items"')]
    assert added(workbench, before, calls, 79) == (
        'queryset = Order.objects.all().select_related("user").prefetch_related("items")\n'
    )
    assert added(workbench, before, calls, 78) == (
        "queryset = (\n"
        '    Order.objects.all().select_related("user").prefetch_related("items")\n'
        ")\n"
    )


def test_indentation_is_that_of_the_file(workbench):
    before = "class V:\n\tqueryset = Order.objects.filter(active=True)\n"
    after = (
        "class V:\n\tqueryset = (\n\t\tOrder.objects.filter(active=True)\n"
        '\t\t.select_related("user")\n\t\t.prefetch_related("items")\n\t)\n'
    )
    assert added(workbench, before, [joined('"user"'), fetched('"items"')], 60) == after


def test_comments_to_tools_do_not_make_a_line_too_long(workbench):
    before = "queryset = Order.objects.all()  # noqa: DJ01, because of the name that it has got\n"
    after = before.replace("all()", 'all().select_related("user")')
    assert added(workbench, before, [joined('"user"')]) == after


def test_argument_in_brackets_gets_lines_of_its_own(workbench):
    before = "x = serialize(\n    Order.objects.filter(active=True),  # all\n    many=True,\n)\n"
    after = (
        "x = serialize(\n    (\n        Order.objects.filter(active=True)\n"
        '        .select_related("user")\n        .prefetch_related("items")\n'
        "    ),  # all\n    many=True,\n)\n"
    )
    bench = workbench(before)
    reference = bench.reference("Order.objects.filter(active=True)", ast.Call)
    calls = [joined('"user"'), fetched('"items"')]
    edits = with_calls(bench.trees, PATH, reference, calls, width=60)
    assert bench.applied(edits) == after


def test_call_without_permission_is_not_joined_to_another(workbench):
    before = 'x = Order.objects.select_related("a")\n'
    call = MethodCall("select_related", ('"b"',))
    after = 'x = Order.objects.select_related("a").select_related("b")\n'
    assert added(workbench, before, [call]) == after


@pytest.mark.parametrize(
    "chain",
    [
        "Order.objects.select_related(*NAMES)",
        "Order.objects.select_related()",
        "Order.objects.select_related(name)",
        "Order.objects.prefetch_related(*NAMES)",
        "select_related('a')",
        "Order.objects.select_related('a').custom()",
        "Order.objects.select_related('a').values('b')",
        "Order.objects.select_related('a').select_related(None)",
    ],
)
def test_call_that_may_mean_more_than_it_says_takes_nothing_in(workbench, chain: str) -> None:
    calls = [joined("'u'")] if "prefetch" not in chain else [fetched("'u'")]
    assert added(workbench, f"x = {chain}\n", calls) == f"x = {chain}{calls[0].code}\n"
