"""The guide's view as it is in the end, and the serializer that its input goes through."""

from djfix.codemods.rules.thin_views.examples import SERIALIZERS

VALIDATING = f"""\
{SERIALIZERS}

class ItemSerializer(serializers.Serializer):
    price = serializers.DecimalField(max_digits=9, decimal_places=2)
    qty = serializers.IntegerField()


class CreateOrderSerializer(serializers.Serializer):
    items = ItemSerializer(many=True)
"""

VIEW = """\
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.serializers import CreateOrderSerializer, OrderSerializer
from shop.services import InsufficientFundsError, create_order


class CreateOrderView(APIView):
    def post(self, request):
        serializer = CreateOrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            order = create_order(
                user=request.user, items=serializer.validated_data["items"]
            )
        except InsufficientFundsError:
            return Response({"error": "Insufficient funds"}, status=400)
        return Response(OrderSerializer(order).data, status=201)
"""
