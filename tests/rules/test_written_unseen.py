"""What writes to a row where no call says so: methods of managers, properties, texts, operators.

Both rules that write less than `save()` did are asked about the same functions; each was run under
Django before and after, and left other rows.
"""

from __future__ import annotations

import pytest
from test_f_expressions import FILES, HEAD

from djfix.codemods.rules.f_expressions import FExpressions
from djfix.codemods.rules.update_fields import UpdateFields

RULES = {
    "f-expressions": (FExpressions(), "account.count += 1"),
    "update-fields": (UpdateFields(), 'account.note = "taken"'),
}
MODELS = (
    FILES["shop/models.py"]
    + """

class Writing(models.Manager):
    def reset(self):
        self.update(name="")
        Account.objects.update(other=0)

    def look(self):
        return self.filter(name="").count()


class WritingRows(models.QuerySet):
    def reset(self):
        self.update(name="")
        Account.objects.update(other=0)

    def empty(self):
        return self.update(name="")


class Fetching(models.Manager):
    def get_queryset(self):
        Account.objects.update(other=0)
        return super().get_queryset()


class Shop(models.Model):
    name = models.CharField(max_length=20)
    accounts = models.ManyToManyField(Account)

    objects = Writing()
    rows = WritingRows.as_manager()
    fetched = Fetching()
    plain = models.Manager()

    @property
    def emptied(self):
        self.accounts.update(other=0)
        return True

    @property
    def label(self):
        return self.name.upper()

    def __str__(self):
        return self.name


class Adder(models.Manager):
    def add_to(self, account):
        return self.create(account=account)


class Line(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="rows")

    objects = Adder()


@receiver(post_save, sender=Line)
def count_lines(sender, instance, **kwargs):
    Account.objects.filter(pk=instance.account_id).update(other=1)
"""
)
VALUES = """\
from shop.models import Account


def reset():
    Account.objects.update(other=0)


class Text:
    def __str__(self):
        reset()
        return ""


class Compared:
    def __eq__(self, other):
        reset()
        return False


class Held:
    def __bool__(self):
        reset()
        return True


class Listed:
    def __iter__(self):
        reset()
        yield 1


class Kept:
    def __getitem__(self, key):
        reset()
        return 1


class Summed:
    def __add__(self, other):
        reset()
        return other


class Found:
    def __getattr__(self, name):
        reset()
        return 1


class Priced:
    @property
    def total(self):
        reset()
        return 1


class Chained:
    @property
    def chained(self):
        return self.inner

    @property
    def inner(self):
        reset()
        return 1


class Block:
    def __enter__(self):
        reset()

    def __exit__(self, *args):
        pass
"""
BODY = """\
from shop.models import Line, Shop
from shop.values import {made}


class Service:
    def take(self, key: int, value) -> None:
        account = Account.objects.get(pk=key)
        {between}
        {change}
        account.save()
"""

WRITTEN = {
    "a_manager": "Shop.objects.reset()",
    "a_queryset_by_its_manager": "Shop.rows.reset()",
    "a_queryset": 'Shop.rows.filter(name="x").reset()',
    "a_queryset_in_a_variable": "found = Shop.rows.all()\n        found.reset()",
    "a_manager_as_it_gives_its_rows": "Shop.fetched.first()",
    "a_receiver_of_what_a_manager_creates": "Line.objects.add_to(3)",
    "a_property_of_a_row": "Shop.plain.first().emptied",
    "a_text": ("f'{value}'", "Text"),
    "a_text_by_str": ("str(value)", "Text"),
    "a_text_by_a_percent_sign": ("'%s' % value", "Text"),
    "a_text_that_is_assigned": ("account.note = f'{value}'", "Text"),
    "a_comparison": ("value == 1", "Compared"),
    "a_test": ("if value:\n            pass", "Held"),
    "a_loop": ("for each in value:\n            pass", "Listed"),
    "a_list_made_of_it": ("list(value)", "Listed"),
    "an_item": ("value[0]", "Kept"),
    "a_sum": ("value + 1", "Summed"),
    "an_attribute_that_is_looked_for": ("value.name", "Found"),
    "a_property": ("value.total", "Priced"),
    "a_property_of_an_object_made_there": ("Priced().total", "Priced"),
    "a_property_that_reads_another": ("value.chained", "Chained"),
    "a_block": ("with value:\n            pass", "Block"),
}
SEEN = {
    "a_manager_that_reads": "Shop.objects.look()",
    "a_queryset_that_writes_to_other_rows": "Shop.rows.empty()",
    "a_property_that_reads": "Shop.plain.first().label",
    "a_text_of_a_row": "f'{Shop.plain.first()}'",
    "what_all_values_have": "value == 1 or value + 1 or value[0] or f'{value}'",
}


def text_of(rule, between, made="reset"):
    return HEAD + BODY.format(change=RULES[rule][1], between=between, made=made)


def bench_with(bench_of, rule, only):
    """The values' module holds one class alone: each writes, whatever it is asked by."""
    kept = [part for part in VALUES.split("\n\n\n") if not part.startswith("class ")]
    wanted = [part for part in VALUES.split("\n\n\n") if part.startswith(f"class {only}:")]
    values = "\n\n\n".join([*kept, *wanted])
    files = FILES | {"shop/models.py": MODELS, "shop/values.py": values}
    return bench_of(RULES[rule][0], "shop/services.py", files)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", WRITTEN)
def test_row_may_be_written_where_no_call_says_so(bench_of, rule, name):
    between, made = WRITTEN[name] if isinstance(WRITTEN[name], tuple) else (WRITTEN[name], "reset")
    bench = bench_with(bench_of, rule, made)
    text = text_of(rule, between, made)
    assert bench.after(text).decode() == text
    assert "updated-besides" in bench.reasons(text)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", SEEN.values(), ids=SEEN)
def test_row_is_not_written_where_no_call_says_so(bench_of, rule, between):
    bench = bench_with(bench_of, rule, "")
    text = text_of(rule, between)
    assert bench.after(text).decode() != text
    assert not bench.reasons(text)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("how", ["from_db", "post_init"])
def test_row_may_be_written_as_rows_are_loaded(bench_of, rule, how):
    loaded = {
        "from_db": "class Other(models.Model):\n    @classmethod\n    def from_db(cls, *row):\n"
        "        Account.objects.update(other=0)\n        return super().from_db(*row)\n",
        "post_init": "from django.db.models.signals import post_init\n\n\n"
        "@receiver(post_init, sender=Shop)\ndef made(**kwargs):\n"
        "    Account.objects.update(other=0)\n",
    }
    files = FILES | {
        "shop/models.py": f"{MODELS}\n\n{loaded[how]}",
        "shop/values.py": "reset = 1\n",
    }
    bench = bench_of(RULES[rule][0], "shop/services.py", files)
    text = text_of(rule, "Shop.plain.first()")
    assert bench.after(text).decode() == text
    assert set(bench.reasons(text)) == {"updated-besides"}


# Rows of a relation hold the object itself.

BACK = {
    "found_by_next": "row = next(iter(account.order_set.all()))\n        row.account.note = 'back'",
    "found_by_a_function": "row = first(account.order_set.all())\n        row.account.note = 'b'",
    "handed_to_a_function": "touch(account.order_set.all())",
    "handed_to_a_function_as_a_list": "touch(list(account.order_set.all()))",
    "handed_to_a_function_as_their_manager": "touch(account.order_set)",
    "by_their_text": "', '.join(map(str, account.marked.all()))",
    "by_a_property_of_theirs": "[each.done for each in account.done_rows.all()]",
    "by_a_method_of_their_manager": "account.rows.touch()",
}
FUNCTIONS = """\


def first(rows):
    return rows[0]


def touch(rows):
    for row in rows:
        row.account.note = "touched"


def count(rows):
    return sum(row.lines for row in rows)
"""
OF_ROWS = """

class Marked(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="marked")

    def __str__(self):
        self.account.note = "shown"
        return ""


class Done(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="done_rows")

    @property
    def done(self):
        self.account.note = "done"
        return True


class Named(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="named")

    def __str__(self):
        return f"{self.account.number}: {self.account.get_note_display()} {self.account}"


class Touching(models.Manager):
    def touch(self):
        for row in self.all():
            row.account.note = "touched"


class Row(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="rows")
    objects = Touching()
"""
AWAY = {
    "counted": "account.order_set.count()",
    "handed_to_a_function_that_reads": "count(account.order_set.all())",
    "their_text_reads_it": "', '.join(map(str, account.named.all()))",
}


def bench_of_rows(bench_of, rule):
    files = FILES | {"shop/models.py": FILES["shop/models.py"] + OF_ROWS}
    return bench_of(RULES[rule][0], "shop/services.py", files)


def of_rows(rule, between):
    body = BODY.partition("\n\n\n")[2].format(change=RULES[rule][1], between=between)
    return HEAD + body.replace("key: int, value", "key: int") + FUNCTIONS


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", BACK.values(), ids=BACK)
def test_rows_of_a_relation_lead_back(bench_of, rule, between):
    bench = bench_of_rows(bench_of, rule)
    text = of_rows(rule, between)
    assert bench.after(text).decode() == text
    assert "related-holder" in bench.reasons(text)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("between", AWAY.values(), ids=AWAY)
def test_rows_of_a_relation_are_only_read(bench_of, rule, between):
    bench = bench_of_rows(bench_of, rule)
    text = of_rows(rule, between)
    assert bench.after(text).decode() != text
    assert not bench.reasons(text)
