"""Views that compose their queries step by step."""

from django.db.models import Count, F, Sum
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Event, Order, OrderItem, Payment, User
from shop.serializers import OrderSerializer


class OrderSearchView(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        orders = Order.objects.filter(user=self.request.user)
        status = self.request.query_params.get("status")
        if status:
            orders = orders.filter(status=status)
        least = self.request.query_params.get("least", "0")
        orders = orders.exclude(total__lt=least)
        # The dearest first.
        orders = orders.order_by("-total", "pk")
        return orders


class TurnoverView(APIView):
    def get(self, request):
        if "status" not in request.query_params:
            return Response({"error": "A status is missing"}, status=400)
        orders = Order.objects.filter(status=request.query_params["status"])
        orders = orders.exclude(total=0).order_by("pk")
        items = OrderItem.objects.filter(order__in=orders)
        items = items.annotate(sum=F("price") * F("qty")).order_by("pk")
        return Response(
            {"orders": [each.pk for each in orders], "items": [str(each.sum) for each in items]}
        )


class BuyersView(APIView):
    def get(self, request):
        buyers = User.objects.annotate(count=Count("orders"), spent=Sum("orders__total"))
        buyers = buyers.filter(count__gt=0)
        buyers = buyers.order_by("-spent", "pk")
        rows = list(buyers.values("username", "count"))
        Event.objects.create(kind="looked", text=str(len(rows)))
        return Response(rows)


class LedgerViewSet(viewsets.ViewSet):
    @action(detail=False)
    def open(self, request):
        paid = Payment.objects.values("order")
        orders = Order.objects.exclude(pk__in=paid)
        orders = orders.filter(user=request.user)
        orders = orders.order_by("pk")
        return Response(OrderSerializer(orders, many=True).data)


def owner_page(request, pk):
    owner = get_object_or_404(User, pk=pk)
    if owner != request.user:
        return JsonResponse({"error": "This is not yours"}, status=403)
    orders = owner.orders.exclude(status="cancelled")
    orders = orders.annotate(items_count=Count("items"))
    orders = orders.order_by("-items_count", "pk")
    found = [{"pk": each.pk, "items": each.items_count} for each in orders.filter(total__gt=0)]
    return JsonResponse({"orders": found, "owner": owner.username})
