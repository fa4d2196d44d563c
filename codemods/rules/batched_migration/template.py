"""The form that works in batches, filled in for a model."""

from __future__ import annotations

from collections.abc import Iterator

TEMPLATE = """\
def forwards(apps, schema_editor):
    {model} = apps.get_model("{app}", "{model}")
    rows = {model}.objects.using(schema_editor.connection.alias).order_by("pk")
    last = None
    while True:
        behind = rows if last is None else rows.filter(pk__gt=last)
        keys = list(behind.values_list("pk", flat=True)[:5000])
        if not keys:
            break
        rows.order_by().filter(pk__in=keys).update(...)
        last = keys[-1]


class Migration(migrations.Migration):
    atomic = False  # each batch commits by itself

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
"""


def template(label: str) -> Iterator[str]:
    """The lines of a migration that updates a model ("shop.Order") batch by batch."""
    app, _, model = label.rpartition(".")
    text = TEMPLATE.format(app=app or "app", model=model or "Model")
    yield "in batches, in a migration of its own:"
    yield from text.splitlines()
