from django.test import TestCase
from django.urls import reverse

from apps.books.models import Author, Book, Publisher


class BookListTests(TestCase):
    def setUp(self):
        press = Publisher.objects.create(name="Press")
        house = Publisher.objects.create(name="House")
        ada = Author.objects.create(name="Ada", publisher=press)
        bob = Author.objects.create(name="Bob", publisher=house)
        engines = Book.objects.create(title="Engines", author=ada)
        engines.chapters.create(number=2, title="Cards", editor=ada)
        engines.chapters.create(number=1, title="Wheels", editor=bob)
        Book.objects.create(title="Bread", author=bob)

    def test_books_come_with_their_chapters_in_order(self):
        bread, engines = self.client.get(reverse("books")).json()
        self.assertEqual(bread, {"title": "Bread", "author": "Bob (House)", "chapters": []})
        self.assertEqual(engines["author"], "Ada (Press)")
        self.assertEqual(
            engines["chapters"],
            [
                {"number": 1, "title": "Wheels", "editor": {"name": "Bob", "publisher": "House"}},
                {"number": 2, "title": "Cards", "editor": {"name": "Ada", "publisher": "Press"}},
            ],
        )
