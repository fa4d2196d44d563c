"""The golden table of `celery-retries`: the docs page's examples, run as its commands say."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import after_command, golden, names_of

PROJECT = Path(__file__).resolve().parents[1] / "projects" / "payments"
FILES = {
    path.relative_to(PROJECT).as_posix(): path.read_text()
    for path in PROJECT.rglob("*.py")
    if path.name != "tasks.py"
} | {"requirements.txt": "celery==5.4.0\n"}
CASES = list(golden("celery-retries"))


def test_page_shows_each_example_with_its_commands():
    assert names_of(CASES) == ["guide", "correct"]
    assert len(CASES) == 9


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_gives_what_the_page_says(tmp_path, case):
    assert after_command(tmp_path, FILES, "shop/tasks.py", case) == case.after
