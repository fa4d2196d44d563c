"""What queries give: instances and how they came, querysets, managers, lists of objects."""

from __future__ import annotations

import pytest

from tests.inference.shop import Revealed, shown

EXPRESSIONS = {
    "Account": "class Account",
    "Account.objects": "manager Account.objects",
    "Account._default_manager": "manager Account._default_manager",
    "Account.objects.all()": "queryset Account all",
    "Account.objects.filter(pk=1).order_by('pk')": "queryset Account filter order_by",
    "Account.objects.all()[:5]": "queryset Account all sliced",
    "Account.objects.get(pk=1)": "Account yes get",
    "Account._base_manager.get(pk=1)": "Account yes get",
    "Account.objects.select_for_update().get(pk=1)": "Account yes get locked",
    "Account.objects.select_for_update().filter(pk=1).first()": "Account yes first locked optional",
    "Account.objects.select_for_update().get(pk=1).owner": "User yes relation locked outlives",
    "Account.objects.first()": "Account yes first optional",
    "Account.objects.latest('opened')": "Account yes first",
    "Account.objects.all()[0]": "Account yes index",
    "rows[0]": "Account yes index outlives",
    "Account.objects.create(count=1)": "Account yes create",
    "Account.objects.get_or_create(pk=1)": "(Account yes get-or-create, bool)",
    "Account.objects.get_or_create(pk=1)[0]": "Account yes get-or-create",
    "Account.objects.update_or_create(pk=1)[0]": "Account yes get-or-create",
    "get_object_or_404(Account, pk=1)": "Account yes get-object-or-404",
    "get_object_or_404(Account.objects.filter(count=1), pk=1)": "Account yes get-object-or-404",
    "get_object_or_404(Account.objects.select_for_update(), pk=1)": (
        "Account yes get-object-or-404 locked"
    ),
    "generics.get_object_or_404(Account, pk=1)": "Account yes get-object-or-404",
    "Account()": "Account no new",
    "Account(pk=1)": "Account no new",
    "Account.objects.first() or Account()": "Account no several",
    "Account.objects.first() or Account.objects.create()": "Account yes several",
    "(a := Account.objects.get())": "Account yes get",
    "Order.objects.get().account": "Account yes relation outlives",
    "Order.objects.get().account.owner": "User yes relation outlives",
    "Order.objects.get().second": "Account yes relation outlives optional",
    "Order().account": "Account no relation outlives",
    "User.objects.get().account": "Account yes relation outlives",
    "Account.objects.get().orders": "manager Order.orders related",
    "Account.objects.get().orders.get(pk=1)": "Order yes get",
    "Account.objects.get().orders.all()[0]": "Order yes index outlives",
    "Account.objects.get().orders.create()": "Order yes create",
    "Order.objects.get().tags.first()": "Tag yes first optional",
    "Tag.objects.get().order_set.get()": "Order yes get",
    "Quick.objects.filter(pk=1).last()": "Quick yes first optional",
    "Walking.objects.get(pk=1)": "Walking yes get",
    "list(Account.objects.all())": "[Account yes iteration]",
    "[o.account for o in Order.objects.all()]": "[Account yes relation outlives]",
    "{a for a in Account.objects.all()}": "[Account yes iteration]",
    "[Account(), Account()]": "[Account no new]",
    "sorted(Account.objects.all(), key=len)[0]": "Account yes iteration outlives",
    "(Account.objects.get(), 1)[1]": "int",
    "(Account.objects.get(), 1)[0]": "Account yes get",
    "Account.objects.get().balance": "decimal",
    "Account.objects.get().count": "int",
    "Account.objects.get().maybe": "int?",
    "Account.objects.get().rate": "float",
    "Account.objects.get().spent": "timedelta",
    "Account.objects.get().active": "bool",
    "Account.objects.get().number": "str",
    "Account.objects.get().opened": "date",
    "Account.objects.get().pk": "int",
}

LOOPS = {
    "for a in Account.objects.all()": ("a", "Account yes iteration"),
    "for a in Account.objects.select_for_update()": ("a", "Account yes iteration locked"),
    "for a in Account.objects.all().iterator()": ("a", "Account yes iteration"),
    "for a in rows": ("a", "Account yes iteration outlives"),
    "for a in list(rows)": ("a", "Account yes iteration outlives"),
    "for a in Account.objects.get().children.all()": ("a", "Account yes iteration outlives"),
    "for a in reversed(Account.objects.all())": ("a", "Account yes iteration"),
    "for i, a in enumerate(Account.objects.all(), 1)": ("a", "Account yes iteration"),
    "for a, n in zip(Account.objects.all(), [1, 2])": ("a", "Account yes iteration"),
    "for i, (a, n) in enumerate(zip(rows, [1, 2]))": ("n", "int"),
    "for a in [o.account for o in Order.objects.all()]": ("a", "Account yes relation outlives"),
    "for a in (Account.objects.get(), Account.objects.first())": (
        "a",
        "Account yes several outlives optional",
    ),
    "for n in [1, 2]": ("n", "int"),
}

AWAITED = {
    "await Account.objects.aget(pk=1)": "Account yes get",
    "await Account.objects.select_for_update().aget(pk=1)": "Account yes get locked",
    "await Account.objects.afirst()": "Account yes first optional",
    "await Account.objects.acreate()": "Account yes create",
    "(await Account.objects.aget_or_create(pk=1))[0]": "Account yes get-or-create",
    "await aget_object_or_404(Account, pk=1)": "Account yes get-object-or-404",
    "await Account.objects.acount()": "int",
    "[a async for a in Account.objects.all()]": "[Account yes iteration]",
}

UNKNOWN = {
    "a_get_that_the_project_wrote": "Quick.objects.get(pk=1)",
    "a_get_that_the_project_wrote_after_filter": "Quick.objects.filter(pk=1).get()",
    "a_get_that_the_project_wrote_through_a_relation": "Account.objects.get().quicks.get(pk=1)",
    "a_get_that_the_project_wrote_behind_the_shortcut": "get_object_or_404(Quick, pk=1)",
    "a_method_that_only_the_project_s_queryset_has": "Quick.objects.cheap()",
    "an_index_that_the_project_wrote": "Walking.objects.all()[0]",
    "a_list_of_an_iteration_that_the_project_wrote": "list(Walking.objects.all())[0]",
    "a_manager_that_cannot_be_read": "Foreign.objects.get(pk=1)",
    "a_default_manager_that_cannot_be_read": "Foreign._default_manager.get(pk=1)",
    "a_relation_s_manager_that_cannot_be_read": "Account.objects.get().foreigns.get(pk=1)",
    "a_shortcut_to_a_manager_that_cannot_be_read": "get_object_or_404(Foreign, pk=1)",
    "a_shortcut_that_is_asked_for_an_unknown": "get_object_or_404(u, pk=1)",
    "a_shortcut_with_unpacked_arguments": "get_object_or_404(*u)",
    "a_base_that_cannot_be_read": "Based.objects.get(pk=1)",
    "an_abstract_model_has_no_manager": "Stamp.objects.get(pk=1)",
    "a_foreign_key_to_a_model_that_is_not_found": "Order.objects.get().missing",
    "the_key_of_a_foreign_key": "Order.objects.get().account_id",
    "a_hidden_reverse_relation": "Account.objects.get().order_set.get()",
    "a_field_of_a_class_that_is_not_known": "Account.objects.get().money",
    "a_field_whose_class_converts_its_value": "Priced.objects.get().cents",
    "a_json_field": "Account.objects.get().data['n']",
    "a_property_that_promises_nothing": "Account.objects.get().bare",
    "an_attribute_that_is_no_field": "Account.objects.get().nothing",
    "a_manager_of_an_instance": "Account.objects.get().objects",
    "values_are_no_instances": "Account.objects.values()[0]",
    "a_values_list": "Account.objects.values_list('count', flat=True)[0]",
    "raw_rows": "Account.objects.raw('select 1')[0]",
    "a_union": "Account.objects.union(rows).get()",
    "a_dict_of_instances": "Account.objects.in_bulk([1])[1]",
    "an_aggregate": "Account.objects.aggregate(n=models.Sum('count'))['n']",
    "what_bulk_create_gives": "Account.objects.bulk_create([Account()])[0]",
    "a_dict_comprehension_s_value": "{a.pk: a for a in rows}[1]",
    "an_item_past_the_end": "(1, 2)[2]",
    "an_item_at_an_unknown_place": "(1, 2.5)[u]",
    "an_empty_list_s_item": "[][0]",
    "an_item_of_a_list_with_an_unpacked_one": "[1, *u][0]",
    "an_item_of_a_list_of_two_kinds": "[1, Account()][0]",
    "a_random_one": "random.choice(rows)",
    "an_attribute_of_an_unknown": "u.account",
    "getattr": "getattr(Account.objects.get(), 'count')",
    "what_and_gives": "u and Account.objects.get()",
}

UNKNOWN_IN_LOOPS = {
    "an_iteration_that_the_project_wrote": ("for a in Walking.objects.all()", "a"),
    "a_manager_is_no_list": ("for a in Account.objects", "a"),
    "an_unknown_list": ("for a in u", "a"),
    "an_unpacked_instance": ("for a, b in Account.objects.all()", "a"),
    "a_starred_target": ("for a, *b in zip(rows, [1], [2])", "a"),
    "more_targets_than_parts": ("for i, a, n in enumerate(rows)", "a"),
    "fewer_targets_than_parts": ("for (a,) in zip(rows, [1])", "a"),
    "a_target_that_is_stored_to": ("for u.a in rows", "a"),
    "a_dict_s_items": ("for k, a in u.items()", "a"),
    "an_unpacked_zip": ("for a, b in zip(*u)", "a"),
    "a_map": ("for a in map(u, rows)", "a"),
    "a_filter": ("for a in filter(u, rows)", "a"),
    "values": ("for a in Account.objects.values()", "a"),
}

CHANGED_LISTS = {
    "an_object_appended": "accounts.append(Account())",
    "objects_added": "accounts.extend(u)",
    "an_object_inserted": "accounts.insert(0, Account())",
    "an_item_replaced": "accounts[0] = Account()",
    "a_slice_replaced": "accounts[:] = [Account()]",
    "a_list_added_to_it": "accounts += u",
    "an_item_that_a_loop_replaces": "for accounts[0] in u: pass",
}


def _in_function(expression: str, head: str = "def") -> str:
    rows = "rows = Account.objects.all()"
    return f"{head} f(u):\n    {rows}\n    reveal({expression})\n"


def _in_loop(loop: str, name: str) -> str:
    return f"def f(u):\n    rows = Account.objects.all()\n    {loop}:\n        reveal({name})\n"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is(expression: str) -> None:
    assert shown(Revealed(_in_function(expression)).value) == EXPRESSIONS[expression]


@pytest.mark.parametrize("expression", AWAITED)
def test_what_is_awaited_is(expression: str) -> None:
    assert shown(Revealed(_in_function(expression, "async def")).value) == AWAITED[expression]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_gives(loop: str) -> None:
    name, expected = LOOPS[loop]
    assert shown(Revealed(_in_loop(loop, name)).value) == expected


def test_an_async_loop_gives() -> None:
    source = "async def f():\n    async for a in Account.objects.all():\n        reveal(a)\n"
    assert shown(Revealed(source).value) == "Account yes iteration"


@pytest.mark.parametrize("case", UNKNOWN)
def test_declines(case: str) -> None:
    assert shown(Revealed(_in_function(UNKNOWN[case])).value) == "unknown"


@pytest.mark.parametrize("case", UNKNOWN_IN_LOOPS)
def test_declines_in_a_loop(case: str) -> None:
    assert shown(Revealed(_in_loop(*UNKNOWN_IN_LOOPS[case])).value) == "unknown"


@pytest.mark.parametrize("case", CHANGED_LISTS)
@pytest.mark.parametrize("read", ["reveal(accounts[0])", "for a in accounts: reveal(a)"])
def test_declines_the_items_of_a_list_after(case: str, read: str) -> None:
    source = f"""
        def f(u):
            accounts = list(Account.objects.all())
            {CHANGED_LISTS[case]}
            {read}
    """
    assert shown(Revealed(source).value) == "unknown"


@pytest.mark.parametrize(
    "use", ["accounts.sort()", "len(accounts)", "accounts.pop()", "accounts[0]"]
)
def test_keeps_the_items_of_a_list_after(use: str) -> None:
    source = f"""
        def f():
            accounts = list(Account.objects.all())
            {use}
            reveal(accounts[0])
    """
    assert shown(Revealed(source).value) == "Account yes iteration outlives"
