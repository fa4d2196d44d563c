"""Which serializer, and which queryset: by action, by a base, by a helper, by hand."""

from django.db.models import F, Prefetch
from rest_framework import filters, generics, mixins, pagination, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.helpers import books_for_display, with_display
from catalog.models import Book, Chapter, Draft, Subscription, Tag
from catalog.serializers import closures, issue, odd, relations
from catalog.serializers.flat import ChainSerializer, NestedOneSerializer, TagKeysSerializer
from catalog.serializers.mixins import TitleSerializer
from catalog.views.bases import (
    AllBooksMixin,
    AskingListBase,
    BookListBase,
    RecentMixin,
    SerializerByAction,
    SharedListBase,
)


class Pages(pagination.PageNumberPagination):
    page_size = 6


class ById(pagination.CursorPagination):
    ordering = "id"
    page_size = 6


class ByAction(viewsets.ModelViewSet):
    """The list needs tags, one object the author, writing is DRF's own: fixed."""

    queryset = Book.objects.all()

    def get_serializer_class(self):
        if self.action == "list":
            return TagKeysSerializer
        return closures.MethodSerializer


class ByDict(mixins.ListModelMixin, mixins.RetrieveModelMixin, SerializerByAction):
    """A dict of serializers: fixed."""

    queryset = Book.objects.all()
    serializer_class = TitleSerializer
    serializers = {"list": closures.MethodSerializer, "retrieve": closures.MethodSerializer}


class ByMethod(generics.ListCreateAPIView):
    """By the request's method; only reading needs the author: fixed."""

    queryset = Book.objects.all()

    def get_serializer_class(self):
        return closures.MethodSerializer if self.request.method == "GET" else TitleSerializer


class Actions(viewsets.ReadOnlyModelViewSet):
    """An action with a serializer of its own: fixed."""

    queryset = Book.objects.all()
    serializer_class = NestedOneSerializer

    @action(detail=False, serializer_class=closures.MethodSerializer)
    def recent(self, request):
        books = self.filter_queryset(self.get_queryset()).recent()
        return Response(self.get_serializer(books, many=True).data)


class StockWrites(viewsets.ModelViewSet):
    """Writes are DRF's own: fixed, and a PATCH answers the same."""

    queryset = Book.objects.all()
    serializer_class = relations.NestedTagsSerializer
    http_method_names = ["get", "delete", "head", "options"]


class WritesKeys(viewsets.ModelViewSet):
    """Tags can be changed, and stand in the answer: fixed."""

    queryset = Book.objects.all()
    serializer_class = TagKeysSerializer


class Stale(viewsets.ModelViewSet):
    """An action makes a row by the model and renders the object again: for review."""

    queryset = Book.objects.all()
    serializer_class = relations.ChapterKeysSerializer

    @action(detail=True, methods=["post"])
    def write(self, request, pk=None):
        book = self.get_object()
        Chapter.objects.create(book=book, number=9, title="new")
        return Response(self.get_serializer(book).data)


class ByHand(APIView):
    """A queryset in a local name, handed to a serializer: fixed."""

    def get(self, request):
        books = Book.objects.filter(year__gt=0)
        return Response(closures.MethodSerializer(books, many=True).data)


class Paged(APIView):
    """A queryset that is paginated by hand: fixed."""

    def get(self, request):
        pages = Pages()
        page = pages.paginate_queryset(Book.objects.all(), request)
        return pages.get_paginated_response(NestedOneSerializer(page, many=True).data)


@api_view(["GET"])
def by_function(request):
    """A function: fixed."""
    books = Book.objects.all()
    serializer = closures.MethodSerializer(books, many=True)
    return Response(serializer.data)


class InMixin(AllBooksMixin, generics.ListAPIView):
    """The queryset is a mixin's: fixed there."""

    serializer_class = closures.MethodSerializer


class InBase(BookListBase):
    """The queryset is a base's in another file: fixed there."""

    serializer_class = closures.MethodSerializer


class AskedAttribute(AskingListBase):
    """A base class asks for an attribute of its own: for review, there."""

    books = Book.objects.all()
    serializer_class = closures.MethodSerializer


class AskedMethod(AskingListBase):
    """A base class asks by a method of its own: for review, in each return."""

    serializer_class = closures.MethodSerializer

    def get_books(self):
        if self.request.GET.get("old"):
            return Book.objects.filter(year__lt=2000)
        return Book.objects.all()


class SharedMore(SharedListBase):
    """Needs what its sibling does not: for review."""

    serializer_class = closures.MethodSerializer


class SharedLess(SharedListBase):
    """Needs nothing: left, and costs what it did."""

    serializer_class = TitleSerializer


class Refined(RecentMixin, BookListBase):
    """`super()` over two classes: fixed."""

    serializer_class = closures.MethodSerializer


class FromHelper(generics.ListAPIView):
    """A function makes the queryset: fixed."""

    serializer_class = closures.MethodSerializer

    def get_queryset(self):
        return books_for_display()


class FromHelperAround(generics.ListAPIView):
    """A function loads something on top: only the rest is fixed."""

    serializer_class = NestedOneSerializer

    def get_queryset(self):
        return with_display(Book.objects.all())


class TwoReturns(generics.ListAPIView):
    """Two returns: fixed in both."""

    serializer_class = closures.MethodSerializer

    def get_queryset(self):
        if self.request.query_params.get("old"):
            return Book.objects.filter(year__lt=2000)
        return Book.objects.exclude(year=0)


class LongChain(generics.ListAPIView):
    """A chain of several lines: fixed."""

    serializer_class = ChainSerializer

    def get_queryset(self):
        return (
            Book.objects.filter(year__gt=0)
            .exclude(title="")
            .annotate(since=F("year") - 1900)
            .order_by("id")
        )


class ManagerMethod(generics.ListAPIView):
    """A method of the queryset's class joins the author: only the publisher is fixed."""

    queryset = Book.objects.with_author()
    serializer_class = relations.NestedTwiceSerializer


class LoadedByMethod(generics.ListAPIView):
    """A method of the queryset's class loads it: left."""

    queryset = Book.objects.with_tags()
    serializer_class = TagKeysSerializer


class LoadedByManager(generics.ListAPIView):
    """The default manager loads it: left."""

    queryset = Subscription.objects.all()
    serializer_class = odd.SubscriptionSerializer


class LoadedByHook(generics.ListAPIView):
    """A hook of the serializer loads it: left."""

    serializer_class = odd.EagerSerializer

    def get_queryset(self):
        return self.get_serializer_class().setup_eager_loading(Book.objects.all())


class LoadedByPrefetch(generics.ListAPIView):
    """`Prefetch` with a queryset that joins: left."""

    queryset = Book.objects.prefetch_related(
        Prefetch("tags", queryset=Tag.objects.select_related("group"))
    )
    serializer_class = relations.TagsWithGroupSerializer


class LoadedByJoin(generics.ListAPIView):
    """Joined and prefetched by hand: left."""

    queryset = Book.objects.select_related("author__publisher").prefetch_related(
        "chapters__editor__publisher"
    )
    serializer_class = issue.BookWithChaptersSerializer


class FlatPrefetch(generics.ListAPIView):
    """A flat prefetch is there, the path goes deeper: fixed."""

    queryset = Book.objects.prefetch_related("tags")
    serializer_class = relations.TagsWithGroupSerializer


class PrefetchOfTheir(generics.ListAPIView):
    """`Prefetch` with a queryset that lacks a hop: fixed after it."""

    queryset = Book.objects.prefetch_related(Prefetch("tags", queryset=Tag.objects.all()))
    serializer_class = relations.TagsWithGroupSerializer


class ThrownAway(generics.ListAPIView):
    """A prefetch whose result nobody keeps: fixed."""

    serializer_class = TagKeysSerializer

    def get_queryset(self):
        queryset = Book.objects.filter(year__gt=0)
        queryset.prefetch_related("tags")
        return queryset


class Annotated(generics.ListAPIView):
    """An annotation stands for the relation: left."""

    queryset = Book.objects.annotate(author_name=F("author__name"))
    serializer_class = closures.AnnotatedSerializer


class Both(generics.ListAPIView):
    """One hop can be loaded, the other is filtered: not without a word."""

    queryset = Book.objects.all()
    serializer_class = closures.BothSerializer


class Unordered(generics.ListAPIView):
    """Rows without an order: fixed by a prefetch, which leaves their SQL alone."""

    queryset = Draft.objects.all()
    serializer_class = closures.DraftAuthorSerializer


class UnorderedTags(generics.ListAPIView):
    """Tags of rows without an order: fixed."""

    queryset = Draft.objects.all()
    serializer_class = closures.DraftTagsSerializer


class OrderedByFilter(generics.ListAPIView):
    """The view's filter orders the rows, by the key only: fixed by a join."""

    queryset = Draft.objects.all()
    serializer_class = closures.DraftAuthorSerializer
    filter_backends = [filters.OrderingFilter]
    ordering = ["id"]
    ordering_fields = ["id"]


class OrderedByCursor(generics.ListAPIView):
    """The pagination orders the rows: fixed by a join."""

    queryset = Draft.objects.all()
    serializer_class = closures.DraftAuthorSerializer
    pagination_class = ById


class Pagination(generics.ListAPIView):
    """Pages: their count does not join: fixed."""

    queryset = Book.objects.all()
    serializer_class = closures.MethodSerializer
    pagination_class = Pages
