"""The rule's examples: they feed its tests, `djfix explain` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.conf import settings
from django.db import models


class Order(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    status = models.CharField(max_length=20, default="new")
    total = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    placed = models.DateField(auto_now_add=True)
"""

SERIALIZERS = """\
from rest_framework import serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "status", "total"]
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings.py", 'INSTALLED_APPS = ["django.contrib.auth", "shop"]\n'),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
    ("shop/serializers.py", SERIALIZERS),
)

BEFORE = """\
from rest_framework import generics

from shop.models import Order
from shop.serializers import OrderSerializer


class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        orders = Order.objects.filter(user=self.request.user)
        status = self.request.query_params.get("status")
        if status:
            orders = orders.filter(status=status)
        # Nobody asks for what was never paid.
        orders = orders.exclude(total=0)
        orders = orders.order_by("-placed")
        return orders
"""

AFTER = """\
from rest_framework import generics

from shop.selectors import list_orders
from shop.serializers import OrderSerializer


class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        orders = list_orders(
            user=self.request.user, status=self.request.query_params.get("status")
        )
        return orders
"""

SHORT = """\
from rest_framework import generics

from shop.models import Order
from shop.serializers import OrderSerializer


class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user).order_by("-placed")
"""

EXAMPLES = (
    Example(
        "A queryset that is refined step by step",
        BEFORE,
        AFTER,
        path="shop/views.py",
        files=FILES,
    ),
    Example("A queryset of two steps", SHORT, SHORT, path="shop/views.py", files=FILES),
)
