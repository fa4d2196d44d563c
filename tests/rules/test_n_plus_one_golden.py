"""The golden table of `n-plus-one`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import pytest
from golden import SHOP, after_command, golden, names_of

FILES = {
    **SHOP,
    "shop/models.py": """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    pass


class Product(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    cancelled = models.BooleanField(default=False)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, related_name="items", on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    qty = models.PositiveIntegerField()
""",
}
CASES = list(golden("n-plus-one"))

ORDERED = """\
    cancelled = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
"""


def files_of(name: str) -> dict[str, str]:
    """The project of an example; in those called ordered, orders have an order."""
    models = FILES["shop/models.py"]
    line = "    cancelled = models.BooleanField(default=False)\n"
    ordered = models.replace(line, ORDERED) if name.startswith("ordered") else models
    return {**FILES, "shop/models.py": ordered}


def test_page_shows_the_default_the_unsafe_run_and_the_options():
    assert names_of(CASES) == ["guide", "ordered", "ordered-items"]
    for name in names_of(CASES):
        commands = [case.command for case in CASES if case.name == name]
        assert commands[0] == "djfix apply -r n-plus-one"
        assert "djfix apply -r n-plus-one --unsafe" in commands
        assert any("form=get_queryset" in command for command in commands)


def test_last_form_is_the_guides_and_keeps_the_attribute_for_the_router():
    (after,) = {
        case.after
        for case in CASES
        if "unordered=join" in case.command and "get_queryset" in case.command
    }
    assert after.endswith("""\
    queryset = Order.objects.all()
    serializer_class = OrderSerializer

    def get_queryset(self):
        return super().get_queryset().select_related("user")
""")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, files_of(case.name), "shop/views.py", case) == case.after
