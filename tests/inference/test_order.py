"""Values that rest on each other: in loops, from whichever expression one starts, and deep ones."""

from __future__ import annotations

import random

import pytest

from djfix.codemods.inference.values import Value
from tests.inference.shop import Revealed, shown

LOOPS = {
    "a_counter_stays_an_int": ("int", "n = 0", "n += 1", "n"),
    "a_counter_written_out_stays_an_int": ("int", "n = 0", "n = n + 1", "n"),
    "names_that_take_turns_are_of_one_kind": ("int", "a, b = 1, 2", "a, b = b, a", "a"),
    "a_queryset_that_is_refined_in_each_turn": (
        "Account yes first optional",
        "rows = Account.objects.all()",
        "rows = rows.filter(pk=x)",
        "rows.first()",
    ),
    "the_parent_of_a_parent": (
        "Account yes several outlives optional",
        "a = Account.objects.get()",
        "a = a.parent",
        "a",
    ),
    "declines_what_division_makes_another_type": ("unknown", "n = 0", "n = n / 2", "n"),
    "declines_names_of_two_kinds_that_take_turns": ("unknown", "a, b = 1, .5", "a, b = b, a", "a"),
    "declines_a_sum_of_a_kind_that_is_not_known": ("unknown", "n = 0", "n += x.amount", "n"),
    "declines_a_value_that_nothing_begins": ("unknown", "pass", "n = n + 1", "n"),
    "declines_a_tuple_that_grows": ("unknown", "n = (1, 2)", "n = (n, 1)", "n"),
    "declines_what_is_now_new_and_now_a_number": (
        "unknown",
        "n = 0",
        "n = Account() if x else n",
        "n",
    ),
}


@pytest.mark.parametrize("case", LOOPS)
def test_what_each_turn_of_a_loop_makes_of_a_name(case: str) -> None:
    expected, before, turn, marked = LOOPS[case]
    source = f"def f(xs):\n    {before}\n    for x in xs:\n        {turn}\n    reveal({marked})\n"
    assert shown(Revealed(source).value) == expected


TANGLED = """
def f(xs, amount: int, account: Account):
    total, count, other = Decimal(0), 0, Account.objects.get(pk=1)
    rows, pair = Account.objects.all(), (1, account)
    for x in xs:
        other, account = account, other
        count, step = count + 1, amount
        while other.parent:
            other = other.parent
            total += other.balance * count
            rows = rows.exclude(pk=other.pk)
            for row in rows:
                step = count - step
                account = row.owner.account
        if step:
            total = total - step
            pair = (pair[0] + step, other)
    reveal((total, count, step, other, account, rows, pair))
"""


def _in_order(revealed: Revealed, order: list[int]) -> list[tuple[int, Value]]:
    nodes = revealed.expressions
    inference = revealed.inference()
    return sorted((index, inference.value(nodes[index])) for index in order)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_questions_changes_no_answer(seed: int) -> None:
    revealed = Revealed(TANGLED)
    order = list(range(len(revealed.expressions)))
    expected = [(index, shown(value)) for index, value in _in_order(revealed, order)]
    random.Random(seed).shuffle(order)
    assert [(i, shown(value)) for i, value in _in_order(revealed, order)] == expected


def test_the_tangled_function_is_understood() -> None:
    assert shown(Revealed(TANGLED).value).startswith("(decimal, int, int, Account ")


DEEP = {
    "helpers_that_call_each_other": """
        def one(pk):
            return two(pk)

        def two(pk):
            return one(pk)

        def f():
            reveal(one(1))
    """,
    "a_helper_that_calls_itself": """
        def one(pk):
            return one(pk + 1)

        def f():
            reveal(one(1))
    """,
    "more_helpers_than_are_followed": """
        def one(): return Account.objects.get()
        def two(): return one()
        def three(): return two()
        def four(): return three()
        def five(): return four()

        def f():
            reveal(five())
    """,
    "a_parameter_given_by_the_function_itself": """
        def f(account):
            reveal(account)
            f(account)
    """,
    "parameters_that_are_handed_round": """
        def one(account):
            two(account)

        def two(account):
            reveal(account)
            one(account)
    """,
    "a_module_variable_made_of_itself": """
        things = list(things)

        def f():
            reveal(things[0])
    """,
    "module_variables_made_of_each_other": """
        ones = list(twos)
        twos = list(ones)

        def f():
            reveal(ones[0])
    """,
}


@pytest.mark.parametrize("case", DEEP)
def test_ends_without_an_answer(case: str) -> None:
    assert shown(Revealed(DEEP[case]).value) == "unknown"


def test_follows_three_helpers() -> None:
    source = """
        def one(): return Account.objects.get()
        def two(): return one()
        def three(): return two()

        def f():
            reveal(three())
    """
    assert shown(Revealed(source).value) == "Account yes get remote"


def test_a_long_chain_in_a_loop_is_asked_for_once_each() -> None:
    turns = "\n".join(f"        n{i} = n{i - 1} + n{i - 1} + n{i - 2}" for i in range(2, 60))
    source = f"def f(xs, n0: int, n1: int):\n    for x in xs:\n{turns}\n        reveal(n59)\n"
    assert shown(Revealed(source).value) == "int"


def test_a_thousand_steps_and_a_thousand_operands_fit_the_stack() -> None:
    steps = "    n = n + 1\n" * 1000
    operands = " + ".join(["n"] * 900)
    assert shown(Revealed(f"def f(n: int):\n{steps}    reveal({operands})\n").value) == "int"


def test_declines_a_loop_longer_than_is_followed() -> None:
    turns = "\n".join(f"        n{i} = n{i - 1} + n{i - 1}" for i in range(1, 60))
    source = f"def f(xs):\n    n0 = 0\n    for x in xs:\n{turns}\n        n0 = n59\n"
    assert shown(Revealed(source + "    reveal(n0)\n").value) == "unknown"
