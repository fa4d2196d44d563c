"""Rules that meet on one statement: any two of them, and all, leave one sound statement.

The project below has places where several rules find something: one save, one decorator, one
loop, one queryset. A rule that is added to the registry joins the pairs by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.registry import REGISTRY, entries_named, load
from djfix.codemods.engine.run import run
from djfix.codemods.engine.selection import in_order
from djfix.codemods.engine.values import Request, Result
from djfix.codemods.rule import Rule
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions
from djfix.codemods.source.files import Files

PROJECT = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/celery.py": """\
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
""",
    "config/settings.py": """\
INSTALLED_APPS = ["django.contrib.contenttypes", "rest_framework", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
MIDDLEWARE = []
""",
    "requirements.txt": "Django==5.2\ncelery==5.7\ndjangorestframework==3.16\nrequests\n",
    "shop/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/models.py": """\
from django.db import models


class Customer(models.Model):
    email = models.EmailField()
    balance = models.IntegerField(default=0)
    note = models.TextField(blank=True)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    paid = models.BooleanField(default=False)
    visits = models.IntegerField(default=0)

    class Meta:
        ordering = ["pk"]


class Item(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(max_length=20)


from shop.tasks import confirm  # noqa: E402
""",
    "shop/tasks.py": """\
import requests
from celery import shared_task

from shop.models import Customer, Order


@shared_task
def confirm(order_id):
    order = Order.objects.get(pk=order_id)
    order.paid = True
    order.save()


@shared_task(name="shop.fetch")
def fetch(customer_id):
    note = requests.get("https://example.com/notes").text
    Customer.objects.filter(pk=customer_id).update(note=note)


@shared_task
def charge(customer_id, amount):
    customer = Customer.objects.get(pk=customer_id)
    customer.balance -= amount
    customer.save()
""",
    "shop/services.py": """\
from django.db import transaction

from shop.models import Customer, Item, Order
from shop.tasks import confirm


def charge(customer_id: int, amount: int) -> None:
    customer = Customer.objects.get(pk=customer_id)
    customer.balance -= amount
    customer.note = "charged"
    customer.save()


def place(customer: Customer, names: list[str]) -> None:
    with transaction.atomic():
        order = Order.objects.create(customer=customer)
        for name in names:
            Item.objects.create(order=order, name=name)
        confirm.delay(order.pk)


def visit(customer_id: int) -> bool:
    for order in Order.objects.filter(customer_id=customer_id):
        order.visits += 1
        order.save()
    if Order.objects.filter(customer_id=customer_id, paid=False).count() > 0:
        return True
    return False


def settle(customer_id: int) -> None:
    with transaction.atomic():
        for order in Order.objects.filter(customer_id=customer_id):
            order.paid = True
            order.save()
            confirm.delay(order.pk)
""",
    "shop/serializers.py": """\
from rest_framework import serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    email = serializers.CharField(source="customer.email")
    names = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["id", "email", "names"]

    def get_names(self, order):
        return [item.name for item in order.items.all()]
""",
    "shop/views.py": """\
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Customer, Order
from shop.serializers import OrderSerializer
from shop.tasks import confirm


class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer


class Pay(APIView):
    def post(self, request, pk):
        order = Order.objects.get(pk=pk)
        if Customer.objects.filter(pk=order.customer_id).count() == 0:
            return Response({"error": "nobody"}, status=404)
        order.paid = True
        order.visits += 1
        order.save()
        confirm.delay(order.pk)
        return Response({"paid": True})
""",
    "shop/admin.py": """\
from django.contrib import admin

from shop.models import Item


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["name", "email"]

    def email(self, item):
        return item.order.customer.email
""",
}

OPTIONS = {"celery-limits": CeleryLimitsOptions(soft_time_limit=30, time_limit=60)}
NAMES = [entry.name for entry in REGISTRY]


def rules_named(names: Iterable[str]) -> tuple[Rule, ...]:
    """The rules in the order in which they run, whatever order they are named in."""
    return in_order([load(each)(OPTIONS.get(each.name)) for each in entries_named(names)])


def ran(files: Mapping[str, str], names: Iterable[str], *, unsafe: bool) -> Result:
    request = Request(
        root=Path("/nowhere"),
        rules=rules_named(names),
        configuration=Configuration(),
        apply=True,
        unsafe=unsafe,
        cache=False,
    )
    result = run(request, files=Files.of(files))
    assert result.failures == ()
    assert result.unsettled == ()
    return result


def applied(files: Mapping[str, str], names: Iterable[str], *, unsafe: bool) -> Mapping[str, str]:
    result = ran(files, names, unsafe=unsafe)
    after = {**files, **{change.path: change.after for change in result.changes}}
    texts = {
        path: text.decode() if isinstance(text, bytes) else text for path, text in after.items()
    }
    return {path: text for path, text in texts.items() if text is not None}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("pair", [*combinations(NAMES, 2)], ids=" with ".join)
def test_two_rules_agree(pair: tuple[str, str], *, unsafe: bool) -> None:
    together = applied(PROJECT, pair, unsafe=unsafe)
    for path, text in together.items():
        if path.endswith(".py"):
            ast.parse(text, path)
    assert applied(together, pair, unsafe=unsafe) == together
    one_by_one: Mapping[str, str] = PROJECT
    for rule in rules_named(pair):
        one_by_one = applied(one_by_one, [rule.name], unsafe=unsafe)
    assert one_by_one == together


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_all_rules_agree(*, unsafe: bool) -> None:
    together = applied(PROJECT, NAMES, unsafe=unsafe)
    assert together != PROJECT
    assert applied(together, NAMES, unsafe=unsafe) == together


def test_order_in_which_rules_are_named_is_nothing() -> None:
    assert [rule.name for rule in rules_named(reversed(NAMES))] == [
        rule.name for rule in rules_named(NAMES)
    ]


def test_rules_meet_in_this_project() -> None:
    found = {each.finding.rule for each in ran(PROJECT, NAMES, unsafe=True).findings}
    assert found >= {
        *("f-expressions", "update-fields", "n-plus-one", "admin-list", "exists", "bulk-create"),
        *("on-commit", "celery-limits", "celery-retries", "celery-imports"),
    }
