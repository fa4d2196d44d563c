"""The rule's examples: they feed its tests, `djfix explain on-commit` and its docs page."""

from djfix.codemods.rule import Example

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings.py", 'INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]\n'),
    ("shop/__init__.py", ""),
    (
        "shop/models.py",
        """\
from django.db import models


class Order(models.Model):
    email = models.EmailField()
""",
    ),
    (
        "shop/tasks.py",
        """\
from celery import shared_task


@shared_task
def confirm(order_id):
    pass
""",
    ),
)

EXAMPLES = (
    Example(
        "The task is sent before its order is committed",
        """\
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(email: str) -> None:
    with transaction.atomic():
        order = Order.objects.create(email=email)
        confirm.delay(order.pk)
""",
        """\
from functools import partial

from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(email: str) -> None:
    with transaction.atomic():
        order = Order.objects.create(email=email)
        transaction.on_commit(partial(confirm.delay, order.pk))
""",
        "shop/services.py",
        FILES,
    ),
    Example(
        "The task is sent after the block",
        """\
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(email: str) -> None:
    with transaction.atomic():
        order = Order.objects.create(email=email)
    confirm.delay(order.pk)
""",
        """\
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(email: str) -> None:
    with transaction.atomic():
        order = Order.objects.create(email=email)
    confirm.delay(order.pk)
""",
        "shop/services.py",
        FILES,
    ),
)
