"""`on-commit`: tasks that are put off until the commit, to the letter, and what is left alone."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.on_commit import OnCommit
from djfix.codemods.rules.on_commit.examples import EXAMPLES, FILES
from djfix.codemods.rules.on_commit.options import OnCommitOptions

HEAD = """\
from functools import partial

from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


"""
ALWAYS = "after-commit"


@pytest.fixture
def bench(bench_of):
    return bench_of(OnCommit(), "shop/services.py", dict(FILES))


@pytest.fixture
def bench_with(bench_of):
    def make(form="partial", *, settings="", **others):
        files = {**dict(FILES), **others}
        files["config/settings.py"] += settings
        return bench_of(OnCommit(OnCommitOptions(form)), "shop/services.py", files)

    return make


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(OnCommit(), example.path, example.files)
    if example.before == example.after:
        bench.ignores(example.before)
    else:
        bench.reviews(example.before, example.after, ALWAYS)


def inside(statement: str, opening: str = "with transaction.atomic():") -> str:
    lines = "\n".join(f"        {line}" for line in statement.split("\n"))
    return f"{HEAD}def place(order: Order, x, items):\n    {opening}\n{lines}\n"


REVIEWED = {
    "argument": (
        "confirm.delay(order.pk)",
        "transaction.on_commit(partial(confirm.delay, order.pk))",
    ),
    "no_argument": ("confirm.delay()", "transaction.on_commit(confirm.delay)"),
    "keywords": (
        "confirm.delay(order_id=order.pk)",
        "transaction.on_commit(partial(confirm.delay, order_id=order.pk))",
    ),
    "spread": (
        "confirm.delay(*x, **items)",
        "transaction.on_commit(partial(confirm.delay, *x, **items))",
    ),
    "apply_async": (
        "confirm.apply_async((order.pk,), countdown=5)",
        "transaction.on_commit(partial(confirm.apply_async, (order.pk,), countdown=5))",
    ),
    "signature": (
        "confirm.si(order.pk).apply_async(countdown=5)",
        "transaction.on_commit(partial(confirm.si(order.pk).apply_async, countdown=5))",
    ),
    "comment_behind": (
        "confirm.delay(order.pk)  # why",
        "transaction.on_commit(partial(confirm.delay, order.pk))  # why",
    ),
    "in_a_branch": (
        "if x:\n    confirm.delay(order.pk)",
        "if x:\n    transaction.on_commit(partial(confirm.delay, order.pk))",
    ),
    "in_a_loop_each_value_is_bound": (
        "for item in items:\n    confirm.delay(item.pk)",
        "for item in items:\n    transaction.on_commit(partial(confirm.delay, item.pk))",
    ),
    "line_that_gets_too_long": (
        "confirm.apply_async((order.pk, order.email), countdown=5, priority=3)",
        (
            "transaction.on_commit(\n    partial(\n        confirm.apply_async, "
            "(order.pk, order.email), countdown=5, priority=3\n    )\n)"
        ),
    ),
    "arguments_over_lines": (
        "confirm.delay(\n    order.pk,\n    x,\n)",
        "transaction.on_commit(partial(confirm.delay, order.pk, x))",
    ),
    "arguments_with_comments": (
        "confirm.delay(\n    order.pk,  # the key\n    x,\n)",
        "transaction.on_commit(partial(confirm.delay,\n    order.pk,  # the key\n    x,\n))",
    ),
}


@pytest.mark.parametrize("name", REVIEWED)
def test_is_put_off(bench, name):
    before, after = REVIEWED[name]
    bench.reviews(inside(before), inside(after), ALWAYS)


OPENED = {
    "named_database": (
        'with transaction.atomic(using="other"):',
        'transaction.on_commit(partial(confirm.delay, order.pk), using="other")',
    ),
    "positional_database": (
        'with transaction.atomic("other"):',
        'transaction.on_commit(partial(confirm.delay, order.pk), using="other")',
    ),
    "durable": (
        "with transaction.atomic(durable=True):",
        "transaction.on_commit(partial(confirm.delay, order.pk))",
    ),
    "among_others": (
        "with lock(x), transaction.atomic():",
        "transaction.on_commit(partial(confirm.delay, order.pk))",
    ),
}


@pytest.mark.parametrize("name", OPENED)
def test_database_is_that_of_the_block(bench, name):
    opening, after = OPENED[name]
    before = inside("confirm.delay(order.pk)", opening)
    bench.reviews(before, before.replace("confirm.delay(order.pk)", after, 1), ALWAYS)


DECORATED = {
    "function": "@transaction.atomic\ndef place(order: Order):\n    {}\n",
    "called": "@transaction.atomic()\ndef place(order: Order):\n    {}\n",
    "method": "class A:\n    @transaction.atomic\n    def place(self, order: Order):\n        {}\n",
}


@pytest.mark.parametrize("name", DECORATED)
def test_decorated(bench, name):
    text = HEAD + DECORATED[name]
    before = text.format("confirm.delay(order.pk)")
    after = text.format("transaction.on_commit(partial(confirm.delay, order.pk))")
    bench.reviews(before, after, ALWAYS)


def test_atomic_by_its_own_name(bench):
    before = """\
from django.db.transaction import atomic

from shop.tasks import confirm


def place(key):
    with atomic():
        confirm.delay(key)
"""
    after = """\
from functools import partial

from django.db import transaction
from django.db.transaction import atomic

from shop.tasks import confirm


def place(key):
    with atomic():
        transaction.on_commit(partial(confirm.delay, key))
"""
    bench.reviews(before, after, ALWAYS)


VIEW = """\
from functools import partial

from django.db import transaction
from django.utils.decorators import method_decorator
from django.views import View

from shop.tasks import confirm


{}class Place(View):
    def post(self, request):
        {}
"""


def test_decorated_class(bench):
    decorator = '@method_decorator(transaction.atomic, name="dispatch")\n'
    before = VIEW.format(decorator, "confirm.delay(request.POST)")
    after = VIEW.format(decorator, "transaction.on_commit(partial(confirm.delay, request.POST))")
    bench.reviews(before, after, ALWAYS)


ATOMIC_REQUESTS = (
    'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "ATOMIC_REQUESTS": True}}\n'
)


def test_atomic_requests(bench_with):
    before = VIEW.format("", "confirm.delay(request.POST)")
    after = VIEW.format("", "transaction.on_commit(partial(confirm.delay, request.POST))")
    bench_with(settings=ATOMIC_REQUESTS).reviews(before, after, ALWAYS)


def test_view_that_is_exempt_from_atomic_requests(bench_with):
    exempt = '@method_decorator(transaction.non_atomic_requests, name="dispatch")\n'
    text = VIEW.format(exempt, "confirm.delay(request.POST)")
    bench_with(settings=ATOMIC_REQUESTS).ignores(text)


def test_function_that_is_no_view_under_atomic_requests(bench_with):
    text = f"{HEAD}def place(key):\n    confirm.delay(key)\n"
    bench_with(settings=ATOMIC_REQUESTS).ignores(text)


CELERY = "celery>=5.4\n"


def test_delay_on_commit(bench_with):
    bench = bench_with("delay_on_commit", **{"requirements.txt": CELERY})
    before = inside("confirm.delay(order.pk)\nconfirm.apply_async((order.pk,))")
    after = inside("confirm.delay_on_commit(order.pk)\nconfirm.apply_async_on_commit((order.pk,))")
    bench.reviews(before, after, ALWAYS)


@pytest.mark.parametrize(
    ("opening", "requirements"),
    [
        ("with transaction.atomic():", "celery>=5.3\n"),
        ('with transaction.atomic(using="other"):', CELERY),
    ],
)
def test_delay_on_commit_that_cannot_be_had(bench_with, opening, requirements):
    bench = bench_with("delay_on_commit", **{"requirements.txt": requirements})
    before = inside("confirm.delay(order.pk)", opening)
    assert b"on_commit(partial(confirm.delay" in bench.after(before, unsafe=True)


def test_task_of_another_class_has_no_delay_on_commit(bench_with):
    tasks = (
        "from celery import Task, shared_task\n\n\nclass Base(Task):\n    pass\n\n\n"
        "@shared_task(base=Base)\ndef confirm(order_id):\n    pass\n"
    )
    files = {"requirements.txt": CELERY, "shop/tasks.py": tasks}
    bench = bench_with("delay_on_commit", **files)
    assert b"on_commit(partial(" in bench.after(inside("confirm.delay(1)"), unsafe=True)


REPORTED = {
    "assigned": ("result = confirm.delay(order.pk)", "result-used"),
    "returned": ("return confirm.delay(order.pk)", "result-used"),
    "waited_for": ("confirm.delay(order.pk).get()", "result-used"),
    "in_a_comprehension": ("[confirm.delay(item) for item in items]", "result-used"),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reports(bench, name):
    statement, reason = REPORTED[name]
    bench.reports(inside(statement), reason)


def test_async_code_is_reported(bench):
    text = inside("confirm.delay(order.pk)").replace("def place", "async def place")
    bench.reports(text, "async")


IGNORED = {
    "callback": "transaction.on_commit(lambda: confirm.delay(order.pk))",
    "partial_already": "transaction.on_commit(partial(confirm.delay, order.pk))",
    "nested_function": "def send():\n    confirm.delay(order.pk)\n\ntransaction.on_commit(send)",
    "no_task": "order.delay(x)",
    "unknown": "x.delay(order.pk)",
    "direct_call": "confirm(order.pk)",
    "eager": "confirm.apply((order.pk,))",
}


@pytest.mark.parametrize("name", IGNORED)
def test_ignores(bench, name):
    bench.ignores(inside(IGNORED[name]))


def test_other_context_manager(bench):
    bench.ignores(inside("confirm.delay(order.pk)", "with lock(x):"))


def test_atomic_of_another_library(bench):
    bench.ignores(inside("confirm.delay(1)", "with x.atomic():"))


def test_object_is_named(bench):
    before = inside("confirm.delay(order)")
    after = inside("transaction.on_commit(partial(confirm.delay, order))")
    bench.reviews(before, after, ALWAYS, "instance-argument")


def test_argument_that_is_changed_before_the_commit_is_named(bench):
    before = inside("confirm.delay(x)\nx.append(1)")
    after = inside("transaction.on_commit(partial(confirm.delay, x))\nx.append(1)")
    bench.reviews(before, after, ALWAYS, "changed-later")


def test_test_that_patches_the_task_is_named(bench_with):
    tests = 'from unittest import mock\n\n\n@mock.patch("shop.tasks.confirm")\ndef test(c): ...\n'
    bench = bench_with(**{"shop/tests/__init__.py": "", "shop/tests/test_place.py": tests})
    before = inside("confirm.delay(order.pk)")
    after = inside("transaction.on_commit(partial(confirm.delay, order.pk))")
    bench.reviews(before, after, ALWAYS, "patched-by-tests")


def test_task_that_is_sent_by_name(bench_with):
    app = "from celery import Celery\n\napp = Celery('shop')\n"
    bench = bench_with(**{"config/celery.py": app})
    before = inside('app.send_task("shop.tasks.confirm", (order.pk,))').replace(
        "from shop.models", "from config.celery import app\nfrom shop.models"
    )
    after = before.replace(
        'app.send_task("shop.tasks.confirm", (order.pk,))',
        'transaction.on_commit(partial(app.send_task, "shop.tasks.confirm", (order.pk,)))',
    )
    bench.reviews(before, after, ALWAYS)


def test_data(bench):
    (found,) = bench.run(inside("confirm.delay(order.pk)")).findings
    assert dict(found.finding.data) == {"task": "shop.tasks.confirm", "form": "partial"}


OWN_BASE = """\
from celery import Task, shared_task
from django.db import transaction


class Aware(Task):
    def apply_async(self, *args, **kwargs):
        transaction.on_commit(lambda: super(Aware, self).apply_async(*args, **kwargs))


@shared_task(base=Aware)
def confirm(order_id):
    pass
"""


def test_task_whose_class_waits_for_the_commit_itself(bench_with):
    bench_with(**{"shop/tasks.py": OWN_BASE}).declines(
        inside("confirm.apply_async((order.pk,))"), "own-sending"
    )


def test_task_whose_class_cannot_be_read(bench_with):
    tasks = "from celery import shared_task\nfrom library import Base\n\n\n"
    tasks += "@shared_task(base=Base)\ndef confirm(order_id):\n    pass\n"
    before = inside("confirm.delay(order.pk)")
    after = inside("transaction.on_commit(partial(confirm.delay, order.pk))")
    bench_with(**{"shop/tasks.py": tasks}).reviews(before, after, ALWAYS, "unknown-base")
