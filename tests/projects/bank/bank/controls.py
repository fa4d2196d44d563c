"""Written by hand, for the tests of the tests: what is right, and what looks right and is not."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F

from bank.models import User
from bank.services import InsufficientFundsError


def locked(pk: int, amount: Decimal) -> None:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=pk)
        if user.balance < amount:
            raise InsufficientFundsError("not enough")
        user.balance -= amount
        user.save()


def guard_without_where(pk: int, amount: Decimal) -> None:
    user = User.objects.get(pk=pk)
    if user.balance < amount:
        raise InsufficientFundsError("not enough")
    user.balance = F("balance") - amount
    user.save(update_fields=["balance"])


def locked_after_the_read(pk: int, amount: Decimal) -> None:
    user = User.objects.get(pk=pk)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=pk)
        user.balance -= amount
        user.save()
