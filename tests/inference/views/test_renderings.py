"""What each action of a view renders, and with which serializer."""

from __future__ import annotations

import pytest

from tests.inference.views.library import shown, unclear, view, views

STOCK = {
    "every_action_of_a_model_view_set": (
        """
        class Books(viewsets.ModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
        [
            "list: list Short",
            "retrieve: object Short",
            "update: write Short",
            "partial_update: write Short",
            "destroy: delete -",
        ],
    ),
    "only_the_actions_of_its_mixins": (
        """
        class Books(mixins.ListModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
        ["list: list Short"],
    ),
    "http_methods_of_a_generic_view": (
        """
        class Books(generics.RetrieveUpdateDestroyAPIView):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
        ["get: object Short", "put: write Short", "patch: write Short", "delete: delete -"],
    ),
    "creating_reads_nothing_of_the_queryset": (
        """
        class Books(generics.CreateAPIView):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
        [],
    ),
    "a_serializer_by_action": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()

            def get_serializer_class(self):
                return Short if self.action == "list" else Full
        """,
        ["list: list Short", "retrieve: object Full"],
    ),
    "hand_written_handlers_that_call_the_mixins": (
        """
        class Books(mixins.ListModelMixin, mixins.CreateModelMixin, generics.GenericAPIView):
            queryset = Book.objects.all()
            serializer_class = Short

            def get(self, request, *args, **kwargs):
                return self.list(request, *args, **kwargs)

            def post(self, request, *args, **kwargs):
                return self.create(request, *args, **kwargs)
        """,
        ["get: list Short own"],
    ),
    "a_detail_serializer_of_a_known_library": (
        """
        from rest_framework_extensions.mixins import DetailSerializerMixin

        class Books(DetailSerializerMixin, viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short
            serializer_detail_class = Full
        """,
        ["list: list Short", "retrieve: object Full"],
    ),
}

OWN = {
    "a_list_that_refines_the_queryset": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def list(self, request, *args, **kwargs):
                queryset = self.filter_queryset(self.get_queryset()).filter(featured=True)
                page = self.paginate_queryset(queryset)
                if page is not None:
                    serializer = self.get_serializer(page, many=True)
                    return self.get_paginated_response(serializer.data)
                serializer = self.get_serializer(queryset, many=True)
                return Response(serializer.data)
        """,
        ["list: list Short own", "retrieve: object Short"],
    ),
    "a_retrieve_with_another_serializer": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def retrieve(self, request, *args, **kwargs):
                instance = self.get_object()
                return Response(Full(instance, context={"request": request}).data)
        """,
        ["list: list Short", "retrieve: object Full own"],
    ),
    "an_action_with_its_own_serializer_class": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=True, serializer_class=Full)
            def details(self, request, pk=None):
                return Response(self.get_serializer(self.get_object()).data)

            @action(detail=False)
            def featured(self, request):
                books = self.get_queryset().filter(featured=True)
                return Response(self.get_serializer(books, many=True).data)
        """,
        ["details: object Full own", "featured: list Short own"],
    ),
    "an_update_that_answers_with_the_reading_serializer": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def update(self, request, *args, **kwargs):
                serializer = Write(self.get_object(), data=request.data)
                serializer.is_valid(raise_exception=True)
                instance = serializer.save()
                return Response(Full(instance).data)
        """,
        ["update: write Full own"],
    ),
    "get_serializer_that_adds_arguments": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def get_serializer(self, *args, **kwargs):
                kwargs["context"] = self.get_serializer_context()
                return super().get_serializer(*args, **kwargs)
        """,
        ["list: list Short", "retrieve: object Short"],
    ),
    "get_serializer_that_makes_it_itself": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()

            def get_serializer(self, *args, **kwargs):
                serializer_class = Full if self.action == "retrieve" else Short
                return serializer_class(*args, **kwargs)
        """,
        ["list: list Short", "retrieve: object Full"],
    ),
    "a_helper_of_a_base_class_that_answers": (
        """
        class Base(viewsets.GenericViewSet):
            def answer(self, queryset):
                return Response(self.get_serializer(queryset, many=True).data)

        class Books(Base):
            queryset = Book.objects.all()
            serializer_class = Short

            def list(self, request):
                return self.answer(self.get_queryset())
        """,
        ["list: list Short own"],
    ),
    "rows_that_are_rendered_one_by_one": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()

            def list(self, request):
                return Response([Short(book).data for book in self.get_queryset()])
        """,
        ["list: list Short own"],
    ),
    "another_http_method_of_an_action": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=True)
            def cover(self, request, pk=None):
                return Response(self.get_serializer(self.get_object()).data)

            @cover.mapping.delete
            def delete_cover(self, request, pk=None):
                self.get_object()
                return Response()
        """,
        ["cover: object Short own", "delete_cover: delete - own"],
    ),
}

NOTHING_OF_THE_QUERYSET = {
    "a_serializer_of_the_user": """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            @action(detail=False)
            def me(self, request):
                return Response(Other(request.user).data)
        """,
    "a_serializer_that_only_validates": """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def create(self, request):
                serializer = self.get_serializer(data=request.data)
                serializer.is_valid(raise_exception=True)
                serializer.save()
                return Response(serializer.data)
        """,
    "a_method_that_is_no_action": """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def helper(self):
                return Short(self.get_object()).data
        """,
    "a_base_without_any_action": """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
}

UNCLEAR = {
    "the_user_decides": (
        """
        class Books(generics.ListAPIView):
            queryset = Book.objects.all()

            def get_serializer_class(self):
                if self.request.user.is_staff:
                    return Full
                return Short
        """,
        ["get: list Full perhaps", "get: list Short perhaps"],
        ["serializer-by-condition"],
    ),
    "a_parameter_decides_within_one_action": (
        """
        class Books(viewsets.ReadOnlyModelViewSet):
            queryset = Book.objects.all()
            serializer_class = Short

            def get_serializer_class(self):
                if self.action == "list" and "full" in self.request.query_params:
                    return Full
                return super().get_serializer_class()
        """,
        ["list: list Full perhaps", "list: list Short perhaps", "retrieve: object Short"],
        ["serializer-by-condition"],
    ),
    "an_action_that_renders_either": (
        """
        class Books(viewsets.GenericViewSet):
            queryset = Book.objects.all()

            @action(detail=True)
            def details(self, request, pk=None):
                book = self.get_object()
                if request.query_params.get("full"):
                    return Response(Full(book).data)
                return Response(Short(book).data)
        """,
        ["details: object Full own perhaps", "details: object Short own perhaps"],
        ["serializer-by-condition"],
    ),
    "no_serializer_at_all": (
        """
        class Books(generics.ListAPIView):
            queryset = Book.objects.all()
        """,
        ["get: list ?"],
        ["unknown-serializer"],
    ),
    "a_serializer_from_a_registry": (
        """
        class Books(generics.ListAPIView):
            queryset = Book.objects.all()

            def get_serializer_class(self):
                return registry.serializer_of(self.request.version)
        """,
        ["get: list ?"],
        ["unknown-serializer"],
    ),
    "a_serializer_of_an_unknown_library": (
        """
        from elsewhere import BookSerializer

        class Books(generics.ListAPIView):
            queryset = Book.objects.all()
            serializer_class = BookSerializer
        """,
        ["get: list ?"],
        ["unknown-serializer"],
    ),
    "a_dict_that_is_filled_elsewhere": (
        """
        class Books(generics.ListAPIView):
            queryset = Book.objects.all()
            serializer_classes = make()

            def get_serializer_class(self):
                return self.serializer_classes[self.request.version]
        """,
        ["get: list ?"],
        ["unknown-serializer"],
    ),
    "a_base_that_is_not_known": (
        """
        from elsewhere import Mixin

        class Books(Mixin, generics.ListAPIView):
            queryset = Book.objects.all()
            serializer_class = Short
        """,
        ["get: list Short"],
        ["unknown-base"],
    ),
    "get_object_that_cannot_be_followed": (
        """
        class Books(generics.RetrieveAPIView):
            queryset = Book.objects.all()
            serializer_class = Short

            def get_object(self):
                return load(self.kwargs["pk"])
        """,
        [],
        ["unknown-object"],
    ),
}


@pytest.mark.parametrize("name", STOCK | OWN)
def test_renderings(name: str) -> None:
    text, expected = (STOCK | OWN)[name]
    found = view(text)
    assert shown(found) == expected
    assert unclear(found) == []


@pytest.mark.parametrize("name", NOTHING_OF_THE_QUERYSET)
def test_nothing_of_the_queryset_is_rendered(name: str) -> None:
    found = view(NOTHING_OF_THE_QUERYSET[name])
    assert shown(found) == []
    assert unclear(found) == []


@pytest.mark.parametrize("name", UNCLEAR)
def test_unclear(name: str) -> None:
    text, expected, reasons = UNCLEAR[name]
    found = view(text)
    assert shown(found) == expected
    assert unclear(found) == reasons


def test_django_views_forms_and_plain_classes_are_no_views() -> None:
    found = views(
        """
        from django.views.generic import ListView

        class Page(ListView):
            model = Book

        class Helper:
            queryset = Book.objects.all()

        def plain(request):
            return Response(Short(Book.objects.all(), many=True).data)
        """
    )
    assert found == ()


def test_a_base_whose_subclasses_say_the_serializer_is_abstract() -> None:
    found = views(
        """
        class Base(generics.ListAPIView):
            queryset = Book.objects.all()

        class Books(Base):
            serializer_class = Short

        class Concrete(generics.ListAPIView):
            queryset = Book.objects.all()
            serializer_class = Short

        class Longer(Concrete):
            serializer_class = Full
        """
    )
    assert [(each.name.rpartition(".")[2], each.is_abstract) for each in found] == [
        ("Base", True),
        ("Books", False),
        ("Concrete", False),
        ("Longer", False),
    ]
