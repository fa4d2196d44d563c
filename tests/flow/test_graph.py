"""Paths of hand-written functions: which points follow which, and which never do."""

from __future__ import annotations

import ast

import pytest

from djfix.codemods.flow.graph import WITHOUT_EXCEPTIONS, graph_of
from tests.flow.code import Code

FETCH_OR_404 = """
    def view(request, pk):
        try:
            order = Order.objects.get(pk=pk)  # load
        except Order.DoesNotExist:  # handler
            return Response(status=404)  # missing
        order.total -= 1  # change
        order.save()  # save
"""


def test_handler_that_returns_is_not_between_load_and_save() -> None:
    code = Code(FETCH_OR_404)
    assert code.marks(code.graph.between(code["load"], code["save"])) == {"change"}


def test_handler_that_goes_on_is_between_load_and_save() -> None:
    code = Code(FETCH_OR_404.replace("return Response(status=404)", "order = Order()"))
    between = code.graph.between(code["load"], code["save"])
    assert code.marks(between) == {"handler", "missing", "change"}


def test_return_in_try_runs_finally_and_does_not_go_on_after_it() -> None:
    code = Code("""
    def f(order):
        try:
            return order.total  # return
        except KeyError:
            pass
        finally:
            log()  # finally
        order.save()  # after
    """)
    normal = code.graph.reachable(code["return"], edges=WITHOUT_EXCEPTIONS)
    assert code.marks(normal) == {"finally"}
    assert code.graph.exit in normal
    assert code["after"] in code.graph.reachable(code["finally"])


def test_exception_runs_finally_and_leaves() -> None:
    code = Code("""
    def f(order):
        try:
            order.total -= 1  # change
            ready = True  # ready
        finally:
            log()  # finally
        order.save()  # after
    """)
    through = code.graph.reachable(code["change"], through=lambda point: point is not code["ready"])
    assert code.marks(through) == {"ready", "finally"}
    assert code.graph.raised in through
    assert code.graph.exit not in through


def test_return_in_finally_swallows_the_exception() -> None:
    code = Code("""
    def f(order):
        try:
            raise ValueError  # raise
        finally:
            return None  # return
    """)
    assert code.graph.reachable(code["raise"]) == {code["return"], code.graph.exit}


def test_break_through_finally_leaves_the_loop_only() -> None:
    code = Code("""
    def f(orders):
        for order in orders:  # for
            try:
                break  # break
            finally:
                flag = 1  # finally
            order.save()  # save
        done = 1  # done
    """)
    assert code.marks(code.graph.reachable(code["break"])) == {"finally", "done"}
    assert code["save"] not in code.graph.live


def test_continue_through_finally_goes_to_the_next_element() -> None:
    code = Code("""
    def f(orders):
        for order in orders:  # for
            try:
                continue  # continue
            finally:
                flag = 1  # finally
            order.save()  # save
    """)
    assert code.marks(code.graph.reachable(code["continue"])) == {"for", "continue", "finally"}


def test_nested_finally_runs_from_the_inside_out() -> None:
    code = Code("""
    def f(order):
        try:
            try:
                return order  # return
            finally:
                inner = 1  # inner
            between = 1  # between
        finally:
            outer = 1  # outer
        after = 1  # after
    """)
    assert code.marks(code.graph.reachable(code["return"])) == {"inner", "outer"}
    assert code.graph.dominates(code["inner"], code["outer"])


def test_deeply_nested_finally_stays_small_and_keeps_every_path() -> None:
    depth = 12
    lines = ["def f(a):"]
    for level in range(1, depth + 1):
        indent = "    " * level
        lines += [f"{indent}try:", f"{indent}    return a.x{level}()", f"{indent}finally:"]
    lines.append("    " * (depth + 1) + "last = 1  # last")
    code = Code("\n".join(lines))
    assert len(code.graph.nodes.owners) < 1000
    assert code["last"] in code.graph.reachable(code.graph.points[1])
    assert code.graph.exit in code.graph.reachable(code["last"])
    assert code.graph.raised in code.graph.reachable(code["last"])


WITH = """
    def f(order):
        with manager():  # with
            order.change()  # change
            changed = True  # changed
        after = 1  # after
"""


def test_with_may_swallow_what_its_body_raises() -> None:
    code = Code(WITH)
    raised = code.graph.reachable(code["change"], through=lambda point: point != code["changed"])
    assert {code["after"], code.graph.raised} <= raised


def test_with_known_not_to_swallow_is_left_by_the_exception() -> None:
    code = Code(WITH, may_suppress=lambda manager: ast.unparse(manager) != "manager()")
    raised = code.graph.reachable(code["change"], through=lambda point: point != code["changed"])
    assert code["after"] not in raised
    assert code.graph.raised in raised


def test_inner_manager_of_one_with_may_swallow_into_the_outer_one() -> None:
    code = Code(
        """
    def f(order):
        with outer(), inner():
            raise ValueError  # raise
        after = 1  # after
    """,
        may_suppress=lambda manager: ast.unparse(manager) == "inner()",
    )
    outer, inner = code.function.body[0].items  # type: ignore[attr-defined]
    leaving = [point for point in code.graph.points if point.kind == "leave"]
    assert [point.node for point in leaving] == [outer, inner]
    reached = code.graph.reachable(code["raise"])
    assert {code["after"], *leaving} <= reached
    past = code.graph.reachable(leaving[1], through=lambda point: point is not leaving[0])
    assert not past & {code.graph.exit, code.graph.raised}


def test_return_inside_with_leaves_the_manager_first() -> None:
    code = Code("""
    def f(order):
        with manager():
            return order  # return
        after = 1  # after
    """)
    (leave,) = (point for point in code.graph.points if point.kind == "leave")
    assert code.graph.reachable(code["return"]) == {leave, code.graph.exit, code.graph.raised}


def test_async_with_and_async_for_have_the_same_shape() -> None:
    code = Code("""
    async def f(orders):
        async for order in orders:  # for
            async with lock(order):  # with
                await order.asave()  # save
    """)
    assert code.graph.can_repeat(code["save"])
    assert not code.graph.can_repeat(code["save"], without=[code["with"]])


def test_else_of_try_is_not_caught_by_its_handlers() -> None:
    code = Code("""
    def f(order):
        try:
            ready = True
        except ValueError:
            handled = 1  # handler
        else:
            order.save()  # save
        after = 1  # after
    """)
    assert code.marks(code.graph.reachable(code["save"])) == {"after"}
    assert code["handler"] not in code.graph.live


def test_handler_that_may_not_match_lets_the_exception_out() -> None:
    source = """
    def f(order):
        try:
            order.save()  # save
        except {}:  # handler
            failed = 1  # failed
    """
    named = Code(source.format("DatabaseError"))
    assert named.graph.raised in named.graph.reachable(named["handler"])
    everything = Code(source.format("BaseException"))
    assert everything.graph.raised not in everything.graph.live
    bare = Code(source.replace(" {}", ""))
    assert bare.graph.raised not in bare.graph.live


def test_second_handler_is_asked_after_the_first() -> None:
    code = Code("""
    def f(order):
        try:
            order.save()
        except ValueError:  # first
            one = 1  # one
        except KeyError:  # second
            two = 2  # two
    """)
    assert code.graph.dominates(code["first"], code["two"])
    assert code["two"] not in code.graph.reachable(code["one"])


def test_several_except_star_clauses_may_run() -> None:
    code = Code("""
    def f(order):
        try:
            order.save()
        except* ValueError:
            one = 1  # one
        except* KeyError:
            two = 2  # two
        after = 1  # after
    """)
    assert code.marks(code.graph.reachable(code["one"])) >= {"two", "after"}
    assert code.graph.raised in code.graph.reachable(code["two"])


def test_what_cannot_raise_has_no_exception_edge() -> None:
    code = Code("""
    def f(order, flag):
        try:
            copy = order  # name
            both = (copy, 1)  # display
            later = lambda: order.x  # lambda
            if flag is None:  # is
                pass
        except Exception:
            handled = 1  # handler
    """)
    assert code["handler"] not in code.graph.live


@pytest.mark.parametrize(
    "statement",
    [
        "order.total",
        "order[0]",
        "order + 1",
        "order == 1",
        "not order",
        "order and 1",
        "f'{order}'",
        "import json",
        "assert order is None",
        "first, second = order",
        "[*order]",
        "del order.x",
        "{order: 1}",
        "[x for x in order]",
        "(x for x in order)",
        "yield order",
        "1 if order else 2",
        "order += 1",
        "class A: pass",
        "unbound",
        "raise",
    ],
)
def test_what_can_raise_has_an_exception_edge(statement: str) -> None:
    code = Code(f"""
    def f(order):
        {statement}  # here
        unbound = 1
    """)
    assert "exception" in {edge.kind for edge in code.graph.successors(code["here"])}


def test_variable_without_a_value_raises_where_it_is_read() -> None:
    code = Code("""
    def f(flag):
        if flag is None:
            order = 1
        return order  # maybe
    """)
    assert code.graph.raised in code.graph.reachable(code["maybe"])


def test_variable_bound_on_every_path_does_not_raise() -> None:
    code = Code("""
    def f(flag):
        if flag is None:
            order = 1
        else:
            order = 2
        return order  # bound
    """)
    assert code.graph.reachable(code["bound"]) == {code.graph.exit}


def test_change_is_repeated_without_save() -> None:
    code = Code("""
    def f(orders, account):
        for order in orders:
            account.balance -= order.total  # change
        account.save()  # save
    """)
    assert code.graph.can_repeat(code["change"], without=[code["save"]])


def test_change_is_not_repeated_without_save() -> None:
    code = Code("""
    def f(orders, account):
        for order in orders:
            account.balance -= order.total  # change
            account.save()  # save
    """)
    assert code.graph.can_repeat(code["change"])
    assert not code.graph.can_repeat(code["change"], without=[code["save"]])


def test_swallowed_exception_repeats_the_change_without_save() -> None:
    code = Code("""
    def f(orders, account):
        for order in orders:
            try:
                account.balance -= order.total  # change
                check(order)
                account.save()  # save
            except ValueError:
                continue
    """)
    assert code.graph.can_repeat(code["change"], without=[code["save"]])


def test_straight_code_does_not_repeat() -> None:
    code = Code(FETCH_OR_404)
    assert not any(code.graph.can_repeat(point) for point in code.graph.points)


def test_while_true_ends_only_by_break() -> None:
    code = Code("""
    def f(order):
        while True:  # while
            if order.ready is None:
                break  # break
        after = 1  # after
    """)
    assert code.graph.dominates(code["break"], code["after"])


def test_else_of_loops_is_skipped_by_break() -> None:
    for head in ("while orders is not None:", "for order in orders:"):
        code = Code(f"""
        def f(orders, flag):
            {head}
                if flag is None:
                    break  # break
            else:
                done = 1  # else
            after = 1  # after
        """)
        assert code.marks(code.graph.reachable(code["break"])) == {"after"}
        assert not code.graph.dominates(code["else"], code["after"])
        assert code["else"] in code.graph.live


def test_match_goes_on_unless_a_case_always_matches() -> None:
    source = """
    def f(state):
        match state:
            case 1:
                one = 1  # one
            case {}:
                rest = 1  # rest
        after = 1  # after
    """
    for always in ("_", "other", "1 | _", "(other)"):
        code = Code(source.format(always))
        skipped = code.graph.reachable(
            code.graph.entry,
            through=lambda point, code=code: code.marks([point]) not in ({"one"}, {"rest"}),
        )
        assert code["after"] not in skipped
    for sometimes in ("2", "other if state.x", "[other]"):
        code = Code(source.format(sometimes))
        skipped = code.graph.reachable(
            code.graph.entry,
            through=lambda point, code=code: code.marks([point]) not in ({"one"}, {"rest"}),
        )
        assert code["after"] in skipped


def test_dominates_needs_every_path() -> None:
    code = Code("""
    def f(order):
        if order.total < 5:  # guard
            lock(order)  # lock
        order.save()  # save
    """)
    assert code.graph.dominates(code["guard"], code["save"])
    assert not code.graph.dominates(code["lock"], code["save"])
    assert code.graph.dominates(code["save"], code["save"])


def test_nothing_dominates_dead_code() -> None:
    code = Code("""
    def f(order):
        return 1  # return
        order.save()  # dead
    """)
    assert code["dead"] not in code.graph.live
    assert not code.graph.dominates(code["return"], code["dead"])
    assert code["dead"] not in code.graph.reachable(code["return"])


def test_between_stops_at_the_first_point_passed_again() -> None:
    code = Code("""
    def f(pks):
        for pk in pks:
            before()  # before
            order = get(pk)  # load
            order.total -= 1  # change
            order.save()  # save
            send(order)  # send
    """)
    assert code.marks(code.graph.between(code["load"], code["save"])) == {"change"}
    assert code.marks(code.graph.between(code["save"], code["load"])) == {"send", "before"}


def test_between_holds_what_runs_before_a_second_save() -> None:
    code = Code("""
    def f(pk, items):
        order = get(pk)  # load
        for item in items:
            order.save()  # save
            send(order)  # send
    """)
    assert code.marks(code.graph.between(code["load"], code["save"])) == {"save", "send"}


def test_point_of_finds_expressions_tests_and_nested_code() -> None:
    code = Code("""
    def f(orders):
        if orders.total and [x for x in orders]:  # if
            key = lambda one: one.total  # lambda
        for order in orders.all():  # for
            pass
        with open(orders) as file:  # with
            pass
        try:
            first = 1  # first
        finally:
            pass
    """)
    graph, body = code.graph, code.function.body
    for node in ast.walk(code.function):
        if isinstance(node, ast.expr) and node is not code.function.returns:
            assert graph.point_of(node).line == node.lineno
    assert graph.point_of(body[0]).kind == "test"
    assert graph.point_of(body[1]).kind == "iter"
    assert graph.point_of(body[1].target).kind == "target"  # type: ignore[attr-defined]
    assert graph.point_of(body[2]).kind == "with"
    assert graph.point_of(body[3]) is code["first"]
    assert graph.point_of(code.function.args.args[0]) is graph.entry


def test_decorators_and_defaults_are_not_part_of_the_function() -> None:
    code = Code("""
    @decorate
    def f(order=default()):
        pass
    """)
    for outside in (code.function.decorator_list[0], code.function.args.defaults[0]):
        with pytest.raises(LookupError):
            code.graph.point_of(outside)


def test_long_chain_of_elif_needs_no_deep_stack() -> None:
    branches = "".join(f"    elif x == {number}:\n        y = {number}\n" for number in range(1500))
    tree = ast.parse(f"def f(x):\n    if x is None:\n        y = -1\n{branches}    return y\n")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    graph = graph_of(function)
    assert len(graph.live) == len(graph.points)


def test_lambda_and_module_have_graphs() -> None:
    expression = ast.parse("lambda order: order.save()", mode="eval").body
    assert isinstance(expression, ast.Lambda)
    graph = graph_of(expression)
    assert [point.kind for point in graph.points] == ["entry", "statement", "exit", "raised"]
    empty = graph_of(ast.parse(""))
    assert empty.reachable(empty.entry) == {empty.exit}


def test_annotations_of_variables_are_evaluated_in_modules_only() -> None:
    module = graph_of(ast.parse("total: get() = 1"))
    steps = [module.steps(point) for point in module.points]
    assert any(isinstance(step.node, ast.Call) for found in steps for step in found)
    code = Code("""
    def f():
        total: get() = 1  # here
    """)
    assert not any(isinstance(step.node, ast.Call) for step in code.graph.steps(code["here"]))
