"""The golden table of `celery-limits`: the docs page's examples, run as its commands say."""

from __future__ import annotations

import pytest
from golden import after_command, golden

from djfix.codemods.rules.celery_limits.examples import FILES

CASES = list(golden("celery-limits"))


def test_page_shows_each_example_with_its_commands():
    assert list(dict.fromkeys(case[0] for case in CASES)) == ["guide", "correct", "swallowing"]
    assert len(CASES) == 9


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]}: {case[2]}" for case in CASES],
)
def test_command_gives_what_the_page_says(tmp_path, before, command, after):
    assert after_command(tmp_path, dict(FILES), "shop/tasks.py", before, command) == after
