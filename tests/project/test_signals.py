"""Which receivers a model's signals reach, over all the ways in which projects connect them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from djfix.codemods.project.project import Project
from djfix.codemods.project.signal_facts import as_plain, from_plain, signal_facts
from djfix.codemods.project.signals import Receiver
from djfix.codemods.source.cache import Cache
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

BASE = {
    "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
    "config/__init__.py": "",
    "config/settings.py": (
        'INSTALLED_APPS = ["django.contrib.auth", "users", "shop"]\n'
        'AUTH_USER_MODEL = "users.User"\n'
    ),
    "users/__init__.py": "",
    "users/models.py": (
        "from django.contrib.auth.models import AbstractUser\nclass User(AbstractUser):\n    pass\n"
    ),
    "shop/__init__.py": "",
    "shop/models.py": (
        "from django.db import models\n"
        "class Item(models.Model):\n    pass\n"
        "class Order(models.Model):\n    items = models.ManyToManyField(Item)\n"
        "class Special(Order):\n    pass\n"
        "class Alias(Order):\n    class Meta:\n        proxy = True\n"
    ),
}
ORDER = "shop.models.Order"
HEAD = (
    "from django.db.models.signals import post_save, pre_save, post_delete\n"
    "from django.dispatch import receiver\n"
    "from shop.models import Order, Item, Special, Alias\n"
)


def receivers(
    text: str,
    model: str = ORDER,
    signals: tuple[str, ...] = ("pre_save", "post_save"),
    **others: str,
) -> tuple[Receiver, ...]:
    files = (
        BASE | {"shop/signals.py": text} | {f"shop/{key}.py": each for key, each in others.items()}
    )
    return Project(Files.of(files)).receivers(model, signals)


def heard(text: str, model: str = ORDER) -> list[tuple[str, str]]:
    return [(each.function, each.signal) for each in receivers(HEAD + text, model)]


CONNECT = "post_save.connect(handle, sender=model)\n"
HANDLE = "def handle(sender, instance, **kwargs):\n    pass\n"
HEARD = {
    "decorated": f"@receiver(post_save, sender=Order)\n{HANDLE}",
    "connected": f"{HANDLE}post_save.connect(handle, sender=Order)\n",
    "connected_by_position": f"{HANDLE}post_save.connect(handle, Order)\n",
    "connected_by_keyword": f"{HANDLE}post_save.connect(receiver=handle, sender=Order)\n",
    "for_every_model": f"@receiver(post_save)\n{HANDLE}",
    "for_every_model_by_none": f"{HANDLE}post_save.connect(handle, sender=None)\n",
    "by_label": f'{HANDLE}post_save.connect(handle, sender="shop.Order")\n',
    "through_the_signals_module": (
        f"from django.db.models import signals\n{HANDLE}"
        "signals.post_save.connect(handle, sender=Order)\n"
    ),
    "through_models_signals": (
        f"from django.db import models\n{HANDLE}models.signals."
        "post_save.connect(handle, sender=Order)\n"
    ),
    "by_another_name": (
        "from django.db.models.signals import post_save as saved\n"
        f"from django.dispatch import receiver as on\n@on(saved, sender=Order)\n{HANDLE}"
    ),
    "by_getattr": (
        f"from django.db.models import signals\n{HANDLE}"
        'getattr(signals, "post_save").connect(handle)\n'
    ),
    "in_a_loop_over_models": (f"{HANDLE}for model in (Item, Order):\n    {CONNECT}"),
    "in_a_loop_over_a_named_list": (
        f"{HANDLE}MODELS = [Item, Order]\nfor model in MODELS:\n    {CONNECT}"
    ),
    "in_a_loop_over_signals": (
        f"{HANDLE}for signal in [post_save]:\n    signal.connect(handle, sender=Order)\n"
    ),
    "in_a_loop_over_pairs": (
        f"{HANDLE}for signal, model in [(post_save, Order)]:\n    signal.{CONNECT[10:]}"
    ),
    "in_a_loop_over_a_dict": (
        f"{HANDLE}for signal, model in {{post_save: Order}}.items():\n    signal.{CONNECT[10:]}"
    ),
    "under_a_key_of_a_dictionary": (
        f'{HANDLE}SIGNALS = {{"a": post_save}}\nSIGNALS["a"].connect(handle, sender=Order)\n'
    ),
    "at_a_place_in_a_list": (
        f"{HANDLE}SAVING = [post_save]\nSAVING[0].connect(handle, sender=Order)\n"
    ),
    "with_a_dispatch_uid": f'{HANDLE}post_save.connect(handle, sender=Order, dispatch_uid="x")\n',
    "in_one_branch": f"{HANDLE}if True:\n    post_save.connect(handle, sender=Order)\n",
}


@pytest.mark.parametrize("text", HEARD.values(), ids=HEARD.keys())
def test_hears(text: str) -> None:
    assert heard(text) == [("shop.signals.handle", "post_save")]


SILENT = {
    "of_another_model": f"@receiver(post_save, sender=Item)\n{HANDLE}",
    "of_a_child": f"@receiver(post_save, sender=Special)\n{HANDLE}",
    "of_a_proxy": f"@receiver(post_save, sender=Alias)\n{HANDLE}",
    "of_another_signal": f"@receiver(post_delete, sender=Order)\n{HANDLE}",
    "of_a_through_model": f"{HANDLE}post_save.connect(handle, sender=Order.items.through)\n",
    "of_ones_own_signal": (
        f"from django.dispatch import Signal\npost_save = Signal()\n@receiver(post_save)\n{HANDLE}"
    ),
    "of_a_loop_over_others": f"{HANDLE}for model in [Item, Alias]:\n    {CONNECT}",
    "a_socket": "import socket\ns = socket.socket()\ns.connect((post_save, 1))\n",
    "only_disconnected": f"{HANDLE}post_save.disconnect(handle, sender=Order)\n",
    "ones_own_under_a_key": (
        "from django.dispatch import Signal\n"
        f'{HANDLE}SIGNALS = {{"a": Signal()}}\nSIGNALS["a"].connect(handle, sender=Order)\n'
    ),
    "only_sent": "post_save.send(sender=Order)\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT.keys())
def test_does_not_hear(text: str) -> None:
    assert heard(text) == []


JUDGE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "users", "shop"],
    AUTH_USER_MODEL="users.User",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
from django.db.models.signals import post_save
from shop.models import Order
kept = []
for text in json.loads(sys.stdin.read()):
    post_save.receivers, before = [], post_save.receivers
    post_save.sender_receivers_cache.clear()
    kept.append({"__name__": "shop.signals"})
    exec(text, kept[-1])
    print(int(post_save.has_listeners(Order)))
"""


def test_django_itself_hears_the_same(tmp_path: Path) -> None:
    for path, text in BASE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    silent = [text for name, text in SILENT.items() if name != "a_socket"]
    texts = [HEAD + text for text in (*HEARD.values(), *silent)]
    command = [sys.executable, "-c", JUDGE, str(tmp_path)]
    done = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1"] * len(HEARD) + ["0"] * len(silent), done.stderr


UNKNOWN = {
    "an_argument": f"{HANDLE}def track(model):\n    {CONNECT}",
    "a_loop_over_unknown": (f"{HANDLE}for model in find():\n    {CONNECT}"),
    "unpacked_options": f"{HANDLE}post_save.connect(handle, **options)\n",
    "class_prepared": (
        "from django.db.models.signals import class_prepared\n"
        f"{HANDLE}def prepare(sender, **kwargs):\n    post_save.connect(handle, sender=sender)\n"
        "class_prepared.connect(prepare)\n"
    ),
    "another_decorator": f"from lib import on_saved\n@on_saved(post_save)\n{HANDLE}",
    "a_signal_in_an_argument": (
        f"{HANDLE}def hook(signal):\n    signal.connect(handle)\nhook(post_save)\n"
    ),
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_sender_or_signal_that_only_running_code_knows_may_be_any(text: str) -> None:
    found = [each for each in receivers(HEAD + text) if each.signal == "post_save"]
    assert [each.sender for each in found] == [None]
    assert found[0].sender_unknown or text == UNKNOWN["a_signal_in_an_argument"]


def test_a_label_without_a_model_is_at_least_not_that_of_another() -> None:
    text = f'{HEAD}@receiver(post_save, sender="gone.Thing")\n{HANDLE}'
    assert receivers(text) == ()


def test_a_class_of_another_package_is_no_model_of_the_project() -> None:
    text = f"{HEAD}from lib.models import Thing\n@receiver(post_save, sender=Thing)\n{HANDLE}"
    assert receivers(text) == ()


def test_a_class_of_the_project_that_is_not_found_may_be_any() -> None:
    text = f"{HEAD}from shop.gone import Thing\n@receiver(post_save, sender=Thing)\n{HANDLE}"
    assert [each.sender_unknown for each in receivers(text)] == [True]


def test_a_list_of_signals_connects_each() -> None:
    text = f"@receiver([pre_save, post_save], sender=Order)\n{HANDLE}"
    assert heard(text) == [
        ("shop.signals.handle", "post_save"),
        ("shop.signals.handle", "pre_save"),
    ]


def test_a_list_of_signals_of_another_module_connects_each() -> None:
    names = "from django.db.models import signals\nSAVING = [signals.post_save]\n"
    text = f"{HEAD}from shop.names import SAVING\n@receiver(SAVING, sender=Order)\n{HANDLE}"
    found = receivers(text, names=names)
    assert [(each.function, each.signal) for each in found] == [
        ("shop.signals.handle", "post_save")
    ]


def test_a_signal_under_a_key_of_another_modules_dictionary_may_be_any_of_it() -> None:
    names = (
        "from django.db.models import signals\n"
        'SIGNALS = {"before": signals.pre_save, "gone": signals.post_delete}\n'
    )
    connect = 'SIGNALS["before"].connect(handle, sender=Order)\n'
    text = f"from shop.models import Order\nfrom shop.names import SIGNALS\n{HANDLE}{connect}"
    found = receivers(text, names=names)
    assert [(each.function, each.signal) for each in found] == [("shop.signals.handle", "pre_save")]


def test_several_decorators_connect_each_sender() -> None:
    text = f"@receiver(post_save, sender=Item)\n@receiver(post_save, sender=Order)\n{HANDLE}"
    assert heard(text) == [("shop.signals.handle", "post_save")]
    assert heard(text, "shop.models.Item") == [("shop.signals.handle", "post_save")]
    assert heard(text, "shop.models.Alias") == []


@pytest.mark.parametrize(
    "sender",
    [
        "settings.AUTH_USER_MODEL",
        "get_user_model()",
        "User",
        '"users.User"',
        "apps.get_model('users.User')",
        "apps.get_model('users', 'User')",
        "apps.get_model(app_label='users', model_name='User')",
    ],
)
def test_the_user_model_is_found_by_every_spelling(sender: str) -> None:
    text = (
        "from django.apps import apps\nfrom django.conf import settings\n"
        "from django.contrib.auth import get_user_model\nUser = get_user_model()\n"
        f"@receiver(post_save, sender={sender})\n{HANDLE}"
    )
    assert heard(text, "users.models.User") == [("shop.signals.handle", "post_save")]
    assert heard(text) == []


def test_connects_in_ready_with_imports_and_locals_of_the_method() -> None:
    apps = (
        "from django.apps import AppConfig\n"
        "class ShopConfig(AppConfig):\n    name = 'shop'\n    def ready(self):\n"
        "        from django.db.models.signals import post_save\n"
        "        from shop.handlers import handle\n"
        "        model = self.get_model('Order')\n"
        f"        {CONNECT}"
    )
    found = receivers("", apps=apps, handlers=f"\n{HANDLE}")
    assert [(each.path, each.function, each.sender, each.handler_line) for each in found] == [
        ("shop/apps.py", "shop.handlers.handle", ORDER, 2)
    ]


def test_connects_methods_of_the_config() -> None:
    apps = (
        "from django.apps import AppConfig\nfrom django.db.models import signals\n"
        "class ShopConfig(AppConfig):\n    name = 'shop'\n    def ready(self):\n"
        "        signals.post_save.connect(self.changed, sender='shop.Order')\n"
        "    def changed(self, instance, created, **kwargs):\n"
        "        if created:\n            print(instance.total)\n"
    )
    found = receivers("", apps=apps)
    assert [(each.function, each.only_created) for each in found] == [
        ("shop.apps.ShopConfig.changed", True)
    ]


def test_a_partial_is_the_function_in_it() -> None:
    connected = "post_save.connect(partial(handle, x=1), sender=Order)\n"
    text = f"from functools import partial\n{HANDLE}{connected}"
    assert heard(text) == [("shop.signals.handle", "post_save")]


def test_a_lambda_is_a_receiver_of_which_nothing_is_known() -> None:
    found = receivers(HEAD + "post_save.connect(lambda **kw: None, sender=Order)\n")
    assert [(each.function, each.reads, each.only_created) for each in found] == [
        ("a function", None, False)
    ]


def test_tests_and_migrations_connect_nothing_that_runs_with_the_project() -> None:
    text = f"{HEAD}@receiver(post_save)\n{HANDLE}"
    files = BASE | {
        "shop/tests/__init__.py": "",
        "shop/tests/base.py": text,
        "shop/test_views.py": text,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": text,
    }
    assert Project(Files.of(files)).receivers(ORDER, ("post_save",)) == ()


def test_a_file_that_does_not_parse_is_passed_over() -> None:
    assert receivers("from django.db.models.signals import post_save\ndef (") == ()


# -- only_created ---------------------------------------------------------------------------------

F = "def f(instance, created, **kw):\n"
R = "def f(instance, created, raw, **kw):\n"
K = "def f(instance, **kw):\n"
G = "        go(instance)\n"
CREATED = {
    "whole_body": f"{F}    if created:\n{G}",
    "after_docstring": (f'{F}    """Doc."""\n    if created:\n{G}'),
    "early_return": (f"{F}    if not created:\n        return\n    go(instance.n)\n"),
    "kwargs": f'{K}    if kw["created"]:\n{G}',
    "kwargs_get": f'{K}    if not kw.get("created"):\n        return\n    go()\n',
    "kwargs_get_false": (f'{K}    if kw.get("created", False):\n{G}'),
    "named_before": (f'{K}    new = kw.get("created")\n    if new:\n{G}'),
    "raw_returns_before": (f"{R}    if raw:\n        return\n    if created:\n{G}"),
    "raw_or_not_created": (f"{R}    if raw or not created:\n        return\n    go()\n"),
    "created_and_more": (f"{F}    if created and instance.n > 3:\n{G}"),
    "not_created_or_more": (
        f"{F}    if not created or instance.n > 3:\n        return\n    go(instance)\n"
    ),
    "is_true": f"{F}    if created is True:\n{G}",
    "imports_before": (f"{F}    from shop import x\n    if created:\n        x(instance)\n"),
}


@pytest.mark.parametrize("text", CREATED.values(), ids=CREATED.keys())
def test_only_new_rows_matter(text: str) -> None:
    found = receivers(f"{HEAD}@receiver(post_save, sender=Order)\n{text}")
    assert [each.only_created for each in found] == [True]


ANY = {
    "something_after": (f"{F}    if created:\n        go()\n    log(instance.n)\n"),
    "something_before": (f"{F}    log(instance.n)\n    if created:\n        go()\n"),
    "an_else": (f"{F}    if created:\n        go()\n    else:\n        log()\n"),
    "not_created": f"{F}    if not created:\n{G}",
    "created_or_more": (f"{F}    if created or instance.n:\n{G}"),
    "instance_looked_at_first": (f"{F}    if instance.n > 3 and created:\n{G}"),
    "another_created": f"{K}    if created:\n{G}",
    "get_true": f'{K}    if kw.get("created", True):\n{G}',
    "return_of_a_call": (f"{F}    if not created:\n        return go(instance)\n    go()\n"),
    "wrapped": f"@retry\n{F}    if created:\n{G}",
    "no_condition": f"{F}    go(instance)\n",
}


@pytest.mark.parametrize("text", ANY.values(), ids=ANY.keys())
def test_existing_rows_matter_too(text: str) -> None:
    found = receivers(f"{HEAD}@receiver(post_save, sender=Order)\n{text}")
    assert [each.only_created for each in found] == [False]


def test_pre_save_sends_no_created() -> None:
    text = f"{HEAD}@receiver([pre_save, post_save], sender=Order)\n{CREATED['whole_body']}"
    assert {each.signal: each.only_created for each in receivers(text)} == {
        "pre_save": False, "post_save": True
    }  # fmt: skip


def test_a_receiver_says_what_it_looks_at() -> None:
    text = (
        f"{HEAD}@receiver(post_save, sender=Order)\ndef f(sender, instance, update_fields, **kw):\n"
        "    instance.total = instance.price + 1\n"
    )
    found = receivers(text)[0]
    assert (found.reads, found.stores, found.mentions_update_fields) == (
        frozenset({"price"}), frozenset({"total"}), True
    )  # fmt: skip


def test_a_receiver_that_hands_the_instance_on_may_read_anything() -> None:
    text = f"{HEAD}@receiver(post_save, sender=Order)\ndef f(instance, **kw):\n    go(instance)\n"
    assert receivers(text)[0].reads is None


def test_facts_survive_as_plain_data() -> None:
    text = HEAD + "".join(HEARD.values()) + "".join(CREATED.values())
    facts = signal_facts(Document("x.py", text.encode()))
    assert len(facts.registrations) >= len(HEARD)
    assert from_plain(as_plain(facts)) == facts


def test_facts_come_from_the_cache_while_the_file_is_the_same(tmp_path: Path) -> None:
    text = f"{HEAD}@receiver(post_save, sender=Order)\n{HANDLE}"
    files = Files.of(BASE | {"shop/signals.py": text})
    cache = Cache(tmp_path / "cache.sqlite")
    fresh = Project(files, cache=cache).receivers(ORDER, ("post_save",))
    assert len(fresh) == 1
    assert Project(files, cache=cache).receivers(ORDER, ("post_save",)) == fresh
    changed = files.replaced({"shop/signals.py": text.replace("post_save", "pre_save").encode()})
    assert Project(changed, cache=cache).receivers(ORDER, ("post_save",)) == ()


@pytest.mark.parametrize("damage", [[], "x", [[[1]], []], [[], [["f"]]], {"a": 1}])
def test_damaged_facts_in_the_cache_are_read_anew(tmp_path: Path, damage: object) -> None:
    class Damaged(Cache):
        def get(self, kind: str, key: str) -> object:
            return damage if kind == "signals" else None

    text = f"{HEAD}@receiver(post_save, sender=Order)\n{HANDLE}"
    files = Files.of(BASE | {"shop/signals.py": text})
    found = Project(files, cache=Damaged(None)).receivers(ORDER, ("post_save",))
    assert len(found) == 1
