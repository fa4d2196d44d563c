"""The rule's examples: they feed its tests, `djfix explain exists` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Customer(models.Model):
    email = models.EmailField()


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    paid = models.BooleanField(default=False)
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
        "Rows are counted to see whether there is one",
        """\
from shop.models import Order


def has_open_orders(email: str) -> bool:
    return Order.objects.filter(customer__email=email, paid=False).count() > 0
""",
        """\
from shop.models import Order


def has_open_orders(email: str) -> bool:
    return Order.objects.filter(customer__email=email, paid=False).exists()
""",
        "shop/services.py",
        FILES,
    ),
    Example(
        "Rows are fetched to see that there is none",
        """\
from shop.models import Order


def may_close(customer_id: int) -> bool:
    pending = Order.objects.filter(customer_id=customer_id, paid=False)
    if not pending:
        return True
    return False
""",
        """\
from shop.models import Order


def may_close(customer_id: int) -> bool:
    pending = Order.objects.filter(customer_id=customer_id, paid=False)
    if not pending.exists():
        return True
    return False
""",
        "shop/services.py",
        FILES,
    ),
    Example(
        "The rows are used afterwards: they are fetched once for both",
        """\
from shop.models import Order


def remind(customer_id: int) -> None:
    pending = Order.objects.filter(customer_id=customer_id, paid=False)
    if pending:
        for order in pending:
            write_to(order)
""",
        """\
from shop.models import Order


def remind(customer_id: int) -> None:
    pending = Order.objects.filter(customer_id=customer_id, paid=False)
    if pending:
        for order in pending:
            write_to(order)
""",
        "shop/services.py",
        FILES,
    ),
)
