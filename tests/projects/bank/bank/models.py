from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


class User(models.Model):
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    points = models.IntegerField(default=0)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=12, decimal_places=2)


class Wallet(models.Model):
    """Watched: each save moves the time stamp and is written down."""

    coins = models.IntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)


class Movement(models.Model):
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE)


class Member(User):
    """Its balance stands in another table."""

    since = models.DateField(null=True)


@receiver(post_save, sender=Wallet)
def write_movement(sender, instance, created, **kwargs):
    Movement.objects.create(wallet=instance)
