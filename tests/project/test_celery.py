"""What a project tells Celery as a whole, compared with what Celery makes of it."""

from __future__ import annotations

import types

import pytest

from djfix.codemods.project.celery_names import OLD_NAMES, ignored_spellings, spellings
from djfix.codemods.project.celery_values import Celery
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

APP = "from celery import Celery\n\napp = Celery('shop')\n"
SETTINGS = 'INSTALLED_APPS = []\nDATABASES = {}\nSECRET_KEY = "x"\nROOT_URLCONF = "x"\n'
MANAGE = 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n'


def celery(app: str = "", settings: str = "", **others: str) -> Celery:
    files = {
        "manage.py": MANAGE,
        "config/__init__.py": "",
        "config/celery.py": APP + app,
        "config/settings.py": SETTINGS + settings,
        **others,
    }
    return Project(Files.of(files)).celery


DJANGO = "app.config_from_object('django.conf:settings'{})\n"
SPACED = DJANGO.format(", namespace='CELERY'")
PLAIN = DJANGO.format("")


def really_holds(spelled: str, namespace: str, name: str, value: object) -> bool:
    """Whether the installed Celery reads such a setting."""
    from celery import Celery as Real

    module = types.ModuleType("settings")
    module.INSTALLED_APPS = []
    setattr(module, spelled, value)
    app = Real("measured", set_as_current=False)
    app.config_from_object(module, **({"namespace": namespace} if namespace else {}))
    return bool(app.conf[name] == value)


@pytest.mark.parametrize("namespace", ["", "CELERY", "WORKERS"])
@pytest.mark.parametrize("name", sorted(OLD_NAMES))
def test_spellings_are_those_that_celery_reads(name: str, namespace: str) -> None:
    value = {"a": 4711} if name.endswith(("options", "annotations", "schedule")) else 4711
    for spelled in spellings(name, namespace):
        assert really_holds(spelled, namespace, name, value), spelled
    for spelled in ignored_spellings(name, namespace):
        assert not really_holds(spelled, namespace, name, value), spelled


def test_settings_under_their_namespace() -> None:
    found = celery(SPACED, "CELERY_TASK_TIME_LIMIT = 60\n")
    (setting,) = found.values("task_time_limit")
    assert (setting.spelled, setting.path, setting.line) == (
        "CELERY_TASK_TIME_LIMIT",
        "config/settings.py",
        5,
    )
    assert found.numbers("task_time_limit") == (60,)
    assert found.ignored == ()


@pytest.mark.parametrize(
    ("app", "settings", "spelled"),
    [
        (PLAIN, "CELERY_TASK_TIME_LIMIT = 60\n", "CELERY_TASK_TIME_LIMIT"),
        (SPACED, "CELERY_TIME_LIMIT = 60\n", "CELERY_TIME_LIMIT"),
        (SPACED, "CELERYD_TIME_LIMIT = 60\n", "CELERYD_TIME_LIMIT"),
    ],
)
def test_settings_that_nobody_reads(app: str, settings: str, spelled: str) -> None:
    found = celery(app, settings)
    assert [each.spelled for each in found.ignored] == [spelled]
    assert found.numbers("task_time_limit") == ()


def test_setting_that_the_project_reads_itself_is_not_called_ignored() -> None:
    other = "from django.conf import settings\nprint(settings.CELERY_TIME_LIMIT)\n"
    found = celery(SPACED, "CELERY_TIME_LIMIT = 60\n", **{"shop.py": other})
    assert found.ignored == ()


@pytest.mark.parametrize(
    "app",
    [
        "app.conf.task_time_limit = 60\n",
        "app.conf['task_time_limit'] = 60\n",
        "app.conf.update(task_time_limit=60)\n",
        "app.conf.update({'task_time_limit': 60})\n",
        "app.conf.CELERYD_TASK_TIME_LIMIT = 60\n",
    ],
)
def test_settings_on_the_application(app: str) -> None:
    assert celery(app).numbers("task_time_limit") == (60,)


def test_module_of_settings() -> None:
    found = celery(
        "app.config_from_object('config.workers')\n",
        **{"config/workers.py": "task_time_limit = 60\nCELERY_TASK_SOFT_TIME_LIMIT = 3\n"},
    )
    assert found.numbers("task_time_limit") == (60,)
    assert found.numbers("task_soft_time_limit") == ()


def test_setting_of_the_environment_is_not_known() -> None:
    found = celery(SPACED, "import os\nCELERY_TASK_TIME_LIMIT = int(os.environ['LIMIT'])\n")
    assert found.numbers("task_time_limit") is None


@pytest.mark.parametrize(
    "app",
    [
        "app.config_from_object(chosen())\n",
        "app.config_from_object('library.settings')\n",
        "app.config_from_envvar('CELERY_CONFIG')\n",
    ],
)
def test_configuration_that_cannot_be_read_is_unclear(app: str) -> None:
    assert [each.name for each in celery(app).unclear] == ["celery-configuration"]


def test_project_without_an_application_is_unclear() -> None:
    found = Project(Files.of({"shop.py": "from celery import shared_task\n"})).celery
    assert [each.name for each in found.unclear] == ["celery-configuration"]


COMMANDS = {
    "procfile": ("Procfile", "worker: celery -A config worker -P gevent -Q a,b\n"),
    "long_options": ("Procfile", "worker: celery -A config worker --pool=gevent --queues=a,b\n"),
    "compose_string": (
        "docker-compose.yml",
        "services:\n  worker:\n    command: celery -A config worker -P gevent -Q a,b\n",
    ),
    "compose_list": (
        "compose.prod.yaml",
        'worker:\n  command: ["celery", "-A", "config", "worker", "-P", "gevent", "-Q", "a,b"]\n',
    ),
    "compose_folded": (
        "docker-compose.yml",
        "command: >\n  celery -A config worker\n  --pool gevent\n  -Q a,b\n",
    ),
    "unit": (
        "deploy/worker.service",
        "ExecStart=/srv/celery -A config worker \\\n    --pool=gevent -Q a,b\n",
    ),
    "shell": ("start.sh", "#!/bin/sh\nexec celery -A config worker -P gevent -Q a,b\n"),
    "dockerfile": ("Dockerfile", 'CMD ["celery", "-A", "x", "worker", "-Pgevent", "-Qa,b"]\n'),
}


@pytest.mark.parametrize(("path", "text"), COMMANDS.values(), ids=COMMANDS)
def test_command_that_starts_workers(path: str, text: str) -> None:
    (command,) = celery(**{path: text}).commands
    assert (command.pool, command.queues) == ("gevent", ("a", "b"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "web: gunicorn config.wsgi\nbeat: celery -A config beat\n"),
        ("start.sh", "# celery -A config worker -P gevent\n"),
        ("celery.txt", "celery -A config worker\n"),
    ],
)
def test_no_command_of_a_worker(path: str, text: str) -> None:
    assert celery(**{path: text}).commands == ()


def test_command_without_a_pool() -> None:
    (command,) = celery(Procfile="worker: celery -A config worker --concurrency 4\n").commands
    assert command.pool is None
    assert "--concurrency" in command.options


def test_pools_of_settings_and_commands() -> None:
    found = celery(SPACED, "CELERY_WORKER_POOL = 'solo'\n", Procfile="w: celery worker -P gevent\n")
    assert [each[0] for each in found.pools] == ["solo", "gevent"]


@pytest.mark.parametrize(
    ("text", "names", "value"),
    [
        ("celery worker --max-tasks-per-child 1000", ("--max-tasks-per-child",), "1000"),
        ("celery worker --max-tasks-per-child=1000 -c 4", ("--max-tasks-per-child",), "1000"),
        ("celery worker -O fair", ("-O", "--optimization"), "fair"),
        ("celery worker -Ofast -c4", ("-O", "--optimization"), "fast"),
        ("celery worker -Ofast -c4", ("-c", "--concurrency"), "4"),
        ("celery worker -E --prefetch-multiplier 1", ("--prefetch-multiplier",), "1"),
        ("celery multi start a b --prefetch-multiplier:a=1", ("--prefetch-multiplier",), "1"),
        ("celery worker -E", ("-E",), None),
        ("celery worker -E -l info", ("-E",), None),
        ("celery worker --beat --queues=a", ("--beat",), None),
    ],
)
def test_values_of_a_command(text: str, names: tuple[str, ...], value: str | None) -> None:
    (command,) = celery(Procfile=f"worker: {text}\n").commands
    assert command.value(*names) == value


def test_namespace_in_lower_case_is_looked_up_in_lower_case() -> None:
    assert spellings("task_time_limit", "celery")[0] == "celery_task_time_limit"
    found = celery(DJANGO.format(", namespace='celery'"), "CELERY_TASK_TIME_LIMIT = 60\n")
    assert found.numbers("task_time_limit") == ()
    assert [each.spelled for each in found.ignored] == ["CELERY_TASK_TIME_LIMIT"]


def test_lower_case_of_django_settings_is_passed_over() -> None:
    found = celery(PLAIN, "task_time_limit = 60\n")
    assert found.numbers("task_time_limit") == ()
    assert [each.spelled for each in found.ignored] == ["task_time_limit"]


def test_object_by_its_name() -> None:
    found = celery("app.config_from_object(namespace='CELERY', obj='django.conf:settings')\n")
    assert (found.namespaces, found.unclear) == (("CELERY",), ())


def test_module_of_settings_with_its_namespace() -> None:
    others = {"config/workers.py": "OURS_TASK_TIME_LIMIT = 60\n"}
    found = celery("app.config_from_object('config.workers', namespace='OURS')\n", **others)
    (module,) = found.modules
    assert (module.path, module.namespace) == ("config/workers.py", "OURS")
    assert found.numbers("task_time_limit") == (60,)


LIMIT = "CELERY_TASK_TIME_LIMIT = 60\n"
INCLUDE = "from split_settings.tools import include\n\ninclude('parts/celery.py')\n"


@pytest.mark.parametrize(
    ("settings", "others", "place"),
    [
        (f"if True:\n    {LIMIT}", {}, ("config/settings.py", 6)),
        ("CELERY_TASK_TIME_LIMIT: int = 60\n", {}, ("config/settings.py", 5)),
        (f"{LIMIT}{LIMIT}", {}, ("config/settings.py", 6)),
        (f'X = """\n{LIMIT}"""\n{LIMIT}', {}, ("config/settings.py", 8)),
        ("from config.base import *\n", {"config/base.py": LIMIT}, ("config/base.py", 1)),
        (INCLUDE, {"config/parts/celery.py": LIMIT}, ("config/parts/celery.py", 1)),
    ],
    ids=["branch", "annotated", "twice", "text", "star", "include"],
)
def test_place_of_a_setting(settings: str, others: dict[str, str], place: tuple[str, int]) -> None:
    (setting,) = celery(SPACED, settings, **others).values("task_time_limit")
    assert (setting.path, setting.line) == place
