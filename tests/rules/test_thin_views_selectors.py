"""`thin-views-selectors`: queries that leave a view, and those that stay."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from djfix.codemods.rules.thin_views_selectors import ThinViewsSelectors
from djfix.codemods.rules.thin_views_selectors.examples import BEFORE, EXAMPLES, FILES
from djfix.codemods.rules.thin_views_selectors.options import ThinViewsSelectorsOptions

VIEWS = "shop/views.py"
HEAD = BEFORE.partition("class ")[0]
SELECTOR = '''\
from typing import Optional

from django.contrib.auth.models import User
from django.db.models import QuerySet

from shop.models import Order


def list_orders(*, user: User, status: Optional[str]) -> QuerySet[Order]:
    """List orders."""
    orders = Order.objects.filter(user=user)
    if status:
        orders = orders.filter(status=status)
    # Nobody asks for what was never paid.
    orders = orders.exclude(total=0)
    orders = orders.order_by("-placed")
    return orders
'''


def view(body: str, name: str = "OrderList") -> str:
    text = textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")
    base = "class {}(generics.ListAPIView):\n    serializer_class = OrderSerializer\n\n"
    return f"{HEAD}{base.format(name)}    def get_queryset(self):\n{text}\n"


STEPS = """
orders = Order.objects.filter(user=self.request.user)
orders = orders.exclude(total=0)
orders = orders.filter(status="new")
orders = orders.order_by("-placed")
return orders
"""


@pytest.fixture
def changes(bench_of: Callable[..., object]) -> Callable[..., dict[str, str]]:
    def made(text: str, files: dict[str, str] | None = None, **options: int) -> dict[str, str]:
        rule = ThinViewsSelectors(ThinViewsSelectorsOptions(**options))
        bench = bench_of(rule, VIEWS, {**dict(FILES), **(files or {})})
        result = bench.run(text, unsafe=True)
        return {each.path: each.after.decode() for each in result.changes}

    return made


@pytest.fixture
def declined(bench_of: Callable[..., object]) -> Callable[..., list[str]]:
    def found(text: str) -> list[str]:
        bench = bench_of(ThinViewsSelectors(), VIEWS, dict(FILES))
        result = bench.run(text, unsafe=True)
        assert not result.findings
        return [each.reason.name for each in result.declined]

    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_examples(bench_of: Callable[..., object], example: object) -> None:
    bench = bench_of(ThinViewsSelectors(), example.path, example.files)
    bench.fixes(example.before, example.after, unsafe=True)


def test_selector_of_the_example(changes: Callable[..., dict[str, str]]) -> None:
    assert changes(BEFORE)["shop/selectors.py"] == SELECTOR


def test_nothing_is_applied_by_default(bench_of: Callable[..., object]) -> None:
    bench = bench_of(ThinViewsSelectors(), VIEWS, FILES)
    assert bench.after(BEFORE).decode() == BEFORE


def test_selectors_that_are_there_are_appended_to(
    changes: Callable[..., dict[str, str]],
) -> None:
    there = "def list_orders():\n    pass\n"
    made = changes(view(STEPS, "ReportList"), {"shop/selectors.py": there})
    assert (
        "def list_orders():\n    pass\n\n\ndef list_orders_for_report("
        in (made["shop/selectors.py"])
    )


def test_queryset_of_the_parent_is_handed_over(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace("Order.objects.filter(user=self.request.user)", "super().get_queryset()")
    made = changes(
        view(text.replace("return", "orders = orders.distinct()\nreturn")), minimum_steps=1
    )
    assert not made  # what a parent gives is not known to be a queryset


def test_threshold_is_an_option(changes: Callable[..., dict[str, str]]) -> None:
    assert changes(view(STEPS), minimum_steps=4)
    assert not changes(view(STEPS), minimum_steps=5)


def test_size_is_an_option(changes: Callable[..., dict[str, str]]) -> None:
    assert not changes(view(STEPS), minimum_statements=5)


def test_short_query_is_left_alone(declined: Callable[..., list[str]]) -> None:
    assert declined(view("return Order.objects.filter(user=self.request.user)")) == []


def test_one_expression_is_left_alone(declined: Callable[..., list[str]]) -> None:
    text = "return Order.objects.filter(user=self.request.user).exclude(total=0)"
    text = f"{text}.order_by('pk').distinct()"
    assert declined(view(text)) == ["too-small"]


def test_query_that_uses_the_view_is_left_alone(declined: Callable[..., list[str]]) -> None:
    text = STEPS.replace('status="new"', "status=self.status").replace("total=0", "total=self.low")
    assert set(declined(view(text))) == {"self-state"}


def test_query_with_a_write_among_it_is_left_alone(declined: Callable[..., list[str]]) -> None:
    text = STEPS.replace("orders = orders.exclude(total=0)", "orders.exclude(total=0).delete()")
    assert "writes" in declined(view(text))


def test_function_that_is_no_view_is_left_alone(declined: Callable[..., list[str]]) -> None:
    body = textwrap.indent(STEPS.replace("self.request.user", "user").strip(), "    ")
    assert declined(f"{HEAD}def orders_of(user, request=None):\n{body}\n") == []


# What a reviewer asked for.


def selectors_of(made: dict[str, str]) -> str:
    return made["shop/selectors.py"]


def test_name_is_of_the_model_that_most_steps_are_about(
    changes: Callable[..., dict[str, str]],
) -> None:
    text = STEPS.replace("orders = Order", 'own = User.objects.values("pk")\norders = Order', 1)
    text = view(text.replace('status="new"', 'status="new", user__in=own'))
    made = changes(f"from django.contrib.auth.models import User\n{text}")
    assert "def list_orders(*, user: User) -> QuerySet[Order]:" in selectors_of(made)


def test_text_of_the_address_is_a_str(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace('"new"', 'self.request.GET.get("status", "new")')
    assert "(*, user: User, status: str)" in selectors_of(changes(view(text)))


def test_text_that_may_miss_is_optional(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace('"new"', 'self.request.GET.get("status")')
    assert "(*, user: User, status: Optional[str])" in selectors_of(changes(view(text)))


def test_texts_are_a_list(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace('status="new"', 'status__in=self.request.GET.getlist("status")')
    assert "(*, user: User, status: list[str])" in selectors_of(changes(view(text)))


def test_rows_that_are_fetched_are_a_list(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace("return orders", "rows = list(orders.filter(total__gt=1))\nreturn rows")
    assert "-> list[Any]:" in selectors_of(changes(view(text)))


def test_two_querysets_come_in_a_frozen_class(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace("return orders", 'paid = orders.filter(total__gt=0).order_by("pk")\n')
    made = changes(view(f"{text}return orders | paid"))
    assert "    orders: QuerySet[Order]\n    paid: QuerySet[Order]\n" in selectors_of(made)


def test_check_before_the_query_stays(changes: Callable[..., dict[str, str]]) -> None:
    text = f"if not self.request.user.is_staff:\n    return Order.objects.none(){STEPS}"
    made = changes(view(text))
    assert "is_staff" in made[VIEWS]
    assert "is_staff" not in selectors_of(made)


def test_what_may_fail_is_read_before_the_call(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace("user=self.request.user", 'pk=self.request.GET["pk"]')
    made = changes(view(text))
    assert 'pk = self.request.GET["pk"]\n        orders = list_orders(pk=pk)\n' in made[VIEWS]


def test_arguments_of_the_address_are_handed_over(
    changes: Callable[..., dict[str, str]],
) -> None:
    text = STEPS.replace('status="new"', 'status=self.kwargs["status"]')
    made = changes(view(text))
    assert "list_orders(user=self.request.user, kwargs=self.kwargs)" in made[VIEWS]
    assert 'status=kwargs["status"]' in selectors_of(made)


def test_comment_moves_with_its_step(changes: Callable[..., dict[str, str]]) -> None:
    text = STEPS.replace("orders = orders.exclude", "# Paid ones.\norders = orders.exclude")
    made = changes(view(text))
    assert "    # Paid ones.\n    orders = orders.exclude(total=0)\n" in selectors_of(made)
    assert "Paid ones" not in made[VIEWS]


def test_import_that_only_the_query_uses_leaves_the_views(
    changes: Callable[..., dict[str, str]],
) -> None:
    made = changes(view(STEPS))
    assert "shop.models" not in made[VIEWS]
    assert "from shop.models import Order\n" in selectors_of(made)


def test_package_of_selectors_gets_a_module(changes: Callable[..., dict[str, str]]) -> None:
    made = changes(view(STEPS), {"shop/selectors/__init__.py": ""})
    assert "def list_orders(" in made["shop/selectors/shop.py"]


def test_loop_of_queries_moves_as_a_whole(changes: Callable[..., dict[str, str]]) -> None:
    text = "orders = Order.objects.filter(user=self.request.user)\nfor each in (0, 1):\n"
    text += "    orders = orders.exclude(total=each)\norders = orders.filter(total__gt=1)\n"
    made = changes(view(f'{text}orders = orders.order_by("pk")\nreturn orders'))
    assert "    for each in (0, 1):\n        orders = orders.exclude(" in selectors_of(made)
    assert "for each" not in made[VIEWS]


def test_function_view(changes: Callable[..., dict[str, str]]) -> None:
    body = textwrap.indent(
        STEPS.replace("self.request.user", "request.user").replace(
            "return orders", "return Response(OrderSerializer(orders, many=True).data)"
        ),
        "    ",
    )
    made = changes(
        f"{HEAD}from rest_framework.response import Response\n\n\ndef found(request):{body}\n"
    )
    assert "    orders = list_orders(user=request.user)\n" in made[VIEWS]


def test_selector_does_not_give_back_what_it_was_given(
    changes: Callable[..., dict[str, str]],
) -> None:
    read = 'status = self.request.GET.get("status")\norders = orders.filter(status=status)'
    text = STEPS.replace('orders = orders.filter(status="new")', read)
    made = changes(view(text.replace("return orders", "print(status)\nreturn orders")))
    assert made[VIEWS].endswith("""\
        status = self.request.GET.get("status")
        orders = list_orders(user=self.request.user, status=status)
        print(status)
        return orders
""")
    assert "    orders = orders.exclude(total=0)\n    orders = orders.filter(status=status)\n" in (
        selectors_of(made)
    )


# Left alone.


def test_query_of_names_among_the_views(declined: Callable[..., list[str]]) -> None:
    text = view(STEPS.replace("total=0", "total=LEAST")).replace(
        "class ", "LEAST = 0\n\n\nclass ", 1
    )
    assert "defined-in-views" in declined(text)


def test_generator_is_left_alone(declined: Callable[..., list[str]]) -> None:
    assert "generator" in declined(view(STEPS.replace("return orders", "yield from orders")))


def test_asynchronous_view_is_left_alone(declined: Callable[..., list[str]]) -> None:
    text = view(STEPS).replace("    def get_queryset", "    async def get_queryset")
    assert declined(text) == ["async-view"]


def test_query_that_reads_the_object_of_the_view(declined: Callable[..., list[str]]) -> None:
    text = STEPS.replace("exclude(total=0)", "exclude(total=self.get_object().total)")
    assert "self-state" in declined(view(text))


def test_import_with_a_star(declined: Callable[..., list[str]]) -> None:
    text = view(STEPS.replace("total=0", "total=LEAST"))
    text = text.replace("from shop", "from shop.constants import *\nfrom shop", 1)
    assert "unknown-name" in declined(text)


def test_four_results_are_too_many(declined: Callable[..., list[str]]) -> None:
    more = "".join(f"q{each} = orders.filter(total={each})\n" for each in range(4))
    text = STEPS.replace("return orders", f"{more}return q0 | q1 | q2 | q3")
    assert "many-results" in declined(view(text))


def test_app_called_selectors_is_no_place(bench_of: Callable[..., object]) -> None:
    files = {**dict(FILES), "shop/selectors/__init__.py": "", "shop/selectors/models.py": ""}
    result = bench_of(ThinViewsSelectors(), VIEWS, files).run(view(STEPS), unsafe=True)
    assert [each.reason.name for each in result.declined] == ["no-place"]


def test_selectors_that_cannot_be_parsed(
    bench_of: Callable[..., object],
) -> None:
    files = {**dict(FILES), "shop/selectors.py": "def ("}
    bench = bench_of(ThinViewsSelectors(), VIEWS, files)
    result = bench.run(view(STEPS), unsafe=True)
    assert not result.changes
    assert [each.reason.name for each in result.declined] == ["unreadable-module"]


def test_second_run_finds_nothing(changes: Callable[..., dict[str, str]]) -> None:
    made = changes(view(STEPS))
    again = changes(made[VIEWS], {"shop/selectors.py": selectors_of(made)})
    assert not again
