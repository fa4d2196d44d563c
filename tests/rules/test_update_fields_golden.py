"""The golden table of `update-fields`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import pytest
from golden import SHOP, after_command, golden, names_of

FILES = {
    **SHOP,
    "shop/models.py": """\
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    name = models.CharField(max_length=100)
    balance = models.DecimalField(max_digits=12, decimal_places=2, default=0)
""",
}
CASES = list(golden("update-fields"))


def test_page_shows_each_example_with_its_commands():
    assert names_of(CASES) == ["fetched", "view", "balance"]
    assert len(CASES) == 7


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, FILES, "shop/views.py", case) == case.after
