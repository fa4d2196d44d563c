from decimal import Decimal

from django.db import transaction

from apps.orders.models import Order, OrderItem
from apps.orders.tasks import send_confirmation


def put_on_account(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    order.account.balance -= order.total
    order.account.save()


def take_from_stock(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    for item in order.items.select_related("product"):
        product = item.product
        product.stock -= item.quantity
        product.save()


def cancel(order_id: int) -> None:
    order = Order.objects.select_related("account").get(pk=order_id)
    if order.paid:
        order.account.balance += order.total
        order.account.payments -= 1
        order.account.save()
    order.paid = False
    order.save()


def has_unpaid(account_id: int) -> bool:
    return Order.objects.filter(account_id=account_id, paid=False).count() > 0


@transaction.atomic
def order_again(order_id: int) -> Order:
    first = Order.objects.get(pk=order_id)
    order = Order.objects.create(account=first.account, total=first.total)
    for item in first.items.all():
        OrderItem.objects.create(order=order, product_id=item.product_id, quantity=item.quantity)
    return order


def accept(account_id: int, total: Decimal, address: str) -> Order:
    with transaction.atomic():
        order = Order.objects.create(account_id=account_id, total=total)
        send_confirmation.delay(order.pk, address)
    return order
