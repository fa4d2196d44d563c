from decimal import Decimal
from unittest.mock import patch

from django.test import TestCase

from apps.accounts.models import Account
from apps.inventory.models import Product
from apps.orders.models import Order


class CheckoutTests(TestCase):
    def setUp(self):
        self.account = Account.objects.create(name="ACME", balance=Decimal("50"))
        self.lamp = Product.objects.create(name="Lamp", price=Decimal("9.90"), stock=10)

    def create(self, quantity):
        items = [{"product": self.lamp.pk, "quantity": quantity}]
        data = {"account": self.account.pk, "items": items}
        return self.client.post("/orders/create/", data, content_type="application/json")

    def test_order_is_paid_and_shipped(self):
        response = self.create(2)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json()["total"], "19.80")
        self.account.refresh_from_db()
        self.lamp.refresh_from_db()
        self.assertEqual(self.account.balance, Decimal("30.20"))
        self.assertEqual(self.lamp.stock, 8)

    @patch("apps.orders.checkout.ship")
    def test_nothing_happens_without_funds(self, ship):
        response = self.create(6)
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json(), {"error": "Insufficient funds"})
        self.assertFalse(Order.objects.exists())
        ship.delay.assert_not_called()

    @patch("apps.orders.checkout.ship")
    def test_each_item_is_shipped_once(self, ship):
        self.create(1)
        ship.delay.assert_called_once_with(self.lamp.pk, 1)
