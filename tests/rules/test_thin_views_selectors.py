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
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from shop.models import Order


def list_orders(*, user: User, status: Any) -> QuerySet[Order]:
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
