"""The project that the tests of the command line run on, and how they run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETTINGS = """\
import os

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop"}}
"""

MODELS = """\
from django.db import models


class Account(models.Model):
    balance = models.IntegerField(default=0)
"""

SERVICES = """\
from shop.models import Account


def withdraw(account_id: int) -> None:
    account = Account.objects.get(id=account_id)
    account.balance -= 5
    account.save()
"""

FIXED = """\
from django.db.models import F

from shop.models import Account


def withdraw(account_id: int) -> None:
    if not Account.objects.filter(id=account_id).update(balance=F("balance") - 5):
        raise Account.DoesNotExist("Account matching query does not exist.")
"""

REVIEWED = """\
from shop.models import Account


def deposit(account: Account) -> None:
    account.balance += 1
    account.save()
"""

FILES = {
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/models.py": MODELS,
    "shop/services.py": SERVICES,
}


@dataclass(frozen=True)
class Ended:
    """A finished process."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shop:
    """The project's folder; every command runs in it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, root: Path, *, repository: bool = True) -> Shop:
        """Write the files, and commit them unless there is to be no repository."""
        shop = cls(root)
        for path, text in FILES.items():
            shop.write(path, text)
        if repository:
            shop.git("init", "-q", "-b", "main")
            shop.commit()
        return shop

    def write(self, path: str, text: str | bytes) -> None:
        """Write one file, with the folders above it."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "state")

    def git(self, *arguments: str, data: bytes | None = None) -> str:
        finished = subprocess.run(
            ["git", *arguments], cwd=self.root, input=data, capture_output=True, check=True
        )
        return finished.stdout.decode()

    def run(self, *arguments: str, stdin: str = "", cwd: Path | None = None, **env: str) -> Ended:
        """Run djfix as a user does, in a pipe."""
        finished = subprocess.run(
            [sys.executable, "-m", "djfix", *arguments],
            cwd=cwd or self.root,
            input=stdin.encode(),
            capture_output=True,
            check=False,
            env={**os.environ, **env},
            timeout=120,
        )
        return Ended(finished.returncode, finished.stdout.decode(), finished.stderr.decode())

    def json(self, *arguments: str) -> dict[str, Any]:
        """What `-o json` prints."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "-o", "json").out)
        return found

    def fingerprint(self) -> str:
        """Of the first finding."""
        found: str = self.json("check")["findings"][0]["fingerprint"]
        return found
