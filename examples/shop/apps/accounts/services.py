"""What happens to a customer's money. Each of these loses an update when two requests meet."""

from decimal import Decimal

from django.contrib.auth import get_user_model
from django.shortcuts import get_object_or_404

from apps.accounts.exceptions import InsufficientFundsError
from apps.accounts.models import Account, User


def charge(user_id: int, amount: Decimal) -> None:
    user = User.objects.get(id=user_id)
    user.balance -= amount
    user.save()


def refund(user_id: int, amount: Decimal) -> None:
    user = get_object_or_404(User, pk=user_id)
    user.balance = user.balance + amount
    user.save()


def withdraw(user_id: int, amount: Decimal) -> None:
    user = User.objects.get(id=user_id)
    if user.balance < amount:
        raise InsufficientFundsError(f"{amount} is more than there is")
    user.balance -= amount
    user.save()


def top_up(user_id: int, amount: Decimal) -> Decimal:
    user = User.objects.get(id=user_id)
    user.balance += amount
    user.save(update_fields=["balance"])
    return user.balance


def reward(user_id: int, points: int, *, vip: bool = False) -> None:
    user = get_user_model().objects.get(pk=user_id)
    if vip:
        user.points += 2 * points
    else:
        user.points += points
    user.save()


def record_payment(account_id: int, amount: Decimal) -> None:
    account = Account.objects.get(pk=account_id)
    account.balance += amount
    account.payments += 1
    account.save()


def forgive_small_debts(limit: Decimal, *, step: Decimal) -> int:
    forgiven = 0
    for account in Account.objects.filter(balance__lt=0, balance__gte=-limit):
        account.balance += step
        account.save()
        forgiven += 1
    return forgiven


def correct_email(user_id: int, email: str) -> None:
    """Writes the balance that was read as well: a payment in between is lost."""
    user = User.objects.get(id=user_id)
    user.email = email
    user.save()
