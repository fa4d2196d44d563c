"""Runs each function named on twenty rows; prints its queries, its result and all rows, as JSON."""

import importlib
import json
import sys

import django

NUMBERS = list(range(20))


def main(names):
    django.setup()
    create_tables()
    print(json.dumps({name.rpartition(".")[2]: seen(name) for name in names}))


def create_tables():
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("batches").get_models():
            editor.create_model(model)


def seen(name):
    from django.apps import apps
    from django.db import connection

    from batches.models import HEARD, Item, Order, Stamped

    tables = list(apps.get_app_config("batches").get_models())
    for model in reversed(tables):
        model.objects.all().delete()
    order = Order.objects.create(number="first")
    Item.objects.bulk_create([Item(order=order, number=number) for number in NUMBERS])
    Stamped.objects.bulk_create([Stamped(number=number) for number in NUMBERS])
    HEARD.clear()
    queries = []

    def counted(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    module, _, function = name.rpartition(".")
    call = getattr(importlib.import_module(module), function)
    with connection.execute_wrapper(counted):
        result = call(order.pk, NUMBERS)
    return {
        "queries": queries,
        "result": result,
        "heard": list(HEARD),
        "rows": {model.__name__: [shown(row) for row in rows_of(model)] for model in tables},
    }


def rows_of(model):
    return model.objects.order_by("pk")


def shown(row):
    """The values of a row, but for those that differ from run to run; times as whether there."""
    values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    own = {name: value for name, value in values.items() if name not in ("id", "order_id")}
    return {
        name: value if isinstance(value, int | str) else value is not None
        for name, value in own.items()
    }


main(sys.argv[1:])
