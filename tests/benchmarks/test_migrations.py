"""The benchmark of migrations runs to its end and says what it measured."""

from __future__ import annotations

import pytest

from benchmarks.migrations.__main__ import main


@pytest.mark.usefixtures("postgres_uri")
def test_small_table_gives_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rows", "1000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1000 rows"
    titles = [line.split("  ")[0] for line in lines[4:]]
    assert titles == [
        "AddIndex, before",
        "RemoveIndex, before",
        "AddIndex, after",
        "RemoveIndex, after",
    ]
