"""The Project as a whole: order of questions, changes, the cache, what counts as asked."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from djfix.codemods.project.project import Project, ProjectConfiguration
from djfix.codemods.source.cache import Cache
from djfix.codemods.source.files import Files
from tests.project.sample import FILES

NAMES = (
    "shop.models.Order",
    "shop.models.Addition",
    "shop.models.places.Bistro",
    "shop.models.places.NoisyPlace",
    "shop.models.orders.Account",
    "stock.models.Item",
    "stock.models.Mixed",
    "people.models.Person",
    "shop.bases.Owned",
    "django.contrib.auth.models.Group",
)

Question = Callable[[Project], object]


def questions() -> list[Question]:
    asked: list[Question] = [
        lambda project: project.user_model(),
        lambda project: project.subclasses("django.db.models.Model"),
        lambda project: project.subclasses("shop.bases.Stamped"),
        lambda project: project.resolve("shop/models/orders.py", "User"),
        lambda project: project.resolve("shop/models/orders.py", "Money"),
        lambda project: project.resolve("stock/models.py", "shop_models.Addition"),
        lambda project: project.model_by_label("shop.note"),
        lambda project: project.importers("shop/bases.py", "Owned"),
        lambda project: project.callers("shop.bases.Loud.shout"),
        lambda project: project.settings.auth_user_model,
    ]
    for name in NAMES:
        asked += [
            lambda project, name=name: project.model(name),  # type: ignore[misc]
            lambda project, name=name: described(project, name),  # type: ignore[misc]
            lambda project, name=name: project.mro(name),  # type: ignore[misc]
        ]
    return asked


def described(project: Project, name: str) -> object:
    model = project.model(name)
    return None if model is None else dict(model.reverse)


def test_answers_do_not_depend_on_the_order_of_questions() -> None:
    asked = questions()
    alone = [ask(Project(Files.of(FILES))) for ask in asked]
    assert all(each is not None for each in alone)
    for seed in range(6):
        order = list(range(len(asked)))
        random.Random(seed).shuffle(order)
        project = Project(Files.of(FILES))
        for index in order:
            assert asked[index](project) == alone[index], (seed, index)


def test_a_changed_file_is_read_again() -> None:
    project = Project(Files.of(FILES))
    before = project.model("stock.models.Item")
    assert before is not None
    text = FILES["stock/models.py"].replace("in_stock", "left")
    changed = project.replaced({"stock/models.py": text.encode()})
    after = changed.model("stock.models.Item")
    assert after is not None
    assert "left" in after.fields
    assert "in_stock" not in after.fields
    assert project.model("stock.models.Item") == before


def test_a_new_file_is_found() -> None:
    project = Project(Files.of(FILES))
    assert project.subclasses("stock.models.Item") == ()
    text = b"from stock.models import Item\nclass Special(Item): ...\n"
    changed = project.replaced({"stock/special.py": text})
    assert changed.subclasses("stock.models.Item") == ("stock.special.Special",)


def test_unchanged_files_are_not_read_again() -> None:
    project = Project(Files.of(FILES))
    facts = project.module("shop/bases.py")
    changed = project.replaced({"stock/models.py": b""})
    assert changed.module("shop/bases.py") is facts
    assert changed.module("stock/models.py") is not project.module("stock/models.py")


def test_the_cache_gives_the_same_answers(tmp_path: Path) -> None:
    fresh = Project(Files.of(FILES)).model("shop.models.Order")
    for _ in range(2):
        cache = Cache(tmp_path / "cache.sqlite")
        project = Project(Files.of(FILES), cache=cache)
        assert project.model("shop.models.Order") == fresh
        cache.save()
        cache.close()


def test_cached_facts_are_used(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite")
    files = Files.of({"a.py": "class A: ...\n", "manage.py": ""})
    assert Project(files, cache=cache).module("a.py") is not None
    read = Project(files, cache=cache)
    read.files.document = None  # type: ignore[assignment,method-assign]
    facts = read.module("a.py")
    assert facts is not None
    assert facts.classes[0].name == "A"


@pytest.mark.parametrize("text", [b"def (:\n", b"\xff\xfe\x00", b"# coding: nonsense\nA = 1\n"])
def test_a_file_that_cannot_be_read_has_no_facts(text: bytes) -> None:
    project = Project(Files.of({"manage.py": "", "a.py": text}))
    assert project.module("a.py") is None
    assert project.resolve("a.py", "A") is None
    assert project.class_named("a.A") is None


def test_configured_roots_are_used() -> None:
    configuration = ProjectConfiguration(source_roots=("code",))
    project = Project(Files.of({"code/shop/a.py": ""}), configuration=configuration)
    assert project.module_of("code/shop/a.py") == "shop.a"
    assert project.path_of("shop.a") == "code/shop/a.py"


def test_asking_is_noticed_and_forgotten() -> None:
    project = Project(Files.of(FILES))
    assert not project.asked
    project.resolve("shop/bases.py", "m")
    assert project.asked
    project.forget()
    assert not project.asked
    assert project.settings.auth_user_model == "crowd.Person"
    assert project.asked


def test_a_value_is_found_through_imports() -> None:
    project = Project(
        Files.of(
            {
                "manage.py": "",
                "a.py": "LIMIT = 3\nTWICE = 1\nTWICE = 2\nclass A:\n    MOST = 5\n",
                "b.py": "from a import LIMIT as L, TWICE, A\n",
            }
        )
    )
    found = [project.value_of("b.py", name) for name in ("L", "TWICE", "A.MOST", "A.NONE")]
    assert [each and each.value for each in found] == [3, None, 5, None]
