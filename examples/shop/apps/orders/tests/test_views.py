from decimal import Decimal

from django.test import TestCase
from django.urls import reverse

from apps.accounts.models import Account, User
from apps.inventory.models import Product
from apps.orders.models import Order


class OrderViewTests(TestCase):
    def setUp(self):
        account = Account.objects.create(name="ACME")
        ada = User.objects.create(username="ada", email="ada@example.com")
        lamp = Product.objects.create(name="Lamp", price=Decimal("9.90"))
        desk = Product.objects.create(name="Desk", price=Decimal("99"))
        self.guest = Order.objects.create(account=account, total=Decimal("9.90"))
        self.order = Order.objects.create(account=account, user=ada, total=Decimal("118.80"))
        self.guest.items.create(product=lamp, quantity=1)
        self.order.items.create(product=lamp, quantity=2)
        self.order.items.create(product=desk, quantity=1)

    def test_list_shows_the_newest_first(self):
        orders = self.client.get(reverse("order-list")).json()
        self.assertEqual([order["id"] for order in orders], [self.order.pk, self.guest.pk])

    def test_list_shows_who_ordered_what(self):
        orders = self.client.get(reverse("order-list")).json()
        self.assertEqual([order["user_email"] for order in orders], ["ada@example.com", None])
        self.assertEqual(
            [order["items"] for order in orders],
            [
                [{"product": "Lamp", "quantity": 2}, {"product": "Desk", "quantity": 1}],
                [{"product": "Lamp", "quantity": 1}],
            ],
        )

    def test_one_order_is_shown_as_in_the_list(self):
        order = self.client.get(reverse("order-detail", args=[self.order.pk])).json()
        self.assertEqual(order, self.client.get(reverse("order-list")).json()[0])
