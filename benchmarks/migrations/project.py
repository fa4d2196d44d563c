"""The project that is migrated: one table, and a migration that adds or drops an index of it."""

from __future__ import annotations

SETTINGS = """\
import os

SECRET_KEY = "a-benchmark-holds-no-secrets"
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["BENCH_DATABASE"],
        "HOST": os.environ["BENCH_HOST"],
        "USER": "postgres",
    }
}
"""

INITIAL = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("status", models.CharField(max_length=40)),
                ("created", models.DateTimeField()),
            ],
        ),
    ]
"""

MIGRATION = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "{before}"),
    ]

    operations = [
        {operation},
    ]
"""

ADD = 'migrations.AddIndex("order", models.Index(fields=["status"], name="order_status_idx"))'
REMOVE = 'migrations.RemoveIndex("order", "order_status_idx")'

BASE = {
    "config/__init__.py": "",
    "config/settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": INITIAL,
}
WORK = {
    "shop/migrations/0002_add.py": MIGRATION.format(before="0001_initial", operation=ADD),
    "shop/migrations/0003_remove.py": MIGRATION.format(before="0002_add", operation=REMOVE),
}
"""Two migrations of a branch: what the base branch does not have."""

STEPS = (("AddIndex", "0002"), ("RemoveIndex", "0003"))
FILL = (
    "INSERT INTO shop_order (status, created)"
    " SELECT md5(n::text), now() FROM generate_series(1, {rows}) n"
)
WRITE = "INSERT INTO shop_order (status, created) VALUES ('new', now())"
