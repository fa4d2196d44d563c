"""What calls of the project's own functions and methods give, and views' `get_object()`."""

from __future__ import annotations

import pytest

from tests.inference.shop import Revealed, shown

KNOWN = {
    "a_helper_that_may_return_none": (
        "Account yes get optional remote",
        """
        def load(x):
            if x:
                return Account.objects.get()
            return None
        def f(): reveal(load(1))
    """,
    ),
    "a_helper_that_ends_without_return_on_one_path": (
        "Account yes get optional remote",
        """
        def load(x):
            if x:
                return Account.objects.get()
        def f(): reveal(load(1))
    """,
    ),
    "a_helper_whose_else_returns_nothing": (
        "Account yes get optional remote",
        """
        def load(x):
            if x:
                return Account.objects.get()
            else:
                log()
        def f(): reveal(load(1))
    """,
    ),
    "a_helper_whose_handler_returns_nothing": (
        "Account yes get optional remote",
        """
        def load(x):
            try:
                return Account.objects.get()
            except Account.DoesNotExist:
                log()
        def f(): reveal(load(1))
    """,
    ),
    "a_helper_that_never_ends_otherwise": (
        "Account yes get remote",
        """
        def load(x):
            while True:
                return Account.objects.get()
        def f(): reveal(load(1))
    """,
    ),
    "a_helper_that_only_promises": (
        "Account unknown helper outlives",
        """
        def load(x) -> Account: ...
        def f(): reveal(load(1))
    """,
    ),
    "a_coroutine_is_not_its_result": (
        "coroutine of int",
        """
        async def load(): return 1
        def f(): reveal(load())
    """,
    ),
    "an_awaited_coroutine_is": (
        "Account yes get outlives remote",
        """
        async def load(): return await Account.objects.aget(pk=1)
        async def f(): reveal(await load())
    """,
    ),
    "what_a_helper_is_given_and_gives_back": (
        "Account no parameter outlives remote",
        """
        def load(a): return a
        def f(): reveal(load(Account()))
    """,
    ),
    "a_method_that_a_subclass_replaces_counts_as_either": (
        "Account no several remote",
        """
        class B:
            def load(self): return Account.objects.get()
            def f(self): reveal(self.load())
        class C(B):
            def load(self): return Account()
    """,
    ),
    "a_method_of_the_class": (
        "Account yes get remote",
        """
        class B:
            def load(self): return Account.objects.get()
            def f(self): reveal(self.load())
    """,
    ),
    "a_return_of_an_inner_function_is_not_the_helper_s": (
        "Account yes get remote",
        """
        def load():
            class A:
                def g(self): return 1
            return Account.objects.get()
        def f(): reveal(load())
    """,
    ),
    "the_items_of_a_helper_s_list": (
        "Account yes iteration remote",
        """
        def load(): return list(Account.objects.all())
        def f():
            for a in load(): reveal(a)
    """,
    ),
    "the_parts_of_a_helper_s_tuple": (
        "(Account yes get outlives remote, int)",
        """
        def load(): return Account.objects.get(), 1
        def f():
            a, n = load()
            reveal((a, n))
    """,
    ),
    "the_object_of_a_view_by_its_model": (
        "Account yes get-object",
        """
        class V(DetailView):
            model = Account
            def post(self, request): reveal(self.get_object())
    """,
    ),
    "the_object_of_a_view_by_its_queryset": (
        "Account yes get-object locked remote",
        """
        class V(UpdateView):
            queryset = Account.objects.select_for_update()
            def post(self, request): reveal(self.get_object())
    """,
    ),
    "the_object_of_a_view_by_its_get_queryset": (
        "Account yes get-object remote",
        """
        class V(DetailView):
            def get_queryset(self):
                return Account.objects.filter(count=1)
            def post(self, request): reveal(self.get_object())
    """,
    ),
    "a_get_object_of_its_own": (
        "Account yes get remote",
        """
        class V(DetailView):
            def get_object(self): return Account.objects.get(pk=1)
            def post(self, request): reveal(self.get_object())
    """,
    ),
    "the_object_of_a_rest_view": (
        "Account yes get-object",
        """
        class V(viewsets.ModelViewSet):
            queryset = Account.objects.all()
            @action(detail=True)
            def go(self, request, pk=None): reveal(self.get_object())
    """,
    ),
    "a_view_whose_subclass_has_the_same_model": (
        "Account yes get-object",
        """
        class B(DetailView):
            model = Account
            def post(self, request): reveal(self.get_object())
        class C(B):
            pass
    """,
    ),
    "what_a_task_fetches": (
        "Account yes get",
        """
        @shared_task
        def f(pk): reveal(Account.objects.get(pk=pk))
    """,
    ),
}

UNKNOWN = {
    "a_decorated_helper": """
        @cached
        def load(): return Account.objects.get()
        def f(): reveal(load())
    """,
    "a_generator": """
        def load(): yield Account.objects.get()
        def f(): reveal(load())
    """,
    "a_helper_defined_twice": """
        def load(): return 1
        def load(): return 2.5
        def f(): reveal(load())
    """,
    "a_helper_that_may_be_an_import": """
        try:
            from x import load
        except ImportError:
            def load(): return 1
        def f(): reveal(load())
    """,
    "a_function_within_the_function": """
        def f():
            def load(): return 1
            reveal(load())
    """,
    "an_object_that_the_view_holds": """
        class V(DetailView):
            model = Account
            def post(self, request):
                self.object = self.get_object()
                reveal(self.object)
    """,
    "a_get_object_that_is_not_understood": """
        class V(DetailView):
            model = Account
            def get_object(self): return make()
            def post(self, request): reveal(self.get_object())
    """,
    "a_rest_view_of_a_manager_that_cannot_be_read": """
        class V(viewsets.ModelViewSet):
            queryset = Foreign.objects.all()
            @action(detail=True)
            def go(self, request, pk=None): reveal(self.get_object())
    """,
    "what_a_serializer_saves": """
        class V(viewsets.ModelViewSet):
            queryset = Account.objects.all()
            def perform_create(self, serializer): reveal(serializer.save())
    """,
    "a_view_whose_subclass_has_another_model": """
        class B(DetailView):
            model = Account
            def post(self, request): reveal(self.get_object())
        class C(B):
            model = Order
    """,
    "a_view_of_a_model_with_its_own_get": """
        class B(DetailView):
            model = Quick
            def post(self, request): reveal(self.get_object())
    """,
    "a_view_of_a_queryset_with_its_own_get": """
        class B(DetailView):
            queryset = Quick.objects.all()
            def post(self, request): reveal(self.get_object())
    """,
    "a_view_with_an_unknown_mixin": """
        class B(Mixin, DetailView):
            model = Account
            def post(self, request): reveal(self.get_object())
    """,
}


@pytest.mark.parametrize("case", KNOWN)
def test_is_known(case: str) -> None:
    expected, source = KNOWN[case]
    assert shown(Revealed(source).value) == expected


@pytest.mark.parametrize("case", UNKNOWN)
def test_is_unknown(case: str) -> None:
    assert shown(Revealed(UNKNOWN[case]).value) == "unknown"
