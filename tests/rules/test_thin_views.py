"""`thin-views`: what leaves a view, what stays in it, and what is only reported."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from guides_view import VALIDATING, VIEW

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.run import run
from djfix.codemods.engine.selection import followers_of
from djfix.codemods.engine.values import Request, Result
from djfix.codemods.findings import Finding
from djfix.codemods.rules.thin_views import ThinViews
from djfix.codemods.rules.thin_views.examples import EXAMPLES, FILES, GUIDE, SERIALIZERS
from djfix.codemods.rules.thin_views.options import ThinViewsOptions
from djfix.codemods.source.files import Files

VIEWS = "shop/views.py"
SERVICES = "shop/services.py"
HEAD = """\
import logging

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Order, OrderItem, User
from shop.serializers import OrderSerializer
from shop.tasks import send_confirmation_email

logger = logging.getLogger(__name__)
LIMIT = 10


"""

SERVICE_AFTER = '''\
from typing import Any

from shop.models import Order, OrderItem, User
from shop.tasks import send_confirmation_email


class InsufficientFundsError(Exception):
    """Insufficient funds."""


def create_order(*, user: User, items: list[dict[str, Any]]) -> Order:
    """Create order.

    Saves User, creates Order and OrderItem, sends send_confirmation_email. Raises
    InsufficientFundsError.
    """
    total = sum(item["price"] * item["qty"] for item in items)
    if user.balance < total:
        raise InsufficientFundsError
    user.balance -= total
    user.save()
    order = Order.objects.create(user=user, total=total)
    for item in items:
        OrderItem.objects.create(order=order, **item)
    send_confirmation_email.delay(order.id)
    return order
'''


def method(body: str, head: str = "def post(self, request, pk=None):") -> str:
    """A view class whose one method has this body."""
    text = textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")
    return f"{HEAD}class BuyOrderView(APIView):\n    {head}\n{text}\n"


def lines(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


class Extraction:
    """What one run made of a views' module, and of the other files."""

    def __init__(self, changes: Mapping[str, str], findings: list[Finding]) -> None:
        self.changes = changes
        self.findings = findings

    def body(self) -> str:
        """The text of the view's method."""
        _, _, rest = self.changes[VIEWS].partition("    def post(self, request, pk=None):\n")
        return textwrap.dedent(rest).strip("\n")

    def service(self) -> str:
        """The text from the first class or function of the new module."""
        text = self.changes[SERVICES]
        starts = [text.find(f"\n{word}") for word in ("class ", "def ", "@dataclass", "logger")]
        return text[min(place for place in starts if place >= 0) :].strip("\n")


@pytest.fixture
def extract(bench_of: Callable[..., object]) -> Callable[..., Extraction]:
    def made(text: str, files: Mapping[str, str] | None = None, **options: object) -> Extraction:
        rule = ThinViews(ThinViewsOptions(**options))
        bench = bench_of(rule, VIEWS, {**dict(FILES), **(files or {})})
        result = bench.run(text, unsafe=True)
        changes = {each.path: each.after.decode() for each in result.changes}
        return Extraction(changes, [each.finding for each in result.findings])

    return made


@pytest.fixture
def reasons(bench_of: Callable[..., object]) -> Callable[..., list[str]]:
    """The names of the reasons of a view that nothing leaves."""

    def found(text: str, files: Mapping[str, str] | None = None) -> list[str]:
        bench = bench_of(ThinViews(), VIEWS, {**dict(FILES), **(files or {})})
        result = bench.run(text, unsafe=True)
        assert not result.changes
        names = [each.name for item in result.findings for each in item.finding.reasons]
        return [*dict.fromkeys([*names, *(each.reason.name for each in result.declined)])]

    return found


# The guide, and every spelling of a file.


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_examples(bench_of: Callable[..., object], example: object) -> None:
    bench = bench_of(ThinViews(), example.path, example.files)
    bench.fixes(example.before, example.after, unsafe=True)


def test_service_of_the_guide(extract: Callable[..., Extraction]) -> None:
    assert extract(GUIDE).changes[SERVICES] == SERVICE_AFTER


def test_data_names_view_method_service_and_errors(extract: Callable[..., Extraction]) -> None:
    (finding,) = extract(GUIDE).findings
    assert finding.data == {
        "view": "CreateOrderView",
        "method": "post",
        "service": "shop.services.create_order",
        "errors": ("InsufficientFundsError",),
    }


def test_nothing_is_applied_by_default(bench_of: Callable[..., object]) -> None:
    bench = bench_of(ThinViews(), VIEWS, FILES)
    assert bench.after(GUIDE).decode() == GUIDE


# What moves, and what it is called with.

PLAIN = """
order = Order.objects.create(user=request.user)
OrderItem.objects.create(order=order, price=1, qty=1)
send_confirmation_email.delay(order.pk)
return Response({"order": order.pk})
"""


def test_request_is_read_in_the_call_where_that_cannot_fail(
    extract: Callable[..., Extraction],
) -> None:
    assert extract(method(PLAIN)).body() == lines("""
        order = buy_order(user=request.user)
        return Response({"order": order.pk})
    """)


def test_what_may_fail_is_bound_before_in_its_order(extract: Callable[..., Extraction]) -> None:
    made = extract(method(PLAIN.replace("request.user", "request.user, note=request.data['n']")))
    assert made.body() == lines("""
        n = request.data['n']
        order = buy_order(user=request.user, n=n)
        return Response({"order": order.pk})
    """)


def test_what_may_fail_in_the_middle_stays_where_it_stood(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            order = Order.objects.create(user=request.user)
            order.note = request.data["note"]
            order.save()
            OrderItem.objects.create(order=order, price=1, qty=1)
            send_confirmation_email.delay(order.pk)
            return Response({"order": order.pk})
        """)
    )
    assert made.body() == lines("""
        order = Order.objects.create(user=request.user)
        note = request.data["note"]
        buy_order(order=order, note=note)
        return Response({"order": order.pk})
    """)


def test_mapping_that_was_read_before_is_handed_over_as_a_whole(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            if "note" not in request.data:
                return Response({"error": "A note is missing"}, status=400)
            order = Order.objects.create(user=request.user)
            order.note = request.data["note"]
            order.save()
            OrderItem.objects.create(order=order, price=1, qty=1)
            return Response({"order": order.pk})
        """)
    )
    assert made.body() == lines("""
        if "note" not in request.data:
            return Response({"error": "A note is missing"}, status=400)
        order = buy_order(user=request.user, data=request.data)
        return Response({"order": order.pk})
    """)
    assert 'order.note = data["note"]' in made.service()


def test_keys_are_read_in_the_service_where_it_takes_some_out(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            serializer = OrderSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            order = Order.objects.create(user=request.user)
            order.note = serializer.validated_data.pop("note")
            order.status = serializer.validated_data.get("note", "none")
            order.save()
            OrderItem.objects.create(order=order, price=1, qty=1)
            return Response({"order": order.pk})
        """)
    )
    assert "buy_order(user=request.user, data=serializer.validated_data)" in made.body()
    assert 'order.status = data.get("note", "none")' in made.service()


def test_input_that_is_only_converted_stays_in_the_view(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            count = int(request.data["count"])
            order = Order.objects.create(user=request.user, total=count)
            OrderItem.objects.create(order=order, price=1, qty=count)
            send_confirmation_email.delay(order.pk)
            return Response({"order": order.pk})
        """)
    )
    assert made.body() == lines("""
        count = int(request.data["count"])
        order = buy_order(count=count, user=request.user)
        return Response({"order": order.pk})
    """)


def test_object_that_is_fetched_or_404_stays_in_the_view(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            order = get_object_or_404(Order, pk=pk)
            order.status = "paid"
            order.save()
            request.user.balance -= order.total
            request.user.save()
            return Response({"order": order.pk})
        """)
    )
    assert made.body() == lines("""
        order = get_object_or_404(Order, pk=pk)
        buy_order(order=order, user=request.user)
        return Response({"order": order.pk})
    """)


def test_comments_move_with_their_statements(extract: Callable[..., Extraction]) -> None:
    made = extract(
        method("""
            # For each user.
            order = Order.objects.create(user=request.user)  # new

            # With one item.
            OrderItem.objects.create(order=order, price=1, qty=1)
            send_confirmation_email.delay(order.pk)
            # For the client.
            return Response({"order": order.pk})
        """)
    )
    assert made.body() == lines("""
        order = buy_order(user=request.user)
        # For the client.
        return Response({"order": order.pk})
    """)
    assert made.service().endswith(
        "    # For each user.\n"
        "    order = Order.objects.create(user=user)  # new\n"
        "\n"
        "    # With one item.\n"
        "    OrderItem.objects.create(order=order, price=1, qty=1)\n"
        "    send_confirmation_email.delay(order.pk)\n"
        "    return order"
    )


def test_lines_of_a_string_keep_their_indentation(extract: Callable[..., Extraction]) -> None:
    text = PLAIN.replace("user=request.user", 'user=request.user, note="""a\n        b\n"""')
    made = extract(
        f"{HEAD}class BuyOrderView(APIView):\n    def post(self, request):\n"
        + "".join(
            f"        {line}\n" if line not in ("        b", '""")') else f"{line}\n"
            for line in text.strip().splitlines()
        )
    )
    assert 'note="""a\n        b\n""")' in made.service()


def test_several_results_come_in_a_class(extract: Callable[..., Extraction]) -> None:
    made = extract(
        method("""
            order = Order.objects.create(user=request.user)
            item = OrderItem.objects.create(order=order, price=1, qty=1)
            send_confirmation_email.delay(order.pk)
            return Response({"order": order.pk, "item": item.pk})
        """)
    )
    assert made.body() == lines("""
        result = buy_order(user=request.user)
        order = result.order
        item = result.item
        return Response({"order": order.pk, "item": item.pk})
    """)
    assert made.service().startswith(
        "@dataclass(frozen=True)\n"
        "class BuyOrderResult:\n"
        '    """What buy_order() gives back."""\n'
        "\n"
        "    order: Order\n"
        "    item: OrderItem\n"
    )
    assert made.service().endswith("return BuyOrderResult(order=order, item=item)")


def test_logger_is_made_in_the_service_too_and_that_is_said(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(method(PLAIN.replace("send_conf", "logger.info('x')\nsend_conf")))
    assert "\nlogger = logging.getLogger(__name__)\n" in made.changes[SERVICES]
    assert [each.name for each in made.findings[0].reasons] == ["moves-code", "logger-name"]


def test_import_inside_of_the_view_goes_along(extract: Callable[..., Extraction]) -> None:
    body = PLAIN.replace("send_confirmation_email.", "tell.")
    made = extract(method(f"from shop.tasks import send_confirmation_email as tell\n{body}"))
    assert made.body() == lines("""
        order = buy_order(user=request.user)
        return Response({"order": order.pk})
    """)
    assert (
        "    from shop.tasks import send_confirmation_email as tell\n\n    order" in made.service()
    )


# Early responses.


def test_values_of_a_response_travel_on_the_exception(extract: Callable[..., Extraction]) -> None:
    made = extract(
        method("""
            needed = sum(order.total for order in request.user.order_set.all())
            if request.user.balance < needed:
                return Response({"error": "Not enough", "needed": needed}, status=400)
            request.user.balance -= needed
            request.user.save()
            Order.objects.create(user=request.user)
            return Response(status=204)
        """)
    )
    assert made.body() == lines("""
        try:
            buy_order(user=request.user)
        except NotEnoughError as exc:
            return Response({"error": "Not enough", "needed": exc.needed}, status=400)
        return Response(status=204)
    """)
    assert made.service().startswith(
        "class NotEnoughError(Exception):\n"
        '    """Not enough."""\n'
        "\n"
        "    def __init__(self, *, needed: Any) -> None:\n"
        '        super().__init__("Not enough")\n'
        "        self.needed = needed\n"
    )
    assert "raise NotEnoughError(needed=needed)" in made.service()


def test_value_in_an_f_string_is_bound_before_the_response(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            count = request.user.order_set.count()
            if count > 3:
                return Response({"error": f"{count} orders are too many"}, status=409)
            Order.objects.create(user=request.user)
            request.user.balance -= 1
            request.user.save()
            return Response(status=204)
        """)
    )
    assert made.body() == lines("""
        try:
            buy_order(user=request.user)
        except OrdersTooManyError as exc:
            count = exc.count
            return Response({"error": f"{count} orders are too many"}, status=409)
        return Response(status=204)
    """)


def test_name_that_a_comprehension_has_for_itself_is_bound_before(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            n = request.user.order_set.count()
            if n > 3:
                return Response({"error": "Too many orders", "all": [n for n in (n,)]}, status=409)
            Order.objects.create(user=request.user)
            request.user.balance -= 1
            request.user.save()
            return Response(status=204)
        """)
    )
    assert made.body() == lines("""
        try:
            buy_order(user=request.user)
        except TooManyOrdersError as exc:
            n = exc.n
            return Response({"error": "Too many orders", "all": [n for n in (n,)]}, status=409)
        return Response(status=204)
    """)


def test_two_responses_of_one_status_are_two_exceptions(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            order = get_object_or_404(Order, pk=pk)
            if order.status == "paid":
                return Response(status=400)
            if order.status == "lost":
                return Response(status=400)
            order.status = "paid"
            order.save()
            Order.objects.create(user=order.user)
            return Response(status=204)
        """)
    )
    assert made.findings[0].data["errors"] == ("OrderInvalidError", "StatusOrderRefusedError")
    assert made.body() == lines("""
        order = get_object_or_404(Order, pk=pk)
        try:
            buy_order(order=order)
        except OrderInvalidError:
            return Response(status=400)
        except StatusOrderRefusedError:
            return Response(status=400)
        return Response(status=204)
    """)


def test_response_in_an_except_clause_is_raised_from_there(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            try:
                order = Order.objects.get(pk=pk)
            except Order.DoesNotExist:
                return Response({"error": "gone"}, status=404)
            order.status = "paid"
            order.save()
            Order.objects.create(user=order.user)
            return Response(status=204)
        """)
    )
    assert "    except Order.DoesNotExist:\n        raise OrderNotFoundError from None" in (
        made.service()
    )


def test_message_of_a_page_stays_with_its_redirect(extract: Callable[..., Extraction]) -> None:
    made = extract(
        HEAD
        + lines("""
            def pay(request, pk):
                order = get_object_or_404(Order, pk=pk)
                if order.status == "paid":
                    messages.error(request, "The order is paid already")
                    return redirect("orders")
                order.status = "paid"
                order.save()
                Order.objects.create(user=order.user)
                send_confirmation_email.delay(order.pk)
                messages.success(request, "Thank you")
                return redirect("orders")
        """)
        + "\n"
    )
    assert made.changes[VIEWS].endswith(
        lines("""
            def pay(request, pk):
                order = get_object_or_404(Order, pk=pk)
                try:
                    pay_order(order=order)
                except OrderPaidAlreadyError:
                    messages.error(request, "The order is paid already")
                    return redirect("orders")
                messages.success(request, "Thank you")
                return redirect("orders")
        """)
        + "\n"
    )


def test_response_inside_atomic_keeps_the_with_in_the_view(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            with transaction.atomic():
                request.user.balance -= 1
                request.user.save()
                if request.user.balance < 0:
                    return Response({"error": "No balance left"}, status=400)
                Order.objects.create(user=request.user)
            return Response(status=204)
        """)
    )
    assert made.body() == lines("""
        with transaction.atomic():
            try:
                buy_order(user=request.user)
            except NoBalanceLeftError:
                return Response({"error": "No balance left"}, status=400)
        return Response(status=204)
    """)


def test_response_inside_try_keeps_the_try_in_the_view(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            try:
                request.user.balance -= 1
                request.user.save()
                if request.user.balance < 0:
                    return Response({"error": "No balance left"}, status=400)
                Order.objects.create(user=request.user)
            except Exception:
                return Response({"error": "Something failed"}, status=500)
            return Response(status=204)
        """)
    )
    assert made.body() == lines("""
        try:
            try:
                buy_order(user=request.user)
            except NoBalanceLeftError:
                return Response({"error": "No balance left"}, status=400)
        except Exception:
            return Response({"error": "Something failed"}, status=500)
        return Response(status=204)
    """)


def test_decorator_of_the_view_stays(extract: Callable[..., Extraction]) -> None:
    text = method(PLAIN).replace("    def post", "    @transaction.atomic\n    def post")
    assert "    @transaction.atomic\n    def post" in extract(text).changes[VIEWS]


# Where it goes.


def test_services_that_are_there_are_appended_to(extract: Callable[..., Extraction]) -> None:
    there = '"""Ours."""\n\nfrom shop.models import Order\n\n\ndef old() -> None:\n    Order()\n'
    made = extract(method(PLAIN), {SERVICES: there})
    assert made.changes[SERVICES].startswith(
        '"""Ours."""\n\nfrom shop.models import Order, OrderItem, User\n'
        "from shop.tasks import send_confirmation_email\n\n\ndef old() -> None:\n    Order()\n\n\n"
        "def buy_order(*, user: User) -> Order:\n"
    )


def test_name_that_is_there_is_not_taken_again(extract: Callable[..., Extraction]) -> None:
    made = extract(method(PLAIN), {SERVICES: "def buy_order():\n    pass\n"})
    assert made.findings[0].data["service"] == "shop.services.buy_order_service"


def test_package_of_services_gets_a_module_of_the_app(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(method(PLAIN), {"shop/services/__init__.py": ""})
    assert sorted(made.changes) == ["shop/services/shop.py", VIEWS]
    assert "from shop.services.shop import buy_order\n" in made.changes[VIEWS]


def test_two_views_are_moved_one_after_the_other(extract: Callable[..., Extraction]) -> None:
    other = method(PLAIN).removeprefix(HEAD).replace("BuyOrderView", "GiveOrderView")
    made = extract(f"{method(PLAIN)}\n\n{other}")
    names = [each.data["service"] for each in made.findings]
    assert names == ["shop.services.buy_order", "shop.services.create_give_order"]
    assert made.changes[SERVICES].count("def ") == 2


def test_imports_that_only_the_service_uses_leave_the_view(
    extract: Callable[..., Extraction],
) -> None:
    text = extract(GUIDE).changes[VIEWS]
    assert "shop.tasks" not in text
    assert "shop.models" not in text
    assert "OrderSerializer" in text


def test_function_view_reaches_the_service_through_its_module(
    extract: Callable[..., Extraction],
) -> None:
    body = textwrap.indent(PLAIN.strip(), "    ")
    made = extract(f"{HEAD}def buy_order(request):\n{body}\n")
    assert "    order = services.buy_order(user=request.user)\n" in made.changes[VIEWS]
    assert "from shop import services\n" in made.changes[VIEWS]


# Tests that patch names.

PATCHING = """\
from unittest.mock import patch

from django.test import TestCase


class OrderTests(TestCase):
    @patch("shop.views.send_confirmation_email")
    def test_sends(self, send):
        pass
"""


def test_patch_of_a_name_that_moves_is_pointed_at_the_service(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(GUIDE, {"shop/tests.py": PATCHING})
    assert made.changes["shop/tests.py"] == PATCHING.replace("shop.views.", "shop.services.")
    assert "send_confirmation_email" not in made.changes[VIEWS]


def test_patch_of_a_name_that_other_views_use_is_named(
    extract: Callable[..., Extraction],
) -> None:
    text = GUIDE + "\n\ndef tell(request):\n    send_confirmation_email.delay(1)\n"
    made = extract(text, {"shop/tests.py": PATCHING})
    assert "shop/tests.py" not in made.changes
    assert [each.name for each in made.findings[0].reasons] == [
        "moves-code",
        "unvalidated-input",
        "patched-name",
    ]


def test_patch_of_the_module_object_is_named(extract: Callable[..., Extraction]) -> None:
    text = PATCHING.replace('patch("shop.views.', 'patch.object(views, "').replace(
        "from django.test", "from shop import views\nfrom django.test"
    )
    made = extract(GUIDE, {"shop/tests.py": text})
    assert "shop/tests.py" not in made.changes
    assert [each.name for each in made.findings[0].reasons] == [
        "moves-code",
        "unvalidated-input",
        "patched-name",
    ]


# Left alone: too little.


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "order = get_object_or_404(Order, pk=pk)\norder.status = 'closed'\norder.save()\n"
            "return Response(status=204)",
            id="one_write",
        ),
        pytest.param(
            "serializer = OrderSerializer(data=request.data)\n"
            "serializer.is_valid(raise_exception=True)\nserializer.save(user=request.user)\n"
            "return Response(serializer.data, status=201)",
            id="validates_delegates_and_responds",
        ),
        pytest.param(
            "orders = Order.objects.filter(user=request.user)\n"
            "return Response(OrderSerializer(orders, many=True).data)",
            id="only_reads",
        ),
    ],
)
def test_thin_views_are_left_alone(reasons: Callable[..., list[str]], body: str) -> None:
    assert reasons(method(body)) in ([], ["thin"])


def test_function_that_takes_no_request_is_no_view(reasons: Callable[..., list[str]]) -> None:
    body = textwrap.indent(PLAIN.replace("request.user", "user").strip(), "    ")
    assert reasons(f"{HEAD}def buy(user):\n{body}\n") == []


def test_threshold_is_an_option(extract: Callable[..., Extraction]) -> None:
    assert not extract(GUIDE, minimum_score=8).changes
    assert extract(GUIDE, minimum_score=7).changes


def test_size_is_an_option(extract: Callable[..., Extraction]) -> None:
    assert not extract(GUIDE, minimum_statements=12).changes


# Reported: what stands in the way.


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            PLAIN.replace("user=request.user", "user=request.user, total=LIMIT"),
            "defined-in-views",
            id="name_of_the_views_module",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    order.user.save()\n"
            "    self.mark(order)\n    order.save()\n    order.delete()\n"
            "    send_confirmation_email.delay(1)\nreturn Response()",
            "self-state",
            id="view_itself",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    order.user.save()\n"
            "    messages.info(request, 'x')\n    order.save()\n    order.delete()\n"
            "return Response()",
            "request-needed",
            id="request_itself",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    order.user.save()\n    order.delete()\n"
            "    if order.total:\n        return Response({'done': 1})\n    order.save()\n"
            "return Response()",
            "early-success",
            id="early_answer_that_is_no_error",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    order.user.save()\n    order.delete()\n"
            "    try:\n        if order.total:\n            return Response(status=400)\n"
            "        order.save()\n    finally:\n        User.objects.create()\n"
            "return Response()",
            "return-inside-try",
            id="return_before_finally",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    with transaction.atomic():\n"
            "        order.user.save()\n        order.delete()\n        order.save()\n"
            "        if order.total:\n            return Response(status=400)\n"
            "return Response()",
            "return-inside-atomic",
            id="return_inside_atomic_in_a_loop",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    with open('x') as file:\n"
            "        order.user.save()\n        order.delete()\n        order.save()\n"
            "        if order.total:\n            return Response(status=400)\n"
            "return Response()",
            "return-inside-with",
            id="return_inside_with_in_a_loop",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    order.user.save()\n    order.delete()\n"
            "    order.save()\n    if order.total:\n        return Response(status=400)\n"
            "else:\n    User.objects.create()\nreturn Response()",
            "return-in-loop-with-else",
            id="loop_with_else",
        ),
        pytest.param(
            PLAIN.replace(
                "OrderItem.objects",
                "if order.total:\n    note = 1\nOrderItem.objects",
            ).replace("order.pk})", "note})"),
            "maybe-unbound",
            id="result_that_not_every_path_binds",
        ),
        pytest.param(
            PLAIN.replace(
                "send_conf", "transaction.on_commit(lambda: print(order))\nsend_conf"
            ).replace("return", "order = None\nreturn"),
            "captured-variable",
            id="function_that_sees_a_later_binding",
        ),
        pytest.param(
            PLAIN.replace("send_conf", "print(locals())\nsend_conf"), "dynamic", id="locals"
        ),
        pytest.param(
            PLAIN.replace("\nreturn", "; return"),
            "shared-line",
            id="statement_that_shares_its_line",
        ),
        pytest.param(
            PLAIN.replace("send_conf", "unheard_of()\nsend_conf"),
            "unknown-name",
            id="name_that_nothing_binds",
        ),
        pytest.param("yield 1\n" + PLAIN.replace("return", "yield"), "generator", id="generator"),
    ],
)
def test_is_reported(reasons: Callable[..., list[str]], body: str, reason: str) -> None:
    assert reason in reasons(method(body))


def test_request_by_another_name_stays_in_the_view(extract: Callable[..., Extraction]) -> None:
    text = method(PLAIN.replace("request", "req"), head="def post(self, req, pk=None):")
    assert "buy_order(user=req.user)" in extract(text).changes[VIEWS]


def test_request_in_a_variable_is_reported(reasons: Callable[..., list[str]]) -> None:
    text = method("req = request\n" + PLAIN.replace("request", "req"))
    assert reasons(text) == ["request-needed"]


def test_user_of_the_request_gets_another_name_beside_a_user(
    extract: Callable[..., Extraction],
) -> None:
    body = PLAIN.replace("order = Order", "user = User.objects.get(pk=pk)\norder = Order", 1)
    made = extract(method(body.replace("price=1", "price=user.balance")))
    assert made.body().startswith("order = buy_order(pk=pk, acting_user=request.user)")


def test_name_of_the_module_itself_is_reported(reasons: Callable[..., list[str]]) -> None:
    text = method(PLAIN.replace("send_conf", "print(__name__)\nsend_conf"))
    assert reasons(text) == ["unknown-name"]


def test_value_called_as_a_part_of_every_exception_is_reported(
    reasons: Callable[..., list[str]],
) -> None:
    body = PLAIN.replace(
        "OrderItem.",
        "args = order.note\nif args:\n    return Response({'error': args}, status=400)\nOrderItem.",
    )
    assert reasons(method(body)) == ["name-taken"]


def test_async_view_is_reported(reasons: Callable[..., list[str]]) -> None:
    text = method(PLAIN, head="async def post(self, request, pk=None):")
    assert reasons(text) == ["async-view"]


def test_name_with_another_meaning_in_services_is_reported(
    reasons: Callable[..., list[str]],
) -> None:
    there = {SERVICES: "from decimal import Decimal as Order\n"}
    assert reasons(method(PLAIN), there) == ["name-taken"]


def test_services_that_import_the_views_are_reported(reasons: Callable[..., list[str]]) -> None:
    there = {SERVICES: "from shop import helpers\n", "shop/helpers.py": "import shop.views\n"}
    assert reasons(method(PLAIN), there) == ["circular-import"]


def test_conditional_import_is_reported(reasons: Callable[..., list[str]]) -> None:
    text = method(PLAIN).replace(
        "from shop.tasks import send_confirmation_email\n",
        "try:\n    from shop.tasks import send_confirmation_email\nexcept ImportError:\n"
        "    send_confirmation_email = None\n",
    )
    assert "unknown-name" in reasons(text)


# What follows: the guide's form.

FOLLOWED = """\
    total = sum(item["price"] * item["qty"] for item in items)
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, balance__gte=total).update(
            balance=F("balance") - total
        ):
            raise InsufficientFundsError
        user.refresh_from_db(fields=["balance"])
        order = Order.objects.create(user=user, total=total)
        OrderItem.objects.bulk_create(
            [OrderItem(order=order, **item) for item in items]
        )
        transaction.on_commit(partial(send_confirmation_email.delay, order.id))
    return order
"""


def followed(
    text: str, *names: str, files: Mapping[str, str] | None = None, validate: bool = False
) -> Result:
    """A run with the rules that follow, as a user asks for it."""
    rules = (ThinViews(ThinViewsOptions(follow=names, validate=validate)),)
    configuration = Configuration()
    request = Request(
        root=Path("/nowhere"),
        rules=rules,
        configuration=configuration,
        apply=True,
        unsafe=True,
        cache=False,
        followers=followers_of(rules, configuration),
    )
    contents = {**dict(FILES), **(files or {}), VIEWS: text}
    encoded = {path: each.encode() for path, each in contents.items()}
    result = run(request, files=Files.of(encoded))
    assert not result.failures
    return result


def service_of(result: Result) -> str:
    return next(each.after.decode() for each in result.changes if each.path == SERVICES)


def test_guides_form_of_the_guides_view() -> None:
    result = followed(GUIDE, "f-expressions", "bulk-create", "on-commit")
    assert service_of(result).endswith(f'    """\n{FOLLOWED}')
    assert next(each.after.decode() for each in result.changes if each.path == VIEWS) == (
        EXAMPLES[0].after
    )


def test_whole_form_of_the_guide() -> None:
    files = {"shop/serializers.py": VALIDATING}
    names = ("f-expressions", "bulk-create", "on-commit")
    result = followed(GUIDE, *names, files=files, validate=True)
    assert next(each.after.decode() for each in result.changes if each.path == VIEWS) == VIEW
    assert service_of(result) == service_of(followed(GUIDE, *names))


def test_what_follows_comes_after_the_finding_it_follows() -> None:
    result = followed(GUIDE, "bulk-create")
    (moved, made) = (each for each in result.findings if each.outcome.value == "fixed")
    assert (moved.finding.rule, made.finding.rule) == ("thin-views", "bulk-create")
    assert made.after == moved.fingerprint


def test_what_follows_leaves_other_code_alone() -> None:
    there = (
        "from shop.models import Order, OrderItem\n\n\n"
        "def fill(order: Order, items: list) -> None:\n"
        "    for item in items:\n        OrderItem.objects.create(order=order, qty=item)\n"
    )
    result = followed(GUIDE, "bulk-create", files={SERVICES: there})
    assert {each.finding.symbol for each in result.findings} == {
        "shop.views.CreateOrderView.post",
        "shop.services.create_order",
    }
    assert "        OrderItem.objects.create(order=order, qty=item)\n" in service_of(result)


def test_transaction_holds_the_writes_and_no_more() -> None:
    assert service_of(followed(GUIDE, "bulk-create")).endswith(
        "    user.save()\n"
        "        order = Order.objects.create(user=user, total=total)\n"
        "        OrderItem.objects.bulk_create(\n"
        "            [OrderItem(order=order, **item) for item in items]\n"
        "        )\n"
        "    send_confirmation_email.delay(order.id)\n"
        "    return order\n"
    )


def test_response_that_follows_a_write_keeps_it() -> None:
    text = method(
        """
        user = request.user
        user.balance -= 1
        user.save()
        if user.balance < 0:
            return Response({"error": "No balance left"}, status=400)
        Order.objects.create(user=user)
        return Response(status=204)
        """
    )
    result = followed(text, "on-commit")
    assert "atomic" not in service_of(result)
    reasons = [each.name for each in result.findings[0].finding.reasons]
    assert reasons == ["moves-code", "write-before-response"]


def test_nothing_follows_what_was_not_taken() -> None:
    rules = (ThinViews(ThinViewsOptions(follow=("bulk-create",))),)
    request = Request(
        Path("/nowhere"),
        rules,
        Configuration(),
        apply=True,
        followers=followers_of(rules, Configuration()),
    )
    contents = {**dict(FILES), VIEWS: GUIDE}
    result = run(request, files=Files.of({path: each.encode() for path, each in contents.items()}))
    assert [each.finding.rule for each in result.findings] == ["thin-views"]
    assert not result.changes


# Stubs.

STUCK = method(
    """
    user = request.user
    for order in Order.objects.filter(user=user):
        OrderItem.objects.create(order=order, qty=request.data["qty"])
        self.mark(order)
        order.delete()
        user.save()
    return Response()
    """
)
STUB = '''\
from typing import Any

from shop.models import User


def buy_order(*, qty: Any, user: User) -> None:
    """Stub for shop.views.BuyOrderView.post.

    To be moved here:
    - OrderItem.objects.create(order=order, ...
    - order.delete()
    - user.save()

    In the way:
    - self-state: it uses the view itself (`self`)
    """
    raise NotImplementedError
'''


def test_stub_says_what_is_to_be_moved(extract: Callable[..., Extraction]) -> None:
    made = extract(STUCK, stubs=True)
    assert made.changes == {SERVICES: STUB}
    assert [each.name for each in made.findings[0].reasons] == ["self-state", "stub"]


def test_stub_is_written_once(extract: Callable[..., Extraction]) -> None:
    made = extract(STUCK, {SERVICES: STUB}, stubs=True)
    assert not made.changes
    assert [each.name for each in made.findings[0].reasons] == ["self-state"]


def test_stub_is_appended_to_what_is_there(extract: Callable[..., Extraction]) -> None:
    there = "from shop.models import User\n\n\ndef old(user: User) -> None:\n    pass\n"
    made = extract(STUCK, {SERVICES: there}, stubs=True)
    _, _, stub = STUB.partition("\n\n\n")
    assert made.changes[SERVICES] == (f"from typing import Any\n\n{there}\n\n{stub}")


def test_there_is_no_stub_where_it_is_not_asked_for(extract: Callable[..., Extraction]) -> None:
    assert not extract(STUCK).changes


def test_there_is_no_stub_for_what_moves(extract: Callable[..., Extraction]) -> None:
    assert extract(GUIDE, stubs=True).changes[SERVICES] == SERVICE_AFTER


# What reviewers of real projects asked for.

INPUT = """

class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(required=False)
    amount = serializers.DecimalField(max_digits=9, decimal_places=2)
    days = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
"""


def head_of(made: Extraction) -> str:
    """The first line of the service."""
    return next(row for row in made.service().splitlines() if row.startswith("def "))


def bought(read: str, extract: Callable[..., Extraction], work: str = PLAIN) -> str:
    """The head of a service whose input is read before."""
    asked = "serializer = NoteSerializer(data=request.data)\nserializer.is_valid()\n"
    text = method(f"{asked}{read}\n{work.replace('user=request.user', 'total=x')}")
    text = text.replace("import OrderSerializer", "import NoteSerializer, OrderSerializer")
    return head_of(extract(text, {"shop/serializers.py": SERIALIZERS + INPUT}))


@pytest.mark.parametrize(
    ("read", "annotation"),
    [
        ('x = serializer.validated_data["amount"]', "Decimal"),
        ('x = serializer.validated_data.get("note")', "Optional[str]"),
        ('x = serializer.validated_data.get("note", "")', "str"),
        ('x = serializer.validated_data["days"]', "Optional[list[Any]]"),
        ('x = serializer.validated_data["what"]', "Any"),
        ("x = serializer.validated_data", "dict[str, Any]"),
        ('x = request.GET["a"]', "str"),
        ('x = request.GET.get("a")', "Optional[str]"),
        ('x = request.GET.get("a", "")', "str"),
        ('x = request.GET.get("a", 0)', "Any"),
        ('x = request.GET.getlist("a")', "list[str]"),
        ('x = request.GET.get("a")\nif not x:\n    return Response(status=400)', "str"),
    ],
)
def test_parameter_is_annotated_by_how_it_was_made(
    extract: Callable[..., Extraction], read: str, annotation: str
) -> None:
    assert f"x: {annotation})" in bought(read, extract)


def test_argument_with_a_default_is_a_bool(extract: Callable[..., Extraction]) -> None:
    work = PLAIN.replace("price=1", "price=1 if paid else 2").replace(
        "request.user", "request.user"
    )
    text = method(work).replace("pk=None", "paid=False")
    assert "paid: bool" in head_of(extract(text))


def test_result_that_is_made_where_it_was_missing_is_not_optional(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method("""
            order = Order.objects.filter(user=request.user).first()
            if order is None:
                order = Order.objects.create(user=request.user)
            OrderItem.objects.create(order=order, price=1, qty=1)
            send_confirmation_email.delay(order.pk)
            return Response({"order": order.pk})
        """)
    )
    assert head_of(made).endswith("-> Order:")


def test_relation_that_changes_is_named_and_not_its_model(
    extract: Callable[..., Extraction],
) -> None:
    text = method(f"request.user.groups.clear()\n{PLAIN.strip()}")
    service = extract(text).service()
    assert "Changes groups, creates Order and OrderItem, sends" in service


def test_answer_403_stays_in_the_view(extract: Callable[..., Extraction]) -> None:
    made = extract(
        method(f"""
            user = request.user
            if user.balance < 0:
                return Response({{"error": "No"}}, status=403)
            {PLAIN.strip().replace(chr(10), chr(10) + " " * 12)}
        """)
    )
    assert "status=403" in made.body()
    assert "except" not in made.body()


def names_of(text: str, extract: Callable[..., Extraction]) -> list[str]:
    return [str(each.data["service"]).rpartition(".")[2] for each in extract(text).findings]


@pytest.mark.parametrize(
    ("view", "service"),
    [
        ("vote", "vote_order"),
        ("orders_read_all", "read_all_orders"),
        ("hold_order", "hold_order"),
        ("bulk_update_orders", "bulk_update_orders"),
        ("orders", "create_orders"),
    ],
)
def test_service_of_a_function_view_begins_with_its_verb(
    extract: Callable[..., Extraction], view: str, service: str
) -> None:
    body = textwrap.indent(PLAIN.strip(), "    ")
    assert names_of(f"{HEAD}def {view}(request):\n{body}\n", extract) == [service]


@pytest.mark.parametrize(
    ("owner", "name", "service"),
    [
        ("FidoViewSet", "registration_end", "end_fido_registration"),
        ("OrderViewSet", "regenerate_secrets", "regenerate_order_secrets"),
        ("OrderViewSet", "cancel", "cancel_order"),
        ("OrderViewSet", "mark_all", "mark_all_order"),
    ],
)
def test_service_of_an_action_has_the_noun_behind_its_verb(
    extract: Callable[..., Extraction], owner: str, name: str, service: str
) -> None:
    body = textwrap.indent(PLAIN.strip(), "        ")
    head = f"class {owner}(ViewSet):\n    @action(detail=False)\n    def {name}(self, request):"
    more = "from rest_framework.decorators import action\n"
    more += "from rest_framework.viewsets import ViewSet\n"
    assert names_of(f"{more}{HEAD}{head}\n{body}\n", extract) == [service]


def test_message_about_a_field_names_the_field(extract: Callable[..., Extraction]) -> None:
    made = extract(
        method(f"""
            emails = request.user.groups.all()
            if not emails.count():
                return Response({{"emails": ["This field is required."]}}, status=400)
            {PLAIN.strip().replace(chr(10), chr(10) + " " * 12)}
        """)
    )
    assert "class EmailsRequiredError(Exception):" in made.service()


def test_message_that_tells_what_you_must_be_gives_no_name(
    extract: Callable[..., Extraction],
) -> None:
    made = extract(
        method(f"""
            user = request.user
            if user.balance < 1:
                return Response({{"error": "You must have a balance"}}, status=402)
            {PLAIN.strip().replace(chr(10), chr(10) + " " * 12)}
        """)
    )
    assert "class OrderPaymentRequiredError(Exception):" in made.service()
