"""What a spelled name stands for, and when it stands for nothing."""

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

SHOP = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/models.py": "class Order: ...\nclass Line:\n    class Kind: ...\ndef helper(): ...\n",
}


def resolve(text: str, name: str, files: dict[str, str] | None = None, **options: object) -> object:
    project = Project(Files.of({**SHOP, "shop/views.py": text, **(files or {})}))
    return project.resolve("shop/views.py", name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("from django.db.models import F", "F", "django.db.models.F"),
        ("from django.db import models", "models.F", "django.db.models.F"),
        ("from django.db import models as m", "m.F", "django.db.models.F"),
        ("import django.db.models", "django.db.models.F", "django.db.models.F"),
        ("import django.db.models as x", "x.F", "django.db.models.F"),
        ("from django.db.models.expressions import F as E", "E", "django.db.models.F"),
        ("from django.db.models import *", "F", "django.db.models.F"),
        ("from django.contrib.auth.base_user import AbstractBaseUser as A", "A",
         "django.contrib.auth.models.AbstractBaseUser"),
        ("from rest_framework import generics", "generics.ListAPIView",
         "rest_framework.generics.ListAPIView"),
        ("from shop.models import Order", "Order", "shop.models.Order"),
        ("from .models import Order as O", "O", "shop.models.Order"),
        ("from . import models", "models.Order", "shop.models.Order"),
        ("from .models import *", "Order", "shop.models.Order"),
        ("import shop.models", "shop.models.Line.Kind", "shop.models.Line.Kind"),
        ("from .models import Order\nAlias = Order\nOther = Alias", "Other", "shop.models.Order"),
        ("from shop import models as m\nX = m.Order", "X", "shop.models.Order"),
        ("class View: ...", "View", "shop.views.View"),
        ("def view(): ...", "view", "shop.views.view"),
        ("logger = get()", "logger", "shop.views.logger"),
        ("import os.path", "os.path.join", "os.path.join"),
        ("", "property", "builtins.property"),
        ("import x.y", "x.y.z", "x.y.z"),
        ("if TYPE_CHECKING:\n    from .models import Order", "Order", "shop.models.Order"),
        ("try:\n    from fast import loads\nexcept ImportError:\n    loads = None", "loads",
         "fast.loads"),
        ("from .models import Order\nclass Order(Order): ...", "Order", "shop.views.Order"),
        ("if DEBUG:\n    from .models import Order\nelse:\n    from shop.models import Order",
         "Order", "shop.models.Order"),
        ("from .models import Order\nif TYPE_CHECKING:\n    B = x.Y\nelse:\n    B = Order", "B",
         "shop.models.Order"),
        ("from .models import Line\nBase = Line['x']", "Base", "shop.models.Line"),
    ],
)  # fmt: skip
def test_resolves(text: str, name: str, wanted: str) -> None:
    assert resolve(text, name) == wanted


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "Order"),
        ("from .missing import Order", "Order"),
        ("from .models import Missing", "Missing"),
        ("from ....models import Order", "Order"),
        ("from unknown import *", "Order"),
        ("from .models import _hidden\nfrom .models import *", "_hidden"),
        ("try:\n    from a import X\nexcept ImportError:\n    from b import X", "X"),
        ("if DEBUG:\n    from a import X\nelse:\n    from b import X", "X"),
        ("from .models import Order\ndel Order", "Order"),
        ("from .models import Order\nfor Order in x: pass", "Order"),
        ("from .models import Order\ndef f():\n    global Order\n    Order = 1", "Order"),
        ("from .models import Order\nfrom .other import *", "Order"),
    ],
)
def test_stays_unknown(text: str, name: str) -> None:
    assert resolve(text, name, {"shop/other.py": "class Order: ..."}) is None


def test_a_star_import_obeys_all() -> None:
    files = {"shop/other.py": "__all__ = ['A']\nclass A: ...\nclass B: ...\n"}
    assert resolve("from .other import *", "A", files) == "shop.other.A"
    assert resolve("from .other import *", "B", files) is None


def test_a_chain_of_re_exports_leads_to_the_definition() -> None:
    files = {
        "shop/api/__init__.py": "from .inner import *\n",
        "shop/api/inner.py": "from ..models import Order as Ordered\n",
    }
    assert resolve("from shop.api import Ordered", "Ordered", files) == "shop.models.Order"


def test_an_import_cycle_ends() -> None:
    files = {
        "shop/a.py": "from .b import X, Y\n",
        "shop/b.py": "from .a import X\nclass Y: ...\n",
    }
    assert resolve("from .a import X", "X", files) is None
    assert resolve("from .a import Y", "Y", files) == "shop.b.Y"


def test_star_imports_in_a_cycle_end() -> None:
    files = {
        "shop/a.py": "from .b import *\nclass A: ...\n",
        "shop/b.py": "from .a import *\nclass B: ...\n",
    }
    assert resolve("from .b import *", "A", files) == "shop.a.A"
    assert resolve("from .b import *", "C", files) is None


def test_an_import_in_a_function_holds_only_there() -> None:
    text = "def f():\n    from .models import Order\n    def g(): ...\ndef h(): ...\n"
    assert resolve(text, "Order", scope=("f",)) == "shop.models.Order"
    assert resolve(text, "Order", scope=("f", "g")) == "shop.models.Order"
    assert resolve(text, "Order", scope=("h",)) is None
    assert resolve(text, "Order") is None


def test_an_import_in_a_function_hides_the_modules() -> None:
    text = "from a import Order\ndef f():\n    from .models import Order\n"
    assert resolve(text, "Order", scope=("f",)) == "shop.models.Order"
    assert resolve(text, "Order") == "a.Order"


def test_code_that_runs_at_import_sees_what_was_bound_before() -> None:
    text = "from .models import Order\nclass Order(Order): ...\n"
    assert resolve(text, "Order", line=2) == "shop.models.Order"
    assert resolve(text, "Order", line=3) == "shop.views.Order"


def test_a_submodule_that_is_named_like_an_import_of_the_package() -> None:
    files = {"shop/api/__init__.py": "from . import views\n", "shop/api/views.py": "class V: ..."}
    assert resolve("from shop.api import views", "views.V", files) == "shop.api.views.V"


def test_a_package_without_init_is_walked() -> None:
    files = {"apps/users/models.py": "class User: ...\n"}
    assert resolve("import apps.users.models", "apps.users.models.User", files) == (
        "apps.users.models.User"
    )
    assert resolve("from apps.users import models", "models.User", files) == (
        "apps.users.models.User"
    )


def test_the_user_model_goes_by_what_the_settings_say() -> None:
    files = {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n",
        "config/settings.py": "INSTALLED_APPS = ['shop']\nAUTH_USER_MODEL = 'shop.Person'\n",
        "shop/models.py": (
            "from django.contrib.auth.models import AbstractUser\nclass Person(AbstractUser): ...\n"
        ),
    }
    text = "from django.contrib.auth import get_user_model\nUser = get_user_model()\n"
    assert resolve(text, "User", files) == "shop.models.Person"


def test_a_file_that_does_not_parse_is_unknown() -> None:
    assert resolve("from .broken import X", "X", {"shop/broken.py": "def (:\n"}) is None
