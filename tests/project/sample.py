"""A small project whose models are of all kinds that Django knows."""

from __future__ import annotations

SETTINGS = """
SECRET_KEY = "test"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sites",
    "people.apps.PeopleConfig",
    "shop",
    "stock",
    "odd",
]
AUTH_USER_MODEL = "crowd.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SITE_ID = 1
"""

BASES = """
from django.db import models as m


class Loud:
    shouted = m.IntegerField(default=0)
    hidden = None

    def shout(self):
        return "!"


class PublishedQuerySet(m.QuerySet):
    def published(self):
        return self.filter(hidden=False)


class PublishedManager(m.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Stamped(m.Model):
    created = m.DateTimeField(auto_now_add=True)
    updated = m.DateTimeField(auto_now=True)
    hidden = m.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering = ["-created"]


class Owned(Stamped):
    owner = m.ForeignKey(
        "crowd.Person", m.CASCADE, related_name="%(app_label)s_%(class)s_owned",
        related_query_name="%(class)s_of",
    )
    peer = m.ForeignKey("self", m.SET_NULL, null=True)
    near = m.ForeignKey("Place", m.SET_NULL, null=True, related_name="+")

    live = PublishedManager()
    everything = m.Manager.from_queryset(PublishedQuerySet)()

    class Meta(Stamped.Meta):
        abstract = True


class Labelled(m.Model):
    code = m.CharField(max_length=5)

    class Meta:
        abstract = True
        app_label = "stock"
        default_related_name = "labels_%(class)s"


class UpperField(m.CharField):
    def get_prep_value(self, value):
        return value and value.upper()


class PlainField(m.IntegerField):
    description = "nothing of its own"
"""

PEOPLE = """
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class PersonManager(BaseUserManager):
    def create_user(self, name):
        return self.create(name=name)


class Person(AbstractBaseUser, PermissionsMixin):
    name = models.CharField(max_length=20, unique=True)
    last_login = None
    USERNAME_FIELD = "name"
    objects = PersonManager()
"""

SHOP_INIT = """
from .places import Place, Restaurant, Bistro, Kiosk
from .orders import *
from .extra import Extra as Addition
"""

PLACES = """
from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from ..bases import Owned, Stamped, Loud

if TYPE_CHECKING:
    from .orders import Order


class Place(Stamped):
    name = models.CharField("name", max_length=50, unique=True)
    neighbours = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")


class Restaurant(Place):
    stars = models.IntegerField(default=0)


class Bistro(Restaurant):
    restaurant = models.OneToOneField(
        Restaurant, models.CASCADE, parent_link=True, related_name="as_bistro"
    )

    class Meta:
        default_manager_name = "objects"


class Kiosk(Owned):
    created = None
    place = models.OneToOneField(Place, models.CASCADE, primary_key=True)

    class Meta(Owned.Meta):
        unique_together = ("owner", "place")


class Loudspeaker(Loud, Stamped):
    volume = models.FloatField(null=True)


class QuietPlace(Place):
    class Meta:
        proxy = True
        ordering = ["name"]


class NoisyPlace(QuietPlace):
    class Meta:
        proxy = True
"""

ORDERS = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import DecimalField as Money

from shop.bases import Owned, PlainField, PublishedManager, PublishedQuerySet, UpperField

__all__ = ["Order", "Line", "Note", "Account", "Profile"]

NULLABLE = {"null": True, "blank": True}
User = get_user_model()


class OrderManager(models.Manager.from_queryset(PublishedQuerySet)):
    pass


class Order(models.Model):
    class Status(models.TextChoices):
        OPEN = "open"
        DONE = "done"

    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    clerk = models.ForeignKey(User, models.SET_NULL, related_name="handled", **NULLABLE)
    status = models.CharField(max_length=5, choices=Status.choices)
    total = Money(max_digits=8, decimal_places=2, default=0)
    lead = models.DurationField(**NULLABLE)
    goods = models.ManyToManyField("stock.Item", through="Line", related_query_name="ordered")
    notes = GenericRelation("Note")
    objects = OrderManager()
    raw = models.Manager()

    class Meta:
        base_manager_name = "raw"
        get_latest_by = "pk"

    @property
    def is_open(self):
        return self.status == self.Status.OPEN


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    item = models.ForeignKey("stock.Item", models.PROTECT)
    quantity = models.PositiveIntegerField(default=1)
    position = PlainField(unique=True)

    class Meta:
        unique_together = [("order", "item"), ["order", "position"]]
        ordering = ("position",)


class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()
    text = UpperField(max_length=100)
    place = models.ForeignKey("Place", models.CASCADE, null=True, related_name="+")
    site = models.ForeignKey("sites.Site", models.CASCADE)


class Account(Owned):
    slug = models.SlugField(primary_key=True)
    payload = models.JSONField(default=dict)
    objects = PublishedQuerySet.as_manager()

    class Meta:
        db_table = "account"


class Profile(models.Model):
    user = models.OneToOneField("crowd.Person", models.CASCADE)
    groups = models.ManyToManyField("auth.Group", related_name="profiles")
    published = PublishedManager()
    objects = models.Manager()

    class Meta:
        managed = False
"""

EXTRA = """
from django.db import models
from shop.models.places import Place


class Extra(models.Model):
    place = models.ForeignKey(Place, models.CASCADE, related_name="extras")
    amount = models.IntegerField(null=True)

    class Meta:
        app_label = "shop"


class SpecialExtra(Extra):
    worth = models.BigIntegerField()
"""

STOCK = """
from django.db import models
from shop.bases import Labelled
import shop.models as shop_models


class Item(models.Model):
    id = models.UUIDField(primary_key=True)
    in_stock = models.SmallIntegerField(default=0)
    shelf = models.ForeignKey(shop_models.Place, models.DO_NOTHING, db_constraint=False)
    substitute = models.OneToOneField("Item", models.SET_NULL, null=True)

    class Meta:
        default_related_name = "%(class)ss"


class Label(Labelled):
    item = models.ForeignKey(Item, models.CASCADE)


class Mixed(Labelled, shop_models.Addition):
    weight = models.FloatField()

    class Meta:
        app_label = "stock"
"""

ODD = """
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from shop.models import Place, Restaurant
from shop.models.places import QuietPlace


class OneManager(models.Manager):
    pass


class TwoManager(models.Manager):
    pass


class Root(models.Model):
    size = models.IntegerField()
    gone = models.IntegerField()
    tagged = models.ManyToManyField(Group, related_name="%(class)s_tagged")
    one = OneManager()

    class Meta:
        abstract = True
        ordering = ["size"]
        unique_together = ("size", "gone")


class Left(Root):
    size = models.FloatField()

    class Meta:
        abstract = True


class Right(Root):
    gone = None
    two = TwoManager()
    size = models.BigIntegerField()

    class Meta(Root.Meta):
        abstract = True
        unique_together = ()
        default_manager_name = "two"


class Diamond(Left, Right):
    pass


class Facet(Right, Left):
    one = TwoManager()


class Whole(Root):
    objects = models.Manager()


class WholeChild(Whole):
    special = TwoManager()


class WholeGrandchild(WholeChild):
    class Meta:
        ordering = ["-size"]


class WholeProxy(WholeGrandchild):
    late = OneManager()

    class Meta:
        proxy = True


class Generic(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=9)
    thing = GenericForeignKey("content_type", "object_id")

    class Meta:
        abstract = True


class Tag(Generic):
    word = models.CharField(max_length=9)


class SpecialTag(Tag):
    extra = models.GeneratedField(
        expression=models.F("weight") + 1, output_field=models.IntegerField(), db_persist=True
    )
    weight = models.IntegerField()


class First(models.Model):
    first_id = models.AutoField(primary_key=True)
    a = models.IntegerField()

    class Meta:
        ordering = ["a"]


class Second(models.Model):
    second_id = models.AutoField(primary_key=True)
    b = models.IntegerField()


class Both(First, Second):
    c = models.IntegerField()


class OverFirst(First):
    d = models.IntegerField()

    class Meta:
        abstract = True


class Concrete(OverFirst):
    e = models.IntegerField()

    def d(self):
        return 1


class Plain:
    class Meta:
        ordering = ["hidden"]
        verbose_name = "plain"

    size = models.IntegerField()


class WithPlain(Plain, Root):
    pass


class Linking(models.Model):
    place = models.OneToOneField(Place, models.CASCADE, parent_link=True)

    class Meta:
        abstract = True


class Linked(Linking, Place):
    pass


class Team(Group):
    motto = models.CharField(max_length=9)


class Customer(AbstractUser):
    username = None
    email = models.EmailField(unique=True)
    groups = models.ManyToManyField(Group, related_name="customers")
    user_permissions = None
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []


class ToProxy(models.Model):
    quiet = models.ForeignKey(QuietPlace, models.CASCADE, related_query_name="by_proxy")
    hidden = models.ManyToManyField(Restaurant, related_name="secret+")

    class Meta:
        default_related_name = "%(app_label)s_%(model_name)ss"


class Ordered(models.Model):
    tag = models.ForeignKey("odd.Tag", models.CASCADE)

    class Meta:
        order_with_respect_to = "tag"


if True:
    class Conditional(models.Model):
        value = models.IntegerField()
"""

FILES = {
    "manage.py": "",
    "config/__init__.py": "",
    "config/settings.py": SETTINGS,
    "people/__init__.py": "",
    "people/apps.py": (
        "from django.apps import AppConfig\n\n\n"
        "class PeopleConfig(AppConfig):\n"
        '    name = "people"\n    label = "crowd"\n'
        '    default_auto_field = "django.db.models.AutoField"\n'
    ),
    "people/models.py": PEOPLE,
    "shop/__init__.py": "",
    "shop/bases.py": BASES,
    "shop/models/__init__.py": SHOP_INIT,
    "shop/models/places.py": PLACES,
    "shop/models/orders.py": ORDERS,
    "shop/models/extra.py": EXTRA,
    "stock/__init__.py": "",
    "stock/models.py": STOCK,
    "odd/__init__.py": "",
    "odd/models.py": ODD,
}
