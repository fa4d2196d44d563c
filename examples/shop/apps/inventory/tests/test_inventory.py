import datetime
from decimal import Decimal

from django.test import TestCase
from django.urls import reverse

from apps.inventory import services, tasks
from apps.inventory.models import DailyViews, OutOfStockError, Product, Shelf

TODAY = datetime.date(2024, 5, 17)


class ProductTests(TestCase):
    def setUp(self):
        self.product = Product.objects.create(name="Lamp", price=Decimal("9.90"), stock=10)

    def assertProduct(self, **expected):
        self.product.refresh_from_db()
        self.assertEqual({name: getattr(self.product, name) for name in expected}, expected)

    def test_receive(self):
        self.product.receive(5)
        self.assertProduct(stock=15)

    def test_received_pieces_can_be_taken_from_the_same_object(self):
        self.product.receive(5)
        self.product.take(15)
        self.assertEqual(self.product.available, 0)
        self.assertProduct(stock=0)

    def test_take_of_too_much_changes_nothing(self):
        with self.assertRaisesMessage(OutOfStockError, "Lamp"):
            self.product.take(11)
        self.assertProduct(stock=10)

    def test_reserve_until_nothing_is_left(self):
        self.assertIs(services.reserve(self.product.pk, 10), True)
        self.assertIs(services.reserve(self.product.pk, 1), False)
        self.assertProduct(stock=0, reserved=10)

    def test_take_back(self):
        services.take_back(self.product.pk, 2, damaged=False)
        services.take_back(self.product.pk, 3, damaged=True)
        self.assertProduct(stock=12, returned=5)
        self.assertIsNotNone(self.product.returned_at)

    def test_ship(self):
        tasks.ship.delay(self.product.pk)
        tasks.ship.delay(self.product.pk, 4)
        self.assertProduct(stock=5, sold=5)

    def test_release(self):
        services.reserve(self.product.pk, 3)
        tasks.release.delay(self.product.pk, 2)
        self.assertProduct(reserved=1)

    def test_release_of_nothing_is_no_error(self):
        self.assertIsNone(tasks.release.delay(0, 2).get())

    def test_restock_answers_with_the_new_stock(self):
        path = reverse("product-restock", args=[self.product.pk])
        response = self.client.post(path, {"pieces": 7}, content_type="application/json")
        self.assertEqual(response.json()["stock"], 17)
        self.assertProduct(stock=17)


class CounterTests(TestCase):
    def test_views_and_visits_count_from_one(self):
        product = Product.objects.create(name="Lamp", price=Decimal("9.90"))
        for count in (services.count_visit, services.count_view, services.count_visit):
            count(product.pk, TODAY)
        self.assertEqual(DailyViews.objects.get(product=product, day=TODAY).views, 3)


class ShelfTests(TestCase):
    def test_shelf_knows_when_it_is_full(self):
        shelf = Shelf.objects.create()
        services.put_on_shelf(shelf.pk, 9)
        shelf.refresh_from_db()
        self.assertEqual((shelf.load, shelf.is_full), (9, False))
        services.put_on_shelf(shelf.pk, 1)
        shelf.refresh_from_db()
        self.assertEqual((shelf.load, shelf.is_full), (10, True))
