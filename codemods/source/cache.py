"""What earlier runs worked out, in the user's cache directory: plain data in one sqlite file.

Nothing here may fail a run: a damaged, locked or foreign file counts as empty, and what cannot be
saved is worked out again. Values are packed JSON, never pickles, and the file never lies in the
tree, so that a checked-out repository cannot steer a rewrite.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
import zlib
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

SCHEMA = 2
LARGEST = 64 * 1024 * 1024
"""Bytes of values that a file may hold; those unused for longest are dropped."""

WAIT_SECONDS = 0.2

DAY_SECONDS = 24 * 60 * 60
"""How exact the time of last use is: writing it at each read would cost more than it saves."""

PASSING = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_PERM",
)
"""Errors that say nothing about the contents of the file."""

MAC_FOLDER = ("Library", "Caches")

CREATE = """
    create table if not exists entries (
        kind text not null, key text not null, value blob not null, used integer not null,
        primary key (kind, key)
    )
"""
SELECT = "select value, used from entries where kind = ? and key = ?"
TOUCH = "update entries set used = ? where kind = ? and key = ?"
STORE = "insert or replace into entries (kind, key, value, used) values (?, ?, ?, ?)"
TRIM = """
    delete from entries where rowid in (
        select rowid from (
            select rowid, sum(length(value)) over (order by used desc, rowid desc) as held
            from entries
        ) where held > ?
    )
"""


class Cache:
    """Values by kind and key, read as asked for and written by `save`.

    `path` None caches nothing. `version` stands for everything that the values depend on besides
    their key (the tool, its rules): entries of another version are not seen.
    """

    def __init__(self, path: Path | None, *, version: str = "") -> None:
        self._path = path
        self._version = f"{SCHEMA}:{sys.version_info[0]}.{sys.version_info[1]}:{version}"
        self._connection = None if path is None else _opened_to_read(path)
        self._new: dict[tuple[str, str], bytes] = {}
        self._used: set[tuple[str, str]] = set()
        self._now = int(time.time())

    def get(self, kind: str, key: str) -> Any | None:
        """The value that was put under this key, as plain data; None where there is none."""
        entry = (self._versioned(kind), key)
        packed = self._new.get(entry)
        if packed is None:
            packed = self._stored(entry)
        with suppress(ValueError, RecursionError, zlib.error):
            return None if packed is None else json.loads(zlib.decompress(packed))
        return None

    def put(self, kind: str, key: str, value: Any) -> None:
        """Remember a value of plain data until `save`. Raises TypeError for any other."""
        if self._path is not None:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
            # New values wait until the end of the run, and take a sixth of their room packed.
            self._new[self._versioned(kind), key] = zlib.compress(text.encode(), 1)

    def save(self) -> None:
        """Write what is new; does nothing where the file cannot be written now."""
        if self._path is None or not (self._new or self._used):
            return
        self.close()
        try:
            _saved(self._path, self._new, self._used)
        except OSError:
            return
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "").startswith(PASSING):
                return
            _started_again(self._path, self._new)

    def close(self) -> None:
        """Let go of the file; values that were not saved are still there."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _versioned(self, kind: str) -> str:
        return f"{self._version}:{kind}"

    def _stored(self, entry: tuple[str, str]) -> bytes | None:
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(SELECT, entry).fetchone()
        except (sqlite3.Error, UnicodeError):
            self.close()
            return None
        if row is None or not isinstance(row[0], bytes) or not isinstance(row[1], int):
            return None
        if self._now - row[1] > DAY_SECONDS:
            self._used.add(entry)
        return row[0]


def cache_path(root: Path) -> Path | None:
    """The cache file of a project, or None where it would lie inside the project itself.

    In DJFIX_CACHE_DIR, else in the user's cache directory (XDG_CACHE_HOME).
    """
    folder = _cache_folder()
    place = os.path.realpath(root)
    if folder is None or Path(os.path.realpath(folder)).is_relative_to(place):
        return None
    name = blake2b(os.fsencode(place), digest_size=16).hexdigest()
    return folder / f"{name}.sqlite"


def _cache_folder() -> Path | None:
    own = os.environ.get("DJFIX_CACHE_DIR")
    if own:
        return Path(own).absolute()
    shared = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if shared and Path(shared).is_absolute():
        return Path(shared) / "djfix"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home.joinpath(*MAC_FOLDER if sys.platform == "darwin" else (".cache",), "djfix")


def _opened_to_read(path: Path) -> sqlite3.Connection | None:
    """A connection that cannot write; None where there is no such file, or no table in it."""
    if not path.is_file():
        return None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS
        )
    except sqlite3.Error:
        return None
    try:
        connection.execute(SELECT, ("", "")).fetchone()
    except sqlite3.Error:
        connection.close()
        return None
    return connection


def _saved(path: Path, new: dict[tuple[str, str], bytes], used: set[tuple[str, str]]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = int(time.time())
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as connection, connection:
        connection.execute("pragma synchronous = off")
        connection.execute(CREATE)
        connection.executemany(TOUCH, ((now, kind, key) for kind, key in sorted(used)))
        rows = ((kind, key, value, now) for (kind, key), value in sorted(new.items()))
        connection.executemany(STORE, rows)
        if _held_bytes(connection) > LARGEST:
            connection.execute(TRIM, (LARGEST // 2,))


def _started_again(path: Path, new: dict[tuple[str, str], bytes]) -> None:
    """A damaged or foreign file gives way to a new one."""
    with suppress(sqlite3.Error, OSError):
        path.unlink(missing_ok=True)
        _saved(path, new, set())


def _held_bytes(connection: sqlite3.Connection) -> int:
    pragmas = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"pragma {name}").fetchone()[0] for name in pragmas)
    return int((pages - free) * size)
