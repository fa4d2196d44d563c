"""One djfix at a time in one repository.

The lock is the operating system's, on an open file: it ends with the process that holds it, so a
dead djfix leaves none behind. A git that a killed djfix left running inherits it and holds it
until it is done (`Git.inherit`): nobody recovers from a crash while half of it still runs.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from djfix.codemods.staging.refusal import refuse

PATIENCE = 1.0
"""Seconds to wait: enough for a git that outlived its djfix, not for a djfix at work."""


@contextlib.contextmanager
def locked(home: Path) -> Iterator[int]:
    """Holds the lock of a journal's home; yields the descriptor that a git may inherit.

    Raises `Refused` if another djfix holds it, or if the home cannot be made.
    """
    descriptor = _open(home)
    try:
        _wait(descriptor, home)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode("ascii"))
        yield descriptor
    finally:
        os.close(descriptor)


def _open(home: Path) -> int:
    if home.is_symlink():  # planted: what stands behind it is not djfix's to sweep
        raise refuse(f"{home} is a symbolic link; djfix keeps its journal in a folder of its own")
    try:
        home.mkdir(parents=True, exist_ok=True)
        return os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise refuse(f"cannot keep a journal in {home}: {error.strerror}") from error


def _wait(descriptor: int, home: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not _take(descriptor):
        if time.monotonic() > end:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise refuse(f"another djfix (process {holder}) is at work here; wait until it is done")
        time.sleep(0.02)


def _take(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        raise refuse(f"cannot lock {descriptor}: {error.strerror}") from error
    return True
