"""Actions that change rows between fetching an object and rendering it: the table as measured."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from djfix.codemods.findings import Evidence
from tests.inference.views.library import hazards, shown, view

ACTION = """
class Books(viewsets.GenericViewSet):
    queryset = Book.objects.all()
    serializer_class = Short

    @action(detail=True, methods=["{method}"])
    def change(self, request, pk=None):
        book = self.get_object()
{body}
        return Response(self.get_serializer(book).data)
"""


def changing(body: str, method: str = "post") -> str:
    return ACTION.format(method=method, body=indent(dedent(body).strip(), " " * 8))


STALE = {
    "a_row_is_created_through_its_model": "Review.objects.create(book=book)",
    "a_row_is_created_through_the_related_manager": "book.reviews.create(stars=1)",
    "the_first_related_row_is_deleted": "book.reviews.first().delete()",
    "filtered_related_rows_are_deleted": "book.reviews.filter(stars=1).delete()",
    "the_related_row_is_updated_by_query": (
        'Author.objects.filter(pk=book.author_id).update(name="x")'
    ),
    "rows_are_created_in_bulk": "Review.objects.bulk_create([Review(book=book)])",
    "a_row_is_made_if_there_is_none": "Review.objects.get_or_create(book=book)",
    "only_on_one_branch": """
        if request.data:
            Review.objects.create(book=book)
    """,
    "in_a_helper_of_the_view": "self.review(book)",
}

SAME = {
    "nothing_happens": "pass",
    "the_object_itself_is_saved": """
        book.title = "x"
        book.save(update_fields=["title"])
    """,
    "related_rows_are_added": "book.reviews.add(Review.objects.get(pk=1))",
    "related_rows_are_removed": "book.reviews.remove(Review.objects.get(pk=1))",
    "related_rows_are_set": "book.reviews.set([])",
    "related_rows_are_updated": "book.reviews.update(stars=2)",
    "all_related_rows_are_deleted": "book.reviews.all().delete()",
    "related_rows_are_read": "stars = [each.stars for each in book.reviews.filter(stars=1)]",
    "the_related_object_itself_is_saved": """
        book.author.name = "x"
        book.author.save()
    """,
    "the_object_is_read_again": """
        Review.objects.create(book=book)
        book.refresh_from_db()
    """,
    "the_object_is_fetched_again": """
        Review.objects.create(book=book)
        book = self.get_object()
    """,
}

CUSTOM = {
    "a_method_of_the_object": "book.publish()",
    "a_function_that_is_not_known": "publish(book)",
    "another_object_is_saved": """
        review = Review(book=book)
        review.save()
    """,
}


@pytest.mark.parametrize("name", STALE)
def test_stale(name: str) -> None:
    text = changing(STALE[name]) + "\n    def review(self, book):\n"
    found = view(text + "        Review.objects.create(book=book)\n")
    assert hazards(found) == ["stale-rows"]
    assert [hazard.certain for hazard in found.hazards] == [False]
    assert [hazard.forbids for hazard in found.hazards] == ["both"]


@pytest.mark.parametrize("name", SAME)
def test_same(name: str) -> None:
    found = view(changing(SAME[name]))
    assert hazards(found) == []
    assert shown(found) == ["change: write Short own"]


@pytest.mark.parametrize("name", CUSTOM)
def test_cannot_be_judged(name: str) -> None:
    assert hazards(view(changing(CUSTOM[name]))) == ["custom-write"]


def test_an_action_that_only_reads_may_call_what_it_likes() -> None:
    found = view(changing("book.count_view()", method="get"))
    assert hazards(found) == []
    assert shown(found) == ["change: object Short own"]


def test_a_change_after_the_answer_was_rendered() -> None:
    found = view(
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=True, methods=["post"])
            def change(self, request, pk=None):
                book = self.get_object()
                data = self.get_serializer(book).data
                Review.objects.create(book=book)
                return Response(data)
        """
    )
    assert hazards(found) == []


def test_a_change_before_the_object_is_fetched() -> None:
    found = view(
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=True, methods=["post"])
            def change(self, request, pk=None):
                Review.objects.create(book_id=pk)
                return Response(self.get_serializer(self.get_object()).data)
        """
    )
    assert hazards(found) == []


UPDATING = {
    "only_saves": ("serializer.save()", []),
    "saves_with_values": ("serializer.save(changed_by=self.request.user)", []),
    "creates_a_related_row": (
        "book = serializer.save()\nReview.objects.create(book=book)",
        ["stale-rows"],
    ),
    "hands_the_object_on": ("notify(serializer.save())", ["custom-write"]),
}


@pytest.mark.parametrize("name", UPDATING)
def test_perform_update(name: str) -> None:
    body, expected = UPDATING[name]
    text = """
class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = Short

    def perform_update(self, serializer):
"""
    assert hazards(view(text + indent(body, " " * 8))) == expected


def test_perform_create_and_perform_destroy_render_nothing_that_was_fetched() -> None:
    found = view(
        """
        class Books(viewsets.ModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def perform_create(self, serializer):
                Review.objects.create(book=serializer.save())

            def perform_destroy(self, instance):
                instance.reviews.filter(stars=1).delete()
                instance.delete()
        """
    )
    assert hazards(found) == []


OWN_UPDATE = """
from rest_framework import serializers

from library.models import Review


class Nested(serializers.ModelSerializer):
    def update(self, instance, validated_data):
{body}
"""

SERIALIZERS = {
    "sets_values": (
        """
        instance.title = validated_data["title"]
        instance.save()
        return instance
        """,
        [],
    ),
    "calls_the_stock_one": ("return super().update(instance, validated_data)", []),
    "replaces_related_rows": (
        """
        instance = super().update(instance, validated_data)
        instance.reviews.filter(stars=0).delete()
        return instance
        """,
        ["stale-rows"],
    ),
    "hands_the_object_on": (
        """
        publish(instance)
        return instance
        """,
        ["custom-write"],
    ),
}


@pytest.mark.parametrize("name", SERIALIZERS)
def test_update_of_a_serializer(name: str) -> None:
    body, expected = SERIALIZERS[name]
    others = {"library/nested.py": OWN_UPDATE.format(body=indent(dedent(body), " " * 8))}
    text = """
        from library.nested import Nested

        class Books(viewsets.ModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Nested
        """
    assert hazards(view(text, others)) == expected


def test_the_evidence_is_the_line_that_changes_rows() -> None:
    found = view(changing("Review.objects.create(book=book)"))
    assert [hazard.evidence for hazard in found.hazards] == [
        Evidence("library/views.py", 20, "create() changes rows")
    ]
