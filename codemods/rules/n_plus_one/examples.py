"""The rule's examples: they feed its tests, `djfix explain n-plus-one` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=100)


class Customer(models.Model):
    name = models.CharField(max_length=100)
    company = models.ForeignKey(Company, null=True, on_delete=models.SET_NULL)


class Product(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    placed = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-placed", "-id"]

    @property
    def company_name(self):
        return self.customer.company.name


class Item(models.Model):
    order = models.ForeignKey(Order, related_name="items", on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    (
        "config/settings.py",
        'INSTALLED_APPS = ["django.contrib.contenttypes", "rest_framework", "shop"]\n',
    ),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
)

NESTED = """\
from rest_framework import generics, serializers

from shop.models import Item, Order


class ItemSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="product.name")

    class Meta:
        model = Item
        fields = ["product"]


class OrderSerializer(serializers.ModelSerializer):
    company_name = serializers.ReadOnlyField()
    items = ItemSerializer(many=True)

    class Meta:
        model = Order
        fields = ["id", "company_name", "items"]


class OrderList(generics.ListAPIView):
    queryset = QUERYSET
    serializer_class = OrderSerializer
"""

KEYS = """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "customer"]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
"""

FILTERED = """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    recent = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["id", "recent"]

    def get_recent(self, order):
        return [item.pk for item in order.items.filter(product__name="tea")]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
"""

EXAMPLES = (
    Example(
        "A model's property and a nested serializer read relations",
        NESTED.replace("QUERYSET", "Order.objects.all()"),
        NESTED.replace(
            "QUERYSET",
            """\
(
        Order.objects.all()
        .select_related("customer__company")
        .prefetch_related("items__product")
    )""",
        ),
        files=FILES,
    ),
    Example("A foreign key is shown as its key: nothing is missing", KEYS, KEYS, files=FILES),
    Example("No prefetch serves a filter: only told", FILTERED, FILTERED, files=FILES),
)
