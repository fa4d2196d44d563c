"""Who writes, prints and reads."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    country = models.ForeignKey("people.Country", models.SET_NULL, null=True, related_name="+")


class Country(models.Model):
    name = models.CharField(max_length=40)

    def __str__(self):
        return self.name


class Publisher(models.Model):
    name = models.CharField(max_length=40)
    country = models.ForeignKey(Country, models.SET_NULL, null=True, related_name="publishers")

    def __str__(self):
        return self.name

    @property
    def address(self):
        if self.country is None:
            return self.name
        return f"{self.name}, {self.country.name}"


class Author(models.Model):
    name = models.CharField(max_length=40)
    publisher = models.ForeignKey(Publisher, models.PROTECT, related_name="authors")
    boss = models.ForeignKey("self", models.SET_NULL, null=True, related_name="staff")

    def __str__(self):
        return f"{self.name} ({self.publisher.name})"

    @property
    def publisher_country(self):
        country = self.publisher.country
        return country.name if country else ""

    def get_boss_name(self):
        return self.boss.name if self.boss else None


class Language(models.Model):
    name = models.CharField(max_length=40)


class Profile(models.Model):
    author = models.OneToOneField(Author, models.CASCADE, related_name="profile")
    language = models.ForeignKey(Language, models.SET_NULL, null=True)
    text = models.CharField(max_length=40)


class Place(models.Model):
    """The parent of a model with tables of its own."""

    name = models.CharField(max_length=40)
    country = models.ForeignKey(Country, models.PROTECT)

    class Meta:
        ordering = ["id"]


class Branch(Place):
    manager = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="branches")
    opened = models.IntegerField()
