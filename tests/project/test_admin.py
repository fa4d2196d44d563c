"""Admin classes: for which models they are registered, what their lists show, what hides it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from djfix.codemods.project.admin_columns import KNOWN_COLUMNS
from djfix.codemods.project.admin_values import AdminClass
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

HEAD = """
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from shop.models import A, B
"""
MODELS = """
from django.db import models
class A(models.Model):
    name = models.TextField()
class B(models.Model):
    a = models.ForeignKey(A, models.CASCADE)
"""
SETTINGS = "INSTALLED_APPS = ['django.contrib.auth', 'django.contrib.admin', 'shop']\n"


def project_of(text: str, **more: str) -> Project:
    files = {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')",
        "settings.py": SETTINGS,
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/admin.py": HEAD + text,
    }
    return Project(Files.of({**files, **{f"shop/{name}.py": each for name, each in more.items()}}))


def admins_of(text: str, **more: str) -> dict[str, AdminClass]:
    found = project_of(text, **more).admin_classes("shop/admin.py")
    return {each.name.rpartition(".")[2]: each for each in found}


def models_of(text: str, **more: str) -> tuple[str, ...]:
    return admins_of(text, **more)["X"].models


def columns_of(text: str, **more: str) -> list[tuple[str, str]] | None:
    columns = admins_of(text, **more)["X"].columns
    return None if columns is None else [(each.kind, each.name) for each in columns]


def names_of(text: str, **more: str) -> list[str] | None:
    columns = columns_of(text, **more)
    return None if columns is None else [name for _, name in columns]


CLASS = "class X(admin.ModelAdmin):\n    pass\n"


# -- registrations ---------------------------------------------------------------------------------


def test_decorator_with_several_models() -> None:
    assert models_of(f"@admin.register(A, B)\n{CLASS}") == ("shop.models.A", "shop.models.B")


def test_decorator_under_another_name() -> None:
    text = f"from django.contrib.admin import register as shown\n@shown(A)\n{CLASS}"
    assert models_of(text) == ("shop.models.A",)


def test_decorator_for_a_site() -> None:
    assert models_of(f"@admin.register(A, site=mine)\n{CLASS}") == ("shop.models.A",)


def test_call_on_the_default_site() -> None:
    assert models_of(f"{CLASS}admin.site.register(A, X)\n") == ("shop.models.A",)


def test_call_with_several_models() -> None:
    found = models_of(f"{CLASS}admin.site.register([A, B], X)\n")
    assert found == ("shop.models.A", "shop.models.B")


def test_call_with_keywords() -> None:
    found = models_of(f"{CLASS}admin.site.register(A, admin_class=X)\n")
    assert found == ("shop.models.A",)


def test_call_on_a_site_of_another_file_inside_a_function() -> None:
    other = """
def ready(site):
    from shop.admin import X as Shown
    from shop.models import B
    site.register(B, Shown)
"""
    assert models_of(CLASS, admin_sites=other) == ("shop.models.B",)


def test_the_user_model_by_function_and_by_variable() -> None:
    text = "from django.contrib.auth import get_user_model\nUser = get_user_model()\n"
    user = ("django.contrib.auth.models.User",)
    assert models_of(f"{text}@admin.register(get_user_model())\n{CLASS}") == user
    assert models_of(f"{text}@admin.register(User)\n{CLASS}") == user


def test_a_model_that_cannot_be_read_is_said() -> None:
    found = admins_of(f"from elsewhere import C\n@admin.register(C)\n{CLASS}")["X"]
    assert found.models == ()
    assert [each.name for each in found.unclear] == ["unknown-model"]


def test_a_loop_over_models_is_said() -> None:
    found = admins_of(f"{CLASS}for each in (A, B):\n    admin.site.register(each, X)\n")["X"]
    assert [each.name for each in found.unclear] == ["unknown-model"]


def test_registered_for_nothing() -> None:
    found = admins_of(CLASS)["X"]
    assert (found.models, found.unclear) == ((), ())


def test_registrations_of_tests_do_not_count() -> None:
    other = "from shop.admin import X\nfrom shop.models import A\nsite.register(A, X)  # admin\n"
    assert models_of(CLASS, test_admin=other) == ()


@pytest.mark.parametrize(
    "text",
    [
        "class X(admin.TabularInline):\n    model = B\n",
        "class X(admin.SimpleListFilter):\n    title = 'x'\n",
        "class X:\n    list_display = ('a',)\n",
        "from elsewhere import Base\nclass X(Base):\n    list_display = ('a',)\n",
        "from elsewhere import Base, router\nclass X(Base):\n    pass\nrouter.register('a', X)\n",
    ],
)
def test_no_admin_class(text: str) -> None:
    assert admins_of(text) == {}


def test_an_unknown_base_is_named() -> None:
    found = admins_of(
        f"from elsewhere import Base\n@admin.register(A)\n{CLASS}".replace(
            "admin.ModelAdmin", "Base"
        )
    )["X"]
    assert found.unknown_bases == ("elsewhere.Base",)
    assert found.columns is None


def test_a_harmless_base_is_not() -> None:
    text = f"from reversion.admin import VersionAdmin\n@admin.register(A)\n{CLASS}"
    found = admins_of(text.replace("admin.ModelAdmin", "VersionAdmin"))["X"]
    assert found.unknown_bases == ()
    assert found.order[:2] == ("shop.admin.X", "django.contrib.admin.ModelAdmin")


# -- columns ---------------------------------------------------------------------------------------


def with_columns(value: str, before: str = "", base: str = "admin.ModelAdmin") -> str:
    return f"{before}\nclass X({base}):\n    list_display = {value}\n"


def test_the_default_is_the_text_of_the_row() -> None:
    assert columns_of(CLASS) == [("name", "__str__")]


def test_tuple_and_list() -> None:
    assert names_of(with_columns("('a', 'b')")) == ["a", "b"]
    assert names_of(with_columns("['a', 'b']")) == ["a", "b"]


def test_functions_lambdas_and_what_is_neither() -> None:
    before = "from functools import partial\ndef shown(obj):\n    return 1\n"
    assert columns_of(with_columns("(shown, lambda obj: obj.a, partial(shown))", before)) == [
        ("function", "shop.admin.shown"),
        ("lambda", ""),
        ("unknown", ""),
    ]


def test_constants_of_this_and_another_module() -> None:
    before = "from shop.names import MORE, NAME\nOWN = ('a',)\n"
    other = "MORE = ['b']\nNAME = 'c'\n"
    assert names_of(with_columns("(*OWN, *MORE, NAME)", before), names=other) == ["a", "b", "c"]


def test_added_to_those_of_a_parent() -> None:
    parent = "class P(admin.ModelAdmin):\n    list_display = ('a',)\n"
    assert names_of(with_columns("P.list_display + ('b',)", parent, "P")) == ["a", "b"]
    assert names_of(with_columns("list(P.list_display) + ['b']", parent, "P")) == ["a", "b"]


def test_inherited_from_a_parent() -> None:
    parent = "class P(admin.ModelAdmin):\n    list_display = ('a',)\n"
    assert names_of(f"{parent}class X(P):\n    pass\n") == ["a"]


def test_the_first_class_of_the_order_decides() -> None:
    mixin = "class M:\n    list_display = ('m',)\n"
    assert names_of(f"{mixin}class X(M, admin.ModelAdmin):\n    pass\n") == ["m"]


def test_added_in_place() -> None:
    text = with_columns("('a',)") + "    list_display += ('b',)\n"
    assert names_of(text) == ["a", "b"]


def test_those_of_the_user_admin() -> None:
    user = ["username", "email", "first_name", "last_name", "is_staff"]
    assert names_of("class X(UserAdmin):\n    pass\n") == user
    value = "UserAdmin.list_display + ('groups_of',)"
    assert names_of(with_columns(value, base="UserAdmin")) == [*user, "groups_of"]


@pytest.mark.parametrize(
    "text",
    [
        with_columns("columns()"),
        with_columns("UserAdmin.list_display[1:]", base="UserAdmin"),
        with_columns("[each for each in ('a', 'b')]"),
        with_columns("('a',) if admin else ('b',)"),
        with_columns("UNKNOWN + ('a',)"),
        "class X(admin.ModelAdmin):\n    if admin:\n        list_display = ('a',)\n",
        "class X(admin.ModelAdmin):\n    def list_display(self):\n        return ()\n",
    ],
)
def test_columns_that_cannot_be_read(text: str) -> None:
    assert columns_of(text) is None


# -- settings and hooks ----------------------------------------------------------------------------


def test_settings_come_from_the_nearest_class_that_assigns_them() -> None:
    text = """
class P(admin.ModelAdmin):
    list_select_related = ("a",)
    list_per_page = 20
    raw_id_fields = ("a",)
class X(P):
    list_per_page = 30
    raw_id_fields = P.raw_id_fields
    raw_id_fields += ("b",)
"""
    found = admins_of(text)["X"].settings
    assert {name: each.cls for name, each in found.items()} == {
        "list_select_related": "shop.admin.P",
        "list_per_page": "shop.admin.X",
        "raw_id_fields": "shop.admin.X",
    }
    assert found["list_per_page"].value.value == 30
    assert found["list_select_related"].is_plain
    assert not found["raw_id_fields"].is_plain


def test_hooks_are_those_of_the_project() -> None:
    text = """
class P(admin.ModelAdmin):
    def get_queryset(self, request):
        return super().get_queryset(request)
class X(P):
    def get_list_display(self, request):
        return ()
"""
    found = admins_of(text)["X"].hooks
    assert {name: each.cls for name, each in found.items()} == {
        "get_list_display": "shop.admin.X",
        "get_queryset": "shop.admin.P",
    }


def test_inlines_by_name() -> None:
    inline = "class I(admin.TabularInline):\n    model = B\n"
    found = admins_of(f"{inline}class X(admin.ModelAdmin):\n    inlines = [I]\n")["X"]
    assert found.inlines == ("shop.admin.I",)


ASKED = """
import importlib, json, sys
from django.conf import settings
apps = "admin auth contenttypes flatpages redirects sites messages sessions".split()
settings.configure(
    INSTALLED_APPS=["rest_framework", "rest_framework.authtoken"]
    + [f"django.contrib.{each}" for each in apps],
    SITE_ID=1,
)
import django; django.setup()
def columns(name):
    module, _, cls = name.rpartition(".")
    return list(getattr(importlib.import_module(module), cls).list_display)
print(json.dumps({name: columns(name) for name in sys.argv[1:]}))
"""


def test_known_columns_are_those_of_the_installed_release() -> None:
    command = [sys.executable, "-c", ASKED, *KNOWN_COLUMNS]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found == {name: list(columns) for name, columns in KNOWN_COLUMNS.items()}
