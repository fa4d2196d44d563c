"""`conn-max-age`: the settings before and after, as Django reads them, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from djfix.codemods.rules.conn_max_age import ConnMaxAge
from djfix.codemods.rules.conn_max_age.examples import FILES, PATH

LOADING = """\
import json
from django.conf import settings
from django.db import connections

names = [name for name in dir(settings) if name.isupper()]
found = {name: getattr(settings, name) for name in names if name != "DATABASES"}
found["DATABASES"] = {alias: dict(connections[alias].settings_dict) for alias in connections}
print(json.dumps(found, default=repr, sort_keys=True))
"""

DICT = '{"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}'

SHAPES = {
    "a dict": f'DATABASES = {{"default": {DICT}}}\n',
    "two": f'DATABASES = {{"default": {DICT}}}\nDATABASES["replica"] = {DICT}\n',
    "a name": f'server = {DICT}\nDATABASES = {{"default": server}}\n',
    "a call": 'DATABASES = {"default": dict(ENGINE="django.db.backends.postgresql")}\n',
    "kept": f'DATABASES = {{"default": {DICT[:-1]}, "CONN_MAX_AGE": 600}}}}\n',
}


def effective(folder: Path, text: str, configuration: str = "") -> dict[str, Any]:
    """Every setting, and every database with Django's defaults."""
    base = 'DEBUG = False\nSECRET_KEY = "of a test"\n'
    others = {**dict(FILES), "config/settings/base.py": base}
    for name, content in {**others, PATH: text}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PATH": "",
        "DATABASE_URL": URL,
    }
    command = [sys.executable, "-B", "-c", LOADING]
    if configuration:
        environment["DJANGO_CONFIGURATION"] = configuration
        command[-1] = f"import configurations\nconfigurations.setup()\n{LOADING}"
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


URL = "postgres://shop@db/shop"
READER = "import environ\n\nenv = environ.Env()\n"

URLS = {
    "config()": 'import dj_database_url\n\nDATABASES = {"default": dj_database_url.config()}\n',
    "config(default)": (
        "import dj_database_url\n\n"
        'DATABASES = {"default": dj_database_url.config(default="postgres:///shop")}\n'
    ),
    "parse": (
        "import os\n\nimport dj_database_url\n\n"
        'DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}\n'
    ),
    "item of config": (
        "import dj_database_url\n\nDATABASES = {}\n"
        'DATABASES["default"] = dj_database_url.config()\n'
    ),
    "env.db()": f'{READER}DATABASES = {{"default": env.db()}}\n',
    "env.db(name)": f'{READER}DATABASES = {{"default": env.db("DATABASE_URL")}}\n',
    "env.db_url": f'{READER}DATABASES = {{"default": env.db_url("DATABASE_URL")}}\n',
    "env.db(name, default)": (
        f'{READER}DATABASES = {{"default": env.db("DATABASE_URL", default="postgres:///shop")}}\n'
    ),
    "item of env.db": f'{READER}DATABASES = {{}}\nDATABASES["default"] = env.db()\n',
}


@pytest.mark.parametrize("shape", URLS)
def test_url_of_the_environment_gets_but_the_two_entries(bench_of, tmp_path, shape):
    before = f"from .base import *\n\n{URLS[shape]}"
    after = bench_of(ConnMaxAge(), PATH, FILES).after(before, unsafe=True).decode()
    assert after != before
    was, now = effective(tmp_path, before), effective(tmp_path, after)
    assert was["DATABASES"]["default"]["CONN_MAX_AGE"] == 0
    assert now.pop("DATABASES") == kept(was.pop("DATABASES"))
    assert now == was


CLASSES = """\
import dj_database_url
from configurations import Configuration


class Production(Configuration):
    INSTALLED_APPS = ["shop"]
    SECRET_KEY = "of a test"
    ROOT_URLCONF = "config.urls"
    DATABASES = {database}
"""


@pytest.mark.parametrize(
    "database",
    [f'{{"default": {DICT}}}', '{"default": dj_database_url.config()}'],
    ids=["dict", "url"],
)
def test_class_of_django_configurations(bench_of, tmp_path, database):
    before = CLASSES.replace("{database}", database)
    files = {name: text for name, text in FILES if "dev" not in name}
    after = bench_of(ConnMaxAge(), PATH, files).after(before, unsafe=True).decode()
    assert after != before
    was = effective(tmp_path, before, "Production")
    now = effective(tmp_path, after, "Production")
    assert now.pop("DATABASES") == kept(was.pop("DATABASES"))
    assert now == was


def kept(databases):
    """The same databases with the two entries."""
    added = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return {alias: {**each, **added} for alias, each in databases.items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_but_the_two_entries_changes(bench_of, tmp_path, shape):
    before = f"from .base import *\n\n{SHAPES[shape]}"
    after = bench_of(ConnMaxAge(), PATH, FILES).after(before, unsafe=True).decode()
    assert after != before
    was, now = effective(tmp_path, before), effective(tmp_path, after)
    assert now.pop("DATABASES") == kept(was.pop("DATABASES"))
    assert now == was
