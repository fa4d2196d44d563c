"""The type of an amount: literals, arithmetic, builtins, totals; and which field it fits."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.numbers import fits
from djfix.codemods.inference.values import Number, Plain, Unknown, Value
from tests.inference.shop import Revealed, shown

SIGNATURE = """
def f(i: int, d: Decimal, x: float, b: bool, t: timedelta, m: Optional[int], u, ms: Maybe):
    {body}
"""

TYPES = {
    "1": "int",
    "-1": "int",
    "2.5": "float",
    "True": "bool",
    "'2'": "str",
    "f'{i}'": "str",
    "None": "none",
    "i + 1": "int",
    "i * i - 1": "int",
    "i // 2": "int",
    "i % 2": "int",
    "i + b": "int",
    "-b": "int",
    "d + i": "decimal",
    "i * d": "decimal",
    "d / i": "decimal",
    "-d": "decimal",
    "x * i": "float",
    "i / i": "float",
    "t + t": "timedelta",
    "t * i": "timedelta",
    "len(u)": "int",
    "int(u)": "int",
    "Decimal(u)": "decimal",
    "decimal.Decimal('1')": "decimal",
    "timedelta(days=1)": "timedelta",
    "datetime.timedelta(days=1)": "timedelta",
    "abs(d)": "decimal",
    "abs(b)": "int",
    "round(x)": "int",
    "round(d)": "int",
    "round(x, None)": "int",
    "round(d, 2)": "decimal",
    "round(x, ndigits=1)": "float",
    "round(x, i)": "float",
    "min(i, 5)": "int",
    "max(d, 0)": "int-or-decimal",
    "max(i, 5, key=u)": "int",
    "max([1, 2])": "int",
    "max([i], default=0)": "int",
    "d.quantize(u)": "decimal",
    "sum([1, 2])": "int",
    "sum(o.quantity for o in Order.objects.all())": "int",
    "sum(o.price for o in Order.objects.all())": "int-or-decimal",
    "sum([o.price for o in Order.objects.all()], Decimal(0))": "decimal",
    "sum((o.price for o in Order.objects.all()), start=Decimal(0))": "decimal",
    "sum(b for o in u)": "int",
    "sum(x for o in u)": "float",
    "sum(o.price for o in Order.objects.all()) * 2": "int-or-decimal",
    "sum(o.price for o in Order.objects.all()) + d": "decimal",
    "i if u else 0": "int",
    "i if u else d": "int-or-decimal",
    "(d if u else 0) / d": "decimal",
    "m": "int?",
    "m or 0": "int",
    "i or d": "int-or-decimal",
    "Order.objects.count()": "int",
    "Order.objects.filter(pk=i).update(quantity=1)": "int",
}

UNKNOWN_TYPES = {
    "an_amount_that_nothing_is_known_of": "u",
    "an_unknown_annotation": "ms",
    "arithmetic_with_an_unknown": "u + 1",
    "a_power_may_be_a_float": "i ** i",
    "a_decimal_and_a_float_do_not_mix": "d * x",
    "text_times_a_number": "'2' * 2",
    "a_number_that_may_be_none": "m + 1",
    "the_negative_of_what_may_be_none": "-m",
    "the_magnitude_of_an_unknown": "abs(u)",
    "the_magnitude_of_an_object": "abs(Account.objects.get())",
    "a_shift": "i << 2",
    "bits": "i | 2",
    "the_inverse": "~i",
    "a_float_or_an_int": "i if u else x",
    "a_number_or_text": "i if u else '2'",
    "rounding_an_unknown": "round(u, 2)",
    "rounding_to_unknown_digits": "round(x, u)",
    "rounding_a_duration": "round(t, 2)",
    "rounding_with_unpacked_arguments": "round(x, **u)",
    "the_smaller_of_an_int_and_a_float": "min(i, x)",
    "the_smaller_of_an_int_and_an_unknown": "min(i, u)",
    "the_larger_of_two_objects_has_another_name": (
        "max(Account.objects.get(pk=1), Account.objects.get(pk=2), key=u)"
    ),
    "the_larger_of_unpacked_values": "max(*u)",
    "the_largest_or_a_default_of_another_type": "max([1], default=x)",
    "a_sum_of_unknowns": "sum(u)",
    "a_sum_from_an_unknown_start": "sum([1], u)",
    "a_sum_from_a_float": "sum([d], 0.0)",
    "half_of_a_total_that_may_be_the_int_0": "sum(o.price for o in Order.objects.all()) / 2",
    "a_quotient_of_what_may_be_two_ints": "(d if u else 0) / i",
    "a_method_of_a_float": "x.quantize(u)",
    "a_power_function": "pow(i, 2)",
    "a_divmod": "divmod(i, 2)[0]",
    "a_random_number": "random.randint(1, 2)",
    "a_dict_s_value": "{'a': 1}['a']",
    "a_comparison": "i < 2",
    "a_negation": "not i",
    "what_and_gives": "i and x",
    "what_an_unpacked_call_gives": "min(*u, 1)",
    "a_complex_number": "2j",
    "an_ellipsis": "...",
}

FITTING = {
    "integer": {"int"},
    "decimal": {"int", "decimal", "int-or-decimal"},
    "float": {"int", "float"},
    "duration": {"timedelta"},
    "char": set[str](),
    "boolean": set[str](),
}
KINDS = ("int", "decimal", "int-or-decimal", "float", "bool", "timedelta")


@pytest.mark.parametrize("expression", TYPES)
def test_the_type_of(expression: str) -> None:
    source = SIGNATURE.format(body=f"reveal({expression})")
    assert shown(Revealed(source).value) == TYPES[expression]


@pytest.mark.parametrize("case", UNKNOWN_TYPES)
def test_declines(case: str) -> None:
    source = SIGNATURE.format(body=f"reveal({UNKNOWN_TYPES[case]})")
    assert shown(Revealed(source).value) == "unknown"


@pytest.mark.parametrize("field", FITTING)
def test_a_field_takes_only_what_python_and_sql_add_alike(field: str) -> None:
    assert {kind for kind in KINDS if fits(Number(kind), field)} == FITTING[field]


@pytest.mark.parametrize("value", [Number("int", optional=True), Plain("str"), Unknown()])
@pytest.mark.parametrize("field", ["integer", "decimal", "float"])
def test_no_field_takes(value: Value, field: str) -> None:
    assert not fits(value, field)


def test_a_total_starts_as_an_int_and_becomes_a_decimal() -> None:
    source = """
        def f():
            total = 0
            for order in Order.objects.all():
                total += order.price * order.quantity
            reveal(total)
    """
    assert shown(Revealed(source).value) == "int-or-decimal"
