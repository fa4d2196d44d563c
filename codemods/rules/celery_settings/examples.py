"""The rule's examples: they feed its tests, `djfix explain celery-settings` and its docs page."""

from djfix.codemods.rule import Example

PATH = "config/settings/production.py"

MAKE = """\
from celery import Celery

app = Celery("shop")
"""

APP = f"""\
{MAKE}app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
"""

LATE = """\
from celery import shared_task


@shared_task(acks_late=True)
def ship(order_id):
    pack(order_id)
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")\n',
    ),
    ("Procfile", "worker: celery -A config worker\n"),
    ("config/__init__.py", ""),
    ("config/celery.py", APP),
    ("config/settings/__init__.py", ""),
    (
        "config/settings/base.py",
        'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "config.urls"\nMIDDLEWARE = []\n',
    ),
    ("config/settings/dev.py", "from .base import *\n\nDEBUG = True\n"),
    ("shop/__init__.py", ""),
)

SPACED = """\
from .base import *

CELERY_BROKER_URL = "redis://broker"
CELERY_TASK_IGNORE_RESULT = True
STATIC_URL = "static/"
"""

ADDED = "CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000\n"

OLD = """\
from .base import *

BROKER_URL = "redis://broker"
"""

UPDATED = f"""\
{MAKE}app.conf.update(broker_url="redis://broker", task_ignore_result=True)
"""

EXAMPLES = (
    Example(
        "Under the namespace of the project",
        SPACED,
        SPACED.replace("STATIC", f"{ADDED}STATIC"),
        PATH,
        FILES,
    ),
    Example(
        "Tasks that are acknowledged late: nothing is fetched ahead",
        SPACED,
        SPACED.replace("STATIC", f"{ADDED}CELERY_WORKER_PREFETCH_MULTIPLIER = 1\nSTATIC"),
        PATH,
        (*FILES, ("shop/tasks.py", LATE)),
    ),
    Example(
        "Without a namespace, Django's settings hold only the names before Celery 4",
        OLD,
        f"{OLD}CELERYD_MAX_TASKS_PER_CHILD = 1000\n",
        PATH,
        (*FILES, ("config/celery.py", APP.replace(', namespace="CELERY"', ""))),
    ),
    Example(
        "On the application",
        UPDATED,
        UPDATED.replace(
            'broker_url="redis://broker", task_ignore_result=True',
            (
                '\n    broker_url="redis://broker",\n    task_ignore_result=True,\n'
                "    worker_max_tasks_per_child=1000,\n"
            ),
        ),
        "config/celery.py",
        FILES,
    ),
    Example(
        "The worker's command gives it (left alone)",
        SPACED,
        SPACED,
        PATH,
        (*FILES, ("Procfile", "worker: celery -A config worker --max-tasks-per-child 500\n")),
    ),
)
