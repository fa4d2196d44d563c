"""`on-commit`, run: what a worker sees, and whether it is sent, before and after."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SERVICES = """\
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(count, fails=False):
    with transaction.atomic():
        for number in range(count):
            order = Order.objects.create(number=number)
            confirm.delay(order.number)
        if fails:
            raise RuntimeError


def place_inside(count):
    with transaction.atomic():
        place(count)
"""

FILES = {
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n',
    "settings.py": """\
from pathlib import Path

SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
DATABASE = str(Path(__file__).with_name("rows.sqlite3"))
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "shop/__init__.py": "",
    "shop/models.py": (
        "from django.db import models\n\n\n"
        "class Order(models.Model):\n    number = models.IntegerField()\n"
    ),
    # The task looks at the database as another process would: by a connection of its own.
    "shop/tasks.py": """\
import sqlite3

from celery import shared_task
from django.conf import settings

SEEN = []


@shared_task
def confirm(number):
    with sqlite3.connect(settings.DATABASE) as connection:
        found = connection.execute("SELECT count(*) FROM shop_order WHERE number = ?", [number])
        SEEN.append([number, found.fetchone()[0]])
""",
    "shop/services.py": SERVICES,
    "run.py": """\
import json
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django
from celery import Celery

django.setup()
app = Celery("shop", set_as_current=True)
app.conf.task_always_eager = True
app.conf.task_eager_propagates = True

from django.db import connection
from shop import services, tasks
from shop.models import Order

with connection.schema_editor() as editor:
    editor.create_model(Order)


def seen(call, *arguments):
    Order.objects.all().delete()
    tasks.SEEN.clear()
    try:
        call(*arguments)
    except RuntimeError:
        pass
    return list(tasks.SEEN)


print(json.dumps({
    "committed": seen(services.place, 3),
    "rolled back": seen(services.place, 1, True),
    "nested": seen(services.place_inside, 1),
}))
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def run(project: Path) -> dict[str, list[list[int]]]:
    (project / "rows.sqlite3").unlink(missing_ok=True)
    ended = subprocess.run(
        [sys.executable, "run.py"], cwd=project, capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout)


def test_before_the_task_finds_no_row_and_is_sent_though_nothing_is_committed(project):
    assert run(project) == {
        "committed": [[0, 0], [1, 0], [2, 0]],
        "rolled back": [[0, 0]],
        "nested": [[0, 0]],
    }


def test_after_it_finds_its_own_row_and_is_not_sent_without_a_commit(project):
    command = [sys.executable, "-m", "djfix", "apply", "-r", "on-commit", "--unsafe", "--no-stage"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    assert "partial(confirm.delay, order.number)" in (project / "shop/services.py").read_text()
    assert run(project) == {
        "committed": [[0, 1], [1, 1], [2, 1]],
        "rolled back": [],
        "nested": [[0, 1]],
    }
