"""How a name can be spelled at some line: by what is bound there for certain."""

from __future__ import annotations

import pytest

from djfix.codemods.rewriting.edits import AddImport

PATH = "shop/views.py"


def spelled(workbench, text: str, module: str = "django.db.models", name: str = "F", **more):
    """The spelling at the line marked `# here`, and the import that it needs, if any."""
    bench = workbench(text)
    line = next(n for n, line in enumerate(text.split("\n"), start=1) if "# here" in line)
    found = bench.trees.name(PATH, module, name, line, **more)
    alias = [edit.alias or edit.name or edit.module for edit in found.edits]
    assert all(isinstance(edit, AddImport) for edit in found.edits)
    return (found.expression, *alias)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("from django.db.models import F\nx  # here\n", ("F",), id="imported"),
        pytest.param("from django.db.models import F as E\nx  # here\n", ("E",), id="by_its_alias"),
        pytest.param(
            "def f():\n    from django.db.models import F as E\n    x  # here\n",
            ("E",),
            id="in_the_function",
        ),
        pytest.param(
            "def f():\n    x  # here\n\nfrom django.db.models import F\n",
            ("F",),
            id="imported_below_but_run_later",
        ),
        pytest.param(
            "from django.db import models\nx = models.F('a')\ny  # here\n",
            ("models.F",),
            id="through_the_module_as_the_file_does",
        ),
        pytest.param(
            "import django.db.models\nx = django.db.models.F('a')\ny  # here\n",
            ("django.db.models.F",),
            id="through_a_plain_import_as_the_file_does",
        ),
        pytest.param(
            "class A:\n    from django.db.models import F as E\n    x = 1  # here\n",
            ("E",),
            id="in_the_class_body",
        ),
    ],
)
def test_what_is_bound_is_used(workbench, text: str, expected: tuple[str, ...]) -> None:
    assert spelled(workbench, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x  # here\n", id="nothing_imported"),
        pytest.param("from django.db import models\nx  # here\n", id="only_the_module_imported"),
        pytest.param(
            "x  # here\nfrom django.db.models import F\n", id="imported_below_and_run_before"
        ),
        pytest.param(
            "def g():\n    from django.db.models import F\n\ndef f():\n    x  # here\n",
            id="imported_in_another_function",
        ),
        pytest.param(
            "if TYPE_CHECKING:\n    from django.db.models import F\n\ndef f():\n    x  # here\n",
            id="imported_for_types_only",
        ),
        pytest.param(
            "class A:\n    from django.db.models import F\n\n    def f(self):\n        x  # here\n",
            id="class_scope_is_not_seen_from_a_method",
        ),
    ],
)
def test_new_import_where_nothing_certain_is_bound(workbench, text: str) -> None:
    assert spelled(workbench, text) == ("F", "F")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "def f():\n    x  # here\n    from django.db.models import F\n",
            id="imported_later_in_the_function",
        ),
        pytest.param(
            "def f(a):\n    if a:\n        from django.db.models import F\n    x  # here\n",
            id="imported_under_a_condition",
        ),
    ],
)
def test_import_of_its_own_makes_the_name_local_to_a_function(workbench, text: str) -> None:
    assert spelled(workbench, text) == ("django_F", "django_F")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("F = 1", id="module_variable"),
        pytest.param("def F(): pass", id="function"),
        pytest.param("class F: pass", id="class"),
        pytest.param("def g(F): pass", id="parameter"),
        pytest.param("def g():\n    F = 1", id="local"),
        pytest.param("class A:\n    F = 1", id="class_attribute"),
        pytest.param("from shop.forms import F", id="other_import"),
        pytest.param("import shop.forms as F", id="other_module"),
        pytest.param("for F in x: pass", id="loop"),
        pytest.param("with x as F: pass", id="with"),
        pytest.param("try: pass\nexcept E as F: pass", id="exception"),
        pytest.param("[F for F in x]", id="comprehension"),
        pytest.param("if (F := 1): pass", id="walrus"),
        pytest.param("lambda F: 1", id="lambda"),
        pytest.param("def g():\n    global F\n    F = 1", id="global"),
        pytest.param("match x:\n    case [*F]: pass", id="pattern"),
        pytest.param("from somewhere import *\nF('a')", id="used_from_a_star_import"),
        pytest.param(
            "try:\n    from django.db.models import F\nexcept E:\n    F = 1", id="fallback"
        ),
        pytest.param("from django.db.models import F\ndel F", id="deleted"),
    ],
)
def test_name_that_means_something_else_is_not_taken(workbench, other: str) -> None:
    assert spelled(workbench, f"{other}\ndef f():\n    x  # here\n") == ("django_F", "django_F")
    through = f"from django.db import models\n{other}\ndef f():\n    x  # here\n"
    assert spelled(workbench, through) == ("models.F",)


def test_alias_avoids_names_in_use(workbench) -> None:
    text = "F = 1\ndjango_F = 2\ndjango_F_2 = 3\nx  # here\n"
    assert spelled(workbench, text) == ("django_F_3", "django_F_3")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "from django.db import models\n\ndef f(models):\n    x  # here\n", id="parameter"
        ),
        pytest.param(
            "from django.db import models\n\ndef f():\n    models = 1\n    x  # here\n", id="local"
        ),
        pytest.param("from django.db import models\nmodels = 1\nx  # here\n", id="rebound"),
        pytest.param(
            "from django.db import models\nx = [models for models in y]  # here\n",
            id="comprehension",
        ),
        pytest.param(
            "from django.db import models\ndef g():\n    global models\n    models = 1\n"
            "x  # here\n",
            id="rebound_from_a_function",
        ),
    ],
)
def test_module_that_is_hidden_is_not_used(workbench, text: str) -> None:
    assert spelled(workbench, f"F = 1\nmodels.F\n{text}") == ("django_F", "django_F")


def test_other_names_of_the_same_object_are_known(workbench) -> None:
    text = "from django.db.models.expressions import F\nx  # here\n"
    assert spelled(workbench, text, same=("django.db.models.expressions.F",)) == ("F",)
    assert spelled(workbench, text) == ("django_F", "django_F")


def test_two_plain_imports_of_one_package_are_certain(workbench) -> None:
    text = "import django.db\nimport django.db.models\nF = 1\n\ndef f():\n    x  # here\n"
    assert spelled(workbench, text) == ("django.db.models.F",)


def test_relative_import_is_followed(workbench) -> None:
    text = "from .models import Order as O\nx  # here\n"
    assert spelled(workbench, text, "shop.models", "Order") == ("O",)


def test_module_itself(workbench) -> None:
    assert spelled(workbench, "import logging as l\nx  # here\n", "logging", "") == ("l",)
    assert spelled(workbench, "x  # here\n", "logging", "") == ("logging", "logging")
    text = "from django.db import transaction as t\nx  # here\n"
    assert spelled(workbench, text, "django.db", "transaction") == ("t",)
