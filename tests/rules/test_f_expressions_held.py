"""`f-expressions`: who holds the object when its value is an expression, and who hears a refresh.

Each was run under Django before and after: answers, rows, exceptions, what receivers heard.
"""

from __future__ import annotations

import pytest
from test_f_expressions import FILES, HEAD, MODELS, SETTINGS

from djfix.codemods.rules.f_expressions import FExpressions

PROFILES = (
    MODELS
    + """

class Profile(models.Model):
    account = models.OneToOneField(Account, models.CASCADE, related_name="profile")
    visits = models.IntegerField(default=0)
"""
)


@pytest.fixture
def bench(bench_of):
    return bench_of(FExpressions(), "shop/services.py", FILES | {"shop/models.py": PROFILES})


READ_AGAIN = {
    "rows_of_a_relation": ("orders = account.order_set.all()", "orders"),
    "rows_of_a_relation_in_a_list": ("orders = list(account.order_set.all())", "orders"),
    "manager_of_a_relation": ("orders = account.order_set", "orders"),
    "row_of_a_relation": ("order = account.order_set.first()", "order.account.count"),
    "row_that_a_relation_makes": ("order = account.order_set.create()", "order.account.count"),
    "other_end_of_a_one_to_one": ("profile = account.profile", "profile.account.count"),
    "method_that_is_kept": ("show = account.__str__", "show()"),
}
NOT_READ_AGAIN = {
    "rows_that_are_counted": ("many = account.order_set.count()", "many"),
    "values_of_rows": ("lines = account.order_set.values_list('lines')", "lines"),
    "property": ("number = account.number", "number"),
    "foreign_key": ("owner = account.owner", "owner.pk"),
}


def function(between, result, change="account.count += 1", save="account.save()", more=""):
    return (
        f"{HEAD}def take(key: int):\n    account = Account.objects.get(pk=key)\n    {between}\n"
        f"    {change}\n    {save}\n{more}    return {result}\n"
    )


CHANGED = {
    "change": 'account.count = F("count") + 1',
    "save": 'account.save(update_fields=["count"])',
}
REFRESH = '    account.refresh_from_db(fields=["count"])\n'


@pytest.mark.parametrize("name", READ_AGAIN)
def test_value_is_read_again_where_something_holds_the_object(bench, name):
    after = function(*READ_AGAIN[name], **CHANGED, more=REFRESH)
    bench.fixes(function(*READ_AGAIN[name]), after)


@pytest.mark.parametrize("name", NOT_READ_AGAIN)
def test_value_is_not_read_again_where_nothing_holds_the_object(bench, name):
    bench.fixes(function(*NOT_READ_AGAIN[name]), function(*NOT_READ_AGAIN[name], **CHANGED))


def test_value_is_read_again_where_a_one_to_one_leads_back(bench):
    text = (
        f"{HEAD}from shop.models import Profile\n\n\ndef take(key: int):\n"
        "    profile = Profile.objects.get(pk=key)\n    account = profile.account\n"
        "    profile.visits += 1\n    profile.save()\n    return account.profile.visits\n"
    )
    after = text.replace("visits += 1", 'visits = F("visits") + 1').replace(
        "save()\n",
        'save(update_fields=["visits"])\n    profile.refresh_from_db(fields=["visits"])\n',
    )
    bench.fixes(text, after)


# Who hears of a refresh, and what it finds.

SAVED = function("account.note = 'seen'", "account.count")
GUARDED = function(
    "if account.count < 1:\n        raise TooLittle", "account.count", "account.count -= 1"
)
UNREAD = function("account.note = 'seen'", "None")
HEARD = """

from django.db.models.signals import post_init


@receiver(post_init, sender=Account)
def made(sender, **kwargs):
    print(sender)
"""
FRESH = """\
class Fresh(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(note="")


class Account(models.Model):
    fresh = Fresh()
    objects = models.Manager()
"""
BASE = '\n    class Meta:\n        base_manager_name = "fresh"\n\n\nclass Order('


@pytest.mark.parametrize("text", [SAVED, GUARDED], ids=["save", "guarded_update"])
def test_receiver_hears_of_the_object_that_is_read_again(bench_of, text):
    files = FILES | {"shop/models.py": MODELS + HEARD}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    assert bench.after(text).decode() == text
    assert "receiver" in bench.reasons(text)


def test_receiver_hears_nothing_where_nothing_is_read_again(bench_of):
    files = FILES | {"shop/models.py": MODELS + HEARD}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    assert "refresh_from_db" not in bench.after(UNREAD).decode()
    assert bench.after(UNREAD).decode() != UNREAD


def test_base_manager_may_leave_out_the_row_that_is_read_again(bench_of):
    models = MODELS.replace("class Account(models.Model):\n", FRESH, 1).replace(
        "\n\nclass Order(", BASE, 1
    )
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/models.py": models})
    assert bench.after(SAVED).decode() == SAVED
    assert bench.reasons(SAVED) == ["custom-manager"]


@pytest.mark.parametrize(("reads", "reasons"), [("replica", ["database-router"]), ("default", [])])
def test_router_may_read_an_old_value(bench_of, reads, reasons):
    routers = (
        f'class Router:\n    def db_for_read(self, model, **hints):\n        return "{reads}"\n\n'
        '    def db_for_write(self, model, **hints):\n        return "default"\n'
    )
    settings = SETTINGS + 'DATABASE_ROUTERS = ["shop.routers.Router"]\n'
    files = FILES | {"shop/routers.py": routers, "config/settings.py": settings}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    assert bench.reasons(SAVED) == reasons


# Amounts that are asked for before the check is known to hold.

AMOUNTS = {
    "bound_in_one_branch": ("if other:\n        step = 2\n    ", "step"),
    "bound_where_nothing_fails": (
        "try:\n        step = 10 // other\n    except ZeroDivisionError:\n        pass\n    ",
        "step",
    ),
    "deleted_in_one_branch": ("step = 2\n    if other:\n        del step\n    ", "step"),
    "column_of_a_row_that_may_be_missing": (
        "order = account.order_set.first()\n    ",
        "order.lines",
    ),
}
SURE = {
    "bound_on_every_way": ("step = 2\n    if other:\n        step = 3\n    ", "step"),
    "parameter": ("", "other"),
    "column_of_a_row_that_is_there": ("order = Order.objects.get(pk=3)\n    ", "order.lines"),
}


def guarded(before, amount):
    check = f"{before}if account.count < 30:\n        return 'few'"
    text = function(check, "None", f"account.count -= {amount}")
    return text.replace("key: int", "key: int, other: int")


@pytest.mark.parametrize("name", AMOUNTS)
def test_amount_has_no_value_where_the_check_fails(bench, name):
    text = guarded(*AMOUNTS[name])
    assert bench.after(text).decode() == text
    assert "lock-form" in bench.reasons(text)


@pytest.mark.parametrize("name", SURE)
def test_amount_has_a_value_on_every_way(bench, name):
    assert "count__gte=30).update(" in bench.after(guarded(*SURE[name])).decode()


def test_amount_that_the_check_compares_with_is_asked_for_already(bench):
    text = function(
        "order = account.order_set.first()\n    if account.count < order.lines:\n        return 0",
        "None",
        "account.count -= order.lines",
    )
    assert "count__gte=order.lines).update(" in bench.after(text).decode()


# Names.


def test_import_of_the_function_below_makes_the_name_its_own(bench_of):
    head = HEAD.replace("from django.db.models import F\n\n", "")
    bench = bench_of(FExpressions(), "shop/services.py", FILES)
    before = (
        f"{head}def take(key: int):\n    account = Account.objects.get(pk=key)\n"
        "    account.count += 1\n    account.save()\n"
        "    from django.db.models import F\n\n    return F\n"
    )
    after = (
        head.replace("from shop", "from django.db.models import F as django_F\n\nfrom shop", 1)
        + "def take(key: int):\n"
        '    if not Account.objects.filter(pk=key).update(count=django_F("count") + 1):\n'
        '        raise Account.DoesNotExist("Account matching query does not exist.")\n'
        "    from django.db.models import F\n\n    return F\n"
    )
    bench.fixes(before, after)


def test_module_that_takes_all_names_has_another_name(bench_of):
    head = HEAD.replace("from django.db.models import F\n\n", "")
    text = function("pass", "None").replace(HEAD, head)
    forms = "from shop.services import *\n\nX = F\n"
    taking = {"shop/forms.py": f"from shop.filters import F\n{forms}", "shop/filters.py": "F = 1\n"}
    bench = bench_of(FExpressions(), "shop/services.py", FILES | taking)
    assert bench.reasons(text) == ["another-name"]
    same = {"shop/forms.py": f"from django.db.models import F\n{forms}"}
    bench = bench_of(FExpressions(), "shop/services.py", FILES | same)
    assert not bench.reasons(text)


SET = {
    "assigned": "from shop import services\n\nservices.F = print\n",
    "in_a_function": "import shop.services\n\n\ndef put():\n    shop.services.F = print\n",
    "by_setattr": "from shop import services as s\n\nsetattr(s, 'F', print)\n",
    "by_its_name": "import sys\n\nsys.modules['shop.services'].F = print\n",
    "in_its_names": "from shop import services\n\nvars(services)['F'] = print\n",
    "in_its_dictionary": "from shop import services\n\nservices.__dict__['F'] = print\n",
    "in_a_module_that_a_loop_gives": (
        "from shop import services\n\nfor each in [services]:\n    each.F = print\n"
    ),
}
SET_ELSEWHERE = {
    "in_another_module": "from shop import models\n\nmodels.F = print\n",
    "in_an_object": "class Force:\n    def __init__(self):\n        self.F = 1\n",
    "under_a_key": "NAMES = {}\nNAMES['F'] = 1\n",
    "it_is_asked": "from shop import services\n\nX = getattr(services, 'F', None)\n",
}


@pytest.mark.parametrize("text", SET.values(), ids=SET)
def test_another_module_sets_the_name_in_this_one(bench_of, text):
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/setting.py": text})
    before = function("pass", "None")
    assert bench.after(before).decode() == before
    assert bench.reasons(before) == ["another-name"]


@pytest.mark.parametrize("text", SET_ELSEWHERE.values(), ids=SET_ELSEWHERE)
def test_another_module_sets_the_name_somewhere_else(bench_of, text):
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/setting.py": text})
    assert not bench.reasons(function("pass", "None"))


ANSWERING = "def __getattr__(name):\n    return print\n"
NAMED = '__all__ = ["F"]\n\n\n'


def test_a_module_that_answers_for_its_names_is_asked(bench_of):
    text = f"{function('pass', 'None')}\n\n{ANSWERING}"
    asking = {"shop/asking.py": "from shop import services\n\nX = services.F\n"}
    bench = bench_of(FExpressions(), "shop/services.py", FILES | asking)
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["another-name"]
    assert not bench_of(FExpressions(), "shop/services.py", FILES).reasons(text)


@pytest.mark.parametrize("line", ["from shop.names import *", "from .names import *"])
def test_a_module_that_answers_for_its_names_is_taken_whole(bench_of, line):
    text = f"{line}\n{function('pass', 'None')}"
    for names, reasons in ((NAMED, ["another-name"]), ("", []), ('__all__ = ["G"]\n\n\n', [])):
        files = FILES | {"shop/names.py": names + ANSWERING}
        assert bench_of(FExpressions(), "shop/services.py", files).reasons(text) == reasons


def test_a_module_that_answers_for_its_names_gives_this_one(bench_of):
    files = FILES | {"shop/names.py": ANSWERING}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    head = HEAD.replace("from django.db.models import F\n", "from shop.names import F\n")
    assert head != HEAD
    after = bench.after(function("pass", "None").replace(HEAD, head)).decode()
    assert 'count=F("count")' not in after


def test_query_methods_of_the_project_answer_in_their_own_way(bench_of):
    patch = "from django.db.models import QuerySet\n\n\ndef update(self, **values): ...\n\n\n"
    files = FILES | {"shop/patches.py": f"{patch}QuerySet.update = update\n"}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    text = function("pass", "None")
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["patched-query"]
