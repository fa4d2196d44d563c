"""What an attribute holds: what its row has, or what the code itself put there."""

from __future__ import annotations

import pytest

from tests.inference.shop import Revealed, shown

KNOWN = {
    "a_fetched_row_s_column": ("int", "o = Order.objects.get()"),
    "an_int_added_to_it": ("int", "o = Order.objects.get()\no.quantity += 1"),
    "a_float_added_to_it": ("float", "o = Order.objects.get()\no.quantity += 0.5"),
    "an_int_assigned_to_it": ("int", "o = Order.objects.get()\no.quantity = int(u)"),
    "an_int_assigned_on_one_path": ("int", "o = Order.objects.get()\nif u: o.quantity = 2"),
    "an_int_put_into_a_new_one": ("int", "o = Order(quantity=u)\no.quantity = 2"),
    "an_int_in_turns": (
        "int",
        "o = Order.objects.get()\nfor x in u: o.quantity = o.quantity + 1",
    ),
    "another_column_that_is_assigned": ("int", "o = Order.objects.get()\no.price = u"),
}

UNKNOWN = {
    "a_new_object_holds_what_it_was_given": "o = Order(quantity=u)",
    "a_created_one_too": "o = Order.objects.create(quantity=u)",
    "and_one_that_may_be_created": "o, made = Order.objects.get_or_create(defaults=u)",
    "one_that_is_created_on_one_path": "o = Order.objects.first() or Order.objects.create(**u)",
    "an_unknown_was_assigned": "o = Order.objects.get()\no.quantity = u",
    "an_unknown_was_assigned_on_one_path": "o = Order.objects.get()\nif u: o.quantity = u",
    "an_unknown_was_assigned_by_another_name": "o = Order.objects.get()\np = o\np.quantity = u",
    "an_unknown_was_added": "o = Order.objects.get()\no.quantity += u",
    "an_int_was_added_to_what_it_was_given": "o = Order(quantity=u)\no.quantity += 1",
    "a_float_was_added_on_one_path": "o = Order.objects.get()\nif u: o.quantity += 0.5",
    "setattr_may_have_assigned_it": "o = Order.objects.get()\nsetattr(o, u, u)",
    "it_was_unpacked_into": "o = Order.objects.get()\no.quantity, x = u",
    "a_loop_assigns_it": "o = Order.objects.get()\nfor o.quantity in u: pass",
    "an_int_was_put_into_a_new_one_on_one_path": "o = Order(quantity=u)\nif u: o.quantity = 2",
    "an_int_was_put_into_the_one_before": ("o = Order()\no.quantity = 2\no = Order(quantity=u)"),
    "an_int_was_put_into_another": "o = Order(quantity=u)\np = Order()\np.quantity = 2",
}

ATTRIBUTES = {
    "an_int_that_a_property_promises": ("doubled", "int"),
    "a_property_that_promises_nothing": ("bare", "unknown"),
    "a_property_that_gives_an_object": ("boss", "unknown"),
    "a_method_that_is_not_called": ("save", "unknown"),
    "a_class_attribute_that_others_may_replace": ("STEP", "unknown"),
    "an_attribute_set_in_the_function": ("note", "unknown"),
    "the_key_of_a_relation": ("parent_id", "unknown"),
    "a_key_by_its_general_name": ("pk", "int"),
}


def _source(lines: str, read: str = "o.quantity") -> str:
    body = "\n".join(f"    {line}" for line in lines.splitlines())
    return f"def f(u):\n{body}\n    reveal({read})\n"


@pytest.mark.parametrize("case", KNOWN)
def test_a_column_holds(case: str) -> None:
    expected, lines = KNOWN[case]
    assert shown(Revealed(_source(lines)).value) == expected


@pytest.mark.parametrize("case", UNKNOWN)
def test_declines_because(case: str) -> None:
    assert shown(Revealed(_source(UNKNOWN[case])).value) == "unknown"


@pytest.mark.parametrize("case", ATTRIBUTES)
def test_an_attribute_is(case: str) -> None:
    name, expected = ATTRIBUTES[case]
    source = _source("a = Account.objects.get()\na.note = 1", f"a.{name}")
    assert shown(Revealed(source).value) == expected


def test_an_object_that_was_assigned_may_be_a_new_one() -> None:
    source = _source("o = Order.objects.get()\no.account = Account()", "o.account")
    assert shown(Revealed(source).value) == "Account unknown relation outlives"
