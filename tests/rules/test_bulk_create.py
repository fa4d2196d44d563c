"""`bulk-create`: every loop that creates, to the letter, and what is left alone and why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from textwrap import indent

import pytest

from djfix.codemods.rules.bulk_create import BulkCreate
from djfix.codemods.rules.bulk_create.examples import EXAMPLES
from djfix.codemods.rules.bulk_create.options import BulkCreateOptions

MODELS = """\
import uuid

from django.db import models
from django.db.models.signals import post_init, post_save
from django.dispatch import receiver
from django.utils import timezone


class Order(models.Model):
    number = models.CharField(max_length=20)
    note = models.TextField(blank=True)

    @property
    def label(self):
        return f"{self.number}: {self.items.count()}"


class Status(models.TextChoices):
    NEW = "new"


class Item(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items", null=True)
    number = models.IntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    token = models.UUIDField(default=uuid.uuid4)
    added = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    seen = models.DateTimeField(default=timezone.now)
    tags = models.ManyToManyField("Tag", related_name="tagged")
    picture = models.ImageField(null=True)
    after = models.ForeignKey("self", on_delete=models.CASCADE, null=True)

    everything = models.Manager()
    objects = models.Manager()


class Tag(models.Model):
    name = models.CharField(max_length=20, primary_key=True)


class Named(models.Model):
    name = models.CharField(max_length=20)


def next_number():
    return Numbered.objects.count() + 1


class Numbered(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    number = models.IntegerField(default=next_number)


class Parent(models.Model):
    name = models.CharField(max_length=20)


class Child(Parent):
    own = models.IntegerField()


class Stand(Named):
    class Meta:
        proxy = True


class Derived(models.Model):
    name = models.CharField(max_length=20)

    def save(self, *args, **kwargs):
        self.name = self.name.title()
        super().save(*args, **kwargs)


class Heard(models.Model):
    name = models.CharField(max_length=20)


@receiver(post_save, sender=Heard)
def hear(sender, instance, created, **kwargs):
    if created:
        print(instance)


class OwnQuerySet(models.QuerySet):
    def create(self, **kwargs):
        return super().create(**kwargs)


class Owned(models.Model):
    name = models.CharField(max_length=20)
    objects = OwnQuerySet.as_manager()


class Ordered(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)

    class Meta:
        order_with_respect_to = "order"


class Shouted(models.CharField):
    def pre_save(self, instance, add):
        return super().pre_save(instance, add).upper()


class Loud(models.Model):
    name = Shouted(max_length=20)


class Inited(models.Model):
    name = models.CharField(max_length=20)


@receiver(post_init, sender=Inited)
def made(sender, instance, **kwargs):
    print(Inited.objects.count())


class Tally(models.Model):
    n = models.IntegerField(default=0)


class Watched(models.Model):
    name = models.CharField(max_length=20)


@receiver(post_save, sender=Watched)
def watch(sender, instance, **kwargs):
    print(instance)


class UpdatingQuerySet(models.QuerySet):
    def update(self, **kwargs):
        return super().update(**kwargs)


class Managed(models.Model):
    name = models.CharField(max_length=20)
    objects = UpdatingQuerySet.as_manager()
"""

SETTINGS = 'INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]\n'
FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
    "shop/helpers.py": "def price(row):\n    return 1\n",
}

HEAD = """\
from decimal import Decimal

from django.db import transaction

from shop import helpers
from shop.models import *


@transaction.atomic
def subject(order_id: int, names: list[str], rows: list[dict[str, int]], other, flag: bool):
"""


def module(body: str) -> str:
    return HEAD.replace("*", NAMES) + indent(body, "    ")


NAMES = "Child, Derived, Heard, Item, Loud, Named, Numbered, Order, Ordered, Owned, Stand, Status"


@pytest.fixture
def bench(bench_of):
    return bench_of(BulkCreate(), "shop/services.py", FILES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(example, bench_of) -> None:
    bench = bench_of(BulkCreate(), example.path, example.files)
    bench.fixes(example.before, example.after)


SAFE = {
    "create": (
        "for name in names:\n    Named.objects.create(name=name)\n",
        "Named.objects.bulk_create([Named(name=name) for name in names])\n",
    ),
    "create_under_a_condition": (
        "for name in names:\n    if name and flag:\n        Named.objects.create(name=name)\n",
        "Named.objects.bulk_create([Named(name=name) for name in names if name and flag])\n",
    ),
    "two_loops": (
        (
            "for name in names:\n    for number in range(3):\n"
            "        Named.objects.create(name=name * number)\n"
        ),
        (
            "Named.objects.bulk_create(\n"
            "    [Named(name=name * number) for name in names for number in range(3)]\n)\n"
        ),
    ),
    "conditional_expression_as_condition": (
        (
            "for name in names:\n    if name if flag else not name:\n"
            "        Named.objects.create(name=name)\n"
        ),
        (
            "Named.objects.bulk_create(\n"
            "    [Named(name=name) for name in names if (name if flag else not name)]\n)\n"
        ),
    ),
    "loop_over_a_bare_tuple": (
        'for name in "a", "b":\n    Named.objects.create(name=name)\n',
        'Named.objects.bulk_create([Named(name=name) for name in ("a", "b")])\n',
    ),
    "rows_of_a_queryset": (
        "for order in Order.objects.filter(number='x'):\n    Item.objects.create(order=order)\n",
        (
            "Item.objects.bulk_create(\n"
            "    [Item(order=order) for order in Order.objects.filter(number='x')]\n)\n"
        ),
    ),
    "rows_of_the_same_table_are_fetched_before": (
        "for row in Named.objects.all():\n    Named.objects.create(name=row.name)\n",
        "Named.objects.bulk_create([Named(name=row.name) for row in Named.objects.all()])\n",
    ),
    "numbers_counted": (
        "for i in range(flag, 20):\n    Named.objects.create(name=f'n{i}')\n",
        "Named.objects.bulk_create([Named(name=f'n{i}') for i in range(flag, 20)])\n",
    ),
    "enumerated": (
        (
            "for i, name in enumerate(names, 1):\n"
            "    Item.objects.create(order_id=order_id, number=i)\n"
        ),
        (
            "Item.objects.bulk_create(\n"
            "    [Item(order_id=order_id, number=i) for i, name in enumerate(names, 1)]\n)\n"
        ),
    ),
    "save_of_a_new_object": (
        "for name in names:\n    Named(name=name).save()\n",
        "Named.objects.bulk_create([Named(name=name) for name in names])\n",
    ),
    "save_of_a_named_object": (
        "for name in names:\n    row = Named(name=name)\n    row.save()\n",
        "Named.objects.bulk_create([Named(name=name) for name in names])\n",
    ),
    "name_that_is_not_used": (
        "for name in names:\n    row = Named.objects.create(name=name)\n",
        "Named.objects.bulk_create([Named(name=name) for name in names])\n",
    ),
    "list_for_its_effect": (
        "[Named.objects.create(name=name) for name in names if name]\n",
        "Named.objects.bulk_create([Named(name=name) for name in names if name])\n",
    ),
    "related_manager": (
        (
            "order = Order.objects.create(number='x')\n"
            "for row in rows:\n    order.items.create(number=row['n'])\n"
        ),
        (
            "order = Order.objects.create(number='x')\n"
            "Item.everything.bulk_create([Item(order=order, number=row['n']) for row in rows])\n"
        ),
    ),
    "default_set": (
        (
            "order = Order.objects.create(number='x')\n"
            "for name in names:\n    order.numbered_set.create(number=1)\n"
        ),
        (
            "order = Order.objects.create(number='x')\n"
            "Numbered.objects.bulk_create([Numbered(order=order, number=1) for name in names])\n"
        ),
    ),
    "another_manager": (
        "for name in names:\n    Item.everything.create(number=len(name))\n",
        "Item.everything.bulk_create([Item(number=len(name)) for name in names])\n",
    ),
    "proxy": (
        "for name in names:\n    Stand.objects.create(name=name)\n",
        "Stand.objects.bulk_create([Stand(name=name) for name in names])\n",
    ),
    "members_and_functions_of_python": (
        (
            "for row in rows:\n"
            "    Item.objects.create(status=Status.NEW, number=int(Decimal(row['n'])) or 1)\n"
        ),
        (
            "Item.objects.bulk_create(\n"
            "    [Item(status=Status.NEW, number=int(Decimal(row['n'])) or 1) for row in rows]\n)\n"
        ),
    ),
    "key_of_another_row": (
        (
            "for item in Item.objects.all():\n"
            "    Numbered.objects.create(order=item.order, number=2)\n"
        ),
        (
            "Numbered.objects.bulk_create(\n"
            "    [Numbered(order=item.order, number=2) for item in Item.objects.all()]\n)\n"
        ),
    ),
    "dict_methods": (
        "for key, row in {'a': 1}.items():\n    Named.objects.create(name=key.strip())\n",
        (
            "Named.objects.bulk_create(\n"
            "    [Named(name=key.strip()) for key, row in {'a': 1}.items()]\n)\n"
        ),
    ),
    "comments_stay": (
        "# the names\nfor name in names:  # all\n    # one\n    Named.objects.create(name=name)\n",
        (
            "# the names\n# all\n# one\n"
            "Named.objects.bulk_create([Named(name=name) for name in names])\n"
        ),
    ),
    "lines_are_joined": (
        (
            "for row in rows:\n    Item.objects.create(\n        order_id=order_id,\n"
            "        number=max(\n            row['n'],\n            1,\n        ),\n    )\n"
        ),
        (
            "Item.objects.bulk_create(\n"
            "    [Item(order_id=order_id, number=max(row['n'], 1)) for row in rows]\n)\n"
        ),
    ),
    "lines_are_cut": (
        (
            "for row in rows:\n"
            "    Item.objects.create(order_id=order_id, number=row['number'], "
            "status=row['status'])\n"
        ),
        (
            "Item.objects.bulk_create(\n    [\n"
            "        Item(order_id=order_id, number=row['number'], status=row['status'])\n"
            "        for row in rows\n    ]\n)\n"
        ),
    ),
    "arguments_are_cut": (
        (
            "for row in rows:\n"
            "    Item.objects.create(order_id=order_id, number=row['number'] + row['more'], "
            "status=row['status'])\n"
        ),
        (
            "Item.objects.bulk_create(\n    [\n        Item(\n"
            "            order_id=order_id,\n            number=row['number'] + row['more'],\n"
            "            status=row['status'],\n        )\n        for row in rows\n    ]\n)\n"
        ),
    ),
    "a_one_tuple_stays_one": (
        (
            "for row in rows:\n    Item.objects.create(number=sum(\n"
            "        (row['n'],\n        )\n    ))\n"
        ),
        "Item.objects.bulk_create([Item(number=sum((row['n'],))) for row in rows])\n",
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_in_a_transaction_it_is_one_query(name, bench) -> None:
    before, after = SAFE[name]
    bench.fixes(module(before), module(after))


PLAIN = "for name in names:\n    Named.objects.create(name=name)\n"
ONE = "Named.objects.bulk_create([Named(name=name) for name in names])\n"


def test_with_block_is_a_transaction(bench) -> None:
    before, after = (
        module("with transaction.atomic():\n" + indent(text, "    ")) for text in (PLAIN, ONE)
    )
    bench.fixes(*(text.replace("@transaction.atomic\n", "") for text in (before, after)))


def test_batch_size_is_written(bench_of) -> None:
    rule = BulkCreate(BulkCreateOptions(batch_size=500))
    bench = bench_of(rule, "shop/services.py", FILES)
    after = ONE.replace("])", "], batch_size=500)")
    assert "batch_size=500" in after
    laid_out = "Named.objects.bulk_create([Named(name=name) for name in names], batch_size=500)\n"
    bench.fixes(module(PLAIN), module(laid_out))


def test_batch_size_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        BulkCreateOptions(batch_size=0)


VIEW = """\
from rest_framework.views import APIView

from shop.models import Named


class Names(APIView):
    def post(self, request):
        for name in request.data["names"]:
            Named.objects.create(name=name)
"""
VIEW_AFTER = VIEW.replace(
    """\
        for name in request.data["names"]:
            Named.objects.create(name=name)
""",
    """\
        Named.objects.bulk_create([Named(name=name) for name in request.data["names"]])
""",
)
ATOMIC = SETTINGS + (
    'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "ATOMIC_REQUESTS": True}}\n'
)


def view_bench(bench_of, files: Mapping[str, str]):
    return bench_of(BulkCreate(), "shop/views.py", {**FILES, **files})


def test_atomic_requests_count_in_a_view(bench_of) -> None:
    view_bench(bench_of, {"config/settings.py": ATOMIC}).fixes(VIEW, VIEW_AFTER)


@pytest.mark.parametrize(
    ("files", "change"),
    [
        pytest.param({}, ("", ""), id="setting_is_not_there"),
        pytest.param({"config/settings.py": ATOMIC}, ("def post", "def fill"), id="no_handler"),
        pytest.param(
            {
                "config/settings.py": ATOMIC,
                "shop/urls.py": "from django.db import transaction\n\n"
                "view = transaction.non_atomic_requests(None)\n",
            },
            ("", ""),
            id="a_view_is_exempt_elsewhere",
        ),
        pytest.param(
            {"config/settings.py": ATOMIC},
            ("    def post", "    def dispatch(self, *args):\n        pass\n\n    def post"),
            id="dispatch_may_catch",
        ),
    ],
)
def test_without_a_transaction_it_is_reviewed(files, change, bench_of) -> None:
    bench = view_bench(bench_of, files)
    before, after = (text.replace(*change, 1) for text in (VIEW, VIEW_AFTER))
    if "def fill" in before:
        assert "not-atomic" in bench.reasons(before)
    else:
        bench.reviews(before, after, "not-atomic")


REVIEWED = {
    "not-atomic": "for name in names:\n    Named.objects.using('x').create(name=name)\n",
    "unknown-code": "for name in names:\n    Named.objects.create(name=helpers.price(name))\n",
    "reads-database": "for name in names:\n    Named.objects.create(name=Order.objects.count())\n",
    "unknown-iterable": "for name in other:\n    Named.objects.create(name=name)\n",
    "streamed": "for row in Order.objects.iterator():\n    Named.objects.create(name=row.number)\n",
    "unpacked": "for row in rows:\n    Named.objects.create(**row)\n",
    "given-key": "for name in names:\n    Named.objects.create(pk=1, name=name)\n",
    "default-code": "for name in names:\n    Numbered.objects.create(order_id=order_id)\n",
    "custom-field": "for name in names:\n    Loud.objects.create(name=name)\n",
    "file-field": "for name in names:\n    Item.objects.create(picture=name)\n",
    "perhaps-prefetched": "order = Order.objects.get(pk=order_id)\n"
    "for name in names:\n    order.items.create(number=1)\n",
    "exceptions-caught": "try:\n    for name in names:\n        Named.objects.create(name=name)\n"
    "except ValueError:\n    pass\n",
}


@pytest.mark.parametrize("reason", REVIEWED)
def test_a_person_must_look(reason, bench) -> None:
    text = module(REVIEWED[reason])
    assert set(bench.reasons(text)) == {reason}
    assert bench.after(text).decode() == text
    after = bench.after(text, unsafe=True).decode()
    assert "bulk_create([" in after.replace("\n", "").replace(" ", "")
    assert bench.after(after, unsafe=True).decode() == after


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        pytest.param(
            "for order in Order.objects.all():\n    Named.objects.create(name=order.label)\n",
            {"unknown-code"},
            id="property",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    Named.objects.create(name=f'{order}')\n",
            {"unknown-code"},
            id="text_of_an_object",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    Named.objects.create(name=str(order))\n",
            {"unknown-code"},
            id="str_of_an_object",
        ),
        pytest.param(
            "for row in (x for x in names):\n    Named.objects.create(name=row)\n",
            {"unknown-iterable"},
            id="generator",
        ),
        pytest.param(
            "made = (helpers.price(x) for x in names)\n"
            "for row in made:\n    Named.objects.create(name=row)\n",
            {"unknown-iterable"},
            id="variable_of_a_generator",
        ),
        pytest.param(
            "for order in Order.objects.all():\n    for item in order.items.filter(number=1):\n"
            "        Named.objects.create(name=item.status)\n",
            {"reads-database"},
            id="query_in_each_turn",
        ),
        pytest.param(
            "for row in Order.objects.only('note'):\n    Named.objects.create(name=row.number)\n",
            {"reads-database"},
            id="column_that_is_fetched_later",
        ),
        pytest.param(
            "order = Order.objects.filter(pk=1).first()\n"
            "for name in names:\n    order.items.create(number=1)\n",
            {"perhaps-prefetched", "optional-owner"},
            id="owner_may_be_none",
        ),
    ],
)
def test_values_that_run_code(text, reasons, bench) -> None:
    assert set(bench.reasons(module(text))) == reasons
    assert bench.after(module(text)).decode() == module(text)


REPORTED = {
    "result-used list": (
        "made = [Named.objects.create(name=name) for name in names]\nreturn made\n",
        "result-used",
    ),
    "result-used returned": (
        "return [Named.objects.create(name=name) for name in names]\n",
        "result-used",
    ),
    "result-used in the loop": (
        "for name in names:\n    row = Named.objects.create(name=name)\n    print(row)\n",
        "result-used",
    ),
    "multi-table": (
        "for name in names:\n    Child.objects.create(name=name, own=1)\n",
        "multi-table",
    ),
    "receiver": ("for name in names:\n    Heard.objects.create(name=name)\n", "receiver"),
    "save-override": (
        "for name in names:\n    Derived.objects.create(name=name)\n",
        "save-override",
    ),
    "save-override of a save": (
        "for name in names:\n    Derived(name=name).save()\n",
        "save-override",
    ),
    "custom-create": ("for name in names:\n    Owned.objects.create(name=name)\n", "custom-create"),
    "ordered-rows": (
        "for name in names:\n    Ordered.objects.create(order_id=order_id)\n",
        "ordered-rows",
    ),
    "saved-over": ("for name in names:\n    Named(pk=1, name=name).save()\n", "saved-over"),
    "saved-over unpacked": ("for row in rows:\n    Named(**row).save()\n", "saved-over"),
    "reads-the-table condition": (
        (
            "for name in names:\n    if not Named.objects.filter(name=name).exists():\n"
            "        Named.objects.create(name=name)\n"
        ),
        "reads-the-table",
    ),
    "reads-the-table value": (
        "for name in names:\n    Named.objects.create(name=Named.objects.count())\n",
        "reads-the-table",
    ),
    "reads-the-table inner loop": (
        (
            "for name in names:\n    for row in Named.objects.all():\n"
            "        Named.objects.create(name=row.name)\n"
        ),
        "reads-the-table",
    ),
    "unsaved-relation": (
        "order = Order(number='x')\nfor name in names:\n    Item.objects.create(order=order)\n",
        "unsaved-relation",
    ),
    "not-a-foreign-key": (
        "for item in Item.objects.all():\n    item.tags.create(name='x')\n",
        "not-a-foreign-key",
    ),
    "given-twice": (
        (
            "order = Order.objects.create(number='x')\n"
            "for name in names:\n    order.items.create(order_id=3)\n"
        ),
        "given-twice",
    ),
    "loop-variable used later": (
        "for name in names:\n    Named.objects.create(name=name)\nreturn name\n",
        "loop-variable",
    ),
    "loop-variable handed on with all others": (
        "for name in names:\n    Named.objects.create(name=name)\nreturn locals()\n",
        "loop-variable",
    ),
    "loop-variable of a closure": (
        "for name in names:\n    Named.objects.create(name=name)\nreturn lambda: name\n",
        "loop-variable",
    ),
    "loop-variable that is an attribute": (
        "for other.name in names:\n    Named.objects.create(name=other.name)\n",
        "loop-variable",
    ),
    "loop-variable bound inside": (
        "for name in names:\n    Named.objects.create(name=(short := name[:5]))\nreturn short\n",
        "loop-variable",
    ),
    "manager-by-row": (
        "for name in names:\n    Named.objects.using(name).create(name=name)\n",
        "manager-by-row",
    ),
    "other-statements": (
        "for name in names:\n    helpers.price(name)\n    Named.objects.create(name=name)\n",
        "other-statements",
    ),
    "loop-control": (
        "for name in names:\n    Named.objects.create(name=name)\n    if flag:\n        break\n",
        "loop-control",
    ),
    "loop-control else": (
        "for name in names:\n    Named.objects.create(name=name)\nelse:\n    print(1)\n",
        "loop-control",
    ),
    "exceptions-caught": (
        (
            "for name in names:\n    try:\n        Named.objects.create(name=name)\n"
            "    except ValueError:\n        pass\n"
        ),
        "exceptions-caught",
    ),
}


@pytest.mark.parametrize("name", REPORTED)
def test_it_is_reported_only(name, bench) -> None:
    text, *reasons = REPORTED[name]
    bench.reports(module(text), *reasons)


IGNORED = {
    "no_loop": "Named.objects.create(name='x')\n",
    "get_or_create": "for name in names:\n    Named.objects.get_or_create(name=name)\n",
    "no_model": "for name in names:\n    helpers.create(name)\n",
    "method_of_something_else": "for name in names:\n    helpers.files.create(name)\n",
    "save_of_rows_that_are_there": "for row in Named.objects.all():\n    row.save()\n",
    "while_loop": "while flag:\n    Named.objects.create(name='x')\n",
    "function_in_a_loop": "for name in names:\n    def make():\n"
    "        Named.objects.create(name='x')\n    other(make)\n",
    "bulk_create": ONE,
}


@pytest.mark.parametrize("name", IGNORED)
def test_it_is_nothing_of_the_kind(name, bench) -> None:
    bench.ignores(module(IGNORED[name]))


def test_unknown_manager_is_declined(bench) -> None:
    text = module("for name in names:\n    other.objects.create(name=name)\n")
    bench.declines(text, "unknown-receiver")


def test_many_to_many_prefetched_and_generic_relations_keep_their_manager(bench) -> None:
    text = module("for item in Item.objects.all():\n    item.tags.create(name='x')\n")
    bench.reports(text, "not-a-foreign-key")


def test_unknown_apps_may_listen(bench_of) -> None:
    settings = 'INSTALLED_APPS = ["shop", "somebody_elses"]\n'
    bench = bench_of(BulkCreate(), "shop/services.py", {**FILES, "config/settings.py": settings})
    bench.reviews(module(PLAIN), module(ONE), "unknown-app")


def test_import_is_added_where_its_module_is_imported_from(bench) -> None:
    before = module(SAFE["related_manager"][0]).replace(" Item,", "")
    assert "import Item" in bench.after(before).decode() or " Item" in bench.after(before).decode()
    assert bench.reasons(before) == []


def test_import_of_another_module_is_not_made(bench_of) -> None:
    factory = "from shop.models import Order\n\n\ndef make() -> Order:\n"
    files = {**FILES, "shop/factory.py": factory + "    return Order.objects.create(number='x')\n"}
    bench = bench_of(BulkCreate(), "shop/services.py", files)
    text = (
        "from django.db import transaction\n\nfrom shop import factory\n\n\n"
        "@transaction.atomic\ndef subject(names: list[str]):\n    order = factory.make()\n"
        "    for name in names:\n        order.items.create(number=1)\n"
    )
    bench.reports(text, "needs-import")


def test_model_of_the_same_file_is_not_imported(bench_of) -> None:
    body = """
    @transaction.atomic
    def copied(self) -> "Order":
        order = Order.objects.create(number=self.number)
        for number in range(3):
            order.items.create(number=number)
        return order
"""
    before = MODELS.replace(
        "    @property\n    def label", body + "\n    @property\n    def label", 1
    )
    before = before.replace(
        "from django.db import models", "from django.db import models, transaction"
    )
    after = before.replace(
        """        for number in range(3):
            order.items.create(number=number)
""",
        "        Item.everything.bulk_create("
        "[Item(order=order, number=number) for number in range(3)])\n",
    )
    bench = bench_of(BulkCreate(), "shop/models.py", FILES)
    laid_out = bench.after(before).decode()
    assert laid_out.replace("(\n            [", "([").replace("]\n        )", "])") == after


def test_owner_that_is_made_and_saved(bench) -> None:
    before = module(
        "order = Order(number='x')\norder.save()\n"
        "for row in rows:\n    order.items.create(number=row['n'])\n"
    )
    after = module(
        "order = Order(number='x')\norder.save()\n"
        "Item.everything.bulk_create([Item(order=order, number=row['n']) for row in rows])\n"
    )
    bench.fixes(before, after)


UPDATED = {
    "auto_now_column_that_is_not_saved": (
        (
            "for item in Item.objects.all():\n    item.number = 1\n"
            "    item.save(update_fields=['number'])\n"
        ),
        "Item.objects.all().update(number=1)\n",
    ),
    "same_value": (
        "for row in Named.objects.filter(name='x'):\n    row.name = 'y'\n    row.save()\n",
        "Named.objects.filter(name='x').update(name='y')\n",
    ),
    "same_value_named_columns": (
        (
            "for order in Order.objects.all():\n    order.number = 'y'\n    order.note = names[0]\n"
            "    order.save(update_fields=['number', 'note'])\n"
        ),
        "Order.objects.all().update(number='y', note=names[0])\n",
    ),
    "counted_by_the_database": (
        (
            "for row in Tally.objects.filter(n=1):\n    row.n = F('n') + 1\n"
            "    row.save(update_fields=['n'])\n"
        ),
        "Tally.objects.filter(n=1).update(n=F('n') + 1)\n",
    ),
    "another_value_for_each": (
        (
            "for row in Named.objects.filter(name='x'):\n    row.name = row.name.strip()\n"
            "    row.save()\nreturn names\n"
        ),
        (
            "row_rows = list(Named.objects.filter(name='x'))\nfor row in row_rows:\n"
            "    row.name = row.name.strip()\n"
            "Named.objects.bulk_update(row_rows, ['name'])\nreturn names\n"
        ),
    ),
    "rows_that_are_held": (
        (
            "found = Named.objects.all()\nfor row in found:\n    row.name = 'y'\n    row.save()\n"
            "return found\n"
        ),
        (
            "found = Named.objects.all()\nfor row in found:\n    row.name = 'y'\n"
            "Named.objects.bulk_update(found, ['name'])\nreturn found\n"
        ),
    ),
    "part_of_the_rows": (
        "for each in Named.objects.all()[:5]:\n    each.name = 'y'\n    each.save()\n",
        (
            "eachs = list(Named.objects.all()[:5])\nfor each in eachs:\n    each.name = 'y'\n"
            "Named.objects.bulk_update(eachs, ['name'])\n"
        ),
    ),
    "rows_that_are_locked": (
        "for each in Named.objects.select_for_update():\n    each.name = 'y'\n    each.save()\n",
        (
            "eachs = list(Named.objects.select_for_update())\nfor each in eachs:\n"
            "    each.name = 'y'\nNamed.objects.bulk_update(eachs, ['name'])\n"
        ),
    ),
    "last_row_is_used": (
        "for each in Named.objects.all():\n    each.name = 'y'\n    each.save()\nreturn each\n",
        (
            "eachs = list(Named.objects.all())\nfor each in eachs:\n    each.name = 'y'\n"
            "Named.objects.bulk_update(eachs, ['name'])\nreturn each\n"
        ),
    ),
    "receiver_of_new_rows": (
        "for row in Heard.objects.all():\n    row.name = 'y'\n    row.save()\n",
        "Heard.objects.all().update(name='y')\n",
    ),
}


@pytest.mark.parametrize("name", UPDATED)
def test_loop_that_saves_is_reviewed(name, bench) -> None:
    before, after = (
        module(text)
        .replace("import Child", "import Tally, Child")
        .replace(
            "from django.db import transaction\n",
            "from django.db import transaction\nfrom django.db.models import F\n",
        )
        for text in UPDATED[name]
    )
    bench.reviews(before, after, "rows-at-once")


KEPT = {
    "changed-by-itself": "for row in Tally.objects.all():\n    row.n += 1\n    row.save()\n",
    "auto-now": "for item in Item.objects.all():\n    item.number = 1\n    item.save()\n",
    "save-override": "for row in Derived.objects.all():\n    row.name = 'y'\n    row.save()\n",
    "receiver": "for row in Watched.objects.all():\n    row.name = 'y'\n    row.save()\n",
    "custom-update": "for row in Managed.objects.all():\n    row.name = 'y'\n    row.save()\n",
    "not-a-column": "for order in Order.objects.all():\n    order.label = 'y'\n    order.save()\n",
    "other-columns": "for order in Order.objects.all():\n    order.note = 'y'\n"
    "    order.save(update_fields=['number'])\n",
    "streamed": "for row in Named.objects.iterator():\n    row.name = 'y'\n    row.save()\n",
}


@pytest.mark.parametrize("reason", KEPT)
def test_loop_that_saves_is_reported_where_something_is_lost(reason, bench) -> None:
    names = "import Managed, Tally, Watched, Child"
    bench.reports(module(KEPT[reason]).replace("import Child", names), reason)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("row = Named()\nrow.name = 'x'\nrow.save()\n", id="no_loop"),
        pytest.param("for row in other:\n    row.name = 'x'\n    row.save()\n", id="unknown_rows"),
        pytest.param(
            "for row in Named.objects.all():\n    row.name = 'x'\n    print(row)\n    row.save()\n",
            id="other_statements",
        ),
        pytest.param(
            "for row in Named.objects.all():\n    row.pk = None\n    row.save()\n",
            id="copies",
        ),
        pytest.param(
            (
                "for row in Named.objects.all():\n    if flag:\n"
                "        row.name = 'x'\n    row.save()\n"
            ),
            id="branches",
        ),
    ],
)
def test_loop_that_saves_and_does_more_is_nothing_of_the_kind(text, bench) -> None:
    bench.ignores(module(text))


LONG = {
    "iterable": (
        "for order in Order.objects.filter(number='a number that is long').exclude(note='none of "
        "these'):\n    Item.objects.create(order=order)\n"
    ),
    "call_in_the_iterable": (
        "for i, name in enumerate(sorted(names, key=len, reverse=not flag), order_id + len(names)"
        " + 12):\n    Item.objects.create(number=i)\n"
    ),
    "conditions": (
        "for row in rows:\n    if row['number'] > 17 and row['status'] and row['whatever'] != 12:\n"
        "        if flag:\n            Item.objects.create(number=row['number'])\n"
    ),
    "two_loops": (
        "for row in rows:\n    for name in names:\n        Item.objects.create(\n"
        "            number=row['number'], status=name, order_id=order_id)\n"
    ),
    "value": (
        "for row in rows:\n    Item.objects.create(number=max(row['the first'], row['the second'], "
        "row['the third'], row['fourth']), status='new')\n"
    ),
    "one_value": (
        "for row in rows:\n    Item.objects.create(number=max(row['the first'], row['the second'], "
        "row['the third'], row['fourth']))\n"
    ),
    "related": (
        "this_order = Order.objects.create(number='x')\nfor row in rows:\n"
        "    this_order.items.create(number=row['number'], status=row['status'])\n"
    ),
    "update": (
        "for order in Order.objects.filter(number='a number that is long'):\n"
        "    order.number = 'another'\n    order.note = 'which is as long'\n    order.save()\n"
    ),
    "bulk_update": (
        "for order in Order.objects.filter(number='a number that is long', note='this as well'):\n"
        "    order.number = order.note\n    order.save()\n"
    ),
}


@pytest.mark.parametrize("size", [None, 500])
@pytest.mark.parametrize("name", LONG)
def test_long_code_is_laid_out_as_black_would(name, size, bench_of) -> None:
    bench = bench_of(BulkCreate(BulkCreateOptions(batch_size=size)), "shop/services.py", FILES)
    after = bench.after(module(LONG[name]), unsafe=True).decode()
    assert ".bulk_" in after or ".update(" in after
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88"]
    command += ["--config", 'format.quote-style="preserve"', "-"]
    formatted = subprocess.run(command, input=after, capture_output=True, text=True, check=True)
    body = formatted.stdout.partition("bool\n):\n")[2]
    assert after.partition("bool):\n")[2] == body


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(("(name=name)\n", "(name=name)\n    yield 1\n"), "not-atomic", id="generator"),
        pytest.param(
            ("@transaction.atomic", "@transaction.atomic(using='x')"), "not-atomic", id="using"
        ),
        pytest.param(("Named.objects", "Inited.objects"), "unknown-code", id="post_init"),
    ],
)
def test_traps_of_a_transaction(change, reason, bench) -> None:
    text = module(PLAIN).replace(*change).replace("import Child", "import Inited, Child")
    assert bench.reasons(text) == [reason]
    assert bench.after(text).decode() == text


def test_router_may_choose_another_database(bench_of) -> None:
    settings = SETTINGS + 'DATABASE_ROUTERS = ["shop.routers.Router"]\n'
    bench = bench_of(BulkCreate(), "shop/services.py", {**FILES, "config/settings.py": settings})
    bench.reviews(module(PLAIN), module(ONE), "not-atomic")


def test_async_code_is_not_looked_at(bench) -> None:
    bench.ignores(module(PLAIN).replace("@transaction.atomic\ndef", "async def"))


def test_data_of_the_finding(bench) -> None:
    result = bench.run(module(SAFE["related_manager"][0]))
    assert [dict(item.finding.data) for item in result.findings] == [
        {"model": "shop.Item", "form": "related"}
    ]


SPECIAL = """

class Counted:
    def {name}(self, *others):
        return Named.objects.count()
"""
RUN = {
    "a_sum": ("Named.objects.create(name=row + 1)", "__add__"),
    "a_text_by_a_percent_sign": ("Named.objects.create(name='%s' % row)", "__str__"),
    "a_text_that_the_column_makes": ("Named.objects.create(name=row)", "__str__"),
    "a_number_that_the_column_makes": ("Item.objects.create(number=row)", "__int__"),
    "a_comparison": ("if row > 1:\n        Named.objects.create(name='a')", "__gt__"),
    "a_test": ("if row:\n        Named.objects.create(name='a')", "__bool__"),
    "a_test_in_a_value": ("Named.objects.create(name='a' if row else 'b')", "__bool__"),
    "an_operand_of_or": ("Named.objects.create(name=row or 'b')", "__bool__"),
}


def special_bench(bench_of, name):
    counted = SPECIAL.format(name=name).replace("Named", "Item" if name == "__int__" else "Named")
    return bench_of(BulkCreate(), "shop/services.py", {**FILES, "shop/models.py": MODELS + counted})


@pytest.mark.parametrize("name", RUN)
def test_special_method_may_ask_for_the_rows_before(name, bench_of) -> None:
    statement, method = RUN[name]
    text = module(f"for row in names:\n    {statement}\n").replace(
        "names: list[str]", "names: list"
    )
    bench = special_bench(bench_of, method)
    assert bench.reasons(text) == ["unknown-code"]
    assert bench.after(text).decode() == text


@pytest.mark.parametrize("name", RUN)
def test_special_method_asks_for_other_rows(name, bench_of) -> None:
    statement, method = RUN[name]
    text = module(f"for row in names:\n    {statement}\n").replace(
        "names: list[str]", "names: list"
    )
    other = SPECIAL.format(name=method).replace("Named", "Order")
    files = {**FILES, "shop/models.py": MODELS + other}
    bench = bench_of(BulkCreate(), "shop/services.py", files)
    assert not bench.reasons(text)
    assert ".bulk_create(" in bench.after(text).decode()


OF_ORDER = {
    "truth": ("__bool__", "if order:\n        Item.objects.create(order=order)"),
    "comparison": ("__eq__", "if order == 3:\n        Item.objects.create(order=order)"),
    "text": ("__str__", "Item.objects.create(order=order, status='%s' % order)"),
    "text_that_the_column_makes": ("__str__", "Item.objects.create(order=order, status=order)"),
}


@pytest.mark.parametrize("name", OF_ORDER)
def test_special_method_of_a_row(name, bench_of) -> None:
    method, statement = OF_ORDER[name]
    own = f"    def {method}(self, *others):\n        return self.items.count()\n\n    @property\n"
    models = MODELS.replace("    @property\n", own, 1)
    text = module(f"order = Order.objects.get(pk=order_id)\nfor name in names:\n    {statement}\n")
    bench = bench_of(BulkCreate(), "shop/services.py", {**FILES, "shop/models.py": models})
    assert set(bench.reasons(text)) == {"unknown-code"}
    assert bench.after(text).decode() == text
    assert ".bulk_create(" in bench_of(BulkCreate(), "shop/services.py", FILES).after(text).decode()


def test_queryset_that_writes_its_rows_in_its_own_way(bench_of) -> None:
    models = MODELS.replace("def update(self, **kwargs):", "def _insert(self, *rows, **kwargs):")
    bench = bench_of(BulkCreate(), "shop/services.py", {**FILES, "shop/models.py": models})
    text = module("for name in names:\n    Managed.objects.create(name=name)\n")
    bench.reports(text.replace("import Child", "import Managed, Child"), "custom-create")


@pytest.mark.parametrize("method", ["create", "bulk_create"])
def test_query_methods_of_the_project_answer_in_their_own_way(method, bench_of) -> None:
    patch = (
        f"from django.db.models import QuerySet\n\nQuerySet.{method} = lambda self, **values: 1\n"
    )
    bench = bench_of(BulkCreate(), "shop/services.py", {**FILES, "shop/patches.py": patch})
    bench.reviews(module(PLAIN), module(ONE), "patched-query")


# -- what is run for each row, and then once -------------------------------------------------------

OWN = """\
class Owning(models.Manager):
    calls = 0

    def get_queryset(self):
        {body}


class OwningQuerySet(models.QuerySet):
    made = 0

    {method}


def now_or_never():
    return timezone.now()


class Own(models.Model):
    name = models.CharField(max_length=20)
    objects = {manager}
"""
ASKED = "Owning.from_queryset(OwningQuerySet)()"
MANAGERS = {
    "counts": ("self.calls += 1\n        return super().get_queryset()", "pass", ASKED),
    "keeps": ("self.last = timezone.now()\n        return super().get_queryset()", "pass", ASKED),
    "prints": ("print(self)\n        return super().get_queryset()", "pass", ASKED),
    "calls_what_is_not_known": (
        "return helpers.chosen(super().get_queryset())",
        "pass",
        ASKED,
    ),
    "counts_querysets": (
        "return super().get_queryset()",
        (
            "def __init__(self, *args, **options):\n        OwningQuerySet.made += 1\n"
            "        super().__init__(*args, **options)"
        ),
        "OwningQuerySet.as_manager()",
    ),
    "counts_copies": (
        "return super().get_queryset()",
        "def _clone(self):\n        print(self)\n        return super()._clone()",
        "OwningQuerySet.as_manager()",
    ),
}
QUIET_MANAGERS = {
    "filters": ("return super().get_queryset().filter(name='x')", "pass", ASKED),
    "makes_another": ("return OwningQuerySet(self.model, using=self._db)", "pass", ASKED),
    "asks_for_the_time": (
        "found = super().get_queryset()\n        return found.exclude(name=now_or_never())",
        "pass",
        ASKED,
    ),
    "begins_with_nothing": (
        "return super().get_queryset()",
        (
            "def __init__(self, *args, **options):\n        super().__init__(*args, **options)\n"
            "        self.seen = None"
        ),
        "OwningQuerySet.as_manager()",
    ),
}
CREATED = "for number in range(3):\n    Own.objects.create(name=str(number))\n"
AT_ONCE = "Own.objects.bulk_create([Own(name=str(number)) for number in range(3)])\n"


def owned(body: str) -> str:
    return module(body).replace(" Owned,", " Own, Owned,")


def managed(bench_of, body: str, method: str, manager: str):
    own = OWN.format(body=body, method=method, manager=manager)
    return bench_of(BulkCreate(), "shop/services.py", {**FILES, "shop/models.py": MODELS + own})


@pytest.mark.parametrize("parts", MANAGERS.values(), ids=MANAGERS)
def test_manager_runs_code_each_time_that_it_is_asked(bench_of, parts) -> None:
    managed(bench_of, *parts).reviews(owned(CREATED), owned(AT_ONCE), "unknown-code")


@pytest.mark.parametrize("parts", QUIET_MANAGERS.values(), ids=QUIET_MANAGERS)
def test_manager_only_builds_a_queryset(bench_of, parts) -> None:
    managed(bench_of, *parts).fixes(owned(CREATED), owned(AT_ONCE))


COUNTING = {
    "caller": (
        "def counted(names):\n    before = len(connection.queries)\n    subject(1, names)\n"
        "    return len(connection.queries) - before\n"
    ),
    "caller_of_a_caller": (
        "def called(names):\n    subject(1, names)\n\n\ndef counted(names):\n"
        "    with CaptureQueriesContext(connection) as found:\n        called(names)\n"
        "    return len(found)\n"
    ),
    "function_that_a_caller_asks": (
        "def asked():\n    return len(connection.queries_log)\n\n\ndef counted(names):\n"
        "    before = asked()\n    subject(1, names)\n    return asked() - before\n"
    ),
    "wrapper": (
        "def counted(names):\n    with connection.execute_wrapper(print):\n"
        "        subject(1, names)\n"
    ),
}
COUNTED_ELSEWHERE = {
    "another_function": "def counted():\n    return len(connection.queries)\n",
    "middleware": (
        "class Counted:\n    def __call__(self, request):\n"
        "        answer = self.get_response(request)\n"
        "        print(len(connection.queries))\n        return answer\n"
    ),
    "queries_of_something_else": (
        "def counted(search, names):\n    subject(1, names)\n    return len(search.queries)\n"
    ),
}
COUNTER = (
    "from django.db import connection\nfrom django.test.utils import CaptureQueriesContext\n"
    "from shop.services import subject\n\n\n"
)


@pytest.mark.parametrize("more", COUNTING.values(), ids=COUNTING)
def test_queries_of_the_loop_are_counted_by(bench_of, more: str) -> None:
    files = {**FILES, "shop/counted.py": COUNTER + more}
    bench = bench_of(BulkCreate(), "shop/services.py", files)
    bench.reviews(module(PLAIN), module(ONE), "counts-queries")


@pytest.mark.parametrize("more", COUNTED_ELSEWHERE.values(), ids=COUNTED_ELSEWHERE)
def test_queries_are_counted_where_the_loop_is_not_run(bench_of, more: str) -> None:
    files = {**FILES, "shop/counted.py": COUNTER + more}
    bench_of(BulkCreate(), "shop/services.py", files).fixes(module(PLAIN), module(ONE))
