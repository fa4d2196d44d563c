"""`f-expressions`: code that looks safe to change, and was changed wrongly once."""

from __future__ import annotations

import pytest
from test_f_expressions import FILES, HEAD

from djfix.codemods.rules.f_expressions import FExpressions


@pytest.fixture
def bench(bench_of):
    return bench_of(FExpressions(), "shop/services.py", FILES)


FETCH = "    account = Account.objects.get(pk=key)\n"

LEFT_ALONE = {
    "amount_reads_a_column_that_was_changed": (
        """\
    account.other += 1
    account.count += len(str(account.other))
    account.save()
""",
        "value-read-before-save",
    ),
    "amount_is_computed_from_the_object": (
        """\
    account.count -= len(describe(account))
    account.save()
""",
        "handed-over",
    ),
    "not_saved_on_the_way_to_its_return": (
        """\
    account.count += 1
    if key:
        account.save()
    return account.count
""",
        "value-read-before-save",
    ),
    "returned_before_the_save": (
        """\
    account.count += 1
    if key:
        return account
    account.save()
""",
        "value-read-before-save",
    ),
    "property_is_read_before_the_save": (
        """\
    account.count += 1
    if account.is_empty:
        account.note = "empty"
    account.save()
""",
        "value-read-before-save",
    ),
    "in_a_dictionary_and_changed_there": (
        """\
    found = {"account": account}
    found["account"].note = "changed"
    account.count += 1
    account.save()
""",
        "handed-over",
    ),
    "under_a_key_and_changed_there": (
        """\
    CACHE[key] = account
    CACHE[key].note = "changed"
    account.count += 1
    account.save()
""",
        "handed-over",
    ),
    "columns_set_through_the_dictionary_of_the_object": (
        """\
    account.__dict__.update(note="changed")
    account.count += 1
    account.save()
""",
        "handed-over",
    ),
    "related_object_that_is_not_saved_on_each_way": (
        """\
    account.owner.balance += 1
    if key:
        account.owner.save()
""",
        "not-always-saved",
    ),
}


LEFT_ALONE |= {
    "a_guard_of_two_parts": (
        """\
    if account.count > 100 or account.count < key:
        raise TooLittle
    account.count -= key
    account.save()
""",
        "lock-form",
    ),
    "a_duration_that_must_not_be_empty": (
        """\
    if not account.spent:
        raise TooLittle
    account.spent -= timedelta(seconds=1)
    account.save()
""",
        "lock-form",
    ),
}


LEFT_ALONE |= {
    "other_columns_of_perhaps_the_same_row_are_updated_before_the_save": (
        """\
    account.count -= 1
    Account.objects.filter(pk=key).update(note="written")
    account.save()
""",
        "updated-besides",
    ),
    "rows_are_deleted_before_the_save": (
        """\
    account.count -= 1
    Account.objects.filter(note="").delete()
    account.save()
""",
        "deleted",
    ),
    "set_by_the_difference_to_what_was_read": (
        """\
    have = Account.objects.get(pk=key).count
    account.count += 10 - have
    account.save()
""",
        "column-read",
    ),
}


@pytest.mark.parametrize(("body", "reason"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_leaves_alone(bench, body, reason):
    text = (
        HEAD
        + "from datetime import timedelta\n\nCACHE = {}\n\n\ndef take(key: int):\n"
        + FETCH
        + body
    )
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {reason}


LOOKUPS = {
    "a_relation_is_looked_up_by_the_value": (
        """\
def take(key: int) -> None:
    order = Order.objects.get(pk=key, account__count__gte=5)
    order.account.count -= 5
    order.account.save()
""",
        "value-in-lookup",
    ),
    "lookups_are_in_a_dictionary": (
        """\
def take(key: int) -> None:
    lookups = {"pk": key, "count__gte": 5}
    account = Account.objects.get(**lookups)
    account.count -= 5
    account.save()
""",
        "value-in-lookup",
    ),
    "lookups_stand_in_get_or_create": (
        """\
def take(number: str) -> None:
    account, created = Account.objects.get_or_create(number=number, count=5)
    account.count -= 5
    account.save()
""",
        "value-in-lookup",
    ),
    "lookups_come_from_outside": (
        """\
def take(**lookups) -> None:
    account = Account.objects.get(**lookups)
    account.count -= 5
    account.save()
""",
        "unknown-lookup",
    ),
    "a_condition_comes_from_outside": (
        """\
def take(condition) -> None:
    account = Account.objects.get(condition, pk=1)
    account.count -= 5
    account.save()
""",
        "unknown-lookup",
    ),
    "another_object_of_the_row_was_checked": (
        """\
def take(key: int) -> None:
    seen = Account.objects.get(pk=key)
    if seen.count < 5:
        raise TooLittle
    account = Account.objects.get(pk=key)
    account.count -= 5
    account.save()
""",
        "column-read",
    ),
    "the_column_was_checked_by_a_query": (
        """\
def take(key: int) -> None:
    if Account.objects.values_list("count", flat=True).get(pk=key) < 5:
        raise TooLittle
    account = Account.objects.get(pk=key)
    account.count -= 5
    account.save()
""",
        "column-read",
    ),
}


@pytest.mark.parametrize(("text", "reason"), LOOKUPS.values(), ids=LOOKUPS)
def test_leaves_alone_what_is_checked_elsewhere(bench, text, reason):
    assert bench.after(HEAD + text).decode() == HEAD + text
    assert set(bench.reasons(HEAD + text)) == {reason}


def test_transfer_reads_the_other_account_only_to_fill_this_one(bench):
    before = """\
def move(one: int, other: int) -> None:
    source = Account.objects.get(pk=one)
    target = Account.objects.get(pk=other)
    target.count += source.count
    target.save()
"""
    after = """\
def move(one: int, other: int) -> None:
    source = Account.objects.get(pk=one)
    target = Account.objects.get(pk=other)
    target.count = F("count") + source.count
    target.save(update_fields=["count"])
"""
    bench.fixes(HEAD + before, HEAD + after)


MANAGERS = """

class Loud(models.QuerySet):
    def update(self, **values):
        print(values)
        return super().update(**values)


class InCredit(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(count__gt=0)


class Managed(models.Model):
    count = models.IntegerField(default=0)

    objects = models.Manager()
    loud = Loud.as_manager()


class Credit(models.Model):
    count = models.IntegerField(default=0)

    objects = InCredit()
"""


@pytest.fixture
def managed(bench_of):
    files = FILES | {"shop/models.py": FILES["shop/models.py"] + MANAGERS}
    return bench_of(FExpressions(), "shop/services.py", files)


def test_update_of_the_projects_own_is_not_called(managed):
    head = "from django.db.models import F\n\nfrom shop.models import Credit, Managed\n\n\n"
    before = """\
def take(key: int) -> None:
    found = Managed.loud.get(pk=key)
    found.count -= 1
    found.save()
"""
    after = """\
def take(key: int) -> None:
    found = Managed.loud.get(pk=key)
    found.count = F("count") - 1
    found.save(update_fields=["count"])
"""
    managed.fixes(head + before, head + after)


def test_manager_that_asks_for_the_column_is_a_check(managed):
    text = """\
from shop.models import Credit


def take(key: int) -> None:
    found = Credit.objects.get(pk=key)
    found.count -= 1
    found.save()
"""
    managed.reports(text, "value-in-lookup")


def test_new_object_of_another_branch_is_left_alone(bench):
    text = """\
def take(key: int, known: bool) -> None:
    if known:
        account = Account.objects.get(pk=key)
        account.count += 1
    else:
        account = Account(number="1")
        account.count += 1
    account.save()
"""
    bench.declines(HEAD + text, "new-instance")


def test_new_object_bound_after_the_change_is_left_alone(bench):
    text = """\
def take(key: int, known: bool) -> None:
    account = Account.objects.get(pk=key)
    if known:
        account.count += 1
    else:
        account = Account(number="1")
    account.save()
"""
    bench.declines(HEAD + text, "new-instance")


def test_column_that_is_set_after_the_change_keeps_its_order(bench):
    head = HEAD + "def take(key: int) -> None:\n" + FETCH
    before = "    account.count += 1\n    account.count = 0\n    account.save()\n"
    after = """\
    account.count = F("count") + 1
    account.count = 0
    account.save(update_fields=["count"])
"""
    bench.fixes(head + before, head + after)


def test_comments_within_an_amount_stay_where_they_are(bench):
    head = HEAD + "def take(key: int, tax: int) -> None:\n" + FETCH
    before = """\
    account.count -= (
        key  # key
        + tax  # tax
    )  # both
    account.save()
"""
    after = """\
    account.count = F("count") - (
        key  # key
        + tax  # tax
    )  # both
    account.save(update_fields=["count"])
"""
    bench.fixes(head + before, head + after)


REFRESHED = {
    "property_is_read_afterwards": (
        """\
def take(key: int) -> bool:
    account = Account.objects.get(pk=key)
    account.count += 1
    account.save()
    return account.is_empty
""",
        """\
def take(key: int) -> bool:
    account = Account.objects.get(pk=key)
    account.count = F("count") + 1
    account.save(update_fields=["count"])
    account.refresh_from_db(fields=["count"])
    return account.is_empty
""",
    ),
    "property_is_read_after_a_guarded_update": (
        """\
def take(key: int) -> bool:
    account = Account.objects.get(pk=key)
    if account.count < 1:
        return True
    account.count -= 1
    account.save()
    return account.is_empty
""",
        """\
def take(key: int) -> bool:
    account = Account.objects.get(pk=key)
    if not Account.objects.filter(pk=account.pk, count__gte=1).update(
        count=F("count") - 1
    ):
        return True
    account.refresh_from_db(fields=["count"])
    return account.is_empty
""",
    ),
    "saved_once_or_twice": (
        """\
def take(key: int, early: bool) -> None:
    account = Account.objects.get(pk=key)
    account.count += 1
    if early:
        account.save()
    account.save()
""",
        """\
def take(key: int, early: bool) -> None:
    account = Account.objects.get(pk=key)
    account.count = F("count") + 1
    if early:
        account.save(update_fields=["count"])
        account.refresh_from_db(fields=["count"])
    account.save(update_fields=["count"])
    account.refresh_from_db(fields=["count"])
""",
    ),
    "saved_in_each_turn_of_a_loop": (
        """\
def take(key: int, times: list) -> None:
    account = Account.objects.get(pk=key)
    for more in times:
        if more:
            account.count += 1
        else:
            account.other += 1
        account.save()
""",
        """\
def take(key: int, times: list) -> None:
    account = Account.objects.get(pk=key)
    for more in times:
        if more:
            account.count = F("count") + 1
        else:
            account.other = F("other") + 1
        account.save(update_fields=["count", "other"])
        account.refresh_from_db(fields=["count", "other"])
""",
    ),
}


@pytest.mark.parametrize(("before", "after"), REFRESHED.values(), ids=REFRESHED)
def test_is_refreshed_where(bench, before, after):
    bench.fixes(HEAD + before, HEAD + after)


HELD = {
    "first_of_rows_that_are_kept": (
        """\
def take() -> list:
    found = Account.objects.order_by("pk")
    print(len(found))
    account = found.first()
    account.count += 1
    account.save()
    return [item.count for item in found]
""",
        """\
def take() -> list:
    found = Account.objects.order_by("pk")
    print(len(found))
    account = found.first()
    account.count = F("count") + 1
    account.save(update_fields=["count"])
    account.refresh_from_db(fields=["count"])
    return [item.count for item in found]
""",
    ),
    "rows_that_another_method_keeps": (
        """\
class Taker:
    def all(self):
        found = Account.objects.order_by("pk")
        self.kept = found
        return found

    def take(self) -> list:
        for account in self.all():
            account.count += 1
            account.save()
        return [item.count for item in self.kept]
""",
        """\
class Taker:
    def all(self):
        found = Account.objects.order_by("pk")
        self.kept = found
        return found

    def take(self) -> list:
        for account in self.all():
            account.count = F("count") + 1
            account.save(update_fields=["count"])
            account.refresh_from_db(fields=["count"])
        return [item.count for item in self.kept]
""",
    ),
}


@pytest.mark.parametrize(("before", "after"), HELD.values(), ids=HELD)
def test_object_that_others_hold_is_refreshed(bench, before, after):
    bench.fixes(HEAD + before, HEAD + after)


def test_lookups_of_another_function_may_be_a_check(bench):
    text = """\
def in_credit():
    return Account.objects.filter(count__gt=0)


def take(key: int) -> None:
    account = in_credit().get(pk=key)
    account.count -= 1
    account.save()
"""
    assert bench.after(HEAD + text).decode() == HEAD + text
    assert bench.reasons(HEAD + text) == ["fetched-elsewhere"]


def test_other_end_of_a_relation_is_the_object_that_has_it(bench):
    text = """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    account.note = "changed"
    for order in account.order_set.all():
        order.account.count += 1
        order.account.save()
"""
    assert bench.after(HEAD + text).decode() == HEAD + text
    assert bench.reasons(HEAD + text) == ["unsaved-state"]


FAMILY = """\
from django.db import models


class Elder(models.Model):
    count = models.IntegerField(default=0)

    @classmethod
    def take_of(cls, key: int) -> None:
        elder = cls.objects.get(pk=key)
        elder.count += 1
        elder.save()


class Younger(Elder):
    changed = models.DateTimeField(auto_now=True)
"""


def test_class_that_another_model_inherits_is_left_alone(bench_of):
    bench = bench_of(FExpressions(), "shop/models.py", FILES)
    bench.declines(FAMILY, "unknown-receiver")


def test_object_of_a_class_that_inherits_is_judged_by_its_own(bench_of):
    files = FILES | {"shop/models.py": FILES["shop/models.py"] + FAMILY + WATCHED}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    text = """\
from shop.models import Elder, Younger


def add(elder: Elder) -> None:
    elder.count += 1
    elder.save()


def add_to(key: int) -> None:
    add(Younger.objects.get(pk=key))
"""
    assert bench.after(text).decode() == text
    assert "receiver" in bench.reasons(text)


WATCHED = """

@receiver(post_save, sender=Younger)
def watch_younger(sender, instance, **kwargs):
    print(instance.pk)
"""


UNFIT_GUARDS = {
    "object_is_saved_where_the_check_fails": """\
    if account.count < 1:
        account.note = "poor"
        account.save()
        return
    account.count -= 1
    account.save()
""",
    "object_is_saved_after_a_check_that_failed": """\
    if account.count > 0:
        account.count -= 1
        account.save()
        return
    account.note = "poor"
    account.save()
""",
    "comments_stand_within_the_check": """\
    if (
        account.count  # what is there
        < key  # what is wanted
    ):
        return
    account.count -= key
    account.save()
""",
    "object_is_handed_over_where_the_check_fails": """\
    if account.count < 1:
        report(account)
        return
    account.count -= 1
    account.save()
""",
}


@pytest.mark.parametrize("body", UNFIT_GUARDS.values(), ids=UNFIT_GUARDS)
def test_guard_needs_a_lock_where(bench, body):
    text = HEAD + "def take(key: int) -> None:\n" + FETCH + body
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["lock-form"]


GENERATED = """

class Doubled(models.Model):
    count = models.IntegerField(default=0, choices=[(1, "one")])
    double = models.GeneratedField(
        expression=models.F("count") * 2,
        output_field=models.IntegerField(),
        db_persist=True,
    )
"""

SHOWN = {
    "column_computed_from_it_is_checked": ("doubled.double > 3", "value-read-before"),
    "choice_is_checked": ('doubled.get_count_display() == "one"', "handed-over"),
}


@pytest.mark.parametrize(("check", "reason"), SHOWN.values(), ids=SHOWN)
def test_leaves_alone_where_a(bench_of, check, reason):
    files = FILES | {"shop/models.py": FILES["shop/models.py"] + GENERATED}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    text = f"""\
from shop.models import Doubled


def take(key: int) -> None:
    doubled = Doubled.objects.get(pk=key)
    if {check}:
        doubled.count -= 1
        doubled.save()
"""
    assert bench.after(text).decode() == text
    assert reason in bench.reasons(text)


NO_COUNTERS = {
    "a_step_of_several": (
        "count = models.IntegerField(default=0, choices=[(0, 'none'), (1, 'one')])",
        "state-field",
    ),
    "a_place_that_no_other_row_has": (
        """\
count = models.IntegerField(default=0)
    owner = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "count"], name="one")]
""",
        "unique-field",
    ),
}


@pytest.mark.parametrize(("field", "reason"), NO_COUNTERS.values(), ids=NO_COUNTERS)
def test_no_counter_is(bench_of, field, reason):
    models = FILES["shop/models.py"] + f"\n\nclass Thing(models.Model):\n    {field}\n"
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/models.py": models})
    text = """\
from shop.models import Thing


def take(key: int) -> None:
    thing = Thing.objects.get(pk=key)
    thing.count += 1
    thing.save()
"""
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == [reason]


PICTURED = """

class Pictured(models.Model):
    count = models.IntegerField(default=0)
    image = models.ImageField(width_field="width", height_field="height")
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
"""


def test_columns_that_an_image_sets_are_saved_with_it(bench_of):
    files = FILES | {"shop/models.py": FILES["shop/models.py"] + PICTURED}
    bench = bench_of(FExpressions(), "shop/services.py", files)
    head = "from django.db.models import F\n\nfrom shop.models import Pictured\n\n\n"
    before = """\
def show(key: int, image) -> None:
    pictured = Pictured.objects.get(pk=key)
    pictured.image = image
    pictured.count += 1
    pictured.save()
"""
    after = """\
def show(key: int, image) -> None:
    pictured = Pictured.objects.get(pk=key)
    pictured.image = image
    pictured.count = F("count") + 1
    pictured.save(update_fields=["image", "width", "height", "count"])
"""
    bench.fixes(head + before, head + after)


def test_object_of_another_name_that_ends_in_log_is_no_logger(bench):
    text = HEAD + "def take(key: int, changelog) -> None:\n" + FETCH
    text += "    changelog.log(account)\n    account.count += 1\n    account.save()\n"
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["handed-over"]


MADE = {
    "what_was_made_of_a_changed_object": (
        """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    account.note = "changed"
    order = Order.objects.create(account=account)
    order.account.count += 1
    order.account.save()
""",
        "unsaved-state",
    ),
    "what_is_changed_through_what_was_made_of_it": (
        """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    order = Order.objects.create(account=account)
    order.account.note = "changed"
    account.count += 1
    account.save()
""",
        "handed-over related-holder",
    ),
    "what_a_permission_has_checked": (
        """\
from rest_framework import generics, permissions


class InCredit(permissions.BasePermission):
    def has_object_permission(self, request, view, obj):
        return obj.count > 5


class AccountView(generics.RetrieveAPIView):
    queryset = Account.objects.all()
    permission_classes = [InCredit]

    def post(self, request, pk):
        account = self.get_object()
        account.count -= 5
        account.save()
""",
        "fetched-elsewhere",
    ),
}


@pytest.mark.parametrize(("text", "reasons"), MADE.values(), ids=MADE)
def test_leaves_alone_with(bench, text, reasons):
    assert bench.after(HEAD + text).decode() == HEAD + text
    assert bench.reasons(HEAD + text) == reasons.split()


def test_object_that_a_new_row_points_at_is_saved(bench):
    before = """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    order = Order.objects.create(account=account, lines=2)
    account.count += 2
    account.save()
    print(order)
"""
    after = """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    order = Order.objects.create(account=account, lines=2)
    account.count = F("count") + 2
    account.save(update_fields=["count"])
    account.refresh_from_db(fields=["count"])
    print(order)
"""
    bench.fixes(HEAD + before, HEAD + after)


HEARD = """

class Heard(models.Model):
    count = models.IntegerField(default=0)


def hear(sender, instance, **kwargs):
    print(instance.count)


"""

CONNECTIONS = {
    "signal_is_a_keyword": (
        "@receiver(signal=post_save, sender=Heard)\n"
        "def listen(sender, instance, **kwargs):\n"
        "    print(instance.count)\n"
    ),
    "connect_is_given_a_name": "listen = post_save.connect\nlisten(hear, sender=Heard)\n",
    "connect_is_called_of_the_class": "Signal.connect(post_save, hear, sender=Heard)\n",
}


@pytest.mark.parametrize("connection", CONNECTIONS.values(), ids=CONNECTIONS)
def test_receiver_is_seen_where(bench_of, connection):
    models = FILES["shop/models.py"] + "from django.dispatch import Signal\n" + HEARD + connection
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/models.py": models})
    text = """\
from shop.models import Heard


def take(key: int) -> None:
    heard = Heard.objects.get(pk=key)
    heard.count += 1
    heard.save()
"""
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["receiver"]


def test_model_that_a_metaclass_makes_is_left_alone(bench_of):
    models = FILES["shop/models.py"] + (
        "\n\nclass Making(models.base.ModelBase):\n    pass\n"
        "\n\nclass Made(models.Model, metaclass=Making):\n"
        "    count = models.IntegerField(default=0)\n"
    )
    bench = bench_of(FExpressions(), "shop/services.py", FILES | {"shop/models.py": models})
    text = """\
from shop.models import Made


def take(key: int) -> None:
    made = Made.objects.get(pk=key)
    made.count += 1
    made.save()
"""
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["class-decorator"]


MEMBERS = {
    "changed_in_an_earlier_loop": """\
    found = Account.objects.filter(owner_id=key)
    for one in found:
        one.note = "changed"
    for account in found:
        account.count += 1
        account.save()
""",
    "changed_under_its_index": """\
    found = list(Account.objects.filter(owner_id=key))
    found[0].note = "changed"
    account = found[0]
    account.count += 1
    account.save()
""",
    "given_to_other_code": """\
    found = Account.objects.filter(owner_id=key)
    prepare(found)
    for account in found:
        account.count += 1
        account.save()
""",
    "held_by_a_class_of_the_function": """\
    account = Account.objects.get(pk=key)

    class Holder:
        held = account

    Holder.held.note = "changed"
    account.count += 1
    account.save()
""",
}


@pytest.mark.parametrize("body", MEMBERS.values(), ids=MEMBERS)
def test_leaves_alone_what_is(bench, body):
    text = HEAD + "def take(key: int) -> None:\n" + body
    assert bench.after(text).decode() == text
    assert bench.reasons(text) == ["handed-over"]


def test_members_of_a_list_that_is_only_read_are_saved(bench):
    before = """\
def take(key: int) -> str:
    found = Account.objects.filter(owner_id=key)
    if not len(found):
        return ""
    names = [one.note for one in found]
    for account in found:
        account.count += 1
        account.save()
    return render(names, found)
"""
    after = """\
def take(key: int) -> str:
    found = Account.objects.filter(owner_id=key)
    if not len(found):
        return ""
    names = [one.note for one in found]
    for account in found:
        account.count = F("count") + 1
        account.save(update_fields=["count"])
        account.refresh_from_db(fields=["count"])
    return render(names, found)
"""
    bench.fixes(HEAD + before, HEAD + after)


def test_narrow_save_leaves_what_a_query_writes_besides(bench):
    before = """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    account.count += 1
    Account.objects.filter(note="").update(note="written")
    account.save(update_fields=["count"])
"""
    after = """\
def take(key: int) -> None:
    account = Account.objects.get(pk=key)
    account.count = F("count") + 1
    Account.objects.filter(note="").update(note="written")
    account.save(update_fields=["count"])
"""
    bench.fixes(HEAD + before, HEAD + after)


def test_count_of_another_account_is_added(bench):
    before = """\
def merge(key: int, other: int) -> None:
    account = Account.objects.get(pk=key)
    absorbed = Account.objects.get(pk=other)
    account.count += absorbed.count
    account.save()
"""
    after = """\
def merge(key: int, other: int) -> None:
    account = Account.objects.get(pk=key)
    absorbed = Account.objects.get(pk=other)
    account.count = F("count") + absorbed.count
    account.save(update_fields=["count"])
"""
    bench.fixes(HEAD + before, HEAD + after)
