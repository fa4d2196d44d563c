"""Which files are tests or migrations: what they connect, define or send is not of the project as
it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project


def is_test(project: Project, path: str) -> bool:
    """By the names of the file and of the folders around it, and by the configuration."""
    return is_named_as_test(path) or path.startswith(tuple(project.configuration.test_paths))


def is_named_as_test(path: str) -> bool:
    """By the names alone."""
    parts = path.split("/")
    name = parts[-1]
    return (
        "tests" in parts[:-1]
        or "migrations" in parts[:-1]
        or name.startswith("test_")
        or name in ("tests.py", "conftest.py")
    )
