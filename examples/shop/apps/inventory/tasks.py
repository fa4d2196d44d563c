from celery import shared_task

from apps.inventory.models import Product


@shared_task
def ship(product_id: int, quantity: int = 1):
    product = Product.objects.get(pk=product_id)
    product.stock -= quantity
    product.sold += quantity
    product.save()


@shared_task
def release(product_id: int, quantity: int):
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        return
    product.reserved -= quantity
    product.save(update_fields=["reserved"])
