"""`celery-settings`: what the installed Celery reads before and after, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from djfix.codemods.rules.celery_settings import CelerySettings
from djfix.codemods.rules.celery_settings.examples import APP, FILES, LATE, MAKE, PATH
from djfix.codemods.rules.celery_settings.options import CelerySettingsOptions

LOADING = """\
import json
from celery.app.defaults import NAMESPACES, flatten
from config.celery import app

names = [name for name, _ in flatten(NAMESPACES)]
print(json.dumps({name: app.conf[name] for name in names}, default=repr))
"""

WANTED = {
    "worker_max_tasks_per_child": 1000,
    "worker_prefetch_multiplier": 1,
    "broker_pool_limit": 24,
}
DEFAULTS = {
    "worker_max_tasks_per_child": None,
    "worker_prefetch_multiplier": 4,
    "broker_pool_limit": 10,
}

DJANGO = 'from .base import *\n\n{}BROKER_URL = "memory://"\n'
WORKERS = f'{MAKE}app.config_from_object("config.workers")\n'
SPACED_WORKERS = WORKERS.replace('workers"', 'workers", namespace="OURS"')

FORMS = {
    "namespace": (PATH, DJANGO.format("CELERY_"), APP),
    "another namespace": (PATH, DJANGO.format("JOBS_"), APP.replace('"CELERY"', '"JOBS"')),
    "old names": (PATH, DJANGO.format(""), APP.replace(', namespace="CELERY"', "")),
    "old names under a namespace": (PATH, DJANGO.format(""), APP),
    "module": ("config/workers.py", 'broker_url = "memory://"\n', WORKERS),
    "module of old names": ("config/workers.py", 'BROKER_URL = "memory://"\n', WORKERS),
    "module with a namespace": (
        "config/workers.py",
        'OURS_BROKER_URL = "memory://"\n',
        SPACED_WORKERS,
    ),
    "nothing": ("config/celery.py", MAKE, None),
    "attributes": ("config/celery.py", f'{MAKE}app.conf.broker_url = "memory://"\n', None),
    "old attributes": ("config/celery.py", f'{MAKE}app.conf.BROKER_URL = "memory://"\n', None),
    "keywords": ("config/celery.py", f'{MAKE}app.conf.update(broker_url="memory://")\n', None),
    "old keywords": ("config/celery.py", f'{MAKE}app.conf.update(BROKER_URL="memory://")\n', None),
    "dict": ("config/celery.py", f'{MAKE}app.conf.update({{"broker_url": "memory://"}})\n', None),
}


def effective(folder, files):
    """Every setting of the project's application, with Celery's defaults."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": ""}
    command = [sys.executable, "-B", "-c", LOADING]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("form", FORMS)
def test_application_reads_the_three_settings_and_all_else_as_before(bench_of, tmp_path, form):
    path, before, app = FORMS[form]
    files = {**dict(FILES), PATH: "from .base import *\n", "shop/tasks.py": LATE}
    files = {**files, **({"config/celery.py": app} if app else {})}
    options = CelerySettingsOptions(broker_pool_limit=24)
    bench = bench_of(CelerySettings(options), path, files)
    after = bench.after(before, unsafe=True).decode()
    assert after != before
    was = effective(tmp_path, {**files, path: before})
    now = effective(tmp_path, {**files, path: after})
    assert {name: was[name] for name in DEFAULTS} == DEFAULTS
    assert now == {**was, **WANTED}


PASSED_OVER = {
    "lower case in Django's settings": ("worker_max_tasks_per_child", ""),
    "upper case without a namespace": ("WORKER_MAX_TASKS_PER_CHILD", ""),
    "a namespace that nobody gave": ("CELERY_WORKER_MAX_TASKS_PER_CHILD", ""),
    "lower case under a namespace": ("worker_max_tasks_per_child", ', namespace="CELERY"'),
    "a namespace in lower case": ("CELERY_WORKER_MAX_TASKS_PER_CHILD", ', namespace="celery"'),
}


@pytest.mark.parametrize("case", PASSED_OVER)
def test_name_that_the_rule_does_not_count_is_passed_over_by_celery(tmp_path, case):
    spelled, namespace = PASSED_OVER[case]
    app = APP.replace(', namespace="CELERY"', namespace)
    text = f"from .base import *\n\n{spelled} = 10\n"
    found = effective(tmp_path, {**dict(FILES), "config/celery.py": app, PATH: text})
    assert found["worker_max_tasks_per_child"] is None


def test_old_and_new_names_in_one_module_do_not_start(tmp_path):
    text = 'BROKER_URL = "memory://"\nworker_concurrency = 2\n'
    files = {**dict(FILES), "config/celery.py": WORKERS, "config/workers.py": text, PATH: ""}
    with pytest.raises(AssertionError, match="Cannot mix new and old setting keys"):
        effective(tmp_path, files)
