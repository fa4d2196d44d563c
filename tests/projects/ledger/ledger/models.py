"""One model for each thing that makes a save differ from an update."""

import datetime

from django.db import models
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

SEEN = []
"""What the receivers saw, in order."""


class Common(models.Model):
    slug = models.CharField(max_length=20, unique=True)
    group = models.IntegerField(default=0)
    title = models.CharField(max_length=20, default="")
    n = models.IntegerField(default=0)
    m = models.IntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def is_low(self):
        return self.n < 60

    @property
    def noted(self):
        setattr(self, "title", "noted")
        return self.title

    @property
    def doubled(self):
        return self.m * 2

    @doubled.setter
    def doubled(self, value):
        self.m = value // 2


class Account(Common):
    """Nothing special."""

    maybe = models.IntegerField(null=True)
    amount = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    ratio = models.FloatField(default=0)
    span = models.DurationField(default=datetime.timedelta)


class Entry(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="entries")
    n = models.IntegerField(default=0)


class Link(models.Model):
    """Its save changes the account that it is made for."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)

    def save(self, *args, **kwargs):
        self.account.m += 1
        super().save(*args, **kwargs)


class Stamped(Common):
    updated_at = models.DateTimeField(auto_now=True)


class VersionField(models.IntegerField):
    """Counts the saves that list it."""

    def pre_save(self, model_instance, add):
        value = (getattr(model_instance, self.attname) or 0) + 1
        setattr(model_instance, self.attname, value)
        return value


class Versioned(Common):
    version = VersionField(default=0)


class Watched(Common):
    """Receivers look at each save."""


@receiver([pre_save, post_save], sender=Watched)
def write_down(sender, instance, signal, created=None, **kwargs):
    name = "pre_save" if signal is pre_save else "post_save"
    SEEN.append((name, instance.pk, str(instance.n), created, kwargs["update_fields"] is None))


class Greeted(Common):
    """A receiver greets new rows only."""


@receiver(post_save, sender=Greeted)
def greet(sender, instance, created, **kwargs):
    if created:
        SEEN.append(("greeted", instance.pk, str(instance.n), created))


class Derived(Common):
    """Its save derives a column from the one that is changed."""

    is_large = models.BooleanField(default=False)

    def save(self, *args, **kwargs):
        self.is_large = self.n > 50
        super().save(*args, **kwargs)


class VisibleManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Hidden(Common):
    """The default manager does not see all rows."""

    hidden = models.BooleanField(default=False)

    objects = VisibleManager()
    everything = models.Manager()


class LoudQuerySet(models.QuerySet):
    def update(self, **kwargs):
        SEEN.append(("updated", sorted(kwargs)))
        return super().update(**kwargs)


class Managed(Common):
    """Its manager does more when it updates."""

    objects = LoudQuerySet.as_manager()


class Child(Account):
    """Most of its columns stand in the table of its parent."""

    own = models.IntegerField(default=0)


class Placed(models.Model):
    """Each gets its place among those of its account when it is saved."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)

    class Meta:
        order_with_respect_to = "account"


def next_number():
    return Numbered.objects.count() + 1


class Numbered(models.Model):
    """Its default counts the rows before it."""

    number = models.IntegerField(default=next_number)
    m = models.IntegerField(default=0)


class DoublingQuerySet(models.QuerySet):
    def create(self, **kwargs):
        return super().create(**{**kwargs, "n": kwargs["n"] * 2 + 1})


class Owned(models.Model):
    """Its queryset creates in its own way."""

    n = models.IntegerField(default=0)

    objects = DoublingQuerySet.as_manager()


class PlaceField(models.IntegerField):
    """Counts the rows before it when it is saved."""

    def pre_save(self, model_instance, add):
        value = type(model_instance).objects.count()
        setattr(model_instance, self.attname, value)
        return value


class Counting(models.Model):
    place = PlaceField(default=0)


class OddQuerySet(models.QuerySet):
    def count(self):
        return super().count() + 1


class Odd(models.Model):
    """Its queryset counts in its own way."""

    n = models.IntegerField(default=0)

    objects = OddQuerySet.as_manager()
