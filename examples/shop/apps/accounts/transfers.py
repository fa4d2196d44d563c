"""Money between customers, done right: the database changes the balance, or the row is locked."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from apps.accounts.exceptions import InsufficientFundsError
from apps.accounts.models import User


def transfer(sender_id: int, receiver_id: int, amount: Decimal) -> None:
    with transaction.atomic():
        paid = User.objects.filter(pk=sender_id, balance__gte=amount).update(
            balance=F("balance") - amount
        )
        if not paid:
            raise InsufficientFundsError(f"{amount} is more than there is")
        User.objects.filter(pk=receiver_id).update(balance=F("balance") + amount)


def spend_all(user_id: int) -> Decimal:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        spent = user.balance
        user.balance -= spent
        user.save(update_fields=["balance"])
    return spent


def thank(user_id: int, points: int) -> None:
    user = User.objects.get(pk=user_id)
    user.points = F("points") + points
    user.save(update_fields=["points"])


def rename(user_id: int, name: str) -> None:
    user = User.objects.get(pk=user_id)
    user.first_name = name
    user.save(update_fields=["first_name"])
