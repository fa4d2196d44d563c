"""`admin-list`: code besides the columns that is handed the rows, or that changes the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from test_admin_list import HEAD, MODELS, admin, files

from djfix.codemods.rules.admin_list import AdminList

if TYPE_CHECKING:
    from rule_bench import Bench

    MakeBench = Callable[..., Bench]

ROW = 'list_display = ("title", "where")\n\ndef where(self, obj):\n    return obj.author.name\n'
KEYS = 'list_display = ("title", "category", "group")'
AUTHOR = "class Author(models.Model):\n"
BOOK = "class Book(models.Model):\n"
TITLE = "        return self.title\n"


def bench_with(
    bench_of: MakeBench, models: str = MODELS, more: Mapping[str, str] = {}, django: str = "5.2.4"
) -> Bench:
    return bench_of(AdminList(), "shop/admin.py", files(django, {"shop/models.py": models, **more}))


def joined(bench: Bench, text: str) -> str:
    """The names that are written by default; "" where the code is left alone."""
    lines = bench.after(text).decode().splitlines()
    found = [line.strip() for line in lines if "list_select_related = " in line]
    return "".join(found).removeprefix("list_select_related = ")


def reviewed(bench: Bench, text: str, reason: str) -> None:
    """Left alone by default, for this reason only."""
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {reason}


# -- what Django joined by itself, and other code reads --------------------------------------------

LOOP = "    for book in queryset:\n        print(book.author.company.name)\n"
READING = {
    "an_action": ("", f'actions = ["tell"]\n\ndef tell(self, request, queryset):\n{LOOP}', ""),
    "a_function_that_is_an_action": (
        f"def tell(admin, request, queryset):\n{LOOP}\n\n",
        "actions = [tell]\n",
        "",
    ),
    "an_action_of_the_site": (
        f"def tell(admin, request, queryset):\n{LOOP}\n\nadmin.site.add_action(tell)\n\n\n",
        "",
        "",
    ),
    "a_permission": (
        "",
        (
            "\ndef has_delete_permission(self, request, obj=None):\n"
            "    return obj is None or bool(obj.author.company.name)\n"
        ),
        "",
    ),
    "a_method_of_the_row": (
        "",
        (
            "\ndef has_delete_permission(self, request, obj=None):\n"
            "    return obj is None or obj.is_mine()\n"
        ),
        "\n    def is_mine(self):\n        return bool(self.author.company.name)\n",
    ),
    "the_form_of_a_row": (
        (
            "from django import forms\n\n\nclass Row(forms.ModelForm):\n"
            "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n"
            "        self.help_text = self.instance.author.company.name\n\n\n"
        ),
        (
            'list_editable = ("title",)\n\n'
            "def get_changelist_form(self, request, **kwargs):\n"
            "    return super().get_changelist_form(request, form=Row, **kwargs)\n"
        ),
        "",
    ),
    "a_decorator": (
        (
            "def shown(function):\n    def inner(self, obj):\n"
            "        return obj.author.company.name + function(self, obj)\n    return inner\n\n\n"
        ),
        "\n@shown\ndef where(self, obj):\n    return obj.title\n",
        "",
    ),
    "a_view_of_the_class": (
        "",
        (
            "\ndef export(self, request):\n"
            "    rows = self.get_changelist_instance(request).get_queryset(request)\n"
            "    return [book.author.company.name for book in rows]\n"
        ),
        "",
    ),
    "a_resource": (
        (
            "from import_export import resources\n\n\n"
            "class Rows(resources.ModelResource):\n"
            '    class Meta:\n        fields = ("author__company__name",)\n\n\n'
        ),
        "resource_class = Rows\n",
        "",
    ),
}


@pytest.mark.parametrize("name", READING)
def test_a_key_that_other_code_reads_stays_joined(bench_of: MakeBench, name: str) -> None:
    above, body, member = READING[name]
    models = MODELS.replace(TITLE, TITLE + member, 1)
    text = admin(f"{KEYS}\n{body}").replace(HEAD, HEAD + above)
    if name == "a_decorator":
        text = text.replace('"group")', '"group", "where")')
    assert joined(bench_with(bench_of, models), text) == (
        '("author__company", "category", "group")'
    )


@pytest.mark.parametrize("django", ["4.2.16", ">=4.2"])
def test_the_text_of_a_row_is_read_before_it_is_deleted(bench_of: MakeBench, django: str) -> None:
    models = MODELS.replace(TITLE, '        return f"{self.title} {self.author.company}"\n', 1)
    bench = bench_with(bench_of, models, {"requirements.txt": f"Django{django}\n"})
    assert joined(bench, admin(KEYS)) == '("author__company", "category", "group")'


@pytest.mark.parametrize(
    "path",
    [
        "templates/admin/change_list.html",
        "shop/templates/admin/shop/book/change_list_results.html",
        "templates/own.html",
    ],
)
def test_a_template_of_the_list_reads_a_key(bench_of: MakeBench, path: str) -> None:
    template = "{% for row in cl.result_list %}{{ row.author.company }}{% endfor %}"
    bench = bench_with(bench_of, more={path: template})
    text = admin(f'{KEYS}\nchange_list_template = "own.html"')
    assert joined(bench, text) == '("author__company", "category", "group")'


@pytest.mark.parametrize(
    "below",
    [
        "Author.__str__ = lambda self: self.company.name\n",
        'Author.add_to_class("__str__", print)\n',
    ],
)
def test_a_text_that_is_put_on_a_class_from_outside(bench_of: MakeBench, below: str) -> None:
    bench = bench_with(bench_of, f"{MODELS}\n\n{below}")
    text = admin('list_display = ("title", "author", "group")')
    assert joined(bench, text) == '("author__company", "group")'


def test_a_field_of_the_projects_own_reads_other_attributes(bench_of: MakeBench) -> None:
    field = "class Named(models.CharField):\n    descriptor_class = Reading\n\n\n"
    models = MODELS.replace(BOOK, f"{field}{BOOK}    name = Named(max_length=9)\n")
    expected = '("author__company", "category", "group", "signed__company")'
    assert joined(bench_with(bench_of, models), admin(KEYS)) == expected


@pytest.mark.parametrize(
    "body",
    [
        (
            'actions = ["close"]\n\ndef close(self, request, queryset):\n'
            '    for book in queryset:\n        book.title = "x"\n        book.save()\n'
        ),
        "\ndef has_delete_permission(self, request, obj=None):\n    return obj is None\n",
        'raw_id_fields = ("author",)\nsearch_fields = ("author__name",)\n',
    ],
    ids=["an_action", "a_permission", "names_of_fields"],
)
def test_a_key_that_nothing_reads_is_not_kept(bench_of: MakeBench, body: str) -> None:
    assert joined(bench_with(bench_of), admin(f"{KEYS}\n{body}")) == '("category", "group")'


def test_a_key_that_was_not_joined_before_is_not_added_for_others(bench_of: MakeBench) -> None:
    action = f'actions = ["tell"]\n\ndef tell(self, request, queryset):\n{LOOP}'
    body = f'list_display = ("title", "group")\n{action}'
    bench = bench_with(bench_of, django="6.1.0")
    bench.ignores(admin(body))


# -- what is done with the joined queryset ---------------------------------------------------------

EXPORT = """\
class Export:
    def __init__(self, rows):
        self.rows = rows

    def text(self):
        return self.rows.only("title")


"""
STATIC = (
    'class Export:\n    @staticmethod\n    def text(rows):\n        return rows.only("title")\n'
)
RESTRICTING = {
    "a_union": "queryset.order_by().union(Book.objects.all())",
    "a_difference": "Book.objects.difference(queryset.order_by())",
    "the_text_of_the_query": "str(queryset.query)",
    "the_plan_of_the_query": "queryset.explain()",
    "what_is_loaded": "[row._state.fields_cache for row in queryset]",
    "pickled_rows": "pickle.dumps(list(queryset))",
    "sql_in_a_function": 'queryset.annotate(low=Func(template="lower(name)"))',
    "sql_under_another_name": 'queryset.annotate(low=Raw("lower(name)", []))',
    "sql_in_a_constant": "queryset.annotate(low=LOW)",
    "a_class": "Export(queryset).text()",
    "a_class_elsewhere": "Other(queryset).text()",
    "a_static_method": "Static.text(queryset)",
    "a_method_of_the_model": "Book.narrow(queryset)",
    "a_method_of_the_manager": "Book.objects.short(queryset)",
}
ABOVE = (
    "import pickle\n\nfrom django.db.models import Func\n"
    "from django.db.models.expressions import RawSQL\n"
    "from django.db.models.expressions import RawSQL as Raw\n\n"
    "from shop.helpers import Export as Other\nfrom shop.static import Export as Static\n\n"
    'LOW = RawSQL("lower(name)", [])\n\n\n'
)
NARROWED = (
    "class Books(models.Manager):\n    def short(self, rows):\n"
    '        return rows.only("title")\n\n\n'
)


@pytest.mark.parametrize("expression", RESTRICTING.values(), ids=RESTRICTING)
def test_an_action_does_what_joins_change(bench_of: MakeBench, expression: str) -> None:
    method = "\n    @classmethod\n    def narrow(cls, rows):\n        return rows.only('title')\n"
    models = MODELS.replace(TITLE, TITLE + method, 1)
    models = models.replace(BOOK, f"{NARROWED}{BOOK}    objects = Books()\n")
    more = {"shop/helpers.py": EXPORT, "shop/static.py": STATIC}
    body = (
        f'{ROW}\nactions = ["act"]\n\ndef act(self, request, queryset):\n    print({expression})\n'
    )
    text = admin(body).replace(HEAD, HEAD + ABOVE + EXPORT)
    reviewed(bench_with(bench_of, models, more), text, "restricted-later")


@pytest.mark.parametrize(
    "expression",
    ["queryset.values('title')", "queryset.update(title='x')", "Author.objects.filter(pk=1)"],
)
def test_an_action_does_what_joins_do_not_change(bench_of: MakeBench, expression: str) -> None:
    body = (
        f'{ROW}\nactions = ["act"]\n\ndef act(self, request, queryset):\n    print({expression})\n'
    )
    assert joined(bench_with(bench_of), admin(body)) == '("author",)'


@pytest.mark.parametrize(("owner", "is_safe"), [("queryset", False), ("Page.objects", True)])
def test_an_action_locks_a_row_by_writing_it(
    bench_of: MakeBench, owner: str, is_safe: bool
) -> None:
    call = f"{owner}.update_or_create(pk=1, defaults={{}})"
    body = f'{ROW}actions = ["up"]\n\ndef up(self, request, queryset):\n    {call}\n'
    if is_safe:
        assert joined(bench_with(bench_of), admin(body)) == '("author",)'
    else:
        reviewed(bench_with(bench_of), admin(body), "restricted-later")


def test_a_column_has_the_name_of_a_method(bench_of: MakeBench) -> None:
    models = MODELS.replace(BOOK, f"{BOOK}    extra = models.CharField(max_length=9)\n")
    text = admin(ROW.replace('"title"', '"extra"'))
    assert joined(bench_with(bench_of, models), text) == '("author",)'


def test_a_form_narrows_its_own_choices(bench_of: MakeBench) -> None:
    form = (
        "from django import forms\n\n\nclass BookForm(forms.ModelForm):\n"
        "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n"
        '        self.fields["author"].queryset = Author.objects.only("name")\n\n\n'
    )
    text = admin(f"{ROW}\nform = BookForm\n").replace(HEAD, HEAD + form)
    assert joined(bench_with(bench_of), text) == '("author",)'


@pytest.mark.parametrize(
    "order",
    ['[RawSQL("lower(name)", [])]', '[models.Func(template="lower(name)")]'],
)
def test_a_model_is_ordered_by_sql(bench_of: MakeBench, order: str) -> None:
    models = "from django.db.models.expressions import RawSQL\n" + MODELS.replace(
        "    tags = models.ManyToManyField(Tag)\n",
        f"    tags = models.ManyToManyField(Tag)\n\n    class Meta:\n        ordering = {order}\n",
    )
    reviewed(bench_with(bench_of, models), admin(ROW), "restricted-later")


def test_a_column_is_ordered_by_sql(bench_of: MakeBench) -> None:
    column = (
        "from django.db.models.expressions import RawSQL\n\n\n"
        "def where(obj):\n    return obj.author.name\n\n\n"
        'where.admin_order_field = RawSQL("lower(name)", [])\n\n\n'
    )
    text = admin('list_display = ("title", where)').replace(HEAD, HEAD + column)
    reviewed(bench_with(bench_of), text, "restricted-later")


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("def select_related(self, *names):\n        return self", "restricted-later"),
        ("def _fetch_all(self):\n        super()._fetch_all()", "restricted-later"),
        ('def order_by(self, *names):\n        return self.only("title")', "restricted-later"),
        ("def delete(self):\n        return self.update(title='')", ""),
    ],
)
def test_a_queryset_of_the_projects_own(bench_of: MakeBench, method: str, reason: str) -> None:
    rows = f"class Books(models.QuerySet):\n    {method}\n\n\n"
    models = MODELS.replace(BOOK, f"{rows}{BOOK}    objects = Books.as_manager()\n")
    bench = bench_with(bench_of, models)
    if reason:
        reviewed(bench, admin(ROW), reason)
    else:
        assert joined(bench, admin(ROW)) == '("author",)'


def test_a_manager_is_made_in_its_own_way(bench_of: MakeBench) -> None:
    rows = (
        "class Books(models.Manager):\n    def __init__(self):\n        super().__init__()\n\n"
        "    def delete(self):\n        return self.get_queryset().delete()\n\n\n"
    )
    models = MODELS.replace(BOOK, f"{rows}{BOOK}    objects = Books()\n")
    delete = "\ndef delete_queryset(self, request, queryset):\n    print(queryset[0].author)\n"
    text = admin(f"{ROW}{delete}    queryset.delete()\n")
    assert joined(bench_with(bench_of, models), text) == '("author",)'


def test_a_view_has_a_template(bench_of: MakeBench) -> None:
    view = 'def show(request):\n    template = "shop/show.html"\n    return template\n\n\n'
    body = f"{ROW}\ndef get_urls(self):\n    return [show]\n"
    text = admin(body).replace(HEAD, HEAD + view)
    assert joined(bench_with(bench_of), text) == '("author",)'


def test_a_manager_has_sql_in_a_function(bench_of: MakeBench) -> None:
    rows = (
        "class Books(models.Manager):\n    def get_queryset(self):\n"
        '        low = models.Func(template="lower(name)")\n'
        "        return super().get_queryset().annotate(low=low)\n\n\n"
    )
    models = MODELS.replace(BOOK, f"{rows}{BOOK}    objects = Books()\n")
    reviewed(bench_with(bench_of, models), admin(ROW), "restricted-later")


# -- what is written while rows are handed on ------------------------------------------------------

SOLD = {
    "by_the_action": "book.author.name += '!'\n        book.author.save()",
    "under_another_name": "author = book.author\n        author.save(update_fields=['name'])",
    "by_a_method_of_the_row": "book.sell()",
    "by_the_save_of_the_row": "book.save()",
    "by_a_query": "Author.objects.filter(pk=1).update(name=book.author.name)",
    "by_a_helper": "self.sell(book)",
}
SELL = "self.author.name += '!'\n        self.author.save()\n"


@pytest.mark.parametrize("statement", SOLD.values(), ids=SOLD)
def test_an_action_writes_rows_that_are_joined(bench_of: MakeBench, statement: str) -> None:
    member = f"\n    def sell(self):\n        {SELL}\n    def save(self, *args):\n        {SELL}"
    models = MODELS.replace(TITLE, TITLE + member, 1)
    body = (
        f'{ROW}\nactions = ["act"]\n\ndef act(self, request, queryset):\n'
        f"    for book in queryset:\n        {statement}\n\n"
        "def sell(self, book):\n    book.author.save()\n"
    )
    reviewed(bench_with(bench_of, models), admin(body), "writes-rows")


def test_a_receiver_writes_rows_that_are_joined(bench_of: MakeBench) -> None:
    receiver = (
        "\n\nfrom django.db.models.signals import post_save\n"
        "from django.dispatch import receiver\n\n\n"
        "@receiver(post_save, sender=Book)\ndef saved(sender, instance, **kwargs):\n"
        "    instance.author.save()\n"
    )
    body = (
        f'{ROW}\nactions = ["act"]\n\ndef act(self, request, queryset):\n'
        "    for book in queryset:\n        book.save()\n"
    )
    reviewed(bench_with(bench_of, MODELS + receiver), admin(body), "writes-rows")


@pytest.mark.parametrize(
    "statement",
    [
        "book.title = book.author.name\n        book.save()",
        "queryset.filter(pk=book.pk).update(title=book.author.name)",
        "seen = set()\n        seen.add(book.author.name)",
        "book.signed.save()",
    ],
    ids=["the_row_itself", "the_rows_themselves", "a_set", "a_row_that_is_not_joined"],
)
def test_an_action_writes_nothing_that_is_joined(bench_of: MakeBench, statement: str) -> None:
    body = (
        f'{ROW.replace("author.name", "category.name")}\nactions = ["act"]\n\n'
        f"def act(self, request, queryset):\n    for book in queryset:\n        {statement}\n"
    )
    text = admin(body)
    if "signed" not in statement:
        text = text.replace("obj.category.name", "obj.author.name")
    assert joined(bench_with(bench_of), text) in {'("author",)', '("category",)'}


def test_a_button_changes_the_row_of_its_page(bench_of: MakeBench) -> None:
    button = "@admin.action(description='x')\ndef send(self, request, obj):\n"
    body = f"{ROW}\n{button}    obj.author.save()\n"
    assert joined(bench_with(bench_of), admin(body)) == '("author",)'


SEEN = {
    "by_a_method_of_the_manager": "Author.objects.touch(obj.author_id)",
    "by_a_method_of_a_row": "Author.objects.get(pk=obj.author_id).visit()",
    "by_a_row_with_a_name": "author = Author.objects.get(pk=1)\n    author.visit()",
}


@pytest.mark.parametrize("statement", SEEN.values(), ids=SEEN)
def test_a_column_writes_what_another_shows(bench_of: MakeBench, statement: str) -> None:
    manager = (
        "class Authors(models.Manager):\n    def touch(self, key):\n"
        "        self.filter(pk=key).update(name='seen')\n\n\n"
    )
    member = "    objects = Authors()\n\n    def visit(self):\n        self.save()\n\n"
    models = MODELS.replace(AUTHOR, manager + AUTHOR + member)
    body = f"{ROW}\ndef seen(self, obj):\n    {statement}\n"
    text = admin(body.replace('"title"', '"seen"'))
    reviewed(bench_with(bench_of, models), text, "writes-rows")


def test_a_decorator_of_a_column_writes_what_another_shows(bench_of: MakeBench) -> None:
    noting = (
        "def noting(function):\n    def inner(self, obj):\n"
        "        Author.objects.filter(pk=obj.author_id).update(name='seen')\n"
        "        return function(self, obj)\n    return inner\n\n\n"
    )
    body = f"{ROW}\n@noting\ndef seen(self, obj):\n    return 1\n".replace('"title"', '"seen"')
    text = admin(body).replace(HEAD, HEAD + noting)
    reviewed(bench_with(bench_of), text, "writes-rows")


def test_a_column_asks_other_rows(bench_of: MakeBench) -> None:
    body = f"{ROW}\ndef seen(self, obj):\n    return Author.objects.filter(pk=1).count()\n"
    assert joined(bench_with(bench_of), admin(body.replace('"title"', '"seen"'))) == '("author",)'


# -- what runs while objects are made --------------------------------------------------------------

MADE = "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n"
MAKING = {
    "the_row_reads_the_key": (BOOK, f"{MADE}        self.author.name = 'x'\n\n"),
    "the_row_sets_the_key": (BOOK, f"{MADE}        self.author_id = 1\n\n"),
    "from_db_sets_the_key": (
        BOOK,
        (
            "    @classmethod\n    def from_db(cls, *args):\n"
            "        found = super().from_db(*args)\n"
            "        found.author_id = 1\n        return found\n\n"
        ),
    ),
    "the_other_row_asks_for_rows": (AUTHOR, f"{MADE}        Company.objects.count()\n\n"),
    "the_other_row_reads_its_key": (AUTHOR, f"{MADE}        self.company.name\n\n"),
}


@pytest.mark.parametrize("name", MAKING)
def test_code_runs_when_a_row_is_made(bench_of: MakeBench, name: str) -> None:
    head, member = MAKING[name]
    bench = bench_with(bench_of, MODELS.replace(head, head + member))
    reviewed(bench, admin(ROW), "reads-while-made")


def test_a_receiver_runs_when_a_row_is_made(bench_of: MakeBench) -> None:
    receiver = (
        "\n\nfrom django.db.models.signals import post_init\n"
        "from django.dispatch import receiver\n\n\n"
        "@receiver(post_init, sender=Author)\ndef made(sender, instance, **kwargs):\n"
        "    Company.objects.count()\n"
    )
    reviewed(bench_with(bench_of, MODELS + receiver), admin(ROW), "reads-while-made")


def test_a_row_remembers_what_it_was(bench_of: MakeBench) -> None:
    member = f"{MADE}        self.before = self.title\n\n"
    bench = bench_with(bench_of, MODELS.replace(BOOK, BOOK + member))
    assert joined(bench, admin(ROW)) == '("author",)'


@pytest.mark.parametrize(
    "statement",
    ['obj.__dict__["author_id"] = 1', "vars(obj).update(author_id=1)"],
    ids=["an_item", "an_update"],
)
def test_a_column_sets_a_key_past_its_attribute(bench_of: MakeBench, statement: str) -> None:
    body = ROW.replace("return", f"{statement}\n    return")
    reviewed(bench_with(bench_of), admin(body), "restricted-later")


def test_a_column_sets_a_key(bench_of: MakeBench) -> None:
    body = ROW.replace("return", "obj.author_id = 1\n    return")
    assert joined(bench_with(bench_of), admin(body)) == '("author",)'


# -- how a row is looked up ------------------------------------------------------------------------

KIND = 'list_display = ("title", "kind")'
LOOSE = (
    "class Key(models.ForeignKey):\n    def __init__(self, *args, **kwargs):\n"
    '        kwargs["db_constraint"] = False\n        super().__init__(*args, **kwargs)\n\n\n'
)
PLAIN = (
    "class Key(models.ForeignKey):\n    def __init__(self, *args, **kwargs):\n"
    '        kwargs.setdefault("help_text", "")\n        super().__init__(*args, **kwargs)\n\n\n'
)
SOFT = "class Key(models.ForeignKey):\n    forward_related_accessor_class = Soft\n\n\n"
OWN_KEY = 'Key(Category, null=True, on_delete=models.CASCADE, related_name="+")'


def keyed(above: str, field: str) -> str:
    return MODELS.replace(BOOK, f"{above}{BOOK}    kind = {field}\n")


@pytest.mark.parametrize("above", [LOOSE, SOFT], ids=["its_constraint", "its_accessor"])
def test_a_key_class_has_a_way_of_its_own(bench_of: MakeBench, above: str) -> None:
    reviewed(bench_with(bench_of, keyed(above, OWN_KEY)), admin(KIND), "unreadable-relation")


def test_a_key_class_with_other_defaults(bench_of: MakeBench) -> None:
    assert joined(bench_with(bench_of, keyed(PLAIN, OWN_KEY)), admin(KIND)) == '("kind",)'


def test_a_foreign_object_has_no_constraint(bench_of: MakeBench) -> None:
    field = (
        "models.ForeignObject(Category, on_delete=models.CASCADE, null=True, "
        'from_fields=["number"], to_fields=["id"], related_name="+")'
    )
    models = keyed("", f"{field}\n    number = models.IntegerField(null=True)")
    reviewed(bench_with(bench_of, models), admin(KIND), "no-database-constraint")


@pytest.mark.parametrize("managed", [True, False])
def test_a_view_may_have_several_rows_for_one(bench_of: MakeBench, managed: bool) -> None:
    view = (
        "\n\nclass Stats(models.Model):\n"
        "    book = models.OneToOneField(Book, primary_key=True, on_delete=models.CASCADE)\n"
        f"    total = models.IntegerField()\n\n    class Meta:\n        managed = {managed}\n"
    )
    text = admin(ROW.replace("author.name", "stats.total"))
    if managed:
        assert joined(bench_with(bench_of, MODELS + view), text) == '("stats",)'
    else:
        reviewed(bench_with(bench_of, MODELS + view), text, "no-database-constraint")


def test_a_key_is_replaced_from_outside(bench_of: MakeBench) -> None:
    models = f'{MODELS}\n\nBook.group = Soft(Book._meta.get_field("group"))\n'
    reviewed(
        bench_with(bench_of, models),
        admin('list_display = ("title", "group")'),
        "unreadable-relation",
    )


# -- what is done with the class -------------------------------------------------------------------

GROUP = 'list_display = ["title", "group"]\n'
CHANGING = {
    "init": f"{GROUP}\ndef __init__(self, *args):\n    self.list_display = ()",
    "another_method": f"{GROUP}\ndef get_list_filter(self, request):\n    self.list_display += ()",
    "getattribute": f"{GROUP}\ndef __getattribute__(self, name):\n    return object()",
    "by_its_names": f"{GROUP}names = [name for name in vars() if name]",
    "its_body": f'{GROUP}list_display.append("signed")',
}


@pytest.mark.parametrize("body", CHANGING.values(), ids=CHANGING)
def test_the_class_changes_itself(bench_of: MakeBench, body: str) -> None:
    reviewed(bench_with(bench_of), admin(body), "open-class")


BASES = {
    "init_subclass": (
        "class Base(admin.ModelAdmin):\n    def __init_subclass__(cls):\n        print(cls)\n\n\n",
        "(Base)",
    ),
    "a_metaclass": ("from shop.meta import Meta\n\n\n", "(admin.ModelAdmin, metaclass=Meta)"),
}


@pytest.mark.parametrize("name", BASES)
def test_a_base_changes_what_extends_it(bench_of: MakeBench, name: str) -> None:
    above, bases = BASES[name]
    text = admin(GROUP).replace("(admin.ModelAdmin)", bases).replace(HEAD, HEAD + above)
    more = {"shop/meta.py": "class Meta(type):\n    pass\n"}
    reviewed(bench_with(bench_of, more=more), text, "open-class")


OUTSIDE = {
    "of_its_list": ('ThingAdmin.list_display.append("signed")\n', "open-class"),
    "of_its_object": ("admin.site._registry[Book].list_display = ()\n", "open-class"),
    "of_all_classes": ("admin.ModelAdmin.list_select_related = True\n", "open-class"),
    "of_its_setting": ("print(ThingAdmin.list_select_related)\n", "read-elsewhere"),
    "by_its_name": ('print(getattr(ThingAdmin, "list_select_related"))\n', "read-elsewhere"),
    "a_table": ("for model, cls in {Author: ThingAdmin}.items():\n    print(cls)\n", "handed-on"),
    "a_call": ("list(map(admin.site.register, [Author], [ThingAdmin]))\n", "handed-on"),
    "a_type": ('type("Other", (ThingAdmin,), {})\n', "handed-on"),
    "an_object": ("admin.site._registry[Author] = ThingAdmin(Author, admin.site)\n", "handed-on"),
    "a_class_in_a_function": (
        "def make():\n    class Inner(ThingAdmin):\n        pass\n\n    return Inner\n",
        "handed-on",
    ),
    "options": ('admin.site.register(Book, ThingAdmin, list_display=("title",))\n', "open-class"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_other_code_uses_the_class(bench_of: MakeBench, name: str) -> None:
    below, reason = OUTSIDE[name]
    text = f"{admin(GROUP)}\n\n{below}"
    assert bench_with(bench_of).after(text).decode() == text
    assert reason in bench_with(bench_of).reasons(text)


@pytest.mark.parametrize(
    "below",
    [
        "other = admin.AdminSite()\nother.register(Book, ThingAdmin)\n",
        "print(ThingAdmin.list_per_page)\n",
        "class Plain:\n    def show(self):\n        self.list_display = ()\n",
    ],
    ids=["registered_again", "another_attribute", "another_class"],
)
def test_other_code_leaves_the_class_alone(bench_of: MakeBench, below: str) -> None:
    assert joined(bench_with(bench_of), f"{admin(GROUP)}\n\n{below}") == '("group",)'


def test_a_test_may_do_with_the_class_what_it_likes(bench_of: MakeBench) -> None:
    test = (
        "from shop.admin import ThingAdmin\n\nmodel = ThingAdmin(None, None).list_select_related\n"
    )
    bench = bench_with(bench_of, more={"tests/test_admin.py": test})
    assert joined(bench, admin(GROUP)) == '("group",)'


def test_a_constant_is_added_to_where_it_stands(bench_of: MakeBench) -> None:
    above = 'COLUMNS = ["title", "group"]\nCOLUMNS.append("signed")\n\n\n'
    text = admin("list_display = COLUMNS").replace(HEAD, HEAD + above)
    bench_with(bench_of).declines(text, "unreadable-columns")


def test_a_comment_speaks_of_a_constant(bench_of: MakeBench) -> None:
    above = 'COLUMNS = ["title", "group"]\n# not COLUMNS.append("signed")\n\n\n'
    text = admin("list_display = COLUMNS").replace(HEAD, HEAD + above)
    assert joined(bench_with(bench_of), text) == '("group",)'


# -- what is read of a row -------------------------------------------------------------------------

SHOWN = {
    "joined_html": 'format_html_join(", ", "{}", [(obj.signed,)])',
    "shortened": "Truncator(obj.signed).chars(9)",
    "an_address": 'reverse("x", args=[obj.signed])',
    "another_type": "cast(Signed, obj.signed).company.name",
}
IMPORTS = (
    "from typing import cast\n\nfrom django.urls import reverse\n"
    "from django.utils.html import format_html_join\nfrom django.utils.text import Truncator\n\n\n"
)


@pytest.mark.parametrize("expression", SHOWN.values(), ids=SHOWN)
def test_what_is_shown_or_taken_for_another_type_is_read(
    bench_of: MakeBench, expression: str
) -> None:
    text = admin(ROW.replace("obj.author.name", expression)).replace(HEAD, HEAD + IMPORTS)
    assert joined(bench_with(bench_of), text) == '("signed__company",)'


def test_a_pattern_reads_attributes(bench_of: MakeBench) -> None:
    body = ROW.replace(
        "return obj.author.name",
        "match obj:\n        case Book(author=Author(company=here)):\n            return here.name",
    )
    assert joined(bench_with(bench_of), admin(body)) == '("author__company",)'


UNKNOWN = {
    "a_template": 'render(None, "row.html", {"row": obj})',
    "an_address": "resolve_url(obj)",
    "a_serializer": 'serialize("json", [obj], use_natural_foreign_keys=True)',
    "a_partial": "partial(print, obj)()",
}


@pytest.mark.parametrize("expression", UNKNOWN.values(), ids=UNKNOWN)
def test_a_row_is_handed_to_what_may_read_all_of_it(bench_of: MakeBench, expression: str) -> None:
    imports = (
        "from functools import partial\n\nfrom django.core.serializers import serialize\n"
        "from django.shortcuts import render, resolve_url\n\n\n"
    )
    body = f'{GROUP.replace("group", "where")}list_filter = ["group"]\n' + ROW.partition("\n")[2]
    body = body.replace("return obj.author.name", f"obj.author.name\n    return {expression}")
    text = admin(body).replace(HEAD, HEAD + imports)
    reviewed(bench_with(bench_of), text, "handed-to-unknown-code")
