"""Who calls a function, and when that cannot be known."""

import pytest

from djfix.codemods.project.project import Callers, Project
from djfix.codemods.source.files import Files

SERVICES = "def charge(order, amount): ...\n"
MODELS = "class Order:\n    def charge(self, amount): ...\n    def close(self):\n        {body}\n"


def project(**files: str) -> Project:
    texts = {f"shop/{name}.py": text for name, text in files.items()}
    return Project(Files.of({"manage.py": "", "shop/__init__.py": "", **texts}))


def callers(function: str, **files: str) -> Callers:
    return project(**files).callers(function)


def places(found: Callers) -> list[tuple[str, int, str, bool]]:
    return [(each.path, each.line, each.symbol, each.is_certain) for each in found.calls]


@pytest.mark.parametrize(
    "text",
    [
        "from .services import charge\ndef view():\n    charge(o, 1)\n",
        "from . import services\ndef view():\n    services.charge(o, 1)\n",
        "import shop.services as s\ndef view():\n    return s.charge(o, amount=1)\n",
        "def view():\n    from shop.services import charge; charge(o, 1)\n\n",
    ],
)
def test_calls_of_a_function_are_found_through_imports(text: str) -> None:
    found = callers("shop.services.charge", services=SERVICES, views=text)
    assert [(each.path, each.symbol) for each in found.calls] == [("shop/views.py", "view")]
    assert found.complete, found.gaps
    assert found.calls[0].is_certain


def test_arguments_of_a_call_come_as_facts() -> None:
    text = "from .services import charge\ncharge(order.total, amount=-3)\n"
    (call,) = callers("shop.services.charge", services=SERVICES, views=text).calls
    assert call.call.arguments[0].name == "order.total"
    amount = call.call.keyword("amount")
    assert amount is not None
    assert amount.is_constant(-3)
    assert (call.symbol, call.reference.line, call.reference.column) == ("", 2, 0)


def test_a_function_that_nobody_calls() -> None:
    found = callers("shop.services.charge", services=SERVICES)
    assert (found.calls, found.complete) == ((), True)


def test_all_calls_are_told_up_to_a_number() -> None:
    text = "from .services import charge\ncharge(1, 1)\ncharge(2, 2)\n"
    found = project(services=SERVICES, views=text)
    every = found.callers("shop.services.charge").calls
    assert [each.line for each in every] == [2, 3]
    assert found.all_calls("shop.services.charge", 2) == every
    assert found.all_calls("shop.services.charge", 1) is None


def test_no_calls_are_told_where_one_may_be_missing() -> None:
    views, urls = "from .services import charge\ncharge(1, 1)\n", "run('shop.services.charge')\n"
    found = project(services=SERVICES, views=views, urls=urls)
    assert found.all_calls("shop.services.charge", 20) is None
    assert project(services=SERVICES).all_calls("shop.services.missing", 20) is None


@pytest.mark.parametrize(
    "text",
    [
        "from .services import charge\nurls = [path('x', charge)]\n",
        "from . import services\nhandlers = {'x': services.charge}\n",
        "call = getattr(services, 'charge')\n",
        "run('shop.services.charge')\n",
        "from .services import charge\ncharge.delay(1)\n",
        "from .services import charge\nreturn_it = lambda: charge\n",
        "from .services import charge as pay\n",
        "def (:\n# charge\n",
    ],
)
def test_a_function_that_is_passed_on_has_unknown_callers(text: str) -> None:
    files = {"views": text, "more": "from .views import pay\npay(1)\n"}
    assert not callers("shop.services.charge", services=SERVICES, **files).complete


@pytest.mark.parametrize(
    "decorator", ["@shared_task", "@receiver(post_save)", "@login_required", "@register.filter()"]
)
def test_a_decorated_function_has_unknown_callers(decorator: str) -> None:
    found = callers("shop.services.charge", services=f"{decorator}\n{SERVICES}")
    assert not found.complete


def test_a_harmless_decorator_hands_the_function_to_nobody() -> None:
    text = f"from django.db import transaction\n@transaction.atomic\n{SERVICES}"
    assert callers("shop.services.charge", services=text).complete


def test_another_function_of_the_same_name_is_none_of_it() -> None:
    text = "def charge(x): ...\ncharge(1)\nself.charge(2)\nother.charge(3)\n"
    found = callers("shop.services.charge", services=SERVICES, views=text)
    assert (found.calls, found.complete) == ((), True)


def test_calls_of_a_method_through_self_are_certain() -> None:
    found = callers("shop.models.Order.charge", models=MODELS.format(body="self.charge(1)"))
    assert places(found) == [("shop/models.py", 4, "Order.close", True)]
    assert found.complete


def test_calls_of_a_method_of_that_name_are_possible() -> None:
    text = "def view(x):\n    x.charge(1)\n    x.order.charge(2)\n    get().charge(3)\n"
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), views=text)
    assert places(found) == [("shop/views.py", line, "view", False) for line in (2, 3, 4)]
    assert found.complete


def test_a_call_through_the_class_is_certain() -> None:
    text = "from .models import Order\nOrder.charge(order, 1)\n"
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), views=text)
    assert [(each.is_certain, each.through_class) for each in found.calls] == [(True, True)]


def test_a_function_of_a_module_is_not_the_method() -> None:
    files = {"services": SERVICES, "views": "from . import services\nservices.charge(1)\n"}
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), **files)
    assert found.calls == ()


def test_self_of_an_unrelated_class_is_not_the_method() -> None:
    text = "class Other:\n    def charge(self): ...\n    def run(self):\n        self.charge()\n"
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), views=text)
    assert found.calls == ()


def test_self_of_a_subclass_is_the_inherited_method() -> None:
    text = (
        "from .models import Order\nclass Sub(Order):\n    def run(self):\n        self.charge(1)\n"
    )
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), views=text)
    assert places(found) == [("shop/views.py", 4, "Sub.run", True)]


def test_a_method_that_is_passed_on_has_unknown_callers() -> None:
    text = "def view(order):\n    transaction.on_commit(order.charge)\n"
    found = callers("shop.models.Order.charge", models=MODELS.format(body="pass"), views=text)
    assert not found.complete


def test_a_method_that_overrides_another_has_unknown_callers() -> None:
    text = "from django.db import models\nclass Order(models.Model):\n    def save(self): ...\n"
    found = callers("shop.models.Order.save", models=text)
    assert not found.complete
    assert found.gaps == ("it overrides django.db.models.Model.save",)


def test_a_method_behind_an_unknown_base_has_unknown_callers() -> None:
    text = "from outside import Base\nclass Order(Base):\n    def charge(self): ...\n"
    assert not callers("shop.models.Order.charge", models=text).complete


def test_a_function_that_is_not_found_has_unknown_callers() -> None:
    assert not callers("shop.services.missing", services=SERVICES).complete


@pytest.mark.parametrize(
    "line",
    [
        "    return f'''{\n        charge(o, 1)\n    }'''",
        "    @wrap(charge(o, 1))\n    class Inner:\n        pass",
        "    return (o\n        .close(\n            charge(o, 1)))",
        "    return 'é', charge(o, 1)",
    ],
    ids=["in an f-string", "in a decorator", "over several lines", "beside other letters"],
)
def test_a_call_is_found_on_any_line_of_its_statement(line: str) -> None:
    text = f"from .services import charge\n\n\ndef view():\n    first = 1\n{line}\n"
    found = callers("shop.services.charge", services=SERVICES, views=text)
    assert [each.path for each in found.calls] == ["shop/views.py"]
