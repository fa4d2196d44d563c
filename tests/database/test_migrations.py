"""On a real PostgreSQL: migrations before and after djfix, forwards and backwards, with a writer.

A transaction that has written to the table is held open. What builds an index waits for it, and
whoever writes meanwhile waits behind a plain AddIndex, and not behind a concurrent one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from djfix.codemods.rules.concurrent_index.examples import FILES

psycopg = pytest.importorskip("psycopg")

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"

SETTINGS = """\
import os

SECRET_KEY = "an-example-holds-no-secrets"
INSTALLED_APPS = ["shop", "pay"]
ROOT_URLCONF = "config.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["TEST_DATABASE"],
        "HOST": os.environ["TEST_HOST"],
        "PORT": os.environ["TEST_PORT"],
        "USER": "postgres",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""

KEY = "models.BigAutoField(primary_key=True)"
WHOLE_KEY = "models.BigAutoField(primary_key=True, serialize=False)"
"""As makemigrations writes a key."""

MODELS = """\
from django.db import models


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    status = models.CharField(max_length=20)
    created = models.DateTimeField()
{fields}
    class Meta:
        indexes = [models.Index(fields=["status"], name="order_status_idx")]
"""

ADD_INDEX = """\
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["status"], name="order_status_idx"),
        ),
"""
ADD_FIELD = """\
        migrations.AddField("order", "note", models.TextField(default="")),
"""
PAY = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_more")]
    operations = [
        migrations.CreateModel(
            "Refund", [("id", models.BigAutoField(primary_key=True, serialize=False))]
        ),
    ]
"""
REFUND = """\
from django.db import models


class Refund(models.Model):
    id = models.BigAutoField(primary_key=True)
"""


def models(fields: str) -> str:
    """The models of a branch: with an index, or with these columns."""
    text = MODELS.format(fields=fields)
    if "db_index" not in fields:
        return text
    text = text.replace("DateTimeField()", "DateTimeField(db_index=True)")
    return text[: text.index("    class Meta")]


def migration(operations: str) -> str:
    return f"""\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
{operations}    ]
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A project in a folder, on a database of its own."""

    folder: Path
    database: Mapping[str, str]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.starting(*arguments) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def starting(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.database, "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-B", "-m", "django", *arguments]
        pipe = subprocess.PIPE
        environment["PYTHONPATH"] = str(self.folder)
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, text=True
        )

    def migrate(self, *arguments: str) -> None:
        result = self.manage("migrate", "--skip-checks", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr

    def connect(self, *, autocommit: bool = True) -> Any:
        names = self.database
        return psycopg.connect(
            dbname=names["TEST_DATABASE"],
            host=names["TEST_HOST"],
            port=names["TEST_PORT"] or None,
            user="postgres",
            autocommit=autocommit,
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return list(connection.execute(query).fetchall())

    def schema(self) -> list[tuple[Any, ...]]:
        """Columns, indexes, constraints."""
        columns = self.ask(
            "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
            " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        indexes = self.ask(
            "SELECT indexdef, indisvalid FROM pg_indexes"
            " JOIN pg_class ON relname = indexname JOIN pg_index ON indexrelid = pg_class.oid"
            " WHERE schemaname = 'public' ORDER BY 1"
        )
        return [*columns, *indexes]


@pytest.fixture
def shop_of(
    tmp_path: Path, new_database: Callable[[], dict[str, str]]
) -> Callable[[str, str, bool], Shop]:
    """Makes the shop with one migration of these operations on a branch, mended by djfix or not."""

    def make(operations: str, fields: str, mended: bool, *options: str) -> Shop:
        folder = tmp_path / ("after" if mended else "before")
        folder.mkdir()
        base = dict(FILES) | {"config/settings.py": SETTINGS}
        write(folder, {path: text.replace(KEY, WHOLE_KEY) for path, text in base.items()})
        write(folder, {"shop/models.py": models(fields)})
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "base")
        git(folder, "checkout", "-qb", "work")
        more = {"pay/__init__.py": "", "pay/migrations/__init__.py": "", "pay/models.py": REFUND}
        write(folder, more | {"pay/migrations/0001_initial.py": PAY})
        write(folder, {"shop/migrations/0002_more.py": migration(operations)})
        if mended:
            command = [sys.executable, "-m", "djfix", "apply", "-r", "concurrent-index"]
            succeed([*command, "--no-stage", *options], folder)
            text = "".join(path.read_text() for path in folder.rglob("000*.py"))
            assert "Concurrently" in text or "CONCURRENTLY" in text
        return Shop(folder, new_database())

    return make


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def git(folder: Path, *arguments: str) -> None:
    succeed(["git", *arguments], folder)


def succeed(command: list[str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def fill(shop: Shop, rows: int) -> None:
    with shop.connect() as connection:
        connection.execute(
            "INSERT INTO shop_order (status, created)"
            " SELECT 'new ' || n, now() FROM generate_series(1, %s) n",
            [rows],
        )


INSERT = "INSERT INTO shop_order (status, created) VALUES ('new', now())"
ADD_COLUMNS = """\
        migrations.AddField("order", "code", models.IntegerField(default=0, db_index=True)),
        migrations.AddField(
            model_name="order",
            name="word",
            field=models.CharField(db_index=True, default="a", max_length=9),
            preserve_default=False,
        ),
        migrations.AlterField("order", "created", models.DateTimeField(db_index=True)),
        migrations.AddField("order", "text", models.TextField(null=True, db_index=True)),
"""
COLUMNS = """\
    code = models.IntegerField(default=0, db_index=True)
    word = models.CharField(max_length=9, db_index=True)
    text = models.TextField(null=True, db_index=True)
"""
NOTE = '    note = models.TextField(default="")\n'
CASES = [
    pytest.param(ADD_INDEX, "", (), id="in-place"),
    pytest.param(ADD_INDEX, "", ("--set", "concurrent-index.drop-leftover=true"), id="leftover"),
    pytest.param(ADD_FIELD + ADD_INDEX, NOTE, ("--unsafe",), id="split"),
    pytest.param(ADD_COLUMNS, COLUMNS, ("--unsafe",), id="columns"),
]


@pytest.mark.parametrize(("operations", "fields", "options"), CASES)
def test_schema_is_the_same_forwards_and_backwards(shop_of, operations, fields, options):
    schemas = []
    for mended in (False, True):
        shop = shop_of(operations, fields, mended, *(options if mended else ()))
        shop.migrate("shop", "0001")
        before = shop.schema()
        for rows in (0, 5000):
            fill(shop, rows)
            shop.migrate()
            schemas.append(shop.schema())
            shop.migrate("pay", "zero")
            shop.migrate("shop", "0001")
            assert shop.schema() == before
            assert shop.ask("SELECT count(*) FROM shop_order") == [(rows,)]
        clean = shop.manage("makemigrations", "--check", "--dry-run", "--skip-checks")
        assert clean.returncode == 0, clean.stdout + clean.stderr
    assert all(schema == schemas[0] for schema in schemas)
    assert any("_idx" in str(row) or "_like" in str(row) for row in schemas[0])


WITHOUT = """\
        migrations.AlterField("order", "code", models.IntegerField(default=0)),
        migrations.AlterField("order", "word", models.CharField(max_length=9)),
        migrations.AlterField("order", "created", models.DateTimeField()),
        migrations.AlterField("order", "text", models.TextField(null=True)),
"""


def test_indexes_of_columns_are_found_and_dropped_later(shop_of):
    shop = shop_of(ADD_COLUMNS, COLUMNS, True, "--unsafe")
    shop.migrate()
    indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'shop_order'"
    of_the_key, of_texts = 1, 2
    assert shop.ask(indexes) == [(of_the_key + 4 + of_texts,)]
    (last,) = shop.folder.glob("shop/migrations/0003_*.py")
    later = migration(WITHOUT).replace("0001_initial", last.stem)
    write(shop.folder, {"shop/migrations/0004_without.py": later})
    shop.migrate()
    assert shop.ask(indexes) == [(of_the_key,)]


def test_batches_commit_one_by_one(shop_of):
    """The form that the page of batched-migration shows, with a value in it."""
    shop = shop_of(ADD_INDEX, "", True)
    page = (PAGES / "batched-migration.md").read_text()
    shown = page.partition("## The form that works in batches")[2].partition("```python\n")[2]
    text = shown.partition("```")[0].replace("update(...)", 'update(status="done")')
    head = "from django.db import migrations\n\n\n"
    depends = '    dependencies = [("shop", "0002_more")]\n\n    operations'
    text = head + text.replace("    operations", depends)
    write(shop.folder, {"shop/migrations/0003_done.py": text})
    shop.migrate("shop", "0002")
    fill(shop, 12_000)
    shop.migrate("shop")
    found = shop.ask(
        "SELECT status, count(*), count(DISTINCT xmin::text) FROM shop_order GROUP BY 1"
    )
    assert found == [("done", 12_000, 3)]


def test_split_leaves_one_leaf(shop_of):
    shop = shop_of(ADD_FIELD + ADD_INDEX, NOTE, True, "--unsafe")
    shop.migrate()
    plan = shop.manage("showmigrations", "--plan", "--skip-checks").stdout.split()
    order = [each for each in plan if "." in each]
    assert order == [
        "shop.0001_initial",
        "shop.0002_more",
        "shop.0003_more_concurrently",
        "pay.0001_initial",
    ]


def test_writer_waits_behind_a_plain_index_and_not_behind_a_concurrent_one(shop_of):
    refused = {}
    for mended in (False, True):
        shop = shop_of(ADD_INDEX, "", mended)
        shop.migrate("shop", "0001")
        fill(shop, 100)
        with open_transaction(shop):
            process = shop.starting("migrate", "--skip-checks", "shop")
            wait_until_waiting(shop)
            refused[mended] = not write_a_row(shop, "10s" if mended else "300ms")
        process.communicate()
        assert process.returncode == 0
        assert shop.ask(
            "SELECT indisvalid FROM pg_index WHERE indrelid = 'shop_order'::regclass"
            " AND NOT indisprimary"
        ) == [(True,)]
    assert refused == {False: True, True: False}


def test_failed_attempt_is_repeated_where_leftovers_are_dropped(shop_of):
    plain = shop_of(ADD_INDEX, "", True)
    plain.migrate("shop", "0001")
    leave_invalid_index(plain)
    failed = plain.manage("migrate", "--skip-checks", "shop")
    assert failed.returncode != 0
    assert "already exists" in failed.stderr
    text = (plain.folder / "shop/migrations/0002_more.py").read_text()
    assert "RunSQL" not in text
    dropping = """\
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS order_status_idx",
            migrations.RunSQL.noop,
        ),
        AddIndexConcurrently("""
    write(
        plain.folder,
        {
            "shop/migrations/0002_more.py": text.replace(
                "        AddIndexConcurrently(", dropping, 1
            )
        },
    )
    plain.migrate()
    assert plain.ask(
        "SELECT indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid"
        " WHERE relname = 'order_status_idx'"
    ) == [(True,)]


def test_mixed_migration_without_a_transaction_cannot_be_repeated(shop_of):
    """Why a migration that does more is split, and not only made non-atomic."""
    shop = shop_of(ADD_FIELD + ADD_INDEX, NOTE, False)
    path = shop.folder / "shop/migrations/0002_more.py"
    text = path.read_text().replace("migrations.AddIndex(", "AddIndexConcurrently(")
    text = text.replace("    dependencies", "    atomic = False\n    dependencies")
    head = "from django.contrib.postgres.operations import AddIndexConcurrently\n"
    path.write_text(head + text)
    shop.migrate("shop", "0001")
    leave_invalid_index(shop)
    assert "already exists" in shop.manage("migrate", "--skip-checks", "shop").stderr
    with shop.connect() as connection:
        connection.execute("DROP INDEX order_status_idx")
    again = shop.manage("migrate", "--skip-checks", "shop")
    assert 'column "note" of relation "shop_order" already exists' in again.stderr


@contextmanager
def open_transaction(shop: Shop) -> Iterator[None]:
    """A transaction that has written a row and stays open until the block ends."""
    with shop.connect(autocommit=False) as connection:
        connection.execute(INSERT)
        yield


def wait_until_waiting(shop: Shop) -> None:
    """Until the database says that the index waits for a lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query LIKE 'CREATE INDEX%' AND datname = current_database()"
    )
    for _ in range(6000):
        if shop.ask(waiting) == [(1,)]:
            return
        with shop.connect() as connection:
            connection.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the index never waited")


def write_a_row(shop: Shop, patience: str) -> bool:
    """Whether a row can be written, waiting so long for a lock."""
    with shop.connect() as connection:
        connection.execute(f"SET lock_timeout = '{patience}'")
        try:
            connection.execute(INSERT)
        except psycopg.errors.LockNotAvailable:
            return False
    return True


def leave_invalid_index(shop: Shop) -> None:
    """What an attempt that was stopped leaves behind."""
    with open_transaction(shop), shop.connect() as connection:
        connection.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("CREATE INDEX CONCURRENTLY order_status_idx ON shop_order (status)")
    found = shop.ask(
        "SELECT indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid"
        " WHERE relname = 'order_status_idx'"
    )
    assert found == [(False,)]
