from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    points = models.PositiveIntegerField(default=0)


class Account(models.Model):
    """What a company owes and is owed."""

    name = models.CharField(max_length=100)
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    payments = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.name
