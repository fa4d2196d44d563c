from celery import shared_task
from django.core.mail import send_mail

from apps.orders import payment_gateway
from apps.orders.models import Order


@shared_task
def process_payment(order_id: int):
    payment_gateway.charge(order_id)
    Order.objects.filter(id=order_id).update(paid=True)


@shared_task
def send_confirmation(order_id: int, address: str):
    order = Order.objects.get(pk=order_id)
    send_mail(f"Your order {order.pk}", f"It comes to {order.total}.", None, [address])
