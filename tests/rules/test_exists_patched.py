"""`exists` beside code that replaces Django's own methods, or looks at other functions' variables.

Each was run under Django before and after, and answered differently: other code, other answer.
"""

from __future__ import annotations

import pytest

from djfix.codemods.rules.exists import Exists
from djfix.codemods.rules.exists.examples import FILES

COUNTED = """\
from shop.models import Order


def has_open_orders(email):
    return Order.objects.filter(customer__email=email).count() > 0
"""

PENDING = """\
from shop.models import Order


def may_close(customer_id):
    pending = Order.objects.filter(customer_id=customer_id)
    if not pending:
        return True
    return False
"""

PATCHES = {
    "method_of_the_queryset_class": """\
from django.db.models import QuerySet


def exists(self):
    return False


QuerySet.exists = exists
""",
    "class_by_another_name": """\
from django.db.models import QuerySet as base

base.exists = lambda self: False
""",
    "class_through_a_module_in_a_function": """\
from django.db.models import query


def patch():
    query.QuerySet.exists = lambda self: False
""",
    "setattr_of_the_queryset_class": """\
from django.db.models import QuerySet

setattr(QuerySet, "exists", lambda self: False)
""",
    "setattr_by_a_computed_name": """\
from django.db import models

for name in ("exists", "aexists"):
    setattr(models.QuerySet, name, lambda self: False)
""",
    "classes_in_a_loop": """\
from django.db import models


def exists(self):
    return False


for each in (models.QuerySet, models.Manager):
    each.exists = exists
""",
    "method_of_the_manager_class": """\
from django.db.models import Manager

Manager.count = lambda self: 7
""",
    "method_of_one_manager": """\
from shop.models import Order

Order.objects.filter = print
""",
    "class_of_a_queryset": """\
from shop.models import Order

type(Order.objects.all()).exists = lambda self: False
""",
    "query_below_the_queryset": """\
from django.db.models.sql import Query

Query.has_results = lambda self, using: False
""",
    "compiler_below_the_query": """\
from django.db.models.sql.compiler import SQLCompiler

SQLCompiler.has_results = lambda self: False
""",
    "rows_as_they_are_fetched": """\
from django.db.models import QuerySet


def fetch_nothing(self):
    self._result_cache = []


QuerySet._fetch_all = fetch_nothing
""",
    "queryset_class_of_one_manager": """\
from django.db.models import QuerySet

from shop.models import Order


class Own(QuerySet):
    def exists(self):
        return False


Order.objects._queryset_class = Own
""",
    "class_that_a_function_is_given": """\
from django.db.models import QuerySet


def put(cls, name, method):
    setattr(cls, name, method)


put(QuerySet, NAMES[0], lambda self: False)
""",
    "class_that_a_function_of_another_file_is_given": """\
from django.db.models import QuerySet

from shop.putting import put

NAMES = ["exists"]
put(cls=QuerySet, name=NAMES[0])
""",
    "class_that_a_decorator_is_given": """\
from django.db.models import QuerySet


def put(cls, name):
    def putting(method):
        setattr(cls, name, method)

    return putting


@put(QuerySet, NAMES[0])
def never(self):
    return False
""",
    "bases_of_a_class_that_is_decorated": """\
from django.db.models import QuerySet


def put(cls):
    for name in NAMES:
        setattr(cls, name, lambda self: False)
    return cls


@put
class Own(QuerySet):
    pass
""",
    "class_by_its_name": """\
from django.utils.module_loading import import_string

cls = import_string("django.db.models.QuerySet")
for name in ("exists", "aexists"):
    setattr(cls, name, lambda self: False)
""",
    "class_of_some_rows": """\
from shop.models import Order

cls = type(Order.objects.all())
for name in ("exists", "aexists"):
    setattr(cls, name, lambda self: False)
""",
    "setattr_of_a_type": """\
from django.db.models import QuerySet

type.__setattr__(QuerySet, "exists", lambda self: False)
""",
    "setattr_by_another_name": """\
from django.db.models import QuerySet

put = setattr
put(QuerySet, "exists", lambda self: False)
""",
    "setattr_with_its_first_argument": """\
from functools import partial

from django.db.models import QuerySet

put = partial(setattr, QuerySet)
put(NAMES[0], lambda self: False)
""",
    "mock_outside_of_tests": """\
from unittest.mock import patch

from django.db.models import QuerySet

patch.object(QuerySet, "exists", lambda self: False).start()
""",
    "mock_by_a_text": """\
from unittest.mock import patch

patch("django.db.models.QuerySet.exists", lambda self: False).start()
""",
    "class_that_an_object_keeps": """\
from django.db.models import QuerySet


class Patcher:
    def __init__(self, cls):
        self.cls = cls

    def put(self, name, method):
        setattr(self.cls, name, method)


Patcher(QuerySet).put(NAMES[0], lambda self: False)
""",
    "class_that_an_object_keeps_beside_another_value": """\
from django.db.models import QuerySet


class Patcher:
    def __init__(self, cls, method):
        self.cls, self.method = cls, method

    def put(self, name):
        setattr(self.cls, name, self.method)


Patcher(QuerySet, lambda self: False).put(NAMES[0])
""",
    "class_that_an_object_of_another_file_keeps": """\
from django.db.models import QuerySet

from shop.putting import Putting

Putting(QuerySet).put(NAMES[0])
""",
    "class_that_a_subclass_keeps": """\
from django.db.models import QuerySet

from shop.putting import Putting


class Ours(Putting):
    cls = QuerySet


Ours().put(NAMES[0])
""",
    "class_that_a_dataclass_keeps": """\
from dataclasses import dataclass

from django.db.models import QuerySet


@dataclass
class Patcher:
    target: type

    def put(self, name):
        setattr(self.target, name, lambda self: False)


Patcher(QuerySet).put(NAMES[0])
""",
    "class_that_is_kept_by_a_method": """\
from django.db.models import QuerySet


class Patcher:
    def of(self, cls):
        self.cls = cls
        return self

    def put(self, name):
        self.cls.exists = make(name)


Patcher().of(QuerySet).put(NAMES[0])
""",
    "classes_in_a_list_of_an_object": """\
from django.db.models import QuerySet


class Patcher:
    def __init__(self):
        self.classes = []

    def add(self, cls):
        self.classes.append(cls)

    def put(self, name):
        for cls in self.classes:
            setattr(cls, name, lambda self: False)


patcher = Patcher()
patcher.add(QuerySet)
patcher.put(NAMES[0])
""",
    "class_in_a_dictionary": """\
from django.db.models import QuerySet

TARGETS = {"rows": QuerySet}
setattr(TARGETS["rows"], NAMES[0], lambda self: False)
""",
    "code_in_a_text": """\
from django.db.models import QuerySet

exec("QuerySet.exists = lambda self: False")
""",
    "code_in_a_text_of_several_lines": """\
CODE = '''
from django.db.models import QuerySet
QuerySet.exists = lambda self: False
'''
exec(CODE, {})
""",
    "code_in_a_text_with_a_name": """\
from django.db.models import QuerySet

for name in NAMES:
    exec(f"QuerySet.{name} = lambda self: False")
""",
    "expression_in_a_text": """\
from django.db.models import QuerySet

eval("setattr(QuerySet, NAMES[0], lambda self: False)")
""",
    "manager_from_outside": """\
from django.db import models

from shop.models import Order


class Quiet(models.Manager):
    def get_queryset(self):
        return super().get_queryset().none()


Order.add_to_class("objects", Quiet())
""",
}


PUTTING = """\
def put(cls, name):
    setattr(cls, name, lambda self: False)


class Putting:
    def __init__(self, cls=None):
        self.cls = cls or self.cls

    def put(self, name):
        setattr(self.cls, name, lambda self: False)
"""


@pytest.mark.parametrize("name", PATCHES)
@pytest.mark.parametrize("text", [COUNTED, PENDING])
def test_declines_where_a_method_is_replaced(bench_of, name, text):
    files = {**dict(FILES), "shop/patches.py": PATCHES[name], "shop/putting.py": PUTTING}
    bench_of(Exists(), "shop/services.py", files).declines(text, "patched-query")


PATH = """\
import os


class Path:
    def __init__(self, check):
        self.exists = self.count = check


def look(entry, rows):
    entry.exists = os.path.exists(entry.name)
    entry.count = rows
"""

FORM = """\
from shop.models import Order


def fill(order, data):
    for key in data:
        setattr(order, key, data[key])
    return Order.objects.all()
"""

KEEPING = """\
from django.db.models import QuerySet


class Form:
    rows = QuerySet

    def __init__(self, instance, data):
        self.instance = instance
        self.data = data

    def fill(self):
        for name in self.data:
            setattr(self.instance, name, self.data[name])


def made(order):
    return Form(order, {"name": 1})
"""

RUNNING = """\
from django.db.models import QuerySet

def run(code):
    '''Run what stands in a text about QuerySet.exists == other.'''
    exec("answer = QuerySet.exists", {"QuerySet": QuerySet})
    return eval(code)
"""

HARMLESS = {
    "object_that_keeps_another_object": ("shop/forms.py", KEEPING),
    "code_in_a_text_that_sets_no_method": ("shop/running.py", RUNNING),
    "patch_of_a_test": ("shop/tests/test_orders.py", PATCHES["method_of_the_queryset_class"]),
    "attributes_of_something_else": ("shop/paths.py", PATH),
    "setattr_on_objects": ("shop/forms.py", FORM),
    "function_that_sets_what_it_is_told": (
        "shop/putting.py",
        f"{PUTTING}\n\nclass Form:\n    pass\n\n\nput(Form, 'name')\n",
    ),
    "class_that_is_asked": (
        "shop/looking.py",
        "from django.db.models import QuerySet\n\nfind = getattr(QuerySet, 'exists')\n",
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_fixes_where_something_else_is_set(bench_of, name):
    path, text = HARMLESS[name]
    bench = bench_of(Exists(), "shop/services.py", {**dict(FILES), path: text})
    bench.fixes(COUNTED, COUNTED.replace("count() > 0", "exists()"))


WATCHERS = {
    "frame_of_the_caller": (
        "import sys\n\n\ndef rows():\n    return sys._getframe(1).f_locals['pending']\n"
    ),
    "arguments_of_a_frame": (
        "import inspect\n\n\ndef rows(frame):\n    return inspect.getargvalues(frame)\n"
    ),
    "profile": "import sys\n\n\ndef watch(seen):\n    sys.setprofile(seen)\n",
    "all_objects_there_are": "import gc\n\n\ndef rows():\n    return gc.get_objects()\n",
}


@pytest.mark.parametrize("name", WATCHERS)
def test_reviews_where_variables_are_looked_at(bench_of, name):
    bench = bench_of(Exists(), "shop/services.py", {**dict(FILES), "shop/watch.py": WATCHERS[name]})
    after = PENDING.replace("if not pending:", "if not pending.exists():")
    bench.reviews(PENDING, after, "read-by-frame")
    bench.fixes(COUNTED, COUNTED.replace("count() > 0", "exists()"))
