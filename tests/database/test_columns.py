"""On a real PostgreSQL: which changes of a field write the table anew, by its file's number."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.rules.concurrent_index.columns import column_of, rewrites
from djfix.codemods.source.files import Files

pytest.importorskip("psycopg")

FIELDS = (
    "models.CharField(max_length=20)",
    "models.CharField(max_length=40)",
    "models.SlugField(max_length=40, db_index=False)",
    "models.EmailField()",
    "models.TextField()",
    "models.IntegerField()",
    "models.PositiveIntegerField()",
    "models.BigIntegerField()",
    "models.SmallIntegerField()",
    "models.DecimalField(max_digits=9, decimal_places=2)",
    "models.DecimalField(max_digits=12, decimal_places=2)",
    "models.DecimalField(max_digits=12, decimal_places=4)",
    "models.FloatField()",
    "models.DateField()",
    "models.DateTimeField()",
)
GROUPS = (FIELDS[:5], FIELDS[5:13], FIELDS[13:])
"""Fields among which PostgreSQL can change one into any other."""

SCRIPT = """\
import json, os, sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS=[], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["TEST_DATABASE"],
        "HOST": os.environ["TEST_HOST"], "PORT": os.environ["TEST_PORT"], "USER": "postgres",
    }},
)
import django
django.setup()
from django.db import connection, models

def made(number, text):
    field = eval(text)
    meta = type("Meta", (), {"app_label": "x", "db_table": f"t{number}"})
    return type("Row", (models.Model,), {"v": field, "Meta": meta, "__module__": "x"})

def place(number):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_relation_filenode('t{number}')")
        return cursor.fetchone()[0]

found = {}
for number, (before, after) in enumerate(json.loads(sys.stdin.read())):
    old, new = made(number, before), made(number, after)
    with connection.schema_editor() as editor:
        editor.create_model(old)
    first = place(number)
    with connection.schema_editor() as editor:
        editor.alter_field(old, old._meta.get_field("v"), new._meta.get_field("v"))
    found[f"{before} -> {after}"] = place(number) != first
print(json.dumps(found))
"""


def test_tables_are_written_anew_where_the_rule_says_so(
    new_database: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    pairs = [(one, two) for group in GROUPS for one in group for two in group if one != two]
    seen = measured(pairs, new_database(), tmp_path)
    assert {each: bool(told(each)) for each in seen} == seen
    assert len(seen) == len(pairs) > 70
    assert len(set(seen.values())) == 2


def measured(
    pairs: list[tuple[str, str]], database: Mapping[str, str], folder: Path
) -> dict[str, bool]:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        cwd=folder,
        env={**os.environ, **database},
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    seen: dict[str, bool] = json.loads(result.stdout)
    return seen


def told(change: str) -> str:
    """What the rule says of `BEFORE -> AFTER`."""
    before, after = change.split(" -> ")
    text = f"from django.db import models\n\nBEFORE = {before}\nAFTER = {after}\n"
    project = Project(Files.of({"fields.py": text}))
    facts = project.module("fields.py")
    assert facts is not None
    given = [each.value for each in facts.assignments if each.value is not None]
    columns = [column_of(project, "fields.py", each) for each in given]
    first, second = (each for each in columns if each is not None)
    return rewrites(first, second)
