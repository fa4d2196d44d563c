"""Imports added in the style of the file, and never under a condition."""

from __future__ import annotations

import pytest

from djfix.codemods.rewriting.edits import AddImport

PATH = "shop/views.py"
F = AddImport(PATH, "django.db.models", "F")


def added(workbench, before: str | bytes, *additions: AddImport, **others: str) -> str:
    return workbench(before, {"pyproject.toml": "", **others}).applied(additions or (F,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from django.db import models\n\nx = 1\n",
            "from django.db import models\nfrom django.db.models import F\n\nx = 1\n",
            id="beside_models",
        ),
        pytest.param(
            "from django.db import models, transaction\nfrom django.http import Http404\n",
            "from django.db import models, transaction\nfrom django.db.models import F\n"
            "from django.http import Http404\n",
            id="in_alphabetical_order",
        ),
        pytest.param(
            "import os\n\nfrom django.http import Http404\nfrom rest_framework import views\n",
            "import os\n\nfrom django.db.models import F\nfrom django.http import Http404\n"
            "from rest_framework import views\n",
            id="before_the_first_of_its_kind",
        ),
        pytest.param(
            "from django.utils import timezone\nfrom django.db import models\n"
            "from celery import task\n",
            "from django.utils import timezone\nfrom django.db import models\n"
            "from django.db.models import F\nfrom celery import task\n",
            id="beside_the_nearest_where_nothing_is_sorted",
        ),
        pytest.param(
            "import os\n\nfrom shop.models import Order\n",
            "import os\n\nfrom django.db.models import F\n\nfrom shop.models import Order\n",
            id="between_standard_library_and_own_code",
        ),
        pytest.param(
            "import os\nfrom shop.models import Order\n",
            "import os\nfrom django.db.models import F\nfrom shop.models import Order\n",
            id="sections_are_not_set_apart",
        ),
        pytest.param(
            "from shop.models import Order\n",
            "from django.db.models import F\n\nfrom shop.models import Order\n",
            id="before_own_code",
        ),
        pytest.param(
            '"""Doc."""\n\n# Own\nfrom shop.models import Order\n',
            '"""Doc."""\n\nfrom django.db.models import F\n\n'
            "# Own\nfrom shop.models import Order\n",
            id="heading_stays_with_its_section",
        ),
        pytest.param(
            "# Licence\nfrom shop.models import Order\n",
            "# Licence\nfrom django.db.models import F\n\nfrom shop.models import Order\n",
            id="comment_at_the_top_heads_the_file",
        ),
        pytest.param(
            "from .models import Order\n\nx = 1\n",
            "from django.db.models import F\n\nfrom .models import Order\n\nx = 1\n",
            id="before_relative_imports",
        ),
        pytest.param(
            "import json\n\n\nclass A: pass\n",
            "import json\n\nfrom django.db.models import F\n\n\nclass A: pass\n",
            id="after_the_standard_library",
        ),
        pytest.param(
            "import django\nimport celery\n",
            "import django\nfrom django.db.models import F\nimport celery\n",
            id="beside_a_plain_import_of_its_package",
        ),
        pytest.param(
            "import a; import django.http\nx = 1\n",
            "import a; import django.http\nfrom django.db.models import F\nx = 1\n",
            id="after_a_shared_line",
        ),
        pytest.param(
            "from django.db import (\n    models,\n)  # why\nx = 1\n",
            "from django.db import (\n    models,\n)  # why\n"
            "from django.db.models import F\nx = 1\n",
            id="after_an_import_of_many_lines",
        ),
        pytest.param(
            "from django import x\n\ndef f(): pass\n\nfrom django.zoo import y\n",
            "from django import x\nfrom django.db.models import F\n\ndef f(): pass\n\n"
            "from django.zoo import y\n",
            id="not_at_imports_below_code",
        ),
    ],
)
def test_new_line_stands_where_the_file_would_have_it(workbench, before: str, after: str) -> None:
    assert added(workbench, before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from django.db.models import Q\n", "from django.db.models import F, Q\n", id="before"
        ),
        pytest.param(
            "from django.db.models import Avg\n",
            "from django.db.models import Avg, F\n",
            id="after",
        ),
        pytest.param(
            "from django.db.models import Avg, Q  # why\n",
            "from django.db.models import Avg, F, Q  # why\n",
            id="between_and_the_comment_stays",
        ),
        pytest.param(
            "from django.db.models import Q, Avg\n",
            "from django.db.models import Q, Avg, F\n",
            id="at_the_end_where_nothing_is_sorted",
        ),
        pytest.param(
            "from django.db.models import (Avg, Q)\n",
            "from django.db.models import (Avg, F, Q)\n",
            id="parentheses_on_one_line",
        ),
        pytest.param(
            "from django.db.models import (Avg, Count,)\n",
            "from django.db.models import (Avg, Count, F,)\n",
            id="trailing_comma_on_one_line",
        ),
        pytest.param(
            "from django.db.models import (\n    Avg,\n    Q,\n)\n",
            "from django.db.models import (\n    Avg,\n    F,\n    Q,\n)\n",
            id="one_per_line",
        ),
        pytest.param(
            "from django.db.models import (\n    Avg,  # a\n    # about q\n    Q\n)\n",
            "from django.db.models import (\n    Avg,  # a\n    F,\n    # about q\n    Q\n)\n",
            id="one_per_line_with_comments",
        ),
        pytest.param(
            "from django.db.models import (\n    Avg,\n    Count  # last\n)\n",
            "from django.db.models import (\n    Avg,\n    Count,  # last\n    F\n)\n",
            id="no_trailing_comma",
        ),
        pytest.param(
            "from django.db.models import (\n    Avg,\n    Count,\n)\n",
            "from django.db.models import (\n    Avg,\n    Count,\n    F,\n)\n",
            id="trailing_comma",
        ),
        pytest.param(
            "from django.db.models import (\n    Avg,\n    Count)\n",
            "from django.db.models import (\n    Avg,\n    Count,\n    F)\n",
            id="closed_on_the_last_line",
        ),
        pytest.param(
            "from django.db.models import (Avg,\n                              Q)\n",
            "from django.db.models import (Avg,\n                              F, Q)\n",
            id="aligned_under_the_parenthesis",
        ),
        pytest.param(
            "from django.db.models import Avg, \\\n    Q\n",
            "from django.db.models import Avg, \\\n    F, Q\n",
            id="continued_by_a_backslash",
        ),
        pytest.param(
            "from django.db.models import CASCADE, Q, aggregates\n",
            "from django.db.models import CASCADE, F, Q, aggregates\n",
            id="constants_classes_functions",
        ),
        pytest.param(
            "from django.db.models import Q as Where\n",
            "from django.db.models import F, Q as Where\n",
            id="beside_an_alias",
        ),
        pytest.param(
            "import x; from django.db.models import Q; import y\n",
            "import x; from django.db.models import F, Q; import y\n",
            id="on_a_shared_line",
        ),
        pytest.param(
            "from django.db.models import (\r\n\tAvg,\r\n\tQ,\r\n)\r\n",
            "from django.db.models import (\r\n\tAvg,\r\n\tF,\r\n\tQ,\r\n)\r\n",
            id="windows_and_tabs",
        ),
    ],
)
def test_import_of_the_module_is_extended(workbench, before: str, after: str) -> None:
    assert added(workbench, before) == after


LONG = "from django.db.models import Aggregate, Avg, BooleanField, Case, CharField, Count"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"{LONG}  # why\nx = 1\n",
            "from django.db.models import (  # why\n    Aggregate,\n    Avg,\n    BooleanField,\n"
            "    Case,\n    CharField,\n    Count,\n    F,\n)\nx = 1\n",
            id="too_long_for_one_line",
        ),
        pytest.param(
            "from django.db.models import (Aggregate, Avg, BooleanField, Case, CharField,\n"
            "                              Cast, Coalesce, Concat, Count, DateField, Extract)\n",
            "from django.db.models import (Aggregate, Avg, BooleanField, Case, CharField,\n"
            "                              Cast, Coalesce, Concat, Count, DateField, Extract,\n"
            "                              F)\n",
            id="next_line_of_a_grid",
        ),
    ],
)
def test_line_that_grows_too_long_is_broken(workbench, before: str, after: str) -> None:
    settings = {"pyproject.toml": "[tool.ruff]\nline-length = 82\n"}
    assert workbench(before, settings).applied([F]) == after


def test_long_new_line_is_broken(workbench) -> None:
    addition = AddImport(
        PATH, "shop.services.payments.providers", "PaymentProviderUnavailableError"
    )
    settings = {"pyproject.toml": "[tool.black]\nline-length = 70\n"}
    assert workbench("", settings).applied([addition]) == (
        "from shop.services.payments.providers import (\n    PaymentProviderUnavailableError,\n)\n"
    )


def test_line_may_grow_as_long_as_the_file_allows(workbench) -> None:
    before = f"{LONG}\n# {'x' * 97}\n"
    assert added(workbench, before) == f"{LONG}, F\n# {'x' * 97}\n"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("from django.db.models import F\n", id="there_already"),
        pytest.param(
            "from django.db.models import (\n    F,\n    Q,\n)\n", id="there_among_others"
        ),
        pytest.param("import x; from django.db.models import F\n", id="there_on_a_shared_line"),
    ],
)
def test_import_that_is_there_is_not_repeated(workbench, before: str) -> None:
    assert added(workbench, before) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "from django.db.models import F\n", id="empty_file"),
        pytest.param("x = 1\n", "from django.db.models import F\n\nx = 1\n", id="code_only"),
        pytest.param(
            "def f(): pass\n", "from django.db.models import F\n\n\ndef f(): pass\n", id="def_only"
        ),
        pytest.param(
            '"""Doc."""\n', '"""Doc."""\n\nfrom django.db.models import F\n', id="docstring_only"
        ),
        pytest.param(
            '"""Doc."""',
            '"""Doc."""\n\nfrom django.db.models import F',
            id="docstring_without_newline",
        ),
        pytest.param(
            '"""Doc."""\n\n\nclass A: pass\n',
            '"""Doc."""\n\nfrom django.db.models import F\n\n\nclass A: pass\n',
            id="docstring_and_class",
        ),
        pytest.param(
            '"""Doc."""\nx = 1\n',
            '"""Doc."""\n\nfrom django.db.models import F\n\nx = 1\n',
            id="docstring_against_code",
        ),
        pytest.param(
            "#!/usr/bin/env python\n# coding: utf-8\nx = 1\n",
            "#!/usr/bin/env python\n# coding: utf-8\nfrom django.db.models import F\n\nx = 1\n",
            id="interpreter_and_cookie",
        ),
        pytest.param(
            "# Licence\n# of this\n\nx = 1\n",
            "# Licence\n# of this\n\nfrom django.db.models import F\n\nx = 1\n",
            id="licence",
        ),
        pytest.param(
            "# Licence\n", "# Licence\n\nfrom django.db.models import F\n", id="comments_only"
        ),
        pytest.param(
            "# about x\nx = 1\n",
            "from django.db.models import F\n\n# about x\nx = 1\n",
            id="comment_belongs_to_the_code_below",
        ),
        pytest.param(
            "from __future__ import annotations\n\nx = 1\n",
            "from __future__ import annotations\n\nfrom django.db.models import F\n\nx = 1\n",
            id="future",
        ),
        pytest.param(
            '"""Doc."""\nfrom __future__ import annotations\nx = 1\n',
            '"""Doc."""\nfrom __future__ import annotations\n\n'
            "from django.db.models import F\n\nx = 1\n",
            id="docstring_and_future",
        ),
        pytest.param(
            '"""Doc."""\r\n\r\nx = 1\r\n',
            '"""Doc."""\r\n\r\nfrom django.db.models import F\r\n\r\nx = 1\r\n',
            id="windows",
        ),
    ],
)
def test_file_without_imports_gets_its_first(workbench, before: str, after: str) -> None:
    assert added(workbench, before) == after


def test_mark_stays_before_the_first_import(workbench) -> None:
    bench = workbench(b"\xef\xbb\xbfx = 1\n")
    assert bench.applied([F]) == "from django.db.models import F\n\nx = 1\n"
    assert bench.document.encode("x") == b"\xef\xbb\xbfx"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from typing import TYPE_CHECKING\n\n"
            "if TYPE_CHECKING:\n    from django.db.models import F, Q\n",
            "from typing import TYPE_CHECKING\n\nfrom django.db.models import F\n\n"
            "if TYPE_CHECKING:\n    from django.db.models import F, Q\n",
            id="type_checking",
        ),
        pytest.param(
            "try:\n    from django.db.models import Q\nexcept ImportError:\n    Q = None\n",
            "from django.db.models import F\n\n"
            "try:\n    from django.db.models import Q\nexcept ImportError:\n    Q = None\n",
            id="try",
        ),
        pytest.param(
            "import django\n\nif django.VERSION > (4,):\n    from django.db.models import F\n",
            "import django\nfrom django.db.models import F\n\n"
            "if django.VERSION > (4,):\n    from django.db.models import F\n",
            id="condition",
        ),
        pytest.param(
            "from django.db.models import Q  # noqa: F401\n",
            "from django.db.models import Q  # noqa: F401\nfrom django.db.models import F\n",
            id="pragma_on_the_line",
        ),
        pytest.param(
            "from django.db.models import *\n",
            "from django.db.models import *\nfrom django.db.models import F\n",
            id="star_import",
        ),
        pytest.param(
            "def f():\n    from django.db.models import F\n",
            "from django.db.models import F\n\n\ndef f():\n    from django.db.models import F\n",
            id="import_inside_a_function",
        ),
    ],
)
def test_conditional_imports_are_left_alone(workbench, before: str, after: str) -> None:
    assert added(workbench, before) == after


def test_new_import_comes_after_a_star_import_that_could_hide_it(workbench) -> None:
    before = "from django.db import models\nfrom somewhere import *\nfrom shop.models import *\n"
    assert added(workbench, before) == (
        "from django.db import models\nfrom somewhere import *\nfrom django.db.models import F\n"
        "from shop.models import *\n"
    )


def test_star_import_of_a_module_with_that_name_comes_first(workbench) -> None:
    before = "from django.db import models\nfrom shop.other import *\n"
    others = {"shop/other.py": "F = 1\n"}
    assert workbench(before, others).applied([F]) == (
        "from django.db import models\nfrom shop.other import *\nfrom django.db.models import F\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from .models import Order\n",
            "from .models import Item, Order\n",
            id="relative_is_extended",
        ),
        pytest.param(
            "from shop.models import Order\n",
            "from shop.models import Item, Order\n",
            id="absolute_is_extended",
        ),
        pytest.param(
            "from .forms import OrderForm\n",
            "from .forms import OrderForm\nfrom .models import Item\n",
            id="relative_where_the_file_is",
        ),
        pytest.param(
            "from django.db import models\n",
            "from django.db import models\n\nfrom shop.models import Item\n",
            id="absolute_where_nothing_is_relative",
        ),
        pytest.param(
            "from shop.forms import OrderForm\nfrom .tasks import send\n",
            "from shop.forms import OrderForm\nfrom shop.models import Item\n"
            "from .tasks import send\n",
            id="absolute_where_the_file_mixes",
        ),
    ],
)
def test_own_package_is_imported_as_the_file_does(workbench, before: str, after: str) -> None:
    assert added(workbench, before, AddImport(PATH, "shop.models", "Item")) == after


def test_several_names_of_one_module(workbench) -> None:
    additions = [AddImport(PATH, "django.db.models", name) for name in ("Q", "F", "Count")]
    after = "from django.db import models\nfrom django.db.models import Count, F, Q\n"
    assert added(workbench, "from django.db import models\n", *additions) == after


def test_alias_is_imported_beside_the_plain_name(workbench) -> None:
    addition = AddImport(PATH, "django.db.models", "F", "django_F")
    before = "from django.db.models import Q\n"
    assert added(workbench, before, addition) == "from django.db.models import F as django_F, Q\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("import os\n", "import logging\nimport os\n", id="sorted"),
        pytest.param(
            "from os import path\n",
            "import logging\nfrom os import path\n",
            id="before_from_imports",
        ),
        pytest.param(
            "from django.db import models\n",
            "import logging\n\nfrom django.db import models\n",
            id="section_of_its_own",
        ),
        pytest.param("import logging\n", "import logging\n", id="there_already"),
    ],
)
def test_whole_module_is_imported(workbench, before: str, after: str) -> None:
    assert added(workbench, before, AddImport(PATH, "logging", "")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "def f():\n    return 1\n",
            "def f():\n    from django.db.models import F\n\n    return 1\n",
            id="first_in_the_body",
        ),
        pytest.param(
            'def f():\n    """Doc."""\n    # about it\n    return 1\n',
            'def f():\n    """Doc."""\n    from django.db.models import F\n\n'
            "    # about it\n    return 1\n",
            id="after_the_docstring",
        ),
        pytest.param(
            "def f():\n    import os\n\n    return os\n",
            "def f():\n    import os\n    from django.db.models import F\n\n    return os\n",
            id="after_its_imports",
        ),
        pytest.param(
            "def f():\n    from django.db.models import F\n\n    return F\n",
            "def f():\n    from django.db.models import F\n\n    return F\n",
            id="there_already",
        ),
        pytest.param(
            "def f(): return 1\n",
            "def f():\n    from django.db.models import F\n\n    return 1\n",
            id="body_on_one_line",
        ),
        pytest.param(
            'def f():\n    """Doc."""\n',
            'def f():\n    """Doc."""\n    from django.db.models import F\n',
            id="docstring_only",
        ),
    ],
)
def test_import_inside_a_function(workbench, before: str, after: str) -> None:
    bench = workbench(before)
    function = bench.reference(bench.document.segment(bench.document.tree.body[0]))
    addition = AddImport(PATH, "django.db.models", "F", inside=function)
    assert bench.applied([addition, addition]) == after


def test_two_imports_inside_a_function_stand_together(workbench) -> None:
    bench = workbench("def f():\n    return 1\n")
    function = bench.reference("def f():\n    return 1")
    additions = [AddImport(PATH, "a", name, inside=function) for name in ("b", "c")]
    assert bench.applied(additions) == (
        "def f():\n    from a import b\n    from a import c\n\n    return 1\n"
    )


def late(line: int) -> AddImport:
    return AddImport(PATH, "os", "", before=line)


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        pytest.param(
            "HERE = 1\nimport os\n", 1, "import os\n\nHERE = 1\nimport os\n", id="same_import_below"
        ),
        pytest.param(
            "HERE = 1\nimport sys\n", 1, "import os\n\nHERE = 1\nimport sys\n", id="others_below"
        ),
        pytest.param(
            "import sys\nHERE = 1\nimport abc\n",
            2,
            "import os\nimport sys\nHERE = 1\nimport abc\n",
            id="beside_those_above",
        ),
        pytest.param("import os\nHERE = 1\n", 2, "import os\nHERE = 1\n", id="there_above"),
    ],
)
def test_import_comes_before_the_line_that_uses_it(workbench, before, line, after) -> None:
    assert added(workbench, before, late(line)) == after


def test_one_import_serves_the_line_that_comes_first(workbench) -> None:
    before = "A = 1\nimport sys\nB = 2\n"
    after = "import os\n\nA = 1\nimport sys\nB = 2\n"
    assert added(workbench, before, late(3), late(1)) == after
