"""Lets `add_note` in between the read and the write of each function named; prints the rows, as JSON.

The function under test waits in a thread of its own before its first statement that is no read,
until the other writer has read, written and committed.
"""

import datetime
import importlib
import json
import sys
import threading

import django

PATIENCE = 60
LONG_AGO = datetime.datetime(2001, 2, 3, tzinfo=datetime.UTC)


def main(names):
    django.setup()
    create_tables()
    print(json.dumps({name.rpartition(".")[2]: row_after(name) for name in names}))


def create_tables():
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("parcels").get_models():
            editor.create_model(model)


def row_after(name):
    from parcels.models import Crate, Parcel
    from parcels.services import add_note

    module, _, function = name.rpartition(".")
    call = getattr(importlib.import_module(module), function)
    row = Crate.objects.create()
    Parcel.objects.filter(pk=row.pk).update(changed=LONG_AGO)
    has_read, may_write = threading.Event(), threading.Event()
    thread = threading.Thread(target=held, args=(call, row.pk, has_read, may_write))
    thread.start()
    assert has_read.wait(PATIENCE)
    add_note(row.pk)
    may_write.set()
    thread.join(PATIENCE)
    found = Crate.objects.get(pk=row.pk)
    return {
        "status": found.status,
        "note": found.note,
        "labels": found.labels,
        "weight": found.weight,
        "touched": found.changed > LONG_AGO,
    }


def held(call, pk, has_read, may_write):
    from django.db import connection

    def hold(execute, sql, params, many, context):
        if not sql.startswith("SELECT"):
            has_read.set()
            assert may_write.wait(PATIENCE)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(hold):
            call(pk)
    finally:
        has_read.set()
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
