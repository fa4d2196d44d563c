"""What a function hands to a serializer or paginator, followed back to where it is made."""

from __future__ import annotations

import pytest

from djfix.codemods.findings import Reason
from djfix.codemods.inference.loading.hazards import hazards_for
from tests.inference.loading.shelf import HEAD, loaded_by, path_of, project_of, source_of

MADE_AT = {
    "a_page_of_a_filtered_name": (
        "Book.objects.filter(pk=1)",
        ("filter",),
        """
qs = Book.objects.filter(pk=1)
page = request.paginate_queryset(request.filter_queryset(qs))
page
""",
    ),
    "the_last_of_several_steps": (
        "qs.order_by('pk')",
        ("all", "order_by"),
        """
qs = Book.objects.all()
qs = qs.order_by('pk')
qs
""",
    ),
    "the_name_that_a_condition_rebuilds": (
        "qs",
        ("all", "filter"),
        """
qs = Book.objects.all()
if request:
    qs = qs.filter(pk=1)
qs
""",
    ),
    "a_page_or_the_whole": (
        "Book.objects.all()",
        ("all",),
        """
qs = Book.objects.all()
page = request.paginate_queryset(qs)
page if page is not None else qs
""",
    ),
    "a_list_of_it": ("Book.objects.all()", ("all",), "list(Book.objects.all())"),
    "a_sorted_list_of_it": ("Book.objects.all()", ("all",), "sorted(Book.objects.all(), key=len)"),
    "a_slice": ("Book.objects.all()[:5]", ("all",), "Book.objects.all()[:5]"),
    "one_of_a_slice": ("Book.objects.all()", ("all",), "Book.objects.all()[0]"),
    "the_first": (
        "Book.objects.order_by('pk')",
        ("order_by",),
        "Book.objects.order_by('pk').first()",
    ),
    "an_object_or_404": (
        "Book.objects.all()",
        ("all",),
        """
from django.shortcuts import get_object_or_404
book = get_object_or_404(Book.objects.all(), pk=1)
book
""",
    ),
    "djangos_paginator": (
        "Book.objects.all()",
        ("all",),
        """
from django.core.paginator import Paginator
pages = Paginator(Book.objects.all(), 10)
page = pages.get_page(1)
page.object_list
""",
    ),
}


@pytest.mark.parametrize("case", MADE_AT)
def test_the_queryset_is_made_at(case: str) -> None:
    text, methods, body = MADE_AT[case]
    found = source_of(body)
    assert not isinstance(found, Reason)
    project = project_of({"shelf/views.py": _module(body)})
    line = project.files.document("shelf/views.py").lines[found.reference.line - 1]
    made = line[found.reference.column : found.reference.end_column]
    assert (made, found.methods, found.setting, found.hazards) == (text, methods, "argument", ())


def _module(body: str) -> str:
    lines = body.strip("\n").splitlines()
    return HEAD + "\ndef view(request):\n" + "".join(f"    {line}\n" for line in lines)


UNKNOWN = {
    "a_comprehension": ("unknown-queryset", "[each for each in Book.objects.all()]"),
    "a_parameter": ("parameter-queryset", "request"),
    "a_count": ("no-queryset", "Book.objects.count()"),
    "two_places_that_are_no_queryset": (
        "no-queryset",
        """
book = Book.objects.first()
if request:
    book = Book.objects.last()
book
""",
    ),
    "a_loop_variable": (
        "unknown-queryset",
        """
for book in Book.objects.all():
    pass
book
""",
    ),
    "a_manager_that_is_none": ("unknown-manager", "Book.missing.all()"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_the_queryset_is_unknown_for(case: str) -> None:
    name, body = UNKNOWN[case]
    found = source_of(body)
    assert isinstance(found, Reason)
    assert found.name == name


HAZARDS = {
    "Book.objects.values('pk')": ["values-rows both True"],
    "Book.objects.values_list('pk')": ["values-rows both True"],
    "Book.objects.dates('day', 'year')": ["values-rows both True"],
    "Book.objects.all().union(Book.objects.all())": ["combined-querysets both True"],
    "Book.objects.all().difference(Book.objects.all())": ["combined-querysets both True"],
    "Book.objects.raw('')": ["raw-queryset join True", "raw-prefetch prefetch False"],
    "Book.objects.extra(where=['1=1'])": ["extra-sql both False"],
    "Book.objects.all().iterator()": ["iterated both True"],
    "Book.objects.select_for_update()": ["row-lock join True"],
    "Book.objects.select_for_update(of=('self',))": [],
    "Book.objects.select_for_update(of=('self', 'author'))": ["row-lock join True"],
    "Book.objects.only('title')": ["only-columns join True"],
    "Book.objects.defer('author')": ["deferred-columns join True"],
    "Book.objects.only('title').defer(None)": [],
    "Book.objects.only(*request)": ["only-columns join True", "unreadable-columns both False"],
    "Book.objects.select_related()": ["bare-select-related join False"],
    "Book.objects.select_related().select_related('author')": [],
    "Book.objects.select_related().select_related(None)": [],
    "Book.objects.select_related(*request)": ["unreadable-select-related join False"],
    "Book.objects.prefetch_related(request)": ["unreadable-prefetch prefetch False"],
    "Book.objects.shuffled()": ["unknown-queryset-method both False"],
    "Book": ["model-instead-of-queryset both True"],
    "Book.objects.using('other')": [],
    "Book.objects.all()[:3]": [],
    "Book.objects.distinct()": [],
    "Book.objects.prefetch_related(Prefetch('tags', Tag.objects.all()))": [],
}


@pytest.mark.parametrize("expression", HAZARDS)
def test_what_an_expression_forbids(expression: str) -> None:
    found = loaded_by(expression)
    said = [f"{each.reason.name} {each.forbids} {each.certain}" for each in found.hazards]
    assert said == HAZARDS[expression]


LATER = {
    "qs.only('pk')": ["only-columns"],
    "qs.filter(pk=1).only('pk')": ["only-columns"],
    "qs.union(qs)": ["union-operand"],
    "qs.iterator()": ["iterated-later"],
    "qs.iterator(chunk_size=100)": [],
    "qs.values('pk')": [],
    "qs.count()": [],
    "qs.aggregate(n=Count('pk'))": [],
    "qs.select_for_update()": ["row-lock"],
    "qs.prefetch_related(None)": ["cleared-prefetches"],
    "qs.select_related(None)": ["cleared-joins"],
    "qs.delete()": [],
}


@pytest.mark.parametrize("later", LATER)
def test_what_a_later_use_of_the_name_forbids(later: str) -> None:
    found = source_of(f"qs = Book.objects.all()\nother = {later}\nqs")
    assert not isinstance(found, Reason)
    assert [each.reason.name for each in found.hazards] == LATER[later]


FOR_A_PATH = {
    ("Book.objects.only('title', 'author')", "author"): [],
    ("Book.objects.only('title', 'author_id')", "author__country"): [],
    ("Book.objects.only('title')", "author"): ["only-columns True"],
    ("Book.objects.only('title')", "tags"): [],
    ("Book.objects.only('author').only('title')", "author"): ["only-columns True"],
    ("Book.objects.defer('title')", "author"): [],
    ("Book.objects.defer('author')", "author"): ["deferred-columns True"],
    ("Book.objects.select_for_update()", "author"): ["row-lock False"],
    ("Book.objects.select_for_update()", "editor"): ["row-lock True"],
    ("Book.objects.select_for_update()", "detail"): ["row-lock True"],
}


@pytest.mark.parametrize(("expression", "lookup"), FOR_A_PATH)
def test_what_is_forbidden_for_one_path(expression: str, lookup: str) -> None:
    found = hazards_for(project_of({}), loaded_by(expression), path_of(lookup))
    expected = FOR_A_PATH[expression, lookup]
    assert [f"{each.reason.name} {each.certain}" for each in found] == expected


def test_a_later_only_is_not_excused_by_the_columns_of_an_earlier_one() -> None:
    found = source_of("qs = Book.objects.only('author')\nother = qs.only('pk')\nqs")
    assert not isinstance(found, Reason)
    left = hazards_for(project_of({}), found, path_of("author"))
    assert [each.reason.name for each in left] == ["only-columns", "only-columns"]


LISTS = {
    "names = ['author']": [],
    "names = ('author',)": [],
    "names = ['author']\nnames += ['editor']": ["unreadable-select-related"],
    "names = ['author']\nnames.append('editor')": ["unreadable-select-related"],
    "names = ['author', 'editor']\nnames.remove('editor')": ["unreadable-select-related"],
    "names = ['author']\nnames[0] = 'editor'": ["unreadable-select-related"],
    "names = ['author', request]": ["unreadable-select-related"],
    "names = request": ["unreadable-select-related"],
}


@pytest.mark.parametrize("names", LISTS)
def test_names_in_a_list_are_read_where_nothing_changes_it(names: str) -> None:
    found = source_of(f"{names}\nBook.objects.select_related(*names)")
    assert not isinstance(found, Reason)
    assert [each.reason.name for each in found.hazards] == LISTS[names]


CUSTOM = {
    "Review.objects.all()": False,
    "Review.objects.select_related('user').order_by('pk')": False,
    "Review.objects.filter(pk=1)": True,
    "Review.objects.all()[:3]": True,
    "Book.sets.all()": True,
    "request": True,
}


@pytest.mark.parametrize("queryset", CUSTOM)
def test_whether_a_prefetch_holds_the_relations_own_rows(queryset: str) -> None:
    found = loaded_by(f"Book.objects.prefetch_related(Prefetch('reviews', queryset={queryset}))")
    assert found.loaded.prefetched["reviews"].is_custom is CUSTOM[queryset]
