"""`n-plus-one`: links whose class is the project's, and goes over relations by names that it is
given. Served with Django before and after: the class that goes by them asks for each row."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.n_plus_one import NPlusOne

PATH = "shop/views.py"
MODELS = """\
from django.db import models


class Company(models.Model):
    slug = models.SlugField()


class Customer(models.Model):
    slug = models.SlugField()
    company = models.ForeignKey(Company, on_delete=models.CASCADE)


class Order(models.Model):
    slug = models.SlugField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

    class Meta:
        ordering = ["-id"]
"""
LINKS = """\
from functools import reduce

from rest_framework import serializers


class PathLink(serializers.HyperlinkedIdentityField):
    def __init__(self, *args, **kwargs):
        self.view_kwargs = kwargs.pop("view_kwargs", ())
        self.names = kwargs.pop("lookup_field", ())
        super().__init__(*args, **kwargs)

    def get_url(self, obj, view_name, request, format):
        paths = [entry["lookup_field"].split(".") for entry in self.view_kwargs]
        paths += [name.split("__") for name in self.names]
        found = {path[0]: reduce(getattr, path, obj) for path in paths}
        return self.reverse(view_name, kwargs=found, request=request, format=format)


class RowLink(serializers.HyperlinkedRelatedField):
    def get_url(self, obj, view_name, request, format):
        return self.reverse(view_name, args=[obj.slug], request=request, format=format)


class PlainLink(serializers.HyperlinkedIdentityField):
    pass
"""
FILES = {"shop/__init__.py": "", "shop/models.py": MODELS, "shop/links.py": LINKS}


@pytest.fixture
def bench(bench_of):
    return bench_of(NPlusOne(), PATH, FILES)


def text_of(field: str, more: str = "") -> str:
    return f"""\
from rest_framework import generics, serializers

from shop.links import PathLink, PlainLink, RowLink
from shop.models import Order

NAMES = ("customer__slug",)


class OrderSerializer(serializers.ModelSerializer):
    url = {field}
{more}
    class Meta:
        model = Order
        fields = ["url", "more"]


class Orders(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
"""


GOING = {
    "a_path_with_underscores": ('lookup_field=("customer__slug", "slug")', "customer"),
    "a_longer_one": ('lookup_field=("customer__company__slug",)', "customer__company"),
    "the_key_of_a_row_is_read_of_the_row": (
        'view_kwargs=({"lookup_field": "customer.pk", "lookup_url_kwarg": "customer_id"},)',
        "customer",
    ),
    "the_key_of_the_last_row": (
        'view_kwargs=[{"lookup_field": "customer.company.pk", "lookup_url_kwarg": "pk"}]',
        "customer__company",
    ),
}
MORE = "    more = serializers.ReadOnlyField(source='slug')\n"


@pytest.mark.parametrize(("arguments", "path"), GOING.values(), ids=GOING)
def test_link_that_is_given_paths_is_for_review(bench, arguments: str, path: str) -> None:
    before = text_of(f'PathLink(view_name="order", {arguments})', MORE)
    after = before.replace("objects.all()", f'objects.all().select_related("{path}")')
    bench.reviews(before, after, "path-by-name")


NOT_GOING = {
    "names_of_its_own_columns": 'PathLink(view_name="order", lookup_field=("slug", "customer_id"))',
    "a_name_of_the_address": (
        'PathLink(view_name="customer.detail", lookup_field=("slug",), label="customer.slug")'
    ),
    "a_path_of_nothing": 'PathLink(view_name="order", lookup_field=("shop__slug", "slug__lower"))',
    "names_that_are_not_written_there": 'PathLink(view_name="order", lookup_field=NAMES)',
    "a_class_with_the_stock_get_url": 'PlainLink(view_name="order", lookup_field="customer__slug")',
}


@pytest.mark.parametrize("field", NOT_GOING.values(), ids=NOT_GOING)
def test_link_that_goes_nowhere_is_left_alone(bench, field: str) -> None:
    bench.ignores(text_of(field, MORE))


def test_link_to_a_related_row_by_a_column_loads_it(bench) -> None:
    link = 'RowLink("order", source="customer", lookup_field="slug", read_only=True)'
    before = text_of(link, MORE)
    bench.fixes(before, before.replace("objects.all()", 'objects.all().select_related("customer")'))


def test_path_of_a_link_begins_at_its_source(bench) -> None:
    link = 'RowLink("order", source="customer", lookup_field=("company__slug",), read_only=True)'
    before = text_of(link, MORE)
    after = before.replace("objects.all()", 'objects.all().select_related("customer__company")')
    bench.reviews(before, after, "path-by-name")


def test_path_that_another_field_reads_is_certain(bench) -> None:
    more = "    more = serializers.CharField(source='customer.slug')\n"
    before = text_of('PathLink(view_name="order", lookup_field=("customer__slug",))', more)
    after = before.replace("objects.all()", 'objects.all().select_related("customer")')
    bench.fixes(before, after)


def test_path_of_a_field_that_may_be_taken_out_has_that_reason(bench) -> None:
    more = (
        f"{MORE}\n    def __init__(self, *args, **kwargs):\n"
        "        super().__init__(*args, **kwargs)\n"
        "        if self.context:\n            self.fields.pop('url')\n"
    )
    before = text_of('PathLink(view_name="order", lookup_field=("customer__slug",))', more)
    after = before.replace("objects.all()", 'objects.all().select_related("customer")')
    bench.reviews(before, after, "path-by-name")
