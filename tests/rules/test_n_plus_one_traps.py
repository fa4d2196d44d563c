"""`n-plus-one`: code that an addition would break, each served with Django before and after once.

What is added to the queryset meets other code of the view: writes before the answer, columns left
out later, a `Prefetch` of the same relation, a stream.
"""

from __future__ import annotations

import pytest
from test_n_plus_one import EMAIL, FILES, PATH, code

from djfix.codemods.rules.n_plus_one import NPlusOne

ITEMS = "items = ItemSerializer(many=True)"
VIEWSET = """\
{above}class OrderViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
{more}"""
SERVICES = """\
from shop.models import Customer, Item, Product, Tag


def rename(key):
    Customer.objects.filter(pk=key).update(name="renamed")


def price(key):
    Product.objects.filter(pk=key).update(name="priced")


def tag(key):
    Tag.objects.get(pk=1).order_set.add(key)


def add_item(key):
    Item.objects.create(order_id=key)


def counted():
    from django.db import connection

    return len(connection.queries)


def has_rows(order):
    return "tags" in getattr(order, "_prefetched_objects_cache", {})


def show(key):
    return Customer.objects.filter(pk=key).count()


def save(thing):
    thing.save()


def with_tags(rows):
    return rows.prefetch_related(Prefetch("tags", queryset=Tag.objects.filter(name="a")))
"""
MANAGED = """\
class OrderQuerySet(models.QuerySet):
    def narrow(self):
        return self.only("id", "number")

    def narrower(self):
        return self.narrow()

    def numbered(self):
        return self.filter(number="1")


class Order(models.Model):
    objects = OrderQuerySet.as_manager()
"""


@pytest.fixture
def bench(bench_of):
    models = FILES["shop/models.py"].replace("class Order(models.Model):\n", MANAGED)
    files = {"shop/models.py": models, "shop/services.py": SERVICES}
    return bench_of(NPlusOne(), PATH, FILES | files)


def view_of(more: str, fields: str = EMAIL, above: str = "") -> str:
    """A viewset with code of its own; the lines of `more` stand in its body."""
    own = "".join(f"    {line}\n" if line else "\n" for line in more.splitlines())
    view = VIEWSET.replace("{above}", f"{above}\n\n" if above else "").replace("{more}", own)
    head = (
        "from django.db import models\nfrom django.db.models import Prefetch\n"
        "from rest_framework import filters, pagination, permissions\n\n"
        "from shop import services\n"
    )
    return head + code(fields, view=view)


def detail(body: str, method: str = "post") -> str:
    """An action that fetches an object, does something, and renders the object."""
    return (
        f'\n@action(detail=True, methods=["{method}"])\ndef change(self, request, pk=None):\n'
        f"    order = self.get_object()\n    {body}\n"
        "    return Response(self.get_serializer(order).data)\n"
    )


COUNTING = """\
class Counting(permissions.BasePermission):
    def has_object_permission(self, request, view, order):
        Customer.objects.filter(pk=order.customer_id).update(name="seen")
        return True
"""
STALE = {
    "by_a_function_that_is_told_the_key": detail("services.rename(order.customer_id)"),
    "by_a_query_while_reading": detail(
        'Customer.objects.filter(pk=order.customer_id).update(name="x")', "get"
    ),
    "by_retrieve": (
        "\ndef retrieve(self, request, *args, **kwargs):\n    order = self.get_object()\n"
        '    Customer.objects.update(name="x")\n'
        "    return Response(self.get_serializer(order).data)\n"
    ),
    "by_a_list_that_was_gone_through": (
        "\ndef list(self, request, *args, **kwargs):\n"
        "    orders = list(self.filter_queryset(self.get_queryset()))\n"
        '    Customer.objects.update(name="x")\n'
        "    return Response(self.get_serializer(orders, many=True).data)\n"
    ),
    "by_a_page_that_was_made": (
        "\ndef list(self, request, *args, **kwargs):\n"
        "    orders = self.paginate_queryset(self.get_queryset())\n"
        "    services.rename(1)\n"
        "    return Response(self.get_serializer(orders, many=True).data)\n"
    ),
    "by_a_permission": "permission_classes = [Counting]\n",
    "by_the_check_of_permissions": (
        "\ndef check_object_permissions(self, request, order):\n    services.rename(1)\n"
    ),
    "by_the_context": (
        "\ndef get_serializer_context(self):\n    services.rename(1)\n"
        "    return super().get_serializer_context()\n"
    ),
}


@pytest.mark.parametrize("more", STALE.values(), ids=STALE)
def test_related_rows_are_changed_before_the_answer(bench, more: str) -> None:
    text = view_of(more, above=COUNTING)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["stale-rows"]


BY_OTHERS = {
    "added_by_the_other_side": "Customer.objects.get(pk=1).orders.add(order)",
    "added_to_tags_from_the_other_side": "Tag.objects.get(pk=1).order_set.add(order)",
    "taken_from_tags_by_the_other_side": "Tag.objects.get(pk=1).order_set.clear()",
    "added_to_another_object_of_the_row": "Order.objects.get(pk=pk).tags.add(1)",
    "deleted_from_the_table_between": "order.tags.through.objects.all().delete()",
    "added_by_a_function": "services.tag(order.pk)",
    "made_by_a_function": "services.add_item(order.pk)",
    "saved_over_another_object": "Order.objects.first().customer.save()",
    "made_by_another_serializer": (
        "serializer = ItemSerializer(data=request.data)\n"
        "    serializer.is_valid()\n    serializer.save(order=order)"
    ),
}
LISTS = (
    "items = ItemSerializer(many=True)\ntags = serializers.StringRelatedField(many=True)\n"
    'customer_name = serializers.CharField(source="customer.name")'
)


@pytest.mark.parametrize("body", BY_OTHERS.values(), ids=BY_OTHERS)
def test_rows_are_related_otherwise_before_the_answer(bench, body: str) -> None:
    text = view_of(detail(body), LISTS)
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"stale-rows"}


def test_rows_are_added_by_the_relation_of_the_object_itself(bench):
    text = view_of(detail("order.tags.add(1)"), LISTS)
    assert bench.after(text).decode() != text


def method_field(body: str) -> str:
    return (
        "tags = serializers.StringRelatedField(many=True)\n"
        "seen = serializers.SerializerMethodField()\n\n"
        f"def get_seen(self, order):\n    {body}\n"
    )


SQL = {
    "extra_in_a_filter": 'extra(where=["id > 0"])',
    "raw_sql_in_an_annotation": 'annotate(low=RawSQL("id + 1", []))',
    "raw_sql_in_a_lookup": 'filter(pk__in=RawSQL("select id from shop_order", []))',
}


@pytest.mark.parametrize("call", SQL.values(), ids=SQL)
def test_sql_of_its_own_comes_later(bench, call: str) -> None:
    text = "from django.db.models.expressions import RawSQL\n\n" + view_of(
        "\ndef filter_queryset(self, queryset):\n"
        f"    return super().filter_queryset(queryset).{call}\n"
    )
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["extra-sql"]


INSIDE = {
    "at_its_sql": "sql = str(self.get_queryset().query)",
    "at_what_it_prefetches": "seen = self.get_queryset()._prefetch_related_lookups",
}


@pytest.mark.parametrize("line", INSIDE.values(), ids=INSIDE)
def test_view_looks_into_its_queryset(bench, line: str) -> None:
    text = view_of(
        f"\ndef list(self, request, *args, **kwargs):\n    {line}\n"
        "    return super().list(request, *args, **kwargs)\n"
    )
    assert bench.after(text).decode() == text
    assert "looks-into-cache" in bench.reasons(text)


def test_view_sets_attributes_of_related_rows_and_saves_none(bench):
    text = view_of(
        detail("for item in order.items.all():\n        item.amount = 0"),
        "items = ItemSerializer(many=True)",
    )
    assert bench.after(text).decode() == text
    assert "changes-related" in bench.reasons(text)


def test_related_objects_are_told_apart_by_identity(bench):
    for body in (
        "return order.tags.all()[0] is order.tags.all()[0]",
        "return [id(tag) for tag in order.tags.all()]",
    ):
        text = view_of("", method_field(body))
        assert bench.after(text).decode() == text
        assert bench.reasons(text) == ["changes-related"]


LOOKING = {
    "at_the_prefetched_rows": 'return hasattr(order, "_prefetched_objects_cache")',
    "at_the_rows_of_a_key": 'return "customer" in order._state.fields_cache',
    "at_a_field": 'return Order._meta.get_field("customer").is_cached(order)',
    "at_the_rows_of_a_queryset": "return order.tags.all()._result_cache is not None",
    "in_a_function_that_is_handed_the_row": "return services.has_rows(order)",
    "at_the_state_of_the_object": "return len(order.__getstate__())",
    "at_the_queries_in_a_function_that_is_told_nothing": "return services.counted()",
    "not_any_more_at_a_row_read_anew": "order.refresh_from_db()\n    return order.number",
    "not_any_more_at_a_related_row_read_anew": (
        "order.customer.refresh_from_db()\n    return order.customer.name"
    ),
    "at_the_bytes_of_the_object": "import pickle\n    return len(pickle.dumps(order))",
}
GOING_THROUGH = {
    "its_dictionary": "return sorted(order.__dict__)",
    "its_variables": "return sorted(vars(order))",
}


@pytest.mark.parametrize("body", LOOKING.values(), ids=LOOKING)
def test_rendering_looks_at_what_is_loaded(bench, body: str) -> None:
    text = view_of("", method_field(body))
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["looks-into-cache"]


@pytest.mark.parametrize("body", GOING_THROUGH.values(), ids=GOING_THROUGH)
def test_rendering_goes_through_the_object(bench, body: str) -> None:
    text = view_of("", method_field(body))
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["goes-through-object"]


@pytest.mark.parametrize("body", GOING_THROUGH.values(), ids=GOING_THROUGH)
def test_a_join_adds_nothing_to_the_object(bench, body: str) -> None:
    fields = method_field(body).replace(
        "tags = serializers.StringRelatedField(many=True)",
        'name = serializers.CharField(source="customer.name")',
    )
    assert b'select_related("customer")' in bench.after(view_of("", fields))


FRESH = {
    "other_rows_are_changed": detail("services.price(1)"),
    "it_only_reads": detail("services.show(order.customer_id)"),
    "the_list_is_gone_through_after_the_write": (
        "\ndef list(self, request, *args, **kwargs):\n"
        "    services.rename(1)\n"
        "    orders = list(self.filter_queryset(self.get_queryset()))\n"
        "    return Response(self.get_serializer(orders, many=True).data)\n"
    ),
    "a_permission_that_reads": "permission_classes = [permissions.IsAuthenticated]\n",
    "a_method_of_the_rows_that_filters": (
        "\ndef filter_queryset(self, queryset):\n    return queryset.numbered()\n"
    ),
}


@pytest.mark.parametrize("more", FRESH.values(), ids=FRESH)
def test_related_rows_are_as_they_were(bench, more: str) -> None:
    before = view_of(more)
    added = before.replace(
        "    queryset = Order.objects.all()",
        '    queryset = Order.objects.all().select_related("customer")',
    )
    bench.fixes(before, added)


PAGES = """\
class Pages(pagination.PageNumberPagination):
    def paginate_queryset(self, queryset, request, view=None):
        {body}
"""
NARROWED = {
    "by_a_method_of_the_rows": (
        "\ndef filter_queryset(self, queryset):\n    return queryset.narrow()\n"
    ),
    "by_a_method_of_a_method": (
        "\ndef filter_queryset(self, queryset):\n    return queryset.narrower()\n"
    ),
    "by_the_pagination": "pagination_class = Pages\n",
}


@pytest.mark.parametrize("more", NARROWED.values(), ids=NARROWED)
def test_columns_are_left_out_later(bench, more: str) -> None:
    body = 'return super().paginate_queryset(queryset.only("id"), request, view)'
    bench.reports(view_of(more, above=PAGES.replace("{body}", body)), "only-columns")


def test_pagination_streams(bench):
    above = PAGES.replace("{body}", "return list(queryset.iterator())")
    bench.reports(view_of("pagination_class = Pages\n", ITEMS, above), "iterated-later")


def test_other_code_streams_the_queryset_of_the_class(bench):
    more = (
        "\n\ndef streamed():\n    return [each.pk for each in OrderViewSet.queryset.iterator()]\n"
    )
    bench.reports(view_of("", ITEMS) + more, "iterated-later")


OWN = 'Prefetch("tags", queryset=Tag.objects.filter(name="a"))'
TAGS = 'tags = serializers.SlugRelatedField(slug_field="group__name", many=True, read_only=True)'
PREFETCHED = {
    "in_an_action": (
        "\n@action(detail=False)\ndef some(self, request):\n"
        f"    rows = self.get_queryset().prefetch_related({OWN})\n"
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    ),
    "in_a_function": (
        "\n@action(detail=False)\ndef some(self, request):\n"
        "    rows = services.with_tags(self.get_queryset())\n"
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    ),
    "for_objects_that_are_there": (
        "\ndef list(self, request, *args, **kwargs):\n"
        "    rows = list(self.filter_queryset(self.get_queryset()))\n"
        f"    models.prefetch_related_objects(rows, {OWN})\n"
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    ),
    "in_the_filter": (
        f"\ndef filter_queryset(self, queryset):\n    return queryset.prefetch_related({OWN})\n"
    ),
}


@pytest.mark.parametrize("more", PREFETCHED.values(), ids=PREFETCHED)
def test_same_relation_is_prefetched_with_a_queryset_later(bench, more: str) -> None:
    bench.reports(view_of(more, TAGS), "later-prefetch")


LOADING = f"""\
class Loading:
    def get_queryset(self):
        return super().get_queryset().prefetch_related({OWN})


class OrderList(Loading, generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
"""


def test_mixin_prefetches_the_same_relation(bench):
    text = view_of("", "").partition("class OrderSerializer")[0]
    rest = code(TAGS, view=LOADING)
    head = text.partition("from rest_framework import generics")[0]
    bench.reports(head + rest, "later-prefetch")


OTHER = {
    "another_relation": OWN.replace("tags", "items").replace("Tag", "Item").replace("name", "qty"),
    "under_another_name": OWN[:-1] + ', to_attr="kept")',
    "without_a_queryset": 'Prefetch("tags")',
}


@pytest.mark.parametrize("lookup", OTHER.values(), ids=OTHER)
def test_something_else_is_prefetched_later(bench, lookup: str) -> None:
    more = (
        f"\ndef filter_queryset(self, queryset):\n    return queryset.prefetch_related({lookup})\n"
    )
    before = view_of(more, TAGS)
    after = before.replace(
        "    queryset = Order.objects.all()",
        '    queryset = Order.objects.all().prefetch_related("tags__group")',
    )
    assert bench.after(before).decode() == after


def test_rows_of_a_through_table_are_deleted_before_the_answer(bench):
    more = (
        "\ndef list(self, request, *args, **kwargs):\n"
        "    rows = list(self.filter_queryset(self.get_queryset()))\n"
        "    for order in rows:\n"
        "        Order.tags.through.objects.filter(order=order).delete()\n"
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    )
    text = view_of(more, TAGS)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["custom-write"]


# -- writes by the save itself ---------------------------------------------------------------------

RECEIVER = """\
from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Customer, Order, Product


@receiver(post_save, sender=Order)
def on_order(sender, instance, **kwargs):
    {model}.objects.update(name="saved")
"""


def with_receiver(bench_of, model: str):
    receiver = RECEIVER.replace("{model}", model)
    return bench_of(NPlusOne(), PATH, FILES | {"shop/receivers.py": receiver})


def test_receiver_changes_the_related_rows(bench_of):
    text = view_of("")
    bench = with_receiver(bench_of, "Customer")
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["stale-rows"]


def test_receiver_changes_other_rows(bench_of):
    before = view_of("")
    with_receiver(bench_of, "Product").fixes(
        before,
        before.replace(
            "    queryset = Order.objects.all()",
            '    queryset = Order.objects.all().select_related("customer")',
        ),
    )


def test_validation_changes_the_related_rows(bench):
    fields = (
        f"{EMAIL}\n\ndef validate(self, attrs):\n"
        '    Customer.objects.filter(pk=self.instance.customer_id).update(name="x")\n'
        "    return attrs"
    )
    text = view_of("", fields)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["stale-rows"]


# -- one object for several rows -------------------------------------------------------------------

MARKING = """\
shown = serializers.SerializerMethodField()

def get_shown(self, order):
    order.customer.name += "!"
    return order.customer.name"""


def test_attribute_of_a_shared_object_is_set(bench):
    text = code(MARKING, 'Order.objects.order_by().filter(number="1")')
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["changes-related"]


def test_attribute_of_an_object_of_its_own_is_set(bench):
    bench.fixes(
        code(MARKING, "Order.objects"),
        code(MARKING, 'Order.objects.select_related("customer")'),
    )


# -- kept for later --------------------------------------------------------------------------------

KEPT = {
    "a_list": (
        "\n@action(detail=False)\ndef kept(self, request):\n"
        '    rows = cache.get("orders")\n    if rows is None:\n'
        '        rows = list(self.get_queryset())\n        cache.set("orders", rows)\n'
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    ),
    "a_queryset": (
        "\n@action(detail=False)\ndef kept(self, request):\n"
        '    rows = cache.get_or_set("orders", lambda: self.get_queryset())\n'
        "    return Response(self.get_serializer(rows, many=True).data)\n"
    ),
}


@pytest.mark.parametrize("more", KEPT.values(), ids=KEPT)
def test_rows_are_put_into_a_cache(bench, more: str) -> None:
    text = "from django.core.cache import cache\n" + view_of(more)
    assert bench.after(text).decode() == text
    assert "handed-on" in bench.reasons(text)


def test_columns_are_left_out_by_the_pagination_of_the_settings(bench_of):
    body = 'return super().paginate_queryset(queryset.only("id"), request, view)'
    pages = "from rest_framework import pagination\n\n\n" + PAGES.replace("{body}", body)
    setting = 'REST_FRAMEWORK = {"DEFAULT_PAGINATION_CLASS": "shop.pages.Pages"}\n'
    files = {
        "shop/pages.py": pages,
        "config/settings.py": FILES["config/settings.py"] + setting,
        "shop/services.py": SERVICES,
    }
    bench_of(NPlusOne(), PATH, FILES | files).reports(view_of(""), "only-columns")


WRITING = {
    "by_to_representation": (
        f"{EMAIL}\n\ndef to_representation(self, order):\n"
        '    Customer.objects.filter(pk=order.customer_id).update(name="seen")\n'
        "    return super().to_representation(order)"
    ),
    "by_the_method_of_a_field": (
        f"seen = serializers.SerializerMethodField()\n{EMAIL}\n\ndef get_seen(self, order):\n"
        "    customer = Customer.objects.get(pk=order.customer_id)\n"
        '    customer.name += "!"\n    customer.save()\n    return 1'
    ),
}


@pytest.mark.parametrize("fields", WRITING.values(), ids=WRITING)
def test_related_rows_are_changed_while_rendering(bench, fields: str) -> None:
    text = view_of("", fields)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["stale-rows"]


def test_other_rows_are_changed_while_rendering(bench):
    fields = WRITING["by_to_representation"].replace(
        'Customer.objects.filter(pk=order.customer_id).update(name="seen")',
        'Product.objects.update(name="seen")',
    )
    assert bench.after(view_of("", fields)).decode() != view_of("", fields)


def test_attributes_of_a_prefetched_list_are_set_and_read_again(bench):
    fields = (
        "shown = serializers.SerializerMethodField()\n\ndef get_shown(self, order):\n"
        '    for tag in order.tags.all():\n        tag.name += "!"\n'
        "    return [tag.name for tag in order.tags.all()]"
    )
    text = view_of("", fields)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["changes-related"]
