from decimal import Decimal

from django.core import mail
from django.test import TestCase

from apps.accounts.models import Account
from apps.inventory.models import Product
from apps.orders import services
from apps.orders.models import Order


class OrderTests(TestCase):
    def setUp(self):
        self.account = Account.objects.create(name="ACME", balance=Decimal("50"), payments=1)
        self.order = Order.objects.create(account=self.account, total=Decimal("12.30"))

    def assertAccount(self, balance, payments):
        self.account.refresh_from_db()
        self.assertEqual((self.account.balance, self.account.payments), (Decimal(balance), payments))

    def test_put_on_account(self):
        services.put_on_account(self.order.pk)
        self.assertAccount("37.70", 1)

    def test_order_that_is_not_there_raises(self):
        with self.assertRaises(Order.DoesNotExist):
            services.put_on_account(0)

    def test_cancel_of_a_paid_order_gives_back(self):
        Order.objects.update(paid=True)
        services.cancel(self.order.pk)
        services.cancel(self.order.pk)
        self.assertAccount("62.30", 0)

    def test_items_are_taken_from_the_stock(self):
        lamp = Product.objects.create(name="Lamp", price=Decimal("9.90"), stock=10)
        desk = Product.objects.create(name="Desk", price=Decimal("99"), stock=1)
        for product, quantity in ((lamp, 2), (desk, 1), (lamp, 3)):
            self.order.items.create(product=product, quantity=quantity)
        services.take_from_stock(self.order.pk)
        desk.refresh_from_db()
        self.assertEqual(desk.stock, 0)

    def test_unpaid_orders_are_seen(self):
        self.assertTrue(services.has_unpaid(self.account.pk))
        Order.objects.update(paid=True)
        self.assertFalse(services.has_unpaid(self.account.pk))

    def test_items_are_ordered_again(self):
        lamp = Product.objects.create(name="Lamp", price=Decimal("9.90"), stock=10)
        for quantity in (2, 3):
            self.order.items.create(product=lamp, quantity=quantity)
        again = services.order_again(self.order.pk)
        self.assertNotEqual(again.pk, self.order.pk)
        self.assertEqual([item.quantity for item in again.items.order_by("pk")], [2, 3])

    def test_accepted_order_is_confirmed(self):
        with self.captureOnCommitCallbacks(execute=True):
            order = services.accept(self.account.pk, Decimal("3"), "ada@example.com")
        self.assertEqual([each.to for each in mail.outbox], [["ada@example.com"]])
        self.assertIn(str(order.pk), mail.outbox[0].subject)

    def test_order_is_confirmed_once_more(self):
        self.order.confirm_again("bob@example.com")
        self.assertEqual([each.to for each in mail.outbox], [["bob@example.com"]])
