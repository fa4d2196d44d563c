from io import BytesIO
from unittest.mock import patch
from urllib.error import URLError

from django.test import TestCase

from apps.books import tasks
from apps.books.models import Author, Book, Publisher


class TaskTests(TestCase):
    def setUp(self):
        author = Author.objects.create(
            name="Ada", publisher=Publisher.objects.create(name="Press")
        )
        self.book = Book.objects.create(title="Notes", author=author)

    def title(self):
        self.book.refresh_from_db()
        return self.book.title

    def test_title_is_that_of_the_catalogue(self):
        with patch.object(tasks, "urlopen", return_value=BytesIO(b'{"title": "Sketch"}')):
            tasks.refresh_title.delay(self.book.pk)
        self.assertEqual(self.title(), "Sketch")

    def test_title_stays_where_the_catalogue_fails(self):
        with patch.object(tasks, "urlopen", side_effect=URLError("refused")):
            with self.assertRaises(URLError):
                tasks.refresh_title(self.book.pk)
        self.assertEqual(self.title(), "Notes")
