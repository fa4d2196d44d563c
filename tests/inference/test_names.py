"""What a name means: builtins that are hidden, names rebound, of modules and of other scopes."""

from __future__ import annotations

import pytest

from tests.inference.shop import Revealed, shown

KNOWN = {
    "a_constant_of_the_module": ("int", "STEP = 1\ndef f(): reveal(STEP)"),
    "an_annotated_constant": ("decimal", "STEP: Decimal = Decimal(2)\ndef f(): reveal(STEP)"),
    "a_constant_with_two_names": ("int", "STEP = OTHER = 3\ndef f(): reveal(STEP)"),
    "the_user_model_by_its_function": (
        "User yes get",
        "Person = get_user_model()\ndef f(): reveal(Person.objects.get())",
    ),
    "a_model_by_another_name": (
        "Account yes get",
        "Konto = Account\ndef f(): reveal(Konto.objects.get())",
    ),
    "a_model_imported_in_the_function": (
        "Tag yes get",
        "def f():\n    from shop.models import Tag as T\n    reveal(T.objects.get())",
    ),
    "a_model_imported_in_the_function_around": (
        "Tag yes get",
        """
        def outer():
            from shop.models import Tag as T
            def f():
                reveal(T.objects.get())
        """,
    ),
    "a_class_attribute_hides_nothing_within_methods": (
        "Account yes get",
        """
        class Shelf:
            Account = None

            def f(self):
                reveal(Account.objects.get())
        """,
    ),
    "a_builtin_replaced_by_a_function_that_is_read": (
        "float",
        "def int(x): return 2.5\ndef f(x): reveal(int(x))",
    ),
    "the_element_of_a_comprehension": (
        "Account yes iteration",
        "def f(): return [reveal(a) for a in Account.objects.all()]",
    ),
    "a_walrus": (
        "Account yes first optional",
        "def f():\n  if a := Account.objects.first(): reveal(a)",
    ),
    "one_kind_on_both_paths": (
        "Account yes several",
        """
        def f(x):
            if x:
                a = Account.objects.get()
            else:
                a = Account.objects.create()
            reveal(a)
        """,
    ),
    "new_on_one_path_counts_as_new": (
        "Account no several",
        "def f(x):\n  a = Account.objects.get() if x else Account()\n  reveal(a)",
    ),
    "none_on_one_path": (
        "Account yes get optional",
        "def f(x):\n  a = Account.objects.get() if x else None\n  reveal(a)",
    ),
    "unlocked_on_one_path_counts_as_unlocked": (
        "Account yes get",
        """
        def f(x):
            a = Account.objects.get()
            if x:
                a = Account.objects.select_for_update().get()
            reveal(a)
        """,
    ),
}

UNKNOWN = {
    "a_parameter_hides_a_builtin": "def f(x, int): reveal(int(x))",
    "a_local_hides_a_builtin": "def f(x):\n  len = x\n  reveal(len(x))",
    "a_local_hides_a_builtin_before_it_is_bound": "def f(x):\n  reveal(len(x))\n  len = x",
    "a_parameter_of_the_function_around_hides_a_builtin": """
        def outer(int):
            def f(x):
                reveal(int(x))
    """,
    "a_parameter_of_the_function_around_hides_a_model": """
        def outer(Account):
            def f():
                reveal(Account.objects.get())
    """,
    "a_local_of_the_function_around_hides_a_model": """
        def outer(x):
            if x:
                from shop.models import Account
            else:
                Account = x
            def f():
                reveal(Account.objects.get())
    """,
    "a_local_of_the_function_around_hides_a_constant": """
        STEP = 1

        def outer():
            STEP = 2.5
            def f():
                reveal(STEP)
    """,
    "a_variable_of_the_function_around": """
        def outer():
            account = Account.objects.get()
            def f():
                reveal(account)
    """,
    "a_method_hides_a_builtin_in_its_class": """
        class Shelf:
            def int(self): ...

            def f(self, x: int):
                reveal(x)
    """,
    "a_constant_bound_again_in_a_branch": "STEP = 1\nif x: STEP = 2.5\ndef f(): reveal(STEP)",
    "a_constant_that_is_augmented": "STEP = 1\nSTEP += .5\ndef f(): reveal(STEP)",
    "a_constant_of_a_loop": "STEP = 1\nfor STEP in things: pass\ndef f(): reveal(STEP)",
    "a_constant_in_a_branch": "if x: STEP = 1\ndef f(): reveal(STEP)",
    "a_constant_that_a_star_import_may_hide": """
        STEP = 1
        from elsewhere import *
        def f(): reveal(STEP)
    """,
    "a_constant_that_a_function_binds": """
        STEP = 1
        def g():
            global STEP
            STEP = 2.5
        def f(): reveal(STEP)
    """,
    "a_constant_that_a_method_binds": """
        STEP = 1
        class Shelf:
            def g(self):
                global STEP
                STEP = 2.5
        def f(): reveal(STEP)
    """,
    "a_constant_that_a_def_replaces": "STEP = 1\ndef STEP(): ...\ndef f(): reveal(STEP)",
    "an_unpacked_constant": "STEP, OTHER = 1, 2\ndef f(): reveal(STEP)",
    "an_object_that_a_module_holds": "A = Account.objects.get()\ndef f(): reveal(A)",
    "a_list_that_a_module_holds": "STEPS = [1, 2]\ndef f(): reveal(STEPS[0])",
    "a_setting": "from django.conf import settings\ndef f(): reveal(settings.STEP)",
    "a_constant_of_a_class": "def f(): reveal(Order.STEP)",
    "a_name_declared_global": """
        A = 1
        def f():
            global A
            A = Account.objects.get()
            reveal(A)
    """,
    "a_name_rebound_by_a_closure": """
        def f():
            a = Account.objects.get()
            def g():
                nonlocal a
                a = Account()
            g()
            reveal(a)
    """,
    "a_name_within_a_lambda": "def f(): return lambda a: reveal(a)",
    "what_a_with_gives": "def f():\n  with open_account() as a: reveal(a)",
    "what_an_except_gives": "def f():\n  try: go()\n  except Exception as a: reveal(a)",
    "what_a_match_gives": "def f():\n  match Account.objects.get():\n    case a: reveal(a)",
    "a_def_of_the_same_name": "def f():\n  def a(): ...\n  reveal(a)",
    "a_class_of_the_same_name": "def f():\n  class Account: ...\n  reveal(Account.objects.get())",
    "a_name_that_is_deleted": "def f():\n  a = Account.objects.get()\n  del a\n  reveal(a)",
    "one_of_two_models": "def f(x): reveal(Account.objects.get() if x else Tag.objects.get())",
    "an_object_on_one_path_only_known": """
        def f(x):
            a = Account.objects.get()
            if x:
                a = x
            reveal(a)
    """,
    "a_handler_s_path_where_the_name_is_another": """
        def f(x):
            a = x
            try:
                a = Account.objects.get()
            except Account.DoesNotExist:
                pass
            reveal(a)
    """,
    "a_name_that_nothing_binds": "def f(): reveal(a)",
    "a_model_imported_for_type_checkers_is_no_call_s_target": """
        from elsewhere import Account
        def f(): reveal(Account.objects.get())
    """,
    "a_name_that_two_loops_of_a_comprehension_bind": (
        "def f(): return [reveal(x) for x in Account.objects.all() for x in [1]]"
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_is_known(case: str) -> None:
    expected, source = KNOWN[case]
    assert shown(Revealed(source).value) == expected


@pytest.mark.parametrize("case", UNKNOWN)
def test_is_unknown(case: str) -> None:
    assert shown(Revealed(UNKNOWN[case]).value).partition(" ")[0] in {"unknown", "named"}
