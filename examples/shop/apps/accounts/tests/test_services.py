from decimal import Decimal

from django.http import Http404
from django.test import TestCase

from apps.accounts import services, transfers
from apps.accounts.exceptions import InsufficientFundsError
from apps.accounts.models import Account, User


class MoneyTests(TestCase):
    def setUp(self):
        self.user = User.objects.create(username="ada", balance=Decimal("100.00"), points=10)

    def assertBalance(self, expected):
        self.user.refresh_from_db()
        self.assertEqual(self.user.balance, Decimal(expected))

    def test_charge_takes_the_amount(self):
        services.charge(self.user.pk, Decimal("30.50"))
        self.assertBalance("69.50")

    def test_charge_may_go_below_zero(self):
        services.charge(self.user.pk, Decimal("130"))
        self.assertBalance("-30")

    def test_charge_of_nobody_raises(self):
        with self.assertRaises(User.DoesNotExist):
            services.charge(0, Decimal("1"))

    def test_refund_gives_the_amount_back(self):
        services.refund(self.user.pk, Decimal("5"))
        self.assertBalance("105")

    def test_refund_of_nobody_is_not_found(self):
        with self.assertRaises(Http404):
            services.refund(0, Decimal("1"))

    def test_withdraw_down_to_zero(self):
        services.withdraw(self.user.pk, Decimal("100"))
        self.assertBalance("0")

    def test_withdraw_of_too_much_changes_nothing(self):
        with self.assertRaisesMessage(InsufficientFundsError, "100.01 is more than there is"):
            services.withdraw(self.user.pk, Decimal("100.01"))
        self.assertBalance("100")

    def test_withdraw_from_nobody_raises(self):
        with self.assertRaises(User.DoesNotExist):
            services.withdraw(0, Decimal("1"))

    def test_top_up_returns_the_new_balance(self):
        self.assertEqual(services.top_up(self.user.pk, Decimal("1.25")), Decimal("101.25"))
        self.assertBalance("101.25")

    def test_reward_counts_twice_for_a_vip(self):
        services.reward(self.user.pk, 5)
        services.reward(self.user.pk, 5, vip=True)
        self.user.refresh_from_db()
        self.assertEqual(self.user.points, 25)


class AccountTests(TestCase):
    def test_payment_counts(self):
        account = Account.objects.create(name="ACME")
        services.record_payment(account.pk, Decimal("20"))
        services.record_payment(account.pk, Decimal("22"))
        account.refresh_from_db()
        self.assertEqual((account.balance, account.payments), (Decimal("42"), 2))

    def test_only_small_debts_are_forgiven(self):
        small = Account.objects.create(name="small", balance=Decimal("-3"))
        large = Account.objects.create(name="large", balance=Decimal("-300"))
        self.assertEqual(services.forgive_small_debts(Decimal("10"), step=Decimal("2")), 1)
        small.refresh_from_db()
        large.refresh_from_db()
        self.assertEqual((small.balance, large.balance), (Decimal("-1"), Decimal("-300")))


class TransferTests(TestCase):
    def setUp(self):
        self.sender = User.objects.create(username="ada", balance=Decimal("10"))
        self.receiver = User.objects.create(username="bob")

    def test_transfer_moves_the_amount(self):
        transfers.transfer(self.sender.pk, self.receiver.pk, Decimal("4"))
        self.sender.refresh_from_db()
        self.receiver.refresh_from_db()
        self.assertEqual((self.sender.balance, self.receiver.balance), (Decimal("6"), Decimal("4")))

    def test_transfer_of_too_much_raises(self):
        with self.assertRaises(InsufficientFundsError):
            transfers.transfer(self.sender.pk, self.receiver.pk, Decimal("11"))

    def test_spend_all_leaves_nothing(self):
        self.assertEqual(transfers.spend_all(self.sender.pk), Decimal("10"))
        self.sender.refresh_from_db()
        self.assertEqual(self.sender.balance, Decimal("0"))

    def test_thank_and_rename(self):
        transfers.thank(self.sender.pk, 3)
        transfers.rename(self.sender.pk, "Ada")
        self.sender.refresh_from_db()
        self.assertEqual((self.sender.points, self.sender.first_name), (3, "Ada"))
