"""Which installed apps are unknown, and what the known ones do when a model is saved."""

import json
from pathlib import Path

import pytest

from djfix.codemods.project.known.apps import contrib_receivers, known_app
from djfix.codemods.project.project import Project, ProjectConfiguration
from djfix.codemods.source.files import Files

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'
MODELS = "from django.db import models\nclass Order(models.Model):\n    pass\n"
ORDER = "shop.models.Order"


def project(apps: str, known: tuple[str, ...] = (), **others: str) -> Project:
    files = {
        "manage.py": MANAGE,
        "config/__init__.py": "",
        "config/settings.py": f"INSTALLED_APPS = {apps}\n",
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
    }
    files |= {f"shop/{name}.py": text for name, text in others.items()}
    return Project(Files.of(files), configuration=ProjectConfiguration(known_apps=known))


# -- unknown apps ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "app",
    [
        "shop",
        "django.contrib.auth",
        "django.contrib.admin.apps.SimpleAdminConfig",
        "django.forms",
        "rest_framework",
        "rest_framework.authtoken",
        "corsheaders",
        "django_filters",
        "allauth.socialaccount.providers.google",
        "django_celery_beat.apps.BeatConfig",
        "wagtail.images",
        "django_otp.plugins.otp_totp",
    ],
)
def test_knows(app: str) -> None:
    assert project(f'["shop", "{app}"]').unknown_apps() == ()


def test_an_app_that_nobody_has_read_is_unknown_by_its_entry() -> None:
    found = project('["shop", "secret_sauce.apps.SauceConfig", "another"]').unknown_apps()
    assert found == ("another", "secret_sauce.apps.SauceConfig")


@pytest.mark.parametrize(
    "name", ["secret_sauce", "secret_sauce.core", "secret_sauce.core.apps.Core", "*"]
)
def test_the_configuration_vouches_for_an_app(name: str) -> None:
    assert project('["secret_sauce.core.apps.Core"]', (name,)).unknown_apps() == ()


@pytest.mark.parametrize("name", ["secret", "sauce", "secret_sauce.other", "core"])
def test_the_configuration_vouches_only_for_what_it_names(name: str) -> None:
    assert project('["secret_sauce.core"]', (name,)).unknown_apps() == ("secret_sauce.core",)


@pytest.mark.parametrize("apps", ["find_apps()", '["shop"] + plugins()'])
def test_an_unread_list_leaves_it_open_which_apps_are_unknown(apps: str) -> None:
    assert project(apps).unknown_apps() is None


def test_no_settings_leave_it_open_until_the_user_vouches_for_all() -> None:
    files = Files.of({"shop/__init__.py": "", "shop/models.py": MODELS})
    assert Project(files).unknown_apps() is None
    vouched = ProjectConfiguration(known_apps=("*",))
    assert Project(files, configuration=vouched).unknown_apps() == ()


# -- effects --------------------------------------------------------------------------------------


def effects(apps: str, model: str = ORDER, known: tuple[str, ...] = (), **others: str) -> list[str]:
    found = project(apps, known, **others).known_app_effects(model)
    return [f"{each.app} {each.text}" for each in found]


def test_an_app_that_hears_every_model_has_an_effect() -> None:
    assert effects('["shop", "django_cleanup.apps.CleanupConfig"]') == [
        "django_cleanup receives post_init and post_save and pre_save of every model"
    ]


def test_an_app_that_is_not_installed_has_none() -> None:
    assert effects('["shop"]') == []


def test_an_app_that_connects_nothing_has_none() -> None:
    assert effects('["shop", "corsheaders", "django_filters", "django.contrib.auth"]') == []


def test_an_app_that_the_user_vouches_for_has_none() -> None:
    assert effects('["shop", "django_cleanup"]', known=("django_cleanup",)) == []


def test_an_app_whose_source_lies_in_the_project_is_read_instead() -> None:
    files = {
        "manage.py": MANAGE,
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = ["django_cleanup"]\n',
        "django_cleanup/__init__.py": "",
    }
    assert Project(Files.of(files)).known_app_effects(ORDER) == ()


def test_a_model_that_is_registered_with_an_auditor_is_heard() -> None:
    registered = "from auditlog.registry import auditlog\nauditlog.register(Order)\n"
    assert effects('["shop", "auditlog"]', audit=registered) == [
        "auditlog receives post_save and pre_save of the models registered with it"
    ]


def test_a_model_that_is_named_nowhere_beside_the_auditor_is_not_heard() -> None:
    registered = "from auditlog.registry import auditlog\nauditlog.register(Item)\n"
    assert effects('["shop", "auditlog"]', audit=registered) == []


def test_a_setting_of_the_auditor_may_register_any_model() -> None:
    apps = '["shop", "auditlog"]\nAUDITLOG_INCLUDE_ALL_MODELS = True'
    assert len(effects(apps)) == 1


def test_the_user_model_is_heard_by_who_listens_to_users() -> None:
    assert effects('["shop", "cms"]', "django.contrib.auth.models.User") != []


def test_djangos_own_apps_hear_only_their_own_models() -> None:
    table = json.loads((Path(known_app.__code__.co_filename).parent / "contrib.json").read_text())
    heard = {sender for app in table.values() for _, sender, _ in app["receivers"]}
    assert heard == {"sites.Site"}
    assert effects('["django.contrib.sites"]', "django.contrib.sites.models.Site") == [
        "django.contrib.sites receives pre_save of sites.Site",
    ]
    assert contrib_receivers("django.contrib.auth") == ()


# -- the table ------------------------------------------------------------------------------------


def test_the_table_says_where_each_entry_comes_from() -> None:
    app = known_app("reversion.something")
    assert app is not None
    assert app.project == "django-reversion"
    assert app.version[0].isdigit()


def test_no_package_of_django_itself_stands_in_the_table() -> None:
    assert known_app("django.contrib.auth") is None
    assert known_app("shop") is None


HEARING_EVERY_MODEL = (
    "django_cleanup",
    "easyaudit",
    "haystack",
    "django_elasticsearch_dsl",
    "cacheops",
)


@pytest.mark.parametrize("package", HEARING_EVERY_MODEL)
def test_apps_that_watch_all_models_are_known_to(package: str) -> None:
    app = known_app(package)
    assert app is not None
    assert "every" in {each.sender for each in app.connections}


HARMLESS = (
    *("corsheaders", "django_filters", "crispy_forms", "storages", "debug_toolbar"),
    *("import_export", "drf_spectacular", "waffle", "phonenumber_field", "django_countries"),
)


@pytest.mark.parametrize("package", HARMLESS)
def test_apps_that_watch_no_model_of_a_project_are_known_to(package: str) -> None:
    app = known_app(package)
    assert app is not None
    assert app.connections == ()
