"""A narrower save keeps what other code wrote to the row since the load: such saves are left alone.

Both rules that write less than `save()` did are asked about the same functions.
"""

from __future__ import annotations

import pytest
from test_f_expressions import FILES, HEAD

from djfix.codemods.rules.f_expressions import FExpressions
from djfix.codemods.rules.update_fields import UpdateFields

RULES = {
    "f-expressions": (FExpressions(), "account.count += 1"),
    "update-fields": (UpdateFields(), 'account.note = "taken"'),
}
OTHERS = {
    "shop/others.py": """\
import requests
from celery import shared_task
from django import forms
from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import Signal, receiver

from shop.models import Account, Order, Watched


taken = Signal()
HOOKS = [print]
HOOK = HOOKS[0]
SESSION = requests.Session()


def call_hooks():
    for hook in HOOKS:
        hook()


def writing(function):
    def inner():
        Account.objects.update(note="written")
        function()

    return inner


@writing
def decorated():
    pass


class Locked:
    def __enter__(self):
        Account.objects.update(note="written")

    def __exit__(self, *args):
        pass

    def __iter__(self):
        return iter([])


class Form(forms.Form):
    def clean(self):
        Account.objects.update(note="written")


class Plain(forms.Form):
    name = forms.CharField()


@shared_task
def count_later(key):
    print(key)


def overwrite(key):
    Account.objects.filter(pk=key).update(note="written")


def deeper(key):
    return overwrite(key)


def by_sql():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_account SET note = 'written'")


def by_sql_read():
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM shop_account")


def save_what(thing):
    thing.save()


def look(key):
    print(Account.objects.filter(pk=key).count(), {}.update(a=1))


def count_orders(key):
    Order.objects.filter(account=key).update(lines=1)


class Service:
    def __init__(self, key):
        self.key = key

    def run(self):
        Account.objects.filter(pk=self.key).update(note="written")

    def look(self):
        return self.key


@receiver(post_save, sender=Watched)
def on_watched(sender, instance, **kwargs):
    Account.objects.update(note="written")
""",
}
BODY = """\
import requests
from importlib import import_module

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from shop.models import Watched
from shop.others import (
    HOOK, HOOKS, SESSION, Form, Locked, Plain, Service, by_sql, by_sql_read, call_hooks,
    count_later, count_orders, decorated, deeper, look, overwrite, save_what, taken
)


class Till:
    def reset(self, key):
        Account.objects.filter(pk=key).update(note="written")

    def show(self, key):
        return key

    def take(self, key, user, callback, data):
        account = Account.objects.get(pk=key)
        {change}
        {between}
        account.save()
"""

WRITTEN = {
    "by_a_function": "overwrite(key)",
    "by_a_function_that_is_called_there": "deeper(key)",
    "by_a_method_of_the_class": "self.reset(key)",
    "by_a_method_of_an_object_made_here": "Service(key).run()",
    "by_a_method_of_a_local": "service = Service(key)\n        service.run()",
    "by_sql": "connection.cursor().execute('UPDATE shop_account SET note = NULL')",
    "by_sql_in_a_function": "by_sql()",
    "by_the_manager_of_an_unknown_object": "user.account_set.update(note='written')",
    "by_a_save_of_an_unknown_object": "user.save()",
    "by_a_function_that_saves_what_it_is_given": "save_what(user)",
    "by_a_receiver_of_another_model": "Watched.objects.create(count=1)",
    "by_a_callback_that_is_told_the_row": "callback(key)",
    "by_a_callback_that_is_told_its_key": "callback(account.pk)",
    "by_an_unknown_object_that_is_told_the_row": "user.reset(key)",
    "in_a_condition": "if overwrite(key):\n            return",
    "by_a_function_that_is_handed_on": "list(map(overwrite, data))",
    "by_a_receiver_of_a_signal_that_is_told_the_row": "taken.send(None, key=key)",
    "by_a_task_that_runs_here": "count_later.apply(args=[key])",
    "by_a_function_that_finds_no_transaction_to_wait_for": "transaction.on_commit(overwrite)",
    "by_a_context_manager": "with Locked():\n            pass",
    "by_a_list_of_the_project": "for _ in Locked():\n            pass",
    "by_a_decorator_of_a_function": "decorated()",
    "by_getattr_of_the_manager": "getattr(Account, 'objects').update(note='written')",
    "by_getattr_of_any_manager": "getattr(Account, data).update(note='written')",
    "by_rows_that_are_not_known": "data.update(note='written')",
    "by_rows_that_are_not_known_in_bulk": "data.bulk_update(user, ['note'])",
}
UNKNOWN = {
    "a_callback_that_is_told_nothing": "callback()",
    "each_of_some_callbacks": "for each in data:\n            each()",
    "a_callback_under_a_key": "data[0]()",
    "a_callback_of_the_module": "HOOK()",
    "callbacks_in_a_list_of_the_module": "HOOKS[0]()",
    "a_function_that_calls_back": "call_hooks()",
    "a_method_of_an_unknown_object": "user.reset()",
    "a_method_of_what_the_class_was_given": "self.backend.run()",
    "what_the_class_was_given": "self.callback()",
    "a_signal": "taken.send(None)",
    "a_command": "call_command('overwrite')",
    "a_module_by_name": "import_module('shop.others').by_sql()",
    "an_attribute_by_name": "getattr(data, 'run')()",
    "a_lambda": "run = lambda: None\n        run()",
    "an_inner_function": "def run():\n            pass\n        run()",
    "a_form_with_code_of_its_own": "Form(data).is_valid()",
}
SEEN = {
    "a_function_that_reads": "look(key)",
    "a_method_that_reads": "self.show(key)",
    "an_object_that_reads": "Service(key).look()",
    "a_query_that_reads": "by_sql_read()",
    "other_rows": "count_orders(key)",
    "a_cache": "cache.delete(key)",
    "a_cache_that_is_told_the_row": "cache.set('last', key)",
    "a_dictionary": "data.update(a=key)",
    "a_list": "data.append(key)",
    "a_trace": "print(key)",
    "a_request_to_somewhere": "requests.post('/', data).json()",
    "an_object_of_a_library": "session = requests.Session()\n        session.mount(data)",
    "a_form_without_code_of_its_own": "Plain(data).is_valid()",
    "text_of_something": "data.strip().split()",
    "rows_that_are_only_read": "user.orders.filter(lines=1).exists()",
    "meta_of_the_model": "Account._meta.get_field('note')",
    "a_module_variable_of_a_library": "SESSION.mount(data)",
    "a_task_that_runs_elsewhere": "count_later.delay(key)",
    "a_function_that_waits_for_the_commit": (
        "transaction.on_commit(overwrite)",
        "@transaction.atomic\n    def take",
    ),
}


def text_of(rule, between):
    return HEAD + BODY.format(change=RULES[rule][1], between=between)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", WRITTEN.values(), ids=WRITTEN)
def test_row_may_be_written_before_the_save(bench_of, rule, between):
    bench = bench_of(RULES[rule][0], "shop/services.py", FILES | OTHERS)
    text = text_of(rule, between)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"updated-besides"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", UNKNOWN.values(), ids=UNKNOWN)
def test_code_that_is_not_known_runs_before_the_save(bench_of, rule, between):
    bench = bench_of(RULES[rule][0], "shop/services.py", FILES | OTHERS)
    text = text_of(rule, between)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"unknown-code"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", SEEN.values(), ids=SEEN)
def test_row_is_not_written_before_the_save(bench_of, rule, between):
    bench = bench_of(RULES[rule][0], "shop/services.py", FILES | OTHERS)
    between, head = between if isinstance(between, tuple) else (between, "def take")
    text = text_of(rule, between).replace("def take", head)
    assert bench.after(text).decode() != text
    assert not bench.reasons(text)


PATCHES = {
    "a_property_over_the_column": "Account.{field} = property(lambda self: 1)\n",
    "setattr_of_a_property": "setattr(Account, '{field}', property(lambda self: 1))\n",
    "setattr_of_save": "def save(self, **options): ...\n\n\nsetattr(Account, 'save', save)\n",
    "in_ready": "class Config:\n    def ready(self):\n        Account.save = ready\n",
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_member_is_put_over_another_by_a_module(bench_of, rule, patch):
    field = "count" if rule == "f-expressions" else "note"
    patches = "from shop.models import Account\n\n\n" + patch.replace("{field}", field)
    files = FILES | OTHERS | {"shop/patches.py": patches}
    text = text_of(rule, "look(key)")
    bench = bench_of(RULES[rule][0], "shop/services.py", files)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"unknown-attribute"}


DESCRIPTOR = """\
from django.apps import apps
from django.db.models.signals import class_prepared

from shop.models import Account, Line
from shop.lists import MODELS


class Watching:
    def __get__(self, instance, cls): ...
    def __set__(self, instance, value): ...


"""
HELD = {
    "loop": "for model in (Line, Account):\n    setattr(model, '{field}', Watching())\n",
    "loop_that_assigns": "for model in (Line, Account):\n    model.{field} = Watching()\n",
    "pairs": "for each, name in [(Account, '{field}')]:\n    setattr(each, name, Watching())\n",
    "dict": (
        "NAMES = {Account: '{field}'}\nfor each, name in NAMES.items():\n"
        "    setattr(each, name, Watching())\n"
    ),
    "list_of_another_file": "for model in MODELS:\n    model.{field} = Watching()\n",
    "alias": "model = Account\nmodel.{field} = Watching()\n",
    "alias_of_an_import_in_a_function": (
        "def ready():\n    from shop.models import Account as Taken\n"
        "    for model in [Taken]:\n        model.{field} = Watching()\n"
    ),
    "parameter": (
        "def watch(model, *names):\n    for name in names:\n"
        "        setattr(model, name, Watching())\n\n\nwatch(Account, '{field}')\n"
    ),
    "parameter_of_a_mapped_function": (
        "def watch(model):\n    model.{field} = Watching()\n\n\nlist(map(watch, [Account]))\n"
    ),
    "lambda": "watch = lambda model: setattr(model, '{field}', Watching())\nwatch(Account)\n",
    "attribute": (
        "class Watcher:\n    def __init__(self, kind):\n        self.kind = kind\n\n"
        "    def start(self):\n        setattr(self.kind, '{field}', Watching())\n\n\n"
        "Watcher(Account).start()\n"
    ),
    "app_registry": (
        "def ready():\n    model = apps.get_model('shop', 'Account')\n"
        "    setattr(model, '{field}', Watching())\n"
    ),
    "app_registry_at_once": "apps.get_model('shop.Account').{field} = Watching()\n",
    "all_models": "for each in apps.get_models():\n    setattr(each, '{field}', Watching())\n",
    "prepared_class": (
        "def prepared(sender, **kwargs):\n    setattr(sender, '{field}', Watching())\n\n\n"
        "class_prepared.connect(prepared)\n"
    ),
    "class_of_a_row": "def seen(row):\n    type(row).{field} = Watching()\n",
    "name_in_a_module": (
        "from shop import models\n\nfor name in ['Account']:\n"
        "    setattr(getattr(models, name), '{field}', Watching())\n"
    ),
    "contributing": (
        "class Tracker:\n    def contribute_to_class(self, cls, name):\n"
        "        setattr(cls, '{field}', self)\n"
    ),
    "add_to_class": "for each in (Account,):\n    each.add_to_class('{field}', Watching())\n",
    "save": "def save(self, **options): ...\n\n\nfor each in MODELS:\n    each.save = save\n",
    "partial": "import functools\n\nfunctools.partial(setattr, Account)('{field}', Watching())\n",
}
NOT_HELD = {
    "object": (
        "def put(key, value):\n    row = Account.objects.get(pk=key)\n"
        "    setattr(row, '{field}', value)\n"
    ),
    "new_object": "def put(value):\n    row = Account()\n    row.{field} = value()\n",
    "rows": (
        "def put(value):\n    for row in Account.objects.all():\n        row.{field} = value()\n"
    ),
    "parameter_that_is_an_object": (
        "def put(row, name, value):\n    setattr(row, name, value)\n\n\n"
        "put(Account.objects.first(), '{field}', 1)\n"
    ),
    "another_model": "for model in (Line,):\n    setattr(model, '{field}', Watching())\n",
    "another_name": "for model in (Account,):\n    setattr(model, 'label', Watching())\n",
    "another_model_of_the_registry": (
        "setattr(apps.get_model('shop', 'Line'), '{field}', Watching())\n"
    ),
    "class_of_its_own": (
        "class Other:\n    @classmethod\n    def start(cls):\n        cls.{field} = Watching()\n"
    ),
    "field_under_its_own_name": (
        "class Tracker:\n    def contribute_to_class(self, cls, name):\n"
        "        setattr(cls, name, self)\n"
    ),
    "constant": "for model in (Account,):\n    model.{field} = 5\n",
}


def descriptor_bench(bench_of, rule, patch):
    field = "count" if rule == "f-expressions" else "note"
    lists = "from shop.models import Account\n\nMODELS = [Account]\n"
    patches = DESCRIPTOR + patch.replace("{field}", field)
    files = FILES | OTHERS | {"shop/lists.py": lists, "shop/patches.py": patches}
    return bench_of(RULES[rule][0], "shop/services.py", files)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("patch", HELD.values(), ids=HELD)
def test_descriptor_is_put_over_a_column_of_a_model_that_is_held_by(bench_of, rule, patch):
    bench, text = descriptor_bench(bench_of, rule, patch), text_of(rule, "look(key)")
    assert bench.after(text).decode() == text
    assert "unknown-attribute" in bench.reasons(text)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("patch", NOT_HELD.values(), ids=NOT_HELD)
def test_nothing_is_put_over_a_column_of_the_model(bench_of, rule, patch):
    bench, text = descriptor_bench(bench_of, rule, patch), text_of(rule, "look(key)")
    assert bench.after(text).decode() != text
    assert "unknown-attribute" not in bench.reasons(text)


@pytest.mark.parametrize("rule", RULES)
def test_receiver_is_connected_by_a_signal_under_a_key(bench_of, rule):
    signals = (
        "from django.db.models.signals import post_save\nfrom shop.models import Account\n\n\n"
        "def heard(sender, instance, **kwargs):\n    print(instance.count, instance.note)\n\n\n"
        'SIGNALS = {"a": post_save}\nSIGNALS["a"].connect(heard, sender=Account)\n'
    )
    files = FILES | OTHERS | {"shop/connected.py": signals}
    text = text_of(rule, "look(key)")
    bench = bench_of(RULES[rule][0], "shop/services.py", files)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"receiver"}


def test_receiver_is_connected_by_the_name_of_a_signal(bench_of):
    signals = (
        "from django.db.models import signals\nfrom shop.models import Account\n\n\n"
        "def heard(sender, instance, **kwargs):\n    print(instance.count, instance.note)\n\n\n"
        'for name in ("pre_save", "post_save"):\n'
        "    getattr(signals, name).connect(heard, sender=Account)\n"
    )
    files = FILES | OTHERS | {"shop/connected.py": signals}
    text = text_of("update-fields", "look(key)")
    bench = bench_of(UpdateFields(), "shop/services.py", files)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"receiver"}


@pytest.mark.parametrize("signal", ["post_init", "pre_init"])
def test_update_would_not_fetch_for_a_receiver_of_loading(bench_of, signal):
    heard = (
        f"from django.db.models.signals import {signal}\nfrom shop.models import Account\n\n\n"
        "def heard(sender, **kwargs):\n    print(sender)\n\n\n"
        f"{signal}.connect(heard, sender=Account)\n"
    )
    bench = bench_of(
        FExpressions(), "shop/services.py", FILES | OTHERS | {"shop/connected.py": heard}
    )
    text = (
        HEAD + "def take(key):\n    account = Account.objects.get(pk=key)\n"
        "    account.count += 1\n    account.save()\n"
    )
    after = bench.after(text).decode()
    assert "account = Account.objects.get(pk=key)" in after
    assert 'account.save(update_fields=["count"])' in after
