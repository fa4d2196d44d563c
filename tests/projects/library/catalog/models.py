"""What stands on the shelves: every kind of relation that Django has."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

from people.models import Author, Publisher


class Titled(models.Model):
    """Abstract: its key to the user belongs to each model that extends it."""

    title = models.CharField(max_length=40)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="%(class)ss"
    )

    class Meta:
        abstract = True


class TagGroup(models.Model):
    name = models.CharField(max_length=40)


class Tag(models.Model):
    name = models.CharField(max_length=40)
    group = models.ForeignKey(TagGroup, models.SET_NULL, null=True, related_name="tags")

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.group.name}/{self.name}" if self.group else self.name


class BookQuerySet(models.QuerySet):
    def with_author(self):
        return self.select_related("author")

    def with_tags(self):
        return self.prefetch_related("tags")

    def recent(self):
        return self.filter(year__gte=2000)


class Book(Titled):
    year = models.IntegerField(default=2000)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="edited")
    publisher = models.ForeignKey("people.Publisher", models.SET_NULL, null=True)
    sequel_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="sequels")
    tags = models.ManyToManyField(Tag, related_name="books")
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Reading", related_name="books_read"
    )
    related = models.ManyToManyField("self")
    notes = GenericRelation("catalog.Note")

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.title

    @property
    def author_address(self):
        return self.author.publisher.address

    @property
    def tag_names(self):
        return [tag.name for tag in self.tags.all()]

    def get_editor_name(self):
        return self.editor.name if self.editor else ""


class Novel(Book):
    """A proxy."""

    class Meta:
        proxy = True


class Reading(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    stars = models.IntegerField()

    class Meta:
        ordering = ["id"]


class Cover(models.Model):
    book = models.OneToOneField(Book, models.CASCADE, related_name="cover")
    artist = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="covers")
    colour = models.CharField(max_length=40)


class Chapter(Titled):
    book = models.ForeignKey(Book, models.CASCADE, related_name="chapters")
    number = models.IntegerField()
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="chapters")

    class Meta:
        ordering = ["number", "id"]


class Review(models.Model):
    """Without a related_name, and without an order."""

    book = models.ForeignKey(Book, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    text = models.CharField(max_length=40)


class Note(models.Model):
    text = models.CharField(max_length=40)
    writer = models.ForeignKey(Author, models.CASCADE, related_name="notes_written")
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey()

    class Meta:
        ordering = ["id"]


class Draft(Titled):
    """Without an order."""

    author = models.ForeignKey(Author, models.CASCADE, related_name="drafts")
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="+")
    tags = models.ManyToManyField(Tag)


class Category(models.Model):
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")

    class Meta:
        ordering = ["id"]


class Present(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(removed=False)


class Archive(models.Model):
    """Removed rows are hidden also from those who point to them."""

    name = models.CharField(max_length=40)
    removed = models.BooleanField(default=False)

    objects = Present()
    all_objects = models.Manager()

    class Meta:
        base_manager_name = "objects"


class LegacyCode(models.Model):
    name = models.CharField(max_length=40)


class Record(models.Model):
    """Points to rows that are hidden, and to rows that are gone."""

    title = models.CharField(max_length=40)
    archive = models.ForeignKey(Archive, models.CASCADE, related_name="records")
    code = models.ForeignKey(LegacyCode, models.DO_NOTHING, db_constraint=False)
    next_code = models.ForeignKey(
        LegacyCode, models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]


class SubscriptionManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("author")


class Subscription(models.Model):
    """Its default manager loads the author."""

    author = models.ForeignKey(Author, models.CASCADE)
    publisher = models.ForeignKey(Publisher, models.CASCADE)

    objects = SubscriptionManager()

    class Meta:
        ordering = ["id"]
