"""`conn-max-age`: which databases keep their connections, and which are left as they are."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.conn_max_age import ConnMaxAge
from djfix.codemods.rules.conn_max_age.examples import BASE, DICT, EXAMPLES, FILES, PATH
from djfix.codemods.rules.conn_max_age.options import ConnMaxAgeOptions

CHECKED = ConnMaxAgeOptions(max_connections_checked=True)
POOL = ConnMaxAgeOptions(pool=True)
REQUIREMENTS = {"requirements.txt": "Django==5.2.1\n"}
ADDED = '        "CONN_MAX_AGE": 600,\n        "CONN_HEALTH_CHECKS": True,\n'
KEPT = DICT.replace('_PASSWORD"],\n', f'_PASSWORD"],\n{ADDED}')


@pytest.fixture
def bench_with(bench_of):
    """A bench with other options, other files, another place of the settings."""

    def make(options=None, *, path=PATH, others=None, django="5.2.1"):
        files = {**dict(FILES), "requirements.txt": f"Django=={django}\n", **(others or {})}
        return bench_of(ConnMaxAge(options), path, files)

    return make


@pytest.fixture
def bench(bench_with):
    return bench_with()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_with, example):
    if example.before == example.after:
        assert not bench_with().run(example.before, unsafe=True).changes
        return
    bench_with().fixes(example.before, example.after, unsafe=True)


def entry(**others):
    """A production module with these entries in its dict, as source text."""
    lines = {"ENGINE": '"django.db.backends.postgresql"', "NAME": '"shop"', **others}
    inner = "".join(f'        "{key}": {value},\n' for key, value in lines.items() if value)
    return f'from .base import *\n\nDATABASES = {{\n    "default": {{\n{inner}    }}\n}}\n'


def added(text):
    return text.replace("    }\n}\n", f"{ADDED}    }}\n}}\n")


# -- what is done by itself, and what a person sees ---------------------------------------------


def test_a_checked_server_and_a_plain_dict_is_safe(bench_with):
    bench_with(CHECKED).fixes(DICT, KEPT)


def test_nobody_has_compared_the_connections(bench):
    bench.reviews(DICT, KEPT, "max-connections")


def test_mysql_keeps_connections_as_well(bench_with):
    text = entry(ENGINE='"django.db.backends.mysql"')
    bench_with(CHECKED).fixes(text, added(text))


def test_another_age_is_the_users(bench_with):
    options = ConnMaxAgeOptions(max_age=60, max_connections_checked=True)
    bench_with(options).fixes(DICT, KEPT.replace("600", "60"))


def test_an_age_of_nothing_is_refused():
    with pytest.raises(ValueError, match="max-age"):
        ConnMaxAgeOptions(max_age=0)


def test_an_engine_that_nobody_knows(bench_with):
    text = entry(ENGINE='"mssql"')
    bench_with(CHECKED).reviews(text, added(text), "unknown-engine")


def test_tenants_engine_sets_the_search_path_of_a_connection(bench_with):
    text = entry(ENGINE='"django_tenants.postgresql_backend"')
    bench_with(CHECKED).reviews(text, added(text), "unknown-engine")


def test_a_branch(bench_with):
    text = (
        "from .base import *\n\nif HOST:\n    DATABASES = {\n"
        '        "default": {\n            "ENGINE": "django.db.backends.postgresql",\n'
        "        }\n    }\n"
    )
    after = text.replace(
        'postgresql",\n',
        'postgresql",\n            "CONN_MAX_AGE": 600,\n            "CONN_HEALTH_CHECKS": True,\n',
    )
    result = bench_with(CHECKED)
    assert result.after(text).decode() == text
    assert "conditional" in result.reasons(text)
    result.fixes(text, after, unsafe=True)


def test_a_name_that_holds_the_dict(bench_with):
    text = entry().replace("DATABASES = {\n", "SERVER = {\n") + "DATABASES = SERVER\n"
    bench_with(CHECKED).ignores(text)
    text = (
        "from .base import *\n\nSERVER = {\n"
        '    "ENGINE": "django.db.backends.postgresql",\n}\n'
        'DATABASES = {"default": SERVER}\n'
    )
    after = text.replace(
        "\n}\n", '\n    "CONN_MAX_AGE": 600,\n    "CONN_HEALTH_CHECKS": True,\n}\n', 1
    )
    bench_with(CHECKED).reviews(text, after, "named-value")


def test_a_base_that_development_takes_as_well(bench_with):
    files = {PATH: "from .base import *\n"}
    base = BASE + entry().partition("\n\n")[2]
    bench_with(CHECKED, path="config/settings/base.py", others=files).reviews(
        base, added(base), "shared-settings"
    )


def test_unpacked_entries_may_hold_it(bench_with):
    text = entry().replace('"NAME": "shop",', '"NAME": "shop",\n        **secrets(),')
    result = bench_with(CHECKED)
    assert "unread-entries" in result.reasons(text)
    assert result.after(text).decode() == text


def test_settings_that_change_themselves(bench_with):
    text = entry() + "globals().update(load())\n"
    result = bench_with(CHECKED)
    assert "unread-settings" in result.reasons(text)
    assert result.after(text).decode() == text


def test_settings_of_a_machine_that_the_repository_does_not_hold(bench_with):
    text = entry() + "try:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    result = bench_with(CHECKED)
    assert "unread-settings" in result.reasons(text)
    assert result.after(text).decode() == text


def test_old_django_ignores_the_check(bench_with):
    bench = bench_with(CHECKED, django="3.2.25")
    assert "old-django" in bench.reasons(DICT)
    assert bench.after(DICT).decode() == DICT


# -- shapes of settings -------------------------------------------------------------------------


def test_a_dict_on_one_line_that_has_room(bench_with):
    text = (
        'from .base import *\n\nDATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\n'
    )
    after = (
        'from .base import *\n\nDATABASES = {"default": {\n'
        '    "ENGINE": "django.db.backends.mysql",\n'
        '    "CONN_MAX_AGE": 600,\n    "CONN_HEALTH_CHECKS": True,\n}}\n'
    )
    bench_with(CHECKED).fixes(text, after)
    wide = {"pyproject.toml": "[tool.ruff]\nline-length = 120\n"}
    flat = text.replace('mysql"', 'mysql", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True')
    bench_with(CHECKED, others=wide).fixes(text, flat)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (
            'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "PASSWORD": "s3cr3t"}}',
            ', "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True',
        ),
        (
            'DATABASES = {"default": dj_database_url.parse("postgres://shop:s3cr3t@host/shop")}',
            ", conn_max_age=600, conn_health_checks=True",
        ),
        (
            'DATABASES = {"default": dict(ENGINE="django.db.backends.mysql", PASSWORD="s3cr3t")}',
            ", CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True",
        ),
    ],
)
def test_no_edit_repeats_a_password(bench, text, new):
    text = f"import dj_database_url\n\nfrom .base import *\n\n{text}\n"
    head, end = text.removesuffix("\n")[:-2], text[-3:]
    bench.fixes(text, f"{head}{new}{end}", unsafe=True)
    (item,) = bench.run(text).findings
    assert item.edits
    assert all("s3cr3t" not in each.replacement for each in item.edits)


def test_a_last_value_without_a_comma_and_with_a_comment(bench_with):
    text = entry().replace('"NAME": "shop",', '"NAME": "shop"  # the only one')
    after = added(text).replace('"shop"  #', '"shop",  #')
    bench_with(CHECKED).fixes(text, after)


def test_a_last_value_in_parentheses(bench_with):
    text = entry().replace('"NAME": "shop",', '"NAME": (\n            "shop"\n        )')
    bench_with(CHECKED).fixes(text, added(text).replace("        )\n", "        ),\n"))


def test_a_brace_on_the_line_of_the_last_value(bench_with):
    text = (
        "from .base import *\n\nDATABASES = {\n"
        "    'default': {'ENGINE': 'django.db.backends.postgresql',\n"
        "                'NAME': 'shop'}\n}\n"
    )
    after = text.replace(
        "'shop'}",
        "'shop',\n                'CONN_MAX_AGE': 600,\n"
        "                'CONN_HEALTH_CHECKS': True}",
    )
    bench_with(CHECKED).fixes(text, after)


def test_each_alias_gets_its_own(bench_with):
    text = entry() + entry().partition("\n\n")[2].replace(
        'DATABASES = {\n    "default": {', 'DATABASES["replica"] = {'
    ).replace("    }\n}\n", "}\n")
    result = bench_with(CHECKED).run(text)
    assert [each.outcome.value for each in result.findings] == ["fixed", "fixed"]
    assert [each.finding.anchor for each in result.findings] == [
        "DATABASES['default'] CONN_MAX_AGE",
        "DATABASES['replica'] CONN_MAX_AGE",
    ]


def test_a_call_of_dict(bench_with):
    text = (
        'from .base import *\n\nDATABASES = {\n    "default": dict(\n'
        "        ENGINE=ENGINE,\n    )\n}\n"
    )
    after = text.replace(
        "ENGINE=ENGINE,\n",
        "ENGINE=ENGINE,\n        CONN_MAX_AGE=600,\n        CONN_HEALTH_CHECKS=True,\n",
    )
    bench_with(CHECKED).fixes(text, after, unsafe=True)


def test_a_url_is_for_review_also_when_checked(bench_with):
    result = bench_with(CHECKED)
    url = EXAMPLES[1]
    assert result.after(url.before).decode() == url.before
    assert "engine-from-url" in result.reasons(url.before)


def test_a_reader_is_for_review_also_when_checked(bench_with):
    result = bench_with(CHECKED)
    reader = EXAMPLES[2]
    assert result.after(reader.before).decode() == reader.before


def test_a_reader_of_a_single_alias(bench):
    text = (
        "import environ\n\nfrom .base import *\n\nenv = environ.Env()\n"
        'DATABASES["default"] = env.db()\nUSE_TZ = True\n'
    )
    lines = (
        'DATABASES["default"]["CONN_MAX_AGE"] = 600\n'
        'DATABASES["default"]["CONN_HEALTH_CHECKS"] = True\n'
    )
    bench.fixes(text, text.replace("USE_TZ", f"{lines}USE_TZ"), unsafe=True)


CLASSES = """\
from configurations import Configuration


class Base(Configuration):
    INSTALLED_APPS = ["shop"]
    ROOT_URLCONF = "config.urls"


class Development(Base):
    DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3"}}}}


class Production(Base):
    INSTALLED_APPS = ["shop"]
    DATABASES = {{
        "default": {{
            "ENGINE": "django.db.backends.postgresql",
{}        }}
    }}
"""


def test_a_class_of_settings(bench_with):
    options = {"config/settings/__init__.py": "", PATH: ""}
    bench = bench_with(CHECKED, path="config/configuration.py", others=options)
    lines = '            "CONN_MAX_AGE": 600,\n            "CONN_HEALTH_CHECKS": True,\n'
    bench.fixes(CLASSES.format(""), CLASSES.format(lines))


def test_the_value_of_a_class_of_settings(bench_with):
    text = (
        "from configurations import Configuration, values\n\n\nclass Production(Configuration):\n"
        '    INSTALLED_APPS = ["shop"]\n    DATABASES = values.DatabaseURLValue()\n'
    )
    bench_with(path="config/configuration.py").declines(text, "database-url-value")


def test_the_only_settings_there_are(bench_with, bench_of):
    files = {"manage.py": FILES[0][1].replace(".dev", ""), **REQUIREMENTS}
    bench = bench_of(ConnMaxAge(CHECKED), "config/settings.py", files)
    text = BASE + entry().partition("\n\n")[2]
    bench.fixes(text, added(text))


# -- what is kept, and not looked at -------------------------------------------------------------


def test_kept_connections_that_are_not_checked(bench):
    text = entry(CONN_MAX_AGE="60")
    after = text.replace(
        '"CONN_MAX_AGE": 60,\n', '"CONN_MAX_AGE": 60,\n        "CONN_HEALTH_CHECKS": True,\n'
    )
    bench.reviews(text, after, "health-check")


def test_an_age_from_the_environment_that_is_not_checked(bench):
    text = entry(CONN_MAX_AGE='int(os.environ.get("AGE", 0))')
    assert bench.reasons(text) == ["health-check"]


def test_a_url_that_keeps_and_does_not_check(bench):
    text = EXAMPLES[1].before.replace('shop")', 'shop", conn_max_age=600)')
    after = text.replace("=600)", "=600, conn_health_checks=True)")
    result = bench.after(text, unsafe=True).decode()
    assert result.replace("\n    ", " ").replace("( ", "(").replace(",\n)", ")") == after


def test_a_pool_beside_an_age_is_refused_by_django(bench):
    text = entry(OPTIONS='{"pool": True}', CONN_MAX_AGE="600")
    bench.reports(text, "pool-and-age")


# -- left alone ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"CONN_MAX_AGE": "0"}, "decided"),
        ({"CONN_MAX_AGE": "600", "CONN_HEALTH_CHECKS": "True"}, "already-set"),
        ({"CONN_MAX_AGE": "None", "CONN_HEALTH_CHECKS": "True"}, "already-set"),
        ({"PORT": "6432"}, "pgbouncer"),
        ({"PORT": 'os.environ.get("PORT", "6432")'}, "pgbouncer"),
        ({"HOST": '"pgbouncer"'}, "pgbouncer"),
        ({"DISABLE_SERVER_SIDE_CURSORS": "True"}, "pgbouncer"),
        ({"OPTIONS": '{"pool": True}'}, "pool"),
        ({"OPTIONS": '{"pool": {"max_size": 8}}'}, "pool"),
        ({"ENGINE": 'os.environ.get("E", "django.db.backends.sqlite3")'}, "no-server"),
        ({"ENGINE": '"dj_db_conn_pool.backends.postgresql"'}, "pooling-engine"),
        ({"ENGINE": '"django_db_geventpool.backends.postgresql_psycopg3"'}, "pooling-engine"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_left_alone(bench_with, entries, reason):
    bench_with(CHECKED).declines(entry(**entries), reason)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("Procfile", "web: uvicorn config.asgi:application\n", "asgi"),
        ("Dockerfile", 'CMD ["daphne", "config.asgi:application"]\n', "asgi"),
        ("docker-compose.yml", "services:\n  web:\n    command: hypercorn config.asgi\n", "asgi"),
        ("start.sh", "gunicorn config.asgi -k uvicorn.workers.UvicornWorker\n", "asgi"),
        ("gunicorn.conf.py", 'worker_class = "uvicorn.workers.UvicornWorker"\n', "asgi"),
        ("gunicorn.conf.py", 'worker_class = "gevent"\n', "green-threads"),
        ("Procfile", "web: gunicorn config.wsgi -k gevent\n", "green-threads"),
        ("docker-compose.yml", "services:\n  pool:\n    image: edoburu/pgbouncer\n", "pgbouncer"),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_left_alone_as_it_is_served(bench_with, path, text, reason):
    bench_with(CHECKED, others={path: text}).declines(DICT, reason)


@pytest.mark.parametrize("line", ['INSTALLED_APPS += ["channels"]', 'ASGI_APPLICATION = "a.b"'])
def test_left_alone_as_channels_serve_it(bench_with, line):
    bench_with(CHECKED).declines(f"{entry()}{line}\n", "asgi")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "# web: uvicorn config.asgi\nweb: gunicorn config.wsgi\n"),
        ("Procfile", "worker: celery -A config worker -P gevent\n"),
        ("requirements.txt", "Django==5.2.1\nuvicorn==0.30\n"),
        ("config/asgi.py", "application = get_asgi_application()\n"),
    ],
)
def test_what_does_not_say_how_it_is_served(bench_with, path, text):
    bench_with(CHECKED, others={path: text}).fixes(DICT, KEPT)


def test_an_engine_from_the_environment_is_reported(bench):
    bench.reports(entry(ENGINE='os.environ["ENGINE"]'), "engine-from-environment")


@pytest.mark.parametrize("name", ["dev", "local", "test", "ci", "staging_test"])
def test_other_modules_are_not_production(bench_with, name):
    path = f"config/settings/{name}.py"
    bench_with(CHECKED, path=path, others={PATH: "from .base import *\n"}).ignores(DICT)


def test_a_base_whose_database_production_replaces(bench_with):
    base = BASE + entry().partition("\n\n")[2]
    result = bench_with(path="config/settings/base.py", others={PATH: KEPT}).run(base)
    assert not result.findings
    assert [(each.path, each.reason.name) for each in result.declined] == [(PATH, "already-set")]


def test_two_plain_modules_of_which_nobody_says_which_is_used(bench_of):
    files = {"one/settings.py": BASE, **REQUIREMENTS}
    bench = bench_of(ConnMaxAge(CHECKED), "two/settings.py", files)
    bench.ignores(BASE + entry().partition("\n\n")[2])


def test_a_later_statement_sets_it(bench_with):
    text = entry() + 'DATABASES["default"]["CONN_MAX_AGE"] = 60\n'
    bench_with(CHECKED).declines(text, "already-set")


def test_a_word_that_was_not_read(bench):
    text = EXAMPLES[2].before + "configure(DATABASES, CONN_MAX_AGE=60)\n"
    bench.declines(text, "may-be-set")


@pytest.mark.parametrize(
    "value",
    ["read_database()", "A if B else C", "dj_database_url.config(**options)", "env.database()"],
)
def test_a_shape_that_cannot_be_read(bench, value):
    text = f'import dj_database_url\nfrom .base import *\n\nDATABASES = {{"default": {value}}}\n'
    bench.declines(text, "unread-shape")


# -- the pool form -------------------------------------------------------------------------------


def test_a_pool_instead(bench_with):
    lines = '        "NAME": "shop",\n        "OPTIONS": {"pool": True},\n'
    text = entry()
    bench_with(POOL).reviews(
        text, text.replace('        "NAME": "shop",\n', lines), "pool-dependency"
    )


def test_a_pool_among_other_options(bench_with):
    text = entry(OPTIONS='{"sslmode": "require"}')
    after = text.replace('"require"}', '"require", "pool": True}')
    bench_with(POOL).reviews(text, after, "pool-dependency")


def test_a_pool_also_under_asgi(bench_with):
    procfile = {"Procfile": "web: uvicorn config.asgi:application\n"}
    bench = bench_with(POOL, others=procfile)
    assert bench.reasons(entry()) == ["pool-dependency"]


def test_a_pool_that_django_does_not_know(bench_with):
    bench_with(POOL, django="5.0.4").declines(entry(), "pool-needs-django")


def test_a_pool_that_mysql_does_not_have(bench_with):
    text = entry(ENGINE='"django.db.backends.mysql"')
    bench_with(POOL).declines(text, "pool-unknown")


def test_what_a_finding_says(bench):
    (item,) = bench.run(DICT).findings
    assert dict(item.finding.data) == {"setting": "CONN_MAX_AGE", "value": 600}
    assert item.finding.symbol == "config.settings.production.DATABASES"
    assert item.finding.message == "database `default` is connected to anew for each request"


def test_sqlite_is_not_the_anti_pattern_and_nothing_is_said(bench):
    bench.ignores(entry(ENGINE='"django.db.backends.sqlite3"'))


def test_spatialite_is_a_file_as_well(bench):
    bench.ignores(entry(ENGINE='"django.contrib.gis.db.backends.spatialite"'))


def test_only_the_server_of_a_file_and_a_server_is_meant(bench):
    text = entry(ENGINE='"django.db.backends.sqlite3"') + (
        'if HOST:\n    DATABASES["default"] = {\n'
        '        "ENGINE": "django.db.backends.postgresql",\n    }\n'
    )
    after = text.replace('postgresql",\n    }', f'postgresql",\n{ADDED}    }}')
    assert bench.after(text, unsafe=True).decode() == after


WHOLE = {
    "all_entries": 'X = list(DATABASES["default"].items())\n',
    "unpacked": 'def connect(**given): ...\n\n\nconnect(**DATABASES["default"])\n',
    "number_of_entries": 'X = len(DATABASES["default"])\n',
    "a_loop_over_all_databases": (
        'for each in DATABASES.values():\n    each.setdefault("CONN_MAX_AGE", 5)\n'
    ),
    "handed_on": "import json\n\nX = json.dumps(DATABASES)\n",
    "another_name": 'DEFAULT = DATABASES["default"]\n',
    "by_a_computed_key": 'X = {key: DATABASES["default"][key] for key in KEYS}\n',
}
PARTLY = {
    "one_entry": 'NAME = DATABASES["default"]["NAME"]\n',
    "one_entry_by_get": 'NAME = DATABASES["default"].get("NAME")\n',
    "one_entry_is_set": 'DATABASES["default"]["NAME"] = "other"\n',
    "aliases": "ALIASES = [each for each in DATABASES]\n",
    "an_alias_is_asked_for": 'HAS = "replica" in DATABASES\n',
}


@pytest.mark.parametrize("name", WHOLE)
def test_entries_are_gone_through(bench_with, name):
    text = entry() + WHOLE[name]
    bench = bench_with(CHECKED)
    assert bench.after(text).decode() == text
    assert "read-besides" in bench.reasons(text)


@pytest.mark.parametrize("name", PARTLY)
def test_one_entry_is_looked_at(bench_with, name):
    text = entry() + PARTLY[name]
    bench_with(CHECKED).fixes(text, added(text))


@pytest.mark.parametrize(
    ("use", "reasons"),
    [
        ("connect(**settings.DATABASES['default'])", ["read-besides"]),
        ("connect(settings.DATABASES['default']['NAME'])", []),
    ],
    ids=["whole", "one_entry"],
)
def test_entries_are_gone_through_in_another_file(bench_with, use, reasons):
    copying = f"from django.conf import settings\n\n\ndef copy(connect):\n    {use}\n"
    bench = bench_with(CHECKED, others={"shop/copying.py": copying})
    assert bench.reasons(entry()) == reasons
