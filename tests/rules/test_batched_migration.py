"""`batched-migration`: what touches a whole table at once, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import Bench

from djfix.codemods.rules.batched_migration import BatchedMigration
from djfix.codemods.rules.batched_migration.examples import EXAMPLES, FILES, PATH

GET = 'Order = apps.get_model("shop", "Order")'
NEXT = "shop/migrations/0003_next.py"


def bench(files: dict[str, str] | None = None, path: str = PATH) -> Bench:
    """A shop whose migration at the path is new since the base branch."""
    made = Bench(BatchedMigration(), path, {**dict(FILES), **(files or {})})
    made.new_files = frozenset({path, *(each for each in files or {} if "/migrations/" in each)})
    return made


def migration(body: str, *operations: str, head: str = "", atomic: str = "") -> str:
    """A migration whose `forwards` has this body."""
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    code = "migrations.RunPython(forwards, migrations.RunPython.noop)"
    inner = "".join(f"        {each},\n" for each in (*operations, code))
    return (
        f"from django.db import migrations, models\n{head}\n\n"
        f"def forwards(apps, schema_editor):\n{lines}\n\n"
        f"class Migration(migrations.Migration):\n{atomic}"
        f'    dependencies = [("shop", "0001_initial")]\n    operations = [\n{inner}    ]\n'
    )


def sql(text: str) -> str:
    return migration("pass").replace(
        "migrations.RunPython(forwards, ", f"migrations.RunSQL({text}, "
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.title for each in EXAMPLES])
def test_example_is_reported(example):
    made = bench()
    made.reports(example.before, "whole-update")
    (found,) = made.run(example.before).findings
    assert dict(found.finding.data) == {"model": "shop.Order"}
    assert [each.text for each in found.finding.evidence] == ["updates every row of shop.Order"]


# The whole table.


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"{GET}\nOrder.objects.update(status=1)", "whole-update"),
        (f"{GET}\nOrder.objects.all().update(status=1)", "whole-update"),
        (f"{GET}\nOrder._default_manager.all().update(status=1)", "whole-update"),
        (f"{GET}\nOrder.objects.using('x').order_by().update(status=1)", "whole-update"),
        ('apps.get_model("shop.Order").objects.update(status=1)', "whole-update"),
        (
            'apps.get_model(app_label="shop", model_name="Order").objects.update(status=1)',
            "whole-update",
        ),
        (f"{GET}\nrows = Order.objects.all()\nrows.update(status=1)", "whole-update"),
        (f"{GET}\nwith atomic():\n    Order.objects.update(status=1)", "whole-update"),
        (f"{GET}\ntry:\n    pass\nfinally:\n    Order.objects.update(status=1)", "whole-update"),
        (f"{GET}\ncount = Order.objects.update(status=1)", "whole-update"),
        (f"{GET}\nOrder.objects.all().delete()", "whole-delete"),
        (f"{GET}\nfor order in Order.objects.all():\n    order.save()", "row-by-row"),
        (f"{GET}\nfor order in Order.objects.iterator():\n    order.save()", "row-by-row"),
        (
            (
                f"{GET}\nfor order in Order.objects.select_related('x'):\n    if order:\n"
                "        order.save(update_fields=['a'])"
            ),
            "row-by-row",
        ),
        (f"{GET}\norders = Order.objects.all()\nfor one in orders:\n    one.save()", "row-by-row"),
        (
            (
                f"{GET}\nfor order in Order.objects.all():\n"
                "    Order.objects.filter(pk=order.pk).update(x=1)\n    order.delete()"
            ),
            "row-by-row",
        ),
    ],
)
def test_whole_table_is_reported(body, reason):
    bench().reports(migration(body), reason)


def test_two_ways_are_one_finding():
    body = f"{GET}\nOrder.objects.update(a=1)\nfor order in Order.objects.all():\n    order.save()"
    bench().reports(migration(body), "whole-update", "row-by-row")


def test_model_by_import_counts():
    text = migration("Order.objects.update(status=1)", head="from shop.models import Order\n")
    bench().reports(text, "whole-update")


def test_function_of_another_module_is_read():
    text = migration("pass", head="from shop.steps import fill\n")
    text = text.replace("RunPython(forwards", "RunPython(fill")
    body = f"def fill(apps, schema_editor):\n    {GET}\n    Order.objects.update(a=1)\n"
    made = bench({"shop/steps.py": body})
    made.reports(text, "whole-update")
    (found,) = made.run(text).findings
    assert [(each.path, each.line) for each in found.finding.evidence] == [("shop/steps.py", 3)]


def test_function_in_the_class_is_read():
    inner = f"    def fill(apps, editor):\n        {GET}\n        Order.objects.update(a=1)\n\n"
    text = migration("pass", atomic=inner).replace("RunPython(forwards", "RunPython(fill")
    bench().reports(text, "whole-update")


def test_new_column_is_empty_in_every_row():
    body = f"{GET}\nOrder.objects.filter(note__isnull=True).update(note='')"
    add = 'migrations.AddField("order", "note", models.TextField(null=True))'
    bench().reports(migration(body, add), "whole-update")


def test_new_column_of_the_migration_before():
    body = f"{GET}\nOrder.objects.filter(note=None).update(note='')"
    add = migration("pass", 'migrations.AddField("order", "note", models.TextField(null=True))')
    made = bench({PATH: add}, NEXT)
    made.reports(migration(body).replace("0001_initial", "0002_status"), "whole-update")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\"UPDATE shop_order SET status = 'new'\"", "whole-update"),
        ("'update \"shop_order\" set status = 1;'", "whole-update"),
        ('"UPDATE ONLY public.shop_order SET a = 1"', "whole-update"),
        ('"UPDATE shop_order SET a = 1 WHERE a IS NULL"', "whole-update"),
        ('"DELETE FROM shop_order"', "whole-delete"),
        ('["SELECT 1", "UPDATE shop_order SET a = 1"]', "whole-update"),
        ('[("UPDATE shop_order SET a = %s", [1])]', "whole-update"),
        ('"-- all\\nUPDATE shop_order SET a = 1 -- WHERE"', "whole-update"),
        ('"/* WHERE */ UPDATE shop_order SET a = 1"', "whole-update"),
        ("\"UPDATE shop_order SET a = 'WHERE'\"", "whole-update"),
    ],
)
def test_sql_on_a_whole_table_is_reported(text, reason):
    bench().reports(sql(text), reason)


def test_sql_names_the_model_by_its_table():
    (found,) = bench().run(sql('"DELETE FROM shop_order"')).findings
    assert dict(found.finding.data) == {"model": "shop.Order"}


def test_code_inside_of_a_divided_operation_counts():
    text = sql('"DELETE FROM shop_order"').replace(
        'migrations.RunSQL("DELETE FROM shop_order", migrations.RunPython.noop)',
        'migrations.SeparateDatabaseAndState([migrations.RunSQL("DELETE FROM shop_order")], [])',
    )
    assert "Separate" in text
    bench().reports(text, "whole-delete")


# Left alone.


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"{GET}\nOrder.objects.filter(status='x').update(status=1)", "filtered"),
        (f"{GET}\nOrder.objects.exclude(status='x').update(status=1)", "filtered"),
        (f"{GET}\nOrder.objects.filter(status__isnull=True).update(status=1)", "filtered"),
        (f"{GET}\nOrder.objects.filter(Q(a=1)).update(status=1)", "filtered"),
        (f"{GET}\nfor order in Order.objects.all()[:10]:\n    order.save()", "filtered"),
        (f"{GET}\nfor order in Order.objects.raw('SELECT 1'):\n    order.save()", "filtered"),
        (f"{GET}\nOrder.objects.filter(pk__in=[1]).delete()", "filtered"),
        (f"{GET}\nwhile True:\n    Order.objects.update(status=1)\n    break", "batched"),
        (
            f"{GET}\nfor start in range(0, 10, 5):\n    Order.objects.all().update(a=start)",
            "batched",
        ),
        (
            (
                f"{GET}\nfor chunk in parts:\n    for order in Order.objects.all():\n"
                "        order.save()"
            ),
            "batched",
        ),
    ],
)
def test_part_of_a_table_is_left_alone(body, reason):
    bench().declines(migration(body), reason)


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        f"{GET}\nOrder.objects.create(status=1)",
        f"{GET}\nOrder.objects.get(pk=1).save()",
        f"{GET}\norder = Order.objects.first()\norder.save()",
        f"{GET}\nfor order in Order.objects.all():\n    print(order)",
        f"{GET}\nfor order in Order.objects.all():\n    other.save()",
        "{}.update(a=1)",
        "values = {}\nvalues.update(a=1)",
        "Order = make()\nOrder.objects.update(a=1)",
        'Order = other.get_model("shop", "Order")\nOrder.objects.update(a=1)',
        f"{GET}\nrows = Order.objects.all()\nrows = []\nrows.update(a=1)",
        f"{GET}\nOrder.objects.bulk_create([])",
    ],
)
def test_nothing_here_touches_a_table(body):
    bench().ignores(migration(body))


def test_rows_that_commit_one_by_one():
    body = f"{GET}\nfor order in Order.objects.iterator():\n    order.save()"
    bench().declines(migration(body, atomic="    atomic = False\n"), "not-atomic")


def test_one_statement_is_one_transaction_all_the_same():
    body = f"{GET}\nOrder.objects.update(status=1)"
    bench().reports(migration(body, atomic="    atomic = False\n"), "whole-update")


def test_table_of_the_same_migration():
    create = 'migrations.CreateModel("Refund", [("id", models.AutoField(primary_key=True))])'
    body = 'Refund = apps.get_model("shop", "Refund")\nRefund.objects.update(a=1)'
    bench().declines(migration(body, create), "new-table")


def test_table_of_the_same_branch():
    create = migration("pass", 'migrations.CreateModel("Refund", [])')
    body = 'Refund = apps.get_model("shop", "Refund")\nRefund.objects.update(a=1)'
    made = bench({PATH: create}, NEXT)
    made.declines(migration(body).replace("0001_initial", "0002_status"), "new-table")


def test_table_of_the_same_branch_in_sql():
    create = migration("pass", 'migrations.CreateModel("Refund", [])')
    made = bench({PATH: create}, NEXT)
    made.declines(sql('"UPDATE shop_refund SET a = 1"'), "new-table")


def test_migration_of_the_base_branch():
    made = bench()
    made.new_files = frozenset()
    made.declines(migration(f"{GET}\nOrder.objects.update(a=1)"), "known-applied")
    made.declines(sql('"DELETE FROM shop_order"'), "known-applied")


def test_squash_is_ignored():
    text = migration(f"{GET}\nOrder.objects.update(a=1)", atomic='    replaces = [("shop", "a")]\n')
    bench().ignores(text)


def test_without_history_it_is_reported():
    made = bench()
    made.new_files = None
    made.reports(migration(f"{GET}\nOrder.objects.update(a=1)"), "whole-update")


def test_function_that_is_not_in_the_project():
    text = migration("pass", head="from elsewhere import fill\n")
    bench().declines(text.replace("RunPython(forwards", "RunPython(fill"), "unread-code")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"UPDATE shop_order SET a = 1 WHERE id BETWEEN 1 AND 5"', "filtered"),
        ('"DELETE FROM shop_order WHERE a = 1"', "filtered"),
    ],
)
def test_sql_with_a_condition(text, reason):
    bench().declines(sql(text), reason)


@pytest.mark.parametrize(
    "text",
    [
        '"CREATE INDEX x ON shop_order (a)"',
        '"CREATE FUNCTION f() RETURNS int AS $$ BEGIN UPDATE shop_order SET a = 1; END $$"',
        "\"COMMENT ON TABLE shop_order IS 'UPDATE shop_order SET a = 1'\"",
        "STATEMENTS",
    ],
)
def test_other_sql_is_ignored(text):
    bench().ignores(sql(text))


def test_explanation_shows_the_batches_for_the_model():
    from djfix.codemods.project.project import Project, ProjectConfiguration
    from djfix.codemods.source.files import Files

    text = migration(f"{GET}\nOrder.objects.update(a=1)")
    files = Files.of({**dict(FILES), PATH: text})
    project = Project(files, configuration=ProjectConfiguration(new_files=frozenset({PATH})))
    line = text[: text.index("migrations.RunPython(")].count("\n") + 1
    document = files.document(PATH)
    seen = list(BatchedMigration().explain(document, project, range(line, line + 1)))
    assert '    Order = apps.get_model("shop", "Order")' in seen
    assert list(BatchedMigration().explain(document, project, range(1, 2))) == []


def test_page_shows_the_very_form_that_is_explained():
    from djfix.codemods.rules.batched_migration.template import TEMPLATE

    page = Path(__file__).resolve().parents[2] / "docs" / "rules" / "batched-migration.md"
    assert TEMPLATE.format(app="shop", model="Order") in page.read_text()
