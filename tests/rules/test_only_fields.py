"""`only-fields`: which querysets get `.only(...)` after review; which are left alone, and why."""

from __future__ import annotations

import pytest

from djfix.codemods.engine.configuration import Configuration
from djfix.codemods.rules.only_fields import OnlyFields
from djfix.codemods.rules.only_fields.examples import EXAMPLES, FILES

SERIALIZER = """\
from rest_framework import generics, permissions, serializers, viewsets

from shop.models import Order


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


def code(
    names: str = '["id", "total"]',
    fields: str = "",
    queryset: str = "Order.objects.all()",
    view: str = VIEW,
) -> str:
    serializer = SERIALIZER.replace("FIELDS\n\n", f"    {fields}\n\n" if fields else "")
    return (serializer + view).replace("NAMES", names).replace("QUERYSET", queryset)


@pytest.fixture
def bench(bench_of):
    return bench_of(OnlyFields(), "shop/views.py", FILES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.title)
def test_example(bench_of, example) -> None:
    bench = bench_of(OnlyFields(), example.path, example.files)
    if example.before == example.after:
        bench.declines(example.before, "reads-code")
    else:
        bench.reviews(example.before, example.after, "deferred-columns")


@pytest.mark.parametrize(
    ("names", "fields", "before", "columns"),
    [
        pytest.param('["id", "total"]', "", "Order.objects.all()", '"id", "total"', id="columns"),
        pytest.param('["total"]', "", "Order.objects.all()", '"id", "total"', id="key_is_added"),
        pytest.param(
            '["customer"]', "", "Order.objects.all()", '"id", "customer"', id="key_of_foreign_key"
        ),
        pytest.param(
            '["total"]',
            "",
            'Order.objects.select_related("customer")',
            '"id", "customer", "total"',
            id="a_joined_key_must_stay",
        ),
    ],
)
def test_adds_only(bench, names: str, fields: str, before: str, columns: str) -> None:
    after = f"{before}.only({columns})"
    bench.reviews(code(names, fields, before), code(names, fields, after), "deferred-columns")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(code('"__all__"'), "all-columns", id="every_column_is_shown"),
        pytest.param(
            code('["id", "email"]', 'email = serializers.CharField(source="customer.email")'),
            "not-joined",
            id="foreign_key_is_not_joined",
        ),
        pytest.param(
            code('["id", "c"]', 'c = serializers.StringRelatedField(source="customer")'),
            "reads-code",
            id="text_of_an_object",
        ),
        pytest.param(
            code('["id", "label"]', "label = serializers.ReadOnlyField()"),
            "reads-code",
            id="a_property_or_annotation",
        ),
        pytest.param(
            code('["id"]', "def to_representation(self, instance): return {}"),
            "own-rendering",
            id="own_to_representation",
        ),
        pytest.param(
            code(queryset='Order.objects.only("id")'), "chosen-columns", id="only_is_there"
        ),
        pytest.param(
            code(queryset='Order.objects.defer("terms")'), "chosen-columns", id="defer_is_there"
        ),
        pytest.param(
            code(view=VIEW.replace("generics.ListAPIView", "viewsets.ModelViewSet")),
            "writes",
            id="the_view_writes",
        ),
        pytest.param(
            code(
                view="""\
class OwnerOnly(permissions.BasePermission):
    def has_object_permission(self, request, view, obj):
        return obj.comment == ""


class OrderDetail(generics.RetrieveAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [OwnerOnly]
"""
            ),
            "reads-objects",
            id="a_permission_looks_at_the_object",
        ),
        pytest.param(
            code(
                view=VIEW
                + """

class OtherList(OrderList):
    pass
"""
            ),
            "shared-queryset",
            id="two_views_share_it",
        ),
    ],
)
def test_declines(bench, text: str, reason: str) -> None:
    bench.declines(text, reason)


def test_declines_a_model_that_looks_at_its_columns(bench_of) -> None:
    files = dict(FILES)
    files["shop/models.py"] += """
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = self.comment
"""
    bench_of(OnlyFields(), "shop/views.py", files).declines(code(), "loading-code")


def test_runs_only_when_named() -> None:
    from djfix.codemods.engine.selection import chosen_entries

    names = [each.name for each in chosen_entries(Configuration(), select=("guide",))]
    assert "only-fields" not in names
    assert [e.name for e in chosen_entries(Configuration(), select=("only-fields",))] == [
        "only-fields"
    ]
