"""Views that order their rows themselves, and those that only look so."""

from __future__ import annotations

import pytest

from tests.inference.views.library import view

BOOKS = """
class Books(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = Short
"""

DEFAULTS = {
    "config/settings.py": """
        INSTALLED_APPS = ["rest_framework", "library"]
        REST_FRAMEWORK = {
            "DEFAULT_FILTER_BACKENDS": ["rest_framework.filters.OrderingFilter"],
        }
    """
}
CURSORS = {
    "config/settings.py": """
        INSTALLED_APPS = ["rest_framework", "library"]
        REST_FRAMEWORK = {
            "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
        }
    """
}

ORDERED = {
    "ordering_with_the_filter": """
    ordering = ("title",)
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
""",
    "ordering_that_is_one_name": """
    ordering = "title"
    filter_backends = (filters.OrderingFilter,)
""",
    "a_cursor": "    pagination_class = pagination.CursorPagination\n",
}

UNORDERED = {
    "nothing": "",
    "ordering_without_the_filter": '    ordering = ("title",)\n',
    "the_filter_without_ordering": "    filter_backends = [filters.OrderingFilter]\n",
    "ordering_fields_only": """
    ordering_fields = ("title",)
    filter_backends = [filters.OrderingFilter]
""",
    "an_empty_ordering": """
    ordering = ()
    filter_backends = [filters.OrderingFilter]
""",
    "a_filter_of_another_library": """
    from django_filters import OrderingFilter

    ordering = ("title",)
    filter_backends = [OrderingFilter]
""",
    "page_numbers": "    pagination_class = pagination.PageNumberPagination\n",
}


@pytest.mark.parametrize("name", ORDERED)
def test_ordered(name: str) -> None:
    assert view(BOOKS + ORDERED[name]).ordered


@pytest.mark.parametrize("name", UNORDERED)
def test_not_ordered(name: str) -> None:
    assert not view(BOOKS + UNORDERED[name]).ordered


def test_the_filter_is_the_projects_default() -> None:
    assert view(BOOKS + '    ordering = ("title",)\n', DEFAULTS).ordered


def test_the_view_has_other_filters_than_the_default() -> None:
    text = BOOKS + '    ordering = ("title",)\n    filter_backends = []\n'
    assert not view(text, DEFAULTS).ordered


def test_a_cursor_is_the_projects_default() -> None:
    assert view(BOOKS, CURSORS).ordered


def test_the_view_has_no_pagination() -> None:
    assert not view(BOOKS + "    pagination_class = None\n", CURSORS).ordered
