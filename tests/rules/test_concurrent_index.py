"""`concurrent-index`: what is swapped, what is split, and what is left to a person, and why."""

from __future__ import annotations

import inspect

import pytest
from rule_bench import Bench

from djfix.codemods.rules.concurrent_index import ConcurrentIndex, ConcurrentIndexOptions
from djfix.codemods.rules.concurrent_index.examples import AFTER, BEFORE, EXAMPLES, FILES, PATH

SPLIT = "shop/migrations/0003_order_status_idx_concurrently.py"
FIELD = 'migrations.AddField("order", "note", models.TextField(default=""))'


def bench(files: dict[str, str] | None = None, **options: bool) -> Bench:
    """A shop on PostgreSQL in which the migration at PATH is new since the base branch."""
    rule = ConcurrentIndex(ConcurrentIndexOptions(**options))
    made = Bench(rule, PATH, {**dict(FILES), **(files or {})})
    made.new_files = frozenset({PATH, *(path for path in files or {} if "/migrations/" in path)})
    return made


def settings(databases: str, head: str = "") -> dict[str, str]:
    text = f'{head}\nINSTALLED_APPS = ["shop"]\nROOT_URLCONF = "config.urls"\n{databases}\n'
    return {"config/settings.py": text}


def operations(*lines: str, atomic: str = "", dependency: str = "0001_initial") -> str:
    body = "".join(f"        {line},\n" for line in lines)
    return f"""\
from django.db import migrations, models


class Migration(migrations.Migration):
{atomic}    dependencies = [
        ("shop", "{dependency}"),
    ]

    operations = [
{body}    ]
"""


ADD = 'migrations.AddIndex("order", models.Index(fields=["status"], name="order_status_idx"))'
ADD_AFTER = (
    'AddIndexConcurrently("order", models.Index(fields=["status"], name="order_status_idx"))'
)
IMPORT = "from django.contrib.postgres.operations import AddIndexConcurrently\n"


def contents(made: Bench, text: str) -> dict[str, str]:
    """The changed files by path, with what needs review applied."""
    return {each.path: each.after.decode() for each in made.run(text, unsafe=True).changes}


# In place.


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.title for each in EXAMPLES])
def test_example_does_what_it_shows(example):
    made = Bench(ConcurrentIndex(), example.path, dict(example.files))
    made.new_files = frozenset({example.path})
    made.fixes(example.before, example.after)


def test_data_names_the_model_and_the_index():
    (found,) = bench().run(BEFORE).findings
    assert dict(found.finding.data) == {"model": "shop.Order", "index": "order_status_idx"}


def test_remove_index_becomes_concurrent():
    before = operations('migrations.RemoveIndex("order", "order_status_idx")')
    after = (
        before.replace("migrations.RemoveIndex", "RemoveIndexConcurrently")
        .replace("    dependencies", "    atomic = False\n\n    dependencies")
        .replace(
            "from django.db",
            "from django.contrib.postgres.operations import RemoveIndexConcurrently\n"
            "from django.db",
            1,
        )
    )
    bench().fixes(before, after)


def test_several_index_operations_share_one_migration():
    second = ADD.replace("status", "created")
    before = operations(ADD, second)
    result = bench().run(before)
    assert [item.outcome.value for item in result.findings] == ["fixed", "fixed"]
    text = result.changes[0].after.decode()
    assert text.count("AddIndexConcurrently(") == 2
    assert text.count("atomic = False") == 1
    assert text.count("import AddIndexConcurrently") == 1


def test_one_of_two_can_be_applied_alone():
    made = bench()
    before = operations(ADD, ADD.replace("status", "created"))
    first, _ = made.run(before).findings
    assert [edit.path for edit in first.edits] == [PATH] * len(first.edits)
    joined = " ".join(edit.replacement for edit in first.edits)
    assert joined.count("AddIndexConcurrently") == 2  # the name and its import
    assert "atomic = False" in joined


@pytest.mark.parametrize(
    ("head", "spelled"),
    [
        ("from django.db.migrations import AddIndex", "AddIndex"),
        ("from django.db.migrations import AddIndex as Add", "Add"),
        ("from django.db.migrations.operations import AddIndex", "AddIndex"),
        ("from django.db.migrations.operations.models import AddIndex", "AddIndex"),
        ("import django.db.migrations as m", "m.AddIndex"),
    ],
)
def test_operation_counts_under_any_name(head, spelled):
    text = operations(ADD.replace("migrations.AddIndex", spelled))
    before = text.replace("from django.db import", f"{head}\nfrom django.db import", 1)
    (found,) = bench().run(before).findings
    assert found.outcome.value == "fixed"
    assert "        AddIndexConcurrently(" in bench().after(before).decode()


def test_class_of_the_same_name_that_is_not_djangos_is_ignored():
    head = "from shop.operations import AddIndex\n"
    text = head + operations(ADD.replace("migrations.AddIndex", "AddIndex"))
    bench({"shop/operations.py": "class AddIndex:\n    pass\n"}).ignores(text)


def test_atomic_that_is_there_is_kept():
    before = operations(ADD, atomic="    atomic = False\n\n")
    bench().fixes(before, IMPORT + before.replace(ADD, ADD_AFTER))


def test_atomic_true_is_turned_off():
    before = operations(ADD, atomic="    atomic = True\n\n")
    after = IMPORT + before.replace(ADD, ADD_AFTER).replace("= True", "= False")
    bench().fixes(before, after)


def test_docstring_stays_first():
    before = operations(ADD, atomic='    """Why."""\n\n')
    after = IMPORT + operations(ADD_AFTER, atomic='    """Why."""\n\n    atomic = False\n\n')
    bench().fixes(before, after)


def test_comment_of_the_first_statement_stays_with_it():
    before = operations(ADD, atomic="\n    # after the import of 2019\n")
    comment = "\n    atomic = False\n\n    # after the import of 2019\n"
    bench().fixes(before, IMPORT + operations(ADD_AFTER, atomic=comment))


def test_options_of_a_model_may_stand_beside_the_index():
    options = 'migrations.AlterModelOptions("order", options={"ordering": ["pk"]})'
    before = operations(options, ADD)
    after = operations(options, ADD_AFTER, atomic="    atomic = False\n\n")
    bench().fixes(before, IMPORT + after)


def test_other_engines_that_are_postgresql_count():
    databases = (
        'DATABASES = {"default": {"ENGINE": "django.contrib.gis.db.backends.postgis"},'
        ' "reader": {"ENGINE": "django.db.backends.postgresql_psycopg2"}}'
    )
    bench(settings(databases)).fixes(BEFORE, AFTER)


def test_leftover_of_a_failed_attempt_is_dropped_first():
    dropping = """\
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS order_status_idx",
            migrations.RunSQL.noop,
        ),
        AddIndexConcurrently("""
    after = AFTER.replace("        AddIndexConcurrently(", dropping)
    bench(drop_leftover=True).fixes(BEFORE, after)


def test_leftover_with_capitals_is_quoted():
    before = BEFORE.replace("order_status_idx", "OrderStatus")
    text = bench(drop_leftover=True).after(before).decode()
    assert '"DROP INDEX CONCURRENTLY IF EXISTS \\"OrderStatus\\""' in text


def test_second_index_after_a_dropped_leftover_is_no_mixed_migration():
    sql = 'migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS a", migrations.RunSQL.noop)'
    before = operations(sql, ADD, atomic="    atomic = False\n\n")
    bench().fixes(before, IMPORT + before.replace(ADD, ADD_AFTER))


# In place, for review.


def test_migration_of_the_base_branch_is_for_review():
    made = bench()
    made.new_files = frozenset()
    made.reviews(BEFORE, AFTER, "applied")


def test_without_history_every_migration_may_be_applied():
    made = bench()
    made.new_files = None
    made.reviews(BEFORE, AFTER, "unknown-history")


def test_settings_of_a_developer_that_are_not_in_the_repository():
    text = dict(FILES)["config/settings.py"]
    tail = "\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    bench({"config/settings.py": text + tail}).reviews(BEFORE, AFTER, "settings-unread")


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout"])
def test_timeout_of_the_settings(name):
    options = f'"OPTIONS": {{"options": "-c {name}=5000"}}'
    engine = '"ENGINE": "django.db.backends.postgresql"'
    files = settings(f'DATABASES = {{"default": {{{engine}, {options}}}}}')
    bench(files).reviews(BEFORE, AFTER, "timeout")


def test_another_engine_in_a_test():
    text = 'DATABASE = {"ENGINE": "django.db.backends.sqlite3"}\n'
    bench({"tests/conftest.py": text}).reviews(BEFORE, AFTER, "another-engine")


@pytest.mark.parametrize(
    "text",
    [
        "from django.db.migrations.executor import MigrationExecutor\n",
        'from django.core.management import call_command\n\ncall_command("migrate", "shop")\n',
    ],
)
def test_code_that_migrates(text):
    bench({"tests/test_migrations.py": text}).reviews(BEFORE, AFTER, "migrated-by-code")


def test_migrate_command_of_the_project_may_hold_a_transaction():
    command = {"shop/management/commands/migrate.py": "class Command:\n    pass\n"}
    bench(command).reviews(BEFORE, AFTER, "migrated-by-code")


@pytest.mark.parametrize(
    "source", ["from shop.indexes import Short", "from elsewhere import Short"]
)
def test_index_of_a_class_that_is_not_djangos(source):
    own = "class Short(models.Index):\n    def create_sql(self, model, editor):\n        ...\n"
    files = {"shop/indexes.py": "from django.db import models\n\n\n" + own}
    before = BEFORE.replace("models.Index(", "Short(")
    before = before.replace("\n\n\nclass", f"\n\n{source}\n\n\nclass", 1)
    made = bench(files)
    assert made.after(before).decode() == before
    assert set(made.reasons(before)) == {"custom-index"}


def test_operations_that_are_added_behind_the_class():
    made = bench()
    text = BEFORE + "\n\nMigration.operations.append(migrations.RunPython(forwards))\n"
    made.declines(text, "dynamic-migration")


def test_migration_without_a_transaction_that_does_more():
    before = operations(FIELD, ADD, atomic="    atomic = False\n\n")
    after = IMPORT + before.replace(ADD, ADD_AFTER)
    bench().reviews(before, after, "without-transaction")


# Splits.


def test_mixed_migration_is_split_in_two():
    before = operations(FIELD, ADD)
    made = bench()
    assert made.after(before).decode() == before
    assert made.reasons(before) == ["split"]
    assert contents(made, before) == {
        PATH: operations(FIELD),
        SPLIT: IMPORT
        + operations(
            ADD_AFTER, atomic="    atomic = False\n\n", dependency="0002_order_status_idx"
        ),
    }


def test_split_leaves_one_leaf_and_rewrites_dependents_of_every_app():
    other = operations(dependency="0002_order_status_idx")
    files = {
        "shop/migrations/0004_later.py": other,
        "pay/__init__.py": "",
        "pay/migrations/__init__.py": "",
        "pay/migrations/0001_initial.py": other,
        "pay/migrations/0002_more.py": other.replace("shop", "pay").replace("0002_o", "0001_o"),
    }
    changed = contents(bench(files), operations(FIELD, ADD))
    after = operations(dependency="0003_order_status_idx_concurrently")
    assert changed["shop/migrations/0004_later.py"] == after
    assert changed["pay/migrations/0001_initial.py"] == after
    assert "pay/migrations/0002_more.py" not in changed
    assert len(changed) == 4


def test_what_runs_before_the_migration_still_does():
    text = operations().replace(
        "    operations", '    run_before = [("shop", "0002_order_status_idx")]\n\n    operations'
    )
    changed = contents(bench({"pay/migrations/0001_initial.py": text}), operations(FIELD, ADD))
    assert set(changed) == {PATH, SPLIT}


def test_number_that_is_taken_is_not_taken_twice():
    other = operations(dependency="0002_order_status_idx")
    files = {"shop/migrations/0003_later.py": other}
    changed = contents(bench(files), operations(FIELD, ADD))
    assert "shop/migrations/0002_order_status_idx_concurrently.py" in changed
    assert '"0002_order_status_idx_concurrently"' in changed["shop/migrations/0003_later.py"]


def test_comments_and_imports_move_with_the_operation():
    gin = 'GinIndex(fields=["status"], name="order_status_idx")'
    head = "from django.contrib.postgres.indexes import GinIndex\n"
    before = head + operations(FIELD, f'# fast\n        migrations.AddIndex("order", {gin})')
    changed = contents(bench(), before)
    assert changed[PATH] == operations(FIELD)
    assert changed[SPLIT] == (
        head
        + IMPORT
        + operations(
            f'# fast\n        AddIndexConcurrently("order", {gin})',
            atomic="    atomic = False\n\n",
            dependency="0002_order_status_idx",
        ).replace("import migrations, models", "import migrations")
    )


def test_all_index_operations_move_together():
    second = ADD.replace("status", "created")
    changed = contents(bench(), operations(ADD, FIELD, second))
    assert changed[PATH] == operations(FIELD)
    assert changed[SPLIT].count("AddIndexConcurrently(") == 2


def test_index_of_a_new_table_stays_with_it():
    create = 'migrations.CreateModel("Refund", [("id", models.AutoField(primary_key=True))])'
    index = ADD.replace('"order"', '"refund"').replace("order_status", "refund")
    changed = contents(bench(), operations(create, index, ADD))
    assert changed[PATH] == operations(create, index)
    assert ADD_AFTER in changed[SPLIT]


def test_file_of_the_newest_migration_follows():
    name = "shop/migrations/max_migration.txt"
    changed = contents(bench({name: "0002_order_status_idx\n"}), operations(FIELD, ADD))
    assert changed[name] == "0003_order_status_idx_concurrently\n"


def test_split_with_leftover_dropped():
    changed = contents(bench(drop_leftover=True), operations(FIELD, ADD))
    assert "DROP INDEX CONCURRENTLY IF EXISTS order_status_idx" in changed[SPLIT]


def test_two_splits_in_a_row_stay_one_line():
    second = "shop/migrations/0003_second.py"
    field, index = FIELD.replace("note", "memo"), ADD.replace("status", "created")
    text = operations(field, index, dependency="0002_order_status_idx")
    made = bench({second: text})
    assert contents(made, operations(FIELD, ADD)) == {
        PATH: operations(FIELD),
        "shop/migrations/0002_order_status_idx_concurrently.py": IMPORT
        + operations(
            ADD_AFTER, atomic="    atomic = False\n\n", dependency="0002_order_status_idx"
        ),
        second: operations(field, dependency="0002_order_status_idx_concurrently"),
        "shop/migrations/0004_second_concurrently.py": IMPORT
        + operations(
            ADD_AFTER.replace("status", "created"),
            atomic="    atomic = False\n\n",
            dependency="0003_second",
        ),
    }


def test_split_keeps_windows_line_ends():
    before = operations(FIELD, ADD).replace("\n", "\r\n")
    (_, made) = [each.after for each in bench().run(before, unsafe=True).changes]
    assert made.count(b"\n") == made.count(b"\r\n")


# Reported: not rewritten.


@pytest.mark.parametrize("reason", ["mixed-applied", "mixed-unknown-history"])
def test_applied_migration_is_never_split(reason):
    made = bench()
    made.new_files = frozenset() if reason == "mixed-applied" else None
    made.reports(operations(FIELD, ADD), reason)


@pytest.mark.parametrize(
    "databases",
    [
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}',
        'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}',
        (
            'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"},'
            ' "old": {"ENGINE": "django.db.backends.oracle"}}'
        ),
        (
            'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
            'if "test" in sys.argv:\n'
            '    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"'
        ),
    ],
)
def test_database_of_another_kind(databases):
    bench(settings(databases, "import sys")).reports(BEFORE, "not-postgresql")


def test_settings_of_tests_count():
    text = """\
from config.settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""
    bench({"config/settings_test.py": text}).reports(BEFORE, "not-postgresql")


def test_settings_of_tests_count_under_another_root():
    files = {f"src/{path}": text for path, text in FILES}
    files["tests/settings.py"] = (
        'SECRET_KEY = "x"\nROOT_URLCONF = "u"\nINSTALLED_APPS = ["shop"]\n'
        'DATABASES = {"default": {"ENGINE": f"{ENGINE}"}}\n'
    )
    made = Bench(ConcurrentIndex(), f"src/{PATH}", files)
    made.new_files = frozenset({f"src/{PATH}"})
    made.reports(BEFORE, "unknown-engine")
    del made.files["tests/settings.py"]
    made.fixes(BEFORE, AFTER)


@pytest.mark.parametrize(
    "databases",
    [
        'DATABASES = {"default": dj_database_url.config()}',
        'DATABASES = {"default": env.db()}',
        'DATABASES = {"default": {"ENGINE": os.environ["ENGINE"]}}',
        'DATABASES = {"default": {"ENGINE": os.environ.get("E", "django.db.backends.postgresql")}}',
        "",
    ],
)
def test_engine_from_the_environment(databases):
    head = "import os\nimport dj_database_url\nimport environ\nenv = environ.Env()"
    bench(settings(databases, head)).reports(BEFORE, "unknown-engine")


@pytest.mark.parametrize(
    "neighbour",
    [
        "migrations.RunPython(fill, migrations.RunPython.noop)",
        'migrations.RunSQL("UPDATE x SET y = 1 WHERE z", migrations.RunSQL.noop)',
        'migrations.SeparateDatabaseAndState([migrations.RunSQL("SELECT 1", "SELECT 1")], [])',
    ],
)
def test_code_beside_the_index(neighbour):
    result = bench().run(operations(neighbour, ADD), unsafe=True)
    (found,) = [item for item in result.findings if "AddIndex" in item.finding.message]
    assert [reason.name for reason in found.finding.reasons] == ["runs-code"]
    assert not result.changes


def test_operation_of_somebody_else_beside_the_index():
    bench().reports(operations("Custom()", ADD), "unknown-operation")


def test_squash_is_left_to_its_author():
    replaces = '    replaces = [("shop", "0001_a"), ("shop", "0001_b")]\n\n'
    bench().reports(operations(ADD, atomic=replaces), "squashed")


def test_migration_that_a_squash_replaces():
    text = operations(atomic='    replaces = [("shop", "0002_order_status_idx")]\n\n')
    bench({"shop/migrations/0001_squashed.py": text}).reports(BEFORE, "squashed")


@pytest.mark.parametrize(
    "word",
    ["PARTITION BY RANGE (created)", "PARTITION OF shop_order", "AS SELECT create_hypertable(1)"],
)
def test_partitioned_tables(word):
    text = operations(f'migrations.RunSQL("CREATE TABLE x {word}", "DROP TABLE x")')
    bench({"shop/migrations/0001_parts.py": text}).reports(BEFORE, "partitioned")


def test_window_function_is_no_partition():
    text = operations('migrations.RunSQL("SELECT rank() OVER (PARTITION BY a)", "SELECT 1")')
    bench({"shop/migrations/0001_rank.py": text}).fixes(BEFORE, AFTER)


@pytest.mark.parametrize(
    "later",
    [
        'migrations.RemoveField("order", "status")',
        'migrations.RenameField("order", "status", "state")',
        'migrations.RenameModel("Order", "Purchase")',
        'migrations.DeleteModel("Order")',
        'migrations.AlterField("order", "status", models.TextField())',
    ],
)
def test_order_that_matters(later):
    result = bench().run(operations(ADD, later), unsafe=True)
    (found,) = [item for item in result.findings if "AddIndex" in item.finding.message]
    assert [reason.name for reason in found.finding.reasons] == ["order"]
    assert not result.changes


def test_later_operation_on_another_model_does_not_mind():
    other = 'migrations.RemoveField("refund", "status")'
    assert set(contents(bench(), operations(ADD, other))) == {PATH, SPLIT}


def test_migration_that_says_what_it_runs_before():
    before = operations(FIELD, ADD, atomic='    run_before = [("pay", "0001_initial")]\n\n')
    bench().reports(before, "run-before")


def test_dependent_that_is_not_new():
    made = bench({"pay/migrations/0001_initial.py": operations(dependency="0002_order_status_idx")})
    made.new_files = frozenset({PATH})
    made.reports(operations(FIELD, ADD), "unclear-dependents")


def test_dependents_that_cannot_be_read():
    text = operations().replace("    dependencies = [", "    dependencies = LATER + [")
    files = {
        "pay/migrations/0001_initial.py": f'LATER = [("shop", "0002_order_status_idx")]\n{text}'
    }
    bench(files).reports(operations(FIELD, ADD), "unclear-dependents")


def test_label_that_nothing_shows():
    bench().reports(operations(FIELD, ADD, dependency="0001_gone"), "unknown-label")


def test_names_that_the_migration_makes_itself():
    before = operations(FIELD, ADD.replace('["status"]', "COLUMNS"))
    before = before.replace("\n\n\nclass", '\n\nCOLUMNS = ["status"]\n\n\nclass', 1)
    bench().reports(before, "local-name")


def test_operations_that_share_a_line():
    before = operations(f"{FIELD}, {ADD}")
    bench().reports(before, "unusual-layout")


def test_atomic_that_cannot_be_read():
    bench().reports(operations(ADD, atomic="    atomic = ATOMIC\n"), "unknown-atomic")


# Left alone.


def test_table_of_the_same_branch_is_empty():
    create = operations('migrations.CreateModel("Refund", [])')
    text = operations(ADD.replace('"order"', '"refund"'), dependency="0001_refund")
    bench({"shop/migrations/0001_refund.py": create}).declines(text, "new-table")


def test_table_of_the_same_branch_under_its_new_name():
    create = operations(
        'migrations.CreateModel("Return", [])', 'migrations.RenameModel("Return", "Refund")'
    )
    text = operations(ADD.replace('"order"', '"refund"'), dependency="0001_refund")
    bench({"shop/migrations/0001_refund.py": create}).declines(text, "new-table")


def test_table_that_only_the_state_gets_is_not_new():
    create = operations(
        "migrations.SeparateDatabaseAndState("
        'state_operations=[migrations.CreateModel("Refund", [])])'
    )
    text = operations(ADD.replace('"order"', '"refund"'), dependency="0001_refund")
    result = bench({"shop/migrations/0001_refund.py": create}).run(text)
    assert [item.outcome.value for item in result.findings] == ["fixed"]


def test_table_of_the_base_branch_is_not_new():
    made = bench(
        {"shop/migrations/0001_refund.py": operations('migrations.CreateModel("Refund", [])')}
    )
    made.new_files = frozenset({PATH})
    result = made.run(operations(ADD.replace('"order"', '"refund"'), dependency="0001_refund"))
    assert [item.outcome.value for item in result.findings] == ["fixed"]


@pytest.mark.parametrize("value", ["OPERATIONS", "[*OPERATIONS, {0}]", "[{0}] + OPERATIONS"])
def test_operations_that_are_worked_out(value):
    text = operations(ADD)
    start, end = text.index("[\n        migrations"), text.rindex("]") + 1
    result = bench().run(text[:start] + value.format(ADD) + text[end:], unsafe=True)
    assert not result.findings
    assert not result.changes


def test_migration_of_another_base_class_is_ignored():
    text = BEFORE.replace("(migrations.Migration)", "(CheckedMigration)")
    bench({"shop/checked.py": ""}).ignores(f"from shop.checked import CheckedMigration\n{text}")


@pytest.mark.parametrize(
    "operation",
    [
        'migrations.AddField("order", "note", models.TextField(default=""))',
        'migrations.AddField("order", "key", models.UUIDField(default=uuid.uuid4))',
        'migrations.AlterField("order", "status", models.CharField(max_length=40))',
        'migrations.AlterField("order", "status", models.TextField())',
        'migrations.AlterField("order", "status", models.CharField(max_length=20, default="x"))',
        'migrations.AlterField("order", "created", models.DateTimeField(null=True))',
        'migrations.RemoveField("order", "status")',
        'migrations.RemoveConstraint("order", "x")',
        'migrations.AlterUniqueTogether(name="order", unique_together=set())',
        "migrations.RunPython(forwards, backwards)",
        'migrations.RunSQL("SELECT 1", "SELECT 1")',
        'migrations.RenameIndex("order", new_name="a", old_name="b")',
    ],
)
def test_operation_that_costs_no_scan_is_ignored(operation):
    bench().ignores(operations(operation))


# Reports of what else stops a table.


@pytest.mark.parametrize(
    ("operation", "reasons"),
    [
        (
            'migrations.AddConstraint("order", models.UniqueConstraint(fields=["a"], name="u"))',
            ["unique-constraint"],
        ),
        (
            'migrations.AddConstraint("order", models.CheckConstraint(check=None, name="c"))',
            ["check-constraint"],
        ),
        (
            'migrations.AlterUniqueTogether(name="order", unique_together={("a", "b")})',
            ["unique-together"],
        ),
        (
            'migrations.AlterUniqueTogether(name="order", unique_together=set([("a", "b")]))',
            ["unique-together"],
        ),
        (
            'migrations.AddField("order", "k", models.UUIDField(default=uuid.uuid4, unique=True))',
            ["unique-default"],
        ),
        (
            'migrations.AddField("order", "key", models.UUIDField(null=True, unique=True))',
            ["unique-column"],
        ),
        (
            'migrations.AlterField("order", "status", models.CharField(max_length=10))',
            ["rewrites-table"],
        ),
        (
            'migrations.AlterField("order", "created", models.DateField())',
            ["rewrites-table"],
        ),
        (
            'migrations.AlterField("order", "id", models.AutoField(primary_key=True))',
            ["rewrites-table"],
        ),
        (
            'migrations.AlterField("order", "created", models.DateTimeField(unique=True))',
            ["unique-column"],
        ),
        ("migrations.RunPython(forwards)", ["no-reverse"]),
        ('migrations.RunSQL("SELECT 1")', ["no-reverse"]),
        ("migrations.RunPython(forwards, reverse_code=None)", ["no-reverse"]),
    ],
)
def test_operation_that_stops_the_table_is_reported(operation, reasons):
    bench().reports(operations(operation), *reasons)


def test_column_that_becomes_not_null():
    null = operations('migrations.AddField("order", "note", models.TextField(null=True))')
    text = operations(
        'migrations.AlterField("order", "note", models.TextField())', dependency="0001_note"
    )
    made = bench({"shop/migrations/0001_note.py": null})
    made.reports(text, "not-null")


def test_column_is_found_under_its_old_name():
    null = operations(
        'migrations.AddField("order", "memo", models.TextField(null=True))',
        'migrations.RenameField("order", "memo", "note")',
    )
    text = operations(
        'migrations.AlterField("order", "note", models.TextField())', dependency="0001_note"
    )
    bench({"shop/migrations/0001_note.py": null}).reports(text, "not-null")


def test_positive_number_is_checked_row_by_row():
    field = operations('migrations.AddField("order", "n", models.IntegerField(default=0))')
    text = operations(
        'migrations.AlterField("order", "n", models.PositiveIntegerField(default=0))',
        dependency="0001_n",
    )
    bench({"shop/migrations/0001_n.py": field}).reports(text, "scans-table")


def test_data_and_schema_in_one_transaction():
    text = operations(FIELD, "migrations.RunPython(forwards, migrations.RunPython.noop)")
    bench().reports(text, "data-with-schema")


@pytest.mark.parametrize(
    "others",
    [
        (FIELD, "migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)"),
        (
            'migrations.CreateModel("Refund", [])',
            'migrations.AddField("refund", "note", models.TextField(default=""))',
            "migrations.RunPython(forwards, migrations.RunPython.noop)",
        ),
    ],
)
def test_data_and_schema_that_are_not_in_each_others_way(others):
    bench().ignores(operations(*others))


def test_data_and_schema_without_a_transaction_are_fine():
    code = "migrations.RunPython(forwards, migrations.RunPython.noop)"
    bench().ignores(operations(FIELD, code, atomic="    atomic = False\n"))


def test_cost_that_is_paid_is_not_reported():
    made = bench()
    made.new_files = frozenset()
    made.declines(operations("migrations.RunPython(forwards)"), "known-applied")


def test_squash_costs_nothing():
    replaces = '    replaces = [("shop", "0001_a")]\n\n'
    text = operations("migrations.RunPython(forwards)", atomic=replaces)
    bench().declines(text, "replaces-others")


def test_cost_on_a_new_table_is_nothing():
    create = 'migrations.CreateModel("Refund", [])'
    unique = 'migrations.AlterUniqueTogether(name="refund", unique_together={("a", "b")})'
    bench().ignores(operations(create, unique))


def test_costs_are_postgresqls():
    files = settings('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}')
    text = operations('migrations.AlterField("order", "status", models.CharField(max_length=10))')
    bench(files).ignores(text)


def test_table_of_the_models_own_name_is_not_asked():
    """What a RunSQL is about is not taken from its text."""
    (found,) = bench().run(operations('migrations.RunSQL("order")')).findings
    assert dict(found.finding.data) == {"model": None, "index": None}


# `db_index=True`.

CODE = 'migrations.AddField("order", "code", models.IntegerField(default=0, db_index=True))'


def beside(altered: str, *statements: str) -> str:
    """One SeparateDatabaseAndState as the rule writes it."""
    made = "".join(
        f"                migrations.RunSQL(\n                    '{create}',\n"
        f"                    '{drop}',\n                ),\n"
        for create, drop in zip(statements[::2], statements[1::2], strict=True)
    )
    return (
        "migrations.SeparateDatabaseAndState(\n            database_operations=[\n"
        f"{made}            ],\n            state_operations=[\n"
        f"                {altered},\n            ],\n        )"
    )


INTEGER = (
    'CREATE INDEX CONCURRENTLY "shop_order_code_15db80c4" ON "shop_order" ("code")',
    'DROP INDEX CONCURRENTLY IF EXISTS "shop_order_code_15db80c4"',
)
STATUS = (
    'CREATE INDEX CONCURRENTLY "shop_order_status_16691b37" ON "shop_order" ("status")',
    'DROP INDEX CONCURRENTLY IF EXISTS "shop_order_status_16691b37"',
    (
        'CREATE INDEX CONCURRENTLY "shop_order_status_16691b37_like" ON "shop_order"'
        ' ("status" varchar_pattern_ops)'
    ),
    'DROP INDEX CONCURRENTLY IF EXISTS "shop_order_status_16691b37_like"',
)
ALTER = 'migrations.AlterField("order", "status", models.CharField(max_length=20, db_index=True))'


def test_new_column_comes_without_its_index_which_follows():
    made = bench()
    assert made.after(operations(CODE)).decode() == operations(CODE)
    assert made.reasons(operations(CODE)) == ["field-index", "index-in-sql"]
    assert contents(made, operations(CODE)) == {
        PATH: operations(CODE.replace(", db_index=True", "")),
        SPLIT: operations(
            beside(CODE.replace("AddField", "AlterField"), *INTEGER),
            atomic="    atomic = False\n\n",
            dependency="0002_order_status_idx",
        ),
    }


def test_index_of_a_column_that_is_there_is_built_in_place():
    after = operations(beside(ALTER, *STATUS), atomic="    atomic = False\n\n")
    bench().reviews(operations(ALTER), after, "field-index", "index-in-sql")


def test_finding_names_djangos_index():
    (found,) = bench().run(operations(CODE)).findings
    wanted = {"model": "shop.Order", "index": "shop_order_code_15db80c4"}
    assert dict(found.finding.data) == wanted


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("db_index=True", ""),
        ("db_index=True, null=True", "null=True"),
        ("null=True, db_index=True", "null=True"),
        ("null=True, db_index=True, default=1", "null=True, default=1"),
        ("null=True, db_index=True,", "null=True,"),
        (
            "\n            null=True,\n            db_index=True,\n        ",
            "\n            null=True,\n        ",
        ),
    ],
)
def test_argument_is_taken_out_with_its_comma(arguments, left):
    field = 'migrations.AddField("order", "code", models.IntegerField({}))'
    changed = contents(bench(), operations(field.format(arguments)))
    assert changed[PATH] == operations(field.format(left))


@pytest.mark.parametrize(
    "operation",
    [
        CODE.replace("default=0", 'default=0, db_column="x"'),
        CODE.replace("default=0, ", "default=0,  # why\n            "),
        CODE.replace('"code"', f'"{"c" * 50}"'),
        CODE.replace("default=0", "**OPTIONS"),
        ALTER.replace("max_length=20", "max_length=40"),
        ALTER.replace("max_length=20", 'max_length=20, db_collation="C"'),
        'migrations.AddField("order", "slug", models.SlugField(default=""))',
    ],
)
def test_index_whose_sql_is_not_certain_is_not_written(operation):
    result = bench().run(operations(operation), unsafe=True)
    assert not result.changes
    assert all(item.outcome.value == "reported" for item in result.findings)


@pytest.mark.parametrize("new", [frozenset(), None])
def test_column_of_an_applied_migration_is_not_written(new):
    made = bench()
    made.new_files = new
    assert not made.run(operations(CODE), unsafe=True).changes


def test_table_of_another_name_is_not_guessed():
    first = dict(FILES)["shop/migrations/0001_initial.py"]
    named = first.replace(
        "            ],\n", '            ],\n            options={"db_table": "x"},\n'
    )
    assert "db_table" in named
    made = bench({"shop/migrations/0001_initial.py": named})
    made.new_files = frozenset({PATH})
    made.reports(operations(CODE), "field-index")


def test_foreign_key_is_left_alone():
    field = 'models.ForeignKey("shop.Order", models.CASCADE, null=True)'
    bench().ignores(operations(f'migrations.AddField("order", "parent", {field})'))


def test_code_beside_a_column_stays_before_its_index():
    code = "migrations.RunPython(forwards, migrations.RunPython.noop)"
    changed = contents(bench(), operations(CODE, code))
    assert code in changed[PATH]
    assert "RunPython" not in changed[SPLIT]


def test_renamed_column_is_not_followed():
    later = 'migrations.RenameField("order", "code", "number")'
    assert not bench().run(operations(CODE, later), unsafe=True).changes


@pytest.mark.parametrize(("table", "column"), [("shop_order", "code"), ("a_b", "c" * 40)])
def test_names_are_those_of_djangos_schema_editor(table, column):
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor, names_digest

    from djfix.codemods.rules.concurrent_index.recipe import index_name

    digest = names_digest(table, column, length=8)
    assert index_name(table, column) == f"{table}_{column}_{digest}"
    assert "names_digest(table_name, *column_names, length=8)" in inspect.getsource(
        BaseDatabaseSchemaEditor._create_index_name
    )


# The way back.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("migrations.RunPython(f)", "migrations.RunPython(f, migrations.RunPython.noop)"),
        ("migrations.RunPython(f, None)", "migrations.RunPython(f, migrations.RunPython.noop)"),
        (
            "migrations.RunPython(code=f, elidable=True)",
            "migrations.RunPython(code=f, elidable=True, reverse_code=migrations.RunPython.noop)",
        ),
        (
            "migrations.RunPython(f, reverse_code=None)",
            "migrations.RunPython(f, reverse_code=migrations.RunPython.noop)",
        ),
        (
            "migrations.RunSQL(\n            'SELECT 1',  # one\n        )",
            "migrations.RunSQL(\n            'SELECT 1',\n            {},  # one\n        )".format(
                "migrations.RunSQL.noop"
            ),
        ),
    ],
)
def test_way_back_that_undoes_nothing_is_offered_where_it_is_asked_for(before, after):
    made = bench(noop_reverse=True)
    made.reviews(operations(before), operations(after), "no-reverse")
    bench().reports(operations(before), "no-reverse")


@pytest.mark.parametrize("arguments", ["*CODE", "**CODE", "f, *CODE"])
def test_way_back_may_stand_among_unpacked_arguments(arguments):
    bench().ignores(operations(f"migrations.RunPython({arguments})"))
