"""Files that do not run with the project: tests and migrations, by their names."""

from __future__ import annotations


def is_test_file(path: str) -> bool:
    """Whether a path is of a test or a migration."""
    *folders, name = path.split("/")
    return (
        "tests" in folders
        or "migrations" in folders
        or name.startswith("test_")
        or name in ("tests.py", "conftest.py")
    )
