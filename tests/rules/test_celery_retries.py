"""`celery-retries`: what becomes of each task, to the letter, and what is left alone and why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.engine.run import run
from djfix.codemods.engine.values import Request
from djfix.codemods.rule import Rule
from djfix.codemods.rules.celery_limits import CeleryLimits
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions
from djfix.codemods.rules.celery_retries import CeleryRetries
from djfix.codemods.rules.celery_retries.examples import EXAMPLES, FILES
from djfix.codemods.rules.celery_retries.options import CeleryRetriesOptions
from djfix.codemods.source.files import Files

BIND = CeleryRetriesOptions(form="bind")
HEAD = "import requests\nfrom celery import shared_task\n\n\n"
WITH_LIMIT = "import requests\nfrom celery import shared_task\n"
WITH_LIMIT += "from celery.exceptions import SoftTimeLimitExceeded\n\n\n"
ADDED = """\
    autoretry_for=(requests.ConnectionError, requests.Timeout),
    retry_backoff=True,
    retry_jitter=True,
    max_retries=3,
    dont_autoretry_for=(SoftTimeLimitExceeded,),
"""
LATE = "    acks_late=True,\n    reject_on_worker_lost=True,\n"
FETCH = "def fetch(url):\n    return requests.get(url, timeout=5).text\n"

GATEWAY = """\
import requests


class GatewayError(Exception):
    pass


class GatewayTimeout(GatewayError):
    pass


class Gateway:
    def charge(self, order_id):
        try:
            response = requests.post("https://gateway.example/", {"id": order_id}, timeout=5)
        except requests.RequestException as error:
            raise GatewayTimeout() from error
        if response.status_code >= 500:
            raise GatewayError()

    def rates(self):
        try:
            return requests.get("https://gateway.example/rates", timeout=5).json()
        except requests.RequestException as error:
            raise GatewayTimeout() from error


gateway = Gateway()
"""
ORDERS = """

class Order(models.Model):
    status = models.CharField(max_length=10)
    total = models.IntegerField(default=0)
"""


@pytest.fixture
def bench_with(bench_of):
    """A bench with other options, other files, or another line in settings."""

    def make(options=None, *, settings="", **others):
        files = {**dict(FILES), "shop/gateway.py": GATEWAY, **others}
        files["shop/models.py"] += ORDERS
        files["config/settings.py"] += settings
        return bench_of(CeleryRetries(options), "shop/tasks.py", files)

    return make


@pytest.fixture
def bench(bench_with):
    return bench_with()


def task(body: str, decorator: str = "@shared_task", head: str = HEAD) -> str:
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    return f"{head}{decorator}\ndef work(pk):\n{lines}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(CeleryRetries(), example.path, example.files)
    assert bench.after(example.before).decode() == example.before, "nothing is ever safe"
    if example.before != example.after:
        bench.fixes(example.before, example.after, unsafe=True)


# -- the form autoretry --------------------------------------------------------------------------


def test_a_fetch_is_repeatable_and_acknowledged_late(bench):
    before = f"{HEAD}@shared_task\n{FETCH}"
    after = f"{WITH_LIMIT}@shared_task(\n{ADDED}{LATE})\n{FETCH}"
    bench.reviews(before, after, "runs-again", "delivered-again")


def test_options_that_are_there_stay(bench):
    before = f'{HEAD}@shared_task(name="fetch", queue="slow")  # nightly\n{FETCH}'
    kept = '    name="fetch",\n    queue="slow",\n'
    after = f"{WITH_LIMIT}@shared_task(\n{kept}{ADDED}{LATE})  # nightly\n{FETCH}"
    bench.fixes(before, after, unsafe=True)


def test_a_task_of_an_application_by_another_name(bench):
    head = "import requests\nfrom config.celery import app as queue\n\n\n"
    found = bench.run(f"{head}@queue.task()\n{FETCH}").findings
    assert [item.outcome.value for item in found] == ["needs-review"]


def test_what_is_set_is_not_set_again(bench):
    decorator = "@shared_task(max_retries=9, default_retry_delay=900)"
    text = task("pk.launch()\nrequests.get(pk, timeout=5)", decorator)
    after = bench.after(text, unsafe=True).decode()
    assert after.count("max_retries=") == 1
    assert "autoretry_for=(requests.ConnectionError, requests.Timeout)," in after


def test_bind_that_is_set_to_false(bench_with):
    text = task("requests.get(pk)", "@shared_task(bind=False)")
    bench_with(BIND).reports(text, "self-parameter")


def test_data_names_the_task_and_what_is_added(bench):
    (found,) = bench.run(f"{HEAD}@shared_task\n{FETCH}").findings
    assert found.finding.data == {
        "task": "shop.tasks.fetch",
        "options": {
            "autoretry_for": (
                "requests.exceptions.ConnectionError",
                "requests.exceptions.Timeout",
            ),
            "retry_backoff": True,
            "retry_jitter": True,
            "max_retries": 3,
            "acks_late": True,
            "reject_on_worker_lost": True,
            "dont_autoretry_for": ("celery.exceptions.SoftTimeLimitExceeded",),
        },
    }


def test_before_celery_5_3_there_is_no_dont_autoretry_for(bench_with):
    bench = bench_with(**{"requirements.txt": "celery==5.2.7\n"})
    added = ADDED.replace("    dont_autoretry_for=(SoftTimeLimitExceeded,),\n", "")
    after = f"{HEAD}@shared_task(\n{added}{LATE})\n{FETCH}"
    bench.fixes(f"{HEAD}@shared_task\n{FETCH}", after, unsafe=True)


def test_http_errors_count_where_they_are_raised(bench):
    text = task("requests.get(pk, timeout=1).raise_for_status()")
    (found,) = bench.run(text).findings
    assert found.finding.data["options"]["autoretry_for"][-1] == "requests.exceptions.HTTPError"


def test_exceptions_of_the_projects_own_client_are_named(bench):
    head = "from celery import shared_task\n\nfrom shop.gateway import gateway\n\n\n"
    text = task("return gateway.rates()", head=head)
    after = bench.after(text, unsafe=True).decode()
    assert "from shop.gateway import GatewayTimeout, gateway\n" in after
    assert "    autoretry_for=(GatewayTimeout,),\n" in after


def test_an_exception_that_only_a_new_import_could_name(bench):
    body = "from shop.gateway import gateway\nreturn gateway.rates()"
    bench.reports(task(body), "import-cycle")


def test_an_exception_that_is_defined_below_its_task(bench):
    text = task("return ask(pk)") + (
        "\n\nclass AskError(Exception):\n    pass\n\n\n"
        "def ask(pk):\n    try:\n        return requests.get(pk, timeout=5)\n"
        "    except requests.RequestException as error:\n        raise AskError() from error\n"
    )
    bench.reports(text, "defined-later")


def test_calls_in_other_files_are_followed(bench_with):
    bench = bench_with(**{"shop/fetching.py": f"import requests\n\n\n{FETCH}"})
    text = task(
        "fetch(pk)", head="from celery import shared_task\n\nfrom shop.fetching import fetch\n\n\n"
    )
    (found,) = bench.run(text).findings
    assert [(each.path, each.line) for each in found.finding.evidence] == [
        ("shop/tasks.py", 8),
        ("shop/fetching.py", 5),
    ]
    assert "import requests\n" in bench.after(text, unsafe=True).decode()


def test_writes_that_are_the_same_twice_are_repeatable(bench):
    body = "requests.get(pk, timeout=5)\nRate.objects.filter(pk=pk).update(value=1)"
    text = task(body, head=f"{HEAD[:-2]}\nfrom shop.models import Rate\n\n\n")
    assert "acks_late=True" in bench.after(text, unsafe=True).decode()


def test_max_retries_is_the_users(bench_with):
    bench = bench_with(CeleryRetriesOptions(max_retries=8))
    assert "max_retries=8," in bench.after(f"{HEAD}@shared_task\n{FETCH}", unsafe=True).decode()


def test_late_acknowledgement_can_be_switched_off(bench_with):
    bench = bench_with(CeleryRetriesOptions(acks_late=False))
    after = f"{WITH_LIMIT}@shared_task(\n{ADDED})\n{FETCH}"
    bench.reviews(f"{HEAD}@shared_task\n{FETCH}", after, "runs-again")


def test_a_library_that_only_the_body_imports(bench):
    head = "from celery import shared_task\n\n\n"
    after = bench.after(task("import requests\nrequests.get(pk)", head=head), unsafe=True).decode()
    assert "import requests\nfrom celery import shared_task\n" in after
    assert "autoretry_for=(requests.ConnectionError, requests.Timeout)," in after


def test_exceptions_as_the_file_names_them_already(bench):
    head = f"{HEAD[:-2]}from requests.exceptions import ConnectionError, Timeout\n\n\n"
    after = bench.after(task("requests.get(pk)", head=head), unsafe=True).decode()
    assert "    autoretry_for=(ConnectionError, Timeout),\n" in after


def test_a_builtin_exception_whose_name_is_taken(bench):
    head = "from urllib.request import urlopen\n\nfrom celery import shared_task\n"
    head += "from requests import TimeoutError\n\n\n"
    bench.reports(task("urlopen(pk)", head=head), "hidden-name")


OTHERS = f"""\
from django.db import transaction
{HEAD[:-2]}from shop.decorators import locked


"""
LOCKED = "def locked(function):\n    return function\n"


def test_another_decorator_is_a_doubt(bench_with):
    bench = bench_with(**{"shop/decorators.py": LOCKED})
    text = task("requests.get(pk)", "@shared_task\n@locked", OTHERS)
    assert sorted(bench.reasons(text)) == ["other-decorator", "runs-again"]
    assert "acks_late" not in bench.after(text, unsafe=True).decode()


def test_bind_under_another_decorator(bench_with):
    bench = bench_with(BIND, **{"shop/decorators.py": LOCKED})
    bench.reports(task("requests.get(pk)", "@shared_task\n@locked", OTHERS), "other-decorator")
    after = bench.after(
        task("requests.get(pk)", "@shared_task\n@transaction.atomic", OTHERS), unsafe=True
    )
    assert b"def work(self, pk):" in after


def test_an_exception_that_stands_for_every_other(bench):
    head = f"{HEAD[:-2]}from shop.gateway import GatewayError\n\n\n"
    body = "try:\n    requests.get(pk)\nexcept Exception:\n    raise GatewayError()"
    assert "translates-everything" in bench.reasons(task(body, head=head))


def test_an_exception_in_a_class_is_not_named(bench_with):
    client = (
        "import requests\n\n\nclass Client:\n    class Failed(Exception):\n        pass\n\n"
        "    def get(self, url):\n        try:\n            return requests.get(url)\n"
        "        except requests.RequestException:\n            raise Client.Failed()\n"
    )
    bench = bench_with(**{"shop/client.py": client})
    head = "from celery import shared_task\n\nfrom shop.client import Client\n\n\n"
    bench.reports(task("Client().get(pk)", head=head), "no-named-exception")


# -- no late acknowledgement where it is not sure that a second run is harmless ------------------

DOUBTS = {
    "unread-call": "pk.launch()",
    "sends-tasks": "other.delay()",
    "runs-program": 'subprocess.run(["ls"])',
    "unknown-library": "somelib.work()",
    "may-differ": "pk.save()",
}


@pytest.mark.parametrize(("reason", "line"), DOUBTS.items(), ids=DOUBTS)
def test_what_is_not_known_is_a_reason(bench, reason, line):
    head = f"import subprocess\n\nimport somelib\n{HEAD}"
    text = task(f"{line}\nrequests.get(pk, timeout=5)", head=head)
    assert sorted(bench.reasons(text)) == sorted(["runs-again", reason])
    assert "acks_late" not in bench.after(text, unsafe=True).decode()


def test_a_call_under_if_created_is_not_made_again(bench):
    head = f"{HEAD[:-2]}\nfrom shop.models import Rate\n\n\n"
    body = (
        "rate, created = Rate.objects.get_or_create(currency=pk)\nif created:\n    requests.get(pk)"
    )
    assert "only-when-created" in bench.reasons(task(body, head=head))
    body = body.replace("if created", "if rate")
    assert "only-when-created" not in bench.reasons(task(body, head=head))


def test_receivers_run_with_a_write(bench_with):
    signals = (
        "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n\n"
        "from shop.models import Rate\n\n\n@receiver(post_save, sender=Rate)\n"
        "def tell(sender, **kwargs):\n    pass\n"
    )
    head = f"{HEAD[:-2]}\nfrom shop.models import Rate\n\n\n"
    body = "Rate.objects.update_or_create(currency=requests.get(pk, timeout=5).text)"
    assert "runs-on-save" not in bench_with().reasons(task(body, head=head))
    bench = bench_with(**{"shop/signals.py": signals})
    assert sorted(bench.reasons(task(body, head=head))) == ["runs-again", "runs-on-save"]
    assert "acks_late" not in bench.after(task(body, head=head), unsafe=True).decode()


def test_redis_without_a_time_limit_may_deliver_twice(bench_with):
    files = {"config/settings.py": 'INSTALLED_APPS = ["shop"]\nCELERY_BROKER_URL = "redis://r"\n'}
    bench = bench_with(**files)
    text = f"{HEAD}@shared_task\n{FETCH}"
    assert sorted(bench.reasons(text)) == ["no-time-limit", "runs-again"]
    assert "acks_late" not in bench.after(text, unsafe=True).decode()


def test_redis_with_a_time_limit_below_its_timeout(bench_with):
    files = {"config/settings.py": 'INSTALLED_APPS = ["shop"]\nCELERY_BROKER_URL = "redis://r"\n'}
    text = f"{HEAD}@shared_task(time_limit=60)\n{FETCH}"
    assert "acks_late=True" in bench_with(**files).after(text, unsafe=True).decode()
    short = 'CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 30}\n'
    bench = bench_with(settings=short, **files)
    assert sorted(bench.reasons(text)) == ["runs-again", "visibility-timeout"]
    assert "acks_late" not in bench.after(text, unsafe=True).decode()


def test_a_broker_that_is_not_known_may_be_redis(bench_with):
    bench = bench_with(**{"config/settings.py": 'INSTALLED_APPS = ["shop"]\n'})
    assert "no-time-limit" in bench.reasons(f"{HEAD}@shared_task\n{FETCH}")


def test_acknowledgement_that_is_set_is_not_set_again(bench, bench_with):
    text = f"{HEAD}@shared_task(acks_late=False)\n{FETCH}"
    assert "reject_on_worker_lost" not in bench.after(text, unsafe=True).decode()
    bench = bench_with(settings="CELERY_TASK_ACKS_LATE = True\n")
    after = bench.after(f"{HEAD}@shared_task\n{FETCH}", unsafe=True).decode()
    assert "acks_late" not in after


def test_eager_tests_see_another_exception(bench_with):
    test = "from shop.tasks import fetch\n\n\ndef test_it():\n    fetch.delay(1)\n"
    bench = bench_with(
        settings="CELERY_TASK_EAGER_PROPAGATES = True\n", **{"shop/tests/test_tasks.py": test}
    )
    assert "eager-tests" in bench.reasons(f"{HEAD}@shared_task\n{FETCH}")


# -- the form bind -------------------------------------------------------------------------------

BOUND = """\
@shared_task(
    bind=True,
    max_retries=3,
    default_retry_delay=60,
    acks_late=True,
    reject_on_worker_lost=True,
)
"""
RETRY = """\
    except (requests.ConnectionError, requests.Timeout) as exc:
        raise self.retry(
            exc=exc, countdown=self.default_retry_delay * 2**self.request.retries
        )
"""


def test_bind_wraps_the_call_that_may_fail(bench_with):
    before = task('text = requests.get(pk, timeout=5).text  # slow\nprint("done", text)')
    after = (
        f"{HEAD}{BOUND}def work(self, pk):\n    try:\n"
        f"        text = requests.get(pk, timeout=5).text  # slow\n{RETRY}"
        '    print("done", text)\n'
    )
    bench_with(BIND).reviews(before, after, "runs-again", "delivered-again")


def test_bind_of_a_task_that_is_bound_uses_its_own_name(bench_with):
    before = f"{HEAD}@shared_task(bind=True)\ndef work(task, url):\n    requests.get(url)\n"
    after = bench_with(BIND).after(before, unsafe=True).decode()
    assert "def work(task, url):\n    try:\n        requests.get(url)\n" in after
    assert "raise task.retry(" in after
    assert after.count("bind=True") == 1


def test_bind_in_a_loop_and_a_branch(bench_with):
    before = task("for url in pk:\n    if url:\n        requests.get(url)\n    print(url)")
    after = bench_with(BIND).after(before, unsafe=True).decode()
    assert (
        "        if url:\n            try:\n                requests.get(url)\n"
        "            except (requests.ConnectionError, requests.Timeout) as exc:\n"
    ) in after


def test_bind_wraps_neighbours_together_and_others_apart(bench_with):
    before = task("requests.get(pk)\nrequests.get(pk)\nprint(pk)\nrequests.get(pk)")
    after = bench_with(BIND).after(before, unsafe=True).decode()
    assert after.count("try:") == 2
    assert "    try:\n        requests.get(pk)\n        requests.get(pk)\n    except" in after


def test_bind_keeps_texts_of_several_lines(bench_with):
    before = task('requests.get(pk, data="""\nleft\n  most""")')
    after = bench_with(BIND).after(before, unsafe=True).decode()
    assert (
        '    try:\n        requests.get(pk, data="""\n    left\n      most""")\n    except' in after
    )
    assert '"""\n    left\n      most"""' in before


def test_bind_of_a_header_wraps_the_whole_statement(bench_with):
    before = task("with requests.get(pk) as response:\n    print(response)")
    after = bench_with(BIND).after(before, unsafe=True).decode()
    inner = "        with requests.get(pk) as response:\n            print(response)\n"
    assert f"    try:\n{inner}    except" in after


def test_bind_of_an_elif_wraps_its_whole_if(bench_with):
    before = task("if not pk:\n    pass\nelif requests.get(pk):\n    print(pk)")
    after = bench_with(BIND).after(before, unsafe=True).decode()
    assert "    try:\n        if not pk:\n            pass\n        elif requests" in after


def test_bind_with_no_parameters_and_with_stars(bench_with):
    bench = bench_with(BIND)
    for before, after in (
        ("()", "(self)"),
        ("(*args)", "(self, *args)"),
        ("(*, a)", "(self, *, a)"),
    ):
        text = f"{HEAD}@shared_task\ndef work{before}:\n    requests.get('u')\n"
        assert f"def work{after}:\n" in bench.after(text, unsafe=True).decode()


def test_bind_with_parameters_below_each_other(bench_with):
    text = f"{HEAD}@shared_task\ndef work(\n    a,\n    b=1,\n):\n    requests.get(a)\n"
    after = bench_with(BIND).after(text, unsafe=True).decode()
    assert "def work(\n    self,\n    a,\n    b=1,\n):\n" in after


def test_bind_takes_a_free_name_for_the_exception(bench_with):
    text = task("exc = requests.get(pk)\nprint(exc)")
    assert "as error:" in bench_with(BIND).after(text, unsafe=True).decode()


def test_bind_has_no_place_for_self(bench_with):
    text = f"{HEAD}@shared_task\ndef work(pk, self):\n    requests.get(pk)\n"
    bench_with(BIND).reports(text, "self-parameter")


BIND_PLACES = {
    "in_a_lambda": "run = lambda: requests.get(pk)\nrun()",
    "beside_another_statement": "a = 1; requests.get(pk)",
    "in_a_function_of_its_own": "def inner():\n    requests.get(pk)\n\ninner()",
}


@pytest.mark.parametrize("body", BIND_PLACES.values(), ids=BIND_PLACES)
def test_bind_cannot_wrap(bench_with, body):
    bench_with(BIND).reports(task(body), "bind-place")


def test_bind_may_name_what_is_defined_below(bench_with):
    text = task("return ask(pk)") + (
        "\n\nclass AskError(Exception):\n    pass\n\n\n"
        "def ask(pk):\n    try:\n        return requests.get(pk, timeout=5)\n"
        "    except requests.RequestException as error:\n        raise AskError() from error\n"
    )
    assert "except AskError as exc:" in bench_with(BIND).after(text, unsafe=True).decode()


# -- beside celery-limits ------------------------------------------------------------------------

TOGETHER = {
    "bare": "@shared_task",
    "called": "@shared_task()",
    "in_lines": '@shared_task(\n    name="fetch",  # by name\n)',
    "with_a_limit": "@shared_task(time_limit=20)",
}


@pytest.mark.parametrize("form", ["autoretry", "bind"])
@pytest.mark.parametrize("decorator", TOGETHER.values(), ids=TOGETHER)
def test_limits_and_retries_on_one_decorator(decorator, form):
    limits = CeleryLimits(CeleryLimitsOptions(soft_time_limit=5, time_limit=10))
    retries = CeleryRetries(CeleryRetriesOptions(form=form))
    before = task("requests.get(pk, timeout=1)", decorator)
    after = applied(before, limits, retries)
    assert after == applied(applied(before, limits), retries)
    assert applied(after, limits, retries) == after
    (call,) = ast.parse(after).body[-1].decorator_list
    names = [each.arg for each in call.keywords]
    assert len(names) == len(set(names))
    assert {"soft_time_limit", "time_limit", "max_retries", "acks_late"} <= set(names)


def applied(text: str, *rules: Rule) -> str:
    """What these rules together make of `shop/tasks.py`, with what needs review."""
    files = {**dict(FILES), "shop/tasks.py": text}
    request = Request(Path("/nowhere"), rules, Configuration(), apply=True, unsafe=True)
    result = run(request, files=Files.of({path: each.encode() for path, each in files.items()}))
    assert not result.failures
    changes = {change.path: change.after.decode() for change in result.changes}
    return changes.get("shop/tasks.py", text)


# -- reported, with what to do first -------------------------------------------------------------

MODEL_HEAD = f"{HEAD[:-2]}\nfrom django.db.models import F\nfrom shop.models import Order\n\n\n"
MAIL_HEAD = f"from django.core.mail import send_mail\n{HEAD}"

REPORTED = {
    "payment": ("import stripe\n" + HEAD, "stripe.Charge.create(amount=pk)"),
    "mail": (MAIL_HEAD, "send_mail('s', 'b', 'f', [pk])"),
    "creates": (MODEL_HEAD, "Order.objects.create(status=requests.get(pk).text)"),
    "adds": (MODEL_HEAD, 'Order.objects.update(total=F("total") + requests.get(pk).json())'),
    "sends": (HEAD, "requests.post(pk, timeout=5)"),
    "appends": (HEAD, "open('log', 'a').write(requests.get(pk).text)"),
}


@pytest.mark.parametrize(("reason", "code"), REPORTED.items(), ids=REPORTED)
def test_what_would_be_done_twice(bench_with, reason, code):
    wanted = [reason, "no-named-exception"] if reason == "payment" else [reason]
    bench_with().reports(task(code[1], head=code[0]), *wanted)
    assert not bench_with(BIND).run(task(code[1], head=code[0]), unsafe=True).changes


def test_a_payment_says_what_to_do_first(bench):
    head = "from celery import shared_task\n\nfrom shop.gateway import gateway\n\n\n"
    (found,) = bench.run(task("gateway.charge(pk)", head=head)).findings
    assert found.outcome.value == "reported"
    assert {reason.name for reason in found.finding.reasons} == {"payment", "sends"}
    assert "idempotency key" in found.finding.reasons[0].text


@pytest.mark.parametrize("pattern", ["shop.tasks.work", "*.work"])
def test_a_task_that_the_user_lists_is_rewritten(bench_with, pattern):
    head = "from celery import shared_task\n\nfrom shop.gateway import gateway\n\n\n"
    text = task("gateway.charge(pk)", head=head)
    bench = bench_with(CeleryRetriesOptions(repeatable=(pattern,)))
    reasons = ["delivered-again", "listed-repeatable", "runs-again"]
    assert sorted(bench.reasons(text)) == reasons
    assert (
        "autoretry_for=(GatewayTimeout, GatewayError)," in bench.after(text, unsafe=True).decode()
    )


def test_many_reasons_of_one_name_are_one(bench):
    text = task("requests.post(pk, timeout=5)\nrequests.post(pk, timeout=6)")
    ((reason,),) = [item.finding.reasons for item in bench.run(text).findings]
    assert reason.text.startswith("shop/tasks.py:7 may create")
    assert reason.text.endswith(" (and 1 more)")


def test_another_task_is_not_listed(bench_with):
    bench = bench_with(CeleryRetriesOptions(repeatable=("*.other",)))
    bench.reports(task("requests.post(pk, timeout=5)"), "sends")


SWALLOWED = {
    "except_exception": "try:\n    requests.get(pk)\nexcept Exception:\n    pass",
    "bare_except": "try:\n    requests.get(pk)\nexcept:\n    return None",
    "the_librarys_own": "try:\n    requests.get(pk)\nexcept requests.RequestException:\n    pass",
}


@pytest.mark.parametrize("body", SWALLOWED.values(), ids=SWALLOWED)
def test_a_body_that_swallows(bench, body):
    bench.reports(task(body), "swallowed")


def test_a_body_that_swallows_under_autoretry(bench):
    decorator = "@shared_task(autoretry_for=(requests.RequestException,))"
    bench.reports(task(SWALLOWED["except_exception"], decorator), "swallowed")


def test_a_body_that_swallows_another_exception_than_autoretry_waits_for(bench):
    head = f"from django.db import DatabaseError\n{HEAD}"
    decorator = "@shared_task(autoretry_for=(DatabaseError,))"
    bench.declines(task(SWALLOWED["except_exception"], decorator, head), "has-policy")
    decorator = "@shared_task(autoretry_for=(Exception,))"
    text = task(SWALLOWED["except_exception"], decorator)
    bench.declines(text, "has-policy")


def test_a_body_that_swallows_one_of_two(bench):
    text = task(f"{SWALLOWED['except_exception']}\nrequests.get(pk)")
    assert "partly-swallowed" in bench.reasons(text)


def test_a_handler_that_logs_and_raises_is_no_swallowing(bench):
    text = task("try:\n    requests.get(pk)\nexcept Exception:\n    print(pk)\n    raise")
    assert sorted(bench.reasons(text)) == ["delivered-again", "runs-again"]


def test_a_class_based_task(bench):
    text = (
        "import requests\nfrom celery import Task\n\n\n"
        "class Fetch(Task):\n    def run(self, url):\n        requests.get(url)\n"
    )
    bench.reports(text, "class-task")


# -- policies that do nothing --------------------------------------------------------------------

MISTAKEN = {
    "without-autoretry": "@shared_task(retry_backoff=True)",
    "never-retried": "@shared_task(max_retries=5)",
    "reject-without-acks-late": "@shared_task(reject_on_worker_lost=True)",
}


@pytest.mark.parametrize(("reason", "decorator"), MISTAKEN.items(), ids=MISTAKEN)
def test_options_that_do_nothing(bench, reason, decorator):
    bench.reports(task("return pk", decorator), reason)


def test_max_retries_with_a_retry_in_the_body(bench):
    decorator = "@shared_task(bind=True, max_retries=5)"
    text = f"{HEAD}{decorator}\ndef work(self):\n    raise self.retry()\n"
    bench.ignores(text)


def test_max_retries_that_the_body_reads(bench):
    decorator = "@shared_task(bind=True, max_retries=5)"
    bench.ignores(task("return pk < self.max_retries", decorator))


RETRYING_BASE = (
    "from celery import Task\n\n\nclass Retrying(Task):\n"
    "    def on_lock(self):\n        self.retry(countdown=5)\n"
)


def test_max_retries_with_a_base_that_retries(bench_with):
    bench = bench_with(**{"shop/base.py": RETRYING_BASE})
    head = f"{HEAD[:-2]}from shop.base import Retrying\n\n\n"
    bench.ignores(task("return pk", "@shared_task(base=Retrying, max_retries=5)", head))
    bench.declines(task("requests.get(pk)", "@shared_task(base=Retrying)", head), "has-policy")


def test_max_retries_among_the_defaults_of_many_tasks(bench):
    head = f'{HEAD[:-1]}DEFAULTS = {{"time_limit": 60, "max_retries": 3}}\n\n\n'
    bench.ignores(task("return pk", "@shared_task(**DEFAULTS)", head))


def test_max_retries_with_a_base_that_cannot_be_read(bench):
    head = f"{HEAD[:-2]}from elsewhere import Retrying\n\n\n"
    bench.ignores(task("return pk", "@shared_task(base=Retrying, max_retries=5)", head))


def test_redis_gives_a_late_task_out_again(bench_with):
    files = {"config/settings.py": 'INSTALLED_APPS = ["shop"]\nCELERY_BROKER_URL = "redis://r"\n'}
    decorator = "@shared_task(acks_late=True, time_limit=7200)"
    bench_with(**files).reports(task("return pk", decorator), "visibility-timeout")


# -- left alone ----------------------------------------------------------------------------------


def test_a_task_that_reaches_out_to_nothing(bench):
    bench.ignores(task("return pk + 1"))
    bench.ignores(task("Order.objects.filter(pk=pk).update(total=1)", head=MODEL_HEAD))


def test_a_task_that_asks_redis_only(bench):
    head = f"import redis\n{HEAD}"
    bench.ignores(task("redis.Redis().get(pk)", head=head))


@pytest.mark.parametrize("value", ["0", "None"])
def test_a_number_of_retries_that_is_a_decision(bench, value):
    text = task("requests.get(pk)", f"@shared_task(max_retries={value})")
    bench.declines(text, "has-policy")


def test_a_function_that_is_no_task(bench):
    bench.ignores(f"{HEAD}{FETCH}")


def test_another_librarys_task(bench):
    head = "import requests\nfrom invoke import task\n\n\n"
    bench.ignores(f"{head}@task\ndef work(c):\n    requests.get('u')\n")


POLICIES = {
    "decorator": "@shared_task(autoretry_for=(requests.RequestException,), max_retries=2)",
    "options": '@shared_task(**{"autoretry_for": (requests.RequestException,)})',
}


@pytest.mark.parametrize("decorator", POLICIES.values(), ids=POLICIES)
def test_a_policy_in_the_decorator(bench, decorator):
    bench.declines(task("requests.get(pk)", decorator), "has-policy")


def test_a_policy_in_the_base(bench_with):
    base = "from celery import Task\n\n\nclass Retrying(Task):\n    autoretry_for = (OSError,)\n"
    bench = bench_with(**{"shop/base.py": base})
    head = f"{HEAD[:-2]}from shop.base import Retrying\n\n\n"
    bench.declines(task("requests.get(pk)", "@shared_task(base=Retrying)", head), "has-policy")


def test_a_base_that_cannot_be_read(bench):
    head = f"{HEAD[:-2]}from elsewhere import Retrying\n\n\n"
    bench.declines(task("requests.get(pk)", "@shared_task(base=Retrying)", head), "unknown-base")


def test_options_that_cannot_be_read(bench):
    head = f"{HEAD[:-2]}from elsewhere import OPTIONS\n\n\n"
    bench.declines(task("requests.get(pk)", "@shared_task(**OPTIONS)", head), "unpacked-options")


def test_a_wrapper_that_makes_the_task(bench):
    wrapper = "def retrying(function):\n    return shared_task(max_retries=3)(function)\n\n\n"
    text = task("requests.get(pk)", "@retrying", f"{HEAD}{wrapper}")
    bench.declines(text, "wrapper-decorator")


def test_a_retry_in_the_body(bench):
    text = (
        f"{HEAD}@shared_task(bind=True)\ndef work(self, url):\n    try:\n"
        "        requests.get(url)\n    except requests.RequestException as exc:\n"
        "        raise self.retry(exc=exc)\n"
    )
    bench.declines(text, "has-policy")


def test_a_retry_in_a_function_that_is_handed_the_task(bench):
    text = (
        f"{HEAD}def ask(task, url):\n    try:\n        requests.get(url)\n"
        "    except requests.RequestException as exc:\n        raise task.retry(exc=exc)\n\n\n"
        "@shared_task(bind=True)\ndef work(self, url):\n    ask(self, url)\n"
    )
    bench.declines(text, "has-policy")


def test_a_task_that_sends_itself_again(bench):
    body = "try:\n    requests.get(pk)\nexcept requests.RequestException:\n"
    bench.declines(task(f"{body}    work.apply_async((pk,), countdown=60)"), "has-policy")


def test_a_library_of_retries(bench):
    head = f"from tenacity import retry\n{HEAD}@retry()\n{FETCH}\n\n"
    bench.declines(task("fetch(pk)", head=head), "has-policy")


def test_a_policy_at_the_sender(bench_with):
    sender = (
        "from shop.tasks import work\n\n\ndef send():\n    work.apply_async((1,), retry=False)\n"
    )
    bench = bench_with(**{"shop/views.py": sender})
    bench.declines(task("requests.get(pk)"), "has-policy")


def test_annotations_in_the_settings(bench_with):
    bench = bench_with(settings='CELERY_TASK_ANNOTATIONS = {"*": {"max_retries": 1}}\n')
    bench.declines(task("requests.get(pk)"), "has-policy")


def test_an_async_function(bench):
    text = f"import httpx\n{HEAD}@shared_task\nasync def work(url):\n    httpx.get(url)\n"
    bench.declines(text, "async-task")
