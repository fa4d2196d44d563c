"""Which queue a task goes to, compared with what Celery's own router says."""

from __future__ import annotations

import textwrap

import pytest

from djfix.codemods.findings import Reason
from djfix.codemods.project.project import Project
from djfix.codemods.project.task_routes import Route, Routes
from djfix.codemods.source.files import Files

TASKS = """\
from celery import shared_task


@shared_task{options}
def send_mail(to):
    pass
"""
SETTINGS = 'INSTALLED_APPS = []\nDATABASES = {}\nSECRET_KEY = "x"\nROOT_URLCONF = "x"\n'
APP = """\
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""


def project(settings: str = "", options: str = "", **others: str) -> Project:
    files = {
        "manage.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
        "config/__init__.py": "",
        "config/celery.py": APP,
        "config/settings.py": SETTINGS + textwrap.dedent(settings),
        "shop/__init__.py": "",
        "shop/tasks.py": TASKS.replace("{options}", options),
    }
    return Project(Files.of({**files, **others}))


def route(settings: str = "", options: str = "", **others: str) -> Route | Reason:
    made = project(settings, options, **others)
    (task,) = made.tasks("shop/tasks.py")
    return made.shared(Routes).of(task)


def real_queue(settings: str, own: str | None) -> str:
    """What the installed Celery's router makes of the same settings."""
    import types

    from celery import Celery as Real

    module = types.ModuleType("settings")
    exec(SETTINGS + textwrap.dedent(settings), module.__dict__)
    app = Real("measured", set_as_current=False)
    app.config_from_object(module, namespace="CELERY")
    options = {} if own is None else {"queue": own}
    queue = app.amqp.router.route(options, "shop.tasks.send_mail").get("queue")
    return str(queue.name) if queue is not None else str(app.amqp.default_queue.name)


ROUTES = {
    "nothing": "",
    "default_queue": "CELERY_TASK_DEFAULT_QUEUE = 'work'",
    "exact": "CELERY_TASK_ROUTES = {'shop.tasks.send_mail': {'queue': 'email'}}",
    "text_alone": "CELERY_TASK_ROUTES = {'shop.tasks.send_mail': 'email'}",
    "pattern": "CELERY_TASK_ROUTES = {'shop.tasks.*': {'queue': 'email'}}",
    "pattern_inside": "CELERY_TASK_ROUTES = {'*.send_*': {'queue': 'email'}}",
    "other_task": "CELERY_TASK_ROUTES = {'shop.tasks.pay': {'queue': 'payments'}}",
    "pattern_of_a_part": "CELERY_TASK_ROUTES = {'shop.tasks.send*l': 'a', 'shop.tas*s': 'b'}",
    "question_mark_is_no_pattern": "CELERY_TASK_ROUTES = {'shop.tasks.send_mai?': 'email'}",
    "exact_before_pattern": "CELERY_TASK_ROUTES = {'*': 'all', 'shop.tasks.send_mail': 'email'}",
    "first_pattern": "CELERY_TASK_ROUTES = {'shop.*': 'first', 'shop.tasks.*': 'second'}",
    "pairs": "CELERY_TASK_ROUTES = ([('shop.*', {'queue': 'email'})],)",
    "first_router": "CELERY_TASK_ROUTES = [{'shop.*': 'first'}, {'shop.tasks.*': 'second'}]",
    "second_router": "CELERY_TASK_ROUTES = [{'other.*': 'first'}, {'shop.tasks.*': 'second'}]",
    "old_name": "CELERY_ROUTES = {'shop.tasks.*': {'queue': 'email'}}",
    "spelled_in_vain": "CELERY_TASK_ROUTE = {'shop.tasks.*': {'queue': 'email'}}",
    "none": "CELERY_TASK_ROUTES = None",
}


@pytest.mark.parametrize("own", [None, "mine"])
@pytest.mark.parametrize("settings", ROUTES.values(), ids=ROUTES)
def test_queue_is_that_of_celery(settings: str, own: str | None) -> None:
    found = route(settings, f"(queue={own!r})" if own else "")
    assert isinstance(found, Route), found
    assert found.queue == real_queue(settings, own)


def test_route_says_where_it_is_given() -> None:
    assert route(ROUTES["exact"]) == Route("email", True, "config/settings.py", 5)
    assert route(options="(queue='email')") == Route("email", True, "shop/tasks.py", 4)
    assert route() == Route("celery", False)


SENDERS = {
    "apply_async": "from shop.tasks import send_mail\nsend_mail.apply_async([1], queue='email')\n",
    "through_the_module": "from shop import tasks\ntasks.send_mail.apply_async(queue='email')\n",
    "signature": "from shop.tasks import send_mail\nsend_mail.signature([1], queue='email')\n",
    "set": "from shop.tasks import send_mail\nsend_mail.s(1).set(queue='email').delay()\n",
    "routing_key": "from shop.tasks import send_mail\nsend_mail.apply_async(routing_key='email')\n",
    "by_name": "from config.celery import app\napp.send_task('shop.tasks.send_mail', queue='x')\n",
    "variable": "def send(task):\n    task.apply_async(queue='email')\n",
    "name_in_a_variable": "def send(app, name):\n    app.send_task(name, queue='email')\n",
    "group": "from celery import group\ngroup(each).apply_async(queue='email')\n",
}


@pytest.mark.parametrize("text", SENDERS.values(), ids=SENDERS)
def test_sender_that_names_a_queue(text: str) -> None:
    found = route(**{"shop/views.py": text})
    assert isinstance(found, Reason)
    assert found.name == "routed-by-sender"
    assert "shop/views.py:2" in found.text


NO_SENDERS = {
    "another_task": "from shop.tasks import other\nother.apply_async(queue='email')\n",
    "another_task_by_name": "from config.celery import app\napp.send_task('a.b', queue='x')\n",
    "argument_of_the_task": "from shop.tasks import send_mail\nsend_mail.s(queue='email')\n",
    "another_set": "def keep(cache):\n    cache.set('a', queue='email')\n",
    "another_option": "from shop.tasks import send_mail\nsend_mail.apply_async(countdown=5)\n",
}


@pytest.mark.parametrize("text", NO_SENDERS.values(), ids=NO_SENDERS)
def test_no_sender_that_names_a_queue(text: str) -> None:
    assert route(**{"shop/views.py": text}) == Route("celery", False)


def test_schedule_that_names_a_queue() -> None:
    settings = """\
        CELERY_BEAT_SCHEDULE = {
            "mail": {"task": "shop.tasks.send_mail", "schedule": 5, "options": {"queue": "email"}},
        }
    """
    found = route(settings)
    assert isinstance(found, Reason)
    assert found.name == "routed-by-sender"


UNKNOWN = {
    "router_by_name": ("CELERY_TASK_ROUTES = ('config.routing.Router',)", ""),
    "router_by_function": ("from config.routing import router\nCELERY_TASK_ROUTES = [router]", ""),
    "from_the_environment": ("import os\nCELERY_TASK_DEFAULT_QUEUE = os.environ['QUEUE']", ""),
    "compiled_pattern": ("import re\nCELERY_TASK_ROUTES = {re.compile('.'): 'email'}", ""),
    "routing_key_in_the_route": (
        "CELERY_TASK_ROUTES = {'shop.*': {'routing_key': 'email'}}",
        "",
    ),
    "queue_of_a_name": ("", "(queue=QUEUE)"),
    "routing_key": ("", "(routing_key='email')"),
    "registered_name_of_a_variable": ("CELERY_TASK_ROUTES = {'a': 'email'}", "(name=NAME)"),
}


@pytest.mark.parametrize(("settings", "options"), UNKNOWN.values(), ids=UNKNOWN)
def test_route_that_cannot_be_read(settings: str, options: str) -> None:
    found = route(settings, options)
    assert isinstance(found, Reason)
    assert found.name == "unknown-route"


def test_routes_that_change_while_the_project_runs() -> None:
    found = route(
        **{"shop/apps.py": "from config.celery import app\napp.conf.task_routes['a'] = 1"}
    )
    assert isinstance(found, Reason)
    assert found.text == "shop/apps.py:2 changes the routes"


@pytest.mark.parametrize(
    "text",
    [
        "from config.celery import app\napp.conf.task_routes['a'] = 1\n",
        "from shop.tasks import send_mail\nsend_mail.apply_async(queue='email')\n",
    ],
)
def test_what_tests_do_does_not_count(text: str) -> None:
    assert route(**{"shop/tests/test_mail.py": text}) == Route("celery", False)


def test_options_that_may_name_a_queue() -> None:
    found = route(options="(**limits())")
    assert isinstance(found, Reason)
    assert found.name == "unpacked-options"
