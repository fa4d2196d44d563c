"""`admin-list`: code that no column names, and that sees, or makes, a difference all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from test_admin_list import FILES, HEAD, MODELS, admin
from test_admin_list_handed import AUTHOR, BOOK, MADE, ROW, bench_with, joined, reviewed

if TYPE_CHECKING:
    from rule_bench import Bench

    MakeBench = Callable[..., Bench]

WRITE = 'Author.objects.filter(pk=1).update(name="seen")'
CATEGORY = "class Category(models.Model):\n"
NAMED = "    def __str__(self):\n        return self.name\n\n\nclass Tag"


def shown(statement: str, above: str = "") -> str:
    """A column that runs a statement, before another one shows the author."""
    body = f"{ROW}\ndef seen(self, obj):\n    {statement}\n    return 1\n"
    return admin(body.replace('"title"', '"seen"')).replace(HEAD, f"{HEAD}{above}")


# -- columns that write by code that they do not name ----------------------------------------------

SINK = f"class Sink:\n    def note(self, key):\n        {WRITE}\n\n\nSINK = Sink()\n\n\n"
LOG = (
    "import logging\n\n\nclass Handler(logging.{base}):\n    def {method}(self, record):\n"
    f"        {WRITE}\n\n\n"
    "logger = logging.getLogger(__name__)\n\n\n"
)
VALUE = "class Value:\n    {member}\n        {body}\n\n\n"
PROPERTY = VALUE.format(member="@property\n    def total(self):", body=WRITE)
TEXT = VALUE.format(member="def __str__(self):", body=f"{WRITE}\n        return 'x'")
BLOCK = VALUE.format(member="def __enter__(self):", body=WRITE)
SETTER = PROPERTY.replace(WRITE, "return 1") + (
    f"    @total.setter\n    def total(self, value):\n        {WRITE}\n\n\n"
)
SIGNAL = (
    "from django.dispatch import Signal\n\n\nshown = Signal()\n\n\n"
    f"@shown.connect\ndef heard(**kwargs):\n    {WRITE}\n\n\n"
)
RENAME = f"def rename():\n    {WRITE}\n\n\n"
BY_MEMBER = "    def __str__(self):\n        return self.total\n\n\n"
DECORATED = (
    f"def noting(function):\n    def inner(self):\n        {WRITE}\n"
    "        return function(self)\n\n    return inner\n\n\n"
) + VALUE.format(member="@noting\n    def __str__(self):", body="return 'x'")
UNSEEN = {
    "an_object_of_the_module": ("SINK.note(obj.author_id)", SINK),
    "an_object_in_a_dictionary": ("SINKS['a'].note(1)", f"{SINK}SINKS = {{'a': SINK}}\n\n\n"),
    "an_object_that_is_called": ("SINK(1)", SINK.replace("note", "__call__")),
    "a_function_in_a_list": ("[each() for each in HOOKS]", f"{RENAME}HOOKS = [rename]\n\n\n"),
    "a_function_that_is_handed_on": (
        "call(rename)",
        f"{RENAME}def call(hook):\n    hook()\n\n\n",
    ),
    "a_function_with_arguments": (
        "RENAME()",
        f"from functools import partial\n\n\n{RENAME}RENAME = partial(rename)\n\n\n",
    ),
    "a_signal": ("shown.send(sender=Book)", SIGNAL),
    "a_command": (
        "call_command('rename')",
        "from django.core.management import call_command\n\n\n",
    ),
    "a_handler_of_the_log": (
        "logger.warning('x')",
        LOG.format(base="Handler", method="emit"),
    ),
    "a_filter_of_the_log": (
        "logging.getLogger('x').info('x')",
        LOG.format(base="Filter", method="filter"),
    ),
    "records_of_the_log": (
        "logging.info('x')",
        f"import logging\n\n\n{RENAME}logging.setLogRecordFactory(rename)\n\n\n",
    ),
    "a_property_of_an_object": ("Value().total", PROPERTY),
    "a_property_of_an_object_of_the_module": ("VALUE.total", f"{PROPERTY}VALUE = Value()\n\n\n"),
    "the_text_of_an_object": ("f'{Value()}'", TEXT),
    "the_text_of_what_a_column_gives": ("return Value()", TEXT),
    "a_block": ("with Value():\n        pass", BLOCK),
    "a_text_by_another_member": ("f'{Value()}'", f"{PROPERTY.rstrip()}\n\n{BY_MEMBER}"),
    "a_text_by_an_inherited_member": (
        "f'{Child()}'",
        f"{PROPERTY}class Child(Value):\n{BY_MEMBER}",
    ),
    "a_text_by_a_member_of_a_child": (
        "f'{Child()}'",
        f"class Base:\n{BY_MEMBER}{PROPERTY.replace('Value', 'Child(Base)')}",
    ),
    "a_text_by_a_function_that_is_named_as_a_builtin": (
        "f'{Value()}'",
        RENAME.replace("rename", "list")
        + VALUE.format(member="def __str__(self):", body="return list()"),
    ),
    "a_text_that_a_decorator_makes": ("f'{Value()}'", DECORATED),
    "a_text_that_calls_behind_a_comment": (
        "f'{Value()}'",
        RENAME + VALUE.format(member="def __str__(self):", body="return (rename  # why.\n ())"),
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_column_writes_by_code_that_it_does_not_name(bench_of: MakeBench, name: str) -> None:
    reviewed(bench_with(bench_of), shown(*UNSEEN[name]), "writes-rows")


OTHERS = {
    "a_property": ("@property\n    def visited(self):", "Category.objects.get(pk=1).visited"),
    "a_property_that_is_set": (
        (
            "@property\n    def visited(self):\n        return 1\n\n"
            "    @visited.setter\n    def visited(self, value):"
        ),
        "Category.objects.get(pk=1).visited = 1",
    ),
    "its_making": (
        "@classmethod\n    def from_db(cls, *args):",
        "Category.objects.get(pk=1)",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_member_of_another_row_writes(bench_of: MakeBench, name: str) -> None:
    member, statement = OTHERS[name]
    models = MODELS.replace(CATEGORY, f"{CATEGORY}    {member}\n        {WRITE}\n\n")
    reviewed(bench_with(bench_of, models), shown(statement), "writes-rows")


def test_the_text_of_another_row_writes(bench_of: MakeBench) -> None:
    models = MODELS.replace(NAMED, NAMED.replace("return", f"{WRITE}\n        return"))
    text = shown("return f'{Category.objects.get(pk=1)}'")
    reviewed(bench_with(bench_of, models), text, "writes-rows")


HARMLESS = {
    "an_object_that_writes_other_rows": (
        "Sink().note(1)",
        SINK.replace("Author.objects.filter(pk=1)", "Page.objects"),
    ),
    "a_log_that_nobody_hears": ("logger.warning('x')", "import logging\n\nlogger = logging.root\n"),
    "a_handler_that_only_prints": (
        "logger.warning('x')",
        LOG.format(base="Handler", method="emit").replace(WRITE, "print(record)"),
    ),
    "a_property_that_reads": ("Value().total", PROPERTY.replace(WRITE, "return 1")),
    "a_text_that_reads": ("f'{Value()}'", TEXT.replace(WRITE, "pass")),
    "a_text_by_what_is_a_property_of_another_class": (
        "f'{Value()}'",
        PROPERTY.replace("Value", "Other") + f"class Value:\n    total = 1\n\n{BY_MEMBER}",
    ),
    "methods_of_texts": ("obj.title.upper().strip()", ""),
    "a_query": ("Category.objects.filter(pk=1).first()", ""),
    "a_function_that_reads": (
        "size()",
        "def size():\n    return Author.objects.count()\n\n\n",
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_column_runs_code_that_does_not_write(bench_of: MakeBench, name: str) -> None:
    assert joined(bench_with(bench_of), shown(*HARMLESS[name])) == '("author",)'


def test_a_decorator_only_calls_what_it_decorates(bench_of: MakeBench) -> None:
    above = (
        "def plain(function):\n    def inner(self, obj):\n"
        "        return function(self, obj)\n    return inner\n\n\n"
    )
    text = shown("pass", above).replace("    def seen", "    @plain\n    def seen")
    assert joined(bench_with(bench_of), text) == '("author",)'


def test_making_rows_that_are_not_read_may_write(bench_of: MakeBench) -> None:
    receiver = (
        "\n\nfrom django.db.models.signals import post_init\n\n\n"
        f"def made(**kwargs):\n    {WRITE}\n\n\npost_init.connect(made, sender=Page)\n"
    )
    assert joined(bench_with(bench_of, MODELS + receiver), shown("pass")) == '("author",)'


# -- what writes while the list is made ------------------------------------------------------------

EDITED = f'{ROW}list_editable = ("group",)\n'
FORMSET = (
    "\ndef get_changelist_formset(self, request, **kwargs):\n"
    "    return super().get_changelist_formset(request, formset=Rows, **kwargs)\n"
)
ROWS = (
    "from django.forms.models import BaseModelFormSet\n\n\nclass Rows(BaseModelFormSet):\n"
    f"    def get_queryset(self):\n        {WRITE}\n        return super().get_queryset()\n\n\n"
)
FORM = (
    "from django import forms\n\n\nclass Row(forms.ModelForm):\n"
    f"    def __init__(self, *args, **kwargs):\n        {WRITE}\n"
    "        super().__init__(*args, **kwargs)\n\n\n"
)
BETWEEN = {
    "a_formset": (ROWS, EDITED + FORMSET),
    "a_form": (
        FORM,
        EDITED + FORMSET.replace("_formset", "_form").replace("formset=Rows", "form=Row"),
    ),
    "a_filter": (
        (
            "class Early(admin.SimpleListFilter):\n"
            f"    def choices(self, changelist):\n        {WRITE}\n"
            "        return super().choices(changelist)\n\n\n"
        ),
        f"{ROW}list_filter = [Early]\n",
    ),
    "a_permission": (
        "",
        f"{ROW}\ndef has_change_permission(self, request, obj=None):\n    {WRITE}\n",
    ),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_rows_are_written_while_the_list_is_made(bench_of: MakeBench, name: str) -> None:
    above, body = BETWEEN[name]
    text = admin(body).replace(HEAD, HEAD + above)
    reviewed(bench_with(bench_of), text, "writes-rows")


@pytest.mark.parametrize("name", BETWEEN)
def test_nothing_is_written_while_the_list_is_made(bench_of: MakeBench, name: str) -> None:
    above, body = (each.replace(WRITE, "Page.objects.update(chapter=1)") for each in BETWEEN[name])
    text = admin(body).replace(HEAD, HEAD + above)
    assert joined(bench_with(bench_of), text) == '("author",)'


SHOWING = {
    "the_list": "{{ cl.list_select_related }}",
    "the_class": "{% if cl.model_admin.list_select_related %}x{% endif %}",
    "the_query": "{{ cl.queryset.query }}",
}


@pytest.mark.parametrize("line", SHOWING.values(), ids=SHOWING)
def test_a_template_shows_what_is_joined(bench_of: MakeBench, line: str) -> None:
    more = {"shop/templates/shop/part.html": line}
    reviewed(bench_with(bench_of, more=more), admin(ROW), "read-elsewhere")


def test_a_template_shows_what_is_searched_for(bench_of: MakeBench) -> None:
    more = {"shop/templates/shop/part.html": "{{ cl.query }} {{ cl.list_display }}"}
    assert joined(bench_with(bench_of, more=more), admin(ROW)) == '("author",)'


# -- objects that are counted ----------------------------------------------------------------------

FROM_DB = (
    "    @classmethod\n    def from_db(cls, *args):\n        {}\n"
    "        return super().from_db(*args)\n\n"
)
COUNTERS = {
    "a_list": f"{MADE}        MADE.append(self)\n\n",
    "a_list_by_another_name": f"{MADE}        made = MADE\n        made.append(self)\n\n",
    "an_item": f"{MADE}        MADE['n'] += 1\n\n",
    "a_global": f"{MADE.replace('super', 'global COUNT; super')}        COUNT += 1\n\n",
    "a_function": f"{MADE}        note(self)\n\n",
    "a_method": f"{MADE}        self.note()\n\n    def note(self):\n        MADE.append(1)\n\n",
    "an_attribute_of_the_class": FROM_DB.format("cls.made += 1"),
    "an_attribute_of_the_class_by_the_object": f"{MADE}        type(self).made += 1\n\n",
    "before_it_is_made": (
        "    def __new__(cls, *args):\n        MADE.append(1)\n"
        "        return super().__new__(cls)\n\n"
    ),
    "where_an_attribute_is_set": (
        "    def __setattr__(self, name, value):\n        MADE.append(name)\n"
        "        super().__setattr__(name, value)\n\n"
    ),
    "an_object_that_counts": f"{MADE}        self.counter = Counter(self)\n\n",
}
COUNTER = (
    "MADE = []\n\n\nclass Counter:\n    def __init__(self, row):\n        MADE.append(row)\n\n\n"
)


@pytest.mark.parametrize("member", COUNTERS.values(), ids=COUNTERS)
def test_objects_are_counted_where_they_are_made(bench_of: MakeBench, member: str) -> None:
    models = MODELS.replace(AUTHOR, COUNTER + AUTHOR + member)
    reviewed(bench_with(bench_of, models), admin(ROW), "reads-while-made")


@pytest.mark.parametrize("sender", ["", ", sender=Author"], ids=["any", "the_model"])
def test_a_receiver_counts_objects(bench_of: MakeBench, sender: str) -> None:
    receiver = (
        "\n\nfrom django.db.models.signals import post_init\n\nMADE = []\n\n\n"
        f"def made(**kwargs):\n    MADE.append(1)\n\n\npost_init.connect(made{sender})\n"
    )
    reviewed(bench_with(bench_of, MODELS + receiver), admin(ROW), "reads-while-made")


SETTING_UP = {
    "what_it_was": "self.before = self.name",
    "a_dictionary": "self.__dict__.update(before=self.name)",
    "several": "for name in ('a', 'b'):\n            setattr(self, name, None)",
    "a_copy": "self.before = copy.copy(self.__dict__)",
    "an_object": "self.holder = Holder(self)",
    "a_method": "self.remember()",
    "what_came_in": "self.before = kwargs.get('name')",
}
HOLDER = "class Holder:\n    def __init__(self, row):\n        self.row = row\n\n\n"
REMEMBER = "    def remember(self):\n        self.before = [self.name, self.pk]\n\n"


@pytest.mark.parametrize("statement", SETTING_UP.values(), ids=SETTING_UP)
def test_an_object_is_only_set_up(bench_of: MakeBench, statement: str) -> None:
    member = f"{MADE}        {statement}\n\n{REMEMBER}"
    models = "import copy\n" + MODELS.replace(AUTHOR, HOLDER + AUTHOR + member)
    assert joined(bench_with(bench_of, models), admin(ROW)) == '("author",)'


def test_objects_of_the_list_may_be_counted(bench_of: MakeBench) -> None:
    member = COUNTERS["a_list"]
    models = MODELS.replace(BOOK, COUNTER + BOOK + member)
    assert joined(bench_with(bench_of, models), admin(ROW)) == '("author",)'


# -- names of caches that are put together ---------------------------------------------------------

STATES = {
    "an_attribute": "return getattr(obj._state, 'fields_' + 'cache')",
    "all_attributes": "return str(vars(obj._state))",
    "a_dictionary": "return obj._state.__dict__",
    "a_copy": "import copy\n    return copy.copy(obj._state)",
    "by_its_name": "return str(getattr(obj, '_state'))",
}


@pytest.mark.parametrize("statement", STATES.values(), ids=STATES)
def test_a_column_looks_into_the_state_of_a_row(bench_of: MakeBench, statement: str) -> None:
    text = shown(statement)
    bench = bench_with(bench_of)
    assert bench.after(text).decode() == text
    assert "looks-into-cache" in bench.reasons(text)


@pytest.mark.parametrize("name", ["db", "adding"])
def test_a_column_shows_where_a_row_comes_from(bench_of: MakeBench, name: str) -> None:
    assert joined(bench_with(bench_of), shown(f"return obj._state.{name}")) == '("author",)'


# -- routers ---------------------------------------------------------------------------------------

SETTINGS = FILES["settings.py"] + 'DATABASE_ROUTERS = ["shop.routing.Router"]\n'
MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n'
READING = "class Router:\n    def db_for_read(self, model, **hints):\n        return {}\n"
CHOOSING = {
    "by_the_model": '"other" if model.__name__ == "Author" else None',
    "by_the_row_that_leads_there": 'hints.get("instance") and "other"',
}


@pytest.mark.parametrize("answer", CHOOSING.values(), ids=CHOOSING)
def test_a_router_reads_rows_from_two_databases(bench_of: MakeBench, answer: str) -> None:
    more = {"manage.py": MANAGE, "settings.py": SETTINGS, "shop/routing.py": READING.format(answer)}
    reviewed(bench_with(bench_of, more=more), admin(ROW), "database-router")


def test_a_router_reads_rows_of_one_app_from_one_database(bench_of: MakeBench) -> None:
    answer = '"other" if model._meta.app_label == "elsewhere" else None'
    more = {"manage.py": MANAGE, "settings.py": SETTINGS, "shop/routing.py": READING.format(answer)}
    assert joined(bench_with(bench_of, more=more), admin(ROW)) == '("author",)'


def test_a_router_cannot_be_read(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, more={"manage.py": MANAGE, "settings.py": SETTINGS})
    reviewed(bench, admin(ROW), "database-router")


def test_a_router_reads_all_rows_from_one_database(bench_of: MakeBench) -> None:
    more = {
        "manage.py": MANAGE,
        "settings.py": SETTINGS,
        "shop/routing.py": READING.format('"replica"'),
    }
    assert joined(bench_with(bench_of, more=more), admin(ROW)) == '("author",)'


def test_a_base_of_a_key_class_has_no_constraint(bench_of: MakeBench) -> None:
    keys = (
        "class Base(models.ForeignKey):\n    def __init__(self, *args, **kwargs):\n"
        "        kwargs.update(db_constraint=False)\n"
        "        super().__init__(*args, **kwargs)\n\n\n"
        "class Key(Base):\n    def __init__(self, *args, **kwargs):\n"
        "        super().__init__(*args, **kwargs)\n\n\n"
    )
    key = "author = models.ForeignKey(Author"
    models = MODELS.replace(BOOK, keys + BOOK).replace(key, "author = Key(Author")
    reviewed(bench_with(bench_of, models), admin(ROW), "unreadable-relation")


def test_a_key_class_speaks_of_its_constraint(bench_of: MakeBench) -> None:
    keys = (
        "class Key(models.ForeignKey):\n    # no db_constraint here\n"
        "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n\n\n"
    )
    key = "author = models.ForeignKey(Author"
    models = MODELS.replace(BOOK, keys + BOOK).replace(key, "author = Key(Author")
    assert joined(bench_with(bench_of, models), admin(ROW)) == '("author",)'
