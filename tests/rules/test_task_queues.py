"""`task-queues`: which tasks wait with which in one queue, and when nothing is said of it."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.task_queues import TaskQueues
from djfix.codemods.rules.task_queues.examples import EXAMPLES, FILES, SHARED
from djfix.codemods.rules.task_queues.options import TaskQueuesOptions

HEAD = """\
import time

import stripe
from celery import Task, shared_task
from django.core.mail import EmailMessage, mail_admins, send_mail


"""
PAY = """\
@shared_task{}
def pay(order_id, amount):
    stripe.Charge.create(amount=amount)


"""
MAIL = """\
@shared_task{}
def mail(address):
    send_mail("Receipt", "Paid.", None, [address])


"""
SLOW = """\
@shared_task(time_limit=3600{})
def rebuild():
    index()


"""
QUICK = """\
@shared_task
def note(order_id):
    remember(order_id)


"""


def plain(text):
    return text.replace("{}", "")


@pytest.fixture
def bench_with(bench_of):
    """A bench with other options, other files, or other lines in settings."""

    def make(options=None, *, settings="", app="", **others):
        files = {**dict(FILES), **others}
        files["config/settings.py"] += settings
        files["config/celery.py"] += app
        rule = TaskQueues(options or TaskQueuesOptions())
        return bench_of(rule, "shop/tasks.py", files)

    return make


def found(bench, text):
    """Task and queue of each finding."""
    result = bench.run(text, unsafe=True)
    assert not result.changes
    assert all(item.outcome.value == "reported" for item in result.findings)
    findings = [item.finding for item in result.findings]
    return [
        (each.data["task"].removeprefix("shop.tasks."), each.data["options"]["queue"])
        for each in findings
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example_is_left_as_it_is(bench_of, example):
    bench = bench_of(TaskQueues(), example.path, example.files)
    assert bench.after(example.before, unsafe=True).decode() == example.after


def test_example_is_found(bench_with):
    queues = [("process_payment", "payments"), ("send_receipt", "email")]
    assert found(bench_with(), SHARED) == queues


MEETING = {
    "payments_and_mail": (PAY + MAIL, [("pay", "payments"), ("mail", "email")]),
    "payments_and_slow_work": (PAY + SLOW, [("pay", "payments"), ("rebuild", "slow")]),
    "mail_and_slow_work": (MAIL + SLOW, [("mail", "email"), ("rebuild", "slow")]),
    "all_three_among_others": (
        QUICK + PAY + MAIL + SLOW,
        [("pay", "payments"), ("mail", "email"), ("rebuild", "slow")],
    ),
    "mail_by_a_message_object": (
        PAY + "@shared_task\ndef mail(to):\n    EmailMessage('Receipt', to=[to]).send()\n",
        [("pay", "payments"), ("mail", "email")],
    ),
    "mail_to_admins": (
        PAY + "@shared_task\ndef mail():\n    mail_admins('Late', 'Orders')\n",
        [("pay", "payments"), ("mail", "email")],
    ),
    "mail_in_a_function_that_it_calls": (
        PAY + "@shared_task\ndef mail(to):\n    send(to)\n\n\n"
        "def send(to):\n    send_mail('Receipt', 'Paid.', None, [to])\n",
        [("pay", "payments"), ("mail", "email")],
    ),
    "payment_that_mails_as_well_is_a_payment": (
        SLOW + "@shared_task\ndef pay(to):\n    stripe.Charge.create(amount=1)\n"
        "    send_mail('Receipt', 'Paid.', None, [to])\n",
        [("rebuild", "slow"), ("pay", "payments")],
    ),
    "mail_that_takes_long_is_mail": (
        PAY + MAIL.format("(time_limit=3600)"),
        [("pay", "payments"), ("mail", "email")],
    ),
    "slow_by_its_soft_limit": (
        PAY + "@shared_task(soft_time_limit=900)\ndef rebuild():\n    index()\n",
        [("pay", "payments"), ("rebuild", "slow")],
    ),
    "slow_by_the_limit_of_its_base": (
        PAY + "class Long(Task):\n    time_limit = 7200\n\n\n"
        "@shared_task(base=Long)\ndef rebuild():\n    index()\n",
        [("pay", "payments"), ("rebuild", "slow")],
    ),
    "slow_by_a_sleep": (
        PAY + "@shared_task\ndef rebuild():\n    time.sleep(900)\n    index()\n",
        [("pay", "payments"), ("rebuild", "slow")],
    ),
    "class_based_task": (
        PAY + "class Mail(Task):\n    name = 'mail'\n\n    def run(self, to):\n"
        "        send_mail('Receipt', 'Paid.', None, [to])\n",
        [("pay", "payments"), ("mail", "email")],
    ),
    "two_of_a_kind_and_one_of_another": (
        PAY + MAIL + "@shared_task\ndef remind(to):\n    send_mail('Pay', '', None, [to])\n",
        [("pay", "payments"), ("mail", "email"), ("remind", "email")],
    ),
    "name_that_it_is_registered_by": (
        PAY.format("(name='billing.pay')") + MAIL,
        [("billing.pay", "payments"), ("mail", "email")],
    ),
}


@pytest.mark.parametrize(("text", "queues"), MEETING.values(), ids=MEETING)
def test_work_that_meets_in_one_queue(bench_with, text, queues):
    assert found(bench_with(), HEAD + plain(text)) == queues


def test_work_of_another_file_meets_it(bench_with):
    bench = bench_with(**{"shop/mails.py": HEAD + plain(MAIL)})
    both = [("shop.mails.mail", "email"), ("pay", "payments")]
    assert found(bench, HEAD + plain(PAY)) == both


def test_reasons_name_the_others_and_the_route(bench_with):
    (first, _) = bench_with().run(HEAD + plain(PAY + MAIL)).findings
    reasons = {each.name: each.text for each in first.finding.reasons}
    assert reasons == {
        "shared-queue": "`celery` also holds mail (shop.tasks.mail)",
        "guide-layout": (
            'CELERY_TASK_ROUTES = {"shop.tasks.pay": {"queue": "payments"}}, after a worker '
            "reads the queue: celery -A config worker -Q payments"
        ),
    }
    assert first.finding.message == "shop.tasks.pay (payments) waits in `celery` with mail"
    lines = [(each.path, each.line) for each in first.finding.evidence]
    assert lines == [("shop/tasks.py", 10), ("shop/tasks.py", 14)]


def test_mail_goes_with_the_default_queue_as_in_the_guide(bench_with):
    bench = bench_with(settings="CELERY_TASK_DEFAULT_QUEUE = 'default'\n")
    (_, second) = bench.run(HEAD + plain(PAY + MAIL)).findings
    (_, layout) = second.finding.reasons
    assert layout.text.endswith(": celery -A config worker -Q default,email")


def test_worker_that_reads_the_queue_already_is_not_asked_for(bench_with):
    bench = bench_with(Procfile="worker: celery -A config worker -Q celery,payments\n")
    (first, _) = bench.run(HEAD + plain(PAY + MAIL)).findings
    (_, layout) = first.finding.reasons
    assert layout.text == 'CELERY_TASK_ROUTES = {"shop.tasks.pay": {"queue": "payments"}}'


def test_setting_has_no_prefix_without_a_namespace(bench_with):
    app = 'from celery import Celery\n\napp = Celery("shop")\napp.conf.task_acks_late = True\n'
    bench = bench_with(**{"config/celery.py": app})
    (first, _) = bench.run(HEAD + plain(PAY + MAIL)).findings
    assert first.finding.reasons[1].text.startswith('task_routes = {"shop.tasks.pay"')


def test_many_others_are_counted(bench_with):
    mails = "".join(plain(MAIL).replace("def mail", f"def mail_{n}") for n in range(5))
    first = bench_with().run(HEAD + plain(PAY) + mails).findings[0]
    assert first.finding.reasons[0].text == (
        "`celery` also holds mail (shop.tasks.mail_0, shop.tasks.mail_1, shop.tasks.mail_2 "
        "and 2 more)"
    )
    assert len(first.finding.evidence) == 4


@pytest.mark.parametrize(
    ("options", "queue"),
    [
        (TaskQueuesOptions(payments_queue="money"), "money"),
        (TaskQueuesOptions(email_queue="mails"), "payments"),
    ],
)
def test_queues_are_the_user_s(bench_with, options, queue):
    assert found(bench_with(options), HEAD + plain(PAY + MAIL))[0] == ("pay", queue)


def test_seconds_of_slow_work_are_the_user_s(bench_with):
    bench = bench_with(TaskQueuesOptions(slow_seconds=3600))
    assert found(bench, HEAD + plain(PAY + SLOW)) == []


def declined(bench, text):
    result = bench.run(text)
    assert not result.findings
    return sorted({item.reason.name for item in result.declined})


ALONE = {
    "payments_alone": PAY,
    "mail_alone": MAIL,
    "slow_work_alone": SLOW,
    "payments_among_quick_work": PAY + QUICK,
    "two_of_one_kind": MAIL + MAIL.replace("def mail", "def remind"),
}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_work_of_one_kind_is_left_alone(bench_with, text):
    assert declined(bench_with(), HEAD + plain(text)) == ["unshared-queue"]


NO_WORK = {
    "quick_work": QUICK,
    "quick_by_its_limits": QUICK.replace("@shared_task", "@shared_task(time_limit=600)"),
    "short_sleep": "@shared_task\ndef wait():\n    time.sleep(5)\n",
    "mail_that_no_task_sends": "def mail(to):\n    send_mail('A', 'B', None, [to])\n",
    "mail_of_another_library_s_task": (
        "from huey.contrib.djhuey import task\n\n\n@task()\ndef mail(to):\n"
        "    send_mail('A', 'B', None, [to])\n"
    ),
    "object_that_may_queue_the_mail": (
        "@shared_task\ndef remind(order):\n    order.send_mail('Pay')\n"
    ),
    "payment_library_asked_for_something_else": (
        "@shared_task\ndef verify(domain):\n    stripe.ApplePayDomain.create(domain_name=domain)\n"
    ),
    "sends_another_task": "@shared_task\ndef ask(to):\n    mail.delay(to)\n",
}


@pytest.mark.parametrize("text", NO_WORK.values(), ids=NO_WORK)
def test_work_of_no_kind_is_not_looked_at(bench_with, text):
    bench = bench_with(**{"shop/pay.py": HEAD + plain(PAY)})
    assert declined(bench, HEAD + text) == ["unshared-queue"]
    bench_with().ignores(HEAD + text)


def test_own_queue_of_the_payment(bench_with):
    text = HEAD + PAY.format("(queue='payments')") + plain(MAIL)
    assert declined(bench_with(), text) == ["routed", "unshared-queue"]


def test_own_queue_that_is_shared_was_chosen(bench_with):
    text = HEAD + PAY.format("(queue='work')") + MAIL.format("(queue='work')")
    assert declined(bench_with(), text) == ["routed"]


def test_task_in_the_default_queue_that_others_were_put_into(bench_with):
    text = HEAD + plain(PAY) + MAIL.format("(queue='celery')")
    assert found(bench_with(), text) == [("pay", "payments")]


def test_routes_in_the_settings(bench_with):
    settings = "CELERY_TASK_ROUTES = {'shop.tasks.pay': {'queue': 'payments'}}\n"
    text = HEAD + plain(PAY + MAIL)
    assert declined(bench_with(settings=settings), text) == ["routed", "unshared-queue"]


def test_routes_under_a_name_that_celery_does_not_read(bench_with):
    settings = "CELERY_ROUTE = {'shop.tasks.pay': {'queue': 'payments'}}\n"
    text = HEAD + plain(PAY + MAIL)
    assert found(bench_with(settings=settings), text) == [("pay", "payments"), ("mail", "email")]


def test_default_queue_of_the_right_name(bench_with):
    settings = "CELERY_TASK_DEFAULT_QUEUE = 'email'\n"
    assert found(bench_with(settings=settings), HEAD + plain(PAY + MAIL)) == [("pay", "payments")]


UNKNOWN = {
    "routes_of_code": (
        {"settings": "CELERY_TASK_ROUTES = ['config.routes.Router']\n"},
        "unknown-route",
    ),
    "configuration_that_cannot_be_read": (
        {"app": "app.config_from_envvar('CONFIG')\n"},
        "celery-configuration",
    ),
    "no_application": ({"config/celery.py": ""}, "celery-configuration"),
    "tasks_run_in_place": ({"settings": "CELERY_TASK_ALWAYS_EAGER = True\n"}, "always-eager"),
    "routes_changed_in_code": (
        {"app": "app.conf.task_routes.update(more)\n"},
        "unknown-route",
    ),
}


@pytest.mark.parametrize(("files", "reason"), UNKNOWN.values(), ids=UNKNOWN)
def test_queue_that_is_not_known(bench_with, files, reason):
    assert declined(bench_with(**files), HEAD + plain(PAY + MAIL)) == [reason]


def test_task_that_a_sender_puts_into_a_queue(bench_with):
    sender = "from shop.tasks import pay\n\n\ndef send():\n    pay.apply_async(queue='payments')\n"
    bench = bench_with(**{"shop/views.py": sender})
    assert declined(bench, HEAD + plain(PAY + MAIL)) == ["routed-by-sender", "unshared-queue"]


def test_wrapper_that_may_set_the_queue(bench_with):
    wrapper = "def queued(function):\n    return shared_task(queue='payments')(function)\n\n\n"
    text = HEAD + wrapper + plain(PAY).replace("@shared_task", "@queued") + plain(MAIL)
    assert declined(bench_with(), text) == ["unshared-queue", "wrapper-decorator"]


def test_eager_where_the_environment_says_so_is_not_always(bench_with):
    settings = "import os\nCELERY_TASK_ALWAYS_EAGER = 'BROKER' not in os.environ\n"
    assert len(found(bench_with(settings=settings), HEAD + plain(PAY + MAIL))) == 2


def test_eager_where_only_developers_have_it_so_is_not_always(bench_with):
    development = "from config.settings import *\nCELERY_TASK_ALWAYS_EAGER = True\n"
    bench = bench_with(**{"config/development.py": development})
    assert len(found(bench, HEAD + plain(PAY + MAIL))) == 2


def test_tests_do_not_count(bench_with):
    bench = bench_with(**{"shop/tests/test_mail.py": HEAD + plain(MAIL)})
    assert declined(bench, HEAD + plain(PAY)) == ["unshared-queue"]


def test_limits_that_are_added_in_the_same_run_make_no_work_slow(bench_of):
    from djfix.codemods.rules.celery_limits import CeleryLimits

    assert "celery-limits" in TaskQueues.before
    assert "task-queues" not in CeleryLimits.before


def test_files_that_are_looked_at_are_those_that_are_counted():
    from djfix.codemods.rules.task_queues.work import NEEDLES

    assert TaskQueues.mentions == NEEDLES
