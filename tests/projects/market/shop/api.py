"""Views of the API that do business themselves, in as many shapes as such code has."""

import logging
from decimal import Decimal

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import generics, status, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Event, Order, OrderItem, Payment, User
from shop.serializers import CreateOrderSerializer, OrderSerializer
from shop.tasks import notify, send_confirmation_email

logger = logging.getLogger(__name__)

LIMIT = 100


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


class PayOrderView(APIView):
    def post(self, request, pk):
        order = get_object_or_404(Order, pk=pk, user=request.user)
        # An order is paid for once.
        if order.status == "paid":
            return Response({"error": "Already paid"}, status=409)
        if request.user.balance < order.total:
            return Response({"error": "Insufficient funds"}, status=402)
        request.user.balance -= order.total  # what is left
        request.user.save()
        Payment.objects.create(order=order, amount=order.total)

        order.status = "paid"
        order.save()
        logger.info("paid %s", order.pk)
        return Response({"status": order.status, "balance": str(request.user.balance)})


class TransferView(APIView):
    def post(self, request):
        amount = Decimal(request.data["amount"])
        try:
            receiver = User.objects.get(username=request.data["to"])
        except User.DoesNotExist:
            return Response({"error": "nobody"}, status=status.HTTP_404_NOT_FOUND)
        sender = request.user
        if sender.balance < amount:
            return Response({"error": "Insufficient funds"}, status=status.HTTP_400_BAD_REQUEST)
        sender.balance -= amount
        receiver.balance += amount
        sender.save()
        receiver.save()
        notify.delay("transfer", text=str(amount))
        return Response({"balance": str(sender.balance)})


class GiftView(APIView):
    def post(self, request):
        data = request.data
        giver = request.user
        points = data["points"]
        receiver = get_object_or_404(User, username=data["to"])
        if giver.points < points:
            return Response({"error": "Too few points", "asked": points}, status=400)
        giver.points -= points
        giver.save()
        receiver.points += points
        receiver.save()
        Event.objects.create(kind="gift", text=data.get("text", ""))
        return Response({"points": giver.points})


class NestedReturnView(APIView):
    def post(self, request):
        user = request.user
        order = Order.objects.filter(user=user).first()
        if order is None:
            user.points = 0
            user.save()
            return Response({"error": "No order yet"}, status=404)
        if order.status == "new":
            if order.total > user.balance:
                order.status = "refused"
                order.save()
                return Response({"error": "The balance is too low"}, status=400)
            order.status = "accepted"
        order.save()
        Event.objects.create(kind="nested", text=order.status)
        return Response({"status": order.status})


class TwoResultsView(APIView):
    def post(self, request):
        user = request.user
        order = Order.objects.create(user=user, total=5)
        payment = Payment.objects.create(order=order, amount=5)
        user.points += 1
        user.save()
        return Response({"order": order.pk, "payment": payment.pk, "points": user.points})


class InlineInputView(APIView):
    def post(self, request):
        order = Order.objects.create(user=request.user, note=request.data["note"])
        Payment.objects.create(order=order, amount=order.total)
        notify.delay("inline")
        return Response({"order": order.pk}, status=201)


class LateInputView(APIView):
    def post(self, request):
        order = Order.objects.create(user=request.user)
        Event.objects.create(kind="late")
        order.note = request.data["note"]
        order.save()
        notify.delay("late")
        return Response({"order": order.pk})


class WholeDataView(APIView):
    def post(self, request):
        if "note" not in request.data:
            return Response({"error": "A note is missing"}, status=400)
        order = Order.objects.create(user=request.user, note=request.data["note"])
        for row in request.data["items"]:
            OrderItem.objects.create(order=order, price=row["price"], qty=row["qty"])
        Event.objects.create(kind="whole", text=request.data.get("text", ""))
        return Response({"order": order.pk})


class AtomicView(APIView):
    def post(self, request):
        user, note = request.user, request.data.get("note", "")
        with transaction.atomic():
            order = Order.objects.create(user=user, note=note)
            user.points += 1
            user.save()
            Event.objects.create(kind="atomic", text=note)
        return Response({"order": order.pk})


class ReturnInsideAtomicView(APIView):
    def post(self, request):
        with transaction.atomic():
            user = request.user
            user.points += 1
            user.save()
            order = Order.objects.create(user=user)
            if user.balance < 1:
                return Response({"error": "No balance left"}, status=400)
            Payment.objects.create(order=order, amount=1)
        return Response({"points": user.points})


class DecoratedView(APIView):
    @transaction.atomic
    def post(self, request):
        user = request.user
        user.points += 1
        user.save()
        if user.balance < 1:
            return Response({"error": "Balance is empty"}, status=400)
        Order.objects.create(user=user, total=1)
        Event.objects.create(kind="decorated")
        return Response({"points": user.points})


class TryView(APIView):
    def post(self, request):
        try:
            user = request.user
            order = Order.objects.create(user=user, total=request.data["total"])
            if order.total > 50:
                return Response({"error": "Too expensive"}, status=400)
            Payment.objects.create(order=order, amount=request.data["amount"])
            Event.objects.create(kind="try")
        except Exception as error:
            return Response({"error": type(error).__name__}, status=500)
        return Response({"order": order.pk})


class LoopReturnView(APIView):
    def post(self, request):
        user = request.user
        made = []
        for row in request.data.get("items", []):
            if row["qty"] < 1:
                return Response({"error": "Nothing to buy", "row": row}, status=400)
            made.append(Order.objects.create(user=user, total=row["qty"]))
        user.points += len(made)
        user.save()
        Event.objects.create(kind="loop")
        return Response({"made": len(made)})


class ValidatedView(APIView):
    def post(self, request):
        serializer = CreateOrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = Order.objects.create(
            user=request.user, note=serializer.validated_data.get("note", "")
        )
        for item in serializer.validated_data["items"]:
            OrderItem.objects.create(order=order, **item)
        send_confirmation_email.delay(order.pk)
        return Response(OrderSerializer(order).data, status=201)


class PayloadView(APIView):
    def post(self, request):
        user = request.user
        needed = sum(order.total for order in user.orders.all())
        missing = needed - user.balance
        if missing > 0:
            return Response({"error": "Not enough", "missing": str(missing)}, status=400)
        user.balance -= needed
        user.save()
        Event.objects.create(kind="payload", text=str(needed))
        notify.delay("paid")
        return Response({"balance": str(user.balance)})


class FormattedPayloadView(APIView):
    def post(self, request):
        user = request.user
        count = user.orders.count()
        if count > 1:
            return Response(
                {
                    # how many there are
                    "error": f"There are {count} orders",
                    "user": user.username,
                },
                status=409,
            )
        user.points += count
        user.save()
        Order.objects.create(user=user)
        notify.delay("formatted")
        return Response({"points": user.points})


class ReboundView(APIView):
    def post(self, request):
        total = request.data.get("total", 1)
        total = total * 2
        order = Order.objects.create(user=request.user, total=total)
        total = total + 1
        Payment.objects.create(order=order, amount=total)
        Event.objects.create(kind="rebound", text=str(total))
        return Response({"total": total, "order": order.pk})


class LocalImportView(APIView):
    def post(self, request):
        from shop.tasks import notify as tell

        order = Order.objects.create(user=request.user)
        Payment.objects.create(order=order, amount=2)
        tell.delay("local", str(order.pk))
        return Response({"order": order.pk})


class LongTextView(APIView):
    def post(self, request):
        order = Order.objects.create(user=request.user)
        order.note = """First line
        second line, indented
last line"""
        order.save()
        if order.note.count("\n") != 2:
            return Response({"error": "A line is missing"}, status=500)
        Event.objects.create(
            kind="text",
            text=f"""{order.note}
            end""",
        )
        return Response({"note": order.note})


class OnCommitView(APIView):
    def post(self, request):
        order = Order.objects.create(user=request.user)
        Payment.objects.create(order=order, amount=1)
        transaction.on_commit(lambda: notify.delay("committed", str(order.pk)))
        return Response({"order": order.pk})


class SelfStateView(APIView):
    def check(self, user):
        return user.points < LIMIT

    def post(self, request):
        user = request.user
        user.points += 1
        user.save()
        order = Order.objects.create(user=user)
        if self.check(user) and user.points < LIMIT:
            Payment.objects.create(order=order, amount=1)
        return Response({"points": user.points})


class EarlySuccessView(APIView):
    def post(self, request):
        user = request.user
        order = Order.objects.filter(user=user).first()
        if order is not None:
            return Response({"order": order.pk})
        order = Order.objects.create(user=user)
        Payment.objects.create(order=order, amount=1)
        notify.delay("first")
        return Response({"order": order.pk}, status=201)


class FinallyView(APIView):
    def post(self, request):
        user = request.user
        try:
            order = Order.objects.create(user=user)
            if user.points > 1:
                return Response({"error": "Too many points"}, status=400)
            Payment.objects.create(order=order, amount=1)
        finally:
            Event.objects.create(kind="finally")
        return Response({"order": order.pk})


class UpdateOrderView(APIView):
    def put(self, request, pk):
        try:
            order = Order.objects.get(pk=pk)
        except Order.DoesNotExist:
            return Response(status=404)
        if order.user != request.user:
            return Response({"detail": "This is not your order"}, status=403)
        order.note = request.data.get("note", order.note)
        order.status = "changed"
        order.save()
        Event.objects.create(kind="update", text=order.note)
        notify.delay("updated", text=str(order.pk))
        return Response(OrderSerializer(order).data, headers={"X-Order": str(order.pk)})

    def delete(self, request, pk):
        order = get_object_or_404(Order, pk=pk)
        user = order.user
        order.items.all().delete()
        order.delete()
        user.points = 0
        user.save()
        Event.objects.create(kind="deleted")
        return Response(status=204)


class OrderListView(generics.ListCreateAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user).order_by("pk")

    def perform_create(self, serializer):
        order = serializer.save(user=self.request.user)
        user = self.request.user
        user.points += 1
        user.save()
        OrderItem.objects.create(order=order, price=1, qty=1)
        send_confirmation_email.delay(order.pk)


class OrderViewSet(viewsets.ModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user).order_by("pk")

    def perform_destroy(self, instance):
        notify.delay("destroyed", str(instance.pk))
        OrderItem.objects.filter(order=instance).delete()
        Payment.objects.filter(order=instance).delete()
        instance.delete()

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        order = self.get_object()
        if order.status == "cancelled":
            return Response({"error": "The order has been cancelled"}, status=400)
        request.user.balance += order.total
        request.user.save()
        order.status = "cancelled"
        order.note = request.data.get("reason", "")
        order.save()
        order.items.all().delete()
        return Response(OrderSerializer(order).data)

    @action(detail=True, methods=["post"])
    def split(self, request, pk=None):
        order = self.get_object()
        other = Order.objects.create(user=order.user, note=f"split from {order.pk}")
        moved = 0
        for item in order.items.all():
            if item.qty > 1:
                item.order = other
                item.save()
                moved += 1
        if not moved:
            other.delete()
            return Response({"error": "Nothing to split"}, status=400)
        return Response({"other": other.pk, "moved": moved})


class AccountViewSet(viewsets.ViewSet):
    def create(self, request):
        user = User.objects.create(username=request.data["username"])
        order = Order.objects.create(user=user, note="welcome")
        notify.delay("welcome", user.username)
        return Response({"user": user.pk, "order": order.pk}, status=201)

    def partial_update(self, request, pk=None):
        user = User.objects.get(pk=pk)
        for name in ("first_name", "last_name"):
            if name in request.data:
                setattr(user, name, request.data[name])
        user.save()
        Event.objects.create(kind="renamed", text=user.get_full_name())
        notify.delay("renamed")
        return Response({"name": user.get_full_name()})


@api_view(["POST"])
def refund_order(request, pk):
    order = get_object_or_404(Order, pk=pk)
    paid = order.payments.all()
    if not paid:
        return Response({"error": "There is no payment"}, status=400)
    owner = order.user
    for payment in paid:
        owner.balance += payment.amount
        payment.delete()
    owner.save()
    order.status = "refunded"
    order.save()
    return Response({"balance": str(owner.balance), "status": order.status})
