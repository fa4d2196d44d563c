"""`celery-settings`: what workers are given, where it is written, and what is left alone."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.celery_settings import CelerySettings
from djfix.codemods.rules.celery_settings.examples import (
    ADDED,
    APP,
    EXAMPLES,
    FILES,
    LATE,
    MAKE,
    PATH,
    SPACED,
)
from djfix.codemods.rules.celery_settings.options import CelerySettingsOptions

CHILD = SPACED.replace("STATIC", f"{ADDED}STATIC")
BOTH = SPACED.replace("STATIC", f"{ADDED}CELERY_WORKER_PREFETCH_MULTIPLIER = 1\nSTATIC")
TASKS = "shop/tasks.py"
GIVEN = {"Procfile": "worker: celery -A config worker --max-tasks-per-child=500\n"}
ON_APP = {"config/celery.py": MAKE}


@pytest.fixture
def bench(bench_of):
    """A bench with other files, options, another place of the settings; None takes a file away."""

    def make(others=None, *, path=PATH, **options):
        files = {**dict(FILES), **(others or {})}
        kept = {name: text for name, text in files.items() if text is not None}
        return bench_of(CelerySettings(CelerySettingsOptions(**options)), path, kept)

    return make


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(CelerySettings(), example.path, example.files)
    if example.before == example.after:
        assert not bench.run(example.before, unsafe=True).changes
        return
    assert bench.after(example.before).decode() == example.before
    bench.fixes(example.before, example.after, unsafe=True)


# -- children -----------------------------------------------------------------------------------


def test_children_of_prefork_workers(bench):
    bench().reviews(SPACED, CHILD, "children-replaced")


def test_another_number_is_the_users(bench):
    bench(max_tasks_per_child=50).fixes(SPACED, CHILD.replace("1000", "50"), unsafe=True)


def test_no_command_is_known(bench):
    others = {"Procfile": None}
    bench(others).reviews(SPACED, CHILD, "children-replaced", "no-worker-command")


def test_one_of_two_commands_lacks_it(bench):
    text = GIVEN["Procfile"] + "mails: celery -A config worker -Q email\n"
    bench({"Procfile": text}).reviews(SPACED, CHILD, "children-replaced")


def test_one_of_two_commands_has_no_children(bench):
    text = "worker: celery -A config worker\nmails: celery -A config worker -P gevent\n"
    bench({"Procfile": text}).reviews(SPACED, CHILD, "children-replaced", "other-pool")


def test_pool_of_a_variable(bench):
    text = "worker: celery -A config worker -P $POOL\n"
    names = ("children-replaced", "other-pool", "options-from-outside")
    bench({"Procfile": text}).reviews(SPACED, CHILD, *names)


@pytest.mark.parametrize("given", ['"$@"', "$OPTIONS", "${OPTIONS}", "%(ENV_X)s", "{{ options }}"])
def test_options_that_come_from_outside(bench, given):
    others = {"Procfile": f"worker: celery -A config worker {given}\n"}
    bench(others).reviews(SPACED, CHILD, "children-replaced", "options-from-outside")


@pytest.mark.parametrize("pool", ["solo", "threads", "gevent", "eventlet"])
def test_pool_without_children(bench, pool):
    text = f"worker: celery -A config worker --pool={pool}\n"
    bench({"Procfile": text}).declines(SPACED, "no-child-processes")


def test_pool_of_the_settings_without_children(bench):
    bench().declines(SPACED + "CELERY_WORKER_POOL = 'threads'\n", "no-child-processes")


@pytest.mark.parametrize(
    "option",
    [
        "--max-tasks-per-child 500",
        "--max-tasks-per-child=500",
        "--maxtasksperchild=500",
        "--max-memory-per-child 200000",
    ],
)
def test_given_by_the_command(bench, option):
    text = f"worker: celery -A config worker {option}\n"
    bench({"Procfile": text}).declines(SPACED, "given-by-command")


@pytest.mark.parametrize(
    "line",
    [
        "CELERY_WORKER_MAX_TASKS_PER_CHILD = 10",
        "CELERYD_MAX_TASKS_PER_CHILD = 10",
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD = 200_000",
        "CELERY_WORKER_MAX_TASKS_PER_CHILD = int(os.environ['TASKS'])",
    ],
)
def test_already_set(bench, line):
    bench().declines(f"{SPACED}{line}\n", "already-set")


@pytest.mark.parametrize(
    "line",
    [
        "app.conf.worker_max_tasks_per_child = 10\n",
        "app.conf['worker_max_tasks_per_child'] = 10\n",
        "app.conf.update(worker_max_tasks_per_child=10)\n",
        "app.conf.CELERYD_MAX_TASKS_PER_CHILD = 10\n",
    ],
)
def test_set_on_the_application(bench, line):
    bench({"config/celery.py": APP + line}).declines(SPACED, "already-set")


def test_set_in_a_base(bench):
    base = dict(FILES)["config/settings/base.py"] + "CELERY_WORKER_MAX_TASKS_PER_CHILD = 10\n"
    bench({"config/settings/base.py": base}).declines(SPACED, "already-set")


def test_set_in_a_template_of_the_deployment(bench):
    others = {"deploy/supervisord.tmpl": 'TASKS="--max-tasks-per-child={{ number }}"\n'}
    bench(others).declines(SPACED, "may-be-set")


def test_documentation_sets_nothing(bench):
    others = {"README.md": "Start it with --max-tasks-per-child 10.\n"}
    bench(others).reviews(SPACED, CHILD, "children-replaced")


def test_name_that_celery_passes_over_says_the_number(bench):
    text = SPACED.replace("STATIC", "CELERY_MAX_TASKS_PER_CHILD = 200\nSTATIC")
    after = text.replace("STATIC", "CELERY_WORKER_MAX_TASKS_PER_CHILD = 200\nSTATIC")
    bench().reviews(text, after, "children-replaced", "ignored-setting")


def test_tasks_that_run_in_place(bench):
    bench().declines(f"{SPACED}CELERY_TASK_ALWAYS_EAGER = True\n", "always-eager")


@pytest.mark.parametrize(
    "line",
    [
        "CELERY_TASK_ALWAYS_EAGER = True",
        "CELERY_WORKER_MAX_TASKS_PER_CHILD = 1",
        "CELERY_WORKER_POOL = 'solo'",
    ],
)
def test_development_says_nothing_of_production(bench, line):
    others = {"config/settings/dev.py": f"from .base import *\n\n{line}\n"}
    bench(others).reviews(SPACED, CHILD, "children-replaced")


def test_one_of_two_production_modules_has_it(bench):
    bench({"config/settings/prod_eu.py": CHILD}).reviews(
        SPACED, CHILD, "children-replaced", "already-set"
    )


# -- messages -----------------------------------------------------------------------------------


def test_late_acknowledgement(bench):
    bench({TASKS: LATE}).reviews(SPACED, BOTH, "children-replaced", "fetched-one-by-one")


def test_late_acknowledgement_of_all_tasks(bench):
    text = SPACED.replace("STATIC", "CELERY_TASK_ACKS_LATE = True\nSTATIC")
    added = f"{ADDED}CELERY_WORKER_PREFETCH_MULTIPLIER = 1\n"
    after = text.replace("STATIC", f"{added}STATIC")
    bench().reviews(text, after, "children-replaced", "fetched-one-by-one")


def test_long_task_that_is_acknowledged_early(bench):
    tasks = LATE.replace("acks_late=True", "time_limit=3600")
    names = ("children-replaced", "fetched-one-by-one", "one-still-waits")
    bench({TASKS: tasks}).reviews(SPACED, BOTH, *names)


def test_fast_dispatch(bench):
    others = {TASKS: LATE, "Procfile": "worker: celery -A config worker -Ofast\n"}
    names = ("children-replaced", "fetched-one-by-one", "fast-dispatch")
    bench(others).reviews(SPACED, BOTH, *names)


def test_one_kind_of_workers_has_it_by_its_command(bench):
    text = "w: celery worker\none: celery multi start one --prefetch-multiplier:one=1\n"
    names = ("children-replaced", "fetched-one-by-one")
    bench({TASKS: LATE, "Procfile": text}).reviews(SPACED, BOTH, *names)


def test_fair_dispatch_is_celerys_own(bench):
    others = {TASKS: LATE, "Procfile": "worker: celery -A config worker -O fair\n"}
    bench(others).reviews(SPACED, BOTH, "children-replaced", "fetched-one-by-one")


def test_stated_number(bench):
    after = BOTH.replace("MULTIPLIER = 1", "MULTIPLIER = 8")
    bench(prefetch_multiplier=8).reviews(SPACED, after, "children-replaced", "stated-number")


def test_short_tasks_keep_what_celery_fetches(bench):
    tasks = LATE.replace("acks_late=True", "time_limit=30")
    bench({TASKS: tasks}).reviews(SPACED, CHILD, "children-replaced")


def test_late_tasks_of_tests_say_nothing(bench):
    bench({"shop/tests/tasks.py": LATE}).reviews(SPACED, CHILD, "children-replaced")


def test_early_acknowledgement_by_name(bench):
    bench({TASKS: LATE.replace("True", "False")}).reviews(SPACED, CHILD, "children-replaced")


@pytest.mark.parametrize(
    ("others", "line", "reason"),
    [
        ({}, "CELERY_WORKER_PREFETCH_MULTIPLIER = 4", "already-set"),
        ({}, "CELERYD_PREFETCH_MULTIPLIER = 4", "already-set"),
        ({}, "CELERY_WORKER_DISABLE_PREFETCH = True", "already-set"),
        ({"Procfile": "w: celery worker --prefetch-multiplier 2\n"}, "", "given-by-command"),
        ({"w.conf": 'CELERYD_OPTS="--prefetch-multiplier=1"\n'}, "", "may-be-set"),
    ],
)
def test_messages_left_alone(bench, others, line, reason):
    text = CHILD.replace("STATIC", f"{line}\nSTATIC")
    result = bench({TASKS: LATE, **others}).run(text, unsafe=True)
    assert not result.findings
    assert {each.reason.name for each in result.declined} == {"already-set", reason}


# -- connections --------------------------------------------------------------------------------


def limited(text, value):
    return text.replace("STATIC", f"CELERY_BROKER_POOL_LIMIT = {value}\nSTATIC")


@pytest.mark.parametrize("form", ["--threads 16", "--threads=16", '", "--threads", "16"'])
def test_threads_of_a_server_process(bench, form):
    text = f"web: gunicorn config.wsgi {form}\n{GIVEN['Procfile']}"
    bench({"Procfile": text}).fixes(SPACED, limited(SPACED, 16), unsafe=True)


def test_few_threads_have_room(bench):
    text = f"web: gunicorn config.wsgi --threads 8\n{GIVEN['Procfile']}"
    bench({"Procfile": text}).declines(SPACED, "given-by-command")


def test_stated_limit(bench):
    bench(GIVEN, broker_pool_limit=20).fixes(SPACED, limited(SPACED, 20), unsafe=True)


@pytest.mark.parametrize("value", ["5", "None", "0"])
def test_limit_that_is_set_stays(bench, value):
    text = limited(CHILD, value)
    assert not bench(broker_pool_limit=20).run(text, unsafe=True).changes


@pytest.mark.parametrize("value", ["0", "None"])
def test_pool_that_is_off(bench, value):
    bench().reports(limited(CHILD, value), "pool-off")


def test_pool_that_is_on(bench):
    bench().declines(limited(CHILD, "1"), "already-set")


@pytest.mark.parametrize(
    "option", ["max_tasks_per_child", "prefetch_multiplier", "broker_pool_limit"]
)
def test_nothing_is_refused_as_a_number(option):
    with pytest.raises(ValueError, match=option.replace("_", "-")):
        CelerySettingsOptions(**{option: 0})


# -- where it is written ------------------------------------------------------------------------


def test_another_namespace(bench):
    others = {"config/celery.py": APP.replace('"CELERY"', '"QUEUE"')}
    text = SPACED.replace("CELERY_", "QUEUE_")
    bench(others).reviews(text, CHILD.replace("CELERY_", "QUEUE_"), "children-replaced")


def test_namespace_before_the_object(bench):
    call = 'namespace="CELERY", obj="django.conf:settings"'
    app = APP.replace('"django.conf:settings", namespace="CELERY"', call)
    bench({"config/celery.py": app}).reviews(SPACED, CHILD, "children-replaced")


def test_namespace_in_lower_case_reads_nothing(bench):
    others = {"config/celery.py": APP.replace('"CELERY"', '"celery"')}
    result = bench(others, path="config/celery.py").run(others["config/celery.py"], unsafe=True)
    assert [each.reason.name for each in result.declined] == ["unread-namespace"]


def test_no_setting_of_celery_is_there_yet(bench):
    text = 'from .base import *\n\nSTATIC_URL = "static/"\n'
    assert bench().after(text, unsafe=True).decode() == f"{text}{ADDED}"


def test_settings_of_a_base_that_development_takes(bench):
    base = dict(FILES)["config/settings/base.py"] + 'CELERY_BROKER_URL = "redis://broker"\n'
    others = {PATH: "from .base import *\n"}
    bench(others, path="config/settings/base.py").reviews(
        base, f"{base}{ADDED}", "children-replaced", "shared-settings"
    )


def test_class_of_settings(bench):
    text = (
        "from configurations import Configuration\n\n\n"
        "class Production(Configuration):\n"
        '    INSTALLED_APPS = ["shop"]\n    CELERY_BROKER_URL = "redis://broker"\n'
    )
    others = {"config/settings/base.py": None, "config/settings/dev.py": None}
    bench(others).reviews(text, f"{text}    {ADDED}", "children-replaced")


def test_settings_that_could_not_all_be_read(bench):
    names = ("children-replaced", "celery-configuration")
    bench().reviews(f"{SPACED}globals().update(load())\n",
                    f"{CHILD}globals().update(load())\n", *names)  # fmt: skip


WORKERS = {"config/celery.py": f'{MAKE}app.config_from_object("config.workers")\n'}


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ('broker_url = "redis://broker"\n', "worker_max_tasks_per_child = 1000\n"),
        ('BROKER_URL = "redis://broker"\n', "CELERYD_MAX_TASKS_PER_CHILD = 1000\n"),
    ],
)
def test_module_of_its_own(bench, text, added):
    bench(WORKERS, path="config/workers.py").reviews(text, text + added, "children-replaced")


def test_module_with_old_and_new_names_is_refused_by_celery(bench):
    text = 'BROKER_URL = "redis://broker"\nworker_concurrency = 2\n'
    bench(WORKERS, path="config/workers.py").declines(text, "mixed-names")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "app.conf.worker_max_tasks_per_child = 1000\n"),
        (
            'app.conf.broker_url = "x"\n',
            'app.conf.broker_url = "x"\napp.conf.worker_max_tasks_per_child = 1000\n',
        ),
        (
            'app.conf.BROKER_URL = "x"\n',
            'app.conf.BROKER_URL = "x"\napp.conf.CELERYD_MAX_TASKS_PER_CHILD = 1000\n',
        ),
        (
            'app.conf.update(broker_url="x")\n',
            'app.conf.update(broker_url="x", worker_max_tasks_per_child=1000)\n',
        ),
        (
            'app.conf.update(\n    broker_url="x",  # ours\n)\n',
            (
                'app.conf.update(\n    broker_url="x",  # ours\n'
                "    worker_max_tasks_per_child=1000,\n)\n"
            ),
        ),
        (
            "app.conf.update({'broker_url': 'x'})\n",
            "app.conf.update({'broker_url': 'x', 'worker_max_tasks_per_child': 1000})\n",
        ),
    ],
)
def test_application(bench, before, after):
    bench(ON_APP, path="config/celery.py").reviews(MAKE + before, MAKE + after, "children-replaced")


def test_update_with_two_more_settings_gets_both(bench):
    text = f'{MAKE}app.conf.update(broker_url="x")\n'
    result = bench({TASKS: LATE}, path="config/celery.py").after(text, unsafe=True).decode()
    assert result == MAKE + (
        "app.conf.update(\n"
        '    broker_url="x",\n'
        "    worker_max_tasks_per_child=1000,\n"
        "    worker_prefetch_multiplier=1,\n"
        ")\n"
    )


def test_application_that_has_settings_beside_django_s_that_have_none(bench):
    text = f"{APP}app.conf.task_ignore_result = True\n"
    others = {PATH: "from .base import *\n"}
    bench(others, path="config/celery.py").reviews(
        text, f"{text}app.conf.worker_max_tasks_per_child = 1000\n", "children-replaced"
    )


# -- left alone ---------------------------------------------------------------------------------


def test_project_without_celery(bench):
    bench({"config/celery.py": None}).ignores(SPACED)


def test_application_of_a_test(bench):
    others = {"config/celery.py": None, "shop/tests/test_app.py": APP}
    bench(others).ignores(SPACED)


def test_development_settings_are_no_place(bench):
    text = 'from .base import *\n\nCELERY_BROKER_URL = "memory://"\n'
    result = bench({PATH: SPACED}, path="config/settings/dev.py").run(text, unsafe=True)
    assert [change.path for change in result.changes] == [PATH]


def test_no_production_module(bench):
    others = {"config/settings/base.py": None, "config/settings/dev.py": None, "manage.py": None}
    result = bench(others, path="config/celery.py").run(APP, unsafe=True)
    assert [each.reason.name for each in result.declined] == ["no-production-module"]


def test_two_applications_with_settings_of_their_own(bench):
    text = f'{MAKE}other = Celery("other")\n'
    bench(path="config/celery.py").declines(text, "several-applications")


def test_other_things_called_conf(bench):
    bench(path="config/celery.py", max_tasks_per_child=7).fixes(
        f"{MAKE}conf.update(x=1)\nsettings.conf.y = 2\n",
        f"{MAKE}app.conf.worker_max_tasks_per_child = 7\nconf.update(x=1)\nsettings.conf.y = 2\n",
        unsafe=True,
    )
