"""One model for each thing that decides whether many rows may be written by one query."""

from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver

HEARD = []


class Order(models.Model):
    number = models.CharField(max_length=20)


class Item(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    number = models.IntegerField(default=0)
    label = models.CharField(max_length=20, default="")


class Stamped(models.Model):
    number = models.IntegerField(default=0)
    changed = models.DateTimeField(auto_now=True)
    added = models.DateTimeField(auto_now_add=True)


class Heard(models.Model):
    number = models.IntegerField(default=0)


@receiver(post_save, sender=Heard)
def hear(sender, instance, **kwargs):
    HEARD.append(instance.number)


class Derived(models.Model):
    number = models.IntegerField(default=0)
    double = models.IntegerField(default=0)

    def save(self, *args, **kwargs):
        self.double = self.number * 2
        super().save(*args, **kwargs)


class PlaceField(models.IntegerField):
    """The number of rows before it."""

    def pre_save(self, model_instance, add):
        value = type(model_instance).objects.count()
        setattr(model_instance, self.attname, value)
        return value


class Placed(models.Model):
    number = models.IntegerField(default=0)
    place = PlaceField(default=0)
