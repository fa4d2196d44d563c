from django.db import models


class OutOfStockError(Exception):
    """There are fewer pieces than were asked for."""


class Product(models.Model):
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    sold = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    returned_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return self.name

    def receive(self, quantity: int):
        self.stock += quantity
        self.save()

    def take(self, quantity: int):
        if self.stock < quantity:
            raise OutOfStockError(self.name)
        self.stock -= quantity
        self.save()

    @property
    def available(self):
        return self.stock - self.reserved


class DailyViews(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="daily_views")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "day"], name="one_counter_a_day"),
        ]


class Shelf(models.Model):
    """A shelf knows when it is full: its `save` reads the load."""

    load = models.IntegerField(default=0)
    capacity = models.IntegerField(default=10)
    is_full = models.BooleanField(default=False)

    def save(self, *args, **kwargs):
        self.is_full = self.load >= self.capacity
        super().save(*args, **kwargs)
