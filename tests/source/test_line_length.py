"""Whose line length holds for a file."""

from __future__ import annotations

import pytest

from djfix.codemods.source.files import Files
from djfix.codemods.source.line_length import line_length


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        pytest.param({}, 88, id="none_is_configured"),
        pytest.param({"pyproject.toml": "[tool.black]\nline-length = 100\n"}, 100, id="black"),
        pytest.param({"pyproject.toml": "[tool.ruff]\nline-length = 79\n"}, 79, id="ruff"),
        pytest.param({".ruff.toml": "line-length = 110\n"}, 110, id="ruff_by_its_own_file"),
        pytest.param({"tox.ini": "[flake8]\nmax-line-length = 120\n"}, 120, id="flake8"),
        pytest.param(
            {"pyproject.toml": "[tool.ruff]\nline-length = 100\n[tool.black]\nline-length = 90\n"},
            100,
            id="ruff_before_black",
        ),
        pytest.param(
            {
                "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
                "shop/pyproject.toml": "[tool.black]\nline-length = 90\n",
            },
            90,
            id="the_nearest_folder",
        ),
        pytest.param(
            {
                "shop/ruff.toml": 'extend = "../base/pyproject.toml"\n',
                "base/pyproject.toml": "[tool.ruff]\nline-length = 95\n",
            },
            95,
            id="extended",
        ),
        pytest.param({"ruff.toml": 'extend = "ruff.toml"\n'}, 88, id="extends_itself"),
        pytest.param({"pyproject.toml": "[tool.black\n"}, 88, id="unreadable_toml"),
        pytest.param({"pyproject.toml": '[tool.black]\nline-length = "x"\n'}, 88, id="no_number"),
        pytest.param({"setup.cfg": "[flake8\n"}, 88, id="unreadable_ini"),
        pytest.param(
            {"setup.cfg": "[flake8]\nmax-line-length = %(x)s\n"}, 88, id="no_number_in_ini"
        ),
        pytest.param({"pyproject.toml": "tool = 3\n"}, 88, id="no_table"),
    ],
)
def test_line_length(files: dict[str, str], wanted: int) -> None:
    assert line_length(Files.of(files), "shop/views.py") == wanted
