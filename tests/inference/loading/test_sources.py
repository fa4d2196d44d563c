"""The expressions that a view's queryset comes from, as places in the text, and what is unclear."""

from __future__ import annotations

import ast

import pytest

from djfix.codemods.inference.loading.sources import sources_of_view
from djfix.codemods.inference.loading.values import QuerySource
from djfix.codemods.project.project import Project
from tests.inference.loading.shelf import brief, project_of

HEAD = """
from django.views.generic import ListView
from rest_framework import generics, viewsets
from shelf.models import Author, Book, Review

class Base(generics.ListAPIView):
    queryset = Book.objects.select_related("author")

class Own:
    def get_queryset(self):
        return super().get_queryset().filter(owner=self.request.user)

def books_of(user):
    return Book.objects.prefetch_related("tags").filter(owner=user)

def limited(queryset, user=None):
    if user is None:
        return queryset.none()
    return queryset.filter(owner=user)

class Service:
    def __init__(self, user):
        self.user = user

    def books(self):
        return Book.objects.select_related("editor").filter(owner=self.user)
"""

KNOWN = {
    "a_class_attribute": (
        ["queryset: Book.objects.all() | all | explicit | () ()"],
        "class V(generics.ListAPIView):\n    queryset = Book.objects.all()\n",
    ),
    "an_attribute_of_a_base": (
        ['queryset: Book.objects.select_related("author") | select_related | explicit | author ()'],
        "class V(Base):\n    pass\n",
    ),
    "an_attribute_that_get_queryset_never_reads": (
        ["return: Author.objects.all() | all | explicit | () ()"],
        """
class V(Base):
    def get_queryset(self):
        return Author.objects.all()
""",
    ),
    "a_return_on_top_of_the_parents_attribute": (
        [
            (
                "return: super().get_queryset().filter(pk=1) | select_related filter | explicit"
                " | author ()"
            )
        ],
        """
class V(Base):
    def get_queryset(self):
        return super().get_queryset().filter(pk=1)
""",
    ),
    "a_return_on_top_of_self_queryset": (
        ['return: self.queryset.order_by("pk") | select_related order_by | explicit | author ()'],
        """
class V(Base):
    def get_queryset(self):
        return self.queryset.order_by("pk")
""",
    ),
    "a_name_that_is_refined_step_by_step": (
        ["return: qs | select_related filter exclude | explicit | author ()"],
        """
class V(Base):
    def get_queryset(self):
        qs = super().get_queryset()
        qs = qs.filter(pk=1)
        if self.request.GET:
            qs = qs.exclude(pk=2)
        return qs
""",
    ),
    "each_return_of_several": (
        [
            "return: Book.objects.filter(pk=1) | filter | explicit | () ()",
            'return: Book.objects.order_by("pk") | order_by | explicit | () ()',
        ],
        """
class V(Base):
    def get_queryset(self):
        if self.request.user.is_staff:
            return Book.objects.filter(pk=1)
        return Book.objects.order_by("pk")
""",
    ),
    "both_sides_of_a_conditional": (
        [
            "return: Book.objects.all() | all | explicit | () ()",
            (
                "return: Book.loading.all() | select_related all | explicit"
                " | author,author__country ()"
            ),
        ],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.all() if self.x else Book.loading.all()
""",
    ),
    "rows_that_are_none_are_left_out": (
        ["return: Book.objects.all() | all | explicit | () ()"],
        """
class V(Base):
    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Book.objects.none()
        return Book.objects.all()
""",
    ),
    "the_attribute_below_a_mixin": (
        ["queryset: Book.objects.all() | all filter | explicit | () ()"],
        "class V(Own, generics.ListAPIView):\n    queryset = Book.objects.all()\n",
    ),
    "the_call_of_a_helper": (
        ["return: books_of(self.request.user) | prefetch_related filter | explicit | () tags"],
        """
class V(Base):
    def get_queryset(self):
        return books_of(self.request.user)
""",
    ),
    "a_helper_that_refines_what_it_is_given": (
        [
            (
                "return: limited(super().get_queryset(), user=1) | select_related filter | explicit"
                " | author ()"
            )
        ],
        """
class V(Base):
    def get_queryset(self):
        return limited(super().get_queryset(), user=1)
""",
    ),
    "a_method_of_a_service": (
        ["return: Service(1).books() | select_related filter | explicit | editor ()"],
        """
class V(Base):
    def get_queryset(self):
        return Service(1).books()
""",
    ),
    "the_projects_own_queryset_methods": (
        [
            (
                "return: Book.objects.with_related().with_tags(deep=True) | select_related filter"
                " visible with_related prefetch_related prefetch_related with_tags | explicit"
                " | author tags"
            )
        ],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.with_related().with_tags(deep=True)
""",
    ),
    "a_related_manager_of_an_unread_object_by_the_views_model": (
        ["return: self.request.shop.reviews.all() | all | none | () () | unread-receiver"],
        """
class V(generics.ListAPIView):
    queryset = Review.objects.none()

    def get_queryset(self):
        return self.request.shop.reviews.all()
""",
    ),
    "a_property": (
        ["return: Book.objects.all() | all | explicit | () ()"],
        """
class V(generics.ListAPIView):
    @property
    def queryset(self):
        return Book.objects.all()
""",
    ),
    "a_method_that_get_queryset_calls": (
        ["return: self.base().distinct() | select_related order_by distinct | none | author ()"],
        """
class V(Base):
    def base(self):
        return self.queryset.order_by()

    def get_queryset(self):
        return self.base().distinct()
""",
    ),
    "a_loop_that_refines": (
        ["return: qs | all filter | explicit | () ()"],
        """
class V(Base):
    def get_queryset(self):
        qs = Book.objects.all()
        for word in self.words:
            qs = qs.filter(title=word)
        return qs
""",
    ),
    "branches_that_load_different_things_load_what_both_do": (
        ["return: qs | select_related select_related | explicit | author ()"],
        """
class V(Base):
    def get_queryset(self):
        qs = Book.objects.select_related("author")
        if self.deep:
            qs = qs.select_related("author__country")
        return qs
""",
    ),
    "models_that_the_registry_gives": (
        [
            "return: named.objects.all() | all | explicit | () ()",
            "return: other.objects.all() | all | explicit | () ()",
        ],
        """
from django.apps import apps

class V(Base):
    def get_queryset(self):
        named = apps.get_model(app_label="shelf", model_name="Book")
        other = apps.get_model("shelf", "Book")
        if self.named:
            return named.objects.all()
        return other.objects.all()
""",
    ),
    "values_forbid_both": (
        ["return: Book.objects.values('pk') | values | explicit | () () | values-rows"],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.values('pk')
""",
    ),
    "a_union_forbids_both": (
        [
            (
                "return: Book.objects.all().union(Book.objects.all()) | all union | none | () ()"
                " | combined-querysets"
            )
        ],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.all().union(Book.objects.all())
""",
    ),
    "an_unknown_method_is_called_unknown": (
        ["return: Book.objects.shuffled() | shuffled | unknown | () () | unknown-queryset-method"],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.shuffled()
""",
    ),
    "djangos_own_views_make_do_with_a_model": (
        ["queryset: Book | all | explicit | () () | model-instead-of-queryset"],
        "class V(ListView):\n    model = Book\n",
    ),
    "a_model_instead_of_a_queryset": (
        ["queryset: Book |  | explicit | () () | model-instead-of-queryset"],
        "class V(generics.ListAPIView):\n    queryset = Book\n",
    ),
}


def shown(project: Project, source: QuerySource) -> str:
    document = project.files.document(source.path)
    reference = source.reference
    node = next(
        each
        for each in ast.walk(document.tree)
        if isinstance(each, ast.expr)
        and (each.lineno, each.col_offset) == (reference.line, reference.column)
        and (each.end_lineno, each.end_col_offset) == (reference.end_line, reference.end_column)
    )
    joined, lookups = brief(source.loaded)
    parts = [
        f"{source.setting}: {document.segment(node)}",
        " ".join(source.methods),
        source.order,
        (",".join(joined) or "()")  # type: ignore[arg-type]
        + " "
        + (",".join(each[0] for each in lookups) or "()"),  # type: ignore[attr-defined]
    ]
    hazards = ",".join(each.reason.name for each in source.hazards)
    return " | ".join([*parts, hazards] if hazards else parts)


@pytest.mark.parametrize("case", KNOWN)
def test_the_source_is(case: str) -> None:
    expected, text = KNOWN[case]
    project = project_of({"shelf/views.py": HEAD + text})
    sources, reasons = sources_of_view(project, "shelf.views.V")
    assert [shown(project, each) for each in sources] == expected
    assert reasons == ()


UNKNOWN = {
    "drf_views_do_not_take_a_model_alone": (
        ["no-queryset"],
        "class V(generics.ListAPIView):\n    model = Book\n",
    ),
    "a_view_without_any": (["no-queryset"], "class V(generics.ListAPIView):\n    pass\n"),
    "a_list": (
        ["unknown-queryset"],
        """
class V(Base):
    def get_queryset(self):
        return [each for each in Book.objects.all()]
""",
    ),
    "a_function_that_is_not_known": (
        ["unknown-queryset"],
        """
from elsewhere import rows

class V(Base):
    def get_queryset(self):
        return rows(self.request)
""",
    ),
    "a_number": (
        ["no-queryset"],
        """
class V(Base):
    def get_queryset(self):
        return Book.objects.count()
""",
    ),
    "a_get_queryset_that_is_no_function": (
        ["unreadable-view"],
        """
class V(Base):
    get_queryset = lambda self: Book.objects.all()
""",
    ),
    "a_base_that_is_not_known": (
        ["unknown-base"],
        """
from elsewhere import Foreign

class V(Foreign, generics.ListAPIView):
    pass
""",
    ),
    "a_model_that_only_a_variable_names": (
        ["unknown-queryset"],
        """
from django.apps import apps

class V(Base):
    def get_queryset(self):
        named = apps.get_model(app_label="shelf", model_name=self.kwargs["model"])
        return named.objects.all()
""",
    ),
    "rows_of_one_model_or_another": (
        ["several-models"],
        """
class V(Base):
    def get_queryset(self):
        qs = Book.objects.all()
        if self.x:
            qs = Author.objects.all()
        return qs
""",
    ),
    "methods_that_call_each_other": (
        ["deep-queryset"],
        """
class V(Base):
    def get_queryset(self):
        return self.other()

    def other(self):
        return self.get_queryset()
""",
    ),
    "an_object_whose_model_is_not_known": (
        ["unknown-queryset"],
        """
class V(generics.ListAPIView):
    def get_queryset(self):
        return self.request.shop.reviews.all()
""",
    ),
    "a_name_that_is_built_on_itself": (
        ["unknown-queryset"],
        """
class V(generics.ListAPIView):
    def get_queryset(self):
        while True:
            qs = qs.filter(pk=1)
        return qs
""",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_the_source_is_unknown_for(case: str) -> None:
    expected, text = UNKNOWN[case]
    project = project_of({"shelf/views.py": HEAD + text})
    sources, reasons = sources_of_view(project, "shelf.views.V")
    assert (sources, [each.name for each in reasons]) == ((), expected)


def test_a_get_queryset_of_a_base_is_owned_by_the_base() -> None:
    text = """
class Listing(generics.ListAPIView):
    def get_queryset(self):
        return Book.objects.all()

class V(Listing):
    pass
"""
    project = project_of({"shelf/views.py": HEAD + text})
    (source,), _ = sources_of_view(project, "shelf.views.V")
    assert source.owner == "shelf.views.Listing.get_queryset"
    assert (
        source.anchor_line
        == (HEAD + text).splitlines().index("        return Book.objects.all()") + 1
    )


def test_an_attribute_in_another_file_is_named_by_its_file() -> None:
    project = project_of(
        {
            "shelf/bases.py": HEAD,
            "shelf/views.py": "from shelf.bases import Base\n\nclass V(Base):\n    pass\n",
        }
    )
    (source,), reasons = sources_of_view(project, "shelf.views.V")
    assert (source.path, source.owner, reasons) == ("shelf/bases.py", "shelf.bases.Base", ())
