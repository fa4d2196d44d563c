"""The shop's own tests pass before and after djfix, and undo gives back every byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

LEFT_ALONE = ("apps/accounts/transfers.py", "apps/accounts/models.py", "apps/wallet/signals.py")


RACES = (
    "apps/accounts/services.py",
    "apps/accounts/views.py",
    "apps/inventory/models.py",
    "apps/inventory/services.py",
    "apps/inventory/tasks.py",
    "apps/inventory/views.py",
    "apps/orders/services.py",
    "apps/wallet/services.py",
)


def test_shop_passes_before(shop: Path) -> None:
    run_shop_tests(shop)


@pytest.mark.parametrize("options", [(), ("--unsafe",)], ids=["safe", "unsafe"])
def test_shop_passes_after_and_undo_restores_it(shop: Path, options: tuple[str, ...]) -> None:
    before = contents(shop)
    djfix(shop, "apply", *options)
    changed = staged_files(shop)
    assert changed
    assert not changed & set(LEFT_ALONE)
    run_shop_tests(shop)
    assert staged_files(shop) == changed

    djfix(shop, "check", *(() if options else ("--fail-on", "fixable")))
    djfix(shop, "apply", *options)
    assert staged_files(shop) == changed

    djfix(shop, "undo")
    assert contents(shop) == before
    assert staged_files(shop) == set()


def test_default_run_is_not_empty_for_the_incorrect_example(shop: Path) -> None:
    djfix(shop, "apply", "apps/accounts/services.py")
    after = (shop / "apps/accounts/services.py").read_text()
    assert 'User.objects.filter(id=user_id).update(balance=F("balance") - amount)' in after


def test_dry_run_writes_nothing(shop: Path) -> None:
    before = contents(shop)
    result = call(shop, sys.executable, "-m", "djfix", "apply", "--dry-run")
    assert result.returncode == 1
    assert result.stdout.startswith("diff --git a/apps/accounts/")
    assert contents(shop) == before
    assert staged_files(shop) == set()


def test_every_declared_race_is_seen(shop: Path) -> None:
    result = call(shop, sys.executable, "-m", "djfix", "check", "-o", "json")
    assert result.returncode == 1
    assert set(RACES) <= {finding["path"] for finding in json.loads(result.stdout)["findings"]}


@pytest.fixture
def shop(project_root: Path, tmp_path: Path) -> Path:
    """A committed copy of the shop in a git repository of its own."""
    copy = tmp_path / "shop"
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3")
    shutil.copytree(project_root / "examples" / "shop", copy, ignore=ignored)
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "shop")):
        succeed(call(copy, "git", *command))
    return copy


def run_shop_tests(shop: Path) -> None:
    result = call(shop, sys.executable, "-B", "manage.py", "test")
    succeed(result)
    assert "\nOK\n" in result.stderr


def djfix(shop: Path, *arguments: str) -> str:
    return succeed(call(shop, sys.executable, "-m", "djfix", *arguments))


def staged_files(shop: Path) -> set[str]:
    return set(succeed(call(shop, "git", "diff", "--cached", "--name-only")).split())


def contents(shop: Path) -> Mapping[str, bytes]:
    """What stands in the working tree, by path."""
    paths = [path for path in shop.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(shop).as_posix(): path.read_bytes() for path in paths}


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def succeed(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


COUNTING = """\
import os

import django
from django.test.runner import DiscoverRunner
from django.test.utils import CaptureQueriesContext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
DiscoverRunner(verbosity=0).setup_databases()

from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.books.models import Author, Book, Publisher

for number in range(5):
    publisher = Publisher.objects.create(name=f"Publisher {number}")
    author = Author.objects.create(name=f"Author {number}", publisher=publisher)
    book = Book.objects.create(title=f"Book {number}", author=author)
    for chapter in range(3):
        house = Publisher.objects.create(name=f"House {number}.{chapter}")
        editor = Author.objects.create(name=f"Editor {number}.{chapter}", publisher=house)
        book.chapters.create(number=chapter, title="Chapter", editor=editor)
with CaptureQueriesContext(connection) as queries:
    answer = Client(SERVER_NAME="localhost").get(reverse("books"))
assert answer.status_code == 200, answer.content
print(len(queries))
"""


def test_books_with_chapters_cost_what_the_readme_says(shop: Path, project_root: Path) -> None:
    (shop / "count.py").write_text(COUNTING)
    succeed(call(shop, "git", "add", "--all"))
    succeed(call(shop, "git", "commit", "--quiet", "-m", "count"))
    counts = [counted(shop)]
    for options in ((), ("--set", "n-plus-one.prefetch-form=string")):
        djfix(shop, "apply", "--rule", "n-plus-one", *options)
        counts.append(counted(shop))
        djfix(shop, "undo")
    readme = (project_root / "README.md").read_text()
    before, fewest, strings = counts
    assert f"from {before} queries to {fewest}" in readme
    assert f"and to {strings} with" in readme


def counted(shop: Path) -> int:
    return int(succeed(call(shop, sys.executable, "-B", "count.py")))
