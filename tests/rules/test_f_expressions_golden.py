"""The golden table of `f-expressions`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import pytest
from golden import SHOP, after_command, golden, names_of

FILES = {
    **SHOP,
    "shop/models.py": """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)


class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=12, decimal_places=2)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, related_name="items", on_delete=models.CASCADE)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    qty = models.PositiveIntegerField()
""",
}
CASES = list(golden("f-expressions"))


def test_page_shows_the_default_the_unsafe_run_and_the_option_of_each_example():
    assert names_of(CASES) == ["bare", "typed", "guarded", "view"]
    for name in names_of(CASES):
        commands = [case.command for case in CASES if case.name == name]
        assert commands[0] == "djfix apply -r f-expressions"
        assert "djfix apply -r f-expressions --unsafe" in commands
        assert any("missing-row=ignore" in command for command in commands)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, FILES, "shop/views.py", case) == case.after
