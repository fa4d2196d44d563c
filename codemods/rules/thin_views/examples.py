"""The rule's examples: they feed its tests, `djfix explain thin-views` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    balance = models.DecimalField(max_digits=9, decimal_places=2, default=0)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    status = models.CharField(max_length=20, default="new")
    note = models.TextField(blank=True)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    price = models.DecimalField(max_digits=9, decimal_places=2)
    qty = models.IntegerField()
"""

SERIALIZERS = """\
from rest_framework import serializers

from shop.models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "total", "status"]
"""

TASKS = """\
from celery import shared_task


@shared_task
def send_confirmation_email(order_id):
    pass
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    (
        "config/settings.py",
        'INSTALLED_APPS = ["django.contrib.auth", "shop"]\nAUTH_USER_MODEL = "shop.User"\n',
    ),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
    ("shop/serializers.py", SERIALIZERS),
    ("shop/tasks.py", TASKS),
)

GUIDE = """\
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Order, OrderItem
from shop.serializers import OrderSerializer
from shop.tasks import send_confirmation_email


class CreateOrderView(APIView):
    def post(self, request):
        user = request.user
        items = request.data["items"]
        total = sum(item["price"] * item["qty"] for item in items)
        if user.balance < total:
            return Response({"error": "Insufficient funds"}, status=400)
        user.balance -= total
        user.save()
        order = Order.objects.create(user=user, total=total)
        for item in items:
            OrderItem.objects.create(order=order, **item)
        send_confirmation_email.delay(order.id)
        return Response(OrderSerializer(order).data, status=201)
"""

GUIDE_AFTER = """\
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.serializers import OrderSerializer
from shop.services import InsufficientFundsError, create_order


class CreateOrderView(APIView):
    def post(self, request):
        user = request.user
        items = request.data["items"]
        try:
            order = create_order(user=user, items=items)
        except InsufficientFundsError:
            return Response({"error": "Insufficient funds"}, status=400)
        return Response(OrderSerializer(order).data, status=201)
"""

THIN = """\
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Order


class CloseOrderView(APIView):
    def post(self, request, pk):
        order = Order.objects.get(pk=pk, user=request.user)
        order.status = "closed"
        order.save()
        return Response(status=204)
"""

EXAMPLES = (
    Example(
        "Everything between input and response; what it returns early is an exception",
        GUIDE,
        GUIDE_AFTER,
        path="shop/views.py",
        files=FILES,
    ),
    Example(
        "A view that does one thing",
        THIN,
        THIN,
        path="shop/views.py",
        files=FILES,
    ),
)
