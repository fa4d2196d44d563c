"""What is told of the uses of an object path, by kind, place and order."""

from __future__ import annotations

import pytest

from djfix.codemods.flow.uses import (
    Use,
    escapes,
    points_after,
    uses,
    uses_after,
    uses_at,
    uses_before,
    uses_between,
)
from tests.flow.code import Code


def kinds(found: tuple[Use, ...]) -> list[str]:
    """Kind and attribute of uses, as `read total`; `?` marks those that may be skipped."""
    return [
        f"{use.kind} {use.attribute or ''}".strip() + ("?" if use.conditional else "")
        for use in found
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("order.total", ["read total"]),
        ("order.account.total", ["read account"]),
        ("order.account.save()", ["read account"]),
        ("order.total = 1", ["store total"]),
        ("order.total += 1", ["read total", "store total"]),
        ("order.total = order.total + 1", ["read total", "store total"]),
        ("order.account.total += 1", ["read account"]),
        ("order.rows[0] = 1", ["read rows"]),
        ("del order.total", ["store total"]),
        ("order.total: int = 1", ["store total"]),
        ("for order.total in xs: pass", ["store total"]),
        ("order.save()", ["call save"]),
        ("order.save(order.total)", ["read total", "call save"]),
        ("order()", ["other"]),
        ("send(order)", ["pass"]),
        ("send(to=order)", ["pass"]),
        ("send(*order)", ["iterate"]),
        ("send(**order)", ["other"]),
        ("send([order])", ["alias"]),
        ("return order", ["return"]),
        ("return order, 1", ["alias"]),
        ("yield order", ["yield"]),
        ("yield from order", ["iterate"]),
        ("x = order", ["alias"]),
        ("x = y = order", ["alias"]),
        ("x: Order = order", ["alias"]),
        ("(x := order)", ["alias"]),
        ("x = {'order': order}", ["alias"]),
        ("x = order if y else z", ["alias?"]),
        ("x = order or z", ["truth", "alias"]),
        ("x = z or order", ["alias?"]),
        ("if order: pass", ["truth"]),
        ("if not order: pass", ["truth"]),
        ("if order and z: pass", ["truth"]),
        ("while order: pass", ["truth"]),
        ("assert order", ["truth?"]),
        ("order == z", ["compare"]),
        ("order is None", ["compare"]),
        ("order in z", ["compare"]),
        ("z in order", ["iterate"]),
        ("for x in order: pass", ["iterate"]),
        ("[x for x in order]", ["iterate"]),
        ("[x for x in z if order]", ["truth?"]),
        ("[order.total for x in z]", ["read total?"]),
        ("[order for x in z]", ["alias?"]),
        ("(order.total for x in z)", ["capture total?"]),
        ("(x for x in order)", ["iterate"]),
        ("lambda: order.save()", ["capture save?"]),
        ("lambda order=order: order.total", ["alias"]),
        ("def g(): order.total = 1", ["capture total?"]),
        ("def g(x=order.total): pass", ["read total"]),
        ("def g(order): order.total", []),
        ("f'{order} {order.total:{order.width}}'", ["format", "read total", "read width"]),
        ("'%s' % order", ["format"]),
        ("'%s %s' % (order, 1)", ["format"]),
        ("order + 1", ["other"]),
        ("order += 1", ["other", "rebind"]),
        ("-order", ["other"]),
        ("order[0]", ["subscript"]),
        ("order[0] = 1", ["subscript"]),
        ("z[order]", ["other"]),
        ("order = 1", ["rebind"]),
        ("order, z = 1, 2", ["rebind"]),
        ("del order", ["rebind"]),
        ("import order", ["rebind"]),
        ("for order in z: pass", ["rebind"]),
        ("with z as order: pass", ["rebind"]),
        ("def order(): pass", ["rebind"]),
        ("with order: pass", ["other"]),
        ("raise order", ["other"]),
        ("order", ["other"]),
        ("x: order = 1", []),
        (
            "order.total if order.ready else order.other",
            ["read ready", "read total?", "read other?"],
        ),
        ("order.a < order.b < order.c", ["read a", "read b", "read c?"]),
        ("order.a and order.b", ["read a", "read b?"]),
        ("other.order.total", []),
        ("match order:\n        case [x]: pass", ["other"]),
        ("match z:\n        case order.STATE: pass", ["read STATE"]),
        ("match z:\n        case {'a': 1, **order}: pass", ["rebind"]),
        ("class A(order): pass", ["other"]),
        ("class A:\n        x = order.total", ["read total?"]),
        ("class A:\n        order = 1\n        x = order.total", []),
        ("try: pass\n    except order.Error: pass", ["read Error"]),
        ("@order.register\n    def g(): pass", ["read register"]),
    ],
)
def test_kind_of_use(statement: str, expected: list[str]) -> None:
    code = Code(f"def f(order, z):\n    {statement}\n")
    assert kinds(uses(code.flow, ("order",))) == expected


def test_await_of_a_method_is_its_call() -> None:
    code = Code("async def f(order):\n    await order.asave()\n    await order\n")
    assert kinds(uses(code.flow, ("order",))) == ["call asave", "other"]


def test_store_follows_the_value_and_the_value_follows_the_load() -> None:
    code = Code("def f(order):\n    order.total -= order.fee(order.rate)\n")
    assert kinds(uses(code.flow, ("order",))) == [
        "read total",
        "read rate",
        "call fee",
        "store total",
    ]


def test_longer_path_reports_the_uses_of_its_prefix() -> None:
    code = Code("""
    def f(order):
        order.account.balance -= order.total
        send(order)
        order.account = None
        order.account.save()
    """)
    found = uses(code.flow, ("order", "account"))
    assert [(use.path, *kinds((use,))) for use in found] == [
        (("order", "account"), "read balance"),
        (("order",), "read total"),
        (("order", "account"), "store balance"),
        (("order",), "pass"),
        (("order", "account"), "rebind"),
        (("order", "account"), "call save"),
    ]


def test_capture_names_its_scope() -> None:
    code = Code("def f(order):\n    return [lambda: order.total]\n")
    (use,) = uses(code.flow, ("order",))
    assert type(use.scope).__name__ == "Lambda"


AFTER_SAVE = """
    def f(pk, other):
        order = get(pk)  # load
        order.total -= 1  # change
        order.save()  # save
        send(order.total)  # read
        order = other  # rebind
        log(order.name)  # later
"""


def test_reads_after_a_rebinding_are_of_another_object() -> None:
    code = Code(AFTER_SAVE)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["read total", "rebind"]


def test_reads_after_until_are_left_out() -> None:
    code = Code(AFTER_SAVE)
    assert uses_after(code.flow, code["save"], ("order",), until=[code["read"]]) == ()


def test_rebinding_on_one_path_does_not_hide_the_other() -> None:
    code = Code("""
    def f(order, flag):
        order.save()  # save
        if flag:
            order = None
        send(order)
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["rebind", "pass"]


def test_failed_rebinding_leaves_the_object_to_the_handler() -> None:
    code = Code("""
    def f(order):
        order.save()  # save
        try:
            order = get()
        except KeyError:
            send(order)
            return
        log(order.name)
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["rebind", "pass"]


def test_uses_after_in_a_loop_come_around() -> None:
    code = Code("""
    def f(order, items):
        for item in items:
            check(order.total)
            order.save()  # save
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["read total", "call save"]


def test_loop_variable_is_another_object_in_the_next_round() -> None:
    code = Code("""
    def f(orders):
        for order in orders:
            check(order.total)
            order.save()  # save
        last(order)
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["rebind", "pass"]


def test_handler_may_read_after_a_failed_save() -> None:
    code = Code("""
    def f(order):
        try:
            order.save()  # save
        except DatabaseError:
            log(order.total)
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["read total"]


def test_reads_in_the_other_branch_do_not_follow() -> None:
    code = Code("""
    def f(order, flag):
        if flag:
            order.save()  # save
        else:
            log(order.total)
    """)
    assert uses_after(code.flow, code["save"], ("order",)) == ()


def test_closure_made_before_may_run_after() -> None:
    code = Code("""
    def f(order):
        later = lambda: order.total
        order.save()  # save
        later()
    """)
    assert kinds(uses_after(code.flow, code["save"], ("order",))) == ["capture total?"]


def test_closure_of_another_branch_does_not_count() -> None:
    code = Code("""
    def f(order, flag):
        if flag:
            return lambda: order.total
        order.save()  # save
    """)
    assert uses_after(code.flow, code["save"], ("order",)) == ()


def test_new_foreign_object_ends_the_path() -> None:
    code = Code("""
    def f(order, account):
        order.account.save()  # save
        order.account = account
        order.account.total
    """)
    found = uses_after(code.flow, code["save"], ("order", "account"))
    assert kinds(found) == ["rebind"]


def test_uses_before_go_back_to_the_binding() -> None:
    code = Code("""
    def f(order, pk):
        check(order.total)
        order = get(pk)
        order.total -= 1
        order.save()  # save
    """)
    assert kinds(uses_before(code.flow, code["save"], ("order",))) == [
        "rebind",
        "read total",
        "store total",
    ]


def test_uses_before_pass_a_binding_that_may_not_have_happened() -> None:
    code = Code("""
    def f(order, pk):
        check(order.total)
        if pk:
            order = get(pk)
        order.save()  # save
    """)
    assert kinds(uses_before(code.flow, code["save"], ("order",))) == ["read total", "rebind"]


def test_uses_between_load_and_save() -> None:
    code = Code("""
    def f(pk):
        order = get(pk)  # load
        if order.total < 5:
            return order
        order.total -= 5
        send(order)
        order.save()  # save
        order.refresh_from_db()
    """)
    assert kinds(uses_between(code.flow, code["load"], code["save"], ("order",))) == [
        "read total",
        "read total",
        "store total",
        "pass",
    ]


def test_uses_at_one_point_are_in_order_of_evaluation() -> None:
    code = Code("""
    def f(order):
        first(order.a, second(order), order.b)  # here
    """)
    assert kinds(uses_at(code.flow, code["here"], ("order",))) == ["read a", "pass", "read b"]


def test_path_of_another_variable_has_no_uses() -> None:
    code = Code("def f(order):\n    order.save()\n")
    assert uses(code.flow, ("account",)) == ()


def test_points_after_go_on_where_a_binding_failed_or_was_skipped() -> None:
    code = Code("""
    def f(order, flag):
        order.total -= 1  # first
        try:
            order = get()  # fetch
        except KeyError:
            order.total -= 1  # second
            return
        order.total -= 1  # third
    """)
    after = points_after(code.flow, code["first"], ("order",))
    assert code.marks(after) == {"fetch", "second"}
    skipped = Code("""
    def f(order, flag):
        order.total -= 1  # first
        flag and (order := get())  # fetch
        order.total -= 1  # second
    """)
    after = points_after(skipped.flow, skipped["first"], ("order",))
    assert skipped.marks(after) == {"fetch", "second"}


def test_escapes_leave_out_what_stays_in_sight() -> None:
    code = Code("""
    def f(order, orders):
        if order.total > 5:
            order.total = 5
            order.save()
            send(order)
            orders.append(lambda: order)
        return order
    """)
    assert kinds(escapes(uses(code.flow, ("order",)))) == ["pass", "capture?", "return"]
