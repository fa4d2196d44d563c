"""The rule's examples: they feed its tests, `djfix explain batched-migration` and its docs page."""

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

WHOLE = """\
from django.db import migrations


def forwards(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    Order.objects.update(status="new")


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
"""

PATH = "shop/migrations/0002_status.py"

EXAMPLES = (
    Example(
        "Every row in one statement: reported, and left to a person",
        WHOLE,
        WHOLE,
        path=PATH,
        files=FILES,
    ),
)
