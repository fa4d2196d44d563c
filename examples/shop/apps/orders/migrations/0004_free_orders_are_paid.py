from django.db import migrations


def forwards(apps, schema_editor):
    Order = apps.get_model('orders', 'Order')
    for order in Order.objects.all():
        order.paid = order.paid or order.total == 0
        order.save()


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_order_paid_idx'),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
