"""A small Django project in a repository of its own, for each test of the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from shop_project import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The project, committed, with one finding that can be fixed."""
    return Shop.made(tmp_path / "shop")
