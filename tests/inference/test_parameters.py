"""What a function is given: annotations, self, requests, hooks of Django, and what callers give."""

from __future__ import annotations

import pytest

from tests.inference.shop import Revealed, shown

KNOWN = {
    "an_annotated_instance_may_be_unsaved": (
        "Account unknown parameter outlives",
        "def f(a: Account): reveal(a)",
    ),
    "an_optional_one_may_be_none": (
        "Account unknown parameter outlives optional",
        "def f(a: Optional[Account]): reveal(a)",
    ),
    "one_or_none_may_be_none": (
        "Account unknown parameter outlives optional",
        "def f(a: Account | None = None): reveal(a)",
    ),
    "a_default_of_none_makes_it_optional": (
        "Account unknown parameter outlives optional",
        "def f(a: Account = None): reveal(a)",
    ),
    "a_default_of_none_makes_a_number_optional": ("int?", "def f(a: int = None): reveal(a)"),
    "a_quoted_annotation": ("Account unknown parameter outlives", 'def f(a: "Account"): reveal(a)'),
    "a_quoted_optional_annotation": (
        "Account unknown parameter outlives optional",
        'def f(a: "Optional[Account]"): reveal(a)',
    ),
    "the_items_of_an_annotated_list": (
        "Account unknown parameter outlives",
        """
        def f(xs: list[Account]):
            for a in xs: reveal(a)
    """,
    ),
    "the_items_of_an_annotated_iterable": (
        "Account unknown parameter outlives",
        """
        def f(xs: Iterable[Account]):
            for a in xs: reveal(a)
    """,
    ),
    "a_union_with_none": (
        "Account unknown parameter outlives optional",
        "def f(a: Union[Account, None]): reveal(a)",
    ),
    "an_annotation_with_remarks": ("int", "def f(a: Annotated[int, 1]): reveal(a)"),
    "a_keyword_only_instance": (
        "Account unknown parameter outlives",
        "def f(*, a: Account): reveal(a)",
    ),
    "a_model_imported_for_type_checkers": (
        "Account unknown parameter outlives",
        """
        if TYPE_CHECKING:
            from shop.models import Account as Konto
        def f(a: "Konto"): reveal(a)
    """,
    ),
    "the_user_of_an_annotated_request": (
        "User yes request-user outlives optional",
        "def f(request: HttpRequest): reveal(request.user)",
    ),
    "the_user_in_a_view_that_requires_a_login": (
        "User yes request-user outlives optional",
        """
        @login_required
        def f(request): reveal(request.user)
    """,
    ),
    "the_user_in_an_api_view": (
        "User yes request-user outlives optional",
        """
        @api_view(["POST"])
        def f(request): reveal(request.user)
    """,
    ),
    "the_user_in_a_view_class": (
        "User yes request-user outlives optional",
        """
        class V(View):
            def post(self, request): reveal(request.user)
    """,
    ),
    "the_user_of_a_view_s_own_request": (
        "User yes request-user outlives optional",
        """
        class V(View):
            def post(self, request): reveal(self.request.user)
    """,
    ),
    "the_object_that_an_admin_class_saves": (
        "Account unknown parameter outlives",
        """
        @admin.register(Account)
        class A(admin.ModelAdmin):
            def save_model(self, request, obj, form, change): reveal(obj)
    """,
    ),
    "the_instance_of_a_receiver_s_sender": (
        "Account unknown parameter outlives",
        """
        @receiver(post_save, sender=Account)
        def f(sender, instance, **kwargs): reveal(instance)
    """,
    ),
    "an_int_that_all_callers_give": (
        "int",
        """
        def g(n): reveal(n)
        def f(): g(1)
        def h(): g(2)
    """,
    ),
    "a_caller_in_a_comprehension": (
        "int",
        """
        def g(n): reveal(n)
        def h(): return [g(m) for m in [1]]
    """,
    ),
    "self_of_a_model": (
        "Shelf unknown self outlives",
        """
        class Shelf(models.Model):
            def take(self): reveal(self)
    """,
    ),
    "the_class_of_a_class_method": (
        "class Shelf",
        """
        class Shelf(models.Model):
            @classmethod
            def build(cls): reveal(cls)
    """,
    ),
    "self_of_the_only_model_of_an_abstract_one": (
        "Shelf unknown self outlives",
        """
        class Base(models.Model):
            class Meta:
                abstract = True
            def take(self): reveal(self)
        class Shelf(Base):
            pass
    """,
    ),
}


def test_the_class_of_a_class_method_may_be_that_of_another_model() -> None:
    source = """
        class Base(models.Model):
            @classmethod
            def build(cls): reveal(cls)

        class Child(Base):
            pass
    """
    assert shown(Revealed(source).value) == "unknown"


ADMIN = {
    "the_rows_of_an_action": (
        "Account yes iteration outlives remote",
        "@admin.register(Account)",
        "@admin.action(description='Take')",
        "for a in queryset: reveal(a)",
    ),
    "the_user_of_a_request": (
        "User yes request-user outlives optional",
        "@admin.register(Account)",
        "@admin.action",
        "reveal(request.user)",
    ),
    "declines_an_action_of_two_models": (
        "unknown",
        "@admin.register(Account, Order)",
        "@admin.action",
        "reveal(queryset)",
    ),
    "declines_an_action_of_no_model": ("unknown", "@other", "@admin.action", "reveal(queryset)"),
    "declines_a_method_that_may_be_no_action": (
        "unknown",
        "@admin.register(Account)",
        "@other",
        "reveal(queryset)",
    ),
}

UNKNOWN = {
    "an_annotation_that_does_not_parse": 'def f(a: "Account["): reveal(a)',
    "a_union_of_two_models": "def f(a: Union[Account, Order]): reveal(a)",
    "a_class_is_no_instance": "def f(a: type[Account]): reveal(a)",
    "an_annotated_queryset": "def f(a: models.QuerySet[Account]): reveal(a)",
    "the_rest_of_the_arguments": "def f(*a: Account): reveal(a)",
    "the_rest_of_the_keywords": "def f(**a: Account): reveal(a)",
    "a_default_promises_nothing": "def f(n=1): reveal(n)",
    "a_parameter_that_is_bound_again": """
        def f(a: Account):
            a = other(a)
            reveal(a)
    """,
    "request_is_only_a_name": "def f(request): reveal(request.user)",
    "a_bound_task_s_self": """
        @shared_task(bind=True)
        def f(self, account): reveal(self)
    """,
    "a_class_of_an_unknown_base_is_no_view": """
        class V(Elsewhere):
            def post(self, request): reveal(request.user)
    """,
    "an_admin_class_of_two_models": """
        @admin.register(Account, Order)
        class A(admin.ModelAdmin):
            def save_model(self, request, obj, form, change): reveal(obj)
    """,
    "the_instance_of_any_sender": """
        @receiver(post_save)
        def f(sender, instance, **kwargs): reveal(instance)
    """,
    "the_instance_of_two_senders": """
        @receiver(post_save, sender=Account)
        @receiver(post_save, sender=Order)
        def f(sender, instance, **kwargs): reveal(instance)
    """,
    "a_static_method_has_no_self": """
        class A:
            @staticmethod
            def go(a): reveal(a)
    """,
    "callers_that_give_an_int_and_a_float": """
        def g(n): reveal(n)
        def f(): g(1)
        def h(): g(2.5)
    """,
    "a_caller_that_unpacks": """
        def g(n): reveal(n)
        def f(): g(1)
        def h(x): g(*x)
    """,
    "a_caller_outside_of_functions": """
        def g(n): reveal(n)
        def f(): g(1)
        g(1)
    """,
    "a_function_that_is_handed_around": """
        def g(n): reveal(n)
        def f(): g(1)
        HANDLERS = [g]
    """,
    "a_caller_that_leaves_it_to_the_default": """
        def g(n=2.5): reveal(n)
        def f(): g(1)
        def h(): g()
    """,
    "a_caller_in_a_lambda": """
        def g(n): reveal(n)
        def h(): return lambda n: g(n)
    """,
    "a_caller_that_gives_another_function_s_variable": """
        def g(n): reveal(n)
        def h():
            m = 1
            def inner(): g(m)
    """,
    "an_attribute_of_a_class_that_is_no_model": """
        class Shelf:
            def take(self): reveal(self.count)
    """,
    "self_within_a_nested_function": """
        class Shelf(models.Model):
            def take(self):
                def inner(): reveal(self)
    """,
}


@pytest.mark.parametrize("case", KNOWN)
def test_is_known(case: str) -> None:
    expected, source = KNOWN[case]
    assert shown(Revealed(source).value) == expected


@pytest.mark.parametrize("case", UNKNOWN)
def test_is_unknown(case: str) -> None:
    assert shown(Revealed(UNKNOWN[case]).value) == "unknown"


@pytest.mark.parametrize("case", ADMIN)
def test_an_admin_class_is_given(case: str) -> None:
    expected, registered, decorator, body = ADMIN[case]
    source = f"""
        {registered}
        class Admin(admin.ModelAdmin):
            {decorator}
            def take(self, request, queryset):
                {body}
    """
    assert shown(Revealed(source).value) == expected


def test_declines_an_action_outside_of_an_admin_class() -> None:
    source = "@admin.action\ndef take(modeladmin, request, queryset): reveal(queryset)"
    assert shown(Revealed(source).value) == "unknown"
