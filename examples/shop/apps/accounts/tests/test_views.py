from decimal import Decimal

from django.test import TestCase
from django.urls import reverse

from apps.accounts.models import User


class AccountViewTests(TestCase):
    def setUp(self):
        self.user = User.objects.create(username="ada", points=10)

    def post(self, name, pk=None, **data):
        path = reverse(name, args=[pk or self.user.pk])
        return self.client.post(path, data, content_type="application/json")

    def assertPoints(self, expected):
        self.user.refresh_from_db()
        self.assertEqual(self.user.points, expected)

    def test_points_are_spent(self):
        self.assertEqual(self.post("spend-points", points=10).status_code, 204)
        self.assertPoints(0)

    def test_too_many_points_are_refused(self):
        response = self.post("spend-points", points=11)
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json(), {"detail": "Not enough points."})
        self.assertPoints(10)

    def test_points_of_nobody_are_not_found(self):
        self.assertEqual(self.post("spend-points", pk=12345, points=1).status_code, 404)

    def test_deposit_answers_with_the_new_balance(self):
        response = self.post("deposit", amount="12.50")
        self.assertEqual(response.json(), {"id": self.user.pk, "balance": "12.50", "points": 10})
        self.user.refresh_from_db()
        self.assertEqual(self.user.balance, Decimal("12.50"))
