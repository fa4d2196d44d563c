"""`n-plus-one`: what is added to which queryset, and how; what is left alone, and why."""

from __future__ import annotations

import re

import pytest

from djfix.codemods.rules.n_plus_one import NPlusOne, NPlusOneOptions
from djfix.codemods.rules.n_plus_one.examples import EXAMPLES

PATH = "shop/views.py"

MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=100)


class Seen(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Customer(models.Model):
    name = models.CharField(max_length=100)
    company = models.ForeignKey(Company, null=True, on_delete=models.SET_NULL)

    def __str__(self):
        return f"{self.name} of {self.company.name}"


class Branch(models.Model):
    name = models.CharField(max_length=100)
    hidden = models.BooleanField(default=False)
    objects = models.Manager()
    seen = Seen()

    class Meta:
        base_manager_name = "seen"


class Group(models.Model):
    name = models.CharField(max_length=100)


class Tag(models.Model):
    name = models.CharField(max_length=100)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)


class Note(models.Model):
    text = models.CharField(max_length=100)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()


class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    branch = models.ForeignKey(Branch, null=True, on_delete=models.SET_NULL)
    old = models.ForeignKey(
        Company, null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="children"
    )
    tags = models.ManyToManyField(Tag)
    notes = GenericRelation(Note)

    class Meta:
        ordering = ["-id"]

    @property
    def company_name(self):
        return self.customer.company.name

    def last_item(self):
        return self.items.last()


class Bill(models.Model):
    order = models.OneToOneField(Order, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=9, decimal_places=2)


class Product(models.Model):
    name = models.CharField(max_length=100)


class Item(models.Model):
    order = models.ForeignKey(Order, related_name="items", on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    qty = models.IntegerField()


class Place(models.Model):
    class Meta:
        ordering = ["id"]


class Visit(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    branch = models.OneToOneField(Place, on_delete=models.CASCADE)
    code = models.CharField(max_length=9, unique=True)
    nick = models.CharField(max_length=9, unique=True, null=True)
    place = models.CharField(max_length=9)
    number = models.IntegerField()
    seen = models.BooleanField()

    class Meta:
        unique_together = [("place", "number")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "seen"], name="one"),
            models.UniqueConstraint(
                fields=["seen", "number"], condition=models.Q(seen=True), name="two"
            ),
        ]
"""

FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": """\
INSTALLED_APPS = ["django.contrib.contenttypes", "rest_framework", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
""",
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
}

HEAD = """\
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from shop.models import Customer, Item, Note, Order, Product, Tag, Visit


class CustomerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Customer
        fields = ["id", "name"]


class ItemSerializer(serializers.ModelSerializer):
    product_name = serializers.CharField(source="product.name")

    class Meta:
        model = Item
        fields = ["qty", "product_name"]


"""

SERIALIZER = """\
class OrderSerializer(serializers.ModelSerializer):
FIELDS
    class Meta:
        model = Order
        fields = NAMES


"""

VIEW = """\
class OrderList(generics.ListAPIView):
    queryset = QUERYSET
    serializer_class = OrderSerializer
"""

OBJECTS = "Order.objects.all()"
EMAIL = 'shown = serializers.CharField(source="customer.name")'


def code(fields: str, queryset: str = OBJECTS, view: str = VIEW, names: str = "") -> str:
    """A serializer of orders with these fields (lines), and a view of a queryset."""
    own = "".join(f"    {line}\n" if line else "\n" for line in fields.splitlines())
    if not names:
        declared = re.findall(r"^(\w+) = ", fields, re.MULTILINE)
        names = str(["id", *declared]).replace("'", '"')
    serializer = SERIALIZER.replace("FIELDS\n", f"{own}\n" if own else "").replace("NAMES", names)
    return HEAD + serializer + view.replace("QUERYSET", queryset)


def method(body: str) -> str:
    """A method field whose method returns this."""
    return (
        "shown = serializers.SerializerMethodField()\n\n"
        f"def get_shown(self, order):\n    return {body}"
    )


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, FILES)


@pytest.fixture
def bench_with(bench_of):
    """The rule with options."""
    return lambda **options: bench_of(NPlusOne(NPlusOneOptions(**options)), PATH, FILES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example) -> None:
    bench = bench_of(NPlusOne(), example.path, example.files)
    if example.before == example.after:
        assert bench.after(example.before).decode() == example.after
    else:
        bench.fixes(example.before, example.after)


# -- what is added ---------------------------------------------------------------------------------

ADDED = {
    "source_over_a_foreign_key": (EMAIL, '.select_related("customer")'),
    "longest_path_alone": (
        f'{EMAIL}\nfirm = serializers.CharField(source="customer.company.name")',
        '.select_related("customer__company")',
    ),
    "nested_serializer": (
        "customer = CustomerSerializer()",
        '.select_related("customer")',
    ),
    "many_nested": ("items = ItemSerializer(many=True)", '.prefetch_related("items__product")'),
    "keys_of_many_to_many": (
        "tags = serializers.PrimaryKeyRelatedField(many=True, read_only=True)",
        '.prefetch_related("tags")',
    ),
    "many_to_many_and_beyond": (
        'tags = serializers.SlugRelatedField(slug_field="group__name", many=True, read_only=True)',
        '.prefetch_related("tags__group")',
    ),
    "slug_of_a_foreign_key": (
        'customer = serializers.SlugRelatedField(slug_field="name", read_only=True)',
        '.select_related("customer")',
    ),
    "text_of_an_object_reads_on": (
        "customer = serializers.StringRelatedField()",
        '.select_related("customer__company")',
    ),
    "reverse_one_to_one": (
        'total = serializers.DecimalField(source="bill.total", max_digits=9, decimal_places=2)',
        '.select_related("bill")',
    ),
    "property_of_the_model": (
        "company_name = serializers.CharField()",
        '.select_related("customer__company")',
    ),
    "read_only_property": (
        "company_name = serializers.ReadOnlyField()",
        '.select_related("customer__company")',
    ),
    "method_field": (method("order.customer.name"), '.select_related("customer")'),
    "iterated_rows": (
        method("[each.product.name for each in order.items.all()]"),
        '.prefetch_related("items__product")',
    ),
    "counted_rows_that_are_read_too": (
        f"items = ItemSerializer(many=True)\n{method('order.items.count()')}",
        '.prefetch_related("items__product")',
    ),
    "generic_relation": (
        method("[each.text for each in order.notes.all()]"),
        '.prefetch_related("notes")',
    ),
    "self_relation": (
        'number = serializers.CharField(source="parent.number")',
        '.select_related("parent")',
    ),
    "representation_of_its_own": (
        'def to_representation(self, instance):\n    return {"name": instance.customer.name}',
        '.select_related("customer")',
    ),
    "hidden_rows_are_prefetched": (
        'branch = serializers.CharField(source="branch.name")',
        '.prefetch_related("branch")',
    ),
    "dangling_keys_are_prefetched": (
        'old = serializers.CharField(source="old.name")',
        '.prefetch_related("old")',
    ),
}


@pytest.mark.parametrize(("fields", "added"), ADDED.values(), ids=ADDED)
def test_adds(bench, fields: str, added: str) -> None:
    bench.fixes(code(fields, "Order.objects"), code(fields, f"Order.objects{added}"))


def test_join_before_the_prefetch(bench):
    fields = method("[each.pk for each in order.customer.visit_set.all()]")
    added = """\
Order.objects.select_related("customer").prefetch_related(
        "customer__visit_set"
    )"""
    bench.fixes(code(fields, "Order.objects"), code(fields, added))


# -- what is left alone ----------------------------------------------------------------------------

OWN = """\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        customer = Customer.objects.get(pk=self.kwargs["pk"])
        return customer.order_set.all()
"""

IGNORED = {
    "all_rows_share_the_object_they_come_from": code(
        'shown = serializers.CharField(source="customer.company.name")', view=OWN
    ),
    "source_does_not_cross_underscores": code(
        'shown = serializers.CharField(source="customer__name")'
    ),
    "link_by_the_key": code(
        'customer = serializers.HyperlinkedRelatedField(view_name="x", read_only=True)'
    ),
    "key_of_a_foreign_key": code("", names='["id", "customer"]'),
    "key_through_a_foreign_key": code(
        'shown = serializers.PrimaryKeyRelatedField(source="customer.company", read_only=True)',
        'Order.objects.select_related("customer")',
    ),
    "source_is_the_column": code('shown = serializers.IntegerField(source="customer_id")'),
    "columns": code("", names='["id", "number"]'),
    "method_reads_the_column": code(method("order.customer_id")),
    "joined_already": code(EMAIL, 'Order.objects.select_related("customer")'),
    "joined_deeper_already": code(EMAIL, 'Order.objects.select_related("customer__company")'),
    "prefetched_already": code(EMAIL, 'Order.objects.prefetch_related("customer")'),
    "prefetched_with_a_queryset": code(
        "items = ItemSerializer(many=True)",
        'Order.objects.prefetch_related(models.Prefetch("items", '
        'queryset=Item.objects.select_related("product")))',
    ).replace("from shop", "from django.db import models\n\nfrom shop", 1),
    "write_only_field": code(
        'shown = serializers.CharField(source="customer.name", write_only=True)'
    ),
    "write_only_shadows_a_relation": code(
        "tags = serializers.PrimaryKeyRelatedField(many=True, write_only=True, "
        "queryset=Tag.objects.all())"
    ),
    "declared_and_not_listed": code(EMAIL, names='["id"]'),
    "source_is_an_annotation": code(
        'shown = serializers.CharField(source="customer_name")',
        'Order.objects.annotate(customer_name=models.F("customer__name"))',
    ).replace("from shop", "from django.db import models\n\nfrom shop", 1),
    "back_reference_of_a_prefetch": code(
        method("[each.order.number for each in order.items.all()]"),
        'Order.objects.prefetch_related("items")',
    ),
    "one_object_costs_what_it_costs": code(
        EMAIL, view=VIEW.replace("ListAPIView", "RetrieveAPIView")
    ),
    "created_objects_come_from_no_queryset": code(
        EMAIL, view=VIEW.replace("ListAPIView", "CreateAPIView")
    ),
    "no_rows_at_all": code(EMAIL, "Order.objects.none()"),
    "not_a_view": code(EMAIL, view=VIEW.replace("(generics.ListAPIView)", "")),
    "base_is_unknown": code(EMAIL).replace("generics.ListAPIView", "Other"),
    "loaded_by_the_views_own_method": code(
        EMAIL,
        view=VIEW
        + """
    def get_queryset(self):
        return super().get_queryset().select_related("customer")
""",
    ),
}


@pytest.mark.parametrize("text", IGNORED.values(), ids=IGNORED)
def test_leaves_alone(bench, text: str) -> None:
    bench.ignores(text)


# -- what needs review -----------------------------------------------------------------------------

DETAIL = """\
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = QUERYSET
    serializer_class = PlainSerializer

    def get_serializer_class(self):
        if self.action == "list":
            return OrderSerializer
        return PlainSerializer
"""

PLAIN = """\
class PlainSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id"]


"""

REVIEWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "detail_reads_less": (
        code(EMAIL, view=PLAIN + DETAIL),
        '.select_related("customer")',
        ("not-needed-by-all",),
    ),
    "two_views_and_one_needs_it": (
        code(
            EMAIL,
            view=PLAIN
            + VIEW
            + "\n\nclass Plain(OrderList):\n    serializer_class = PlainSerializer\n",
        ),
        '.select_related("customer")',
        ("not-needed-by-all",),
    ),
    "counted_rows": (
        code(method("order.items.count()")),
        '.prefetch_related("items")',
        ("loads-all-rows",),
    ),
    "rows_asked_for_in_two_ways": (
        code(method("[len(order.items.all()), order.items.filter(qty=1).first()]")),
        '.prefetch_related("items")',
        ("also-queried",),
    ),
    "method_of_unknown_code": (
        code(EMAIL, "Order.objects.with_all()"),
        '.prefetch_related("customer")',
        ("unknown-queryset-method",),
    ),
    "update_that_adds_rows": (
        code(
            "items = ItemSerializer(many=True)",
            view=VIEW.replace("generics.ListAPIView", "viewsets.ModelViewSet")
            + """
    def perform_update(self, serializer):
        order = serializer.save()
        Item.objects.create(order=order, product_id=1, qty=1)
""",
        ),
        '.prefetch_related("items__product")',
        ("stale-rows",),
    ),
    "extra_sql": (
        code(EMAIL, 'Order.objects.extra(where=["1=1"])'),
        '.select_related("customer")',
        ("extra-sql",),
    ),
    "action_that_changes_rows_it_then_shows": (
        code(
            EMAIL,
            view="""\
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = QUERYSET
    serializer_class = OrderSerializer

    @action(detail=True, methods=["post"])
    def rename(self, request, pk):
        order = self.get_object()
        Customer.objects.filter(pk=order.customer_id).update(name="x")
        return Response(self.get_serializer(order).data)
""",
        ),
        '.select_related("customer")',
        ("stale-rows",),
    ),
    "serializer_by_condition": (
        code(
            EMAIL,
            view=PLAIN
            + """\
class OrderList(generics.ListAPIView):
    queryset = QUERYSET

    def get_serializer_class(self):
        if self.request.user.is_staff:
            return OrderSerializer
        return PlainSerializer
""",
        ),
        '.select_related("customer")',
        ("not-needed-by-all", "serializer-by-condition"),
    ),
}


@pytest.mark.parametrize(("before", "added", "reasons"), REVIEWS.values(), ids=REVIEWS)
def test_needs_review(bench, before: str, added: str, reasons: tuple[str, ...]) -> None:
    line = next(each for each in before.splitlines() if each.startswith("    queryset = "))
    bench.reviews(before, before.replace(line, f"{line}{added}"), *reasons)


# -- what is only told -----------------------------------------------------------------------------

CHILDREN = """\
children = serializers.SerializerMethodField()

def get_children(self, order):
    return OrderSerializer(order.children.all(), many=True).data"""

REPORTS = {
    "filter_over_rows_that_are_prefetched": (
        code(
            method("[each.qty for each in order.items.filter(qty=1)]"),
            'Order.objects.prefetch_related("items")',
        ),
        ("ignores-prefetch",),
    ),
    "only_without_the_key": (code(EMAIL, 'Order.objects.only("number")'), ("only-columns",)),
    "deferred_key": (code(EMAIL, 'Order.objects.defer("customer")'), ("deferred-columns",)),
    "serializer_of_its_own_children": (code(CHILDREN), ("recursive",)),
    "first_row_of_an_unordered_model": (
        code(method("order.tags.first().name")),
        ("ignores-prefetch",),
    ),
    "queryset_becomes_values_later": (
        code(
            EMAIL,
            view=VIEW
            + """
    def get_queryset(self):
        return super().get_queryset().values("id")
""",
        ),
        ("values-rows",),
    ),
    "rows_asked_for_by_filter": (
        code(method("[each.qty for each in order.items.filter(qty=1)]")),
        ("ignores-prefetch",),
    ),
    "last_row_of_a_model_method": (
        code(method("order.last_item().qty")),
        ("ignores-prefetch",),
    ),
    "values_instead_of_rows": (
        code(method("list(order.tags.values_list('name', flat=True))")),
        ("ignores-prefetch",),
    ),
    "ordered_anew": (
        code(method("[each.qty for each in order.items.order_by('qty')]")),
        ("ignores-prefetch",),
    ),
    "rows_are_dicts": (code(EMAIL, 'Order.objects.values("id")'), ("values-rows",)),
    "union": (
        code(EMAIL, "Order.objects.all().union(Order.objects.all())"),
        ("combined-querysets",),
    ),
    "fields_are_dropped_at_run_time": (
        code(
            f"{EMAIL}\n\ndef __init__(self, *args, **kwargs):\n"
            "    super().__init__(*args, **kwargs)\n"
            '    for name in self.context["dropped"]:\n'
            "        self.fields.pop(name)"
        ),
        ("dynamic-fields",),
    ),
}


@pytest.mark.parametrize(("text", "reasons"), REPORTS.values(), ids=REPORTS)
def test_is_only_reported(bench, text: str, reasons: tuple[str, ...]) -> None:
    bench.reports(text, *reasons)


# -- what is declined ------------------------------------------------------------------------------

DECLINES = {
    "view_without_serializer": (
        HEAD
        + VIEW.replace("QUERYSET", OBJECTS).replace("    serializer_class = OrderSerializer\n", ""),
        "unknown-serializer",
    ),
    "serializer_of_unknown_code": (
        code(
            EMAIL,
            view="""\
class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()

    def get_serializer_class(self):
        return choose(self)
""",
        ),
        "unknown-serializer",
    ),
    "serializer_of_another_package": (
        code("", view=VIEW.replace("= OrderSerializer", "= unknown.Serializer")),
        "unknown-serializer",
    ),
    "serializer_with_an_unknown_base": (
        code(EMAIL).replace(
            "OrderSerializer(serializers.ModelSerializer)", "OrderSerializer(Other)"
        ),
        "unknown-serializer",
    ),
    "queryset_that_a_helper_wraps": (
        code(
            EMAIL,
            view=VIEW
            + """
    def get_queryset(self):
        return OrderSerializer.setup_eager_loading(super().get_queryset())
""",
        ),
        "unknown-queryset",
    ),
    "queryset_of_unknown_code": (
        code(
            EMAIL,
            view="""\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return make(self)
""",
        ),
        "unknown-queryset",
    ),
}


@pytest.mark.parametrize(("text", "reason"), DECLINES.values(), ids=DECLINES)
def test_declines(bench, text: str, reason: str) -> None:
    bench.declines(text, reason)


# -- joins, prefetches and orders ------------------------------------------------------------------

VISITS = (
    HEAD
    + """\
class VisitSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="customer.name")

    class Meta:
        model = Visit
        fields = ["id", "name"]


class VisitList(generics.ListAPIView):
    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
"""
)

JOIN = '.select_related("customer")'
PREFETCH = '.prefetch_related("customer")'


def visits(queryset: str, view: str = "") -> str:
    return VISITS.replace("Visit.objects.all()", f"Visit.objects{queryset}") + view


def test_rows_without_an_order_are_prefetched(bench):
    bench.fixes(visits(".all()"), visits(f".all(){PREFETCH}"))


def test_rows_without_an_order_are_joined_where_the_user_says_so(bench_with):
    bench_with(unordered="join").fixes(visits(".all()"), visits(f".all(){JOIN}"))


def test_rows_without_an_order_are_joined_after_review(bench_with):
    bench = bench_with(unordered="review")
    bench.reviews(visits(".all()"), visits(f".all(){JOIN}"), "unordered-queryset")


def test_order_of_the_chain_counts(bench):
    bench.fixes(visits('.order_by("id")'), visits(f'.order_by("id"){JOIN}'))


def test_order_that_is_taken_away_counts(bench):
    before = code(EMAIL, "Order.objects.order_by()")
    bench.fixes(before, code(EMAIL, f"Order.objects.order_by(){PREFETCH}"))


def paged(ordering: str = "") -> str:
    own = f"    ordering = {ordering}\n" if ordering else "    page_size = 3\n"
    return f"    pagination_class = Pages\n\n\nclass Pages(CursorPagination):\n{own}"


@pytest.mark.parametrize("ordering", ['"-id"', '("pk",)'])
def test_order_of_the_pagination_counts(bench, ordering):
    view = paged(ordering)
    bench.fixes(visits(".all()", view), visits(f".all(){JOIN}", view))


@pytest.mark.parametrize("ordering", ["", '"customer"', '("place",)'])
def test_rows_may_tie_in_the_order_of_the_pagination(bench, ordering):
    view = paged(ordering)
    bench.fixes(visits('.order_by("id")', view), visits(f'.order_by("id"){PREFETCH}', view))


TOTAL = {
    "by_the_key": '.order_by("-pk")',
    "by_the_key_after_others": '.order_by("place", "id")',
    "by_a_key_by_its_column": '.order_by("customer_id", "seen")',
    "by_a_key_whose_model_has_no_order": '.order_by("customer", "seen")',
    "by_a_unique_column": '.order_by("code")',
    "by_columns_that_are_unique_together": '.order_by("place", "number")',
    "by_an_expression": '.order_by(F("id").desc())',
    "by_a_one_to_one": '.order_by("branch_id")',
}
TIED = {
    "by_a_column": '.order_by("place")',
    "by_chance": '.order_by("?")',
    "by_columns_that_may_be_null": '.order_by("nick")',
    "by_columns_that_are_unique_under_a_condition": '.order_by("seen", "number")',
    "by_part_of_what_is_unique": '.order_by("number")',
    "by_the_key_of_another_model": '.order_by("customer__id")',
    "by_a_one_to_one_whose_model_has_an_order": '.order_by("branch")',
    "by_a_computed_name": ".order_by(ORDER)",
}


@pytest.mark.parametrize("name", TOTAL)
def test_joins_where_no_rows_tie(bench, name):
    text = "from django.db.models import F\n" + visits(TOTAL[name])
    bench.fixes(text, text.replace(TOTAL[name], f"{TOTAL[name]}{JOIN}"))


@pytest.mark.parametrize("name", TIED)
def test_prefetches_where_rows_may_tie(bench, name):
    text = visits(TIED[name])
    bench.fixes(text, text.replace(TIED[name], f"{TIED[name]}{PREFETCH}"))


def test_ties_are_joined_where_the_user_says_so(bench_with):
    text = visits(TIED["by_a_column"])
    after = visits(f"{TIED['by_a_column']}{JOIN}")
    bench_with(unordered="join").fixes(text, after)
    bench_with(unordered="review").reviews(text, after, "unordered-queryset")


REORDERED = {
    "by_a_filter_that_a_client_asks": "    filter_backends = [OrderingFilter]\n",
    "by_a_filter_that_a_client_asks_for_one_of_these": (
        '    filter_backends = [OrderingFilter]\n    ordering_fields = ["id", "place"]\n'
    ),
    "by_default": (
        '    filter_backends = [OrderingFilter]\n    ordering_fields = ["id"]\n'
        '    ordering = ("place",)\n'
    ),
    "by_a_filter_of_the_project": (
        "    filter_backends = [ByPlace]\n\n\nclass ByPlace(BaseFilterBackend):\n"
        "    def filter_queryset(self, request, queryset, view):\n"
        '        return queryset.order_by("place")\n'
    ),
    "by_a_set_of_filters": (
        "    filter_backends = [DjangoFilterBackend]\n    filterset_class = VisitFilter\n\n\n"
        "class VisitFilter(FilterSet):\n    o = OrderingFilter(fields=['place'])\n"
    ),
    "by_a_filter_that_is_not_known": "    filter_backends = [lib.Filter]\n",
    "by_a_pagination_of_the_project": (
        "    pagination_class = Pages\n\n\nclass Pages(PageNumberPagination):\n"
        "    def paginate_queryset(self, queryset, request, view=None):\n"
        '        queryset = queryset.order_by("place")\n'
        "        return super().paginate_queryset(queryset, request, view)\n"
    ),
    "by_the_view": (
        "\n    def filter_queryset(self, queryset):\n"
        '        return super().filter_queryset(queryset).order_by("place")\n'
    ),
}
KEPT = {
    "a_filter_that_a_client_asks_for_the_key": (
        '    filter_backends = [OrderingFilter]\n    ordering_fields = ["id", "code"]\n'
        '    ordering = "-id"\n'
    ),
    "a_filter_that_searches": "    filter_backends = [SearchFilter]\n",
    "a_filter_that_leaves_rows_out": (
        "    filter_backends = [Own]\n\n\nclass Own(BaseFilterBackend):\n"
        "    def filter_queryset(self, request, queryset, view):\n"
        "        return queryset.filter(seen=True)\n"
    ),
    "filters_by_columns": (
        '    filter_backends = [DjangoFilterBackend]\n    filterset_fields = ["place"]\n'
    ),
    "a_view_that_orders_by_the_key": (
        "\n    def filter_queryset(self, queryset):\n"
        '        return super().filter_queryset(queryset).order_by("-id")\n'
    ),
}
FILTERS = """\
import lib
from django_filters import FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend, OrderingFilter, SearchFilter
from rest_framework.pagination import PageNumberPagination
"""


@pytest.mark.parametrize("view", REORDERED.values(), ids=REORDERED)
def test_prefetches_where_rows_may_be_ordered_otherwise(bench, view):
    text = FILTERS + visits('.order_by("id")', view)
    bench.fixes(text, text.replace('.order_by("id")\n', f'.order_by("id"){PREFETCH}\n', 1))


@pytest.mark.parametrize("view", KEPT.values(), ids=KEPT)
def test_joins_where_rows_stay_in_their_order(bench, view):
    text = FILTERS + visits('.order_by("id")', view)
    bench.fixes(text, text.replace('.order_by("id")\n', f'.order_by("id"){JOIN}\n', 1))


JOINS = {
    "row_lock_on_a_nullable_relation": (
        'shown = serializers.CharField(source="branch.name")',
        "Order.objects.select_for_update()",
        '.prefetch_related("branch")',
    ),
    "bare_select_related_would_be_narrowed": (
        'shown = serializers.CharField(source="customer.company.name")',
        "Order.objects.select_related()",
        '.prefetch_related("customer__company")',
    ),
    "only_with_the_key": (
        EMAIL,
        'Order.objects.only("number", "customer")',
        '.select_related("customer")',
    ),
    "distinct_rows": (EMAIL, "Order.objects.distinct()", '.select_related("customer")'),
    "slice": (EMAIL, "Order.objects.all()[:10]", '.select_related("customer")'),
    "filtered": (EMAIL, 'Order.objects.filter(number="1")', '.select_related("customer")'),
}


@pytest.mark.parametrize(("fields", "queryset", "added"), JOINS.values(), ids=JOINS)
def test_joins_or_prefetches(bench, fields: str, queryset: str, added: str) -> None:
    after = bench.after(code(fields, queryset), unsafe=True).decode()
    assert after == code(fields, f"{queryset}{added}")


# -- where it is written ---------------------------------------------------------------------------

GET_QUERYSET = """\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        orders = QUERYSET
        if self.request.user.is_staff:
            return orders
        return orders.filter(number="1")
"""

DROPPED = """
    def get_queryset(self):
        orders = super().get_queryset()
        orders.select_related("customer")
        return orders
"""

TWO = """\
class Base(generics.ListAPIView):
    queryset = QUERYSET


class First(Base):
    serializer_class = OrderSerializer


class Second(Base):
    serializer_class = OrderSerializer
"""

NOTES = (
    HEAD
    + """\
class NoteSerializer(serializers.ModelSerializer):
    shown = serializers.SerializerMethodField()

    class Meta:
        model = Note
        fields = ["id", "shown"]

    def get_shown(self, note):
        return str(note.target)


class NoteList(generics.ListAPIView):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer
"""
)

WRITTEN = {
    "rows_behind_the_object_that_all_share": (
        code(method("[each.pk for each in order.customer.visit_set.all()]"), view=OWN),
        code(
            method("[each.pk for each in order.customer.visit_set.all()]"),
            view=OWN.replace("set.all()", 'set.all().prefetch_related("customer__visit_set")'),
        ),
    ),
    "object_of_any_model": (
        NOTES,
        NOTES.replace('order_by("id")', 'order_by("id").prefetch_related("target")'),
    ),
    "result_that_is_thrown_away": (
        code(EMAIL, view=VIEW + DROPPED),
        code(
            EMAIL,
            view=VIEW
            + DROPPED.replace("return orders", 'return orders.select_related("customer")'),
        ),
    ),
    "base_of_two_views": (
        code(EMAIL, view=TWO),
        code(EMAIL, f'{OBJECTS}.select_related("customer")', TWO),
    ),
    "view_that_writes": (
        code(EMAIL, view=VIEW.replace("generics.ListAPIView", "viewsets.ModelViewSet")),
        code(
            EMAIL,
            f'{OBJECTS}.select_related("customer")',
            VIEW.replace("generics.ListAPIView", "viewsets.ModelViewSet"),
        ),
    ),
    "depth": (
        code("", names='["id", "customer", "tags"]\n        depth = 1'),
        code(
            "",
            f'{OBJECTS}.select_related("customer").prefetch_related("tags")',
            names='["id", "customer", "tags"]\n        depth = 1',
        ),
    ),
    "all_fields": (
        code("", names='"__all__"'),
        code("", f'{OBJECTS}.prefetch_related("tags")', names='"__all__"'),
    ),
    "joins_the_call_that_is_there": (
        code(EMAIL, 'Order.objects.select_related("branch").filter(number="1")'),
        code(EMAIL, 'Order.objects.select_related("branch", "customer").filter(number="1")'),
    ),
    "deepens_a_prefetch": (
        code("items = ItemSerializer(many=True)", 'Order.objects.prefetch_related("items")'),
        code(
            "items = ItemSerializer(many=True)",
            'Order.objects.prefetch_related("items", "items__product")',
        ),
    ),
    "behind_a_prefetch_with_a_queryset": (
        code(
            "items = ItemSerializer(many=True)",
            'Order.objects.prefetch_related(Prefetch("items", Item.objects.all()))',
        ).replace("from shop", "from django.db.models import Prefetch\n\nfrom shop", 1),
        code(
            "items = ItemSerializer(many=True)",
            """\
Order.objects.prefetch_related(
        Prefetch("items", Item.objects.all()), "items__product"
    )""",
        ).replace("from shop", "from django.db.models import Prefetch\n\nfrom shop", 1),
    ),
    "returned_by_get_queryset": (
        code(
            EMAIL,
            view=VIEW.replace(
                "queryset = QUERYSET",
                'def get_queryset(self):\n        return Order.objects.filter(number="1")\n',
            ),
        ),
        code(
            EMAIL,
            view=VIEW.replace(
                "queryset = QUERYSET",
                "def get_queryset(self):\n"
                '        return Order.objects.filter(number="1").select_related("customer")\n',
            ),
        ),
    ),
    "every_return": (
        code(EMAIL, view=GET_QUERYSET),
        code(
            EMAIL,
            view=GET_QUERYSET.replace(
                "return orders\n", 'return orders.select_related("customer")\n'
            ).replace('number="1")', 'number="1").select_related("customer")'),
        ),
    ),
    "function_view": (
        code(
            EMAIL,
            view="""\
@api_view(["GET"])
def orders(request):
    rows = Order.objects.filter(number="1")
    return Response(OrderSerializer(rows, many=True).data)
""",
        ).replace("import action", "import action, api_view"),
        code(
            EMAIL,
            view="""\
@api_view(["GET"])
def orders(request):
    rows = Order.objects.filter(number="1").select_related("customer")
    return Response(OrderSerializer(rows, many=True).data)
""",
        ).replace("import action", "import action, api_view"),
    ),
    "single_quotes_of_the_code": (
        code(EMAIL, "Order.objects.filter(number='1')"),
        code(EMAIL, "Order.objects.filter(number='1').select_related('customer')"),
    ),
    "read_only_path_of_one_object": (
        code(
            "items = ItemSerializer(many=True)", view=VIEW.replace("ListAPIView", "RetrieveAPIView")
        ),
        code(
            "items = ItemSerializer(many=True)",
            'Order.objects.all().prefetch_related("items__product")',
            VIEW.replace("ListAPIView", "RetrieveAPIView"),
        ),
    ),
}


@pytest.mark.parametrize(("before", "after"), WRITTEN.values(), ids=WRITTEN)
def test_writes(bench, before: str, after: str) -> None:
    bench.fixes(before, after)


def test_get_queryset_is_added_where_the_user_wants_it(bench_with):
    method_of_view = """
    def get_queryset(self):
        return super().get_queryset().select_related("customer")
"""
    bench_with(form="get_queryset").fixes(code(EMAIL), code(EMAIL, view=VIEW + method_of_view))


def test_get_queryset_is_not_put_above_a_subclass_with_rows_of_its_own(bench_with):
    other = """\


class VisitList(OrderList):
    queryset = Visit.objects.none()
    serializer_class = CustomerSerializer
"""
    after = code(EMAIL, f'{OBJECTS}.select_related("customer")', VIEW + other)
    bench_with(form="get_queryset").fixes(code(EMAIL, view=VIEW + other), after)


def test_prefetch_that_joins_where_the_user_wants_it(bench_with):
    fields = "items = ItemSerializer(many=True)"
    after = code(
        fields,
        """\
Order.objects.all().prefetch_related(
        Prefetch("items", queryset=Item.objects.select_related("product"))
    )""",
    ).replace(
        "from rest_framework import",
        "from django.db.models import Prefetch\nfrom rest_framework import",
        1,
    )
    bench_with(prefetch_form="queryset").fixes(code(fields), after)


LINES = """\
class Shelf(models.Model):
    name = models.CharField(max_length=9)


class Good(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)


class Line(models.Model):
    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    good = models.ForeignKey(Good, on_delete=models.CASCADE)
    place = models.IntegerField()

    class Meta:
        ordering = ["place"]
        {}
"""
SHELF = """\
shelves = serializers.SerializerMethodField()

def get_shelves(self, order):
    return [line.good.shelf.name for line in order.lines.all()]"""
DEEP = f'{OBJECTS}.prefetch_related("lines__good__shelf")'


def lines(bench_of, meta: str, **options: str):
    files = FILES | {"shop/models.py": MODELS + "\n\n" + LINES.replace("{}", meta)}
    return bench_of(NPlusOne(NPlusOneOptions(**options)), PATH, files)


PLACED = 'unique_together = [("order", "place")]'
PLACED_SOMETIMES = """\
constraints = [
            models.UniqueConstraint(
                fields=["order", "place"], condition=models.Q(place__gt=1), name="one"
            )
        ]"""


def test_joins_of_a_prefetch_that_save_two_queries(bench_of):
    after = (
        code(
            SHELF,
            f"""\
{OBJECTS}.prefetch_related(
        Prefetch("lines", queryset=Line.objects.select_related("good__shelf"))
    )""",
        )
        .replace(
            "from rest_framework", "from django.db.models import Prefetch\nfrom rest_framework", 1
        )
        .replace("import Customer, Item, Note", "import Customer, Item, Line, Note")
    )
    lines(bench_of, PLACED).fixes(code(SHELF), after)


@pytest.mark.parametrize(
    "meta",
    [
        "",
        'unique_together = [("good", "place")]',
        PLACED_SOMETIMES,
        'base_manager_name = "objects"\n    objects = models.QuerySet.as_manager()',
    ],
)
def test_joins_of_a_prefetch_that_may_change_the_order(bench_of, meta: str):
    lines(bench_of, meta).fixes(code(SHELF), code(SHELF, DEEP))


def test_deep_paths_by_name_where_the_user_wants_it(bench_of):
    lines(bench_of, PLACED, prefetch_form="string").fixes(code(SHELF), code(SHELF, DEEP))


def test_one_query_more_is_no_reason_for_a_queryset(bench_of):
    field = SHELF.replace("line.good.shelf.name", "line.good.pk + line.good.shelf_id")
    after = code(field, f'{OBJECTS}.prefetch_related("lines__good")')
    lines(bench_of, PLACED).fixes(code(field), after)


def test_a_relation_that_a_branch_prefetches_by_name(bench_of):
    view = """\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        orders = Order.objects.all()
        if self.request.user.is_staff:
            orders = orders.prefetch_related("lines")
        return {}
"""
    after = view.replace("{}", 'orders.prefetch_related("lines__good__shelf")')
    before = code(SHELF, view=view.replace("{}", "orders"))
    lines(bench_of, PLACED).fixes(before, code(SHELF, view=after))


NEW = {"requirements.txt": "Django==6.1.3\n"}


def test_peers_are_fetched_where_the_user_wants_it(bench_of):
    rule = NPlusOne(NPlusOneOptions(fetch_peers=True))
    added = f"{OBJECTS}.fetch_mode(models.FETCH_PEERS)"
    after = code(EMAIL, added).replace("from rest", "from django.db import models\nfrom rest", 1)
    bench_of(rule, PATH, FILES | NEW).fixes(code(EMAIL), after)


def test_peers_are_not_fetched_before_django_has_them(bench_of):
    rule = NPlusOne(NPlusOneOptions(fetch_peers=True))
    after = code(EMAIL, f'{OBJECTS}.select_related("customer")')
    bench_of(rule, PATH, FILES).fixes(code(EMAIL), after)


def test_subclass_that_needs_more_gets_a_queryset_of_its_own(bench):
    view = PLAIN + VIEW.replace("OrderSerializer", "PlainSerializer")
    own = "\n\nclass Named(OrderList):\n    serializer_class = OrderSerializer\n"
    added = '    queryset = OrderList.queryset.select_related("customer")\n'
    before, after = code(EMAIL, view=view + own), code(EMAIL, view=view + own + added)
    bench.reviews(before, after, "not-needed-by-other-views")


def test_subclass_that_needs_more_gets_a_get_queryset(bench):
    view = (
        PLAIN
        + """\
class OrderList(generics.ListAPIView):
    serializer_class = PlainSerializer

    def get_queryset(self):
        return Order.objects.all()


class Named(OrderList):
    serializer_class = OrderSerializer
"""
    )
    added = """
    def get_queryset(self):
        return super().get_queryset().select_related("customer")
"""
    before, after = code(EMAIL, view=view), code(EMAIL, view=view + added)
    bench.reviews(before, after, "not-needed-by-other-views")


# -- across files ----------------------------------------------------------------------------------

CALLING = """\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return QUERYSET
"""

BASE = """\
from rest_framework import generics

from shop.models import Order


class Base(generics.ListAPIView):
    queryset = Order.objects.all()
"""


def test_helper_in_another_file_is_left_to_its_other_callers(bench_of):
    helper = (
        "from shop.models import Order\n\n\n"
        "def paid():\n    return Order.objects.filter(number='1')\n"
    )
    bench = bench_of(NPlusOne(), PATH, FILES | {"shop/helpers.py": helper})
    head, view = "from shop.helpers import paid\n", CALLING
    before = head + code(EMAIL, "paid()", view)
    bench.fixes(before, head + code(EMAIL, 'paid().select_related("customer")', view))


def test_base_in_another_file_is_where_it_is_written(bench_of):
    bench = bench_of(NPlusOne(), PATH, FILES | {"shop/bases.py": BASE})
    view = "class OrderList(Base):\n    serializer_class = OrderSerializer\n"
    text = "from shop.bases import Base\n" + code(EMAIL, view=view)
    (change,) = bench.run(text).changes
    assert change.path == "shop/bases.py"
    assert change.after.decode() == BASE.replace("all()", 'all().select_related("customer")')


def test_serializers_and_models_in_other_files_are_followed(bench_of):
    view_only = code(EMAIL).partition("class OrderList")
    files = FILES | {"shop/serializers.py": view_only[0]}
    bench = bench_of(NPlusOne(), PATH, files)
    head = (
        "from rest_framework import generics\n\nfrom shop import serializers as s\n"
        "from shop.models import Order as Purchase\n\n\n"
    )
    view = VIEW.replace("OrderSerializer", "s.OrderSerializer")
    before = head + view.replace("QUERYSET", "Purchase.objects.all()")
    bench.fixes(before, before.replace("all()", 'all().select_related("customer")'))


# -- what is said ----------------------------------------------------------------------------------


def test_finding_says_view_model_serializers_and_paths(bench):
    fields = f"{EMAIL}\nitems = ItemSerializer(many=True)"
    (reported,) = bench.run(code(fields)).findings
    finding = reported.finding
    assert dict(finding.data) == {
        "kind": "view",
        "view": "OrderList",
        "views": ("OrderList",),
        "model": "shop.Order",
        "serializers": ("OrderSerializer",),
        "select_related": ("customer",),
        "prefetch_related": ("items__product",),
    }
    assert finding.symbol == "shop.views.OrderList"
    assert finding.message == (
        "OrderList: for each Order a query asks for customer, items__product"
    )
    assert [each.text for each in finding.evidence] == [
        'OrderSerializer.shown is rendered from "customer.name"',
        "OrderSerializer.items is rendered",
        'ItemSerializer.product_name is rendered from "product.name"',
    ]


def test_comment_on_a_field_takes_its_path_out(bench):
    comment = "  # djfix: ignore[n-plus-one] -- rarely shown"
    bench.declines(code(EMAIL + comment), "suppressed-evidence")


def test_comment_on_a_field_leaves_the_other_paths(bench):
    comment = "  # djfix: ignore[n-plus-one] -- rarely shown"
    fields = f"{EMAIL}{comment}\nitems = ItemSerializer(many=True)"
    after = f'{OBJECTS}.prefetch_related("items__product")'
    bench.fixes(code(fields), code(fields, after))


@pytest.mark.parametrize("word", ["queryset", "erializer", "many="])
def test_file_is_read_for_any_word_of_a_view(word: str) -> None:
    assert NPlusOne().mentioned(word.encode())


BRANCHES = VIEW.replace("generics.ListAPIView", "viewsets.ReadOnlyModelViewSet").replace(
    "    queryset = QUERYSET\n", ""
)


def branching(test: str, added: str = "") -> str:
    """A view whose get_queryset returns one of two querysets."""
    view = f"""{BRANCHES}
    def get_queryset(self):
        if {test}:
            return Order.objects.order_by("pk"){added}
        return Order.objects.filter(pk=1).order_by("pk"){added}
"""
    return code(EMAIL, view=view)


def test_branches_by_user_both_load_what_is_read(bench):
    after = branching("self.request.user.is_staff", '.select_related("customer")')
    bench.fixes(branching("self.request.user.is_staff"), after)


def test_branches_by_action_need_review(bench):
    after = branching('self.action == "list"', '.select_related("customer")')
    bench.reviews(branching('self.action == "list"'), after, "queryset-by-action")
