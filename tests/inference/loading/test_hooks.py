"""Rows that a base's `get_queryset` puts on `self.queryset`, from a member of each view's own."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.loading.sources import sources_of_view
from tests.inference.loading.shelf import project_of
from tests.inference.loading.test_sources import shown

BASES = """
from rest_framework import generics, serializers
from shelf.models import Author, Book, Review


def checked(view, queryset):
    try:
        queryset.query
    except AttributeError:
        return queryset
    else:
        return queryset


class Checking:
    def get_rows(self, *args, **kwargs):
        queryset = super().get_rows(*args, **kwargs)
        return checked(view=self, queryset=queryset)


class Asking:
    rows = None

    def get_rows(self):
        if self.rows is None:
            if self.model:
                return self.model._default_manager.all()
            raise TypeError
        return self.rows

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return []
        try:
            return super().get_queryset()
        except AssertionError:
            self.queryset = self.get_rows()
            return super().get_queryset()


class Base(Checking, Asking, generics.ListAPIView):
    pass


class Recent:
    def get_rows(self):
        return Book.objects.order_by("-pk")
"""

KNOWN = {
    "an_attribute_of_its_own": (
        ["argument: Book.objects.all() | all | explicit | () () | through-hook"],
        "class V(Base):\n    rows = Book.objects.all()\n",
    ),
    "a_method_of_its_own": (
        ["argument: Book.objects.filter(pk=1) | filter | explicit | () () | through-hook"],
        "class V(Base):\n    def get_rows(self):\n        return Book.objects.filter(pk=1)\n",
    ),
    "each_return_of_a_method": (
        [
            "argument: Book.objects.filter(pk=1) | filter | explicit | () () | through-hook",
            "argument: Book.objects.all() | all | explicit | () () | through-hook",
        ],
        """
class V(Base):
    def get_rows(self):
        if self.request.user.is_anonymous:
            return Book.objects.filter(pk=1)
        return Book.objects.all()
""",
    ),
    "a_method_of_a_class_between": (
        ['argument: Book.objects.order_by("-pk") | order_by | explicit | () () | through-hook'],
        "class V(Recent, Base):\n    pass\n",
    ),
    "rows_of_an_unread_object_by_the_serializers_model": (
        [
            (
                "argument: self.found().reviews.all() | all | none | () ()"
                " | unread-receiver,through-hook"
            )
        ],
        """
class ReviewSerializer(serializers.ModelSerializer):
    class Meta:
        model = Review
        fields = ["text"]

class V(Base):
    serializer_class = ReviewSerializer

    def get_rows(self):
        return self.found().reviews.all()
""",
    ),
    "a_method_that_sets_it_for_itself_alone": (
        ["return: super().get_queryset() | all | explicit | () ()"],
        """
class V(generics.ListAPIView):
    def get_queryset(self):
        self.queryset = Book.objects.all()
        return super().get_queryset()
""",
    ),
    "the_model_of_djangos_own_view_unless_something_was_set": (
        ["return: super().get_queryset() | all | explicit | () ()"],
        """
from django.views.generic import ListView

class V(ListView):
    model = Book

    def get_queryset(self):
        if self.request.GET:
            self.queryset = Book.objects.select_related("author")
        return super().get_queryset()
""",
    ),
    "other_rows_of_the_same_model_load_what_both_do": (
        ["return: super().get_queryset() | select_related all | explicit | () ()"],
        """
class V(generics.ListAPIView):
    queryset = Book.objects.select_related("author")

    def get_queryset(self):
        if self.request.user.is_staff:
            self.queryset = Book.objects.all()
        return super().get_queryset()
""",
    ),
    "other_rows_of_another_model": (
        [
            "return: super().get_queryset() | all | explicit | () () | replaced-queryset",
        ],
        """
class V(generics.ListAPIView):
    queryset = Book.objects.all()

    def get_queryset(self):
        if self.request.user.is_staff:
            self.queryset = Author.objects.all()
        return super().get_queryset()
""",
    ),
    "rows_that_another_method_puts_there": (
        [
            "return: super().get_queryset() | all | explicit | () () | replaced-queryset",
        ],
        """
class V(generics.ListAPIView):
    queryset = Book.objects.all()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.queryset = request.user.rows()

    def get_queryset(self):
        return super().get_queryset()
""",
    ),
    "rows_that_are_made_of_its_own": (
        ["return: super().get_queryset() | all | explicit | () ()"],
        """
class V(generics.ListAPIView):
    queryset = Book.objects.all()

    def get_queryset(self):
        rows = super().get_queryset()
        rows = rows.filter(pk=1)
        self.queryset = rows
        return super().get_queryset()
""",
    ),
    "an_attribute_that_no_method_returns": (
        ["queryset: Book.objects.all() | all | explicit | () ()"],
        """
class V(generics.ListAPIView):
    queryset = Book.objects.all()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.queryset = Author.objects.all()
""",
    ),
    "an_attribute_named_queryset_as_ever": (
        ["queryset: Book.objects.all() | all | explicit | () ()"],
        """
class Plain:
    def get_queryset(self):
        return super().get_queryset()

class V(Plain, generics.ListAPIView):
    queryset = Book.objects.all()
""",
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_the_source_is(case: str) -> None:
    expected, text = KNOWN[case]
    project = project_of({"shelf/views.py": BASES + text})
    sources, reasons = sources_of_view(project, "shelf.views.V")
    assert [shown(project, each) for each in sources] == expected
    assert reasons == ()


UNKNOWN = {
    "a_base_that_asks_for_rows_which_are_nowhere": (
        ["unknown-queryset"],
        "class V(Base):\n    pass\n",
    ),
    "an_attribute_that_may_be_none_at_times": (
        ["unknown-queryset"],
        "class V(Base):\n    rows = Book.objects.all() if LARGE else None\n",
    ),
    "rows_that_are_a_list": (
        ["unknown-queryset"],
        "class V(Base):\n    def get_rows(self):\n        return [*Book.objects.all()]\n",
    ),
    "rows_that_are_the_base's_for_all_its_views": (
        ["unknown-queryset"],
        """
class All(generics.ListAPIView):
    def get_queryset(self):
        self.queryset = Book.objects.all()
        return super().get_queryset()

class V(All):
    pass
""",
    ),
    "one_queryset_or_another": (
        ["unknown-queryset"],
        """
class Choosing(generics.ListAPIView):
    def get_queryset(self):
        if self.request.user.is_staff:
            self.queryset = self.get_rows()
        else:
            self.queryset = self.get_few()
        return super().get_queryset()

class V(Choosing):
    def get_rows(self):
        return Book.objects.all()

    def get_few(self):
        return Book.objects.filter(pk=1)
""",
    ),
    "what_another_method_sets_as_well": (
        ["unknown-queryset"],
        """
class V(Base):
    rows = Book.objects.all()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.queryset = Author.objects.all()
""",
    ),
    "an_unread_object_of_a_serializer_that_it_leads_nowhere_in": (
        ["unknown-queryset"],
        """
class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["title"]

class V(Base):
    serializer_class = BookSerializer

    def get_rows(self):
        return self.found().reviews.all()
""",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_the_source_is_unknown_for(case: str) -> None:
    expected, text = UNKNOWN[case]
    project = project_of({"shelf/views.py": BASES + text})
    sources, reasons = sources_of_view(project, "shelf.views.V")
    assert (sources, [each.name for each in reasons]) == ((), expected)
