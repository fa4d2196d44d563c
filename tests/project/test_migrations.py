"""The migrations in the project's picture, as plain values, and beside Django's own loader."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from djfix.codemods.project.migrations import Migrations
from djfix.codemods.project.project import Project, ProjectConfiguration
from djfix.codemods.source.files import Files

HEAD = "from django.conf import settings\nfrom django.db import migrations, models\n\n\n"
SETTINGS = 'SECRET_KEY = "x"\nINSTALLED_APPS = ["shop", "pay.apps.PayConfig"]\nROOT_URLCONF = "u"\n'


def migration(operations: str = "", dependencies: str = "", more: str = "") -> str:
    return (
        f"{HEAD}class Migration(migrations.Migration):\n{more}"
        f"    dependencies = [{dependencies}]\n    operations = [{operations}]\n"
    )


BASE = {
    "manage.py": 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n",
    "shop/migrations/__init__.py": "",
    "pay/__init__.py": "",
    "pay/apps.py": (
        "from django.apps import AppConfig\n\n\nclass PayConfig(AppConfig):\n"
        '    name = "pay"\n    label = "payments"\n'
    ),
    "pay/migrations/__init__.py": "",
}
CREATE = 'migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True))])'


def migrations_of(files: Mapping[str, str], new: frozenset[str] | None = None) -> Migrations:
    configuration = ProjectConfiguration(new_files=new)
    return Project(Files.of({**BASE, **files}), configuration=configuration).migrations


def test_dependencies_operations_and_names():
    path = "shop/migrations/0002_more.py"
    found = migrations_of(
        {
            path: migration(
                f"{CREATE}, migrations.AddField('Order', 'n', models.IntegerField()), Own()",
                '("shop", "0001_initial"), migrations.swappable_dependency(settings.USER)',
                '    run_before = [("payments", "0001_initial")]\n    atomic = False\n',
            )
        }
    ).of(path)
    assert found is not None
    assert (found.app, found.name, found.atomic, found.unclear) == ("shop", "0002_more", False, ())
    assert found.dependencies == (("shop", "0001_initial"),)
    assert found.run_before == (("payments", "0001_initial"),)
    kinds = [(each.kind, each.model) for each in found.operations]
    assert kinds == [("CreateModel", "order"), ("AddField", "order"), ("", "")]


@pytest.mark.parametrize(
    "text",
    [
        migration("*MORE"),
        migration(dependencies='("shop", NAME)'),
        migration() + "    operations += [1]\n",
        HEAD + "class Migration(migrations.Migration):\n    operations = make()\n",
        migration() + "    for each in ():\n        pass\n",
        migration(more="    def apply(self, state, editor):\n        pass\n"),
    ],
)
def test_what_is_worked_out_is_noted(text):
    found = migrations_of({"shop/migrations/0001_a.py": text}).of("shop/migrations/0001_a.py")
    assert found is not None
    assert [each.name for each in found.unclear] == ["dynamic-migration"]


def test_function_of_a_data_migration_in_the_class_is_nothing_to_note():
    text = migration(
        "migrations.RunPython(fill)", more="    def fill(apps, editor):\n        pass\n"
    )
    found = migrations_of({"shop/migrations/0001_a.py": text}).of("shop/migrations/0001_a.py")
    assert found is not None
    assert found.unclear == ()


@pytest.mark.parametrize(
    "text",
    [
        "class Migration:\n    operations = []\n",
        "from south.v2 import SchemaMigration\n\n\nclass Migration(SchemaMigration):\n    pass\n",
        HEAD + "class Other(migrations.Migration):\n    operations = []\n",
        "def broken(:\n",
    ],
)
def test_other_files_are_no_migrations(text):
    assert (
        migrations_of({"shop/migrations/0001_a.py": text}).of("shop/migrations/0001_a.py") is None
    )


def test_label_of_an_app_config():
    path = "pay/migrations/0001_initial.py"
    found = migrations_of({path: migration()}).of(path)
    assert found is not None
    assert found.app == "payments"


def test_label_that_only_dependencies_tell():
    files = {
        "config/settings.py": SETTINGS.replace('"shop"', '"shop.apps.by_hand"'),
        "shop/migrations/0002_b.py": migration(),
        "shop/migrations/0003_c.py": migration(dependencies='("store", "0002_b")'),
    }
    found = migrations_of(files)
    third = found.of("shop/migrations/0003_c.py")
    assert third is not None
    assert third.app == "store"
    assert found.is_label_sure(third)


def test_migrations_in_another_package():
    files = {
        "config/settings.py": SETTINGS + 'MIGRATION_MODULES = {"shop": "moved.shop_migrations"}\n',
        "moved/__init__.py": "",
        "moved/shop_migrations/__init__.py": "",
        "moved/shop_migrations/0001_initial.py": migration(),
    }
    found = migrations_of(files).of("moved/shop_migrations/0001_initial.py")
    assert found is not None
    assert found.app == "shop"


def test_new_files_are_told_apart():
    path = "shop/migrations/0001_initial.py"
    told = [migrations_of({path: migration()}, new).of(path) for new in (None, frozenset(), {path})]
    assert [each and each.is_new for each in told] == [None, False, True]


def test_who_names_a_migration():
    files = {
        "shop/migrations/0001_initial.py": migration(),
        "shop/migrations/0002_more.py": migration(dependencies='("shop", "0001_initial")'),
        "pay/migrations/0001_initial.py": migration(dependencies='("shop", "0001_initial")'),
        "pay/migrations/0002_more.py": migration(dependencies='("payments", "0001_initial")'),
    }
    found = migrations_of(files).naming(("shop", "0001_initial"))
    paths = [each.path for each in found]
    assert paths == ["pay/migrations/0001_initial.py", "shop/migrations/0002_more.py"]


def test_creator_of_a_table():
    first, second = "shop/migrations/0001_initial.py", "shop/migrations/0002_more.py"
    files = {
        first: migration(CREATE),
        second: migration('migrations.RemoveField("order", "x")', '("shop", "0001_initial")'),
    }

    def creator(new: frozenset[str] | None) -> str | None:
        found = migrations_of(files, new)
        asked = found.of(second)
        assert asked is not None
        made = found.creator(asked, asked.operations[0])
        return None if made is None else made.path

    assert creator(frozenset({first, second})) == first
    assert creator(frozenset({second})) is None
    assert creator(None) is None


def test_field_before_follows_one_line_only():
    files = {
        "shop/migrations/0001_initial.py": migration(
            'migrations.CreateModel("Order", [("n", models.IntegerField(null=True))])'
        ),
        "shop/migrations/0002_a.py": migration(dependencies='("shop", "0001_initial")'),
        "shop/migrations/0002_b.py": migration(dependencies='("shop", "0001_initial")'),
        "shop/migrations/0003_c.py": migration(
            'migrations.AlterField("order", "n", models.IntegerField())', '("shop", "0002_a")'
        ),
        "shop/migrations/0004_d.py": migration(
            'migrations.AlterField("order", "n", models.IntegerField())',
            '("shop", "0002_a"), ("shop", "0002_b")',
        ),
    }
    found = migrations_of(files)
    third, fourth = found.of("shop/migrations/0003_c.py"), found.of("shop/migrations/0004_d.py")
    assert third is not None
    assert fourth is not None
    before = found.field_before(third, third.operations[0], "n")
    assert before is not None
    assert before.keyword("null") is not None
    assert found.field_before(fourth, fourth.operations[0], "n") is None


ORACLE = """\
import json, sys
sys.path.insert(0, sys.argv[1])
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *sys.argv[2:]],
    DATABASES={}, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
from django.db.migrations.loader import MigrationLoader
loader = MigrationLoader(None)
print(json.dumps({
    "nodes": sorted([*key] for key in loader.disk_migrations),
    "leaves": sorted([*key] for key in loader.graph.leaf_nodes()),
    "operations": {
        ".".join(key): [type(each).__name__ for each in node.operations]
        for key, node in loader.disk_migrations.items()
    },
}))
"""


def test_picture_is_that_of_djangos_loader(tmp_path: Path):
    """Django's own apps hold some 40 migrations of all kinds."""
    import django

    contrib = Path(django.__file__).parent / "contrib"
    apps = ("admin", "auth", "contenttypes", "flatpages", "redirects", "sessions", "sites")
    paths = [path for app in apps for path in (contrib / app).rglob("*.py")]
    files = {f"django/contrib/{path.relative_to(contrib)}": path.read_text() for path in paths}
    files = {path: text for path, text in files.items() if "__pycache__" not in path}
    files |= {"django/__init__.py": "", "django/contrib/__init__.py": ""}
    command = [sys.executable, "-c", ORACLE, str(tmp_path)]
    named = [f"django.contrib.{app}" for app in apps if app not in ("auth", "contenttypes")]
    output = subprocess.run([*command, *named], check=True, capture_output=True, text=True).stdout
    wanted = json.loads(output)
    found = migrations_of(files)
    mine = [each for path in files if (each := found.of(path)) is not None]
    assert sorted([each.app, each.name] for each in mine) == wanted["nodes"]
    operations = {".".join(each.key): [one.kind for one in each.operations] for each in mine}
    assert operations == wanted["operations"]
    leaves = {each.key for one in mine for each in found.leaves(one.path)}
    assert sorted([*key] for key in leaves) == wanted["leaves"]
