"""The rule's examples: they feed its tests, `djfix explain task-queues` and its docs page."""

from djfix.codemods.rule import Example

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    (
        "config/celery.py",
        (
            "from celery import Celery\n\n"
            'app = Celery("shop")\n'
            'app.config_from_object("django.conf:settings", namespace="CELERY")\n'
        ),
    ),
    (
        "config/settings.py",
        'INSTALLED_APPS = ["shop"]\nDATABASES = {}\nROOT_URLCONF = "config.urls"\n',
    ),
    ("shop/__init__.py", ""),
)

SHARED = """\
import stripe
from celery import shared_task
from django.core.mail import send_mail


@shared_task
def process_payment(order_id, amount):
    stripe.Charge.create(amount=amount, metadata={"order": order_id})


@shared_task
def send_receipt(address, text):
    send_mail("Your receipt", text, None, [address])
"""

PARTED = SHARED.replace(
    "@shared_task\ndef process_payment", '@shared_task(queue="payments")\ndef process_payment'
)

EXAMPLES = (
    Example(
        "Payments and mail in the default queue (reported: the routes are given, not written)",
        SHARED,
        SHARED,
        "shop/tasks.py",
        FILES,
    ),
    Example(
        "Payments in a queue of their own",
        PARTED,
        PARTED,
        "shop/tasks.py",
        FILES,
    ),
)
