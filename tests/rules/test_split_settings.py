"""`split-settings`: what becomes a package, what each module says, and what is left as it is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from golden import PAGES, golden

from djfix.codemods.findings import Outcome
from djfix.codemods.rules.split_settings import SplitSettings
from djfix.codemods.rules.split_settings.examples import EXAMPLES, MANAGE, PATH, SETTINGS

BASE = "config/settings/base.py"
INIT = '"""The settings of base, for whatever names no environment."""\n\n'
STAR = "from .base import *  # noqa: F403\n"
SQLITE = '{"default": {"ENGINE": "django.db.backends.sqlite3"}}'
REST = """\
ALLOWED_HOSTS = ["shop.example"]
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
"""


@pytest.fixture
def project(bench_of):
    """What a run makes of a project: the changed files by path, None for one that goes."""

    class Project:
        def __init__(self) -> None:
            self.files = {
                "manage.py": MANAGE,
                "config/__init__.py": "",
                "config/wsgi.py": MANAGE,
            }

        def result(self, settings: str | bytes, *, path: str = PATH):
            return bench_of(SplitSettings(), path, self.files).run(settings, unsafe=True)

        def split(self, settings: str | bytes, *, path: str = PATH) -> dict[str, bytes | None]:
            result = self.result(settings, path=path)
            return {change.path: change.after for change in result.changes}

        def reasons(self, settings: str) -> dict[str, str]:
            (found,) = self.result(settings).findings
            return {each.name: each.text for each in found.finding.reasons}

        def reported(self, settings: str, *names: str) -> None:
            result = self.result(settings)
            assert [each.outcome for each in result.findings] == [Outcome.REPORTED]
            assert [each.name for each in result.findings[0].finding.reasons] == list(names)
            assert not result.changes

        def declined(self, settings: str, name: str, *, path: str = PATH) -> None:
            result = self.result(settings, path=path)
            assert not result.findings
            assert [each.reason.name for each in result.declined] == [name]

    return Project()


def moved(head: str, tail: str = "") -> str:
    return f"{head}DEBUG = True\n{REST}{tail}"


def test_example_of_a_start_script(bench_of):
    example = EXAMPLES[0]
    result = bench_of(SplitSettings(), example.path, dict(example.files)).run(
        example.before, unsafe=True
    )
    after = {change.path: change.after for change in result.changes}
    assert after[example.path].decode() == example.after
    again = {**dict(example.files), **{path: data for path, data in after.items() if data}}
    again.pop(PATH)
    files = {path: data if isinstance(data, str) else data.decode() for path, data in again.items()}
    assert not bench_of(SplitSettings(), example.path, files).run(example.after).findings


def test_example_of_a_package(bench_of):
    example = EXAMPLES[1]
    bench = bench_of(SplitSettings(), example.path, dict(example.files))
    bench.declines(example.before, "package-already")


def test_settings_become_a_package(project):
    after = project.split(SETTINGS)
    manage = MANAGE.replace("config.settings", "config.settings.{}")
    memory = '{**DATABASES, "default": {**DATABASES["default"], "NAME": ":memory:"}}'
    assert {path: data and data.decode() for path, data in after.items()} == {
        "manage.py": manage.format("development"),
        "config/wsgi.py": manage.format("production"),
        "config/settings.py": None,
        BASE: SETTINGS.replace(".parent.parent", ".parent.parent.parent"),
        "config/settings/__init__.py": f"{INIT}{STAR.replace('F403', 'F401, F403')}",
        "config/settings/development.py": (
            f'"""Settings for development."""\n\n{STAR}\nDEBUG = True\n'
        ),
        "config/settings/production.py": (
            f'"""Settings for production."""\n\n{STAR}\nDEBUG = False\n'
        ),
        "config/settings/test.py": (
            '"""Settings for tests: quick, and without a trace outside of memory."""\n\n'
            f"from django.conf import global_settings\n\n{STAR}from .base import DATABASES\n\n"
            f"DATABASES = {memory}\n"
            'EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"\n'
            'PASSWORD_HASHERS = [\n    "django.contrib.auth.hashers.MD5PasswordHasher",\n'
            "    *global_settings.PASSWORD_HASHERS,\n]\n"
        ),
    }


def test_it_is_never_safe(bench_of, project):
    result = bench_of(SplitSettings(), PATH, project.files).run(SETTINGS)
    assert [each.outcome for each in result.findings] == [Outcome.NEEDS_REVIEW]
    assert not result.changes


def test_a_moved_file_is_told_as_one_in_the_edits(project):
    (found,) = project.result(SETTINGS).findings
    assert [each.move_to for each in found.edits if each.path == PATH] == ["", BASE]
    assert found.edits[-1].span is not None
    assert dict(found.finding.data) == {
        "setting": "DJANGO_SETTINGS_MODULE",
        "value": "config.settings",
        "differs": {
            "development": (),
            "production": ("DEBUG",),
            "test": ("DATABASES", "EMAIL_BACKEND", "PASSWORD_HASHERS"),
        },
    }


def test_line_ends_and_marks_are_the_files_own(project):
    after = project.split(b"\xef\xbb\xbf" + SETTINGS.replace("\n", "\r\n").encode())
    wanted = SETTINGS.replace(".parent.parent", ".parent.parent.parent").replace("\n", "\r\n")
    assert after[BASE] == b"\xef\xbb\xbf" + wanted.encode()
    production = after["config/settings/production.py"]
    assert production == (
        f'"""Settings for production."""\n\n{STAR}\nDEBUG = False\n'.replace("\n", "\r\n").encode()
    )


def test_encoding_moves_along(project):
    data = f"# coding: latin-1\nNAME = 'é'\n{SETTINGS}".encode("latin-1")
    assert project.split(data)[BASE] == data.replace(b".parent.parent", b".parent.parent.parent")


@pytest.mark.parametrize(
    ("head", "before", "after"),
    [
        ("import os\n", "os.path.dirname(__file__)", "os.path.dirname(os.path.dirname(__file__))"),
        (
            "import os\n",
            "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
            "os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))",
        ),
        (
            "import os\n",
            'os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))',
            'os.path.abspath(os.path.join(os.path.dirname(os.path.dirname(__file__)), ".."))',
        ),
        ("from os.path import dirname\n", "dirname(__file__)", "dirname(dirname(__file__))"),
        (
            "import pathlib\n",
            "pathlib.Path(__file__).absolute().parent",
            "pathlib.Path(__file__).absolute().parent.parent",
        ),
        (
            "from pathlib import Path\n",
            "Path(__file__).resolve(strict=True).parents[1]",
            "Path(__file__).resolve(strict=True).parents[2]",
        ),
        (
            "import os\nfrom pathlib import Path\n",
            "Path(os.path.realpath(__file__)).parent",
            "Path(os.path.realpath(__file__)).parent.parent",
        ),
        ("import environ\n", "environ.Path(__file__) - 2", "environ.Path(__file__) - 3"),
        (
            "from unipath import Path\n",
            "Path(__file__).ancestor(2)",
            "Path(__file__).ancestor(3)",
        ),
    ],
)
def test_paths_go_one_folder_further_up(project, head, before, after):
    text = moved(head, "ROOT = {}\n")
    assert project.split(text.format(before))[BASE].decode() == text.format(after)


def test_every_path_of_the_file_goes_further_up(project):
    tail = (
        "A = os.path.dirname(__file__)\n\n\ndef near(name):\n    return os.path.dirname(__file__)\n"
    )
    wanted = tail.replace("dirname(__file__)", "dirname(os.path.dirname(__file__))")
    assert project.split(moved("import os\n", tail))[BASE].decode() == moved("import os\n", wanted)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from .secret import KEY\n", "from ..secret import KEY\n"),
        ("from . import secret\n", "from .. import secret\n"),
        ("from .. import secret\n", "from ... import secret\n"),
        (
            "if True:\n    from .a import (\n        B,\n    )\n",
            "if True:\n    from ..a import (\n        B,\n    )\n",
        ),
    ],
)
def test_relative_imports_get_one_more_dot(project, before, after):
    assert project.split(moved(before))[BASE].decode() == moved(after)


HOOK = "\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"


def test_a_hook_stays_last_and_has_the_last_word(project):
    after = project.split(moved("", HOOK))
    assert after[BASE].decode() == moved("", HOOK.replace(".local", "..local"))
    for name in ("development", "production"):
        assert b"DEBUG" not in after[f"config/settings/{name}.py"]
    assert b"PASSWORD_HASHERS" not in after["config/settings/test.py"]
    reasons = project.reasons(moved("", HOOK))
    assert {"debug-kept", "unseen-settings"} <= reasons.keys()


@pytest.mark.parametrize(
    "head",
    ["from .secret import KEY\n", "from config.secret import KEY\n", "from secret import *\n"],
)
def test_a_module_that_the_tree_does_not_show(project, head):
    assert "unseen-settings" in project.reasons(moved(head))


@pytest.mark.parametrize(
    "head",
    ["from .known import KEY\n", "from shop import KEY\n", "from datetime import timedelta\n"],
)
def test_a_module_that_is_known_takes_nothing_unseen(project, head):
    project.files["config/known.py"] = "KEY = 1\n"
    assert "unseen-settings" not in project.reasons(moved(head))


@pytest.mark.parametrize(
    "tail",
    [
        'if DEBUG:\n    INSTALLED_APPS += ["debug_toolbar"]\n',
        'TEMPLATES = [{"OPTIONS": {"debug": DEBUG}}]\n',
        "if ROOT_URLCONF:\n    DEBUG = False\n",
        'globals()["DEBUG"] = False\n',
        "try:\n    from shop.local import DEBUG\nexcept ImportError:\n    pass\n",
        "def late():\n    global DEBUG\n    DEBUG = False\n",
    ],
    ids=["branch", "value", "set_again", "globals", "imported", "function"],
)
def test_debug_stays_where_more_hangs_on_it(project, tail):
    after = project.split(moved("", tail))
    assert b"DEBUG" not in after["config/settings/production.py"]
    assert "debug-kept" in project.reasons(moved("", tail))


def test_debug_of_the_environment_is_left_to_it(project):
    text = moved("import os\n").replace("= True", '= os.environ.get("D") == "1"')
    assert b"DEBUG" not in project.split(text)["config/settings/production.py"]
    assert "debug-off-in-production" not in project.reasons(text)


def test_debug_that_is_off_stays_off_for_manage_py(project):
    after = project.split(moved("").replace("= True", "= False"))
    assert b"DEBUG" not in after["config/settings/development.py"]
    assert after["config/settings/production.py"].endswith(b"DEBUG = False\n")


def test_empty_hosts_are_pointed_out(project):
    text = moved("").replace('["shop.example"]', "[]")
    assert "ALLOWED_HOSTS is empty" in project.reasons(text)["debug-off-in-production"]
    assert "ALLOWED_HOSTS" not in project.reasons(moved(""))["debug-off-in-production"]


@pytest.mark.parametrize(
    "tail",
    [
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n',
        'import dj_database_url\nDATABASES = {"default": dj_database_url.config()}\n',
        f'DATABASES = {SQLITE}\nDATABASES["default"].update(other)\n',
        "",
    ],
    ids=["postgresql", "environment", "updated", "none"],
)
def test_databases_other_than_sqlite_stay_for_tests(project, tail):
    assert b"DATABASES" not in project.split(moved("", tail))["config/settings/test.py"]


def test_hashers_that_are_imported_are_left_to_the_import(project):
    text = moved("from shop import PASSWORD_HASHERS\n")
    assert b"PASSWORD_HASHERS" not in project.split(text)["config/settings/test.py"]


def test_hashers_of_the_project_stay_behind_the_quick_one(project):
    tail = 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]\n'
    text = project.split(moved("", tail))["config/settings/test.py"].decode()
    assert "from .base import PASSWORD_HASHERS\n" in text
    assert "    *PASSWORD_HASHERS,\n]\n" in text
    assert "global_settings" not in text


def test_settings_with_an_underscore_are_taken_by_name(project):
    after = project.split(moved("", "_SHARED = [1]\n_other = 2\n"))
    for name in ("__init__", "development", "production", "test"):
        text = after[f"config/settings/{name}.py"]
        assert b"F403\nfrom .base import _SHARED  # noqa: F401\n" in text
        assert b"_other" not in text


def test_a_setting_with_an_underscore_that_may_not_be_set_is_reported(project):
    project.reported(moved("", "if ROOT_URLCONF:\n    _SHARED = [1]\n"), "private-name")


def test_golden_table(tmp_path):
    page = (PAGES / "split-settings.md").read_text().partition("### Golden: ")[2]
    before, base, production = re.findall(r"```python\n(.*?)```\n", page, re.DOTALL)
    ((_, text, command, after),) = golden("split-settings")
    assert (text, after) == (before, base)
    files = {"manage.py": MANAGE, "config/__init__.py": "", PATH: before}
    for path, each in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(each)
    words = [sys.executable, "-m", "djfix", *shlex.split(command)[1:], "--no-stage"]
    subprocess.run(words, cwd=tmp_path, check=True)
    assert (tmp_path / BASE).read_text() == base
    assert (tmp_path / "config/settings/production.py").read_text() == production
    assert not (tmp_path / PATH).exists()


# -- who names the settings ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wsgi.py", "asgi.py", "celery.py"])
def test_servers_and_workers_get_production(project, name):
    project.files[f"config/{name}"] = MANAGE
    after = project.split(SETTINGS)
    assert after[f"config/{name}"].endswith(b'"config.settings.production")\n')


def test_an_assignment_is_pointed_elsewhere_too(project):
    project.files["config/wsgi.py"] = (
        "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\n"
    )
    after = project.split(SETTINGS)
    assert after["config/wsgi.py"].endswith(b"= 'config.settings.production'\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = config.settings\n"),
        ("setup.cfg", "[tool:pytest]\nDJANGO_SETTINGS_MODULE=config.settings\n"),
        ("tox.ini", "[tox]\n[pytest]\naddopts = -q --ds=config.settings\n"),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = "config.settings"\n',
        ),
    ],
)
def test_pytest_gets_the_settings_for_tests(project, path, text):
    project.files[path] = text
    wanted = text.replace("config.settings", "config.settings.test")
    assert project.split(SETTINGS)[path].decode() == wanted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tox.ini", "[testenv]\nsetenv =\n    DJANGO_SETTINGS_MODULE=config.settings\n"),
        ("docs/conf.py", MANAGE),
        ("scripts/report.py", "from config.settings import ROOT_URLCONF\n"),
        ("config/wsgi.py", MANAGE.replace("config.settings", "other.settings")),
    ],
)
def test_other_names_stay_as_they_are(project, path, text):
    project.files[path] = text
    assert path not in project.split(SETTINGS)


def test_who_still_names_the_module_is_shown(project):
    project.files["docs/conf.py"] = MANAGE
    (found,) = project.result(SETTINGS).findings
    assert "still-named" in {each.name for each in found.finding.reasons}
    assert ("docs/conf.py", 3) in {(each.path, each.line) for each in found.finding.evidence}


def test_code_that_reads_the_module_is_shown(project):
    project.files["shop/views.py"] = "from config.settings import DEBUG\n"
    assert "read-directly" in project.reasons(SETTINGS)


def test_code_that_asks_for_the_name_is_shown(project):
    project.files["shop/views.py"] = 'import os\nNAME = os.environ["DJANGO_SETTINGS_MODULE"]\n'
    assert "name-read" in project.reasons(SETTINGS)


def test_settings_at_the_top(project):
    text = "import os\n\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\n"
    project.files = {"manage.py": text, "shop/__init__.py": ""}
    after = project.split(
        moved("import os\n", "A = os.path.dirname(__file__)\n"), path="settings.py"
    )
    assert after["manage.py"].endswith(b"= 'settings.development'\n")
    assert after["settings/base.py"].endswith(b"A = os.path.dirname(os.path.dirname(__file__))\n")


# -- reported --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "from pathlib import Path\nHERE = Path(__file__)\n",
        "from pathlib import Path\nHERE = Path(__file__).resolve()\nROOT = HERE.parent\n",
        "HERE = __file__\n",
        'import os\nHERE = os.path.join(__file__, "..")\n',
        "import os\nHERE = os.path.split(__file__)[0]\n",
        "from shop import dirname\nHERE = dirname(__file__)\n",
        'import os\nHERE = f"{os.path.dirname(__file__)}/a"\n',
        "from pathlib import Path\nHERE = Path(__file__).parents[-1]\n",
        "from pathlib import Path\nHERE = Path(__file__).with_name('a')\n",
    ],
)
def test_a_path_made_in_another_way_is_reported(project, text):
    project.reported(moved(text), "file-path")


def test_what_hangs_on_the_modules_name_is_reported(project):
    project.reported(moved("", 'PREFIX = __name__ + "."\n'), "own-name")


def test_a_logger_of_the_modules_name_is_none_of_it(project):
    text = moved("import logging\n", "log = logging.getLogger(__name__)\n")
    assert project.split(text)[BASE].decode() == text


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ('exec(open("local.py").read())\n', "other-code"),
        ("import environ\nenviron.Env.read_env()\n", "file-beside"),
        ("production = True\n", "name-clash"),
        ('__all__ = ["DEBUG"]\n', "chosen-names"),
        ("from \\\n    .local import KEY\n", "relative-import"),
    ],
)
def test_what_cannot_be_moved_for_certain_is_reported(project, tail, reason):
    project.reported(moved("", tail), reason)


@pytest.mark.parametrize("tail", ['import re\nP = re.compile("a")\n', "cursor.exec('a')\n"])
def test_functions_that_are_only_called_alike(project, tail):
    assert BASE in project.split(moved("", tail))


def test_a_named_file_of_the_environment_is_no_hindrance(project):
    tail = 'import environ\nenviron.Env.read_env("/etc/shop.env")\n'
    assert BASE in project.split(moved("", tail))


def test_a_folder_in_the_way_is_reported(project):
    project.files["config/settings/notes.py"] = ""
    project.reported(SETTINGS, "folder-in-the-way")


def test_a_module_that_imports_the_settings_while_they_load_is_reported(project):
    project.files["shop/paths.py"] = "from config.settings import INSTALLED_APPS\n"
    project.reported(moved("from shop.paths import INSTALLED_APPS as OLD\n"), "import-circle")


def test_a_package_that_loads_celery_is_no_circle(project):
    project.files["config/__init__.py"] = "from config.celery import app\n"
    project.files["config/celery.py"] = f"{MANAGE}from config import settings\n\napp = settings\n"
    project.files["config/paths.py"] = "ROOT = 1\n"
    assert BASE in project.split(moved("from config.paths import ROOT\n"))


@pytest.mark.parametrize("name", ["_secret", "__file__"])
def test_a_private_name_that_others_take_is_reported(project, name):
    project.files["shop/views.py"] = f"from config import settings\nX = settings.{name}\n"
    project.reported(moved("", "_secret = 1\n"), "private-name")


# -- left alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["config/settings_production.py", "shop/settings_local.py"])
def test_settings_that_are_split_in_another_way(project, path):
    project.files[path] = "from config.settings import *\nDEBUG = False\n"
    project.declined(SETTINGS, "split-already")


def test_settings_that_take_all_from_another_file(project):
    project.files["config/common.py"] = REST
    project.declined(f"from .common import *\n{moved('')}", "split-already")


@pytest.mark.parametrize(
    "head",
    [
        "from split_settings.tools import include\n",
        "from configurations import Configuration\n",
        "import dynaconf\n",
    ],
)
def test_a_library_that_splits(project, head):
    project.declined(moved(head), "own-splitting")


@pytest.mark.parametrize("folder", ["tests", "example", "testproject"])
def test_settings_of_tests_and_examples(project, folder):
    project.files[f"{folder}/__init__.py"] = ""
    project.files["manage.py"] = MANAGE.replace("config.settings", f"{folder}.settings")
    project.declined(SETTINGS, "not-deployed", path=f"{folder}/settings.py")


def test_settings_that_nothing_starts_with(project):
    project.files = {"config/__init__.py": "", "setup.cfg": "[metadata]\n"}
    project.declined(SETTINGS, "not-started")


def test_a_name_that_is_not_a_text_starts_nothing(project):
    project.files["manage.py"] = MANAGE.replace('"config.settings"', "NAME")
    project.files["config/wsgi.py"] = ""
    project.declined(SETTINGS, "not-started")


def test_a_file_of_another_name(project):
    project.files["manage.py"] = MANAGE.replace("config.settings", "config.conf")
    project.declined(SETTINGS, "other-name", path="config/conf.py")


def test_an_apps_own_settings_are_not_looked_at(project):
    result = project.result('SHOP = "INSTALLED_APPS"\n', path="shop/settings.py")
    assert not result.findings
    assert not result.declined


def test_no_secret_is_shown(project):
    text = moved("", 'SECRET_KEY = "canary-of-a-key"\nDATABASE_PASSWORD = "canary"\n')
    (found,) = project.result(text).findings
    shown = repr((found.finding.message, found.finding.reasons, found.finding.evidence))
    assert "canary" not in shown + repr((found.finding.data, found.edits))
