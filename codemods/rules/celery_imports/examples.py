"""The rule's examples: they feed its tests, `djfix explain celery-imports` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models

from shop.tasks import confirm


class Order(models.Model):
    email = models.EmailField()

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        confirm.delay(self.pk)
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
        "The models import the task, and the task's module imports the models",
        """\
from celery import shared_task

from shop.models import Order


@shared_task
def confirm(order_id):
    order = Order.objects.get(pk=order_id)
    write_to(order.email)
""",
        """\
from celery import shared_task


@shared_task
def confirm(order_id):
    from shop.models import Order

    order = Order.objects.get(pk=order_id)
    write_to(order.email)
""",
        "shop/tasks.py",
        FILES,
    ),
    Example(
        "Used when the module is imported: it stays",
        """\
from celery import shared_task

from shop.models import Order


@shared_task(autoretry_for=(Order.DoesNotExist,))
def confirm(order_id):
    order = Order.objects.get(pk=order_id)
    write_to(order.email)
""",
        """\
from celery import shared_task

from shop.models import Order


@shared_task(autoretry_for=(Order.DoesNotExist,))
def confirm(order_id):
    order = Order.objects.get(pk=order_id)
    write_to(order.email)
""",
        "shop/tasks.py",
        FILES,
    ),
)
