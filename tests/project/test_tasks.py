"""Celery tasks in the project picture: every way to write one, and whose options hold."""

from __future__ import annotations

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.project.task_values import OPTIONS, Task
from djfix.codemods.source.files import Files

APP = "from celery import Celery\n\napp = Celery('shop')\n"


def tasks(text: str, **others: str) -> tuple[Task, ...]:
    files = {"manage.py": "", "config/__init__.py": "", "config/celery.py": APP, **others}
    project = Project(Files.of({**files, "shop/__init__.py": "", "shop/tasks.py": text}))
    return project.tasks("shop/tasks.py")


def only(text: str, **others: str) -> Task:
    (task,) = tasks(text, **others)
    return task


TASKS = {
    "shared_task_bare": ("from celery import shared_task\n@shared_task\n", "bare"),
    "shared_task_called": ("from celery import shared_task\n@shared_task()\n", "called"),
    "alias": ("from celery import shared_task as task\n@task\n", "bare"),
    "module_attribute": ("import celery\n@celery.shared_task(name='a')\n", "called"),
    "application": ("from config.celery import app\n@app.task\n", "bare"),
    "application_of_another_name": (
        "from config.celery import app as celery_app\n@celery_app.task(acks_late=True)\n",
        "called",
    ),
    "application_reexported": ("from config import celery_app\n@celery_app.task\n", "bare"),
    "current_application": ("from celery import current_app\n@current_app.task\n", "bare"),
    "application_of_the_same_file": (
        "from celery import Celery\napp = Celery()\n@app.task\n",
        "bare",
    ),
    "application_of_an_own_class": (
        "from celery import Celery\nclass App(Celery):\n    pass\napp = App()\n@app.task\n",
        "bare",
    ),
    "application_with_type_parameters": (
        "from celery import Celery\napp = Celery[object]('shop')\n@app.task\n",
        "bare",
    ),
    "application_of_an_unknown_class_that_is_set_up_as_one": (
        (
            "app = chosen()\napp.config_from_object('django.conf:settings')\n"
            "app.autodiscover_tasks()\n@app.task\n"
        ),
        "bare",
    ),
    "under_another_decorator": (
        (
            "from celery import shared_task\nfrom django.db import transaction\n"
            "@shared_task\n@transaction.atomic\n"
        ),
        "bare",
    ),
    "partial": (
        (
            "from functools import partial\nfrom celery import shared_task\n"
            "mine = partial(shared_task, acks_late=True)\n@mine()\n"
        ),
        "called",
    ),
    "wrapper": ("from shop.wrapping import mine\n@mine\n", "wrapped"),
}
OTHERS = {
    "config/__init__.py": "from .celery import app as celery_app\n",
    "shop/wrapping.py": (
        "from celery import shared_task\n\n"
        "def mine(function):\n    return shared_task(time_limit=5)(function)\n"
    ),
}


@pytest.mark.parametrize(("head", "form"), TASKS.values(), ids=TASKS)
def test_is_a_task(head: str, form: str) -> None:
    task = only(f"{head}def work(x):\n    pass\n", **OTHERS)
    assert (task.symbol, task.form, task.bound is False) == (
        "shop.tasks.work",
        form,
        True,
    )


NOT_TASKS = {
    "huey": "from huey.contrib.djhuey import task\n@task()\n",
    "dramatiq": "import dramatiq\n@dramatiq.actor\n",
    "prefect": "from prefect import task\n@task\n",
    "airflow": "from airflow.decorators import task\n@task\n",
    "invoke": "from invoke import task\n@task\n",
    "django_tasks": "from django.tasks import task\n@task\n",
    "locust": "from locust import task\n@task(3)\n",
    "procrastinate": "from procrastinate.contrib.django import app\n@app.task\n",
    "rq": "from django_rq import job\n@job\n",
    "own_decorator": "def task(f):\n    return f\n@task\n",
    "own_registry": "class R:\n    def task(self, f):\n        return f\napp = R()\n@app.task\n",
    "unknown_name": "@task\n",
    "no_decorator": "",
}


@pytest.mark.parametrize("head", NOT_TASKS.values(), ids=NOT_TASKS)
def test_is_no_celery_task(head: str) -> None:
    assert tasks(f"{head}def work(x):\n    pass\n") == ()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("from celery import task\n@task\n", "celery.task"),
        ("from celery.task import task\n@task()\n", "celery.task.task"),
        (
            "from celery.decorators import periodic_task\n@periodic_task(run_every=5)\n",
            "celery.decorators.periodic_task",
        ),
    ],
)
def test_decorator_that_is_gone_is_named(head: str, name: str) -> None:
    files = {"shop/__init__.py": "", "shop/tasks.py": f"{head}def work():\n    pass\n"}
    project = Project(Files.of(files))
    assert [each.name for each in project.removed_tasks("shop/tasks.py")] == [name]
    assert project.tasks("shop/tasks.py") == ()


def options(task: Task) -> list[tuple[str, object, str]]:
    return [(each.name, each.value.value, each.origin) for each in task.options]


SHARED = "from celery import Task, shared_task\n"


def test_options_of_the_decorator_come_before_those_of_its_base() -> None:
    text = f"""{SHARED}
class Base(Task):
    acks_late = True
    time_limit = 60
    own = 1


@shared_task(base=Base, time_limit=5)
def work():
    pass
"""
    task = only(text)
    assert options(task)[1:] == [
        ("time_limit", 5, "decorator"),
        ("acks_late", True, "base"),
        ("time_limit", 60, "base"),
    ]
    assert task.constant("time_limit") == 5
    assert task.unclear == ()


def test_base_of_another_file_and_its_own_base() -> None:
    bases = (
        "from celery import Task\n\nclass A(Task):\n    max_retries = 1\n\n"
        "class B(A):\n    soft_time_limit = 9\n"
    )
    text = "from celery import shared_task\nfrom shop.bases import B\n@shared_task(base=B)\n"
    task = only(f"{text}def work():\n    pass\n", **{"shop/bases.py": bases})
    assert options(task)[1:] == [("soft_time_limit", 9, "base"), ("max_retries", 1, "base")]


def test_base_that_extends_the_task_of_the_application_is_read() -> None:
    bases = "from config.celery import app\n\nclass A(app.Task):\n    max_retries = 1\n"
    text = "from config.celery import app\nfrom shop.bases import A\n@app.task(base=A)\n"
    task = only(f"{text}def work():\n    pass\n", **{"shop/bases.py": bases})
    assert options(task)[1:] == [("max_retries", 1, "base")]
    assert task.unclear == ()


def test_base_of_an_application_with_a_class_of_its_own_is_unclear() -> None:
    app = "from celery import Celery\n\napp = Celery('shop', task_cls='elsewhere.Base')\n"
    bases = "from config.celery import app\n\nclass A(app.Task):\n    max_retries = 1\n"
    text = "from config.celery import app\nfrom shop.bases import A\n@app.task(base=A)\n"
    others = {"shop/bases.py": bases, "config/celery.py": app}
    task = only(f"{text}def work():\n    pass\n", **others)
    assert [each.name for each in task.unclear] == ["unknown-base"]


def test_base_that_cannot_be_read_is_unclear() -> None:
    text = "from celery import shared_task\nfrom library import Base\n@shared_task(base=Base)\n"
    task = only(f"{text}def work():\n    pass\n")
    assert [each.name for each in task.unclear] == ["unknown-base"]


@pytest.mark.parametrize("made", ['{"time_limit": 5}', "dict(time_limit=5)"])
def test_unpacked_options_are_read(made: str) -> None:
    task = only(f"{SHARED}LIMITS = {made}\n@shared_task(**LIMITS)\ndef work():\n    pass\n")
    assert options(task) == [("time_limit", 5, "unpacked")]
    assert task.unclear == ()


@pytest.mark.parametrize("given", ["limits()", "UNKNOWN", "{**OTHER}", "{KEY: 5}"])
def test_unpacked_options_that_cannot_be_read_are_unclear(given: str) -> None:
    task = only(f"{SHARED}@shared_task(**{given})\ndef work():\n    pass\n")
    assert [each.name for each in task.unclear] == ["unpacked-options"]
    assert task.bound is None


def test_options_of_a_partial() -> None:
    text = "from functools import partial\nmine = partial(shared_task, acks_late=True)\n"
    task = only(f"{SHARED}{text}@mine(time_limit=5)\ndef work():\n    pass\n")
    assert options(task) == [("time_limit", 5, "decorator"), ("acks_late", True, "wrapper")]


def test_wrapper_is_named() -> None:
    task = only("from shop.wrapping import mine\n@mine\ndef work():\n    pass\n", **OTHERS)
    (reason,) = task.unclear
    assert reason.name == "wrapper-decorator"
    assert "shop.wrapping.mine" in reason.text


def test_class_of_the_application() -> None:
    app = (
        "from celery import Celery, Task\n\nclass Base(Task):\n    time_limit = 7\n\n"
        "app = Celery('shop', task_cls=Base)\n"
    )
    text = "from config.celery import app\n@app.task\ndef work():\n    pass\n"
    task = only(text, **{"config/celery.py": app})
    assert options(task) == [("time_limit", 7, "application")]


@pytest.mark.parametrize(
    ("decorator", "name", "bound"),
    [
        ("@shared_task", "shop.tasks.work", False),
        ("@shared_task(name='billing.work')", "billing.work", False),
        ("@shared_task(name=NAME)", None, False),
        ("@shared_task(bind=True)", "shop.tasks.work", True),
        ("@shared_task(bind=False)", "shop.tasks.work", False),
        ("@shared_task(bind=BIND)", "shop.tasks.work", None),
    ],
)
def test_name_and_binding(decorator: str, name: str | None, bound: bool | None) -> None:
    task = only(f"{SHARED}{decorator}\ndef work():\n    pass\n")
    assert (task.name, task.bound) == (name, bound)


def test_class_based_task() -> None:
    text = f"""{SHARED}
class Base(Task):
    abstract = True
    time_limit = 60


class Work(Base):
    name = "billing.work"
    max_retries = 2

    def run(self, x):
        pass
"""
    task = only(text)
    assert (task.symbol, task.form, task.name, task.bound) == (
        "shop.tasks.Work",
        "class",
        "billing.work",
        True,
    )
    assert options(task)[1:] == [("max_retries", 2, "class"), ("time_limit", 60, "base")]


def test_task_by_its_symbol() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/tasks.py": f"{SHARED}@shared_task\ndef work():\n    pass\n\n\ndef other(): pass\n",
    }
    project = Project(Files.of(files))
    assert project.task("shop.tasks.work") is not None
    assert project.task("shop.tasks.other") is None
    assert project.task("nowhere.work") is None


def test_every_option_of_the_installed_celery_is_known() -> None:
    from celery.app.task import Task as Real

    declared = {name for name in vars(Real) if not name.startswith("_")}
    values = {name for name in declared if not callable(getattr(Real, name))}
    inner = {"request", "backend", "app", "request_stack", "OperationalError"}
    assert {name for name in values if name not in inner} - OPTIONS == set()


APPLICATION_S_TASK = (
    "from config.celery import app\n\n\nclass Base(app.Task):\n    time_limit = 7\n\n\n"
)


def test_class_that_extends_the_task_of_the_application_is_a_task() -> None:
    task = only(f"{APPLICATION_S_TASK}class Work(Base):\n    def run(self):\n        pass\n")
    assert (task.symbol, task.form, options(task)) == (
        "shop.tasks.Work",
        "class",
        [("time_limit", 7, "base")],
    )


def test_task_of_an_application_with_a_class_of_its_own_is_not_read() -> None:
    app = "from celery import Celery\n\napp = Celery('shop', task_cls='library.tasks:Task')\n"
    text = f"{APPLICATION_S_TASK}@app.task(base=Base)\ndef work():\n    pass\n"
    task = only(text, **{"config/celery.py": app})
    assert [each.name for each in task.unclear] == ["unknown-base"]
