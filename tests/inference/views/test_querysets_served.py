"""Which views read which queryset expressions: those that inherit it, and bodies' own ones."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.views.values import View
from djfix.codemods.inference.views.views import views_served
from tests.inference.views.library import PATH, project_with, shown, view, views

BASE = """
from rest_framework import generics, viewsets

from library.models import Book
from library.serializers import Short


class Base(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = Short


class FeaturedMixin:
    def get_queryset(self):
        return Book.objects.filter(featured=True)
"""

OTHERS = {"library/base.py": BASE}


def sourced(view: View) -> list[str]:
    return [f"{each.setting} {each.path}:{each.anchor_line}" for each in view.sources]


def names(views: tuple[View, ...]) -> list[str]:
    return [each.name.removeprefix("library.") for each in views]


def test_a_view_that_inherits_its_queryset_is_served_by_the_other_file() -> None:
    project = project_with(
        """
        from library.base import Base

        class Books(Base):
            serializer_class = Full
        """,
        OTHERS,
    )
    base = views_served(project, project.files.document("library/base.py"))
    assert names(base) == ["base.Base", "views.Books"]
    assert [sourced(each) for each in base] == [["queryset library/base.py:9"]] * 2
    assert [shown(each)[0] for each in base] == ["list: list Short", "list: list Full"]
    assert views_served(project, project.files.document(PATH)) == ()


def test_a_view_with_its_own_queryset_is_not_served_by_its_base() -> None:
    project = project_with(
        """
        from library.base import Base

        class Books(Base):
            queryset = Book.objects.filter(featured=False)
        """,
        OTHERS,
    )
    assert names(views_served(project, project.files.document("library/base.py"))) == ["base.Base"]
    assert names(views_served(project, project.files.document(PATH))) == ["views.Books"]


def test_a_mixin_that_is_no_view_serves_the_views_that_use_it() -> None:
    project = project_with(
        """
        from library.base import FeaturedMixin

        class Books(FeaturedMixin, generics.ListAPIView):
            serializer_class = Full
        """,
        OTHERS,
    )
    served = views_served(project, project.files.document("library/base.py"))
    assert names(served) == ["base.Base", "views.Books"]
    assert sourced(served[1]) == ["return library/base.py:15"]


BODIES = {
    "a_function_view": (
        """
        @api_view(["GET"])
        def books(request):
            queryset = Book.objects.filter(featured=True)
            return Response(Short(queryset, many=True).data)
        """,
        "views.books",
        ["get: list Short own"],
    ),
    "a_function_view_without_methods": (
        """
        @api_view()
        def books(request):
            return Response(Short(Book.objects.all(), many=True).data)
        """,
        "views.books",
        ["get: list Short own"],
    ),
    "a_method_of_an_api_view": (
        """
        class Books(APIView):
            def get(self, request):
                serializer = Short(Book.objects.all(), many=True)
                return Response(serializer.data)
        """,
        "views.Books.get",
        ["get: list Short own"],
    ),
    "a_paginator_made_on_the_spot": (
        """
        class Books(APIView):
            def get(self, request):
                paginator = pagination.PageNumberPagination()
                page = paginator.paginate_queryset(Book.objects.all(), request)
                return paginator.get_paginated_response(Short(page, many=True).data)
        """,
        "views.Books.get",
        ["get: list Short own"],
    ),
    "a_plain_view_set": (
        """
        class Books(viewsets.ViewSet):
            def list(self, request):
                return Response(Short(Book.objects.all(), many=True).data)
        """,
        "views.Books.list",
        ["list: list Short own"],
    ),
    "an_action_of_a_view_with_another_queryset": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=True)
            def reviews(self, request, pk=None):
                reviews = Review.objects.filter(book=self.get_object())
                return Response(Stars(reviews, many=True).data)
        """,
        "views.Books.reviews",
        ["reviews: list Stars own"],
    ),
    "one_row_of_a_queryset": (
        """
        class Books(APIView):
            def get(self, request, pk):
                book = get_object_or_404(Book.objects.all(), pk=pk)
                return Response(Full(book).data)
        """,
        "views.Books.get",
        ["get: object Full own"],
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_queryset_of_a_body_is_a_view_of_its_own(name: str) -> None:
    text, named, expected = BODIES[name]
    found = view(text)
    assert names((found,)) == [named]
    assert shown(found) == expected
    assert [source.setting for source in found.sources] == ["argument"]


LEFT_ALONE = {
    "a_function_without_the_decorator": """
        def books(request):
            return Response(Short(Book.objects.all(), many=True).data)
        """,
    "a_body_that_only_counts": """
        @api_view(["GET"])
        def books(request):
            return Response({"count": Book.objects.count()})
        """,
    "rows_that_no_serializer_renders": """
        @api_view(["GET"])
        def books(request):
            return Response([book.title for book in Book.objects.all()])
        """,
    "a_serializer_of_a_plain_list": """
        @api_view(["GET"])
        def books(request):
            return Response(Short([], many=True).data)
        """,
    "a_serializer_whose_data_nobody_reads": """
        @api_view(["GET"])
        def books(request):
            Short(Book.objects.all(), many=True)
            return Response()
        """,
    "a_new_object": """
        @api_view(["POST"])
        def books(request):
            return Response(Short(Book(title="x")).data)
        """,
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_no_view(name: str) -> None:
    assert views(LEFT_ALONE[name]) == ()


def test_the_queryset_of_a_class_says_nothing_about_an_action_with_its_own() -> None:
    text = BODIES["an_action_of_a_view_with_another_queryset"][0]
    books, reviews = views(text)
    assert shown(books) == ["reviews: delete - own"]
    assert books.sources[0].model == "library.models.Book"
    assert reviews.sources[0].model == "library.models.Review"
