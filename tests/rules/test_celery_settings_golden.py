"""The golden table of `celery-settings`: the page's example, run as its commands say, and rows."""

from __future__ import annotations

import re

import pytest
from golden import PAGES, after_command, golden

from djfix.codemods.rules.celery_settings import CelerySettings
from djfix.codemods.rules.celery_settings.examples import APP, FILES, LATE, MAKE, PATH

CASES = list(golden("celery-settings"))
OTHERS = {**dict(FILES), "shop/tasks.py": LATE}
WORKERS = f'{MAKE}app.config_from_object("config.workers")\n'
COMMAND = "worker: celery -A config worker --max-tasks-per-child 500\n"
SPACED = 'from .base import *\n\nCELERY_BROKER_URL = "redis://broker"\n'
CHILD, PREFETCH = "max_tasks_per_child", "prefetch_multiplier"

FORMS = {
    "namespace=": (PATH, SPACED, {}),
    "without a namespace": (
        PATH,
        SPACED.replace("CELERY_", ""),
        {"config/celery.py": APP.replace(', namespace="CELERY"', "")},
    ),
    "config/workers.py": (
        "config/workers.py",
        'broker_url = "redis://broker"\n',
        {"config/celery.py": WORKERS},
    ),
    "app.conf.broker_url": (
        "config/celery.py",
        f'{MAKE}app.conf.broker_url = "redis://broker"\n',
        {},
    ),
    "app.conf.update": (
        "config/celery.py",
        f'{MAKE}app.conf.update(broker_url="redis://broker")\n',
        {},
    ),
    "--max-tasks-per-child 500": (PATH, SPACED, {"Procfile": COMMAND}),
}
"""How each row of the table is known, and what stands for it."""


def test_page_shows_each_example_with_its_commands():
    assert [case.name for case in CASES] == ["throughput", "throughput"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, OTHERS, PATH, case) == case.after


def rows():
    """Before and after of each row of the table of forms."""
    page = (PAGES / "celery-settings.md").read_text()
    table = page.partition("In each form,")[2].partition("\n\n")[2].partition("\n\n")[0]
    return [tuple(row.split("|")[1:3]) for row in table.splitlines()[2:]]


def test_every_row_of_the_table_is_run():
    assert len(rows()) == len(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_row_of_the_table(bench_of, form):
    ((_, said),) = [row for row in rows() if form in row[0]]
    path, before, others = FORMS[form]
    files = {**OTHERS, PATH: "from .base import *\n", **others}
    after = bench_of(CelerySettings(), path, files).after(before, unsafe=True).decode()
    added = [name for name in (CHILD, PREFETCH) if name in after.lower()]
    assert added == ([PREFETCH] if others.get("Procfile") else [CHILD, PREFETCH])
    written = [text for text in re.findall(r"`([^`]+)`", said) if "=" in text]
    assert len(written) == (0 if others.get("Procfile") else 2)
    assert [text for text in written if text not in after] == []
