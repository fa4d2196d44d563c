"""`celery-limits`: which task gets which limits, to the letter, and what is left alone and why."""

from __future__ import annotations

import pytest

from djfix.codemods.engine.mistakes import OptionError
from djfix.codemods.engine.options import build_options
from djfix.codemods.rules.celery_limits import CeleryLimits
from djfix.codemods.rules.celery_limits.examples import EXAMPLES, FILES
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions

STATED = CeleryLimitsOptions(soft_time_limit=30, time_limit=60)
HEAD = "from celery import shared_task\n\n\n"
WORK = "def work(x):\n    run(x)\n"
BOTH = "soft_time_limit=30, time_limit=60"


@pytest.fixture
def bench(bench_of):
    return bench_of(CeleryLimits(STATED), "shop/tasks.py", FILES)


@pytest.fixture
def bench_with(bench_of):
    """A bench with other files, other options, or other lines in settings."""

    def make(options=STATED, *, settings="", app="", **others):
        files = {**dict(FILES), **others}
        files["config/settings.py"] += settings
        files["config/celery.py"] += app
        return bench_of(CeleryLimits(options), "shop/tasks.py", files)

    return make


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(CeleryLimits(STATED), example.path, example.files)
    if example.before == example.after:
        assert bench.after(example.before).decode() == example.after
        assert bench.run(example.before).findings == ()
    else:
        bench.fixes(example.before, example.after)


FIXED = {
    "bare": ("@shared_task", f"@shared_task({BOTH})"),
    "empty_call": ("@shared_task()", f"@shared_task({BOTH})"),
    "other_options": (
        '@shared_task(name="a", bind=False)',
        f'@shared_task(name="a", bind=False, {BOTH})',
    ),
    "soft_only": (
        "@shared_task(soft_time_limit=5)",
        "@shared_task(soft_time_limit=5, time_limit=60)",
    ),
    "hard_only": (
        "@shared_task(time_limit=50)",
        "@shared_task(time_limit=50, soft_time_limit=30)",
    ),
    "comment": ("@shared_task  # nightly", f"@shared_task({BOTH})  # nightly"),
}


@pytest.mark.parametrize(("before", "after"), FIXED.values(), ids=FIXED)
def test_adds_what_is_missing(bench, before, after):
    bench.fixes(f"{HEAD}{before}\n{WORK}", f"{HEAD}{after}\n{WORK}")


OWN = {
    "soft_above_the_stated_hard_limit": (
        "@shared_task(soft_time_limit=600)",
        "@shared_task(soft_time_limit=600, time_limit=1200)",
    ),
    "hard_above_the_stated_one": (
        "@shared_task(time_limit=3600)",
        "@shared_task(time_limit=3600, soft_time_limit=1800)",
    ),
    "hard_below_the_stated_soft_limit": (
        "@shared_task(time_limit=9)",
        "@shared_task(time_limit=9, soft_time_limit=4)",
    ),
}


@pytest.mark.parametrize(("before", "after"), OWN.values(), ids=OWN)
def test_other_half_of_a_limit_that_is_not_like_the_stated_ones_is_for_review(bench, before, after):
    bench.reviews(f"{HEAD}{before}\n{WORK}", f"{HEAD}{after}\n{WORK}", "own-limit")


def test_task_of_an_application(bench):
    head = "from config.celery import app\n\n\n"
    bench.fixes(f"{head}@app.task\n{WORK}", f"{head}@app.task({BOTH})\n{WORK}")


def test_alias(bench):
    head = "from celery import shared_task as task\n\n\n"
    bench.fixes(f"{head}@task\n{WORK}", f"{head}@task({BOTH})\n{WORK}")


def test_line_that_gets_too_long_is_broken(bench):
    name = 'name="shop.tasks.a_name_that_is_rather_long_for_one_line_of_code"'
    before = f"{HEAD}@shared_task({name})\n{WORK}"
    after = (
        f"{HEAD}@shared_task(\n    {name},\n    soft_time_limit=30,\n    time_limit=60,\n)\n{WORK}"
    )
    bench.fixes(before, after)


def test_class_based_task(bench):
    before = """\
from celery import Task


class Work(Task):
    name = "work"

    def run(self, x):
        run(x)
"""
    after = """\
from celery import Task


class Work(Task):
    name = "work"
    soft_time_limit = 30
    time_limit = 60

    def run(self, x):
        run(x)
"""
    bench.fixes(before, after)


def test_class_based_task_with_a_docstring_only(bench):
    head = 'from celery import Task\n\n\nclass Work(Task):\n    """Works."""\n\n'
    before = f"{head}    def run(self, x):\n        run(x)\n"
    after = before.replace(
        '"""Works."""\n', '"""Works."""\n\n    soft_time_limit = 30\n    time_limit = 60\n'
    )
    bench.fixes(before, after)


def test_limits_by_name(bench_with):
    options = CeleryLimitsOptions(30, 60, tasks=(("shop.*.work", 3000, 3600), ("*", 1, 2)))
    after = f"{HEAD}@shared_task(soft_time_limit=3000, time_limit=3600)\n{WORK}"
    bench_with(options).fixes(f"{HEAD}@shared_task\n{WORK}", after)


def test_limits_by_queue(bench_with):
    options = CeleryLimitsOptions(30, 60, queues=(("slow", 3000, 3600),))
    before = f'{HEAD}@shared_task(queue="slow")\n{WORK}'
    after = f'{HEAD}@shared_task(queue="slow", soft_time_limit=3000, time_limit=3600)\n{WORK}'
    bench_with(options).fixes(before, after)
    other = f'{HEAD}@shared_task(queue="quick")\n{WORK}'
    assert b"time_limit=60" in bench_with(options).after(other)


def test_limits_by_the_queue_that_the_settings_route_it_to(bench_with):
    options = CeleryLimitsOptions(30, 60, queues=(("slow", 3000, 3600),))
    settings = "CELERY_TASK_ROUTES = {'shop.tasks.*': {'queue': 'slow'}}\n"
    after = f"{HEAD}@shared_task(soft_time_limit=3000, time_limit=3600)\n{WORK}"
    bench_with(options, settings=settings).fixes(f"{HEAD}@shared_task\n{WORK}", after)


def test_numbers_that_nobody_stated_are_for_review(bench_with):
    bench_with(CeleryLimitsOptions()).reviews(
        f"{HEAD}@shared_task\n{WORK}", f"{HEAD}@shared_task({BOTH})\n{WORK}", "numbers-not-stated"
    )


def test_half_of_the_numbers_is_not_enough(bench_with):
    bench_with(CeleryLimitsOptions(soft_time_limit=300)).reviews(
        f"{HEAD}@shared_task\n{WORK}",
        f"{HEAD}@shared_task(soft_time_limit=300, time_limit=600)\n{WORK}",
        "numbers-not-stated",
    )


REVIEWED = {
    "body_that_catches_everything": (
        "    try:\n        run(x)\n    except Exception:\n        log(x)\n",
        "swallowed-exception",
    ),
    "bare_except": (
        "    try:\n        run(x)\n    except:\n        log(x)\n",
        "swallowed-exception",
    ),
    "everything_among_others": (
        "    try:\n        run(x)\n    except (ValueError, Exception):\n        pass\n",
        "swallowed-exception",
    ),
    "everything_is_retried": (
        "    try:\n        run(x)\n    except Exception as exc:\n        raise again(exc)\n",
        "swallowed-exception",
    ),
    "long_sleep": ("    import time\n\n    time.sleep(45)\n", "waits-longer"),
    "sleep_of_unknown_length": ("    import time\n\n    time.sleep(x)\n", "waits-longer"),
    "sleep_of_whoever": ("    sleep(600)\n", "waits-longer"),
    "polling": (
        "    import time\n\n    while not done(x):\n        time.sleep(1)\n",
        "waits-longer",
    ),
}


@pytest.mark.parametrize(("body", "reason"), REVIEWED.values(), ids=REVIEWED)
def test_body_that_a_limit_may_break_is_for_review(bench, body, reason):
    before = f"{HEAD}@shared_task\ndef work(x):\n{body}"
    bench.reviews(before, before.replace("@shared_task", f"@shared_task({BOTH})"), reason)


UNHARMED = {
    "named_exception": "    try:\n        run(x)\n    except ValueError:\n        log(x)\n",
    "raised_again": "    try:\n        run(x)\n    except Exception:\n        raise\n",
    "raised_by_name": "    try:\n        run(x)\n    except Exception as e:\n        raise e\n",
    "short_sleep": "    import time\n\n    time.sleep(1)\n",
}


@pytest.mark.parametrize("body", UNHARMED.values(), ids=UNHARMED)
def test_body_that_keeps_to_a_limit(bench, body):
    before = f"{HEAD}@shared_task\ndef work(x):\n{body}"
    bench.fixes(before, before.replace("@shared_task", f"@shared_task({BOTH})"))


def test_global_limits_cover_every_task(bench_with):
    bench = bench_with(settings="CELERY_TASK_TIME_LIMIT = 60\nCELERY_TASK_SOFT_TIME_LIMIT = 50\n")
    bench.ignores(f"{HEAD}@shared_task\n{WORK}")


def test_global_hard_limit_is_not_loosened(bench_with):
    bench = bench_with(settings="CELERY_TASK_TIME_LIMIT = 20\n")
    after = f"{HEAD}@shared_task(soft_time_limit=10)\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "global-limit")


def test_global_soft_limit_stays_below_the_hard_one(bench_with):
    bench = bench_with(settings="CELERY_TASK_SOFT_TIME_LIMIT = 90\n")
    after = f"{HEAD}@shared_task(time_limit=180)\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "global-limit")


def test_hard_limit_below_the_global_soft_one_gets_its_own(bench_with):
    bench = bench_with(settings="CELERY_TASK_SOFT_TIME_LIMIT = 90\n")
    after = f"{HEAD}@shared_task(time_limit=5, soft_time_limit=2)\n{WORK}"
    before = f"{HEAD}@shared_task(time_limit=5)\n{WORK}"
    bench.reviews(before, after, "global-limit", "own-limit")


def test_hard_limit_above_the_global_soft_one_is_enough(bench_with):
    bench = bench_with(settings="CELERY_TASK_SOFT_TIME_LIMIT = 90\n")
    bench.ignores(f"{HEAD}@shared_task(time_limit=100)\n{WORK}")


def test_soft_limit_below_the_global_hard_one_is_enough(bench_with):
    bench = bench_with(app="app.conf.task_time_limit = 100\n")
    bench.ignores(f"{HEAD}@shared_task(soft_time_limit=90)\n{WORK}")


def test_global_limit_of_the_environment_is_for_review(bench_with):
    settings = "import os\nCELERY_TASK_TIME_LIMIT = int(os.environ['LIMIT'])\n"
    after = f"{HEAD}@shared_task({BOTH})\n{WORK}"
    bench_with(settings=settings).reviews(f"{HEAD}@shared_task\n{WORK}", after, "global-limit")


def test_annotations_are_for_review(bench_with):
    bench = bench_with(settings="CELERY_TASK_ANNOTATIONS = {'*': {'time_limit': 5}}\n")
    after = f"{HEAD}@shared_task({BOTH})\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "task-annotations")


def test_project_without_an_application_is_for_review(bench_of):
    bench = bench_of(CeleryLimits(STATED), "shop/tasks.py", {"shop/__init__.py": ""})
    after = f"{HEAD}@shared_task({BOTH})\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "celery-configuration")


@pytest.mark.parametrize("pool", ["solo", "threads", "eventlet"])
def test_pool_that_keeps_no_limits_is_reported(bench_with, pool):
    bench = bench_with(Procfile=f"worker: celery -A config worker -P {pool}\n")
    bench.reports(f"{HEAD}@shared_task\n{WORK}", "pool-without-limits")


def test_pool_that_keeps_the_hard_limit_only_is_for_review(bench_with):
    bench = bench_with(Procfile="worker: celery -A config worker -P gevent\n")
    after = f"{HEAD}@shared_task({BOTH})\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "pool-without-limits")


def test_pool_that_keeps_limits(bench_with):
    bench = bench_with(Procfile="worker: celery -A config worker -P prefork\n")
    bench.fixes(f"{HEAD}@shared_task\n{WORK}", f"{HEAD}@shared_task({BOTH})\n{WORK}")


BASE = (
    "from celery import Task\n\n\nclass Base(Task):\n    soft_time_limit = 5\n    time_limit = 9\n"
)
USING = "from celery import shared_task\n\nfrom shop.bases import Base\n\n\n"


def test_limits_of_the_base_class(bench_with):
    bench = bench_with(**{"shop/bases.py": BASE})
    bench.ignores(f"{USING}@shared_task(base=Base)\n{WORK}")


def test_base_class_that_cannot_be_read_is_for_review(bench_with):
    bench = bench_with(**{"shop/bases.py": "from library import Base\n"})
    after = f"{USING}@shared_task(base=Base, {BOTH})\n{WORK}"
    bench.reviews(f"{USING}@shared_task(base=Base)\n{WORK}", after, "unknown-base")


def test_unpacked_limits(bench):
    limits = 'LIMITS = {"soft_time_limit": 5, "time_limit": 9}\n\n\n'
    bench.ignores(f"{HEAD}{limits}@shared_task(**LIMITS)\n{WORK}")


def test_unpacked_options_that_cannot_be_read_are_for_review(bench):
    after = f"{HEAD}@shared_task(**limits(), {BOTH})\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task(**limits())\n{WORK}", after, "unpacked-options")


def test_wrapper_is_declined(bench_with):
    wrapping = "from celery import shared_task\n\n\ndef my_task(f):\n    return shared_task(f)\n"
    bench = bench_with(**{"shop/wrapping.py": wrapping})
    bench.declines(f"from shop.wrapping import my_task\n\n\n@my_task\n{WORK}", "wrapper-decorator")


def test_limit_at_the_sender_is_for_review(bench_with):
    sending = "from shop.tasks import work\n\nwork.apply_async((1,), time_limit=600)\n"
    bench = bench_with(**{"shop/views.py": sending})
    after = f"{HEAD}@shared_task({BOTH})\n{WORK}"
    bench.reviews(f"{HEAD}@shared_task\n{WORK}", after, "limit-at-sender")


def test_visibility_timeout_below_the_limit_is_for_review(bench_with):
    settings = "CELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 50}\n"
    before = f"{HEAD}@shared_task(acks_late=True)\n{WORK}"
    after = f"{HEAD}@shared_task(acks_late=True, {BOTH})\n{WORK}"
    bench_with(settings=settings).reviews(before, after, "visibility-timeout")
    bench_with().fixes(before, after)


def test_limit_that_cannot_be_read_is_declined(bench):
    text = f"{HEAD}@shared_task(time_limit=settings.LIMIT)\n{WORK}"
    bench.declines(text, "limit-not-read")


def test_soft_limit_above_the_hard_one_is_reported(bench):
    bench.reports(
        f"{HEAD}@shared_task(soft_time_limit=60, time_limit=30)\n{WORK}", "soft-above-hard"
    )


def test_soft_limit_above_the_global_hard_one_is_reported(bench_with):
    bench = bench_with(settings="CELERY_TASK_TIME_LIMIT = 20\n")
    bench.reports(f"{HEAD}@shared_task(soft_time_limit=60)\n{WORK}", "soft-above-hard")


def test_misspelt_option_is_reported(bench):
    text = f"{HEAD}@shared_task(soft_time_limt=5, soft_time_limit=5, time_limit=9)\n{WORK}"
    bench.reports(text, "misspelt-option")


def test_option_of_the_base_class_is_no_mistake(bench_with):
    base = f"{BASE}    time_limits = 5\n"
    bench = bench_with(**{"shop/bases.py": base})
    bench.ignores(f"{USING}@shared_task(base=Base, time_limits=7)\n{WORK}")


def test_option_that_is_like_no_other_is_the_projects_own(bench):
    bench.ignores(f"{HEAD}@shared_task(tenant=5, soft_time_limit=5, time_limit=9)\n{WORK}")


def test_async_function_is_reported(bench):
    text = f"{HEAD}@shared_task(soft_time_limit=5, time_limit=9)\nasync {WORK}"
    bench.reports(text, "async-task")


def test_decorator_that_is_gone_is_reported(bench):
    text = f"from celery.decorators import task\n\n\n@task\n{WORK}"
    bench.reports(text, "removed-decorator")


def test_setting_that_celery_does_not_read_is_reported(bench_of):
    files = dict(FILES)
    text = files.pop("config/settings.py") + "CELERY_TIME_LIMIT = 60\n"
    bench = bench_of(CeleryLimits(STATED), "config/settings.py", files)
    bench.reports(text, "ignored-setting")


REQUESTS = "import requests\nfrom celery import shared_task\n\n\n"
LIMITED = "@shared_task(soft_time_limit=5, time_limit=9)\n"


def test_network_call_gets_a_timeout_for_review(bench):
    before = f"{REQUESTS}{LIMITED}def work(url):\n    return requests.get(url).json()\n"
    after = before.replace("requests.get(url)", "requests.get(url, timeout=10)")
    bench.reviews(before, after, "network-timeout")


def test_call_of_a_session_gets_a_timeout(bench):
    before = (
        f"{REQUESTS}{LIMITED}def work(url):\n    with requests.Session() as session:\n"
        "        return session.post(url, json={})\n"
    )
    after = before.replace("json={})", "json={}, timeout=10)")
    bench.reviews(before, after, "network-timeout")


def test_urlopen_gets_a_timeout(bench_with):
    head = "from urllib.request import urlopen\n\nfrom celery import shared_task\n\n\n"
    before = f"{head}{LIMITED}def work(url):\n    return urlopen(url).read()\n"
    options = CeleryLimitsOptions(30, 60, network_timeout=3)
    after = before.replace("urlopen(url)", "urlopen(url, timeout=3)")
    bench_with(options).reviews(before, after, "network-timeout")


@pytest.mark.parametrize(
    "call",
    [
        "requests.get(url, timeout=5)",
        "requests.get(url, **options)",
        "requests.get(*arguments)",
        "client.get(url)",
        "url.get('a')",
        "requests.codes.ok",
    ],
)
def test_call_that_needs_no_timeout_or_is_not_known(bench, call):
    bench.ignores(f"{REQUESTS}{LIMITED}def work(url):\n    return {call}\n")


def test_network_call_outside_of_tasks_is_left_alone(bench):
    bench.ignores(f"{REQUESTS}def fetch(url):\n    return requests.get(url)\n")


@pytest.mark.parametrize(
    "head",
    [
        "from huey.contrib.djhuey import task\n\n\n@task()\n",
        "from prefect import task\n\n\n@task\n",
        "from django.tasks import task\n\n\n@task()\n",
        "import dramatiq\n\n\n@dramatiq.actor\n",
        "def task(f):\n    return f\n\n\n@task\n",
    ],
)
def test_tasks_of_other_libraries_are_left_alone(bench, head):
    bench.ignores(f"{head}{WORK}")


def test_data(bench):
    (found,) = bench.run(f"{HEAD}@shared_task(name='a', time_limit=50)\n{WORK}").findings
    assert dict(found.finding.data) == {"task": "a", "options": {"soft_time_limit": 30}}
    assert found.finding.symbol == "shop.tasks.work"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"soft-time-limit": 60, "time-limit": 60}, "the soft limit (60) is below the hard one"),
        ({"time-limit": 0}, "a limit is at least one second"),
        ({"tasks": {"*": [5]}}, "a table of names and 2 whole numbers each"),
        ({"tasks": {"*": [9, 5]}}, "the soft limit (9) is below the hard one"),
        ({"tasks": ["*"]}, "a table of names and 2 whole numbers each"),
        ({"time-limit": "60"}, "is a whole number, not `60`"),
    ],
)
def test_options_that_cannot_be_are_refused(table, message):
    with pytest.raises(OptionError) as caught:
        build_options("celery-limits", CeleryLimitsOptions, table)
    assert message in str(caught.value)


def test_options_by_table_and_as_typed():
    table = {"soft-time-limit": 30, "tasks": {"*.a": [1, 2]}}
    texts = [("time-limit", "60"), ("queues", "slow:3:4,other:5:6")]
    assert build_options("celery-limits", CeleryLimitsOptions, table, texts) == CeleryLimitsOptions(
        30, 60, tasks=(("*.a", 1, 2),), queues=(("slow", 3, 4), ("other", 5, 6))
    )
