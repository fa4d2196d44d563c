from celery import shared_task

from shop import payment_gateway
from shop.models import Order


@shared_task
def process_payment(order_id):
    # No timeout — hangs forever if payment gateway is down
    # No retry — transient failures become permanent failures
    response = payment_gateway.charge(order_id)
    Order.objects.filter(id=order_id).update(status="paid")


@shared_task
def write_receipt(order_id):
    Order.objects.filter(id=order_id).update(receipt="written")
