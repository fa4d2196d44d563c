"""The rule's examples: they feed its tests, `djfix explain update-fields` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    changed = models.DateTimeField(auto_now=True)
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
        "One column is assigned; auto_now is set by the save itself",
        """\
from shop.models import Order


def ship(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    order.status = "shipped"
    order.save()
""",
        """\
from shop.models import Order


def ship(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    order.status = "shipped"
    order.save(update_fields=["status", "changed"])
""",
        files=FILES,
    ),
    Example(
        "A loop over rows, with a column that only some of them get",
        """\
from shop.models import Order


def cancel_all(reason: str) -> None:
    for order in Order.objects.filter(status="new"):
        order.status = "cancelled"
        if reason:
            order.note = reason
        order.save()
""",
        """\
from shop.models import Order


def cancel_all(reason: str) -> None:
    for order in Order.objects.filter(status="new"):
        order.status = "cancelled"
        if reason:
            order.note = reason
        order.save(update_fields=["status", "note", "changed"])
""",
        files=FILES,
    ),
    Example(
        "A row that is locked is saved whole",
        """\
from django.db import transaction

from shop.models import Order


def ship(order_id: int) -> None:
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        order.status = "shipped"
        order.save()
""",
        """\
from django.db import transaction

from shop.models import Order


def ship(order_id: int) -> None:
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        order.status = "shipped"
        order.save()
""",
        files=FILES,
    ),
)
