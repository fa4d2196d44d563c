"""Archives into folders, as data: nothing lands outside, no link is followed, nothing runs."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


class UnsafeArchiveError(Exception):
    """A member of the archive would land outside its folder."""


def unpack(archive: Path, folder: Path) -> None:
    """Writes the regular files of a wheel or source archive under `folder`, which must not exist.

    The one top folder of a source archive is left out. Links, devices and executable bits are
    dropped. Raises UnsafeArchiveError, OSError, BadZipFile, TarError; then there is no `folder`.
    """
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for name, data in members(archive):
            target = partial / safe(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix in {".whl", ".zip"}:
        yield from zip_members(archive)
    else:
        yield from tar_members(archive)


def zip_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            symbolic_link = (info.external_attr >> 28) == 0xA
            if not info.is_dir() and not symbolic_link:
                yield info.filename, opened.read(info)


def tar_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        for info in opened:
            content = opened.extractfile(info) if info.isreg() else None
            if content is not None:
                _, _, inner = info.name.removeprefix("./").partition("/")
                yield inner or info.name, content.read()


def safe(name: str) -> PurePosixPath:
    """The name as a path below the folder. Raises UnsafeArchiveError for any other."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]
    if outside or ".git" in path.parts:
        raise UnsafeArchiveError(f"{name!r} would land outside, or steer git")
    return path
