"""`exists`: every way to ask for rows, to the letter, and what is left alone and why."""

from __future__ import annotations

import pytest

from djfix.codemods.rules.exists import Exists
from djfix.codemods.rules.exists.examples import EXAMPLES

MODELS = """\
from django.db import models
from django.db.models.signals import post_init
from django.dispatch import receiver


class Customer(models.Model):
    email = models.EmailField()


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    paid = models.BooleanField(default=False)
    tags = models.ManyToManyField("Tag")


class Tag(models.Model):
    name = models.CharField(max_length=20)


class OwnQuerySet(models.QuerySet):
    def count(self):
        return 7

    def active(self):
        return self.filter(active=True)


class Counted(models.Model):
    objects = OwnQuerySet.as_manager()


class Lengthy(models.QuerySet):
    def __len__(self):
        return 7


class Long(models.Model):
    objects = Lengthy.as_manager()


class Named(models.QuerySet):
    def active(self):
        return self.filter(active=True)


class Entry(models.Model):
    active = models.BooleanField()
    objects = Named.as_manager()


class Loud(models.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        print(self)


class Heard(models.Model):
    pass


class Assigned(models.Model):
    def __setattr__(self, name, value):
        print(name)
        super().__setattr__(name, value)


class Calling(type(models.Model)):
    def __call__(cls, *args, **kwargs):
        print(cls)
        return super().__call__(*args, **kwargs)


class Made(models.Model, metaclass=Calling):
    pass


class Converted(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        print(value)
        return value


class Read(models.Model):
    number = Converted()


class Ranked(models.Model):
    tags = models.ManyToManyField(Tag)
    parent = models.ForeignKey("self", on_delete=models.CASCADE)

    class Meta:
        ordering = ["tags__name"]


class Loose(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, db_constraint=False)


class Listing(models.Manager):
    def get_queryset(self):
        return list(super().get_queryset())


class Listed(models.Model):
    objects = Listing()


class Locking(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_for_update()


class Locked(models.Model):
    objects = Locking()


class Sorting(models.Manager):
    def get_queryset(self):
        return super().get_queryset().order_by("tags__name")


class Sorted(models.Model):
    tags = models.ManyToManyField(Tag)
    objects = Sorting()


class Joining(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("customer")


class Joined(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, db_constraint=False)
    objects = Joining()


class Visible(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(shown=True).select_related("customer")


class Shown(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    shown = models.BooleanField()
    objects = Visible()


class Chosen(models.Manager):
    _queryset_class = Lengthy


class Picked(models.Model):
    objects = Chosen()


@receiver(post_init, sender=Heard)
def hear(sender, instance, **kwargs):
    print(instance)
"""

FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": 'INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]\n',
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
    "pyproject.toml": "[tool.ruff]\nline-length = 88\n",
}

HEAD = "from shop.models import Customer, Order\nfrom shop.models import *\n\n\n"
ROWS = "Order.objects.filter(paid=x)"


@pytest.fixture
def bench(bench_of):
    return bench_of(Exists(), "shop/services.py", FILES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(bench_of, example):
    bench = bench_of(Exists(), example.path, example.files)
    if example.before == example.after:
        assert bench.after(example.before).decode() == example.after
    else:
        bench.fixes(example.before, example.after)


def function(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    return f"{HEAD}def work(x, customer: Customer):\n{lines}\n"


FIXED = {
    "count_above_zero": (f"return {ROWS}.count() > 0", f"return {ROWS}.exists()"),
    "count_is_not_zero": (f"return {ROWS}.count() != 0", f"return {ROWS}.exists()"),
    "count_at_least_one": (f"return {ROWS}.count() >= 1", f"return {ROWS}.exists()"),
    "zero_below_count": (f"return 0 < {ROWS}.count()", f"return {ROWS}.exists()"),
    "count_is_zero": (f"return {ROWS}.count() == 0", f"return not {ROWS}.exists()"),
    "count_below_one": (f"return {ROWS}.count() < 1", f"return not {ROWS}.exists()"),
    "zero_is_count": (f"return 0 == {ROWS}.count()", f"return not {ROWS}.exists()"),
    "count_as_truth": (f"if {ROWS}.count():\n    run()", f"if {ROWS}.exists():\n    run()"),
    "not_count": (f"if not {ROWS}.count():\n    run()", f"if not {ROWS}.exists():\n    run()"),
    "bool_of_count": (f"return bool({ROWS}.count())", f"return {ROWS}.exists()"),
    "bool_of_rows": (f"return bool({ROWS})", f"return {ROWS}.exists()"),
    "rows_as_truth": (f"if {ROWS}:\n    run()", f"if {ROWS}.exists():\n    run()"),
    "not_rows": (f"if not {ROWS}:\n    run()", f"if not {ROWS}.exists():\n    run()"),
    "elif": (
        f"if x:\n    run()\nelif {ROWS}:\n    run(x)",
        f"if x:\n    run()\nelif {ROWS}.exists():\n    run(x)",
    ),
    "ternary": (f"return 1 if {ROWS} else 2", f"return 1 if {ROWS}.exists() else 2"),
    "assert": (f"assert not {ROWS}", f"assert not {ROWS}.exists()"),
    "operand_of_a_truth": (
        f"if x and {ROWS}:\n    run()",
        f"if x and {ROWS}.exists():\n    run()",
    ),
    "while": (f"while {ROWS}:\n    run()", f"while {ROWS}.exists():\n    run()"),
    "len_above_zero": (f"return len({ROWS}) > 0", f"return {ROWS}.exists()"),
    "len_is_zero": (f"return len({ROWS}) == 0", f"return not {ROWS}.exists()"),
    "len_as_truth": (f"if len({ROWS}):\n    run()", f"if {ROWS}.exists():\n    run()"),
    "len_as_a_number": (f"return len({ROWS})", f"return {ROWS}.count()"),
    "len_compared_with_another_number": (
        f"return len({ROWS}) > 3",
        f"return {ROWS}.count() > 3",
    ),
    "negated_comparison_in_an_expression": (
        f"return x and {ROWS}.count() == 0",
        f"return x and not {ROWS}.exists()",
    ),
    "negation_of_a_negation": (
        f"return not {ROWS}.count() == 0",
        f"return not not {ROWS}.exists()",
    ),
    "negation_that_is_compared": (
        f"return ({ROWS}.count() == 0) is x",
        f"return (not {ROWS}.exists()) is x",
    ),
    "variable": (
        f"rows = {ROWS}\nif rows:\n    run()",
        f"rows = {ROWS}\nif rows.exists():\n    run()",
    ),
    "variable_that_is_refined_besides": (
        f"rows = {ROWS}\nif rows:\n    run(rows.filter(pk=1))",
        f"rows = {ROWS}\nif rows.exists():\n    run(rows.filter(pk=1))",
    ),
    "variable_counted_though_its_rows_are_used": (
        f"rows = {ROWS}\nif rows.count() > 0:\n    run(rows)",
        f"rows = {ROWS}\nif rows.exists():\n    run(rows)",
    ),
    "variable_of_two_branches": (
        f"rows = Order.objects.all()\nif x:\n    rows = {ROWS}\nreturn bool(rows)",
        f"rows = Order.objects.all()\nif x:\n    rows = {ROWS}\nreturn rows.exists()",
    ),
    "manager": ("return Order.objects.count() > 0", "return Order.objects.exists()"),
    "related_manager": (
        "return customer.orders.count() > 0",
        "return customer.orders.exists()",
    ),
    "related_rows": (
        "if customer.orders.filter(paid=x):\n    run()",
        "if customer.orders.filter(paid=x).exists():\n    run()",
    ),
    "queryset_with_methods_of_its_own": (
        "return Entry.objects.filter(pk=x).count() > 0",
        "return Entry.objects.filter(pk=x).exists()",
    ),
    "slice": (f"if {ROWS}[:3]:\n    run()", f"if {ROWS}[:3].exists():\n    run()"),
    "in_a_comprehension": (
        "return [c for c in Customer.objects.all() if c.orders.count() > 0]",
        "return [c for c in Customer.objects.all() if c.orders.exists()]",
    ),
    "rows_of_one_branch_or_the_other": (
        f"return len({ROWS} if x else Order.objects.all()) > 0",
        f"return ({ROWS} if x else Order.objects.all()).exists()",
    ),
    "rows_of_one_branch_or_the_other_in_parentheses": (
        f"return (len({ROWS} if x else Order.objects.all()) == 0) is x",
        f"return (not ({ROWS} if x else Order.objects.all()).exists()) is x",
    ),
    "counted_in_the_order_of_a_key": (
        "return len(Order.objects.order_by('customer__email', '-pk'))",
        "return Order.objects.order_by('customer__email', '-pk').count()",
    ),
    "counted_in_the_order_of_an_annotation": (
        "return len(Order.objects.alias(n=x).order_by('n'))",
        "return Order.objects.alias(n=x).order_by('n').count()",
    ),
    "an_order_over_relations_of_rows_that_are_there_or_not": (
        "return bool(Order.objects.order_by('tags__name')[:3])",
        "return Order.objects.order_by('tags__name')[:3].exists()",
    ),
    "manager_that_filters_and_joins": (
        "return len(Shown.objects.filter(pk=x))",
        "return Shown.objects.filter(pk=x).count()",
    ),
    "comment_in_a_chain": (
        "if (\n    Order.objects\n    # why\n    .filter(paid=x).count() > 0\n):\n    run()",
        "if (\n    Order.objects\n    # why\n    .filter(paid=x).exists()\n):\n    run()",
    ),
    "len_over_lines": (
        "if len(\n    Order.objects\n    .filter(paid=x)\n):\n    run()",
        "if (Order.objects\n    .filter(paid=x)).exists():\n    run()",
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_fixes(bench, name):
    before, after = FIXED[name]
    bench.fixes(function(before), function(after))


IGNORED = {
    "slice_of_a_variable": f"rows = {ROWS}\nrun(list(rows))\nif rows[:3]:\n    run()",
    "slice_with_a_step_is_a_list": f"if {ROWS}[::2]:\n    run()",
    "length_of_a_slice_with_a_step": f"return len({ROWS}[::2])",
    "other_number": f"return {ROWS}.count() > 1",
    "chained_comparison": f"return 0 < {ROWS}.count() < 5",
    "count_as_a_number": f"return {ROWS}.count()",
    "text": "return 'abc'.count('a') > 0",
    "list_of_other_things": "names = [each for each in x]\nif names:\n    run()",
    "value_of_or": f"return {ROWS} or None",
    "first": f"if {ROWS}.first():\n    run()",
    "exists_already": f"if {ROWS}.exists():\n    run()",
    "unknown_name": "if x:\n    run()",
    "own_len": f"def len(rows):\n    return 0\n\nreturn len({ROWS})",
    "compared_with_none": f"return {ROWS} is None",
    "compared_with_false": f"return {ROWS}.count() == False",
}


@pytest.mark.parametrize("name", IGNORED)
def test_ignores(bench, name):
    bench.ignores(function(IGNORED[name]))


DECLINED = {
    "variable_of_a_slice": (
        "rows = customer.orders.all()[:3]\nif rows:\n    run()",
        "perhaps-a-list",
    ),
    "slice_of_rows_that_may_be_prefetched": (
        "if customer.orders.all()[:3]:\n    run()",
        "perhaps-a-list",
    ),
    "rows_used_afterwards": (
        f"rows = {ROWS}\nif rows:\n    for row in rows:\n        run(row)",
        "used-again",
    ),
    "rows_used_before": (f"rows = {ROWS}\nrun(list(rows))\nif rows:\n    run()", "used-again"),
    "rows_returned": (f"rows = {ROWS}\nif not rows:\n    run()\nreturn rows", "used-again"),
    "rows_indexed": (f"rows = {ROWS}\nif rows:\n    return rows[0]", "used-again"),
    "rows_counted_afterwards": (
        f"rows = {ROWS}\nif rows:\n    return rows.count()",
        "used-again",
    ),
    "rows_in_a_closure": (
        f"rows = {ROWS}\nif rows:\n    return lambda: rows",
        "used-again",
    ),
    "all_variables_handed_on": (f"rows = {ROWS}\nif rows:\n    return locals()", "used-again"),
    "text_run_with_all_variables": (f"rows = {ROWS}\nif rows:\n    eval(x)", "used-again"),
    "another_name": (f"kept = rows = {ROWS}\nif rows:\n    run(kept)", "used-again"),
    "in_each_turn": (
        f"rows = {ROWS}\nfor each in x:\n    if rows:\n        run(each)",
        "asked-again",
    ),
    "parameter": (
        f"if x is None:\n    x = {ROWS}\nif x.filter(pk=1):\n    pass\nif x:\n    run()",
        "held-elsewhere",
    ),
    "locked_rows": ("if Order.objects.select_for_update().filter(pk=x):\n    run()", "locked"),
    "locked_rows_counted": (
        "return Order.objects.select_for_update().filter(pk=x).count() > 0",
        "locked",
    ),
    "own_count": ("return Counted.objects.filter(pk=x).count() > 0", "custom-queryset"),
    "own_len": ("return len(Long.objects.filter(pk=x)) > 0", "custom-queryset"),
    "asked_in_each_turn_of_a_comprehension": (
        f"rows = {ROWS}\nreturn [each for each in x if rows]",
        "asked-again",
    ),
    "counted_in_each_turn_of_a_generator": (
        f"rows = {ROWS}\nreturn sum(each * len(rows) for each in x)",
        "asked-again",
    ),
    "in_an_f_string": (f"return f'{{len({ROWS})}} orders'", "inside-a-text"),
    "iterator_in_one_branch": (
        f"rows = Order.objects.all().iterator() if x else {ROWS}\nreturn bool(rows)",
        "iterator",
    ),
    "locked_in_one_branch": (
        f"rows = {ROWS}\nif x:\n    rows = Order.objects.select_for_update()\nreturn bool(rows)",
        "locked",
    ),
    "order_over_many_gives_a_row_twice": (
        "return len(Order.objects.order_by('tags__name'))",
        "ordered-over-relations",
    ),
    "order_over_a_reverse_key": (
        "return len(Customer.objects.order_by('orders__id'))",
        "ordered-over-relations",
    ),
    "order_by_an_expression_over_many": (
        "from django.db.models import F\n\nreturn len(Order.objects.order_by(F('tags').desc()))",
        "ordered-over-relations",
    ),
    "order_by_what_is_not_known": (
        "return len(Order.objects.order_by(x))",
        "ordered-over-relations",
    ),
    "order_of_an_earlier_line": (
        "rows = Order.objects.filter(pk=x)\nrows = rows.order_by('tags')\nreturn len(rows)",
        "ordered-over-relations",
    ),
    "order_of_the_model_over_many": (
        "return len(Ranked.objects.filter(pk=x))",
        "ordered-over-relations",
    ),
    "order_of_the_related_model_over_many": (
        "return len(Ranked.objects.order_by('parent'))",
        "ordered-over-relations",
    ),
    "order_over_many_and_the_first_rows_left_out": (
        "return Order.objects.order_by('tags__name')[3:].count() > 0",
        "ordered-over-relations",
    ),
    "order_of_the_manager": (
        "return len(Sorted.objects.filter(pk=x))",
        "ordered-over-relations",
    ),
    "manager_that_gives_a_list": ("return bool(Listed.objects.all())", "custom-queryset"),
    "manager_that_locks": ("return bool(Locked.objects.all())", "custom-queryset"),
    "extra": ("return Order.objects.extra(where=['1']).count() > 0", "extra-sql"),
    "unknown_model": ("return thing.objects.filter(pk=x).count() > 0", "unknown-receiver"),
    "relation_of_a_new_object": (
        "return Customer(email='a').orders.count() > 0",
        "unsaved-owner",
    ),
}


@pytest.mark.parametrize("name", DECLINED)
def test_declines(bench, name):
    body, reason = DECLINED[name]
    text = function(body)
    result = bench.run(text, unsafe=True)
    assert not result.changes
    assert reason in [item.reason.name for item in result.declined]


REVIEWED = {
    "code_for_each_row": (
        "return bool(Loud.objects.filter(pk=x))",
        "return Loud.objects.filter(pk=x).exists()",
        "loading-code",
    ),
    "receiver_for_each_row": (
        "return bool(Heard.objects.filter(pk=x))",
        "return Heard.objects.filter(pk=x).exists()",
        "loading-code",
    ),
    "assignments_for_each_row": (
        "return bool(Assigned.objects.filter(pk=x))",
        "return Assigned.objects.filter(pk=x).exists()",
        "loading-code",
    ),
    "metaclass_for_each_row": (
        "return bool(Made.objects.filter(pk=x))",
        "return Made.objects.filter(pk=x).exists()",
        "loading-code",
    ),
    "field_for_each_row": (
        "return bool(Read.objects.filter(pk=x))",
        "return Read.objects.filter(pk=x).exists()",
        "loading-code",
    ),
    "join_over_a_key_that_may_point_nowhere": (
        "return bool(Loose.objects.select_related('customer'))",
        "return Loose.objects.select_related('customer').exists()",
        "no-database-constraint",
    ),
    "order_over_a_key_that_may_point_nowhere": (
        "return bool(Loose.objects.order_by('customer__email'))",
        "return Loose.objects.order_by('customer__email').exists()",
        "no-database-constraint",
    ),
    "manager_that_joins_over_such_a_key": (
        "return bool(Joined.objects.all())",
        "return Joined.objects.all().exists()",
        "no-database-constraint",
    ),
    "name_of_no_relation": (
        'return bool(Order.objects.select_related("nobody"))',
        'return Order.objects.select_related("nobody").exists()',
        "unknown-path",
    ),
    "lookup_of_no_relation": (
        'return bool(Order.objects.prefetch_related("nothing"))',
        'return Order.objects.prefetch_related("nothing").exists()',
        "unknown-path",
    ),
    "relation_that_may_be_prefetched": (
        "if customer.orders.all():\n    run()",
        "if customer.orders.all().exists():\n    run()",
        "perhaps-prefetched",
    ),
}


@pytest.mark.parametrize("name", REVIEWED)
def test_reviews(bench, name):
    before, after, reason = REVIEWED[name]
    bench.reviews(function(before), function(after), reason)


def test_count_runs_no_code_for_rows(bench):
    before = function("return Loud.objects.filter(pk=x).count() > 0")
    bench.fixes(before, before.replace("count() > 0", "exists()"))


def test_manager_with_a_queryset_class_set_by_name(bench):
    assert not bench.run(function("return len(Picked.objects.filter(pk=x)) > 0")).changes


def test_data(bench):
    (found,) = bench.run(function(f"return {ROWS}.count() == 0")).findings
    assert dict(found.finding.data) == {"model": "shop.Order", "form": "not-exists"}
    assert found.finding.symbol == "shop.services.work"


def test_two_questions_on_one_line(bench):
    before = function(f"return {ROWS}.count() > 0 or {ROWS}.count() == 0")
    after = function(f"return {ROWS}.exists() or not {ROWS}.exists()")
    bench.fixes(before, after)
