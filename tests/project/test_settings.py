"""What is read from settings modules of every usual shape, and what is left as unknown."""

import pytest

from djfix.codemods.project.roots import find_roots
from djfix.codemods.project.setting_values import ABSENT
from djfix.codemods.project.settings import Settings, read_settings
from djfix.codemods.source.files import Files

MANAGE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
"""


def settings(files: dict[str, str], path: str | None = None) -> Settings:
    found = Files.of(files)
    return read_settings(found, find_roots(found), path)


def of_text(text: str, **others: str) -> Settings:
    files = {"manage.py": MANAGE, "config/__init__.py": "", "config/settings.py": text}
    return settings(files | {f"config/{name}.py": each for name, each in others.items()})


# -- INSTALLED_APPS -------------------------------------------------------------------------------

READ = {
    "a_list": 'INSTALLED_APPS = ["a", "b"]',
    "a_tuple": 'INSTALLED_APPS = ("a", "b",)',
    "lists_added": 'X = ["a"]\nY = ("b",)\nINSTALLED_APPS = X + list(Y)',
    "starred": 'X = ["b"]\nINSTALLED_APPS = ["a", *X]',
    "augmented": 'INSTALLED_APPS = ["a"]\nINSTALLED_APPS += ["b"]',
    "augmented_by_a_tuple": 'INSTALLED_APPS = ["a"]\nINSTALLED_APPS += ("b",)',
    "appended": 'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.append("b")',
    "extended": 'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.extend(["b"])',
    "annotated": 'INSTALLED_APPS: list[str] = ["a", "b"]',
    "under_a_condition": 'INSTALLED_APPS = ["a"]\nif DEBUG:\n    INSTALLED_APPS += ["b"]',
    "in_either_branch": (
        'if DEBUG:\n    INSTALLED_APPS = ["a"]\nelse:\n    INSTALLED_APPS = ["b"]'
    ),
    "a_conditional_expression": 'INSTALLED_APPS = ["a"] + (["b"] if DEBUG else [])',
    "in_a_loop": 'INSTALLED_APPS = ["a"]\nfor app in ("b",):\n    INSTALLED_APPS.append(app)',
    "in_a_loop_with_a_test": (
        'INSTALLED_APPS = ["a"]\nfor app in ["b"]:\n    if app not in INSTALLED_APPS:\n'
        "        INSTALLED_APPS += [app]"
    ),
    "without_doubles": 'X = ["a", "b", "a"]\nINSTALLED_APPS = list(dict.fromkeys(X))',
    "filtered": 'X = ["a", "b"]\nINSTALLED_APPS = [app for app in X if app]',
    "if_installed": (
        'INSTALLED_APPS = ["a"]\ntry:\n    import debug_toolbar\nexcept ImportError:\n    pass\n'
        'else:\n    INSTALLED_APPS += ["b"]'
    ),
    "strings_added": 'PREFIX = ""\nINSTALLED_APPS = [PREFIX + "a", "b"]',
    "one_taken_out_that_came_in": 'INSTALLED_APPS = ["a", "b", "c"]\nINSTALLED_APPS.remove("c")',
    "a_machine_file_that_is_not_there": (
        'INSTALLED_APPS = ["a", "b"]\ntry:\n    from .local_settings import *\n'
        "except ImportError:\n    pass"
    ),
    "never_under_type_checking": (
        'INSTALLED_APPS = ["a", "b"]\nif TYPE_CHECKING:\n    INSTALLED_APPS = unknown()'
    ),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ.keys())
def test_reads_installed_apps(text: str) -> None:
    assert sorted(of_text(text).installed_apps or ()) == ["a", "b"]


UNREAD = {
    "from_a_function": "INSTALLED_APPS = find_apps()",
    "added_from_a_function": 'INSTALLED_APPS = ["a"] + plugins()',
    "from_the_environment": 'INSTALLED_APPS = ["a"] + env.list("APPS", default=["b"])',
    "one_from_the_environment": 'INSTALLED_APPS = ["a", os.environ["APP"]]',
    "a_formatted_name": 'INSTALLED_APPS = ["a", f"{PREFIX}.b"]',
    "appended_in_a_loop_over_unknown": (
        'INSTALLED_APPS = ["a"]\nfor app in plugins():\n    INSTALLED_APPS.append(app)'
    ),
    "a_star_import_of_another_package": (
        'from company.settings import *\nINSTALLED_APPS = ["a"]\n'
    ),
    "through_globals": 'INSTALLED_APPS = ["a"]\nglobals().update(load())',
    "by_key_of_globals": (
        'INSTALLED_APPS = ["a"]\nfor key, value in load():\n    globals()[key] = value'
    ),
    "by_setattr": 'INSTALLED_APPS = ["a"]\nsetattr(sys.modules[__name__], name, value)',
    "executed": 'INSTALLED_APPS = ["a"]\nexec(open("local.py").read())',
    "not_set": "DEBUG = True",
}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD.keys())
def test_unread_parts_leave_installed_apps_unknown(text: str) -> None:
    assert of_text(text).installed_apps is None


def test_what_was_read_of_an_unread_list_is_still_told() -> None:
    found = of_text('INSTALLED_APPS = ["a"] + plugins()')
    assert [app.module for app in found.apps_read] == ["a"]


def test_no_settings_at_all_leave_everything_unknown() -> None:
    found = settings({"shop/models.py": ""})
    assert found.installed_apps is None
    assert found.routers is None
    assert found.single_database is None
    assert found.auth_user_model == "auth.User"


# -- several modules ------------------------------------------------------------------------------

SPLIT = {
    "manage.py": MANAGE.replace("config.settings", "config.settings.development"),
    "config/__init__.py": "",
    "config/settings/__init__.py": "",
    "config/settings/base.py": (
        'import environ\nenv = environ.Env()\nLOCAL = ["shop.apps.ShopConfig"]\n'
        'INSTALLED_APPS = ["django.contrib.auth"] + LOCAL\nAUTH_USER_MODEL = "users.User"\n'
        'DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///shop")}\n'
        'DATABASES["default"]["ATOMIC_REQUESTS"] = True\n'
        'MIDDLEWARE = ["a.B"]\nUSE_TZ = True\nREST_FRAMEWORK = {"PAGE_SIZE": 50}\n'
    ),
    "config/settings/development.py": (
        "from .base import *  # noqa\n"
        'INSTALLED_APPS = ["debug_toolbar", *INSTALLED_APPS]\n'
        'MIDDLEWARE.insert(0, "debug_toolbar.Middleware")\n'
    ),
    "config/settings/production.py": (
        'from config.settings.base import *\nINSTALLED_APPS += ["storages"]\n'
        'REST_FRAMEWORK["PAGE_SIZE"] = 20\n'
    ),
    "config/settings/test.py": (
        'from .base import *\nINSTALLED_APPS += ["test_only"]\nUSE_TZ = False\n'
    ),
    "shop/__init__.py": "",
    "shop/apps.py": (
        "from django.apps import AppConfig\nclass ShopConfig(AppConfig):\n"
        '    name = "shop"\n    label = "store"\n'
    ),
    "shop/models.py": "",
}


def test_split_settings_give_the_union_without_tests() -> None:
    found = settings(SPLIT)
    assert set(found.installed_apps or ()) == {
        "debug_toolbar", "django.contrib.auth", "shop", "storages"
    }  # fmt: skip
    kinds = {module.name.rpartition(".")[2]: module.kind for module in found.modules}
    assert kinds == {
        "base": "base", "development": "development", "production": "production", "test": "test"
    }  # fmt: skip


def test_facts_hold_where_all_running_modules_agree() -> None:
    found = settings(SPLIT)
    assert found.auth_user_model == "users.User"
    assert found.databases == {"default": None}
    assert found.single_database is True
    assert found.routers is False
    assert found.atomic_requests is True
    assert found.use_tz is True
    assert set(found.middleware or ()) == {"debug_toolbar.Middleware", "a.B"}


def test_a_dict_entry_that_modules_set_differently_has_both_values() -> None:
    value = settings(SPLIT).entry("REST_FRAMEWORK", "PAGE_SIZE")
    assert value is not None
    assert sorted(str(each) for each in value.constants) == ["20", "50"]
    assert value.constant is ABSENT


def test_an_app_config_names_its_module_and_label() -> None:
    app = settings(SPLIT).app("shop.models")
    assert app is not None
    assert (app.module, app.label, app.path) == ("shop", "store", "shop/__init__.py")


def test_an_app_config_of_a_package_that_is_not_there_is_taken_by_its_name() -> None:
    found = of_text('INSTALLED_APPS = ["django_celery_beat.apps.BeatConfig", "axes", "x.Config"]')
    assert found.installed_apps == ("django_celery_beat", "axes", "x")


def test_the_single_config_of_a_plain_entry_gives_the_label() -> None:
    files = SPLIT | {
        "config/settings/base.py": 'INSTALLED_APPS = ["shop"]\n',
    }
    app = settings(files).app("shop")
    assert app is not None
    assert app.label == "store"


WHOLE = 'SECRET_KEY = "x"\nINSTALLED_APPS = ["a"]\nROOT_URLCONF = "a.urls"\n'


def test_only_test_settings_say_nothing_about_the_project() -> None:
    found = settings({"tests/settings.py": WHOLE, "a/__init__.py": ""})
    assert found.installed_apps is None
    assert [module.kind for module in found.modules] == ["test"]


def test_the_user_model_of_test_settings_stands_where_there_are_no_others() -> None:
    text = WHOLE + 'AUTH_USER_MODEL = "a.Person"\n'
    assert settings({"tests/settings.py": text}).auth_user_model == "a.Person"
    assert settings({"tests/settings.py": WHOLE}).auth_user_model == "auth.User"


def test_an_example_project_says_nothing_about_the_library() -> None:
    found = settings({"example/settings.py": WHOLE, "a/__init__.py": ""})
    assert found.installed_apps is None


def test_pytest_configuration_names_test_settings() -> None:
    files = {
        "manage.py": MANAGE,
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = ["a"]',
        "config/fast.py": 'from config.settings import *\nINSTALLED_APPS += ["b"]',
        "pyproject.toml": '[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = "config.fast"\n',
    }
    assert settings(files).installed_apps == ("a",)


def test_a_module_that_only_test_settings_import_is_no_base() -> None:
    files = {
        "config/__init__.py": "",
        "config/settings.py": WHOLE,
        "config/testsettings.py": "from config.settings import *\nDEBUG = True\n",
    }
    found = settings(files)
    assert [module.kind for module in found.modules] == ["plain", "test"]
    assert found.installed_apps == ("a",)


def test_settings_of_a_build_step_say_nothing_about_the_running_project() -> None:
    files = SPLIT | {
        "config/settings/build.py": 'from .base import *\nAUTH_USER_MODEL = "auth.User"\n'
    }
    assert settings(files).auth_user_model == "users.User"


def test_a_module_of_app_defaults_is_no_settings_module() -> None:
    files = {
        "manage.py": MANAGE,
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = ["a"]',
        "shop/__init__.py": "",
        "shop/settings.py": 'from django.conf import settings\nLIMIT = getattr(settings, "L", 3)',
    }
    assert [module.path for module in settings(files).modules] == ["config/settings.py"]


def test_several_projects_are_told_apart_by_source_root() -> None:
    files = {
        "one/manage.py": MANAGE.replace("config", "alpha"),
        "one/alpha/__init__.py": "",
        "one/alpha/settings.py": 'INSTALLED_APPS = ["a"]\nAUTH_USER_MODEL = "a.User"',
        "two/manage.py": MANAGE.replace("config", "beta"),
        "two/beta/__init__.py": "",
        "two/beta/settings.py": 'INSTALLED_APPS = ["b"]',
    }
    assert set(settings(files).installed_apps or ()) == {"a", "b"}
    assert settings(files).auth_user_model is None
    assert settings(files, "one/alpha/models.py").installed_apps == ("a",)
    assert settings(files, "one/alpha/models.py").auth_user_model == "a.User"
    assert settings(files, "two/beta/models.py").auth_user_model == "auth.User"


def test_django_configurations_are_read_by_class() -> None:
    found = of_text(
        "from configurations import Configuration\n"
        "class Base(Configuration):\n"
        '    APPS = ["a"]\n'
        '    INSTALLED_APPS = APPS + ["b"]\n'
        '    AUTH_USER_MODEL = "a.User"\n'
        "class Production(Base):\n"
        '    INSTALLED_APPS = Base.INSTALLED_APPS + ["c"]\n'
        "class Staging(Production):\n"
        "    @property\n"
        "    def INSTALLED_APPS(self):\n"
        '        return super().INSTALLED_APPS + ["d"]\n'
        "class Test(Base):\n"
        '    INSTALLED_APPS = Base.INSTALLED_APPS + ["e"]\n'
    )
    assert set(found.installed_apps or ()) == {"a", "b", "c", "d"}
    assert found.auth_user_model == "a.User"


def test_split_settings_include_runs_in_the_same_scope() -> None:
    found = of_text(
        'from split_settings.tools import include, optional\nINSTALLED_APPS = ["a"]\n'
        'include("more.py", optional("not_there.py"))',
        more='INSTALLED_APPS += ["b"]',
    )
    assert found.installed_apps == ("a", "b")


def test_an_included_file_that_is_not_there_leaves_all_unknown() -> None:
    found = of_text('INSTALLED_APPS = ["a"]\ninclude("not_there.py")')
    assert found.installed_apps is None


def test_a_base_module_by_name_gives_its_values() -> None:
    found = of_text(
        'from config import common\nINSTALLED_APPS = common.INSTALLED_APPS + ["b"]',
        common='INSTALLED_APPS = ["a"]',
    )
    assert set(found.installed_apps or ()) == {"a", "b"}


def test_a_list_that_a_function_is_given_may_be_changed_by_it() -> None:
    found = of_text('INSTALLED_APPS = ["a"]\nmodify_env_list(INSTALLED_APPS, "APPS")')
    assert found.installed_apps is None
    found = of_text('INSTALLED_APPS = ["a"]\nprint(INSTALLED_APPS)')
    assert found.installed_apps == ("a",)


def test_modules_that_import_each_other_come_to_an_end() -> None:
    found = of_text(
        'INSTALLED_APPS = ["a"]\nfrom .other import *', other="from .settings import *\nX = 1"
    )
    assert found.installed_apps is None


def test_a_module_that_does_not_parse_says_nothing() -> None:
    assert of_text("INSTALLED_APPS = [").modules == ()


# -- other facts ----------------------------------------------------------------------------------

BASE = 'INSTALLED_APPS = ["a"]\n'

ONE = 'DATABASES = {"default": {"ENGINE": "e"}}'
TWO = {"default": "e", "old": "f"}
OLD = 'DATABASES["old"] = {"ENGINE": "f"}'
FROM_ENVIRONMENT = 'DATABASES = {"default": {"ENGINE": os.environ.get("E", "e")}}'
BY_BRANCH = "if X:\n    " + ONE + "\nelse:\n    " + ONE.replace('"e"', '"f"')
UPDATED = 'DATABASES = {"default": {}}\nDATABASES["default"].update(ENGINE="e")'

DATABASES = {
    "literal": (ONE, {"default": "e"}, True),
    "url": ('DATABASES = {"default": dj_database_url.config()}', {"default": None}, True),
    "added": (f"{ONE}\n{OLD}", TWO, False),
    "in_one_branch": (f"{ONE}\nif X:\n    {OLD}", TWO, False),
    "engine_by_branch": (BY_BRANCH, {"default": None}, True),
    "environment": (FROM_ENVIRONMENT, {"default": None}, True),
    "updated": (UPDATED, {"default": "e"}, True),
    "unread_aliases": (f"{ONE}\nDATABASES.update(more())", {"default": None}, None),
    "unread": ("DATABASES = load()", {}, None),
    "not_set": ("", {}, None),
}


@pytest.mark.parametrize(("text", "engines", "single"), DATABASES.values(), ids=DATABASES.keys())
def test_reads_databases(text: str, engines: dict[str, str | None], single: bool | None) -> None:
    found = of_text(BASE + text)
    assert found.databases == engines
    assert found.single_database is single


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("DATABASE_ROUTERS = []", False),
        ('DATABASE_ROUTERS = ["shop.Router"]', True),
        ('if X:\n    DATABASE_ROUTERS = ["shop.Router"]', True),
        ("DATABASE_ROUTERS = routers()", None),
    ],
)
def test_routers_are_there_not_there_or_unknown(text: str, expected: bool | None) -> None:
    assert of_text(BASE + text).routers is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('DATABASES = {"default": {"ENGINE": "e"}}', False),
        ('DATABASES = {"default": {"ENGINE": "e", "ATOMIC_REQUESTS": True}}', True),
        ('DATABASES = {"default": {"ENGINE": "e", "ATOMIC_REQUESTS": env.bool("A", True)}}', None),
        ('DATABASES = {"default": env.db()}', None),
        (
            'DATABASES = {"default": env.db()}\nDATABASES["default"]["ATOMIC_REQUESTS"] = False',
            False,
        ),
        ("", None),
    ],
)
def test_atomic_requests_hold_or_are_unknown(text: str, expected: bool | None) -> None:
    assert of_text(BASE + text).atomic_requests is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "auth.User"),
        ('AUTH_USER_MODEL = "users.User"', "users.User"),
        ('AUTH_USER_MODEL = env("USER", default="users.User")', None),
        ('if X:\n    AUTH_USER_MODEL = "users.User"', None),
    ],
)
def test_the_user_model_is_certain_or_unknown(text: str, expected: str | None) -> None:
    assert of_text(BASE + text).auth_user_model == expected


def test_constants_have_djangos_default_where_nothing_sets_them() -> None:
    found = of_text(BASE + "CONN_MAX_AGE = 60\nif X:\n    CONN_MAX_AGE = 0\nDEBUG = False")
    assert found.constant("DEBUG") is False
    assert found.constant("USE_I18N", True) is True
    assert found.constant("CONN_MAX_AGE", 0) is ABSENT
