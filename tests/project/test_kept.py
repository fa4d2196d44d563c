"""What a project takes over from the state before a change, and what it reads anew."""

from __future__ import annotations

import gc
import weakref

import pytest

from djfix.codemods.project.extraction import module_facts
from djfix.codemods.project.project import Project
from djfix.codemods.project.related_names import classes_naming, is_plain_word, quoted_names
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files, WatchedFiles

SETTINGS = b"""
SECRET_KEY = "s"
DATABASES = {}
INSTALLED_APPS = ["shop"]
AUTH_USER_MODEL = "shop.User"
"""
FILES = {
    "manage.py": b'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n',
    "settings.py": SETTINGS,
    "shop/__init__.py": b"",
    "shop/models.py": b"from django.db import models\n\nclass User(models.Model):\n    pass\n",
    "shop/views.py": b"class View:\n    pass\n",
}


def project() -> Project:
    made = Project(Files.of(FILES))
    assert made.settings.auth_user_model == "shop.User"
    assert made.subclasses("django.db.models.Model") == ("shop.models.User",)
    return made


def test_settings_and_roots_are_kept_where_another_file_changed() -> None:
    before = project()
    after = before.replaced({"shop/views.py": b"class Other:\n    pass\n"})
    assert after.settings is before.settings
    assert after.roots is before.roots


def test_settings_are_kept_over_two_changes() -> None:
    before = project()
    after = before.replaced({"shop/views.py": b"x = 1\n"}).replaced({"shop/views.py": b"x = 2\n"})
    assert after.settings is before.settings


def test_a_changed_settings_module_is_read_anew() -> None:
    changed = SETTINGS.replace(b"shop.User", b"shop.Person")
    after = project().replaced({"shop/views.py": b"x = 1\n"}).replaced({"settings.py": changed})
    assert after.settings.auth_user_model == "shop.Person"


def test_a_changed_start_script_is_read_anew() -> None:
    files = {**FILES, "other.py": SETTINGS.replace(b"shop.User", b"shop.Person")}
    before = Project(Files.of(files))
    assert before.settings.auth_user_model == "shop.User"
    after = before.replaced({"manage.py": FILES["manage.py"].replace(b'"settings"', b'"other"')})
    fresh = Project(after.files)
    assert after.settings.auth_user_model == fresh.settings.auth_user_model
    assert [each.path for each in after.settings.modules] == [
        each.path for each in fresh.settings.modules
    ]


def test_a_new_file_gives_new_roots() -> None:
    after = project().replaced({"shop/settings/__init__.py": b"", "shop/more.py": b"x = 1\n"})
    assert after.path_of("shop.more") == "shop/more.py"


def test_a_class_that_a_change_brings_is_found() -> None:
    text = b"from shop.models import User\n\nclass Admin(User):\n    pass\n"
    after = project().replaced({"shop/views.py": text})
    assert after.subclasses("django.db.models.Model") == ("shop.models.User", "shop.views.Admin")


def test_a_class_that_a_change_takes_away_is_gone() -> None:
    after = project().replaced({"shop/models.py": b"x = 1\n"})
    assert after.subclasses("django.db.models.Model") == ()


def test_watched_files_note_what_is_read_and_looked_for() -> None:
    watched = WatchedFiles(Files.of(FILES))
    watched.read("settings.py")
    watched.exists("nowhere.py")
    assert watched.document("manage.py").path == "manage.py"
    assert watched.asked == {"settings.py", "nowhere.py", "manage.py"}


def test_a_search_asks_about_all_watched_files() -> None:
    watched = WatchedFiles(Files.of(FILES))
    assert watched.containing(b"class View") == ("shop/views.py",)
    assert watched.asked == set(FILES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"""x = "one", 'two'""", {b"one", b"two"}),
        (b'''"a"b"''', {b"a", b"b"}),
        (b'"""doc"""', {b"doc"}),
        (b'"two words"', set()),
        (b"name", set()),
    ],
)
def test_quoted_words(text: bytes, words: set[bytes]) -> None:
    assert quoted_names(text) == words


def test_words_that_the_quoted_ones_would_miss_are_told() -> None:
    assert is_plain_word("order_set")
    assert not is_plain_word("größe")
    assert not is_plain_word("two-words")


NAMED = "class A(M):\n    x = {}\n\nclass B(M):\n    y = 1\n"


@pytest.mark.parametrize(
    "value",
    [
        'ForeignKey(B, CASCADE, related_name="orders")',
        'ForeignKey(B, CASCADE, "orders")',
        'ForeignKey(B, **{"related_name": "orders"})',
        'ManyToManyField(B, "orders")',
    ],
)
def test_a_class_that_hands_the_name_to_a_call_is_one(value: str) -> None:
    assert naming(NAMED.format(value)) == {("A",)}


@pytest.mark.parametrize(
    "value", ['CharField("orders")', '["orders"]', 'ForeignKey("orders", CASCADE)', "orders()"]
)
def test_a_verbose_name_a_list_and_a_target_name_no_relation(value: str) -> None:
    assert naming(NAMED.format(value)) == frozenset()


@pytest.mark.parametrize(
    "head",
    [
        'NAME = "orders"\n',
        'OPTIONS = {"related_name": "orders"}\n',
        'OPTIONS = dict(related_name="orders")\n',
        'class Names:\n    ORDERS = "orders"\n',
    ],
)
def test_a_name_in_a_variable_may_be_of_any_class(head: str) -> None:
    assert naming(head + NAMED.format("1")) is None


def naming(text: str) -> frozenset[tuple[str, ...]] | None:
    document = Document("models.py", text.encode())
    return classes_naming(module_facts(document.tree, document.segment), "orders")


def test_a_picture_that_is_let_go_leaves_nothing_for_the_collector() -> None:
    before = project()
    parts = [weakref.ref(before._links), weakref.ref(before._links.linker)]
    gc.disable()
    try:
        before.let_go()
        assert [part() for part in parts] == [None, None]
    finally:
        gc.enable()
