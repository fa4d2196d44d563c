from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.inventory.models import Product
from apps.inventory.tasks import ship
from apps.orders.models import Order, OrderItem
from apps.orders.serializers import OrderSerializer


class CreateOrderView(APIView):
    def post(self, request):
        items = request.data["items"]
        account = Account.objects.get(pk=request.data["account"])
        products = Product.objects.in_bulk([item["product"] for item in items])
        total = sum(products[item["product"]].price * item["quantity"] for item in items)
        if account.balance < total:
            return Response({"error": "Insufficient funds"}, status=400)
        account.balance -= total
        account.save()
        order = Order.objects.create(account=account, total=total)
        for item in items:
            OrderItem.objects.create(
                order=order, product=products[item["product"]], quantity=item["quantity"]
            )
        for item in items:
            ship.delay(item["product"], item["quantity"])
        return Response(OrderSerializer(order).data, status=201)
