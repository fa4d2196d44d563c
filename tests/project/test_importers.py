"""Who uses a module's name from outside."""

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files


def importers(text: str, **files: str) -> list[tuple[str, int]]:
    texts = {f"shop/{name}.py": each for name, each in files.items()}
    project = Project(
        Files.of(
            {
                "manage.py": "",
                "shop/__init__.py": "",
                "shop/views.py": "from django.db.models import F\n_hidden = 1\n",
                "tests/test_shop.py": text,
                **texts,
            }
        )
    )
    return list(project.importers("shop/views.py", "F"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("from shop.views import F\n", 1),
        ("from shop.views import (\n    x,\n    F as G,\n)\n", 1),
        ("from shop.views import *\n", 1),
        ("from shop.views import (\n    x,  # (why)\n    F,\n)\n", 1),
        ("from shop.views import x, \\\n    F\n", 1),
        ("from shop.views import x, \\\r\n    F\r\n", 1),
        ("from shop.views \\\n    import F\n", 1),
        ("import shop.views\nshop.views.F\n", 2),
        ("import shop.views\nx = (shop.views\n    .F)\n", 2),
        ("from shop import views\nviews.F('x')\n", 2),
        ("def f():\n    from shop import views as v\n    return v.F\n", 3),
        ("mock.patch('shop.views.F')\n", 1),
        ("mock.patch('shop.views.F.resolve')\n", 1),
        ("from shop import views\nmock.patch.object(views, 'F')\n", 2),
        ("from shop import views\n\nx = getattr(views, 'F')\n", 3),
        ("HANDLER = 'shop.views.F'\n", 1),
    ],
)
def test_a_use_is_found(text: str, line: int) -> None:
    assert importers(text) == [("tests/test_shop.py", line)]


@pytest.mark.parametrize(
    "text",
    [
        "from django.db.models import F\n",
        "from shop.models import F\n",
        "import shop.views\nother.views.F\n",
        "mock.patch('shop.viewsF')\n",
        "mock.patch('other.shop.views.F')\n",
        "views.F\n",
        "mock.patch.object(views, 'F')\n",
        "from shop.views import Field\n",
    ],
)
def test_another_name_is_no_use(text: str) -> None:
    assert importers(text, models="F = 1\n") == []


def test_relative_imports_are_uses() -> None:
    assert importers("", urls="from . import views\nviews.F\nfrom .views import F\n") == [
        ("shop/urls.py", 2),
        ("shop/urls.py", 3),
    ]


def test_those_who_import_it_from_a_package_that_imports_it_count() -> None:
    found = importers("from shop.api import F\n", api="from .views import F\n")
    assert found == [("shop/api.py", 1), ("tests/test_shop.py", 1)]


def test_a_module_that_goes_by_another_name_is_found() -> None:
    api = "from shop import views as screens\n"
    found = importers("from shop.api import screens\nscreens.F\n", api=api)
    assert found == [("tests/test_shop.py", 2)]


def test_names_of_a_package_are_imported_from_inside_it() -> None:
    project = Project(
        Files.of(
            {
                "manage.py": "",
                "shop/__init__.py": "A = 1\n",
                "shop/views.py": "from . import A\n",
                "other.py": "from shop import A\n",
            }
        )
    )
    assert project.importers("shop/__init__.py", "A") == (("other.py", 1), ("shop/views.py", 1))


def test_a_star_import_leaves_out_what_all_leaves_out() -> None:
    project = Project(
        Files.of(
            {
                "manage.py": "",
                "views.py": "__all__ = ['A']\nA = B = 1\n",
                "other.py": "from views import *\n",
            }
        )
    )
    assert project.importers("views.py", "A") == (("other.py", 1),)
    assert project.importers("views.py", "B") == ()
