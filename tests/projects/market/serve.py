"""Answers every request, each on the same rows, and prints what came back and what was left."""

import json
import logging
import os
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "market.settings")
django.setup()

from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.test import Client
from django.test.utils import setup_test_environment
from recorded import REQUESTS
from shop.models import Order, OrderItem, Payment, User

FAILURES = []


def fill(balance):
    call_command("flush", interactive=False, verbosity=0)
    mail.outbox = []
    ann = User.objects.create(
        pk=1, username="ann", balance=Decimal(balance), email="ann@example.com"
    )
    User.objects.create(pk=2, username="bob", balance=Decimal("10.00"), points=3)
    first = Order.objects.create(pk=1, user=ann, total=Decimal("20.00"), note="first")
    Order.objects.create(pk=2, user=ann, total=Decimal("30.00"), status="cancelled")
    Order.objects.create(pk=3, user_id=2, total=Decimal("5.00"), status="paid")
    OrderItem.objects.create(pk=1, order=first, price=10, qty=2)
    OrderItem.objects.create(pk=2, order=first, price=10, qty=1)
    Payment.objects.create(pk=1, order_id=3, amount=Decimal("5.00"))


def rows():
    skipped = {"session", "permission", "contenttype"}
    found = {}
    for model in apps.get_models():
        if model._meta.model_name not in skipped:
            values = [
                {name: str(value) for name, value in row.items() if name != "date_joined"}
                for row in model.objects.order_by("pk").values()
            ]
            found[model.__name__] = values
    found["mail"] = [[each.subject, each.body, each.to] for each in mail.outbox]
    return found


def answer(request):
    fill(request.balance)
    client = Client(raise_request_exception=False)
    if request.user:
        client.force_login(User.objects.get(username=request.user))
    User.objects.update(last_login=None)
    del FAILURES[:]
    if isinstance(request.data, dict) and request.form:
        response = client.generic(
            request.method,
            request.path,
            "&".join(f"{key}={value}" for key, value in request.data.items()),
            content_type="application/x-www-form-urlencoded",
        )
    else:
        body = request.data if isinstance(request.data, str) else json.dumps(request.data)
        response = client.generic(
            request.method, request.path, body, content_type="application/json"
        )
    return {
        "status": response.status_code,
        "headers": dict(response.items()),
        "body": response.content.decode(),
        "failures": list(FAILURES),
        "rows": rows(),
    }


def note(sender, **kwargs):
    import sys

    kind, error, _ = sys.exc_info()
    FAILURES.append(f"{kind.__name__}: {error}")


if __name__ == "__main__":
    logging.disable()
    setup_test_environment()
    got_request_exception.connect(note)
    call_command("migrate", run_syncdb=True, verbosity=0)
    print(json.dumps({request.name: answer(request) for request in REQUESTS}))
