"""`n-plus-one`: what reading its findings on real projects has shown, the smallest case of each."""

from __future__ import annotations

import pytest
from test_n_plus_one import EMAIL, FILES, HEAD, PATH, VIEW, code

from djfix.codemods.rules.n_plus_one import NPlusOne

ITEMS = "items = ItemSerializer(many=True)"
VIEWSET = """\
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer

"""
HELPERS = """\
def numbers(rows):
    return [row.number for row in rows]


def locked(rows):
    return rows.select_for_update()


def streamed(rows):
    return [row.number for row in rows.iterator()]


def counted(rows):
    return rows.count()
"""


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, FILES | {"shop/helpers.py": HELPERS})


def exporting(body: str, fields: str = EMAIL) -> str:
    """A viewset with an action besides."""
    action = f"    @action(detail=False)\n    def export(self, request):\n        {body}\n"
    text = code(fields, view=VIEWSET + action)
    return text.replace("from shop.models", "from shop import helpers\nfrom shop.models", 1)


# -- what the view's own code does with the rows besides -------------------------------------------

REVIEWED = {
    "a_comprehension": (
        "return Response([order.number for order in self.get_queryset()])",
        "iterated-besides",
    ),
    "a_loop_over_what_is_filtered": (
        "for order in self.filter_queryset(self.get_queryset()):\n            print(order.number)",
        "iterated-besides",
    ),
    "a_loop_over_a_local": (
        (
            "rows = self.get_queryset().filter(number='1')\n        for order in rows:\n"
            "            print(order.number)"
        ),
        "iterated-besides",
    ),
    "a_list": ("return Response(len(list(self.queryset.all())))", "iterated-besides"),
    "a_function_that_goes_through_them": (
        "return Response(helpers.numbers(self.get_queryset()))",
        "iterated-besides",
    ),
    "a_function_that_is_not_known": (
        "return Response(request.numbers(self.get_queryset()))",
        "handed-on",
    ),
}


@pytest.mark.parametrize(("body", "reason"), REVIEWED.values(), ids=REVIEWED)
def test_rows_are_gone_through_besides(bench, body: str, reason: str) -> None:
    text = exporting(body)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == [reason]


REFUSED = {
    "a_comprehension": "return Response([each.pk for each in self.get_queryset().iterator()])",
    "a_local": (
        "rows = self.filter_queryset(self.get_queryset())\n"
        "        return Response([each.pk for each in rows.iterator()])"
    ),
    "a_function_that_streams_them": "return Response(helpers.streamed(self.get_queryset()))",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_rows_are_streamed_besides(bench, body: str) -> None:
    bench.reports(exporting(body, ITEMS), "iterated-later")


HARMLESS = {
    "a_count": "return Response(self.get_queryset().count())",
    "a_count_elsewhere": "return Response(helpers.counted(self.get_queryset()))",
    "values": "return Response([each for each in self.get_queryset().values('number')])",
    "a_lookup": "return Response(Item.objects.filter(order__in=self.get_queryset()).count())",
    "one_row": "return Response(self.get_queryset().first().number)",
    "an_update": "return Response(self.get_queryset().update(number='1'))",
    "rendered": (
        "rows = self.filter_queryset(self.get_queryset())\n"
        "        seen = [order.pk for order in rows]\n"
        "        return Response(self.get_serializer(rows, many=True).data, seen)"
    ),
    "a_page": (
        "page = self.paginate_queryset(self.get_queryset())\n"
        "        return Response(self.get_serializer(page, many=True).data)"
    ),
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS)
def test_rows_are_not_gone_through(bench, body: str) -> None:
    before = exporting(body)
    after = before.replace(
        "    queryset = Order.objects.all()",
        '    queryset = Order.objects.all().select_related("customer")',
    )
    bench.fixes(before, after)


def test_lock_besides_takes_no_joined_row(bench):
    before = exporting("return Response(helpers.locked(self.get_queryset()).count())")
    after = before.replace(
        "    queryset = Order.objects.all()",
        '    queryset = Order.objects.all().prefetch_related("customer")',
    )
    bench.fixes(before, after)


# -- where the rows come from ----------------------------------------------------------------------

OF_REQUEST = """\
class NamedSerializer(serializers.ModelSerializer):
    shown = serializers.CharField(source="SOURCE")

    class Meta:
        model = Item
        fields = ["qty", "shown"]


class ItemList(generics.ListAPIView):
    queryset = Item.objects.none()
    serializer_class = NamedSerializer

    def get_queryset(self):
        return self.request.order.items.all()
"""


def test_rows_of_an_unread_object_hold_it_all_the_same(bench):
    bench.ignores(HEAD + OF_REQUEST.replace("SOURCE", "order.customer.name"))


def test_rows_of_an_unread_object_and_what_else_they_need(bench):
    before = HEAD + OF_REQUEST.replace("SOURCE", "product.name")
    after = before.replace("items.all()", 'items.all().prefetch_related("product")')
    bench.reviews(before, after, "unread-receiver")


OF_FOUND = """\
class Odd(models.Manager):
    def get(self, **lookups):
        return super().get(**lookups)


class Basket(models.Model):
    name = models.CharField(max_length=20)
    objects = Odd()


class Shelf(models.Model):
    name = models.CharField(max_length=20)


class Ware(models.Model):
    basket = models.ForeignKey(Basket, related_name="wares", on_delete=models.CASCADE)
    shelf = models.ForeignKey(Shelf, related_name="wares", on_delete=models.CASCADE)
"""


@pytest.mark.parametrize("owner", ["basket", "shelf"])
def test_rows_of_an_object_that_is_found_hold_it(bench_of, owner: str) -> None:
    view = f"""\
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers

from shop.models import Basket, Ware


class WareSerializer(serializers.ModelSerializer):
    shown = serializers.CharField(source="{owner}.name")

    class Meta:
        model = Ware
        fields = ["shown"]


class WareList(generics.ListAPIView):
    queryset = Ware.objects.none()
    serializer_class = WareSerializer

    def get_queryset(self):
        basket = get_object_or_404(Basket, pk=self.kwargs["pk"])
        return basket.wares.all()
"""
    models = FILES["shop/models.py"] + "\n\n" + OF_FOUND
    bench = bench_of(NPlusOne(), PATH, FILES | {"shop/models.py": models})
    if owner == "basket":
        bench.ignores(view)
    else:
        after = view.replace("wares.all()", 'wares.all().prefetch_related("shelf")')
        bench.reviews(view, after, "unread-receiver")


ASKING = """\
from rest_framework import generics


class AskingView(generics.ListAPIView):
    rows = None

    def get_rows(self):
        return self.rows

    def get_queryset(self):
        try:
            return super().get_queryset()
        except AssertionError:
            self.queryset = self.get_rows()
            return super().get_queryset()
"""


@pytest.mark.parametrize(
    "member",
    [
        "    rows = Order.objects.all()\n",
        "    def get_rows(self):\n        return Order.objects.all()\n",
    ],
    ids=["an_attribute", "a_method"],
)
def test_rows_that_a_base_asks_the_view_for(bench_of, member: str) -> None:
    bench = bench_of(NPlusOne(), PATH, FILES | {"shop/asking.py": ASKING})
    view = f"class OrderList(AskingView):\n    serializer_class = OrderSerializer\n\n{member}"
    before = code(EMAIL, view=view)
    before = before.replace(
        "from shop.models", "from shop.asking import AskingView\nfrom shop.models"
    )
    after = before.replace("objects.all()", 'objects.all().select_related("customer")')
    bench.reviews(before, after, "through-hook")


BRANCHES = """\
class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        rows = Order.objects.all()
        if self.request.GET.get("more"):
            rows = rows.{one}
        else:
            rows = rows.{other}
        return rows
"""


def branching(fields: str, one: str, other: str) -> str:
    view = BRANCHES.replace("{one}", one).replace("{other}", other)
    text = code(fields, view=view)
    return text.replace(
        "from shop.models", "from django.db.models import Prefetch\nfrom shop.models", 1
    )


LOADED = {
    "by_a_join_and_by_a_prefetch": (
        EMAIL,
        'select_related("customer")',
        'prefetch_related("customer")',
    ),
    "by_a_lookup_and_by_a_queryset": (
        ITEMS,
        'prefetch_related("items__product")',
        'prefetch_related(Prefetch("items", Item.objects.select_related("product")))',
    ),
    "deeper_in_one": (
        EMAIL,
        'select_related("customer__company")',
        'prefetch_related("customer")',
    ),
}


@pytest.mark.parametrize(("fields", "one", "other"), LOADED.values(), ids=LOADED)
def test_each_branch_loads_it_in_its_way(bench, fields: str, one: str, other: str) -> None:
    bench.ignores(branching(fields, one, other))


def test_one_branch_has_a_queryset_of_its_own(bench):
    loads = 'prefetch_related(Prefetch("items", Item.objects.filter(qty=1)))'
    text = branching(ITEMS, loads, 'filter(number="1")')
    assert bench.after(text).decode() == text
    assert "differing-branches" in bench.reasons(text)


# -- members that were not seen --------------------------------------------------------------------


def with_models(bench_of, more: str):
    models = FILES["shop/models.py"].replace(
        "    def last_item(self):", f"{more}\n    def last_item(self):"
    )
    return bench_of(NPlusOne(), PATH, FILES | {"shop/models.py": models})


PRIVATE = """\
    def __named(self, word):
        return f"{word} {self.customer.name}"

    @property
    def title(self):
        return self.__named("of")
"""
MAKING = """\
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = self.title

    @property
    def title(self):
        return self.customer.name
"""


def test_private_method(bench_of):
    before = code("title = serializers.CharField()")
    after = before.replace(".all()", '.all().select_related("customer")')
    with_models(bench_of, PRIVATE).fixes(before, after)


def test_read_when_the_object_is_made(bench_of):
    with_models(bench_of, MAKING).ignores(code("title = serializers.CharField()"))


def test_view_inside_of_a_class(bench):
    inner = "class Pages:\n" + "".join(
        f"    {line}\n" if line else "\n" for line in VIEW.splitlines()
    )
    before = code(EMAIL, view=inner)
    bench.fixes(before, before.replace(".all()", '.all().select_related("customer")'))
