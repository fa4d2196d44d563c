"""Which bytes may hold a finding of `f-expressions`: all that do, and few others."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.f_expressions.mentions import may_hold_change, may_hold_guarded_update

CHANGE = "order.total += 1\n"
SAVE = "order.save()\n"


def method(*lines: str) -> str:
    return "    def m(self, order):\n" + "".join(f"        {line}" for line in lines)


CHANGES = {
    "one_function": (f"def f(order):\n    {CHANGE}    {SAVE}", True),
    "method": (f"class C:\n{method(CHANGE, SAVE)}", True),
    "second_method": (f"class C:\n{method(SAVE)}{method(CHANGE, SAVE)}", True),
    "class_in_a_function": (
        f"def f(order):\n    {CHANGE}    class C:\n        pass\n    {SAVE}",
        True,
    ),
    "function_in_a_function": (
        f"def f(order):\n    {CHANGE}    def g():\n        pass\n    {SAVE}",
        True,
    ),
    "definition_in_a_long_string": (
        f'def f(order):\n    {CHANGE}    TEXT = """\ndef g():\n"""\n    {SAVE}',
        True,
    ),
    "definitions_behind_an_odd_quote_in_a_long_file": (
        f'def f(order):\n    {CHANGE}    q = \'"""\'\n'
        + "def g(order):\n    pass\n" * 8000
        + f"    {SAVE}",
        True,
    ),
    "definition_behind_a_backslash": (
        f"def f(order):\n    {CHANGE}    TEXT = 'a\\\ndef g'\n    {SAVE}",
        True,
    ),
    "by_itself": (f"def f(order):\n    order.total = 1 + order.total\n    {SAVE}", True),
    "by_itself_over_lines": (
        f"def f(order):\n    order.total = (\n        1 + order.total\n    )\n    {SAVE}",
        True,
    ),
    "by_itself_behind_a_comment": (
        f"def f(order):\n    order.total = (1  # )\n        + order.total)\n    {SAVE}",
        True,
    ),
    "asynchronous": (f"async def f(order):\n    {CHANGE}    await order.asave()\n", True),
    "two_functions": (f"def f(order):\n    {CHANGE}def g(order):\n    {SAVE}", False),
    "two_methods": (f"class C:\n{method(CHANGE)}{method(SAVE)}", False),
    "another_object": (f"def f(order, other):\n    other.total += 1\n    {SAVE}", False),
    "read_in_the_next_statement": (
        f"def f(order):\n    order.total = 1\n    print(order.total)\n    {SAVE}",
        False,
    ),
}


@pytest.mark.parametrize(("text", "may"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_change_and_save_of_one_object_in_one_function(text: str, newline: str, may: bool) -> None:
    assert may_hold_change(text.replace("\n", newline).encode()) is may


UPDATES = {
    "guarded": ('q.filter(n__gte=2).update(n=F("n") - 2)', True),
    "over_lines": (
        'q.filter(n__gte=2).update(\n    n=F(\n        "n",  # the field\n    )\n    - 2\n)',
        True,
    ),
    "in_parentheses": ('q.filter(n__gte=2).update(n=(F("n")) - 2)', True),
    "nothing_taken": ('q.filter(n__gte=2).update(n=F("n") + 2)', False),
    "no_bound": ('q.filter(n=2).update(n=F("n") - 2)', False),
    "no_update": ('q.filter(n__gte=2).annotate(n=F("n") - 2)', False),
}


@pytest.mark.parametrize(("text", "may"), UPDATES.values(), ids=UPDATES)
def test_update_with_a_lower_bound(text: str, may: bool) -> None:
    assert may_hold_guarded_update(text.encode()) is may
