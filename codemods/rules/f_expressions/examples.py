"""The rule's examples: they feed its tests, `djfix explain f-expressions` and its docs page."""

from djfix.codemods.rule import Example

MODELS = """\
from django.db import models


class Account(models.Model):
    number = models.CharField(max_length=20, unique=True)
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    withdrawals = models.IntegerField(default=0)
    note = models.CharField(max_length=100, blank=True)
"""

SETTINGS = """\
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
"""

FILES = (
    (
        "manage.py",
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    ),
    ("config/__init__.py", ""),
    ("config/settings.py", SETTINGS),
    ("shop/__init__.py", ""),
    ("shop/models.py", MODELS),
)

EXAMPLES = (
    Example(
        "The object is fetched only to be changed",
        """\
from decimal import Decimal

from shop.models import Account


def withdraw(account_id: int, amount: Decimal) -> None:
    account = Account.objects.get(id=account_id)
    account.balance -= amount
    account.save()
""",
        """\
from decimal import Decimal

from django.db.models import F

from shop.models import Account


def withdraw(account_id: int, amount: Decimal) -> None:
    if not Account.objects.filter(id=account_id).update(balance=F("balance") - amount):
        raise Account.DoesNotExist("Account matching query does not exist.")
""",
        files=FILES,
    ),
    Example(
        "A guard moves into the query, with its own failure",
        '''\
from decimal import Decimal

from shop.models import Account


class InsufficientFundsError(Exception):
    """There is less in the account than is asked for."""


def withdraw(account_id: int, amount: Decimal) -> None:
    account = Account.objects.get(id=account_id)
    if account.balance < amount:
        raise InsufficientFundsError
    account.balance -= amount
    account.save()
''',
        '''\
from decimal import Decimal

from django.db.models import F

from shop.models import Account


class InsufficientFundsError(Exception):
    """There is less in the account than is asked for."""


def withdraw(account_id: int, amount: Decimal) -> None:
    account = Account.objects.get(id=account_id)
    if not Account.objects.filter(pk=account.pk, balance__gte=amount).update(
        balance=F("balance") - amount
    ):
        raise InsufficientFundsError
''',
        files=FILES,
    ),
    Example(
        "The object lives on: it is saved with the expression, and read again",
        """\
from shop.models import Account


def count_withdrawal(number: str) -> int:
    account = Account.objects.get(number=number)
    account.withdrawals += 1
    account.note = "counted"
    account.save()
    return account.withdrawals
""",
        """\
from django.db.models import F

from shop.models import Account


def count_withdrawal(number: str) -> int:
    account = Account.objects.get(number=number)
    account.withdrawals = F("withdrawals") + 1
    account.note = "counted"
    account.save(update_fields=["withdrawals", "note"])
    account.refresh_from_db(fields=["withdrawals"])
    return account.withdrawals
""",
        files=FILES,
    ),
    Example(
        "A locked row has no race, so it is left alone",
        """\
from decimal import Decimal

from django.db import transaction

from shop.models import Account


def withdraw(account_id: int, amount: Decimal) -> None:
    with transaction.atomic():
        account = Account.objects.select_for_update().get(id=account_id)
        account.balance -= amount
        account.save()
""",
        """\
from decimal import Decimal

from django.db import transaction

from shop.models import Account


def withdraw(account_id: int, amount: Decimal) -> None:
    with transaction.atomic():
        account = Account.objects.select_for_update().get(id=account_id)
        account.balance -= amount
        account.save()
""",
        files=FILES,
    ),
)
