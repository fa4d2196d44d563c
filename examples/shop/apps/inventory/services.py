import datetime

from django.utils import timezone

from apps.inventory.models import DailyViews, Product, Shelf


def reserve(product_id: int, quantity: int) -> bool:
    product = Product.objects.get(pk=product_id)
    if product.stock >= quantity:
        product.stock -= quantity
        product.reserved += quantity
        product.save()
        return True
    return False


def take_back(product_id: int, quantity: int, *, damaged: bool) -> None:
    product = Product.objects.get(pk=product_id)
    if not damaged:
        product.stock += quantity
    product.returned += quantity
    product.returned_at = timezone.now()
    product.save()


def count_view(product_id: int, day: datetime.date) -> None:
    counter, _ = DailyViews.objects.get_or_create(product_id=product_id, day=day)
    counter.views += 1
    counter.save()


def count_visit(product_id: int, day: datetime.date) -> None:
    counter, created = DailyViews.objects.get_or_create(
        product_id=product_id, day=day, defaults={"views": 1}
    )
    if not created:
        counter.views += 1
        counter.save()


def put_on_shelf(shelf_id: int, pieces: int) -> None:
    shelf = Shelf.objects.get(pk=shelf_id)
    shelf.load += pieces
    shelf.save()
