"""Shows the list of every admin class with few rows and with twice as many; prints what it cost."""

import json
import os
import re
import sys

SIZES = (4, 8)
TOKENS = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    client = signed_in()
    found = {}
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        for number in range(before, size):
            add(number)
        for name, address in addresses():
            found.setdefault(name, {})[size] = shown(client, address)
    print(json.dumps({"lists": found}))


def signed_in():
    from django.contrib.auth import get_user_model
    from django.test import Client

    user = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    client = Client()
    client.force_login(user)
    return client


def add(number):
    from desk.models import Company, Label, Note, Person, Queue, Ticket

    company = Company.objects.create(name=f"company {number}")
    author = Person.objects.create(name=f"author {number}", company=company)
    helper = Person.objects.create(name=f"helper {number}", company=company)
    queue = Queue.objects.create(name=f"queue {number}", owner=helper if number % 2 else None)
    ticket = Ticket.objects.create(
        title=f"ticket {number}", queue=queue, author=author, helper=None if number == 1 else helper
    )
    for name in ("red", "blue"):
        ticket.labels.add(Label.objects.create(name=f"{name} {number}", company=company))
    Note.objects.create(ticket=ticket)


def addresses():
    from django.contrib import admin
    from django.urls import reverse

    for model, site in sorted(admin.site._registry.items(), key=lambda each: each[0].__name__):
        if model._meta.app_label == "desk":
            name = f"admin:desk_{model._meta.model_name}_changelist"
            yield type(site).__name__, reverse(name)


def shown(client, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address)
    page = TOKENS.sub(b"", response.content).decode()
    return {"status": response.status_code, "page": page, "queries": len(queries)}


if __name__ == "__main__":
    main()
