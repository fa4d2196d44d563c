"""Calls each function named in the arguments from many threads at once; prints what is left, as JSON.

Every thread waits before its first statement that writes or locks until all others have come as
far, or are done. So what can go wrong between reading and writing does go wrong, in each round,
whatever the machine's speed.
"""

import importlib
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import django

THREADS = 16
ROUNDS = 4
START = 100 * 10
PATIENCE = 60


def main(names):
    django.setup()
    create_tables()
    print(json.dumps({name: race(name) for name in names}))


def create_tables():
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("bank").get_models():
            editor.create_model(model)


def race(name):
    """Balances, counts and outcomes of one function."""
    module, _, function = name.rpartition(".")
    call = getattr(importlib.import_module(module), function)
    row, amount = make_row(function)
    outcomes = [outcome for _ in range(ROUNDS) for outcome in one_round(call, row.pk, amount)]
    return {
        "start": START,
        "amount": int(amount),
        "left": int(read(row)),
        "points": getattr(type(row).objects.get(pk=row.pk), "points", None),
        "movements": count_movements(row),
        "outcomes": {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))},
        "missing": one_call(call, 10**9, amount),
    }


def make_row(function):
    from bank.models import Member, Order, User, Wallet

    scarce = any(word in function for word in ("guard", "enough", "member", "locked"))
    amount = 40 if scarce else 10
    if function.startswith("spend"):
        return Wallet.objects.create(coins=START), amount
    user = (Member if "member" in function else User).objects.create(balance=START)
    Order.objects.create(user=user, total=amount)
    return user, Decimal(amount)


def read(row):
    row.refresh_from_db()
    return row.coins if hasattr(row, "coins") else row.balance


def count_movements(row):
    from bank.models import Movement

    return Movement.objects.filter(wallet_id=row.pk).count() if hasattr(row, "coins") else 0


class Gate:
    """Opens once every thread has arrived; a thread that is done counts as arrived."""

    def __init__(self):
        self.arrived = set()
        self.changed = threading.Condition()

    def arrive(self, *, wait):
        with self.changed:
            self.arrived.add(threading.get_ident())
            self.changed.notify_all()
            if wait and not self.changed.wait_for(lambda: len(self.arrived) == THREADS, PATIENCE):
                raise TimeoutError("not all threads have come to the gate")


def one_round(call, pk, amount):
    gate = Gate()
    all_run = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(gated, call, pk, amount, gate, all_run) for _ in range(THREADS)]
        return [one.result() for one in work]


def gated(call, pk, amount, gate, all_run):
    """One call in a thread of its own, held at the gate before it first writes or locks."""
    from django.db import connection

    def hold(execute, sql, params, many, context):
        plain_read = sql.startswith("SELECT") and "FOR UPDATE" not in sql
        if not plain_read and threading.get_ident() not in gate.arrived:
            gate.arrive(wait=True)
        return execute(sql, params, many, context)

    all_run.wait(PATIENCE)
    connection.ensure_connection()
    try:
        with connection.execute_wrapper(hold):
            return one_call(call, pk, amount)
    finally:
        gate.arrive(wait=False)
        connection.close()


def one_call(call, pk, amount):
    """The value returned or the exception raised, as text."""
    try:
        value = call(pk, amount)
        return f"returned {value if isinstance(value, bool) else type(value).__name__}"
    except Exception as error:
        return f"raised {type(error).__name__}"


if __name__ == "__main__":
    main(sys.argv[1:])
