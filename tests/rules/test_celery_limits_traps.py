"""`celery-limits`: what keeps the user's numbers from being applied without a person's eyes.

Each of these was once rewritten without a word, or would be by a guard less.
"""

from __future__ import annotations

import pytest

from djfix.codemods.rules.celery_limits import CeleryLimits
from djfix.codemods.rules.celery_limits.examples import FILES
from djfix.codemods.rules.celery_limits.options import CeleryLimitsOptions

STATED = CeleryLimitsOptions(soft_time_limit=30, time_limit=60)
HEAD = "import time\n\nfrom celery import Task, shared_task\n\n\n"
WORK = "@shared_task\ndef work(x):\n    run(x)\n"
BOTH = "soft_time_limit=30, time_limit=60"


@pytest.fixture
def bench_with(bench_of):
    """A bench with other files, or other lines in settings and at the application."""

    def make(*, settings="", app="", **others):
        files = {**dict(FILES), **others}
        files["config/settings.py"] += settings
        files["config/celery.py"] += app
        return bench_of(CeleryLimits(STATED), "shop/tasks.py", files)

    return make


def outcomes(bench, text):
    """(outcome, name of the task, names of the reasons) of each finding."""
    return [
        (
            item.outcome.value,
            item.finding.symbol.rpartition(".")[2],
            [reason.name for reason in item.finding.reasons],
        )
        for item in bench.run(text).findings
    ]


BODIES = {
    "function_that_it_calls_sleeps": (
        "    wait(x)\n\n\ndef wait(x):\n    time.sleep(600)\n",
        "waits-longer",
    ),
    "function_that_it_calls_may_sleep_again_and_again": (
        "    wait(x)\n\n\ndef wait(x):\n    for each in x:\n        time.sleep(1)\n",
        "waits-longer",
    ),
    "coroutine_sleeps": (
        (
            "    import asyncio\n\n    asyncio.run(wait(x))\n\n\n"
            "async def wait(x):\n    import asyncio\n\n    await asyncio.sleep(600)\n"
        ),
        "waits-longer",
    ),
    "function_that_it_calls_swallows": (
        (
            "    go(x)\n\n\ndef go(x):\n    try:\n        run(x)\n    except Exception:\n"
            "        pass\n"
        ),
        "swallowed-exception",
    ),
    "suppress": (
        "    import contextlib\n\n    with contextlib.suppress(Exception):\n        run(x)\n",
        "swallowed-exception",
    ),
    "exceptions_by_a_name": (
        (
            "    try:\n        run(x)\n    except ERRORS:\n        pass\n\n\n"
            "ERRORS = (ValueError, Exception)\n"
        ),
        "swallowed-exception",
    ),
    "block_that_swallows": (
        (
            "    with Quiet():\n        run(x)\n\n\nclass Quiet:\n    def __enter__(self): ...\n\n"
            "    def __exit__(self, *error):\n        return True\n"
        ),
        "swallowed-exception",
    ),
    "block_of_a_generator_that_swallows": (
        (
            "    with quiet():\n        run(x)\n\n\n@contextlib.contextmanager\ndef quiet():\n"
            "    try:\n        yield\n    except Exception:\n        pass\n"
        ),
        "swallowed-exception",
    ),
    "decorator_of_a_function_that_it_calls_swallows": (
        (
            "    go(x)\n\n\ndef quiet(function):\n    def inner(*given):\n        try:\n"
            "            return function(*given)\n        except Exception:\n            pass\n\n"
            "    return inner\n\n\n@quiet\ndef go(x):\n    run(x)\n"
        ),
        "swallowed-exception",
    ),
    "return_in_finally": (
        "    try:\n        run(x)\n    finally:\n        return 1\n",
        "swallowed-exception",
    ),
    "raised_again_in_one_branch": (
        (
            "    try:\n        run(x)\n    except Exception:\n        if x:\n            return 1\n"
            "        raise\n"
        ),
        "swallowed-exception",
    ),
    "loop_without_an_end": ("    while True:\n        run(x)\n", "waits-longer"),
    "messages_without_an_end": (
        "    for message in x.listen():\n        run(message)\n",
        "waits-longer",
    ),
    "command_of_django": (
        (
            "    from django.core.management import call_command\n\n"
            "    call_command('clearsessions')\n"
        ),
        "waits-longer",
    ),
    "program": ("    import subprocess\n\n    subprocess.run(x)\n", "waits-longer"),
    "event": ("    import threading\n\n    threading.Event().wait(900)\n", "waits-longer"),
    "program_with_a_longer_timeout": (
        "    import subprocess\n\n    subprocess.run(x, timeout=900)\n",
        "waits-longer",
    ),
    "lock_that_expires_before_the_limit": (
        (
            "    from django.core.cache import cache\n\n    with cache.lock('a', timeout=10):\n"
            "        run(x)\n"
        ),
        "lock-expiry",
    ),
    "lock_that_a_killed_task_never_gives_back": (
        "    from django.core.cache import cache\n\n    with cache.lock('a'):\n        run(x)\n",
        "lock-expiry",
    ),
}


@pytest.mark.parametrize(("body", "reason"), BODIES.values(), ids=BODIES)
def test_body(bench_with, body, reason):
    before = f"{HEAD}@shared_task\ndef work(x):\n{body}"
    after = before.replace("@shared_task", f"@shared_task({BOTH})")
    bench_with().reviews(before, after, reason)


DECORATORS = {
    "of_a_library": ("from locks import alone\n", "@alone(600)\n", ["other-decorator"]),
    "that_is_not_known": ("", "@alone\n", ["other-decorator"]),
    "that_locks": (
        (
            "from django.core.cache import cache\n\n\ndef alone(function):\n"
            "    def inner(*args):\n        if cache.add('a', 1, 10):\n"
            "            function(*args)\n\n    return inner\n"
        ),
        "@alone\n",
        ["lock-expiry"],
    ),
    "that_swallows": (
        (
            "def alone(function):\n    def inner(*args):\n        try:\n"
            "            function(*args)\n        except Exception:\n            pass\n\n"
            "    return inner\n"
        ),
        "@alone\n",
        ["swallowed-exception"],
    ),
}


@pytest.mark.parametrize(("head", "decorator", "reasons"), DECORATORS.values(), ids=DECORATORS)
def test_other_decorator(bench_with, head, decorator, reasons):
    text = f"{HEAD}{head}\n\n@shared_task\n{decorator}def work(x):\n    run(x)\n"
    assert outcomes(bench_with(), text) == [("needs-review", "work", reasons)]


def test_decorator_of_django_is_no_matter(bench_with):
    head = f"{HEAD}from django.db import transaction\n\n\n"
    before = f"{head}@shared_task\n@transaction.atomic\ndef work(x):\n    run(x)\n"
    bench_with().fixes(before, before.replace("@shared_task", f"@shared_task({BOTH})"))


def test_application_of_tests_is_none_of_the_project(bench_with):
    tests = {
        "config/celery.py": "",
        "shop/tests/celery.py": dict(FILES)["config/celery.py"],
    }
    found = outcomes(bench_with(**tests), HEAD + WORK)
    assert found == [("needs-review", "work", ["celery-configuration"])]


KEEPING = {
    "lock_that_outlives_the_limit": (
        "    from django.core.cache import cache\n\n    with cache.lock('a', timeout=100):\n"
        "        run(x)\n"
    ),
    "handler_of_the_limit_itself": (
        "    from celery.exceptions import SoftTimeLimitExceeded\n\n    try:\n        run(x)\n"
        "    except SoftTimeLimitExceeded:\n        clean_up(x)\n"
    ),
    "function_that_it_calls_raises_again": (
        "    go(x)\n\n\ndef go(x):\n    try:\n        run(x)\n    except Exception:\n"
        "        log(x)\n        raise\n"
    ),
    "call_with_a_shorter_timeout": "    run(x, timeout=5)\n",
}


@pytest.mark.parametrize("body", KEEPING.values(), ids=KEEPING)
def test_body_that_goes_well_with_the_limits(bench_with, body):
    before = f"{HEAD}@shared_task\ndef work(x):\n{body}"
    bench_with().fixes(before, before.replace("@shared_task", f"@shared_task({BOTH})"))


APPLICATIONS = {
    "unpacked_update": ("app.conf.update(**load())\n", "celery-configuration"),
    "update_of_a_name": ("app.conf.update(SETTINGS)\n", "celery-configuration"),
    "update_that_spreads": ("app.conf.update({**load()})\n", "celery-configuration"),
    "defaults": ("app.add_defaults({'task_time_limit': 5})\n", "global-limit"),
    "sender_of_a_signal": (
        (
            "@app.on_after_configure.connect\ndef setup(sender, **kw):\n"
            "    sender.conf.task_time_limit = 5\n"
        ),
        "global-limit",
    ),
    "setattr": ("setattr(app.conf, 'task_time_limit', 5)\n", "global-limit"),
    "alias": ("conf = app.conf\nconf.task_time_limit = 5\n", "global-limit"),
    "annotated": ("app.conf.task_time_limit: int = 5\n", "global-limit"),
    "other_application": ("other = Celery('b')\nother.conf.task_time_limit = 5\n", "global-limit"),
}


@pytest.mark.parametrize(("app", "reason"), APPLICATIONS.values(), ids=APPLICATIONS)
def test_configuration_of_the_application(bench_with, app, reason):
    ((outcome, _, reasons),) = outcomes(bench_with(app=app), HEAD + WORK)
    assert (outcome, reasons) == ("needs-review", [reason])


MAKERS = {
    "keyword": ("Celery('shop', task_time_limit=5)", ["global-limit"]),
    "changes": (
        "Celery('shop', changes={'task_time_limit': 5})",
        ["celery-configuration", "global-limit"],
    ),
    "source": ("Celery('shop', config_source='config.workers')", ["celery-configuration"]),
    "unpacked": ("Celery('shop', **options())", ["celery-configuration"]),
}


@pytest.mark.parametrize(("made", "wanted"), MAKERS.values(), ids=MAKERS)
def test_settings_that_the_application_is_made_with(bench_with, made, wanted):
    bench = bench_with(**{"config/celery.py": f"from celery import Celery\n\napp = {made}\n"})
    ((outcome, _, reasons),) = outcomes(bench, HEAD + WORK)
    assert (outcome, reasons) == ("needs-review", wanted)


FILES_OF_THE_PROJECT = {
    "limits_of_the_command": (
        {"Procfile": "worker: celery -A config worker --time-limit=20\n"},
        "global-limit",
    ),
    "pool_of_a_variable": (
        {"Procfile": "worker: celery -A config worker -P $POOL\n"},
        "pool-without-limits",
    ),
    "one_of_two_workers": (
        {"Procfile": "a: celery -A config worker\nb: celery -A config worker -P threads\n"},
        "pool-without-limits",
    ),
    "module_that_celery_reads_by_itself": (
        {"celeryconfig.py": "task_time_limit = 5\n"},
        "global-limit",
    ),
    "settings_in_a_class": (
        {
            "config/more.py": "class Base:\n    CELERY_TASK_TIME_LIMIT = 5\n",
        },
        "global-limit",
    ),
    "sender_with_an_import_of_its_own": (
        {
            "shop/v.py": "def f():\n    from shop.tasks import work\n\n"
            "    work.apply_async((1,), time_limit=600)\n"
        },
        "limit-at-sender",
    ),
    "signature_with_a_limit": (
        {"shop/v.py": "from shop.tasks import work\nwork.s(1).set(time_limit=9).delay()\n"},
        "limit-at-sender",
    ),
    "sent_by_name": (
        {
            "shop/v.py": "from config.celery import app\n"
            "app.send_task('shop.tasks.work', soft_time_limit=9)\n"
        },
        "limit-at-sender",
    ),
    "sent_by_a_variable": (
        {"shop/v.py": "def f(task):\n    task.apply_async((1,), time_limit=600)\n"},
        "limit-at-sender",
    ),
    "set_from_outside": (
        {"shop/v.py": "from shop.tasks import work\nwork.time_limit = 5\n"},
        "limit-set-elsewhere",
    ),
}


@pytest.mark.parametrize(
    ("files", "reason"), FILES_OF_THE_PROJECT.values(), ids=FILES_OF_THE_PROJECT
)
def test_other_file(bench_with, files, reason):
    ((outcome, _, reasons),) = outcomes(bench_with(**files), HEAD + WORK)
    assert (outcome, reasons) == ("needs-review", [reason])


def test_schedule_with_a_limit(bench_with):
    settings = (
        "CELERY_BEAT_SCHEDULE = {'a': {'task': 'shop.tasks.work', 'schedule': 5,"
        " 'options': {'time_limit': 600}}}\n"
    )
    found = outcomes(bench_with(settings=settings), HEAD + WORK)
    assert found == [("needs-review", "work", ["limit-at-sender"])]


POOLS = {
    "arguments_apart": ("k8s.yaml", 'command: ["celery"]\nargs: ["worker", "-P", "threads"]\n'),
    "arguments_as_a_list": (
        "k8s.yaml",
        "command:\n  - celery\nargs:\n  - -A\n  - config\n  - worker\n  - --pool\n  - threads\n",
    ),
    "options_of_the_daemon": ("celeryd.default", 'CELERYD_OPTS="--pool=threads"\n'),
    "program_in_python": (
        "run.py",
        "import subprocess\nsubprocess.run(['celery', 'worker', '-P', 'threads'])\n",
    ),
    "worker_main": (
        "run.py",
        "from config.celery import app\napp.worker_main(['worker', '--pool=solo'])\n",
    ),
}


@pytest.mark.parametrize(("path", "text"), POOLS.values(), ids=POOLS)
def test_pool_wherever_it_is_named(bench_with, path, text):
    bench_with(**{path: text}).reports(HEAD + WORK, "pool-without-limits")


def test_pool_of_a_test_does_not_count(bench_with):
    text = "from config.celery import app\napp.worker_main(['worker', '--pool=solo'])\n"
    bench = bench_with(**{"shop/tests/test_worker.py": text})
    assert outcomes(bench, HEAD + WORK) == [("fixed", "work", [])]


def test_limits_that_no_pool_keeps_are_reported(bench_with):
    bench = bench_with(Procfile="worker: celery -A config worker -P solo\n")
    limited = WORK.replace("@shared_task", f"@shared_task({BOTH})")
    bench.reports(HEAD + limited, "pool-without-limits")


RETRYING = {
    "every_exception": (
        "autoretry_for=(Exception,)",
        [("needs-review", "work", ["retried-limit"])],
    ),
    "in_a_list": ("autoretry_for=[Exception]", [("needs-review", "work", ["retried-limit"])]),
    "of_a_name": ("autoretry_for=MINE", [("needs-review", "work", ["retried-limit"])]),
    "named": ("autoretry_for=(ValueError,)", [("fixed", "work", [])]),
    "spared": (
        "autoretry_for=(Exception,), dont_autoretry_for=(SoftTimeLimitExceeded,)",
        [("fixed", "work", [])],
    ),
}


@pytest.mark.parametrize(("options", "wanted"), RETRYING.values(), ids=RETRYING)
def test_retry_of_what_the_limit_has_ended(bench_with, options, wanted):
    head = f"{HEAD}from celery.exceptions import SoftTimeLimitExceeded\n\n\n"
    text = head + WORK.replace("@shared_task", f"@shared_task({options})")
    assert outcomes(bench_with(), text) == wanted


def test_exceptions_that_are_no_tuple_are_reported(bench_with):
    text = HEAD + WORK.replace("@shared_task", f"@shared_task(autoretry_for=ValueError, {BOTH})")
    bench_with().reports(text, "not-a-tuple")


BASES = {
    "property": (
        "    @property\n    def time_limit(self):\n        return 5\n",
        ["limit-in-base"],
    ),
    "swallowing": (
        (
            "    def __call__(self, *args):\n        try:\n"
            "            return super().__call__(*args)\n        except Exception:\n"
            "            pass\n"
        ),
        ["swallowed-exception"],
    ),
    "sending": (
        (
            "    def apply_async(self, *args, **options):\n"
            "        return super().apply_async(*args, time_limit=5, **options)\n"
        ),
        ["limit-at-sender", "limit-in-base"],
    ),
}


@pytest.mark.parametrize(("body", "reasons"), BASES.values(), ids=BASES)
def test_base_that_sets_limits_in_its_methods(bench_with, body, reasons):
    work = WORK.replace("@shared_task", "@shared_task(base=Base)")
    text = f"{HEAD}class Base(Task):\n{body}\n\n{work}"
    assert outcomes(bench_with(), text) == [("needs-review", "work", reasons)]


def test_class_whose_limits_another_inherits(bench_with):
    text = (
        f"{HEAD}class Work(Task):\n    name = 'work'\n\n    def run(self):\n        go()\n\n\n"
        "class Short(Work):\n    name = 'short'\n    time_limit = 5\n"
    )
    assert outcomes(bench_with(), text)[0] == ("needs-review", "Work", ["inherited-limit"])


def test_class_that_tasks_are_made_of(bench_with):
    text = (
        f"{HEAD}class Work(Task):\n    name = 'work'\n\n    def run(self):\n        go()\n\n\n"
        "@shared_task(base=Work, soft_time_limit=2, time_limit=5)\ndef short():\n    go()\n"
    )
    assert outcomes(bench_with(), text) == [("needs-review", "Work", ["inherited-limit"])]


def test_late_acknowledgement_of_all_tasks_counts(bench_with):
    settings = (
        "CELERY_TASK_ACKS_LATE = True\n"
        "CELERY_BROKER_TRANSPORT_OPTIONS = {'visibility_timeout': 50}\n"
    )
    found = outcomes(bench_with(settings=settings), HEAD + WORK)
    assert found == [("needs-review", "work", ["visibility-timeout"])]


def test_mistake_is_reported_once_where_limits_are_added_beside_it(bench_with):
    text = HEAD + WORK.replace("@shared_task", "@shared_task(max_retry=5)")
    found = outcomes(bench_with(), text)
    assert sorted(found) == [("fixed", "work", []), ("reported", "work", ["misspelt-option"])]


def test_option_that_code_reads_is_the_projects_own(bench_with):
    text = (
        f"{HEAD}@shared_task(bind=True, retry_delay_max=5, max_retry=5, {BOTH})\n"
        "def work(self):\n    run(self.max_retry)\n"
    )
    assert outcomes(bench_with(), text) == []


NUMBERS = {
    "reckoned": ("time_limit=60 * 5", ""),
    "of_a_name": ("time_limit=LIMIT", "LIMIT = 300\n\n\n"),
    "reckoned_from_names": ("time_limit=MINUTE * 4 + 60", "MINUTE = 60\n\n\n"),
}


@pytest.mark.parametrize(("options", "head"), NUMBERS.values(), ids=NUMBERS)
def test_limit_that_is_reckoned_or_named_is_read(bench_with, options, head):
    text = f"{HEAD}{head}" + WORK.replace("@shared_task", f"@shared_task({options})")
    ((outcome, _, reasons),) = outcomes(bench_with(), text)
    assert (outcome, reasons) == ("needs-review", ["own-limit"])
    assert b"soft_time_limit=150" in bench_with().after(text, unsafe=True)


def test_soft_limit_above_a_reckoned_hard_one_is_reported(bench_with):
    options = "soft_time_limit=400, time_limit=60 * 5"
    text = HEAD + WORK.replace("@shared_task", f"@shared_task({options})")
    bench_with().reports(text, "soft-above-hard")


UNREAD = {
    "of_the_settings": ("time_limit=settings.LIMIT", "from django.conf import settings\n\n\n"),
    "assigned_twice": ("time_limit=LIMIT", "LIMIT = 5\nLIMIT = 300\n\n\n"),
    "none": ("time_limit=None", ""),
    "of_the_environment": (
        "time_limit=LIMIT",
        "import os\n\nLIMIT = int(os.environ['LIMIT'])\n\n\n",
    ),
}


@pytest.mark.parametrize(("options", "head"), UNREAD.values(), ids=UNREAD)
def test_limit_that_is_not_read_is_declined(bench_with, options, head):
    text = f"{HEAD}{head}" + WORK.replace("@shared_task", f"@shared_task({options})")
    bench_with().declines(text, "limit-not-read")


CLIENT = "import requests\n\n\ndef ask(url):\n    return requests.get(url)\n"
ASKING = (
    "from celery import shared_task\n\nfrom shop.client import ask\n\n\n"
    f"@shared_task({BOTH})\ndef work(url):\n    return ask(url)\n"
)


def test_network_call_in_a_function_that_it_calls_is_reported(bench_with):
    bench = bench_with(**{"shop/client.py": CLIENT})
    bench.reports(ASKING, "called-network")
    ((found, *_),) = [bench.run(ASKING).findings]
    lines = [(each.path, each.line) for each in found.finding.evidence]
    assert lines == [("shop/tasks.py", 8), ("shop/client.py", 5)]


def test_network_call_that_two_tasks_lead_to_is_reported_once(bench_with):
    bench = bench_with(**{"shop/client.py": CLIENT})
    second = f"\n\n@shared_task({BOTH})\ndef also(url):\n    return ask(url)\n"
    assert outcomes(bench, ASKING + second) == [("reported", "work", ["called-network"])]


@pytest.mark.parametrize("timeout", ["timeout=5", "**options"])
def test_network_call_that_has_a_timeout_is_left_alone(bench_with, timeout):
    client = CLIENT.replace("get(url)", f"get(url, {timeout})")
    bench_with(**{"shop/client.py": client}).ignores(ASKING)


PROGRESS = (
    f"{HEAD}@shared_task(bind=True)\ndef work(self, rows):\n    for row in rows:\n"
    "        self.update_state(state='PROGRESS', meta={'row': row})\n"
)


def test_task_that_tells_its_progress_is_for_review(bench_with):
    after = PROGRESS.replace("bind=True", f"bind=True, {BOTH}")
    bench_with().reviews(PROGRESS, after, "tells-progress")


def test_numbers_for_the_task_itself_are_enough_where_it_tells_its_progress(bench_of):
    options = CeleryLimitsOptions(tasks=(("*.work", 3000, 3600),))
    after = PROGRESS.replace("bind=True", "bind=True, soft_time_limit=3000, time_limit=3600")
    bench_of(CeleryLimits(options), "shop/tasks.py", FILES).fixes(PROGRESS, after)


SET = {
    "setattr": "\n\nsetattr(work, 'time_limit', 20)\n",
    "loop": "\n\nfor each in (work,):\n    each.time_limit = 20\n",
    "decorator": "\n\ndef slow(task):\n    task.time_limit = 500\n    return task\n",
}


@pytest.mark.parametrize("more", SET.values(), ids=SET)
def test_limit_is_set_by_way_of_a_variable(bench_with, more):
    found = outcomes(bench_with(), HEAD + WORK + more)
    assert found == [("needs-review", "work", ["limit-set-elsewhere"])]


def test_limit_of_something_else_is_set(bench_with):
    quiz = "def start(quiz):\n    quiz.time_limit = 20\n"
    found = outcomes(bench_with(**{"shop/quizzes.py": quiz}), HEAD + WORK)
    assert found == [("fixed", "work", [])]


def test_base_sets_a_limit_as_it_is_made(bench_with):
    base = "class Limited(Task):\n    def __init__(self):\n        self.time_limit = 20\n\n\n"
    text = HEAD + base + WORK.replace("shared_task", "shared_task(base=Limited)")
    assert outcomes(bench_with(), text) == [("needs-review", "work", ["limit-in-base"])]


BLOCKS = {
    "lets_go": "        return False\n",
    "says_nothing": "        self.left = True\n",
    "leaves_it_to_its_base": "        return super().__exit__(*error)\n",
}


@pytest.mark.parametrize("body", BLOCKS.values(), ids=BLOCKS)
def test_block_that_does_not_swallow(bench_with, body):
    block = f"class Block:\n    def __exit__(self, *error):\n{body}\n\n"
    before = HEAD + block + WORK.replace("    run(x)", "    with Block():\n        run(x)")
    bench_with().fixes(before, before.replace("@shared_task", f"@shared_task({BOTH})"))


def test_application_makes_its_tasks_of_a_class_of_its_own(bench_with):
    made = (
        "from celery import Celery, Task\n\n\nclass Limited(Task):\n    time_limit = 20\n\n\n"
        'app = Celery("shop", task_cls=Limited)\n'
    )
    found = outcomes(bench_with(**{"config/celery.py": made}), HEAD + WORK)
    assert found == [("needs-review", "work", ["limit-in-base"])]
