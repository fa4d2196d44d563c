"""The rule's examples: they feed its tests, `djfix explain bulk-create` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)


class Item(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product_id = models.IntegerField()
    quantity = models.IntegerField(default=1)
    added = models.DateTimeField(auto_now_add=True)
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings.py", 'INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]\n'),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
)

EXAMPLES = (
    Example(
        "A loop that creates in a transaction",
        """\
from django.db import transaction

from shop.models import Item, Order


@transaction.atomic
def place(number: str, products: list[dict[str, int]]) -> Order:
    order = Order.objects.create(number=number)
    for row in products:
        Item.objects.create(order=order, product_id=row["product"], quantity=row["quantity"])
    return order
""",
        """\
from django.db import transaction

from shop.models import Item, Order


@transaction.atomic
def place(number: str, products: list[dict[str, int]]) -> Order:
    order = Order.objects.create(number=number)
    Item.objects.bulk_create(
        [
            Item(order=order, product_id=row["product"], quantity=row["quantity"])
            for row in products
        ]
    )
    return order
""",
        files=FILES,
    ),
    Example(
        "Rows of a relation get its foreign key by name: bulk_create of a relation does not set it",
        """\
from django.db import transaction

from shop.models import Item, Order


def place(number: str, products: list[int]) -> Order:
    with transaction.atomic():
        order = Order.objects.create(number=number)
        for product in products:
            order.items.create(product_id=product)
    return order
""",
        """\
from django.db import transaction

from shop.models import Item, Order


def place(number: str, products: list[int]) -> Order:
    with transaction.atomic():
        order = Order.objects.create(number=number)
        Item.objects.bulk_create(
            [Item(order=order, product_id=product) for product in products]
        )
    return order
""",
        files=FILES,
    ),
    Example(
        "The loop does more: it is only reported",
        """\
from django.db import transaction

from shop.models import Item, Order


@transaction.atomic
def fill(order: Order, products: list[int]) -> None:
    for product in products:
        reserve(product)
        Item.objects.create(order=order, product_id=product)
""",
        """\
from django.db import transaction

from shop.models import Item, Order


@transaction.atomic
def fill(order: Order, products: list[int]) -> None:
    for product in products:
        reserve(product)
        Item.objects.create(order=order, product_id=product)
""",
        files=FILES,
    ),
)
