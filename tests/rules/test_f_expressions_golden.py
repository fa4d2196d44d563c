"""The golden table of `f-expressions`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules" / "f-expressions.md"

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
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=12, decimal_places=2)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, related_name="items", on_delete=models.CASCADE)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    qty = models.PositiveIntegerField()
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


def test_page_shows_the_default_the_unsafe_run_and_the_option_of_each_example():
    commands = {name: [case[2] for case in CASES if case[0] == name] for name, *_ in CASES}
    assert list(commands) == ["bare", "typed", "guarded", "view"]
    for found in commands.values():
        assert found[0] == "djfix apply -r f-expressions"
        assert "djfix apply -r f-expressions --unsafe" in found
        assert any("missing-row=ignore" in command for command in found)


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
