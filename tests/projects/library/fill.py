"""Rows, each made from its number: every relation that may be null is set in some and null in others."""

from django.contrib.contenttypes.models import ContentType


def fill(start, stop):
    for number in range(start, stop):
        add(number)


def add(number):
    from people.models import Author, Branch, Country, Language, Place, Profile, Publisher, User

    country = Country.objects.create(name=f"country {number}")
    publisher = Publisher.objects.create(
        name=f"publisher {number}", country=country if number % 4 != 3 else None
    )
    user = User.objects.create(username=f"user{number}", country=country if number % 2 else None)
    user.date_joined = "2024-05-17T00:00:00Z"
    user.save()
    boss = Author.objects.create(name=f"boss {number}", publisher=publisher)
    author = Author.objects.create(
        name=f"author {number}", publisher=publisher, boss=boss if number % 2 == 0 else None
    )
    editor = Author.objects.create(name=f"editor {number}", publisher=publisher, boss=author)
    language = Language.objects.create(name=f"language {number}")
    if number % 4 != 1:
        Profile.objects.create(
            author=author, text=f"profile {number}", language=language if number % 2 == 0 else None
        )
    Place.objects.create(name=f"place {number}", country=country)
    Branch.objects.create(
        name=f"branch {number}",
        country=country,
        manager=author if number % 2 else None,
        opened=1900 + number,
    )
    add_books(number, user, author, editor, publisher)


def add_books(number, user, author, editor, publisher):
    from catalog import models

    book = models.Book.objects.create(
        title=f"book {number}",
        added_by=user if number % 2 == 0 else None,
        year=1998 + number,
        author=author,
        editor=editor if number % 3 != 2 else None,
        publisher=publisher if number % 2 else None,
        sequel_of=models.Book.objects.last() if number % 3 == 1 else None,
    )
    group = models.TagGroup.objects.create(name=f"group {number}")
    tags = [
        models.Tag.objects.create(name=f"tag {number} {each}", group=group if each else None)
        for each in range(3)
    ]
    book.tags.set(tags[: number % 4])
    for each in range(number % 3):
        models.Reading.objects.create(book=book, user=user, stars=each)
    book.related.set(models.Book.objects.exclude(pk=book.pk)[: number % 3])
    if number % 4 != 2:
        models.Cover.objects.create(
            book=book, artist=editor if number % 2 else None, colour=f"colour {number}"
        )
    for each in range(3):
        models.Chapter.objects.create(
            title=f"chapter {number} {each}",
            added_by=user if each else None,
            book=book,
            number=each,
            editor=editor if each != 1 else None,
        )
    for each in range(1 + number % 2):
        models.Review.objects.create(book=book, user=user, text=f"review {number} {each}")
    add_others(number, user, author, editor, publisher, book, tags)


def add_others(number, user, author, editor, publisher, book, tags):
    from catalog import models

    for target in (book, book.chapters.first()):
        models.Note.objects.create(
            text=f"note {number}",
            writer=author,
            content_type=ContentType.objects.get_for_model(target),
            object_id=target.pk,
        )
    draft = models.Draft.objects.create(
        title=f"draft {number}",
        added_by=user if number % 2 else None,
        author=author,
        editor=editor if number % 2 == 0 else None,
    )
    draft.tags.set(tags[: 1 + number % 3])
    top = models.Category.objects.create(name=f"top {number}")
    for each in range(2):
        models.Category.objects.create(name=f"category {number} {each}", parent=top)
    archive = models.Archive.objects.create(name=f"archive {number}", removed=number % 3 == 1)
    code = models.LegacyCode.objects.create(name=f"code {number}")
    models.Record.objects.create(
        title=f"record {number}",
        archive=archive,
        code_id=code.pk if number % 4 != 2 else 10**6 + number,
        next_code_id=(None, code.pk, 10**6 + number)[number % 3],
    )
    models.Subscription.objects.create(author=author, publisher=publisher)
