import datetime

from django.test import TestCase
from django.utils import timezone

from apps.accounts.models import User
from apps.wallet import services
from apps.wallet.models import Coupon, Tab, Wallet

LONG_AGO = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)


class WalletTests(TestCase):
    def setUp(self):
        self.user = User.objects.create(username="ada")
        self.wallet = Wallet.objects.get(owner=self.user)

    def test_each_change_is_written_down_once(self):
        services.add_coins(self.user.pk, 5)
        services.pay(self.user.pk, 5)
        self.wallet.refresh_from_db()
        self.assertEqual(self.wallet.coins, 0)
        self.assertEqual(self.wallet.movements.count(), 3)

    def test_change_moves_the_time_stamp(self):
        Wallet.objects.update(updated_at=LONG_AGO)
        services.add_coins(self.user.pk, 5)
        self.wallet.refresh_from_db()
        self.assertLess(timezone.now() - self.wallet.updated_at, datetime.timedelta(days=1))

    def test_paying_too_much_changes_nothing(self):
        with self.assertRaises(services.EmptyWalletError):
            services.pay(self.user.pk, 1)
        self.assertEqual(self.wallet.movements.count(), 1)


class TabTests(TestCase):
    def test_drink_is_written_down_with_its_time(self):
        Tab.objects.create(name="ada")
        Tab.objects.update(updated_at=LONG_AGO)
        services.order_drink("ada")
        tab = Tab.objects.get(name="ada")
        self.assertEqual(tab.drinks, 1)
        self.assertGreater(tab.updated_at, LONG_AGO)

    def test_drink_of_nobody_raises(self):
        with self.assertRaises(Tab.DoesNotExist):
            services.order_drink("bob")


class CouponTests(TestCase):
    def test_redeem(self):
        coupon = Coupon.objects.create(code="spring")
        services.redeem("SPRING")
        coupon.refresh_from_db()
        self.assertEqual((coupon.code, coupon.left), ("SPRING", 0))
