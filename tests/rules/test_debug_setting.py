"""`debug-setting`: what production settings give away, and what is none of its business."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from djfix.cli.main import Format
from djfix.codemods.rules.debug_setting import DebugSetting
from djfix.codemods.rules.debug_setting.examples import BASE, EXAMPLES, FILES, PATH, READ
from djfix.codemods.rules.debug_setting.options import DebugSettingOptions

HEAD = "import os\n\nfrom .base import *\n\n"
KEYED = DebugSettingOptions(secret_key_variable="DJANGO_SECRET_KEY")
WORDS = 'lower() in {"1", "true", "yes", "on"}'


@pytest.fixture
def bench_with(bench_of):
    """A bench with other options, other files, another place of the settings."""

    def make(options=None, *, path=PATH, **others):
        return bench_of(DebugSetting(options), path, {**dict(FILES), **others})

    return make


@pytest.fixture
def bench(bench_with):
    return bench_with()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench, example):
    if example.before == example.after:
        bench.reports(example.before, "secret-in-source")
    else:
        bench.fixes(example.before, example.after, unsafe=True)


# -- DEBUG ---------------------------------------------------------------------------------------


def test_debug_is_read_from_the_environment(bench):
    bench.fixes(f"{HEAD}DEBUG = True\n", f"{HEAD}DEBUG = {READ}\n")


def test_that_it_is_on_by_default_is_said_before_and_after(bench):
    for text in (f"{HEAD}DEBUG = True\n", f"{HEAD}DEBUG = {READ}\n"):
        result = bench.run(text)
        reported = [each for each in result.findings if each.outcome.value == "reported"]
        names = [each.finding.reasons[0].name for each in reported]
        assert names == ["debug-by-default"]


def test_an_annotated_debug_with_a_comment(bench):
    before = f"{HEAD}DEBUG: bool = True  # for now\n"
    bench.fixes(before, before.replace("= True", f"= {READ}"))


def test_a_file_without_os(bench_with):
    text = f"from pathlib import Path\n\n{BASE}DEBUG = True\n"
    files = {"manage.py": FILES[0][1].replace(".dev", "")}
    bench = bench_with(path="config/settings.py", **files)
    bench.files = files
    bench.fixes(text, f"import os\n{text}".replace("= True", f"= {READ}"))


def test_another_variable(bench_with):
    options = DebugSettingOptions(debug_variable="SHOP_DEBUG")
    after = f"{HEAD}DEBUG = {READ}\n".replace("DJANGO_DEBUG", "SHOP_DEBUG")
    bench_with(options).fixes(f"{HEAD}DEBUG = True\n", after)


def test_the_files_own_quotes(bench):
    text = f"{HEAD}NAME = 'a'\nZONE = 'b'\nDEBUG = True\n"
    bench.fixes(text, text.replace("DEBUG = True", "DEBUG = " + READ.replace('"', "'")))


def test_a_variable_name_that_is_none():
    with pytest.raises(ValueError, match="no name"):
        DebugSettingOptions(debug_variable="A B")


@pytest.mark.parametrize(
    ("value", "default"),
    [
        ('os.environ.get("DEBUG", False)', "False"),
        ('os.environ.get("DEBUG")', "False"),
        ('os.environ.get("DEBUG", "")', "False"),
        ('os.getenv("DEBUG", 0)', "False"),
        ('bool(os.environ.get("DEBUG", False))', "False"),
        ('bool(os.getenv("DEBUG"))', "False"),
        ('os.environ.get("DEBUG", True)', "True"),
        ('os.environ.get("DEBUG", "False")', "True"),
        ('bool(os.environ.get("DEBUG", "0"))', "True"),
    ],
)
def test_any_text_is_true(bench, value, default):
    before = f"{HEAD}DEBUG = {value}\n"
    after = f'{HEAD}DEBUG = os.environ.get("DEBUG", "{default}").{WORDS}\n'
    assert bench.after(before).decode() == before
    assert "any-text-is-true" in bench.reasons(before)
    bench.fixes(before, after, unsafe=True)


@pytest.mark.parametrize("path", ["Dockerfile", "start.sh", "config/wsgi.py"])
def test_a_variable_that_begins_to_count(bench_with, path):
    bench = bench_with(**{path: "DJANGO_DEBUG=0\n"})
    text = f"{HEAD}DEBUG = True\n"
    assert bench.after(text).decode() == text
    assert "variable-in-use" in bench.reasons(text)


def test_a_variable_that_the_settings_read_for_something_else(bench):
    text = f'{HEAD}DEBUG = True\nTOOLBAR = bool(os.environ.get("DJANGO_DEBUG"))\n'
    assert bench.after(text).decode() == text
    assert "variable-in-use" in bench.reasons(text)


TEXTS = {
    "Dockerfile": "RUN sed -i 's/DEBUG = True/DEBUG = False/' shop/settings.py\n",
    "deploy.yml": "- lineinfile: path=settings.py regexp='^DEBUG' line='DEBUG = False'\n",
    "fabfile.py": "text = text.replace('DEBUG = True', 'DEBUG = False')\n",
    "setup.py": "DEBUG = re.search(r'^DEBUG = (\\w+)', text).group(1)\n",
}


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_that_a_script_looks_for(bench_with, path):
    bench = bench_with(**{path: TEXTS[path]})
    text = f"{HEAD}DEBUG = True\n"
    assert bench.after(text).decode() == text
    assert "edited-as-text" in bench.reasons(text)


TAKERS = {
    "another_module_under_this_name": "import posixpath as os\n\nfrom {module} import *\n",
    "a_class_of_this_name": "class os:\n    sep = '/'\n\n\nfrom {module} import *\n",
    "a_value_of_this_name": "os = 'linux'\n\nfrom {module} import *\n",
    "one_that_another_module_brings": "from .tools import *\nfrom {module} import *\n",
    "over_a_third_module": "import posixpath as os\n\nfrom .third import *\n",
}


@pytest.mark.parametrize("name", TAKERS)
def test_module_that_takes_all_names_has_another_os(bench_with, name):
    module = ".production"
    files = {
        "config/settings/local.py": TAKERS[name].format(module=module),
        "config/settings/tools.py": "import posixpath as os\n",
        "config/settings/third.py": f"from {module} import *\n",
    }
    bench = bench_with(path="config/settings/production.py", **files)
    text = f"{BASE}DEBUG = True\n"
    assert bench.after(text).decode() == text
    assert "another-os" in bench.reasons(text)


def test_module_that_takes_all_names_has_the_same_os(bench_with):
    local = "import os\n\nfrom .production import *\n\nHOME = os.environ['HOME']\n"
    files = {"config/settings/local.py": local}
    bench = bench_with(path="config/settings/production.py", **files)
    text = f"{BASE}DEBUG = True\n"
    assert "another-os" not in bench.reasons(text)
    assert b"os.environ.get" in bench.after(text)


def test_settings_that_go_through_their_own_names(bench):
    text = f"{BASE}DEBUG = True\nNAMES = sorted(globals())\n"
    assert bench.after(text).decode() == text
    assert "own-names" in bench.reasons(text)


LISTED = {
    "dir": "from config.settings import production\n\nNAMES = dir(production)\n",
    "vars": "import config.settings.production as p\n\nNAMES = sorted(vars(p))\n",
    "its_dictionary": (
        "from config.settings import production\n\nNAMES = list(production.__dict__)\n"
    ),
    "its_members": (
        "import inspect\n\nfrom config.settings import production\n\n"
        "NAMES = inspect.getmembers(production)\n"
    ),
    "by_its_name": (
        "import os\nfrom importlib import import_module\n\n"
        "module = import_module(os.environ['DJANGO_SETTINGS_MODULE'])\nNAMES = dir(module)\n"
    ),
    "by_its_name_at_once": (
        "import sys\n\nNAMES = dir(sys.modules['config.settings.production'])\n"
    ),
}
NOT_LISTED = {
    "djangos_settings": "from django.conf import settings\n\nNAMES = dir(settings)\n",
    "another_module": "from config.settings import local\n\nNAMES = dir(local)  # production\n",
    "a_single_name": "from config.settings import production\n\nX = production.DEBUG\n",
}


@pytest.mark.parametrize("text", LISTED.values(), ids=LISTED)
def test_another_module_goes_through_the_names(bench_with, text):
    bench = bench_with(path="config/settings/production.py", **{"shop/looking.py": text})
    before = f"{BASE}DEBUG = True\n"
    assert bench.after(before).decode() == before
    assert "own-names" in bench.reasons(before)


@pytest.mark.parametrize("text", NOT_LISTED.values(), ids=NOT_LISTED)
def test_another_module_goes_through_other_names(bench_with, text):
    files = {"shop/looking.py": text, "config/settings/local.py": "X = 1\n"}
    bench = bench_with(path="config/settings/production.py", **files)
    assert b"os.environ.get" in bench.after(f"{BASE}DEBUG = True\n")


def test_names_that_are_gone_through_hold_os_already(bench_with):
    bench = bench_with(path="config/settings/production.py", **{"shop/looking.py": LISTED["dir"]})
    assert b"os.environ.get" in bench.after(f"import os\n\n{BASE}DEBUG = True\n")


REPLACED = {
    "assigned": "import os\n\nos.environ = {}\n",
    "under_another_name": "import os as system\n\nsystem.environ = {}\n",
    "by_setattr": "import os\n\nsetattr(os, 'environ', {})\n",
    "its_method": "import os\n\nos.environ.get = lambda name, default=None: 'no'\n",
    "by_a_mock": "import os\nfrom unittest import mock\n\n"
    "mock.patch.object(os, 'environ', {}).start()\n",
    "by_a_mock_of_a_text": "from unittest import mock\n\nmock.patch('os.environ', {}).start()\n",
}
KEPT = {
    "a_variable_is_set": "import os\n\nos.environ['HOME'] = '/'\n",
    "environ_of_a_request": "def wrap(request, environ):\n    request.environ = environ\n",
    "a_variable_of_this_name": "import environ\n\nenviron = environ.Env()\n",
    "it_is_asked": "import os\n\nhome = getattr(os, 'environ', {})\n",
}


@pytest.mark.parametrize("text", REPLACED.values(), ids=REPLACED)
def test_an_environment_that_is_replaced(bench_with, text):
    bench = bench_with(**{"shop/boot.py": text})
    before = f"{HEAD}DEBUG = True\n"
    assert bench.after(before).decode() == before
    assert "replaced-environment" in bench.reasons(before)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_an_environment_that_stays(bench_with, text):
    bench_with(**{"shop/boot.py": text}).fixes(f"{HEAD}DEBUG = True\n", f"{HEAD}DEBUG = {READ}\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"{BASE}DEBUG = True\nimport os\nHERE = os.sep\n",
            f"import os\n\n{BASE}DEBUG = {READ}\nimport os\nHERE = os.sep\n",
        ),
        (
            f"{BASE}DEBUG = True\nimport sys\n",
            f"import os\n\n{BASE}DEBUG = {READ}\nimport sys\n",
        ),
    ],
    ids=["of_os", "of_another_module"],
)
def test_an_import_that_comes_too_late(bench_with, before, after):
    files = {"manage.py": FILES[0][1].replace(".dev", "")}
    bench = bench_with(path="config/settings.py", **files)
    bench.files = files
    assert bench.after(before).decode() == after
    assert bench.after(after).decode() == after


def test_a_branch(bench):
    text = f"{HEAD}if HOST:\n    DEBUG = True\n"
    assert bench.after(text).decode() == text
    assert "conditional" in bench.reasons(text)


def test_two_statements(bench):
    text = f"{HEAD}DEBUG = True\nDEBUG = True\n"
    assert bench.after(text).decode() == text
    assert "set-twice" in bench.reasons(text)


def test_settings_that_change_themselves(bench):
    text = f"{HEAD}DEBUG = True\nglobals().update(load())\n"
    assert bench.after(text).decode() == text
    assert "unread-settings" in bench.reasons(text)


def test_a_base_that_production_takes_whole(bench_with):
    bench = bench_with(path="config/settings/base.py", **{PATH: "from .base import *\n"})
    text = f"import os\n\n{BASE}DEBUG = True\n"
    bench.fixes(text, text.replace("= True", f"= {READ}"))


def test_a_class_of_settings(bench_with):
    text = (
        "import os\n\nfrom configurations import Configuration\n\n\n"
        "class Development(Configuration):\n"
        '    INSTALLED_APPS = ["shop"]\n    DEBUG = True\n\n\n'
        "class Production(Configuration):\n"
        '    INSTALLED_APPS = ["shop"]\n    DEBUG = {}\n'
    )
    bench = bench_with(path="config/configuration.py")
    bench.fixes(text.replace("{}", "True"), text.replace("{}", READ))


@pytest.mark.parametrize(
    "value",
    [
        'env.bool("DEBUG", default=True)',
        'env("DEBUG", default=True)',
        'config("DEBUG", default=True, cast=bool)',
        'os.environ.get("DEBUG", "True") == "True"',
        'os.getenv("DEBUG", "1").lower() in ("1", "true")',
        'ast.literal_eval(os.getenv("DEBUG", "True"))',
        "values.BooleanValue(True)",
    ],
)
def test_on_by_default(bench, value):
    bench.reports(f"{HEAD}DEBUG = {value}\n", "debug-by-default")


@pytest.mark.parametrize(
    "value",
    [
        'env.bool("DEBUG", default=False)',
        'env.bool("DEBUG")',
        'os.environ.get("DEBUG", "False") == "True"',
        'os.environ.get("PRODUCTION", "True") != "True"',
        'not os.environ.get("PRODUCTION", "True")',
        'os.environ["ENV"] == "dev"',
        'os.environ.get("ENV", "yes") == "dev"',
        '"DEBUG" in os.environ',
        "read_debug()",
    ],
)
def test_not_on_by_default(bench, value):
    bench.ignores(f"{HEAD}DEBUG = {value}\n")


def test_off(bench):
    bench.declines(f"{HEAD}DEBUG = False\n", "debug-off")


@pytest.mark.parametrize("name", ["dev", "local", "test", "ci", "docker"])
def test_other_modules_are_not_production(bench_with, name):
    bench = bench_with(path=f"config/settings/{name}.py", **{PATH: "from .base import *\n"})
    bench.ignores(f'{HEAD}DEBUG = True\nSECRET_KEY = "for development"\n')


@pytest.mark.parametrize(
    "path", ["sample_project/settings.py", "shop/settings_example.py", "demo/settings.py"]
)
def test_settings_that_show_how_it_may_look(bench_with, path):
    bench = bench_with(path=path)
    bench.files = {"manage.py": f'DJANGO_SETTINGS_MODULE = "{path[:-3].replace("/", ".")}"\n'}
    bench.ignores(f"{BASE}DEBUG = True\n")


def test_a_base_whose_debug_production_turns_off(bench_with):
    files = {PATH: "from .base import *\n\nDEBUG = False\n"}
    result = bench_with(path="config/settings/base.py", **files).run(f"{BASE}DEBUG = True\n")
    assert not result.findings
    assert [each.path for each in result.declined] == [PATH]


# -- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ('SECRET_KEY = "s3cr3t-v4lue"', "SECRET_KEY"),
        ('SECRET_KEY = os.environ.get("KEY", "s3cr3t-v4lue")', "SECRET_KEY"),
        ('SECRET_KEY = env("KEY", default="s3cr3t-v4lue")', "SECRET_KEY"),
        ('EMAIL_HOST_PASSWORD = "s3cr3t-v4lue"', "EMAIL_HOST_PASSWORD"),
        ('AWS_SECRET_ACCESS_KEY = "s3cr3t-v4lue"', "AWS_SECRET_ACCESS_KEY"),
        ('STRIPE_API_KEY = "s3cr3t-v4lue"', "STRIPE_API_KEY"),
        ('BROKER_URL = "amqp://shop:s3cr3t-v4lue@host//"', "BROKER_URL"),
        (
            'DATABASES = {"default": {"ENGINE": ENGINE, "PASSWORD": "s3cr3t-v4lue"}}',
            "DATABASES['PASSWORD']",
        ),
    ],
)
def test_a_secret_is_reported_and_never_shown(bench, text, setting):
    bench.reports(f"{HEAD}{text}\n", "secret-in-source")
    (item,) = bench.run(f"{HEAD}{text}\n").findings
    assert dict(item.finding.data) == {"setting": setting, "value": "<redacted>"}
    assert "s3cr3t" not in repr(item)


@pytest.mark.parametrize(
    "text",
    [
        'SECRET_KEY = ""',
        'SECRET_KEY = "{{ secret_key }}"',
        'SECRET_KEY = os.environ["KEY"]',
        'SECRET_KEY = os.environ.get("KEY", "")',
        "SECRET_KEY = read_key()",
        'SECRET_KEY = config.get("django", "secret", fallback="")',
        'EMAIL_HOST_PASSWORD = config.get("mail", "password")',
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]',
        "PASSWORD_RESET_TIMEOUT = 3600",
        'CSRF_HEADER_NAME = "HTTP_X_CSRF_TOKEN"',
        'BROKER_URL = "amqp://host//"',
        'SITE_URL = "https://shop.example/a:b@c"',
        'DATABASES = {"default": {"ENGINE": ENGINE, "PASSWORD": os.environ["PASSWORD"]}}',
    ],
)
def test_no_secret(bench, text):
    bench.ignores(f"{HEAD}{text}\n")


def test_a_key_is_read_from_a_stated_variable_for_review(bench_with):
    before, after = (
        f'{HEAD}SECRET_KEY = "abc"\n',
        f'{HEAD}SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]\n',
    )
    bench_with(KEYED).reviews(before, after, "variable-must-be-set")


def test_a_password_is_never_rewritten(bench_with):
    bench_with(KEYED).reports(f'{HEAD}EMAIL_HOST_PASSWORD = "abc"\n', "secret-in-source")


GIVEN_AWAY = """\
SECRET_KEY = "s3cr3t-v4lue"
EMAIL_HOST_PASSWORD = os.environ.get("PASSWORD", "s3cr3t-v4lue")
BROKER_URL = "amqp://shop:s3cr3t-v4lue@host//"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "PASSWORD": "s3cr3t-v4lue"}}
STRIPE_API_KEY = (
    "s3cr3t-v4lue"
)
"""


def shown(folder, *arguments):
    """All that djfix prints about settings that give secrets away."""
    for name, text in (*FILES, (PATH, f"{HEAD}{GIVEN_AWAY}")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "djfix", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode < 2, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("form", [each.value for each in Format])
def test_no_format_shows_a_secret(tmp_path, form):
    options = ("-r", "debug-setting", "--no-cache", "--show-declined", "-o", form)
    text = shown(tmp_path, "check", *options)
    assert "debug-setting" in text
    assert "s3cr3t" not in text


def test_no_edit_shows_a_secret(tmp_path):
    text = shown(tmp_path, "check", "-r", "deploy", "--no-cache", "-o", "json")
    assert "CONN_HEALTH_CHECKS" in text
    assert "s3cr3t" not in text


@pytest.mark.parametrize("line", [5, 6, 7, 8, 10])
def test_no_explanation_shows_a_secret(tmp_path, line):
    text = shown(tmp_path, "explain", "--at", f"{PATH}:{line}")
    assert "<redacted>" in text
    assert "s3cr3t" not in text


# -- stores --------------------------------------------------------------------------------------


def test_a_cache_of_one_process(bench):
    text = 'CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}\n'
    bench.reports(HEAD + text, "local-memory-cache")


def test_sqlite(bench):
    text = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n'
    bench.reports(HEAD + text, "sqlite")


def test_stores_of_the_only_settings_are_developments_too(bench_with):
    bench = bench_with(path="config/settings.py")
    bench.files = {"manage.py": FILES[0][1].replace(".dev", "")}
    bench.ignores(BASE + 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n')


# -- by running ----------------------------------------------------------------------------------

SPELLINGS = {
    None: True,
    **dict.fromkeys(["1", "true", "True", "TRUE", "yes", "Yes", "on", "ON"], True),
    **dict.fromkeys(["0", "false", "False", "FALSE", "no", "off", "", " ", "None", "2"], False),
}


def loaded(text: str, variable: str | None) -> object:
    """DEBUG as these settings have it with this variable, in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_DEBUG"}
    if variable is not None:
        environment["DJANGO_DEBUG"] = variable
    code = f"{text}\nimport json\nprint(json.dumps(DEBUG))"
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("spelling", "wanted"), SPELLINGS.items(), ids=repr)
def test_every_spelling_of_the_variable(bench, spelling, wanted):
    before = f"{HEAD}DEBUG = True\n"
    after = bench.after(before).decode()
    star = "from .base import *\n"
    assert loaded(before.replace(star, ""), None) is True
    assert loaded(after.replace(star, ""), spelling) is wanted
