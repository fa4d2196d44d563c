"""The rule's examples: they feed its tests, `djfix explain celery-retries` and its docs page."""

from djfix.codemods.rule import Example

_MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'

_CELERY = """\
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""

_MODELS = """\
from django.db import models


class Rate(models.Model):
    currency = models.CharField(max_length=3, unique=True)
    value = models.DecimalField(max_digits=9, decimal_places=4)
"""

FILES = (
    ("manage.py", _MANAGE),
    ("requirements.txt", "celery==5.4.0\nrequests==2.32.0\n"),
    ("config/__init__.py", ""),
    ("config/celery.py", _CELERY),
    ("config/settings.py", 'INSTALLED_APPS = ["shop"]\nCELERY_BROKER_URL = "amqp://broker"\n'),
    ("shop/__init__.py", ""),
    ("shop/models.py", _MODELS),
)

EXAMPLES = (
    Example(
        "A fetch whose result is written the same way each time",
        """\
import requests
from celery import shared_task

from shop.models import Rate


@shared_task
def fetch_rate(currency: str) -> None:
    response = requests.get(f"https://rates.example/{currency}", timeout=10)
    response.raise_for_status()
    Rate.objects.update_or_create(
        currency=currency, defaults={"value": response.json()["value"]}
    )
""",
        """\
import requests
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from shop.models import Rate


@shared_task(
    autoretry_for=(requests.ConnectionError, requests.Timeout, requests.HTTPError),
    retry_backoff=True,
    retry_jitter=True,
    max_retries=3,
    dont_autoretry_for=(SoftTimeLimitExceeded,),
    acks_late=True,
    reject_on_worker_lost=True,
)
def fetch_rate(currency: str) -> None:
    response = requests.get(f"https://rates.example/{currency}", timeout=10)
    response.raise_for_status()
    Rate.objects.update_or_create(
        currency=currency, defaults={"value": response.json()["value"]}
    )
""",
        path="shop/tasks.py",
        files=FILES,
    ),
    Example(
        "Mail is not sent again by itself",
        """\
from celery import shared_task
from django.core.mail import send_mail


@shared_task
def send_receipt(address: str) -> None:
    send_mail("Your receipt", "Thank you.", None, [address])
""",
        """\
from celery import shared_task
from django.core.mail import send_mail


@shared_task
def send_receipt(address: str) -> None:
    send_mail("Your receipt", "Thank you.", None, [address])
""",
        path="shop/tasks.py",
        files=FILES,
    ),
)
