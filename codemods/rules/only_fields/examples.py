"""The rule's examples: they feed its tests, `djfix explain only-fields` and its docs page."""

from djfix.codemods.rule import Example

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings.py", 'INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]\n'),
    ("shop/__init__.py", ""),
    (
        "shop/models.py",
        """\
from django.db import models


class Customer(models.Model):
    email = models.CharField(max_length=100)
    notes = models.TextField()


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=9, decimal_places=2)
    comment = models.TextField()
    terms = models.TextField()
""",
    ),
)

EXAMPLES = (
    Example(
        "A list shows three columns",
        """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    customer_email = serializers.CharField(source="customer.email")

    class Meta:
        model = Order
        fields = ["id", "total", "customer_email"]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.select_related("customer")
    serializer_class = OrderSerializer
""",
        """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    customer_email = serializers.CharField(source="customer.email")

    class Meta:
        model = Order
        fields = ["id", "total", "customer_email"]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.select_related("customer").only(
        "id", "customer__email", "total"
    )
    serializer_class = OrderSerializer
""",
        path="shop/views.py",
        files=FILES,
    ),
    Example(
        "A method field may read any column",
        """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    title = serializers.SerializerMethodField()

    def get_title(self, order):
        return order.comment[:20]

    class Meta:
        model = Order
        fields = ["id", "title"]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
""",
        """\
from rest_framework import generics, serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    title = serializers.SerializerMethodField()

    def get_title(self, order):
        return order.comment[:20]

    class Meta:
        model = Order
        fields = ["id", "title"]


class OrderList(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
""",
        path="shop/views.py",
        files=FILES,
    ),
)
