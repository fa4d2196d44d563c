"""A Django project for each test of what runs the project's code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sites import TESTS, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """What `startproject` of the installed Django makes, with an app that has a test."""
    root = tmp_path / "site"
    root.mkdir()
    words = [sys.executable, "-m", "django", "startproject", "config", str(root)]
    subprocess.run(words, check=True)
    made = Site(root)
    made.write("shop/__init__.py", "")
    made.write("shop/tests.py", TESTS)
    made.git("init", "--quiet")
    made.commit()
    return made
