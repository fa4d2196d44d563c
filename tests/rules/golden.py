"""The examples of a docs page with the commands that it shows, and what these make of them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"
_LEFT = re.compile(r"(?s)^(.*)\bleaves? it\s+as it\s+is\.")

SHOP = {
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
}
"""A project with an app that lacks its models."""


class Case(NamedTuple):
    """An example, a command that the page shows with it, and the text that it gives."""

    name: str
    before: str
    command: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.command}"


def golden(rule: str) -> Iterator[Case]:
    """Each command of each section `### Golden: NAME`; what stands before "leave it as it is."
    gives the first text again."""
    page = (PAGES / f"{rule}.md").read_text()
    for section in re.split(r"^### Golden: ", page, flags=re.MULTILINE)[1:]:
        name, _, rest = section.partition("\n")
        rest = re.split(r"^##? ", rest, flags=re.MULTILINE)[0]
        _, before, *parts = re.split(r"```python\n(.*?)```\n", rest, flags=re.DOTALL)
        for prose, after in zip(parts[::2], [*parts[1::2], before], strict=False):
            kept = _LEFT.match(prose)
            for command in re.finditer(r"`(djfix [^`]+)`", prose):
                is_kept = kept is not None and command.start() < kept.end(1)
                yield Case(name, before, command[1], before if is_kept else after)


def names_of(cases: list[Case]) -> list[str]:
    """The examples, in the order of the page."""
    return list(dict.fromkeys(case.name for case in cases))


def after_command(folder: Path, files: Mapping[str, str], path: str, case: Case) -> str:
    """What a command of a page makes of a file, in a project of these files."""
    for name, text in {**files, path: case.before}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    words = shlex.split(case.command)[1:]
    subprocess.run([sys.executable, "-m", "djfix", *words, "--no-stage"], cwd=folder, check=True)
    return (folder / path).read_text()
