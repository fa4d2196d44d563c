"""What functions are found to do: each act with its exceptions, and the lines that lead to it."""

from __future__ import annotations

from djfix.codemods.inference.bodies.bodies import Bodies
from djfix.codemods.inference.bodies.values import Act, Body
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

MODELS = """\
from django.db import models


class Order(models.Model):
    status = models.CharField(max_length=10)
    total = models.IntegerField(default=0)

    def notify(self):
        send_mail("s", "b", "f", ["t"])

    def close(self):
        self.status = "closed"
        self.save(update_fields=["status"])


from django.core.mail import send_mail
"""

GATEWAY = """\
import requests


class GatewayError(Exception):
    pass


class GatewayTimeout(GatewayError):
    pass


class Gateway:
    def __init__(self):
        self.session = requests.Session()

    def charge(self, order_id):
        try:
            response = self._post("/charge", order_id)
        except requests.Timeout as error:
            raise GatewayTimeout() from error
        if response.status_code != 200:
            raise GatewayError()
        return response.json()

    def _post(self, path, data):
        return self.session.post(path, data, timeout=5)

    def rates(self):
        return self.session.get("/rates")


gateway = Gateway()
"""


def body_of(text: str, **others: str) -> Body:
    """The body of `shop.tasks.task`."""
    files = {
        "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = ["shop"]\n',
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/gateways.py": GATEWAY,
        "shop/tasks.py": text,
        **{f"shop/{name}.py": other for name, other in others.items()},
    }
    project = Project(Files.of({path: each.encode() for path, each in files.items()}))
    body = project.shared(Bodies).of_symbol("shop.tasks.task")
    assert body is not None
    return body


def kinds(text: str, **others: str) -> list[tuple[str, str]]:
    return [(act.kind, act.callee) for act in body_of(text, **others).acts]


def only(text: str, **others: str) -> Act:
    (act,) = body_of(text, **others).acts
    return act


def test_requests_without_timeout_raises_what_is_transient():
    act = only("import requests as r\n\ndef task(url):\n    return r.get(url).json()\n")
    assert (act.kind, act.callee, act.timeout, act.repeatable) == (
        "network",
        "requests.get",
        "missing",
        True,
    )
    assert act.exceptions == ("requests.exceptions.ConnectionError", "requests.exceptions.Timeout")
    assert [(each.path, each.line) for each in act.evidence] == [("shop/tasks.py", 4)]


def test_timeouts_as_they_are_given():
    def state(call: str) -> str:
        return only(f"import requests, httpx\n\ndef task(u, **k):\n    {call}\n").timeout

    assert state("requests.get(u, timeout=5)") == "given"
    assert state("requests.get(u, timeout=None)") == "missing"
    assert state("requests.get(u, **k)") == "unknown"
    assert state("httpx.get(u)") == "given"
    assert state("httpx.get(u, timeout=None)") == "missing"


def test_a_post_is_not_repeatable_and_a_put_is():
    assert only("import requests\n\ndef task(u):\n    requests.post(u)\n").repeatable is False
    assert only("import requests\n\ndef task(u):\n    requests.put(u)\n").repeatable is True
    text = 'import requests\n\ndef task(u):\n    requests.request("GET", u)\n'
    assert only(text).repeatable is True
    head = "from urllib.request import urlopen\n\ndef task(u):\n    "
    assert only(f"{head}urlopen(f'u/{{u}}')\n").repeatable is True
    assert only(f"{head}urlopen('u', b'data')\n").repeatable is False
    assert only(f"{head}urlopen(u)\n").repeatable is None


def test_the_method_of_a_request_may_be_named_on_the_way_to_it():
    head = "import requests\n\ndef ask(method, url):\n    return requests.request(method, url)\n\n"
    assert only(f"{head}def task(u):\n    ask('GET', u)\n").repeatable is True
    assert only(f"{head}def task(u):\n    ask('post', u)\n").repeatable is False
    assert only(f"{head}def task(u, m):\n    ask(m, u)\n").repeatable is False
    both = body_of(f"{head}def task(u):\n    ask('GET', u)\n    ask('POST', u)\n").acts
    assert [act.repeatable for act in both] == [True, False]


def test_a_session_that_a_variable_a_with_or_a_module_holds():
    get = ("network", "requests.Session.get")
    head = "import requests\n\n"
    assert kinds(f"{head}def task(u):\n    s = requests.Session()\n    s.get(u)\n") == [get]
    assert kinds(f"{head}def task(u):\n    with requests.Session() as s:\n        s.get(u)\n") == [
        get
    ]
    assert kinds(f"{head}S = requests.session()\n\ndef task(u):\n    S.get(u)\n") == [get]
    text = f"{head}def make():\n    return requests.Session()\n\ndef task(u):\n    make().get(u)\n"
    assert kinds(text) == [get]
    assert kinds(f"{head}def task(s: requests.Session):\n    s.get('u')\n") == [get]


def test_a_local_that_only_looks_like_a_library_is_not_one():
    assert kinds("def task(requests):\n    requests.get('u')\n") == []


def test_the_charge_of_a_client_is_a_payment_with_the_clients_exceptions():
    text = "from shop.gateways import gateway\n\ndef task(pk):\n    gateway.charge(pk)\n"
    payment, network = body_of(text).acts
    assert (payment.kind, payment.callee) == ("payment", "shop.gateways.Gateway.charge")
    assert payment.exceptions == (
        "requests.exceptions.ConnectionError",
        "shop.gateways.GatewayTimeout",
        "shop.gateways.GatewayError",
    )
    assert [each.line for each in network.evidence] == [4, 18, 26]
    assert [each.path for each in network.evidence] == ["shop/tasks.py", *["shop/gateways.py"] * 2]


def test_an_attribute_that_init_assigns_is_followed():
    text = "from shop.gateways import Gateway\n\ndef task():\n    return Gateway().rates()\n"
    assert kinds(text) == [("network", "requests.Session.get")]


def test_an_exception_that_is_caught_and_translated_is_the_other_one():
    text = """\
import requests
from shop.gateways import GatewayError

def fetch():
    try:
        return requests.get("u")
    except requests.RequestException as error:
        raise GatewayError() from error

def task():
    fetch()
"""
    assert only(text).exceptions == ("shop.gateways.GatewayError",)


def test_a_handler_of_everything_swallows_what_is_called_below_it():
    text = """\
import requests

def fetch():
    return requests.get("u")

def task():
    try:
        fetch()
    except Exception:
        pass
"""
    network, swallow = body_of(text).acts
    assert network.exceptions == ()
    assert network.swallowed is not None
    assert network.swallowed.line == 9
    assert (swallow.kind, swallow.callee) == ("swallow", "Exception")


def test_a_handler_that_raises_again_lets_it_out():
    text = """\
import logging, requests

def task():
    try:
        requests.get("u")
    except Exception:
        logging.exception("failed")
        raise
"""
    act = only(text)
    assert act.swallowed is None
    assert act.exceptions


def test_a_handler_of_another_exception_lets_it_out():
    text = "import requests\n\ndef task():\n    try:\n        requests.get('u')\n"
    assert only(f"{text}    except ValueError:\n        pass\n").exceptions
    assert only(f"{text}    except requests.exceptions.SSLError:\n        pass\n").exceptions
    act = only(f"{text}    except requests.exceptions.RequestException:\n        return None\n")
    assert act.exceptions == ()
    assert act.swallowed is not None


def test_suppress_swallows():
    text = """\
import contextlib, requests

def task():
    with contextlib.suppress(Exception):
        requests.get("u")
"""
    assert only(text).swallowed is not None


def test_bare_except_and_the_soft_limit_are_swallowed_by_name():
    head = "from celery.exceptions import SoftTimeLimitExceeded\n\n"
    head += "def task(f):\n    try:\n        print(f)\n"
    assert kinds(f"{head}    except:\n        pass\n") == [("swallow", "BaseException")]
    name = "billiard.exceptions.SoftTimeLimitExceeded"
    assert kinds(f"{head}    except SoftTimeLimitExceeded:\n        pass\n") == [("swallow", name)]
    assert kinds(f"{head}    except ValueError:\n        pass\n") == []


def test_writes_by_whether_they_may_be_done_twice():
    def act(line: str) -> tuple[str, bool | None]:
        head = "from django.db.models import F\nfrom shop.models import Order\n\n"
        found = only(f"{head}def task(pk):\n    {line}\n")
        return found.kind, found.repeatable

    assert act('Order.objects.create(status="new")') == ("create", False)
    assert act("Order.objects.bulk_create([])") == ("create", False)
    assert act("Order.objects.bulk_create([], ignore_conflicts=True)") == ("create", True)
    assert act('Order.objects.get_or_create(status="new")') == ("write", True)
    assert act('Order.objects.update_or_create(status="new")') == ("write", True)
    assert act('Order.objects.filter(pk=pk).update(status="paid")') == ("write", True)
    assert act('Order.objects.filter(pk=pk).update(total=F("total") + 1)') == ("delta", False)
    assert act("Order.objects.filter(pk=pk).delete()") == ("delete", True)
    assert act('Order(status="new").save()') == ("create", False)
    assert act("Order.objects.get(pk=pk).save()") == ("write", True)
    assert act("pk.objects.create(a=1)") == ("create", False)


def test_a_serializer_or_form_that_fills_a_new_row_creates_it():
    def kind(made: str) -> str:
        text = (
            "from django import forms\nfrom rest_framework import serializers\n"
            "from shop.models import Order\n\n\n"
            "class OrderSerializer(serializers.ModelSerializer):\n    pass\n\n\n"
            "class OrderForm(forms.ModelForm):\n    pass\n\n\n"
            f"def task(data, order):\n    filled = {made}\n    filled.save()\n"
        )
        return only(text).kind

    assert kind("OrderSerializer(data=data)") == "create"
    assert kind("OrderSerializer(order, data=data)") == "write"
    assert kind("OrderSerializer(instance=order, data=data)") == "write"
    assert kind("OrderForm(data)") == "create"
    assert kind("OrderForm(data, instance=order)") == "write"


def test_adding_in_memory_to_a_row_is_a_delta():
    text = """\
from shop.models import Order

def task(pk):
    order = Order.objects.get(pk=pk)
    order.total += 1
    order.save()
"""
    assert kinds(text) == [
        ("delta", "shop.models.Order.total"),
        ("write", "shop.models.Order.save"),
    ]


def test_methods_of_models_are_followed():
    text = "from shop.models import Order\n\ndef task(pk):\n    Order.objects.get(pk=pk).notify()\n"
    assert kinds(text) == [("mail", "django.core.mail.send_mail")]
    text = "from shop.models import Order\n\ndef task(pk):\n    Order.objects.get(pk=pk).close()\n"
    assert [kind for kind, _ in kinds(text)] == ["write"]


def test_mail_in_its_spellings():
    text = """\
from django.core.mail import EmailMultiAlternatives

def task(user):
    message = EmailMultiAlternatives("s", "b")
    message.send()
    user.email_user("s", "b")
"""
    assert [kind for kind, _ in kinds(text)] == ["mail", "mail"]


def test_time_locks_loops_and_retries():
    text = """\
import time
from django.core.cache import cache

def task(self):
    while True:
        time.sleep(60 * 2)
    with cache.lock("k", timeout=30):
        pass
    cache.add("k", 1, 60)
    other.apply_async(countdown=5)
    self.retry(countdown=3)
"""
    acts = body_of(text).acts
    found = sorted((act.kind, act.amount) for act in acts if act.amount is not None)
    assert found == [("delay", 5), ("lock", 30), ("lock", 60), ("sleep", 120)]
    assert {act.kind for act in acts} >= {"loop", "retry"}


def test_files_and_processes():
    text = """\
import subprocess

def task(path):
    open(path)
    open(path, "w")
    open(path, mode="a")
    subprocess.run(["ls"])
"""
    acts = body_of(text).acts
    assert [(act.kind, act.repeatable) for act in acts] == [
        ("file", True),
        ("file", False),
        ("process", None),
    ]


def test_payments_by_library_and_by_name():
    text = "import stripe\n\ndef task():\n    stripe.Charge.create(amount=1)\n"
    assert kinds(text) == [("payment", "stripe.Charge.create")]
    text = "import stripe\n\ndef task():\n    stripe.Charge.retrieve('x')\n"
    assert kinds(text) == [("network", "stripe.Charge.retrieve")]
    assert kinds("def task(gateway):\n    gateway.refund(1)\n") == [("payment", "gateway.refund")]


def test_a_name_of_money_that_only_reads_rows_is_no_payment():
    text = """\
from shop.models import Order

def process_payment(pk):
    return Order.objects.filter(pk=pk).first()

def task(pk):
    process_payment(pk)
"""
    assert kinds(text) == []


def test_functions_that_are_handed_on_count_as_called():
    head = "from functools import partial\nfrom django.core.mail import send_mail\n"
    head += "from django.db import transaction\nimport requests\n\n"
    head += "def fetch(url):\n    requests.get(url)\n\ndef task(urls):\n    "
    assert kinds(f"{head}transaction.on_commit(partial(send_mail, 's'))\n") == [
        ("mail", "django.core.mail.send_mail")
    ]
    assert kinds(f"{head}list(map(fetch, urls))\n") == [("network", "requests.get")]
    assert kinds(f"{head}transaction.on_commit(lambda: fetch(urls))\n") == [
        ("network", "requests.get")
    ]
    assert kinds(f"{head}print(send_mail)\n") == [("mail", "django.core.mail.send_mail")]


def test_recursion_and_cycles_end():
    text = """\
import requests

def ping(n):
    requests.get("u")
    pong(n)

def pong(n):
    ping(n)

def task(n):
    ping(n)
    task(n)
"""
    acts = body_of(text).acts
    assert [act.kind for act in acts].count("network") >= 1


def test_answers_do_not_depend_on_the_order_of_questions():
    files = {
        "shop/__init__.py": "",
        "shop/a.py": "from shop import b\n\ndef one():\n    b.two()\n",
        "shop/b.py": (
            "import requests\nfrom shop import a\n\n"
            "def two():\n    requests.get('u')\n    a.one()\n"
        ),
    }
    contents = {path: each.encode() for path, each in files.items()}
    first = Bodies(Project(Files.of(contents)))
    second = Bodies(Project(Files.of(contents)))
    names = ["shop.a.one", "shop.b.two"]
    one = {name: first.of_symbol(name) for name in names}
    other = {name: second.of_symbol(name) for name in reversed(names)}
    assert one == other


def test_what_cannot_be_followed_is_said():
    body = body_of("def task(thing):\n    thing.launch()\n")
    assert [reason.name for reason in body.unclear] == ["unread-call"]
    assert "thing.launch" in body.unclear[0].text
    assert kinds("import somelib\n\ndef task():\n    somelib.go()\n") == [("unknown", "somelib.go")]


def test_a_task_that_sends_itself_retries_by_hand():
    head = "from celery import shared_task\n\n"
    text = f"{head}@shared_task\ndef task(n):\n    task.apply_async((n + 1,), countdown=60)\n"
    assert kinds(text) == [("retry", "shop.tasks.task.apply_async")]
    text = f"{head}@shared_task(bind=True)\ndef task(self, n):\n    self.apply_async((n + 1,))\n"
    assert kinds(text) == [("retry", "self.apply_async")]


def test_a_name_that_sends_is_a_task_unless_it_is_a_librarys():
    text = "import multiprocessing\n\ndef task(f):\n    multiprocessing.Pool().apply_async(f)\n"
    assert kinds(text)[-1] == ("unknown", "multiprocessing.Pool.apply_async")
    assert kinds("def task(other):\n    other.apply_async()\n") == [("delay", "other.apply_async")]


def test_what_changes_by_its_name_counts_also_of_a_model_that_cannot_be_read():
    text = "from elsewhere.models import Note\n\ndef task():\n    Note.objects.create(a=1)\n"
    assert [kind for kind, _ in kinds(text)] == ["create"]


def test_quiet_calls_say_nothing():
    text = """\
import json, logging
from datetime import timedelta
from django.utils import timezone

logger = logging.getLogger(__name__)

def task(rows):
    logger.info("x %s", timezone.now() - timedelta(days=1))
    print(json.dumps([str(row) for row in rows]))
"""
    assert body_of(text) == Body()
