from decimal import Decimal
from unittest.mock import patch

from django.core import mail
from django.test import TestCase

from apps.accounts.models import Account
from apps.orders import payment_gateway, tasks
from apps.orders.models import Order


class TaskTests(TestCase):
    def setUp(self):
        account = Account.objects.create(name="ACME")
        self.order = Order.objects.create(account=account, total=Decimal("12.30"))

    def is_paid(self):
        self.order.refresh_from_db()
        return self.order.paid

    def test_order_is_paid_once_the_gateway_has_charged(self):
        with patch.object(payment_gateway, "charge", return_value="ABC"):
            tasks.process_payment.delay(self.order.pk)
        self.assertTrue(self.is_paid())

    def test_order_is_not_paid_where_the_gateway_fails(self):
        failure = payment_gateway.PaymentGatewayError(self.order.pk)
        with patch.object(payment_gateway, "charge", side_effect=failure):
            with self.assertRaises(payment_gateway.PaymentGatewayError):
                tasks.process_payment(self.order.pk)
        self.assertFalse(self.is_paid())

    def test_confirmation_names_the_total(self):
        tasks.send_confirmation.delay(self.order.pk, "a@example.com")
        (sent,) = mail.outbox
        self.assertEqual((sent.to, sent.body), (["a@example.com"], "It comes to 12.30."))
