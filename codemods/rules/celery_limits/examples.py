"""The rule's examples: they feed its tests, `djfix explain celery-limits` and its docs page.

They are run with `soft-time-limit = 30` and `time-limit = 60` stated.
"""

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

EXAMPLES = (
    Example(
        "No limit at all, with soft-time-limit = 30 and time-limit = 60 stated",
        """\
from celery import shared_task


@shared_task
def process_payment(order_id):
    gateway.charge(order_id)
""",
        """\
from celery import shared_task


@shared_task(soft_time_limit=30, time_limit=60)
def process_payment(order_id):
    gateway.charge(order_id)
""",
        "shop/tasks.py",
        FILES,
    ),
    Example(
        "A hard limit alone: the soft one below it lets the task clean up",
        """\
from celery import shared_task


@shared_task(
    bind=True,
    time_limit=50,
)
def export(self, order_id):
    write(order_id)
""",
        """\
from celery import shared_task


@shared_task(
    bind=True,
    time_limit=50,
    soft_time_limit=30,
)
def export(self, order_id):
    write(order_id)
""",
        "shop/tasks.py",
        FILES,
    ),
    Example(
        "Both limits are there",
        """\
from celery import shared_task


@shared_task(soft_time_limit=3000, time_limit=3600)
def rebuild():
    index()
""",
        """\
from celery import shared_task


@shared_task(soft_time_limit=3000, time_limit=3600)
def rebuild():
    index()
""",
        "shop/tasks.py",
        FILES,
    ),
)
