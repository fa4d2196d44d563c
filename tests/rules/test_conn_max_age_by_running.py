"""`conn-max-age`: the settings before and after, as Django reads them, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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


def effective(folder: Path, text: str) -> dict[str, object]:
    """Every setting, and every database with Django's defaults."""
    base = 'DEBUG = False\nSECRET_KEY = "of a test"\n'
    others = {**dict(FILES), "config/settings/base.py": base}
    for name, content in {**others, PATH: text}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": ""}
    command = [sys.executable, "-B", "-c", LOADING]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_but_the_two_entries_changes(bench_of, tmp_path, shape):
    before = f"from .base import *\n\n{SHAPES[shape]}"
    after = bench_of(ConnMaxAge(), PATH, FILES).after(before, unsafe=True).decode()
    assert after != before
    was, now = effective(tmp_path, before), effective(tmp_path, after)
    databases = was["DATABASES"]
    assert isinstance(databases, dict)
    wanted = {
        alias: {**each, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        for alias, each in databases.items()
    }
    assert now.pop("DATABASES") == wanted
    del was["DATABASES"]
    assert now == was
