"""`admin-list`: what is written, what is left to people, and what is left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djfix.codemods.rule import Example
from djfix.codemods.rules.admin_list import AdminList, AdminListOptions
from djfix.codemods.rules.admin_list.examples import EXAMPLES

if TYPE_CHECKING:
    from rule_bench import Bench

    MakeBench = Callable[..., Bench]

MODELS = """\
from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Author(models.Model):
    name = models.CharField(max_length=20)
    company = models.ForeignKey(Company, on_delete=models.CASCADE)

    def __str__(self):
        return self.name


class Signed(models.Model):
    company = models.ForeignKey(Company, on_delete=models.CASCADE)

    def __str__(self):
        return f"signed by {self.company}"


class Category(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=20)
    company = models.ForeignKey(Company, on_delete=models.CASCADE)


class Book(models.Model):
    title = models.CharField(max_length=20)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    signed = models.ForeignKey(Signed, on_delete=models.CASCADE)
    category = models.ForeignKey(Category, on_delete=models.CASCADE)
    group = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL, related_name="+")
    loose = models.ForeignKey(
        Category, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    tags = models.ManyToManyField(Tag)

    def __str__(self):
        return self.title

    @property
    def company_name(self):
        return self.author.company.name

    def category_name(self):
        return self.category.name


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="chapters")

    def __str__(self):
        return f"{self.book.title}: {self.pk}"


class Joined(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("book")


class Page(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE)
    objects = Joined()

    def __str__(self):
        return "page"
"""

HEAD = """\
from django.contrib import admin

from shop.models import Author, Book, Category, Chapter, Page, Signed

"""

FILES = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/apps.py": "",
    "shop/models.py": MODELS,
    "settings.py": 'INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "shop"]\n',
}


def files(django: str, more: Mapping[str, str] = {}) -> dict[str, str]:
    return {**FILES, "requirements.txt": f"Django=={django}\n", **more}


@pytest.fixture(name="old")
def _old(bench_of: MakeBench) -> Bench:
    """Django 4.2."""
    return bench_of(AdminList(), "shop/admin.py", files("4.2.16"))


@pytest.fixture(name="bench")
def _bench(bench_of: MakeBench) -> Bench:
    """Django 5.2."""
    return bench_of(AdminList(), "shop/admin.py", files("5.2.4"))


@pytest.fixture(name="new")
def _new(bench_of: MakeBench) -> Bench:
    """Django 6.1."""
    return bench_of(AdminList(), "shop/admin.py", files("6.1.0"))


def admin(body: str, model: str = "Book") -> str:
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.strip("\n").split("\n"))
    return f"{HEAD}\n@admin.register({model})\nclass ThingAdmin(admin.ModelAdmin):\n{lines}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of: MakeBench, example: Example) -> None:
    bench_of(AdminList(), example.path, example.files).fixes(example.before, example.after)


# -- safe ------------------------------------------------------------------------------------------


def test_a_nullable_key_is_not_among_what_django_joins(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", "group")'),
        admin('list_display = ("title", "group")\nlist_select_related = ("group",)'),
    )


def test_the_list_is_complete_where_another_column_was_joined_by_itself(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", "category", "group")'),
        admin(
            'list_display = ("title", "category", "group")\n'
            'list_select_related = ("category", "group")'
        ),
    )


def test_a_method_of_the_admin_class_reads_over_relations(bench: Bench) -> None:
    body = """
list_display = ["title", "author_company"]

def author_company(self, obj):
    return obj.author.company.name
"""
    after = body.replace('_company"]\n', '_company"]\nlist_select_related = ("author__company",)\n')
    bench.fixes(admin(body), admin(after))


def test_a_property_of_the_model_reads_over_relations(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", "company_name")'),
        admin(
            'list_display = ("title", "company_name")\nlist_select_related = ("author__company",)'
        ),
    )


def test_a_method_of_the_model_reads_a_relation(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", "category_name")'),
        admin('list_display = ("title", "category_name")\nlist_select_related = ("category",)'),
    )


def test_a_function_of_the_module_is_handed_the_row(bench: Bench) -> None:
    function = "\ndef company(obj):\n    return obj.author.company.name\n\n"
    before = admin('list_display = ("title", company)')
    after = admin('list_display = ("title", company)\nlist_select_related = ("author__company",)')
    bench.fixes(before.replace(HEAD, HEAD + function), after.replace(HEAD, HEAD + function))


def test_a_lambda_is_read(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", lambda book: book.author.name)'),
        admin(
            'list_display = ("title", lambda book: book.author.name)\n'
            'list_select_related = ("author",)'
        ),
    )


def test_a_method_gives_an_object_that_is_shown_as_text(bench: Bench) -> None:
    body = """
list_display = ("title", "signature")

def signature(self, obj):
    return obj.signed
"""
    after = body.replace('ure")\n', 'ure")\nlist_select_related = ("signed__company",)\n')
    bench.fixes(admin(body), admin(after))


def test_the_default_column_is_the_text_of_the_row(old: Bench) -> None:
    old.fixes(
        admin('search_fields = ("pk",)', "Chapter"),
        admin('search_fields = ("pk",)\nlist_select_related = ("book",)', "Chapter"),
    )


def test_a_class_with_nothing_but_pass_gets_the_attribute_instead(old: Bench) -> None:
    old.fixes(admin("pass", "Chapter"), admin('list_select_related = ("book",)', "Chapter"))


def test_the_checkbox_of_a_row_has_its_text_since_django_5(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("pk",)', "Chapter"),
        admin('list_display = ("pk",)\nlist_select_related = ("book",)', "Chapter"),
    )


def test_the_text_of_what_a_column_leads_to_follows_a_nullable_chain(new: Bench) -> None:
    new.fixes(
        admin('list_display = ("title", "signed")'),
        admin('list_display = ("title", "signed")\nlist_select_related = ("signed__company",)'),
    )


def test_a_path_is_a_column_since_django_5_1(bench: Bench) -> None:
    bench.fixes(
        admin('list_display = ("title", "author__name")'),
        admin('list_display = ("title", "author__name")\nlist_select_related = ("author",)'),
    )


def test_django_6_1_joins_only_the_listed_keys(new: Bench) -> None:
    body = """
list_display = ("title", "category", "author_name")

def author_name(self, obj):
    return obj.author.name
"""
    after = body.replace('name")\n', 'name")\nlist_select_related = ("author", "category")\n')
    new.fixes(admin(body), admin(after))


def test_a_registration_in_another_file(bench_of: MakeBench) -> None:
    site = """\
from django.contrib.admin import AdminSite

from shop.admin import ThingAdmin
from shop.models import Book

site = AdminSite()
site.register(Book, ThingAdmin)
"""
    bench = bench_of(AdminList(), "shop/admin.py", files("5.2", {"shop/sites.py": site}))
    before = admin('list_display = ("title", "group")').replace("@admin.register(Book)\n", "")
    added = 'list_display = ("title", "group")\n    list_select_related = ("group",)'
    bench.fixes(before, before.replace('list_display = ("title", "group")', added))


def test_columns_are_added_to_those_of_a_base(bench: Bench) -> None:
    base = 'class Base(admin.ModelAdmin):\n    list_display = ("title",)\n\n\n'
    before = (
        HEAD + "\n" + base + "@admin.register(Book)\nclass ThingAdmin(Base):\n"
        '    list_display = (*Base.list_display, "group")\n'
    )
    bench.fixes(before, before + '    list_select_related = ("group",)\n')


def test_columns_of_a_base_and_what_is_joined_stand_in_the_registered_class(bench: Bench) -> None:
    base = 'class Base(admin.ModelAdmin):\n    list_display = ["title", "group"]\n\n\n'
    before = HEAD + "\n" + base + "@admin.register(Book)\nclass ThingAdmin(Base):\n"
    bench.fixes(
        before + "    list_per_page = 20\n",
        before + '    list_per_page = 20\n    list_select_related = ("group",)\n',
    )


def test_a_long_list_stands_one_name_a_line(bench: Bench) -> None:
    body = """
list_display = ("title", "group", "category", "signed", "company_name")
"""
    after = """
list_display = ("title", "group", "category", "signed", "company_name")
list_select_related = ("author__company", "category", "group", "signed__company")
"""
    bench.fixes(admin(body), admin(after))


# -- for review ------------------------------------------------------------------------------------


def test_an_existing_list_is_extended(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "group")\nlist_select_related = ("author",)'),
        admin('list_display = ("title", "group")\nlist_select_related = ("author", "group")'),
        "existing-setting",
    )


def test_an_explicit_list_without_a_column_lacks_it(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "category")\nlist_select_related = ["author"]'),
        admin('list_display = ("title", "category")\nlist_select_related = ["author", "category"]'),
        "existing-setting",
    )


def test_a_list_of_several_lines_gets_one_more(bench: Bench) -> None:
    body = """
list_display = ("title", "group")
list_select_related = (
    "author",  # shown
    "category",  # as well
)
"""
    after = body.replace("as well\n", 'as well\n    "group",\n')
    bench.reviews(admin(body), admin(after), "existing-setting")


def test_an_empty_list_switches_joins_off(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "category")\nlist_select_related = ()'),
        admin('list_display = ("title", "category")\nlist_select_related = ("category",)'),
        "existing-setting",
    )


def test_true_misses_what_may_be_null(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "group")\nlist_select_related = True'),
        admin('list_display = ("title", "group")\nlist_select_related = ("group",)'),
        "existing-setting",
    )


def test_true_is_deprecated_in_django_6_1(new: Bench) -> None:
    new.reviews(
        admin('list_display = ("title", "category")\nlist_select_related = True'),
        admin('list_display = ("title", "category")\nlist_select_related = ("category",)'),
        "deprecated-true",
    )


def test_false_is_the_default_but_somebody_wrote_it(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "group")\nlist_select_related = False'),
        admin('list_display = ("title", "group")\nlist_select_related = ("group",)'),
        "existing-setting",
    )


QUERYSET = """
list_display = ("title", "group")

def get_queryset(self, request):
    return super().get_queryset(request).filter(title="x")
"""


def test_a_queryset_that_joins_nothing_leaves_the_setting_in_force(bench: Bench) -> None:
    after = QUERYSET.replace('"group")\n', '"group")\nlist_select_related = ("group",)\n')
    bench.reviews(admin(QUERYSET), admin(after), "own-queryset")


def test_a_queryset_that_joins_switches_the_setting_off(bench: Bench) -> None:
    body = QUERYSET.replace('filter(title="x")', 'select_related("author")')
    after = body.replace(
        'super().get_queryset(request).select_related("author")',
        "(\n        super()\n        .get_queryset(request)\n"
        '        .select_related("author")\n        .select_related("group")\n    )',
    )
    bench.reviews(admin(body), admin(after), "own-queryset")


def test_a_default_manager_that_joins_switches_the_setting_off(bench: Bench) -> None:
    body = 'list_display = ("pk", "book", "chapter")'
    after = (
        f"{body}\n\ndef get_queryset(self, request):\n"
        '    return super().get_queryset(request).select_related("chapter__book")'
    )
    bench.reviews(admin(body, "Page"), admin(after, "Page"), "manager-joins")


MANY = """
list_display = ("title", "tag_names")

def tag_names(self, obj):
    return ", ".join(tag.name for tag in obj.tags.all())
"""


def test_rows_over_many_are_prefetched_in_a_queryset_of_its_own(bench: Bench) -> None:
    after = (
        MANY + "\ndef get_queryset(self, request):\n"
        '    return super().get_queryset(request).prefetch_related("tags")\n'
    )
    bench.reviews(admin(MANY), admin(after), "loaded-by-other-pages")


def test_a_prefetch_is_added_to_the_queryset_that_is_there(bench: Bench) -> None:
    body = (
        MANY + "\ndef get_queryset(self, request):\n"
        '    return super().get_queryset(request).filter(title="x")\n'
    )
    after = body.replace('(title="x")', '(title="x").prefetch_related("tags")')
    bench.reviews(admin(body), admin(after), "loaded-by-other-pages", "own-queryset")


def test_joins_are_safe_beside_a_prefetch_for_review(bench: Bench) -> None:
    body = MANY.replace('("title", ', '("title", "group", ')
    joined = body.replace('names")\n', 'names")\nlist_select_related = ("group",)\n')
    assert bench.after(admin(body)).decode() == admin(joined)


def test_columns_may_depend_on_the_request(bench: Bench) -> None:
    body = """
list_display = ("title", "group")

def get_list_display(self, request):
    return self.list_display
"""
    after = body.replace('group")\n', 'group")\nlist_select_related = ("group",)\n', 1)
    bench.reviews(admin(body), admin(after), "columns-by-request")


def test_a_base_of_another_library_is_not_read(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")').replace(
        "(admin.ModelAdmin)", "(Fancy, admin.ModelAdmin)"
    )
    body = body.replace(HEAD, "from fancy import Fancy\n" + HEAD)
    after = body.replace('"group")\n', '"group")\n    list_select_related = ("group",)\n')
    bench.reviews(body, after, "unknown-base")


def test_a_base_that_only_adds_buttons_changes_nothing(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")').replace(
        "(admin.ModelAdmin)", "(DjangoObjectActions, admin.ModelAdmin)"
    )
    body = body.replace(HEAD, "from django_object_actions import DjangoObjectActions\n" + HEAD)
    after = body.replace('"group")\n', '"group")\n    list_select_related = ("group",)\n')
    bench.fixes(body, after)


def test_a_key_without_a_constraint_may_point_nowhere(bench: Bench) -> None:
    bench.reviews(
        admin('list_display = ("title", "loose")'),
        admin('list_display = ("title", "loose")\nlist_select_related = ("loose",)'),
        "no-database-constraint",
    )


def test_a_column_that_cannot_be_read_may_need_more(bench: Bench) -> None:
    body = admin('list_display = ("title", "group", shown)')
    body = body.replace(HEAD, "from elsewhere import shown\n" + HEAD)
    after = body.replace("shown)\n", 'shown)\n    list_select_related = ("group",)\n')
    bench.reviews(body, after, "unknown-column")


def test_a_subclass_would_inherit_the_setting(bench: Bench) -> None:
    heir = '\n\nclass Heir(ThingAdmin):\n    list_display = ("title", "category")\n'
    bench.reviews(
        admin('list_display = ("title", "group")') + heir,
        admin('list_display = ("title", "group")\nlist_select_related = ("group",)') + heir,
        "inherited",
        "not-registered",
    )


def test_a_manager_that_hides_rows_does_not_hide_them_in_a_join(bench_of: MakeBench) -> None:
    hiding = '    objects = Living()\n\n    class Meta:\n        base_manager_name = "objects"\n'
    manager = (
        "class Living(models.Manager):\n    def get_queryset(self):\n"
        '        return super().get_queryset().filter(name="x")\n\n\n'
    )
    models = MODELS.replace("class Company", manager + "class Company", 1)
    models = models.replace(
        "class Category(models.Model):\n", f"class Category(models.Model):\n{hiding}"
    )
    bench = bench_of(AdminList(), "shop/admin.py", files("5.2", {"shop/models.py": models}))
    bench.reviews(
        admin('list_display = ("title", "group")'),
        admin('list_display = ("title", "group")\nlist_select_related = ("group",)'),
        "base-manager",
    )


def test_names_take_the_place_of_a_bare_select_related(bench: Bench) -> None:
    body = """
list_display = ("title", "group", "category")

def get_queryset(self, request):
    queryset = super().get_queryset(request)
    return queryset.select_related()
"""
    after = body.replace("select_related()", 'select_related().select_related("category", "group")')
    bench.reviews(admin(body), admin(after), "bare-select-related", "own-queryset")


@pytest.mark.parametrize(
    "call",
    [
        *("select_for_update()", 'only("title")', 'defer("title")', 'extra(where=["id > 0"])'),
        'annotate(low=RawSQL("id + 1", []))',
        'filter(id=1)  .only("title")',
    ],
)
def test_an_action_may_not_be_able_to_do_with_joins(bench: Bench, call: str) -> None:
    body = f"""
list_display = ("title", "group")
actions = ["close"]

def close(self, request, queryset):
    for book in queryset.{call}:
        book.close()
"""
    after = body.replace('group")\n', 'group")\nlist_select_related = ("group",)\n')
    bench.reviews(admin(body), admin(after), "restricted-later")


@pytest.mark.parametrize(
    "rows",
    ['getattr(queryset, "only")("title")', 'methodcaller("defer", "title")(queryset)'],
)
def test_an_action_narrows_the_rows_by_the_name_of_a_method(bench: Bench, rows: str) -> None:
    body = f"""
list_display = ("title", "group")
actions = ["close"]

def close(self, request, queryset):
    for book in {rows}:
        book.close()
"""
    after = body.replace('group")\n', 'group")\nlist_select_related = ("group",)\n')
    bench.reviews(admin(body), admin(after), "restricted-later")


def test_an_action_keeps_a_method_that_narrows_under_another_name(bench: Bench) -> None:
    body = """
list_display = ("title", "group")
actions = ["close"]

def close(self, request, queryset):
    narrowed = queryset.only
    for book in narrowed("title"):
        book.close()
"""
    after = body.replace('group")\n', 'group")\nlist_select_related = ("group",)\n')
    bench.reviews(admin(body), admin(after), "restricted-later")


DECORATED = "\ndef joined(cls):\n    cls.list_select_related = ()\n    return cls\n\n"


@pytest.mark.parametrize(
    ("above", "decorator", "below"),
    [
        (DECORATED, "@joined\n", ""),
        ("", "", '\n\nThingAdmin.list_select_related = ("group",)\n'),
        ("", "", '\n\nsetattr(ThingAdmin, "get_queryset", lambda self, request: None)\n'),
    ],
    ids=["a_decorator", "an_assignment", "setattr"],
)
def test_code_outside_of_the_class_may_change_it(
    bench: Bench, above: str, decorator: str, below: str
) -> None:
    before = admin('list_display = ("title", "group")\n') + below
    before = before.replace(HEAD, HEAD + above).replace("@admin.reg", decorator + "@admin.reg")
    after = before.replace('group")\n', 'group")\n    list_select_related = ("group",)\n', 1)
    bench.reviews(before, after, "open-class")


def test_a_function_may_not_be_able_to_do_with_joins(bench: Bench) -> None:
    function = "\ndef lock(admin, request, queryset):\n    queryset.select_for_update()\n\n"
    body = admin('list_display = ("title", "group")\nactions = [lock]')
    after = body.replace('group")\n', 'group")\n    list_select_related = ("group",)\n')
    bench.reviews(
        body.replace(HEAD, HEAD + function),
        after.replace(HEAD, HEAD + function),
        "restricted-later",
    )


TITLES = 'def titles(rows):\n    return rows.only("title")\n\n\n'
NARROWING = {
    "an_action_of_the_site": (
        (
            'def close(admin, request, queryset):\n    queryset.only("title")\n\n\n'
            "admin.site.add_action(close)\n\n\n"
        ),
        "",
    ),
    "get_actions": (
        TITLES + "def close(admin, request, queryset):\n    titles(queryset)\n\n\n",
        '\ndef get_actions(self, request):\n    return {"close": (close, "close", "Close")}\n',
    ),
    "a_function_that_an_action_calls": (
        TITLES,
        'actions = ["close"]\n\ndef close(self, request, queryset):\n    titles(queryset)\n',
    ),
    "a_filter": (
        (
            "class Short(admin.SimpleListFilter):\n    def queryset(self, request, queryset):\n"
            '        return queryset.only("title")\n\n\n'
        ),
        'list_filter = ["title", Short]\n',
    ),
    "a_filter_of_a_field": (
        (
            "class Short(admin.SimpleListFilter):\n    def queryset(self, request, queryset):\n"
            '        return queryset.defer("title")\n\n\n'
        ),
        'list_filter = [("title", Short)]\n',
    ),
    "the_paginator": (
        (
            "from django.core.paginator import Paginator\n\n\nclass Pages(Paginator):\n"
            "    def __init__(self, rows, *args):\n"
            '        super().__init__(rows.only("title"), *args)\n\n\n'
        ),
        "paginator = Pages\n",
    ),
}


@pytest.mark.parametrize("name", NARROWING)
def test_other_code_may_not_be_able_to_do_with_joins(bench: Bench, name: str) -> None:
    function, body = NARROWING[name]
    before = admin(f'list_display = ("title", "group")\n{body}').replace(HEAD, HEAD + function)
    assert bench.after(before).decode() == before
    assert set(bench.reasons(before)) == {"restricted-later"}


def test_a_filter_that_filters_is_no_hindrance(bench: Bench) -> None:
    function = NARROWING["a_filter"][0].replace('only("title")', 'filter(title="a")')
    body = 'list_display = ("title", "group")\n'
    rest = 'list_filter = ["title", Short]\n'
    before = admin(body + rest).replace(HEAD, HEAD + function)
    after = admin(f'{body}list_select_related = ("group",)\n{rest}').replace(HEAD, HEAD + function)
    bench.fixes(before, after)


def test_a_column_whose_model_is_not_known_stays_joined(bench_of: MakeBench) -> None:
    known = "    loose = models"
    foreign = "    owner = models.ForeignKey(Unknown, on_delete=models.CASCADE)\n" + known
    models = "from elsewhere import Unknown\n" + MODELS.replace(known, foreign)
    bench = bench_of(AdminList(), "shop/admin.py", files("5.2", {"shop/models.py": models}))
    bench.reviews(
        admin('list_display = ("title", "owner", "group")'),
        admin(
            'list_display = ("title", "owner", "group")\nlist_select_related = ("group", "owner")'
        ),
        "unknown-model",
    )


def test_two_branches_of_a_queryset_are_both_added_to(bench: Bench) -> None:
    body = """
list_display = ("title", "group")

def get_queryset(self, request):
    queryset = super().get_queryset(request).select_related("author")
    if request.GET:
        return queryset.filter(title="x")
    return queryset
"""
    after = body.replace('(title="x")', '(title="x").select_related("group")')
    after = after.replace("return queryset\n", 'return queryset.select_related("group")\n')
    bench.reviews(admin(body), admin(after), "own-queryset")


def test_a_base_of_the_project_has_the_queryset(bench: Bench) -> None:
    base = (
        "class Base(admin.ModelAdmin):\n    def get_queryset(self, request):\n"
        '        return super().get_queryset(request).select_related("author")\n\n\n'
    )
    before = (
        f"{HEAD}\n{base}@admin.register(Book)\nclass ThingAdmin(Base):\n"
        '    list_display = ("title", "group")\n'
    )
    after = (
        before + "\n    def get_queryset(self, request):\n"
        '        return super().get_queryset(request).select_related("group")\n'
    )
    bench.reviews(before, after, "own-queryset")


# -- told ------------------------------------------------------------------------------------------


def test_a_count_needs_an_annotation(bench: Bench) -> None:
    body = """
list_display = ("title", "size")

def size(self, obj):
    return obj.chapters.count()
"""
    bench.reports(admin(body), "counted-rows")


def test_a_filter_asks_again(bench: Bench) -> None:
    body = """
list_display = ("title", "names")

def names(self, obj):
    return ", ".join(tag.name for tag in obj.tags.filter(name="x"))
"""
    bench.reports(admin(body), "ignores-prefetch")


def test_a_setting_by_request_replaces_the_attribute(bench: Bench) -> None:
    body = """
list_display = ("title", "group")

def get_list_select_related(self, request):
    return ("author",)
"""
    bench.reports(admin(body), "own-list-select-related")


def test_a_setting_that_is_no_literal_is_left(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")\nlist_select_related = COLUMNS')
    bench.reports(
        body.replace(HEAD, HEAD + '\nCOLUMNS = ("author",)\n\n'),
        "existing-setting",
        "unreadable-setting",
    )


def test_models_that_need_different_paths_share_no_setting(bench: Bench) -> None:
    bench.reports(admin('list_display = ("__str__", "group")', "Book, Category"), "several-models")


def test_columns_that_only_leaves_out_cannot_be_joined(bench: Bench) -> None:
    body = QUERYSET.replace('filter(title="x")', 'only("title")')
    bench.reports(admin(body), "only-columns", "own-queryset", "restricted-later")


# -- left alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('list_display = ("title", "category")', id="django_joins_required_keys"),
        pytest.param('list_display = ("title", "signed")', id="and_those_behind_them"),
        pytest.param('list_display = ("title",)', id="no_relation"),
        pytest.param('list_display = ("title", "author_id")', id="the_key_itself"),
        pytest.param(
            'list_display = ("title", "group")\nlist_select_related = ("group",)', id="listed"
        ),
        pytest.param(
            'list_display = ("title", "category_name")\nlist_select_related = True', id="true"
        ),
        pytest.param(
            'list_display = ("title", "company_name")\n'
            'list_select_related = ["author__company", "tags"]',
            id="a_longer_list",
        ),
        pytest.param(
            'list_display = ("title", "category", "company_name")', id="joined_by_another_column"
        ),
        pytest.param(
            'list_display = ("title", "group")\n\n'
            "def get_queryset(self, request):\n"
            '    return super().get_queryset(request).select_related("group")',
            id="joined_in_the_queryset",
        ),
        pytest.param(
            MANY + "\ndef get_queryset(self, request):\n"
            '    return super().get_queryset(request).prefetch_related("tags")',
            id="prefetched_in_the_queryset",
        ),
        pytest.param(
            'list_display = ("title", "mark")\n\ndef mark(self, obj):\n    return obj.author_id',
            id="a_method_that_reads_the_key",
        ),
        pytest.param('list_filter = ("author", "group")', id="filters_are_not_columns"),
    ],
)
def test_left_alone(bench: Bench, body: str) -> None:
    bench.ignores(admin(body))


def test_the_row_has_no_text_in_the_checkbox_before_django_5(old: Bench) -> None:
    old.ignores(admin('list_display = ("pk",)', "Chapter"))


def test_without_actions_there_is_no_checkbox(bench: Bench) -> None:
    bench.ignores(admin('list_display = ("pk",)\nactions = None', "Chapter"))


def test_django_6_1_joins_a_nullable_column(new: Bench) -> None:
    new.ignores(admin('list_display = ("title", "group")'))


def test_a_class_that_no_model_is_registered_with(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")').replace("@admin.register(Book)\n", "")
    bench.declines(body, "not-registered")


def test_a_base_for_others_is_nothing_to_speak_of(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")').replace("@admin.register(Book)\n", "")
    heir = '\n\n@admin.register(Category)\nclass Heir(ThingAdmin):\n    list_display = ("pk",)\n'
    bench.ignores(body + heir)


def test_columns_that_cannot_be_read(bench: Bench) -> None:
    bench.declines(admin("list_display = columns()"), "unreadable-columns")


def test_a_model_that_cannot_be_read(bench: Bench) -> None:
    body = admin('list_display = ("title", "group")', "Foreign")
    bench.declines(body.replace(HEAD, "from elsewhere import Foreign\n" + HEAD), "unknown-model")


def test_an_inline_is_no_list(bench: Bench) -> None:
    bench.ignores(f"{HEAD}\nclass Inline(admin.TabularInline):\n    model = Chapter\n")


def test_another_register_is_no_admin(bench: Bench) -> None:
    text = f"{HEAD}\nfrom rest_framework import routers, viewsets\n\n\n"
    text += "class Books(viewsets.ModelViewSet):\n    pass\n\n\n"
    bench.ignores(text + 'router = routers.DefaultRouter()\nrouter.register("books", Books)\n')


def test_a_comment_on_the_evidence_takes_a_path_out(bench: Bench) -> None:
    body = """
list_display = ("title", "group_name")

def group_name(self, obj):
    return obj.group.name  # djfix: ignore[admin-list] -- few rows
"""
    bench.declines(admin(body), "suppressed-evidence")


# -- options ---------------------------------------------------------------------------------------


def bench_with(bench_of: MakeBench, options: AdminListOptions) -> Bench:
    return bench_of(AdminList(options), "shop/admin.py", files("5.2.4"))


def test_a_shorter_page_is_seen(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(list_per_page=50))
    bench.reviews(
        admin('list_display = ("title",)'),
        admin('list_display = ("title",)\nlist_per_page = 50'),
        "visible",
    )


def test_a_page_that_is_longer_than_wanted(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(list_per_page=50))
    bench.reviews(
        admin('list_display = ("title",)\nlist_per_page = 500'),
        admin('list_display = ("title",)\nlist_per_page = 50'),
        "visible",
    )


def test_a_page_that_is_short_enough(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(list_per_page=100))
    bench.ignores(admin('list_display = ("title",)'))


def test_the_total_of_a_big_table_is_seen(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(big_tables=("shop.Book",)))
    bench.reviews(
        admin('list_display = ("title",)'),
        admin('list_display = ("title",)\nshow_full_result_count = False'),
        "visible",
    )


def test_a_select_has_every_row_of_a_big_table(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(big_tables=("shop.Author",)))
    bench.reports(admin('list_display = ("title",)'), "select-of-all-rows")


@pytest.mark.parametrize(
    "body",
    [
        'raw_id_fields = ("author",)',
        'autocomplete_fields = ["author"]',
        'readonly_fields = ["author"]',
        'fields = ("title", "tags")',
        "form = BookForm",
    ],
)
def test_no_select_of_a_big_table(bench_of: MakeBench, body: str) -> None:
    bench = bench_with(bench_of, AdminListOptions(big_tables=("shop.Author",)))
    bench.ignores(admin(body))


def test_the_form_of_an_inline_has_selects(bench_of: MakeBench) -> None:
    bench = bench_with(bench_of, AdminListOptions(big_tables=("shop.Chapter",)))
    inline = "class Inline(admin.TabularInline):\n    model = Page\n\n\n"
    text = admin('list_display = ("title",)\ninlines = [Inline]')
    bench.reports(text.replace(HEAD, f"{HEAD}\n{inline}"), "select-of-all-rows")


def test_data_names_what_is_missing_and_not_what_is_joined_already(bench: Bench) -> None:
    result = bench.run(admin('list_display = ("title", "category", "group")'))
    found = result.findings[0].finding
    assert dict(found.data) == {
        "kind": "admin",
        "view": "ThingAdmin",
        "views": ("ThingAdmin",),
        "model": "shop.Book",
        "serializers": (),
        "select_related": ("group",),
        "prefetch_related": (),
    }
    assert [(each.line, each.text) for each in found.evidence] == [(8, "ThingAdmin lists group")]


def test_the_page_explains_every_reason(project_root: Path) -> None:
    folder = project_root / "codemods" / "rules" / "admin_list"
    code = "\n".join(path.read_text() for path in folder.glob("*.py"))
    given = set(re.findall(r'Reason\(\s*"([a-z-]+)"|_declined\(admin, "([a-z-]+)"', code))
    page = (project_root / "docs" / "rules" / "admin-list.md").read_text()
    explained = set(re.findall(r"`([a-z-]+)`", page.partition("## Reasons")[2]))
    assert {name for pair in given for name in pair if name} <= explained


WHERE = """\
list_display = ("seen", "where")

def where(self, obj):
    return obj.author.company.name

def seen(self, obj):
    {body}
"""
WRITING = {
    "by_a_query": 'Author.objects.filter(pk=obj.author_id).update(name="seen")',
    "by_a_save_of_the_row_it_leads_to": "obj.author.save()",
    "in_a_function_that_is_told_the_key": "rename(obj.author_id)",
    "of_another_relation_of_the_row": 'Author.objects.create(name="new", company_id=1)',
}
LOOKING = {
    "at_the_rows_of_keys": 'return "author" in obj._state.fields_cache',
    "at_a_key": "return Book.author.is_cached(obj)",
    "not_any_more_at_a_row_read_anew": "obj.refresh_from_db()",
}
RENAMING = """\

def counted():
    from django.db import connection

    return len(connection.queries)

def rename(key):
    Author.objects.filter(pk=key).update(name="seen")

"""


def noticed(body: str) -> str:
    return HEAD + RENAMING + admin(WHERE.format(body=body)).removeprefix(HEAD)


@pytest.mark.parametrize("body", WRITING.values(), ids=WRITING)
def test_a_column_writes_rows_that_another_shows(bench: Bench, body: str) -> None:
    text = noticed(body)
    assert bench.after(text).decode() == text
    assert "writes-rows" in bench.reasons(text)


@pytest.mark.parametrize("body", LOOKING.values(), ids=LOOKING)
def test_a_column_looks_at_what_is_loaded(bench: Bench, body: str) -> None:
    text = noticed(body)
    assert bench.after(text).decode() == text
    assert "looks-into-cache" in bench.reasons(text)


COUNTING = {
    "queries": "from django.db import connection\n    return len(connection.queries)",
    "queries_of_one_database": (
        'from django.db import connections\n    return len(connections["default"].queries)'
    ),
    "queries_that_are_captured": (
        "from django.test.utils import CaptureQueriesContext\n"
        "    with CaptureQueriesContext(None) as found:\n        return len(found)"
    ),
    "queries_as_they_are_run": (
        "from django.db import connection\n"
        "    with connection.execute_wrapper(print):\n        return 1"
    ),
    "in_a_function_that_is_told_nothing": "return counted()",
}


def test_a_function_that_no_column_calls_counts_queries(bench: Bench) -> None:
    text = noticed("return obj.pk")
    assert bench.after(text).decode() != text


@pytest.mark.parametrize("body", COUNTING.values(), ids=COUNTING)
def test_a_column_counts_queries(bench: Bench, body: str) -> None:
    text = noticed(body)
    assert bench.after(text).decode() == text
    assert "looks-into-cache" in bench.reasons(text)


def test_a_column_reads_queries_of_something_else(bench: Bench) -> None:
    assert b"list_select_related = " in bench.after(noticed("return len(self.queries)"))


def test_a_column_writes_other_rows(bench: Bench) -> None:
    text = noticed("Page.objects.update(chapter_id=1)")
    assert b'list_select_related = ("author__company",' in bench.after(text)


def test_a_column_goes_through_the_row_and_only_joins_are_added(bench: Bench) -> None:
    assert b'list_select_related = ("author__company",' in bench.after(
        noticed("return sorted(obj.__dict__)")
    )
