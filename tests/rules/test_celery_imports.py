"""`celery-imports`: imports of models that move into tasks, and those that stay, and why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from djfix.codemods.rules.celery_imports import CeleryImports
from djfix.codemods.rules.celery_imports.examples import EXAMPLES, FILES

HEAD = "from celery import shared_task\n\nfrom shop.models import Order\n"
BARE = "from celery import shared_task\n"
TASK = "\n\n@shared_task\ndef confirm(order_id):\n"
INSIDE = "    from shop.models import Order\n\n"


@pytest.fixture
def bench(bench_of):
    return bench_of(CeleryImports(), "shop/tasks.py", dict(FILES))


@pytest.fixture
def bench_with(bench_of):
    return lambda **others: bench_of(CeleryImports(), "shop/tasks.py", {**dict(FILES), **others})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(CeleryImports(), example.path, example.files)
    if example.before == example.after:
        bench.reports(example.before, "used-at-import")
    else:
        bench.fixes(example.before, example.after)


def moved(body: str) -> tuple[str, str]:
    return f"{HEAD}{TASK}{body}", f"{BARE}{TASK}{INSIDE}{body}"


MOVED = {
    "plain": "    return Order.objects.get(pk=order_id)\n",
    "in_a_closure": "    def fetch():\n        return Order\n\n    return fetch\n",
    "in_a_comprehension": "    return [Order(pk=key) for key in order_id]\n",
    "in_a_nested_class": "    class Inner(Order):\n        pass\n\n    return Inner\n",
    "in_an_annotation_of_a_variable": "    order: Order = fetch(order_id)\n    return order\n",
    "in_a_default_of_a_nested_function": "    def of(m=Order):\n        return m\n\n    of()\n",
    "in_a_handler": "    try:\n        run()\n    except Order.DoesNotExist:\n        pass\n",
}


@pytest.mark.parametrize("name", MOVED)
def test_moves_into_the_body(bench, name):
    before, after = moved(MOVED[name])
    bench.fixes(before, after)


def test_docstring_stays_first(bench):
    body = '    """Confirms."""\n'
    use = "    return Order.objects.get(pk=order_id)\n"
    before = f"{HEAD}{TASK}{body}{use}"
    after = f"{BARE}{TASK}{body}    from shop.models import Order\n\n{use}"
    bench.fixes(before, after)


def test_each_function_that_uses_it_imports_it(bench):
    helper = "\n\ndef fetch(key):\n{}    return Order.objects.get(pk=key)\n"
    use = "    return Order.objects.count()\n"
    before = f"{HEAD}{TASK}{use}{helper.format('')}"
    after = f"{BARE}{TASK}{INSIDE}{use}{helper.format(INSIDE)}"
    bench.fixes(before, after)


def test_function_that_has_its_own_name_is_left_alone(bench):
    other = "\n\ndef other(Order):\n    return Order\n"
    before, after = moved("    return Order.objects.count()\n")
    bench.fixes(before + other, after + other)


def test_method_of_a_class_based_task(bench):
    before = """\
from celery import Task

from shop.models import Order


class Confirm(Task):
    def run(self, order_id):
        return Order.objects.get(pk=order_id)
"""
    after = """\
from celery import Task


class Confirm(Task):
    def run(self, order_id):
        from shop.models import Order

        return Order.objects.get(pk=order_id)
"""
    bench.fixes(before, after)


def test_other_names_of_the_statement_stay(bench_with):
    models = dict(FILES)["shop/models.py"] + "\n\nLIMIT = 5\n"
    before = f"""\
from celery import shared_task

from shop.models import LIMIT, Order
{TASK}    return Order.objects.filter(pk__lt=LIMIT)
"""
    after = f"""\
from celery import shared_task

from shop.models import LIMIT
{TASK}{INSIDE}    return Order.objects.filter(pk__lt=LIMIT)
"""
    bench_with(**{"shop/models.py": models}).fixes(before, after)


def test_relative_import_and_alias(bench):
    before = (
        f"{BARE}\nfrom .models import Order as Bought\n{TASK}    return Bought.objects.count()\n"
    )
    after = (
        f"{BARE}{TASK}    from shop.models import Order as Bought\n\n"
        "    return Bought.objects.count()\n"
    )
    bench.fixes(before, after)


def test_module_of_models(bench):
    before = f"{BARE}\nfrom shop import models\n{TASK}    return models.Order.objects.count()\n"
    after = f"{BARE}{TASK}    from shop import models\n\n    return models.Order.objects.count()\n"
    bench.fixes(before, after)


def test_patch_within_a_module_of_models_stays(bench_with):
    tests = 'from unittest import mock\n\nmock.patch("shop.tasks.models.Order")\n'
    bench = bench_with(**{"shop/tests/__init__.py": "", "shop/tests/test_tasks.py": tests})
    text = f"{BARE}\nfrom shop import models\n{TASK}    return models.Order.objects.count()\n"
    bench.reports(text, "imported-elsewhere")


def test_cycle_over_another_module(bench_with):
    files = {
        "shop/models.py": "from django.db import models\n\nfrom shop import signals\n\n\n"
        "class Order(models.Model):\n    email = models.EmailField()\n",
        "shop/signals.py": "from . import tasks\n",
    }
    bench = bench_with(**files)
    before, after = moved("    return Order.objects.count()\n")
    bench.fixes(before, after)
    (found,) = bench.run(before).findings
    assert [(each.path, each.line) for each in found.finding.evidence] == [
        ("shop/models.py", 3),
        ("shop/signals.py", 1),
    ]


NO_CYCLE = {
    "nothing_comes_back": "from django.db import models\n\n\nclass Order(models.Model): ...\n",
    "for_type_checkers_only": (
        "from typing import TYPE_CHECKING\n\nfrom django.db import models\n\nif TYPE_CHECKING:\n"
        "    from shop.tasks import confirm\n\n\nclass Order(models.Model):\n    pass\n"
    ),
    "in_a_function": (
        "from django.db import models\n\n\nclass Order(models.Model):\n    def send(self):\n"
        "        from shop.tasks import confirm\n\n        confirm.delay(self.pk)\n"
    ),
}


@pytest.mark.parametrize("name", NO_CYCLE)
def test_import_without_a_cycle_is_reported(bench_with, name):
    bench = bench_with(**{"shop/models.py": NO_CYCLE[name]})
    bench.reports(moved("    return Order.objects.count()\n")[0], "no-cycle")


STAYS = {
    "decorator": (
        f"{HEAD}\n\n@shared_task(autoretry_for=(Order.DoesNotExist,))\ndef confirm():\n    pass\n",
        "used-at-import",
    ),
    "default": (
        f"{HEAD}\n\n@shared_task\ndef confirm(model=Order):\n    return model\n",
        "used-at-import",
    ),
    "base_class": (
        f"{HEAD}\n\nclass Kept(Order):\n    pass\n{TASK}    return Order\n",
        "used-at-import",
    ),
    "constant": (f"{HEAD}\nMODELS = [Order]\n{TASK}    return MODELS\n", "used-at-import"),
    "lambda": (f"{HEAD}\ncount = lambda: Order\n{TASK}    return count()\n", "used-at-import"),
    "annotation": (
        f"{HEAD}\n\n@shared_task\ndef confirm(order: Order):\n    return order\n",
        "annotation",
    ),
    "exported": (f'{HEAD}\n__all__ = ["Order", "confirm"]\n{TASK}    return Order\n', "exported"),
    "globals": (f"{HEAD}{TASK}    Order\n    return globals()[order_id]\n", "dynamic"),
    "unused": (f"{HEAD}{TASK}    pass\n", "unused"),
    "pydantic": (
        f'{HEAD}\n\n@shared_task(pydantic=True)\ndef confirm(order: "Order"):\n    return order\n',
        "type-hints",
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_stays(bench, name):
    text, reason = STAYS[name]
    bench.reports(text, reason)


def test_name_that_others_import_from_here_stays(bench_with):
    bench = bench_with(**{"shop/views.py": "from shop.tasks import Order\n"})
    bench.reports(moved("    return Order.objects.count()\n")[0], "imported-elsewhere")


def test_patched_object_stays(bench_with):
    tests = (
        'from unittest import mock\n\nfrom shop import tasks\n\nmock.patch.object(tasks, "Order")\n'
    )
    bench = bench_with(**{"shop/tests/__init__.py": "", "shop/tests/test_tasks.py": tests})
    bench.reports(moved("    return Order.objects.count()\n")[0], "imported-elsewhere")


def test_patch_moves_along(bench_with):
    tests = 'from unittest import mock\n\n\n@mock.patch("shop.tasks.Order")\ndef test(order): ...\n'
    bench = bench_with(**{"shop/tests/__init__.py": "", "shop/tests/test_tasks.py": tests})
    before, after = moved("    return Order.objects.count()\n")
    bench.reviews(before, after, "patched-by-tests")
    changed = {each.path: each.after.decode() for each in bench.run(before, unsafe=True).changes}
    assert changed["shop/tests/test_tasks.py"] == tests.replace(
        "shop.tasks.Order", "shop.models.Order"
    )


def test_annotation_in_quotes_goes_under_type_checking(bench):
    task = '\n\n@shared_task\ndef confirm(order: "Order"):\n    return order\n'
    before = f"{HEAD}{task}"
    after = (
        "from typing import TYPE_CHECKING\n\nfrom celery import shared_task\n\n"
        f"if TYPE_CHECKING:\n    from shop.models import Order\n{task}"
    )
    bench.reviews(before, after, "type-checking")


def test_annotations_that_are_put_off_and_a_block_that_is_there(bench):
    task = "\n\n@shared_task\ndef confirm(order: Order) -> None:\n{}    Order.objects.count()\n"
    before = f"""\
from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task

from shop.models import Order

if TYPE_CHECKING:
    from decimal import Decimal
{task.format("")}"""
    after = f"""\
from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task

if TYPE_CHECKING:
    from decimal import Decimal
    from shop.models import Order
{task.format(INSIDE)}"""
    bench.reviews(before, after, "type-checking")


def test_modules_without_tasks_are_left_alone(bench):
    bench.ignores("from shop.models import Order\n\n\ndef task():\n    return Order\n")


def test_imports_of_no_models_are_left_alone(bench):
    bench.ignores(f"{BARE}\nfrom shop.services import run\n{TASK}    run(order_id)\n")


def test_data(bench):
    (found,) = bench.run(moved("    return Order.objects.count()\n")[0]).findings
    assert dict(found.finding.data) == {"task": "shop.tasks", "options": {"Order": "shop.models"}}


def test_cycle_fails_before_and_works_after(bench, tmp_path):
    """Whoever imports the models first, as Django does, fails before."""
    before, after = moved("    return Order.objects.count()\n")
    plain = "from shop.tasks import confirm\n\n\nclass Order:\n    pass\n"
    for name, text in {"before": before, "after": after}.items():
        folder = tmp_path / name / "shop"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "models.py").write_text(plain)
        (folder / "tasks.py").write_text(text)
    command = [sys.executable, "-c", "import shop.models"]
    codes = [
        subprocess.run(command, cwd=tmp_path / name, capture_output=True, check=False).returncode
        for name in ("before", "after")
    ]
    assert codes == [1, 0]


HANDED = {
    "as_variables": "from shop import tasks\n\n\ndef find(name):\n    return vars(tasks)[name]\n",
    "by_a_computed_name": (
        "import shop.tasks\n\n\ndef find(name):\n    return getattr(shop.tasks, name)\n"
    ),
    "to_a_function": (
        "from shop import tasks as module\n\n\ndef find(look):\n    return look(module)\n"
    ),
    "to_a_library": "import inspect\n\nfrom shop import tasks\n\nALL = inspect.getmembers(tasks)\n",
    "by_the_name_of_the_module": (
        "from importlib import import_module\n\n\ndef find():\n"
        '    return import_module("shop.tasks").Order\n'
    ),
    "among_all_modules": 'import sys\n\n\ndef find():\n    return sys.modules["shop.tasks"]\n',
}


@pytest.mark.parametrize("name", HANDED)
def test_module_is_handed_on_as_a_whole(bench_with, name):
    bench = bench_with(**{"shop/looking.py": HANDED[name]})
    bench.reports(moved("    return Order.objects.count()\n")[0], "imported-elsewhere")


NOT_HANDED = {
    "one_task_of_it": "from shop import tasks\n\n\ndef send():\n    tasks.confirm.delay(1)\n",
    "only_loaded": "from importlib import import_module\n\nimport_module('shop.tasks')\n",
    "another_module_of_this_name": "from other import tasks\n\nALL = vars(tasks)\n",
    "a_variable_of_this_name": "def find(tasks):\n    return list(tasks)\n",
}


@pytest.mark.parametrize("name", NOT_HANDED)
def test_module_is_not_handed_on(bench_with, name):
    before, after = moved("    return Order.objects.count()\n")
    bench_with(**{"shop/looking.py": NOT_HANDED[name]}).fixes(before, after)


@pytest.mark.parametrize(
    "more",
    [
        "\n\ndef __getattr__(name):\n    return name\n",
        "\n\nimport sys\n\nME = sys.modules[__name__]\n",
    ],
    ids=["own_getattr", "finds_itself"],
)
def test_module_that_answers_for_its_names_stays(bench, more):
    bench.reports(moved("    return Order.objects.count()\n")[0] + more, "dynamic")
