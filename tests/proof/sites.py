"""Real Django projects in repositories of their own, as `startproject` and as people make them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.com")


@dataclass(frozen=True)
class Site:
    """A Django project in a repository; every question goes to a process of its own."""

    root: Path

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.root / path).read_text() + text)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *IDENTITY, *arguments], cwd=self.root, check=True, capture_output=True
        )
        return done.stdout.decode()

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "work")

    def djfix(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "djfix", *arguments]
        return subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)

    def split(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.djfix("apply", "-r", "split-settings", "--unsafe", "--no-cache", *arguments)

    def python(self, *arguments: str, settings: str | None = None) -> str:
        """What a process prints that must end well; `settings`: what its environment names."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        if settings is not None:
            environment["DJANGO_SETTINGS_MODULE"] = settings
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def settings(self, entry: str) -> dict[str, str]:
        """All effective settings of an entry: manage.py, or a module that sets the variable, or
        what the environment may name."""
        if entry == "manage.py":
            text = self.python("manage.py", "diffsettings", "--all")
        elif entry.startswith("config.settings"):
            text = self.python("manage.py", "diffsettings", "--all", settings=entry)
        else:
            text = self.python("-c", _SHOW.format(entry))
        lines = (line.removesuffix("  ###") for line in text.splitlines())
        pairs = (line.removeprefix("### ").partition(" = ") for line in lines)
        return {name: value for name, _, value in pairs}

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """Every file but git's own."""
        paths = [path for path in self.root.rglob("*") if path.is_file()]
        return {
            path.relative_to(self.root).as_posix(): (path.stat().st_mode, path.read_bytes())
            for path in paths
            if ".git" not in path.parts and "__pycache__" not in path.parts
        }


_SHOW = """\
import {}
from django.core.management import call_command
call_command("diffsettings", all=True)
"""


TESTS = """\
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import TestCase


class PasswordTests(TestCase):
    def test_any_hash_is_recognised(self):
        password = make_password("b", hasher="pbkdf2_sha256")
        user = User.objects.create(username="a", password=password)
        self.assertEqual(authenticate(username="a", password="b"), user)
"""
