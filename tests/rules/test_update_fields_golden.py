"""The golden table of `update-fields`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules" / "update-fields.md"

FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": """\
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "shop",
]
AUTH_USER_MODEL = "shop.User"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
""",
    "shop/__init__.py": "",
    "shop/models.py": """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    name = models.CharField(max_length=100)
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
""",
}


def _golden() -> Iterator[tuple[str, str, str, str]]:
    """(name, before, command, after) of each command that the page shows."""
    for section in re.split(r"^### Golden: ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        name = section.split("\n", 1)[0]
        section = re.split(r"^##? ", section, flags=re.MULTILINE)[0]
        parts = re.split(r"```python\n(.*?)```\n", section, flags=re.DOTALL)
        before = parts[1]
        for prose, after in zip(parts[2::2], [*parts[3::2], before], strict=False):
            kept = prose.partition(" leave it as it is.")[0] if "leave it" in prose else ""
            for command in re.findall(r"`(djfix [^`]+)`", prose):
                yield name, before, command, before if command in kept else after


CASES = list(_golden())


def test_page_shows_each_example_with_its_commands():
    assert list(dict.fromkeys(case[0] for case in CASES)) == ["fetched", "view", "balance"]
    assert len(CASES) == 7


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]}: {case[2]}" for case in CASES],
)
def test_command_gives_what_the_page_says(tmp_path, before, command, after):
    for path, text in {**FILES, "shop/views.py": before}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    words = shlex.split(command)[1:]
    subprocess.run([sys.executable, "-m", "djfix", *words, "--no-stage"], cwd=tmp_path, check=True)
    assert (tmp_path / "shop/views.py").read_text() == after
