"""What a view, its subclasses and its filter backends do later to what they are given."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.loading.refinements import refinements_of_view
from tests.inference.loading.shelf import SETTINGS, project_of

HEAD = """
from rest_framework import filters, viewsets
from shelf.models import Book

class Narrow(filters.BaseFilterBackend):
    def filter_queryset(self, request, queryset, view):
        return queryset.filter(pk=1).only("pk")

class Plain(filters.BaseFilterBackend):
    def filter_queryset(self, request, queryset, view):
        return queryset.filter(pk=1)

class Mixin:
    def export(self):
        return self.filter_queryset(self.get_queryset()).iterator()
"""

VIEWS = {
    "nothing": ([], "class V(viewsets.ModelViewSet):\n    queryset = Book.objects.all()\n"),
    "an_action_that_iterates": (
        ["iterated-later"],
        """
class V(viewsets.ModelViewSet):
    def export(self, request):
        for book in self.get_queryset().filter(pk=1).iterator():
            print(book)
""",
    ),
    "an_action_that_iterates_in_chunks": (
        [],
        """
class V(viewsets.ModelViewSet):
    def export(self, request):
        return list(self.get_queryset().iterator(chunk_size=10))
""",
    ),
    "a_name_that_holds_it": (
        ["only-columns"],
        """
class V(viewsets.ModelViewSet):
    def export(self, request):
        books = self.filter_queryset(self.get_queryset())
        few = books.exclude(pk=1)
        return few.only("pk")
""",
    ),
    "the_attribute_itself": (
        ["union-operand"],
        """
class V(viewsets.ModelViewSet):
    def all_books(self):
        return self.queryset.union(Book.objects.all())
""",
    ),
    "values_are_fine": (
        [],
        """
class V(viewsets.ModelViewSet):
    def keys(self):
        return self.get_queryset().values_list("pk", flat=True).count()
""",
    ),
    "another_queryset_is_none_of_the_views": (
        [],
        """
class V(viewsets.ModelViewSet):
    def keys(self):
        return Book.objects.only("pk").iterator()
""",
    ),
    "a_mixin": (["iterated-later"], "class V(Mixin, viewsets.ModelViewSet):\n    pass\n"),
    "a_subclass": (
        ["deferred-columns"],
        """
class V(viewsets.ModelViewSet):
    pass

class Below(V):
    def get_queryset(self):
        return super().get_queryset().defer("author")
""",
    ),
    "its_filter_queryset": (
        ["row-lock"],
        """
class V(viewsets.ModelViewSet):
    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).select_for_update()
""",
    ),
    "its_filter_backend": (
        ["only-columns"],
        "class V(viewsets.ModelViewSet):\n    filter_backends = [Plain, Narrow]\n",
    ),
    "a_backend_that_only_filters": (
        [],
        "class V(viewsets.ModelViewSet):\n    filter_backends = (Plain,)\n",
    ),
}


@pytest.mark.parametrize("case", VIEWS)
def test_the_queryset_is_refined_by(case: str) -> None:
    expected, text = VIEWS[case]
    project = project_of({"shelf/views.py": HEAD + text})
    found = refinements_of_view(project, "shelf.views.V")
    assert [each.reason.name for each in found] == expected
    assert all(each.evidence is not None for each in found)


def test_the_backends_of_the_settings_count_where_the_view_names_none() -> None:
    settings = SETTINGS.replace(
        "REST_FRAMEWORK = {}",
        'REST_FRAMEWORK = {"DEFAULT_FILTER_BACKENDS": ["shelf.views.Narrow"]}',
    )
    text = HEAD + "class V(viewsets.ModelViewSet):\n    pass\n"
    text += "class W(viewsets.ModelViewSet):\n    filter_backends = []\n"
    project = project_of({"shelf/views.py": text, "settings.py": settings})
    (found,) = refinements_of_view(project, "shelf.views.V")
    assert found.evidence is not None
    assert (found.reason.name, found.evidence.text) == (
        "only-columns",
        'return queryset.filter(pk=1).only("pk")',
    )
    assert refinements_of_view(project, "shelf.views.W") == ()
