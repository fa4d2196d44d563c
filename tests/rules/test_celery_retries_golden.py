"""The golden table of `celery-retries`: the docs page's examples, run as its commands say."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import after_command, golden

PROJECT = Path(__file__).resolve().parents[1] / "projects" / "payments"
FILES = {
    path.relative_to(PROJECT).as_posix(): path.read_text()
    for path in PROJECT.rglob("*.py")
    if path.name != "tasks.py"
} | {"requirements.txt": "celery==5.4.0\n"}
CASES = list(golden("celery-retries"))


def test_page_shows_each_example_with_its_commands():
    assert list(dict.fromkeys(case[0] for case in CASES)) == ["guide", "correct"]
    assert len(CASES) == 9


@pytest.mark.parametrize(
    ("before", "command", "after"),
    [case[1:] for case in CASES],
    ids=[f"{case[0]}: {case[2]}" for case in CASES],
)
def test_command_gives_what_the_page_says(tmp_path, before, command, after):
    assert after_command(tmp_path, FILES, "shop/tasks.py", before, command) == after
