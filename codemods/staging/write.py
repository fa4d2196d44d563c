"""Replacing one file so that it is old or new at every moment, and never when someone else wrote.

The new bytes are written beside the file under a name of djfix's own, synced, and renamed over
it: the rename is the moment. Mode, owner and extended attributes are carried over.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from djfix.codemods.staging.refusal import Refusal

SHOWN = "git diff -- "


@dataclass(frozen=True, slots=True)
class Move:
    """One file from `before` to `after` (None: there is no file), under `base`.

    `temporary` is the path from the base of the name used meanwhile; recovery removes it.
    `permissions`: the mode's bits of a file that comes back, None for what the umask gives.
    """

    path: str
    before: bytes | None
    after: bytes | None
    temporary: str
    permissions: int | None = None


class Stopped(Exception):  # noqa: N818
    """A move could not be made; nothing of it was. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


def read(base: Path, path: str) -> bytes | None:
    """The file's bytes; None if there is none. Raises `Stopped` if it is not to be read."""
    try:
        return (base / path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stopped(Refusal(path, f"cannot be read: {error.strerror}")) from error


def move(base: Path, one: Move) -> None:
    """Makes the move; it lasts once `sync_folders` has run.

    Raises `Stopped` if the file is not as in `before`, or the disk refuses: nothing changed.
    """
    target, temporary = base / one.path, base / one.temporary
    made: tuple[str, ...] = ()
    try:
        if one.after is None:
            _compare(base, one)
            target.unlink(missing_ok=True)
        else:
            made = _make_folders(base, one.path)
            _write(temporary, one.after, target)
            if one.before is None and one.permissions is not None:
                os.chmod(temporary, one.permissions)
            _compare(base, one)
            _rename(temporary, target, fresh=one.before is None)
    except OSError as error:
        _clear(base, temporary, made)
        raise Stopped(Refusal(one.path, f"cannot be written: {error.strerror}")) from error
    except BaseException:
        _clear(base, temporary, made)
        raise


def sync_folders(base: Path, moves: Sequence[Move]) -> None:
    """Makes the renames of these moves last: one sync a folder."""
    for folder in sorted({(base / one.path).parent for one in moves}):
        sync_folder(folder)


def _compare(base: Path, one: Move) -> None:
    """The last look before the rename: has anyone written to the file since it was read?"""
    if read(base, one.path) != one.before:
        raise Stopped(
            Refusal(one.path, "was changed by someone else while djfix worked", "djfix check")
        )


def _write(temporary: Path, data: bytes, model: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(temporary, flags | getattr(os, "O_BINARY", 0), 0o666)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        _carry_over(model, stream.fileno(), temporary)
        os.fsync(stream.fileno())


def _carry_over(model: Path, descriptor: int, temporary: Path) -> None:
    """Owner, extended attributes and mode of the file that is replaced, as far as allowed."""
    try:
        found = os.lstat(model)
    except FileNotFoundError:
        return  # a new file has what the umask gives
    if os.name == "posix":
        mine = os.fstat(descriptor)
        if (mine.st_uid, mine.st_gid) != (found.st_uid, found.st_gid):
            with contextlib.suppress(OSError):
                os.fchown(descriptor, found.st_uid, found.st_gid)
        _carry_attributes(model, descriptor)
        os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
    else:
        os.chmod(temporary, stat.S_IMODE(found.st_mode))


def _carry_attributes(model: Path, descriptor: int) -> None:
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(model):
            with contextlib.suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(model, name))


def _rename(temporary: Path, target: Path, *, fresh: bool) -> None:
    """A new file must not replace one that appeared meanwhile: a link fails where it exists."""
    if fresh and os.name == "posix":
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.replace(temporary, target)
        else:
            temporary.unlink()
    else:
        os.replace(temporary, target)


def _make_folders(base: Path, path: str) -> tuple[str, ...]:
    made = []
    for folder in [*Path(path).parents][-2::-1]:
        try:
            (base / folder).mkdir()
        except FileExistsError:
            continue
        made.append(folder.as_posix())
    return tuple(made)


def _clear(base: Path, temporary: Path, made: Sequence[str]) -> None:
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)
    remove_folders(base, made)


def remove_folders(base: Path, folders: Sequence[str]) -> None:
    """Removes these folders, innermost first, where they are empty."""
    for folder in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):
            (base / folder).rmdir()


def sync_folder(folder: Path) -> None:
    """Makes a rename in this folder last, where the system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
