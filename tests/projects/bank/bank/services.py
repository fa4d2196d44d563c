from decimal import Decimal

from django.shortcuts import get_object_or_404

from bank.models import Member, Order, User, Wallet


class InsufficientFundsError(Exception):
    pass


def withdraw(pk: int, amount: Decimal) -> None:
    user = User.objects.get(id=pk)
    user.balance -= amount
    user.save()


def withdraw_or_404(pk: int, amount: Decimal) -> None:
    user = get_object_or_404(User, pk=pk)
    user.balance -= amount
    user.save()


def withdraw_and_count(pk: int, amount: Decimal) -> None:
    user = User.objects.get(pk=pk)
    user.balance -= amount
    user.points += 1
    user.save()


def withdraw_and_tell(pk: int, amount: Decimal) -> Decimal:
    user = User.objects.get(pk=pk)
    user.balance -= amount
    user.save()
    return user.balance


def withdraw_for_order(pk: int, amount: Decimal) -> None:
    order = Order.objects.get(user_id=pk)
    order.user.balance -= order.total
    order.user.save()


def withdraw_from_each(pk: int, amount: Decimal) -> None:
    for user in User.objects.filter(pk=pk):
        user.balance -= amount
        user.save()


def withdraw_guarded(pk: int, amount: Decimal) -> None:
    user = User.objects.get(id=pk)
    if user.balance < amount:
        raise InsufficientFundsError("not enough")
    user.balance -= amount
    user.save()


def withdraw_guarded_or_404(pk: int, amount: Decimal) -> None:
    user = get_object_or_404(User, pk=pk)
    if user.balance < amount:
        raise InsufficientFundsError("not enough")
    user.balance -= amount
    user.save()


def withdraw_if_enough(pk: int, amount: Decimal) -> bool:
    user = User.objects.get(id=pk)
    if user.balance >= amount:
        user.balance -= amount
        user.save()
        return True
    return False


def withdraw_as_member(pk: int, amount: Decimal) -> None:
    member = Member.objects.get(pk=pk)
    if member.balance < amount:
        raise InsufficientFundsError("not enough")
    member.balance -= amount
    member.save()


def spend(pk: int, amount: int) -> None:
    wallet = Wallet.objects.get(pk=pk)
    wallet.coins -= amount
    wallet.save()


def spend_guarded(pk: int, amount: int) -> None:
    wallet = Wallet.objects.get(pk=pk)
    if wallet.coins < amount:
        raise InsufficientFundsError("not enough")
    wallet.coins -= amount
    wallet.save()
