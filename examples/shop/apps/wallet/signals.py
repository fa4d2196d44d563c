from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from apps.wallet.models import Movement, Wallet


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def open_wallet(sender, instance, created, **kwargs):
    if created:
        Wallet.objects.create(owner=instance)


@receiver(post_save, sender=Wallet)
def write_movement(sender, instance, **kwargs):
    Movement.objects.create(wallet=instance)
