from django.conf import settings
from django.db import models

from common.models import TimeStamped


class Wallet(TimeStamped):
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    coins = models.IntegerField(default=0)


class Movement(models.Model):
    """One line for each save of a wallet, written by a signal receiver."""

    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="movements")
    at = models.DateTimeField(auto_now_add=True)


class Tab(TimeStamped):
    name = models.CharField(max_length=50, unique=True)
    drinks = models.PositiveIntegerField(default=0)


class Coupon(models.Model):
    code = models.CharField(max_length=20, unique=True)
    left = models.IntegerField(default=1)

    def save(self, *args, **kwargs):
        self.code = self.code.upper()
        super().save(*args, **kwargs)
