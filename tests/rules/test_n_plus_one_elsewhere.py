"""`n-plus-one`: what else code does with rows that it also renders, each served with Django before
and after: other branches, other names, other methods, objects that hold the rows already."""

from __future__ import annotations

import pytest
from test_n_plus_one import FILES, PATH

from djfix.codemods.rules.n_plus_one import NPlusOne

HEAD = """\
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from shop import services
from shop.models import Item, Order


class ItemSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="product.name")

    class Meta:
        model = Item
        fields = ["qty", "product"]


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ["number", "customer"]


class RowsSerializer(serializers.ModelSerializer):
    items = serializers.SlugRelatedField("qty", many=True, read_only=True)

    class Meta:
        model = Order
        fields = ["number", "items"]


"""
SERVICES = """\
from django.db.models import Prefetch

from shop.models import Item


def narrowed(rows):
    found = rows.filter(number="1")
    return found.prefetch_related(Prefetch("items", queryset=Item.objects.filter(qty=1)))


def counted(rows):
    return rows.count()
"""
PREFETCH = 'Prefetch("items", queryset=Item.objects.filter(qty=1))'


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, FILES | {"shop/services.py": SERVICES})


def function(*lines: str) -> str:
    """A function view over all orders that does what these lines say."""
    body = "".join(f"    {line}\n" for line in ("orders = Order.objects.all()", *lines))
    return f'{HEAD}@api_view(["GET"])\ndef orders(request):\n{body}'


BRANCH = ('if request.GET.get("x"):', "    orders = orders.{}")
RENDERED = "return Response(OrderSerializer(orders, many=True).data)"
ROWS = "return Response(RowsSerializer(orders, many=True).data)"
JOINED = 'return Response(OrderSerializer(orders.select_related("customer"), many=True).data)'


def branched(call: str, rendered: str = RENDERED) -> str:
    return function(*(line.replace("{}", call) for line in BRANCH), rendered)


# -- one name, several querysets -------------------------------------------------------------------


def test_branches_are_served_where_the_name_is_rendered(bench) -> None:
    before = branched("filter(number=1)")
    bench.fixes(before, before.replace(RENDERED, JOINED))


def test_loops_are_served_where_the_name_is_rendered(bench) -> None:
    lines = ("for each in request.GET:", "    orders = orders.filter(number=each)")
    bench.fixes(function(*lines, RENDERED), function(*lines, JOINED))


def test_pages_are_served_where_the_name_is_paged(bench) -> None:
    view = (
        f"{HEAD}class Orders(viewsets.GenericViewSet):\n    @action(detail=False)\n"
        "    def cheap(self, request):\n        orders = Order.objects.all()\n"
        "        if request.GET:\n            orders = orders.filter(number=1)\n"
        "        page = self.paginate_queryset({})\n"
        "        return Response(OrderSerializer(page, many=True).data)\n"
    )
    bench.fixes(
        view.replace("{}", "orders"), view.replace("{}", 'orders.select_related("customer")')
    )


def test_a_conditional_expression_is_served_as_a_whole(bench) -> None:
    chosen = "Order.objects.all() if request.GET else Order.objects.filter(number=1)"
    bench.fixes(
        function(f"return Response(OrderSerializer({chosen}, many=True).data)"),
        function(
            "return Response(OrderSerializer((",
            f"    {chosen}",
            ').select_related("customer"), many=True).data)',
        ),
    )


def test_a_prefetch_of_its_own_in_one_branch(bench) -> None:
    before = branched(f"prefetch_related({PREFETCH})", ROWS)
    after = 'return Response(RowsSerializer(orders.prefetch_related("items"), many=True).data)'
    bench.reviews(before, before.replace(ROWS, after), "differing-branches")


def test_a_branch_leaves_the_key_out(bench) -> None:
    bench.reports(branched('only("number")'), "only-columns")


def test_a_branch_streams_the_rows(bench) -> None:
    bench.reports(branched("iterator()", ROWS), "iterated")


def test_rows_that_the_name_holds_already_keep_what_is_set_on_them(bench) -> None:
    # A queryset built at the name would ask again, and forget `number`.
    loop = f"for each in orders:\n        each.number = 1\n    {RENDERED}"
    before = branched("filter(number=1)").replace(RENDERED, loop)
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


@pytest.mark.parametrize("order", ['"number"', '"customer__name"', "*names", '"-number", "seen"'])
def test_a_branch_orders_the_rows_so_that_they_tie(bench, order: str) -> None:
    before = branched(f"order_by({order})").replace(RENDERED, f"len(orders)\n    {RENDERED}")
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.prefetch_related("customer")'))


def test_a_branch_orders_the_rows_by_their_key(bench) -> None:
    before = branched('order_by("-number", "pk")').replace(RENDERED, f"len(orders)\n    {RENDERED}")
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


def test_other_rows_of_the_same_are_ordered_so_that_they_tie(bench) -> None:
    before = function(
        'first = OrderSerializer(orders.order_by("number")[:3], many=True).data', RENDERED
    )
    found = bench.after(before).decode()
    assert 'orders = Order.objects.all().prefetch_related("customer")' in found
    assert "select_related" not in found


def test_a_later_binding_of_the_name_is_another_queryset(bench) -> None:
    before = function(
        "data = OrderSerializer(orders, many=True).data",
        'orders = Order.objects.only("number")',
        "return Response([data, [each.number for each in orders]])",
    )
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


# -- what is built on it under other names ---------------------------------------------------------

OTHERS = {
    "another_name": (f"narrow = orders.prefetch_related({PREFETCH})", "services.counted(narrow)"),
    "a_function": ("narrow = services.narrowed(orders)",),
    "a_dict": ('kept = {"a": orders}', f'kept["a"].prefetch_related({PREFETCH})'),
    "an_inner_function": ("def inner():", f"    return orders.prefetch_related({PREFETCH})"),
    "a_tuple": ("kept, _ = orders, 1", f"kept.prefetch_related({PREFETCH})"),
}


@pytest.mark.parametrize("lines", OTHERS.values(), ids=OTHERS)
def test_a_prefetch_of_its_own_by(bench, lines: tuple[str, ...]) -> None:
    bench.reports(function(*lines, ROWS), "later-prefetch")


def test_a_method_that_is_kept(bench) -> None:
    before = function("narrow = orders.only", 'narrow("number")', RENDERED)
    all_orders = "orders = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


def test_rows_that_are_narrowed_by_the_name_of_a_method(bench) -> None:
    before = function('narrow = getattr(orders, "only")', 'narrow("number")', RENDERED)
    all_orders = "orders = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


def test_a_function_that_cannot_be_read(bench) -> None:
    before = function("unknown.look(orders)", RENDERED)
    all_orders = "orders = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


KEPT = {
    "on_an_object": "request.rows = orders",
    "in_a_dict": 'data = {"rows": orders}',
    "in_a_list": "for rows in [orders]: pass",
    "under_a_key": 'kept["rows"] = orders',
    "for_later": "later = lambda: orders",
}


@pytest.mark.parametrize("line", KEPT.values(), ids=KEPT)
def test_rows_are_kept_where_other_code_finds_them(bench, line: str) -> None:
    before = function(line, RENDERED)
    all_orders = "orders = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


def test_rows_are_kept_with_the_same_statement(bench) -> None:
    before = function(RENDERED).replace("orders = Order", "request.rows = orders = Order")
    all_orders = "orders = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


def test_what_is_asked_of_the_rows_is_not_the_rows(bench) -> None:
    lines = ('data = {"n": orders.count(), "some": orders.exists()}', "request.n = orders.count()")
    before = function(*lines, RENDERED)
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


def test_a_slice_of_rows_that_are_there_is_a_list(bench) -> None:
    before = function("len(orders)", RENDERED.replace("orders", "orders[:2]"))
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


def test_a_slice_of_one_of_several_querysets_that_have_their_rows(bench) -> None:
    sliced = RENDERED.replace("orders", "orders[:2]")
    text = branched("filter(number=1)").replace(RENDERED, f"len(orders)\n    {sliced}")
    assert bench.after(text, unsafe=True).decode() == text


def test_a_slice_of_rows_that_nothing_else_reads(bench) -> None:
    before = function("orders.count()", "some = orders[:2]", RENDERED.replace("orders", "some"))
    added = 'orders[:2].select_related("customer")'
    bench.fixes(before, before.replace("orders[:2]", added))


# -- what serializers do with the rows that they are handed ----------------------------------------

LISTING = """\
class Rows(serializers.ListSerializer):
    def to_representation(self, data):
        rows = data.all() if hasattr(data, "all") else data
        return super().to_representation(rows.{})


"""
MANY = """\
    @classmethod
    def many_init(cls, rows, **kwargs):
        return super().many_init(rows.{}, **kwargs)
"""


def listed(call: str, *, by: str) -> str:
    """A view over all orders whose serializer calls this on the rows."""
    head = HEAD.replace('fields = ["number", "customer"]\n', 'fields = ["number", "customer"]\n{}')
    if by == "list":
        own = "        list_serializer_class = Rows\n"
        head = head.replace("class OrderS", LISTING.replace("{}", call) + "class OrderS")
    else:
        own = "\n" + MANY.replace("{}", call)
    return (
        head.replace("{}", own)
        + "class Orders(generics.ListAPIView):\n    queryset = Order.objects.all()\n"
        "    serializer_class = OrderSerializer\n"
    )


@pytest.mark.parametrize("by", ["list", "many_init"])
def test_a_serializer_narrows_the_rows(bench, by: str) -> None:
    bench.reports(listed('only("number")', by=by), "only-columns")


@pytest.mark.parametrize("by", ["list", "many_init"])
def test_a_serializer_filters_the_rows(bench, by: str) -> None:
    before = listed("filter(number=1)", by=by)
    all_orders = "queryset = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


def test_the_context_of_a_serializer_has_the_rows(bench) -> None:
    before = (
        f"{HEAD}class Orders(generics.ListAPIView):\n    queryset = Order.objects.all()\n"
        "    serializer_class = OrderSerializer\n\n    def get_serializer_context(self):\n"
        '        return {"rows": self.get_queryset()}\n'
    )
    all_orders = "queryset = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "handed-on")


def test_a_count_changes_nothing(bench) -> None:
    before = function("count = services.counted(orders)", "orders.count()", RENDERED)
    all_orders = "orders = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


# -- what other methods and classes do -------------------------------------------------------------

GIVING = {
    "a_method": ("    def rows(self):", "self.rows()"),
    "a_property": ("    @cached_property\n    def rows(self):", "self.rows"),
}


@pytest.mark.parametrize(("head", "call"), GIVING.values(), ids=GIVING)
def test_rows_of_a_method_are_narrowed_by_another(bench, head: str, call: str) -> None:
    bench.reports(
        f"{HEAD}class Orders(APIView):\n{head}\n        return Order.objects.all()\n\n"
        f"    def get(self, request):\n"
        f"        return Response(OrderSerializer({call}, many=True).data)\n\n"
        f"    def post(self, request):\n        rows = {call}\n"
        f'        return Response([each.number for each in rows.only("number")])\n',
        "only-columns",
    )


BASE = f"""\
{HEAD}class BaseOrders(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer


class Orders(BaseOrders):
    pass


"""
BESIDE = {
    "a_sibling": """\
class Short(BaseOrders):
    def get_queryset(self):
        return super().get_queryset().only("number")
""",
    "a_class_body": """\
class Short(generics.ListAPIView):
    queryset = BaseOrders.queryset.only("number")
    serializer_class = OrderSerializer
""",
    "a_function": """\
@api_view(["GET"])
def short(request):
    rows = BaseOrders.queryset
    return Response([each.number for each in rows.only("number")])
""",
    "an_object_of_the_class": """\
def short(request):
    rows = BaseOrders(request=request).queryset
    return [each.number for each in rows.only("number")]
""",
}


@pytest.mark.parametrize("more", BESIDE.values(), ids=BESIDE)
def test_rows_of_a_class_are_narrowed_by(bench, more: str) -> None:
    assert bench.after(BASE + more, unsafe=True).decode() == BASE + more
    assert "only-columns" in bench.reasons(BASE + more)


def test_a_sibling_with_rows_of_its_own_narrows_these(bench) -> None:
    before = (
        f"{BASE}class Short(BaseOrders):\n    queryset = Order.objects.filter(number=1)\n\n"
        '    def get_queryset(self):\n        return super().get_queryset().only("number")\n'
    )
    all_orders = "queryset = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.select_related("customer")'))


def test_a_view_shows_its_plan(bench) -> None:
    before = (
        f"{HEAD}class Orders(generics.ListAPIView):\n    queryset = Order.objects.all()\n"
        "    serializer_class = OrderSerializer\n\n    def plan(self):\n"
        "        return self.get_queryset().explain()\n"
    )
    all_orders = "queryset = Order.objects.all()"
    after = before.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(before, after, "looks-into-cache")


HELPERS = {
    "a_permission": (
        "permission_classes",
        "permissions.BasePermission",
        "has_permission(self, request, view)",
    ),
    "a_filter": (
        "filter_backends",
        "filters.BaseFilterBackend",
        "filter_queryset(self, request, queryset, view)",
    ),
}


@pytest.mark.parametrize(("name", "base", "method"), HELPERS.values(), ids=HELPERS)
def test_what_is_handed_the_view_narrows_its_rows(bench, name: str, base: str, method: str) -> None:
    bench.reports(
        f"from rest_framework import filters, permissions\n{HEAD}"
        f"class Helper({base}):\n    def {method}:\n"
        '        return view.get_queryset().only("number")\n\n\n'
        "class Orders(generics.ListAPIView):\n    queryset = Order.objects.all()\n"
        f"    serializer_class = OrderSerializer\n    {name} = [Helper]\n",
        "only-columns",
    )


# -- objects that hold the rows already ------------------------------------------------------------


ALL_ITEMS = "order.items.all()"


def items_of(order: str) -> str:
    """The items of one order: `order` makes it."""
    return (
        f'{HEAD}@api_view(["GET"])\ndef items(request, pk):\n    order = {order}\n'
        f"    items = {ALL_ITEMS}\n"
        "    return Response(ItemSerializer(items, many=True).data)\n"
    )


CARRIED = {
    "get": 'Order.objects.prefetch_related("items__product").get(pk=pk)',
    "a_shortcut": 'get_object_or_404(Order.objects.prefetch_related("items__product"), pk=pk)',
    "a_prefetch": 'Order.objects.prefetch_related(Prefetch("items")).first()',
    "an_index": 'Order.objects.prefetch_related("items")[0]',
}


@pytest.mark.parametrize("order", CARRIED.values(), ids=CARRIED)
def test_prefetched_rows_are_not_asked_for_again(bench, order: str) -> None:
    bench.reports(items_of(order), "carried-rows")


def test_prefetched_rows_of_a_loop_are_not_asked_for_again(bench) -> None:
    bench.reports(
        f'{HEAD}@api_view(["GET"])\ndef items(request):\n    found = []\n'
        '    for order in Order.objects.prefetch_related("items"):\n'
        "        found.append(ItemSerializer(order.items.all(), many=True).data)\n"
        "    return Response(found)\n",
        "carried-rows",
    )


def test_prefetched_rows_of_a_get_queryset(bench) -> None:
    bench.reports(
        f"{HEAD}class Items(generics.ListAPIView):\n    serializer_class = ItemSerializer\n\n"
        "    def get_queryset(self):\n"
        '        rows = Order.objects.prefetch_related("items__product")\n'
        '        order = get_object_or_404(rows, pk=self.kwargs["pk"])\n'
        "        return order.items.all()\n",
        "carried-rows",
    )


NOT_CARRIED = {
    "get": "Order.objects.get(pk=pk)",
    "another_relation": 'Order.objects.prefetch_related("tags").get(pk=pk)',
    "under_another_name": (
        'Order.objects.prefetch_related(Prefetch("items", to_attr="kept")).get(pk=pk)'
    ),
    "a_shortcut": "get_object_or_404(Order, pk=pk)",
}


@pytest.mark.parametrize("order", NOT_CARRIED.values(), ids=NOT_CARRIED)
def test_rows_of_an_object_without_them(bench, order: str) -> None:
    before = items_of(order)
    bench.fixes(before, before.replace(ALL_ITEMS, f'{ALL_ITEMS}.prefetch_related("product")'))


def test_filtered_rows_are_asked_for_anyway(bench) -> None:
    before = items_of(CARRIED["get"]).replace(ALL_ITEMS, "order.items.filter(qty=1)")
    after = 'order.items.filter(qty=1).prefetch_related("product")'
    bench.fixes(before, before.replace("order.items.filter(qty=1)", after))


def test_an_object_that_was_handed_in(bench) -> None:
    before = (
        f"{HEAD}def shown(order):\n    items = {ALL_ITEMS}\n"
        "    return ItemSerializer(items, many=True).data\n\n\n"
        '@api_view(["GET"])\ndef items(request, pk):\n'
        "    return Response(shown(Order.objects.get(pk=pk)))\n"
    )
    after = before.replace(ALL_ITEMS, f'{ALL_ITEMS}.prefetch_related("product")')
    bench.reviews(before, after, "unread-receiver")


# -- what some actions load by themselves ----------------------------------------------------------

OWN = """\
class Orders(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
    serializer_class = RowsSerializer

    def list(self, request):
        orders = self.filter_queryset(self.queryset{}.order_by("pk"))
        page = self.paginate_queryset(orders)
        return Response(self.get_serializer(page, many=True).data)
"""


def test_an_action_loads_what_it_shows(bench) -> None:
    bench.ignores(HEAD + OWN.replace("{}", '.prefetch_related("items")'))


def test_an_action_loads_something_else(bench) -> None:
    before = HEAD + OWN.replace("{}", '.prefetch_related("tags")')
    all_orders = "queryset = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.prefetch_related("items")'))


def test_an_action_loads_itself_what_another_lacks(bench) -> None:
    before = (
        HEAD
        + OWN.replace("{}", '.prefetch_related("items")')
        + (
            "\n    @action(detail=False)\n    def recent(self, request):\n"
            "        return Response(self.get_serializer(self.get_queryset(), many=True).data)\n"
        )
    )
    all_orders = "queryset = Order.objects.all()"
    bench.fixes(before, before.replace(all_orders, f'{all_orders}.prefetch_related("items")'))


BY_ACTION = """\
class Orders(viewsets.ModelViewSet):
    serializer_class = RowsSerializer

    def get_queryset(self):
        orders = Order.objects.all()
        if {}:
            orders = orders.prefetch_related("items")
        return orders.order_by("pk")
"""


def test_a_branch_loads_it_for_some_actions(bench) -> None:
    before = HEAD + BY_ACTION.replace("{}", 'self.action in ("list", "retrieve")')
    after = before.replace('order_by("pk")', 'order_by("pk").prefetch_related("items")')
    bench.reviews(before, after, "queryset-by-action")


def test_a_branch_loads_it_for_some_users(bench) -> None:
    before = HEAD + BY_ACTION.replace("{}", "self.request.user.is_staff")
    bench.fixes(
        before, before.replace('order_by("pk")', 'order_by("pk").prefetch_related("items")')
    )


# -- by other names of the class -------------------------------------------------------------------


NARROW = 'queryset = {}.queryset.only("number")'
OTHER_NAMES = {
    "an_alias": f"V = BaseOrders\nV.{NARROW.format('V')}\n",
    "an_alias_in_a_function": (
        f"def short():\n    cls = BaseOrders\n    cls.{NARROW.format('cls')}\n"
    ),
    "an_object": f"view = BaseOrders()\nview.{NARROW.format('view')}\n",
    "a_loop": f"for each in (BaseOrders,):\n    each.{NARROW.format('each')}\n",
    "an_entry": f"VIEWS = [BaseOrders]\nVIEWS[0].{NARROW.format('VIEWS[0]')}\n",
    "setattr": 'V = BaseOrders\nsetattr(V, "queryset", V.queryset.only("number"))\n',
    "getattr": (
        'for each in [BaseOrders]:\n    each.queryset = getattr(each, "queryset").only("number")\n'
    ),
    "a_variable_of_its_rows": (
        "for each in [BaseOrders]:\n    rows = each.queryset\n"
        '    each.queryset = rows.only("number")\n'
    ),
    "a_registry": (
        "class Registry:\n    def add(self, view_class):\n"
        f"        view_class.{NARROW.format('view_class')}\n"
    ),
    "an_attribute": (
        f"class Registry:\n    def add(self):\n        self.cls.{NARROW.format('self.cls')}\n"
    ),
    "a_method_of_the_class": (
        f"class Base:\n    def __init_subclass__(cls):\n        cls.{NARROW.format('cls')}\n"
    ),
}


@pytest.mark.parametrize("more", OTHER_NAMES.values(), ids=OTHER_NAMES)
def test_rows_of_a_class_are_narrowed_by_another_name(bench, more: str) -> None:
    assert bench.after(BASE + more).decode() == BASE + more
    found = set(bench.reasons(BASE + more))
    assert found & {"narrowed-elsewhere", "only-columns"}


@pytest.mark.parametrize("name", ["views", "setup"])
def test_another_file_narrows_by_another_name(bench_of, name: str) -> None:
    texts = {
        "views": "from shop import views\n\n\ndef narrow(view):\n"
        f"    view.{NARROW.format('view')}\n    return view\n\n\nnarrow(views.BaseOrders)\n",
        "setup": f"from shop.views import BaseOrders as V\n\nV.{NARROW.format('V')}\n",
    }
    bench = bench_of(NPlusOne(), PATH, FILES | {"shop/setup.py": texts[name]})
    assert bench.after(BASE).decode() == BASE


HARMLESS_NAMES = {
    "another_class": (
        "class Short(generics.ListAPIView):\n    queryset = Item.objects.all()\n\n\n"
        'V = Short\nV.queryset = V.queryset.only("qty")\n'
    ),
    "rows_that_are_filtered": (
        "for each in (BaseOrders,):\n    each.queryset = each.queryset.filter(number=1)\n"
    ),
    "rows_in_the_place_of_others": (
        "class Form:\n    def __init__(self, field):\n"
        "        field.queryset = Item.objects.only('qty')\n"
    ),
    "rows_that_are_counted": "def many(view):\n    return view.queryset.count()\n",
    "rows_that_are_handed_on": "def many(view):\n    return sorted(view.queryset, key=id)\n",
}


@pytest.mark.parametrize("more", HARMLESS_NAMES.values(), ids=HARMLESS_NAMES)
def test_a_name_that_narrows_no_rows_of_the_view(bench, more: str) -> None:
    all_orders = "queryset = Order.objects.all()"
    after = BASE.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.fixes(BASE + more, after + more)


# -- by what get_queryset() gives of an object of the class ----------------------------------------

ROWS_OF_AN_OBJECT = {
    "at_once": ('    return BaseOrders(request=request).get_queryset().defer("customer")\n'),
    "by_a_variable": (
        "    view = BaseOrders(request=request)\n"
        '    return list(view.get_queryset().only("number"))\n'
    ),
    "by_two_variables": (
        '    view = BaseOrders()\n    rows = view.get_queryset()\n    return rows.only("number")\n'
    ),
    "filtered_first": (
        "    view = BaseOrders(request=request)\n"
        '    return view.filter_queryset(view.get_queryset()).only("number")\n'
    ),
    "filtered_by_a_variable": (
        "    view = BaseOrders(request=request)\n    rows = view.get_queryset()\n"
        '    rows = view.filter_queryset(rows)\n    return rows.only("number")\n'
    ),
    "of_the_class": '    return BaseOrders.get_queryset(request).only("number")\n',
    "by_getattr": '    return getattr(BaseOrders(), "get_queryset")().only("number")\n',
    "put_in_its_place": (
        '    view = BaseOrders()\n    view.queryset = view.get_queryset().only("number")\n'
        "    return view.list(request)\n"
    ),
}


@pytest.mark.parametrize("body", ROWS_OF_AN_OBJECT.values(), ids=ROWS_OF_AN_OBJECT)
def test_rows_of_an_object_of_the_class_are_narrowed(bench, body: str) -> None:
    text = f"{BASE}def short(request):\n{body}"
    assert bench.after(text, unsafe=True).decode() == text
    assert set(bench.reasons(text)) & {"only-columns", "deferred-columns"}


UNKNOWN_OBJECTS = {
    "a_parameter": 'def short(view):\n    return view.get_queryset().only("number")\n',
    "a_loop": 'for V in (BaseOrders,):\n    V().get_queryset().only("number")\n',
    "a_context": (
        "class Cheap(serializers.CharField):\n    def to_representation(self, value):\n"
        '        return self.context["view"].get_queryset().only("number").count()\n'
    ),
    "an_attribute": (
        "class Export:\n    def rows(self):\n"
        '        return self.view.filter_queryset(self.view.get_queryset()).only("number")\n'
    ),
}


@pytest.mark.parametrize("more", UNKNOWN_OBJECTS.values(), ids=UNKNOWN_OBJECTS)
def test_rows_of_an_object_that_may_be_a_view_are_narrowed(bench, more: str) -> None:
    all_orders = "queryset = Order.objects.all()"
    after = BASE.replace(all_orders, f'{all_orders}.select_related("customer")')
    bench.reviews(BASE + more, after + more, "narrowed-elsewhere")


GIVEN_AWAY = {
    "returned": ("return BaseOrders().get_queryset()", "handed-on"),
    "returned_as_they_are": ("return BaseOrders.queryset", "handed-on"),
    "kept": ("request.rows = BaseOrders().get_queryset()", "handed-on"),
    "handed_to_what_is_not_known": ("request.show(BaseOrders().get_queryset())", "handed-on"),
    "gone_through": (
        "return [each.number for each in BaseOrders().get_queryset()]",
        "iterated-besides",
    ),
}


@pytest.mark.parametrize(("line", "reason"), GIVEN_AWAY.values(), ids=GIVEN_AWAY)
def test_rows_of_an_object_of_the_class_are(bench, line: str, reason: str) -> None:
    all_orders = "queryset = Order.objects.all()"
    after = BASE.replace(all_orders, f'{all_orders}.select_related("customer")')
    more = f"def short(request):\n    {line}\n"
    bench.reviews(BASE + more, after + more, reason)


NO_ROWS_OF_THE_VIEW = {
    "a_manager": 'Order.objects.get_queryset().only("number")',
    "another_manager": 'Order.recent.get_queryset().only("number")',
    "a_default_manager": 'request.model._default_manager.get_queryset().only("number")',
    "an_admin_class": 'request.model_admin.get_queryset(request).only("number")',
    "dicts": 'BaseOrders().get_queryset().values("number")',
    "a_count": "BaseOrders().get_queryset().count()",
    "another_view": 'Short().get_queryset().only("qty")',
    "a_variable_of_another_view": 'view.get_queryset().only("qty")',
}


@pytest.mark.parametrize("rows", NO_ROWS_OF_THE_VIEW.values(), ids=NO_ROWS_OF_THE_VIEW)
def test_a_call_that_narrows_no_rows_of_the_view(bench, rows: str) -> None:
    all_orders = "queryset = Order.objects.all()"
    after = BASE.replace(all_orders, f'{all_orders}.select_related("customer")')
    more = (
        "class Short(generics.ListAPIView):\n    queryset = Item.objects.all()\n\n\n"
        f"def short(request):\n    view = Short()\n    return {rows}\n"
    )
    bench.fixes(BASE + more, after + more)
