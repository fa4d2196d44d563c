"""The golden table of `celery-limits`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import pytest
from golden import after_command, golden, names_of

from djfix.codemods.rules.celery_limits.examples import FILES

CASES = list(golden("celery-limits"))


def test_page_shows_each_example_with_its_commands():
    assert names_of(CASES) == ["guide", "correct", "swallowing"]
    assert len(CASES) == 9


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, dict(FILES), "shop/tasks.py", case) == case.after
