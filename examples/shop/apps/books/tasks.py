import json
from urllib.request import urlopen

from celery import shared_task
from django.conf import settings

from apps.books.models import Book


@shared_task
def refresh_title(book_id: int):
    with urlopen(f"{settings.CATALOGUE}/{book_id}", timeout=10) as answer:
        title = json.load(answer)["title"]
    Book.objects.filter(id=book_id).update(title=title)
