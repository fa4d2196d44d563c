"""Loops that write one row in each turn, and questions that fetch all rows."""

from django.db import transaction

from batches.models import Derived, Heard, Item, Order, Placed, Stamped


@transaction.atomic
def create_each(order_id: int, numbers: list[int]):
    for number in numbers:
        Item.objects.create(order_id=order_id, number=number)


@transaction.atomic
def save_each(order_id: int, numbers: list[int]):
    for number in numbers:
        item = Item(order_id=order_id, number=number)
        item.save()


@transaction.atomic
def create_related(order_id: int, numbers: list[int]):
    order = Order.objects.create(number="again")
    for number in numbers:
        order.items.create(number=number)


@transaction.atomic
def create_listed(order_id: int, numbers: list[int]):
    [Item.objects.create(order_id=order_id, number=number) for number in numbers]


@transaction.atomic
def create_stamped(order_id: int, numbers: list[int]):
    for number in numbers:
        Stamped.objects.create(number=number)


@transaction.atomic
def create_heard(order_id: int, numbers: list[int]):
    for number in numbers:
        Heard.objects.create(number=number)


@transaction.atomic
def create_derived(order_id: int, numbers: list[int]):
    for number in numbers:
        Derived.objects.create(number=number)


@transaction.atomic
def create_placed(order_id: int, numbers: list[int]):
    for number in numbers:
        Placed.objects.create(number=number)


@transaction.atomic
def label_all(order_id: int, numbers: list[int]):
    for item in Item.objects.filter(order_id=order_id):
        item.label = "done"
        item.save(update_fields=["label"])


@transaction.atomic
def label_each(order_id: int, numbers: list[int]):
    for item in Item.objects.filter(order_id=order_id):
        item.label = f"no {item.number}"
        item.save(update_fields=["label"])


@transaction.atomic
def touch_all(order_id: int, numbers: list[int]):
    for row in Stamped.objects.all():
        row.number = 7
        row.save(update_fields=["number", "changed"])


def has_items(order_id: int, numbers: list[int]):
    return Item.objects.filter(order_id=order_id).count() > 0


def has_none(order_id: int, numbers: list[int]):
    items = Item.objects.filter(order_id=order_id)
    if not items:
        return True
    return False


def how_many(order_id: int, numbers: list[int]):
    return len(Item.objects.filter(order_id=order_id))
