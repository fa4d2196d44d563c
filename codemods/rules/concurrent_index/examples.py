"""The rule's examples: they feed its tests, `djfix explain concurrent-index` and its docs page."""

from djfix.codemods.rule import Example

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    (
        "config/settings.py",
        """\
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
ROOT_URLCONF = "config.urls"
""",
    ),
    ("shop/__init__.py", ""),
    (
        "shop/models.py",
        """\
from django.db import models


class Order(models.Model):
    status = models.CharField(max_length=20)
    created = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status"], name="order_status_idx")]
""",
    ),
    ("shop/migrations/__init__.py", ""),
    (
        "shop/migrations/0001_initial.py",
        """\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("status", models.CharField(max_length=20)),
                ("created", models.DateTimeField()),
            ],
        ),
    ]
""",
    ),
)

BEFORE = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["status"], name="order_status_idx"),
        ),
    ]
"""

AFTER = """\
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["status"], name="order_status_idx"),
        ),
    ]
"""

NEW_TABLE = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("reason", models.CharField(max_length=20)),
            ],
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["reason"], name="refund_reason_idx"),
        ),
    ]
"""

PATH = "shop/migrations/0002_order_status_idx.py"

EXAMPLES = (
    Example(
        "An index on a table that is in use",
        BEFORE,
        AFTER,
        path=PATH,
        files=FILES,
    ),
    Example(
        "The table is made by the same migration, so it is still empty",
        NEW_TABLE,
        NEW_TABLE,
        path=PATH,
        files=FILES,
    ),
)
