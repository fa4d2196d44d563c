from django.conf import settings
from django.db import models

from apps.accounts.models import Account
from apps.inventory.models import Product


class Order(models.Model):
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    total = models.DecimalField(max_digits=12, decimal_places=2)
    paid = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["paid", "-id"], name="order_paid_idx")]

    def confirm_again(self, address: str) -> None:
        send_confirmation.delay(self.pk, address)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()


# The tasks import the models: at the top this would be a circle.
from apps.orders.tasks import send_confirmation  # noqa: E402
