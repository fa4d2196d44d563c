"""Which bindings reach a read, in hand-written functions."""

from __future__ import annotations

import ast
import sys

import pytest

from djfix.codemods.flow.names import flow_of
from tests.flow.code import Code


def test_rebinding_replaces_the_parameter() -> None:
    code = Code("""
    def f(order):
        first(order)  # first
        order = get(order)
        second(order)  # second
    """)
    assert code.reaching("order", "first") == [("parameter", 1)]
    assert code.reaching("order", "second") == [("assign", 3)]


def test_value_is_read_before_its_own_statement_binds() -> None:
    code = Code("""
    def f(order):
        order = order.refreshed()  # here
    """)
    assert code.reaching("order", "here", occurrence=1) == [("parameter", 1)]


def test_both_branches_reach_what_follows() -> None:
    code = Code("""
    def f(flag):
        if flag:
            order = 1
        else:
            order = 2
        use(order)  # use
    """)
    assert code.reaching("order", "use") == [("assign", 3), ("assign", 5)]


def test_variable_bound_in_one_branch_may_be_unbound() -> None:
    code = Code("""
    def f(flag):
        if flag:
            order = 1
        use(order)  # use
    """)
    assert code.reaching("order", "use") == [("assign", 3), ("unbound", 1)]


def test_handler_sees_the_variable_as_it_was_before_the_failed_fetch() -> None:
    code = Code("""
    def f(order):
        try:
            order = get()
        except KeyError:
            use(order)  # handler
        use(order)  # after
    """)
    assert code.reaching("order", "handler") == [("parameter", 1)]
    assert code.reaching("order", "after") == [("assign", 3), ("parameter", 1)]


def test_handler_sees_either_value_where_the_binding_is_not_last() -> None:
    code = Code("""
    def f(order):
        try:
            use(order := get())
        except KeyError:
            use(order)  # handler
    """)
    assert code.reaching("order", "handler") == [("parameter", 1), ("walrus", 3)]


def test_finally_sees_the_values_of_every_way_in() -> None:
    code = Code("""
    def f(flag):
        order = 1
        try:
            order = 2
            check()
            order = 3
            return order
        finally:
            use(order)  # use
    """)
    assert code.reaching("order", "use") == [("assign", 4), ("assign", 6)]


def test_value_of_the_way_of_return_does_not_reach_what_follows_the_try() -> None:
    code = Code("""
    def f(flag):
        order = 1
        try:
            if flag is None:
                order = 2
                return order
        finally:
            log()
        use(order)  # use
    """)
    assert code.reaching("order", "use") == [("assign", 2)]


def test_loop_carries_values_around() -> None:
    code = Code("""
    def f(orders):
        last = None
        for order in orders:
            use(last)  # use
            last = order
        end(order)  # end
    """)
    assert code.reaching("last", "use") == [("assign", 2), ("assign", 5)]
    assert code.reaching("order", "end") == [("for", 3), ("unbound", 1)]


def test_later_operand_may_not_bind() -> None:
    code = Code("""
    def f(order, flag):
        if flag and (order := get()):
            use(order)  # use
    """)
    assert code.reaching("order", "use") == [("parameter", 1), ("walrus", 2)]


def test_walrus_reaches_the_rest_of_its_expression() -> None:
    code = Code("""
    def f(order):
        both(order, order := get(), order)  # here
    """)
    assert code.reaching("order", "here", occurrence=0) == [("parameter", 1)]
    assert code.reaching("order", "here", occurrence=2) == [("walrus", 2)]


def test_walrus_in_a_comprehension_binds_the_function_and_reaches_its_next_round() -> None:
    code = Code("""
    def f(orders, last):
        [(last, last := order) for order in orders]  # here
        use(last)  # use
    """)
    assert code.reaching("last", "here", occurrence=0) == [("parameter", 1), ("walrus", 2)]
    assert code.reaching("last", "use") == [("parameter", 1), ("walrus", 2)]


def test_comprehension_target_is_not_the_function_s_variable() -> None:
    code = Code("""
    def f(orders, order):
        [order for order in orders]  # inner
        use(order)  # use
    """)
    assert [kind for kind, _ in code.reaching("order", "inner", occurrence=0)] == ["inner"]
    assert code.reaching("order", "use") == [("parameter", 1)]


def test_first_iterable_of_a_comprehension_is_the_function_s_variable() -> None:
    code = Code("""
    def f(order):
        [order for order in order]  # here
    """)
    assert code.reaching("order", "here", occurrence=2) == [("parameter", 1)]


def test_name_of_an_except_clause_is_gone_after_it() -> None:
    code = Code("""
    def f():
        try:
            check()
        except KeyError as error:
            use(error)  # inside
        use(error)  # after
    """)
    assert code.reaching("error", "inside") == [("except", 4)]
    assert code.reaching("error", "after") == [("del", 4), ("unbound", 1)]


def test_pattern_that_failed_may_have_bound_its_names() -> None:
    code = Code("""
    def f(state, order):
        match state:
            case [order] if order.ready:
                use(order)  # taken
            case _:
                use(order)  # other
    """)
    assert code.reaching("order", "taken") == [("match", 3)]
    assert code.reaching("order", "other") == [("match", 3), ("parameter", 1)]


def test_alternatives_of_a_pattern_all_reach() -> None:
    code = Code("""
    def f(state):
        match state:
            case [order, 1] | [1, order]:
                use(order)  # use
    """)
    assert code.reaching("order", "use") == [("match", 3), ("match", 3)]


def test_swallowing_manager_may_have_left_its_name_unbound() -> None:
    code = Code("""
    def f():
        with suppress(KeyError), get() as order:
            use(order)  # inside
        use(order)  # after
    """)
    assert code.reaching("order", "inside") == [("with", 2)]
    assert code.reaching("order", "after") == [("unbound", 1), ("with", 2)]


def test_deleted_variable_has_no_value() -> None:
    code = Code("""
    def f(order):
        del order
        use(order)  # use
    """)
    assert code.reaching("order", "use") == [("del", 2)]


def test_nonlocal_of_a_nested_function_may_rebind_at_any_time() -> None:
    code = Code("""
    def f(order):
        before(order)  # before
        def replace():
            nonlocal order
            order = None
        order = get()
        use(order)  # use
    """)
    assert code.reaching("order", "before") == [("parameter", 1)]
    assert code.reaching("order", "use") == [("assign", 6), ("nonlocal", 5)]


def test_code_that_runs_later_may_see_every_binding() -> None:
    code = Code("""
    def f(order):
        later = lambda: order.total  # lambda
        order = get()
    """)
    assert code.reaching("order", "lambda") == [("assign", 3), ("parameter", 1)]


def test_names_of_outer_scopes_are_global() -> None:
    code = Code("""
    def f():
        global counter
        counter = counter + 1  # here
        use(counter, settings)  # use
    """)
    assert code.reaching("counter", "use") == [("assign", 3), ("global", 1)]
    assert code.reaching("settings", "use") == [("global", 1)]
    assert not code.flow.is_local("counter")
    assert not code.flow.is_local("settings")


def test_class_body_has_its_own_names_that_its_methods_do_not_see() -> None:
    code = Code("""
    def f(order):
        class Form:
            order = None
            copy = order  # class
            def clean(self):
                return order  # method
    """)
    assert [kind for kind, _ in code.reaching("order", "class")] == ["inner"]
    assert code.reaching("order", "method") == [("parameter", 1)]


def test_imports_defs_and_classes_bind() -> None:
    code = Code("""
    def f():
        import a.b
        import c.d as e
        from g import h
        def i(): ...
        class j: ...
        use(a, e, h, i, j)  # use
    """)
    found = {name: code.reaching(name, "use") for name in "aehij"}
    assert found == {
        "a": [("import", 2)],
        "e": [("import", 3)],
        "h": [("import", 4)],
        "i": [("def", 5)],
        "j": [("class", 6)],
    }


def test_values_are_given_only_where_certain() -> None:
    code = Code("""
    def f(pair):
        first, (second, third) = get(), (1, 2)
        fourth, fifth = pair
        *sixth, seventh = 1, 2
        for eighth in pair: pass
        ninth: int = 3
        with get() as tenth: pass
    """)
    values = {
        definition.name: definition.value and ast.unparse(definition.value)
        for definition in code.flow.definitions.all
        if definition.kind in ("assign", "for", "with")
    }
    assert values == {
        "first": "get()",
        "second": "1",
        "third": "2",
        "fourth": None,
        "fifth": None,
        "sixth": None,
        "seventh": None,
        "eighth": "pair",
        "ninth": "3",
        "tenth": "get()",
    }


def test_annotation_alone_binds_nothing_but_makes_the_name_local() -> None:
    code = Code("""
    def f():
        order: Order
        use(order)  # use
    """)
    assert code.reaching("order", "use") == [("unbound", 1)]
    assert code.flow.is_local("order")


def test_dead_code_has_no_definitions() -> None:
    code = Code("""
    def f(order):
        return
        use(order)  # use
    """)
    assert code.reaching("order", "use") == []


def test_statement_is_asked_before_it_runs() -> None:
    code = Code("""
    def f(order):
        order = get()  # here
    """)
    (definition,) = code.flow.reaching("order", code.function.body[0])
    assert definition.kind == "parameter"


def test_closures_are_the_scopes_that_read_or_rebind() -> None:
    code = Code("""
    def f(order, orders):
        a = lambda: order.total
        b = [order for one in orders]
        c = [order for order in orders]
        d = lambda order: order
        def e():
            nonlocal order
            order = None
    """)
    kinds = [type(scope).__name__ for scope in code.flow.closures_over("order")]
    assert kinds == ["Lambda", "ListComp", "FunctionDef"]


@pytest.mark.parametrize("call", ["locals()", "exec(code)", "eval(code)", "vars()", "globals()"])
def test_dynamic_code_is_flagged(call: str) -> None:
    assert Code(f"def f(code):\n    return {call}").flow.dynamic


def test_ordinary_code_is_not_dynamic() -> None:
    assert not Code("def f(order):\n    return order.eval()").flow.dynamic


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements are new in Python 3.12")
def test_type_parameters_and_aliases_have_scopes_of_their_own() -> None:
    code = Code("""
    def f(T, order):
        def g[T](x: T) -> T: ...  # generic
        type Later = order  # alias
        order = get()
    """)
    assert [kind for kind, _ in code.reaching("T", "generic", occurrence=0)] == ["inner"]
    assert code.reaching("order", "alias") == [("assign", 4), ("parameter", 1)]
    assert code.flow.is_local("Later")


def test_module_variables_can_be_rebound_by_functions() -> None:
    tree = ast.parse("x = 1\ndef f():\n    global x\n    x = 2\nuse(x)\n")
    use = tree.body[-1]
    assert isinstance(use, ast.Expr)
    assert isinstance(use.value, ast.Call)
    kinds = {definition.kind for definition in flow_of(tree).reaching("x", use.value.args[0])}
    assert kinds == {"assign", "nonlocal"}
