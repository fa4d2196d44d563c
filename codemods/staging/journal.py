"""What an apply is about to do, kept outside the work tree before the first byte is written.

One folder an apply, numbered: `journal.json`, and `contents`, the bytes before and after one
behind the other (a file each would be a sync each), found and checked by their SHA-256. The folder
counts once `journal.json` stands in it, whole. Plain data, checked when read: a journal that
somebody put into a repository can name no file outside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any, Literal

from djfix.codemods.findings import Change
from djfix.codemods.staging.check import is_plain
from djfix.codemods.staging.index import Stored
from djfix.codemods.staging.place import Place
from djfix.codemods.staging.refusal import Refused, refuse
from djfix.codemods.staging.write import sync_folder

SCHEMA = 1
KEPT = 20
"""So many applies can be undone; older journals go when a new one is made."""

Mode = Literal["index", "worktree"]
State = Literal["applying", "applied", "undoing"]
Side = Literal["before", "after"]
Spot = tuple[int, int]
"""Offset and size in bytes."""

_NUMBER = re.compile(r"\d{6,}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sided:
    """One file on one side of an apply.

    `content`: SHA-256 of its bytes, None where there is no file. `stored`: the index's entry, None
    where it has none, or where the apply leaves the index alone.
    """

    content: str | None
    stored: Stored | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an apply; `path` is posix, from the place's base.

    `permissions`: the mode's bits before, None for a new file.
    """

    path: str
    before: Sided
    after: Sided
    permissions: int | None

    def side(self, side: Side) -> Sided:
        """The file before or after."""
        return self.before if side == "before" else self.after


@dataclass(frozen=True, slots=True)
class Journal:
    """One apply. `head`: the commit it was made on. `folders`: those it makes, outermost first.

    `spots`: where in the file `contents` the bytes of a SHA-256 stand. `state` "applying" or
    "undoing" of a journal that nobody holds means: killed half-way.
    """

    place: Place
    number: int
    state: State
    mode: Mode
    head: str | None
    token: str
    folders: tuple[str, ...]
    entries: tuple[Entry, ...]
    spots: Mapping[str, Spot]

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self.place.home / f"{self.number:06}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files as the user sees them from the root."""
        return tuple(self.place.from_root(entry.path) for entry in self.entries)

    @property
    def staged(self) -> dict[str, tuple[Stored | None, Stored | None]]:
        """The index's entries before and after, by path from the base."""
        if self.mode != "index":
            return {}
        return {entry.path: (entry.before.stored, entry.after.stored) for entry in self.entries}

    def temporary(self, entry: Entry) -> str:
        """The name, from the base, under which this file's new bytes stand before the rename."""
        folder, slash, name = entry.path.rpartition("/")
        return f"{folder}{slash}.djfix-{self.token}-{_name(os.fsencode(name))[:12]}"

    def content(self, sided: Sided) -> bytes | None:
        """The bytes of a side. Raises `Refused` if they are lost or damaged."""
        if sided.content is None:
            return None
        offset, size = self.spots[sided.content]
        try:
            with open(self.folder / "contents", "rb") as stream:
                stream.seek(offset)
                data = stream.read(size)
        except OSError as error:
            raise _damaged(self.folder, f"its contents cannot be read: {error.strerror}") from error
        if _name(data) != sided.content:
            raise _damaged(self.folder, f"the content {sided.content} is not what was kept")
        return data


def begin(
    place: Place,
    changes: Sequence[Change],
    stored: Mapping[str, tuple[Stored | None, Stored | None]],
    *,
    mode: Mode,
    head: str | None,
) -> Journal:
    """Writes the journal of changes that are about to be made; it is on the disk when this returns.

    `stored`: the index's entries before and after, by path from the base. Needs the lock.
    """
    entries = tuple(_entry(place, change, stored) for change in changes)
    numbers = [number for number, _ in _folders(place)]
    journal = Journal(
        place,
        max(numbers, default=0) + 1,
        "applying",
        mode,
        head,
        secrets.token_hex(4),
        _missing_folders(place.base, [entry.path for entry in entries]),
        entries,
        {},
    )
    try:
        journal.folder.mkdir()
        journal = replace(journal, spots=_keep_contents(journal.folder / "contents", changes))
        _save(journal)
    except OSError as error:
        raise refuse(f"cannot keep a journal in {place.home}: {error.strerror}") from error
    _prune(place)
    return journal


def mark(journal: Journal, state: State) -> Journal:
    """The journal in a new state, on the disk when this returns."""
    marked = replace(journal, state=state)
    _save(marked)
    return marked


def forget(journal: Journal) -> None:
    """Removes a journal whose apply is taken back."""
    _remove(journal.folder)


def journals(place: Place) -> Iterator[Journal]:
    """The journals, newest first. Raises `Refused` on reaching one that is damaged or too new."""
    for _, folder in sorted(_folders(place), reverse=True):
        if os.path.lexists(folder / "journal.json"):
            yield _load(place, folder)


def sweep(place: Place) -> None:
    """Removes what a killed djfix left of journals that never counted. Needs the lock."""
    for name in _listdir(place.home):
        folder = place.home / name
        unfinished = _NUMBER.fullmatch(name) and not os.path.lexists(folder / "journal.json")
        if unfinished or name.startswith(".removed-"):
            shutil.rmtree(folder, ignore_errors=True)


def _entry(
    place: Place,
    change: Change,
    stored: Mapping[str, tuple[Stored | None, Stored | None]],
) -> Entry:
    path = place.prefix + change.path
    before, after = stored.get(path, (None, None))
    exists = change.before is not None
    return Entry(
        path,
        Sided(_content(change.before), before),
        Sided(_content(change.after), after),
        os.lstat(place.base / path).st_mode & 0o7777 if exists else None,
    )


def _content(data: bytes | None) -> str | None:
    return None if data is None else _name(data)


def _missing_folders(base: Path, paths: Sequence[str]) -> tuple[str, ...]:
    folders = {folder for path in paths for folder in [*Path(path).parents][:-1]}
    missing = (folder.as_posix() for folder in folders if not os.path.lexists(base / folder))
    return tuple(sorted(missing, key=len))


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _keep_contents(file: Path, changes: Sequence[Change]) -> dict[str, Spot]:
    spots: dict[str, Spot] = {}
    parts: list[bytes] = []
    size = 0
    for data in (data for change in changes for data in (change.before, change.after)):
        if data is not None and _name(data) not in spots:
            spots[_name(data)] = (size, len(data))
            parts.append(data)
            size += len(data)
    _keep(file, b"".join(parts))
    return spots


def _keep(file: Path, data: bytes) -> None:
    with open(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _save(journal: Journal) -> None:
    text = json.dumps(_plain(journal), indent=1, ensure_ascii=True) + "\n"
    _keep(journal.folder / "journal.json.new", text.encode("ascii"))
    os.replace(journal.folder / "journal.json.new", journal.folder / "journal.json")
    sync_folder(journal.folder)


def _prune(place: Place) -> None:
    for _, folder in sorted(_folders(place), reverse=True)[KEPT:]:
        _remove(folder)


def _remove(folder: Path) -> None:
    """The rename is the moment from which the journal no longer counts."""
    removed = folder.with_name(f".removed-{folder.name}-{secrets.token_hex(4)}")
    with contextlib.suppress(FileNotFoundError):
        os.rename(folder, removed)
        sync_folder(folder.parent)
        shutil.rmtree(removed, ignore_errors=True)


def _folders(place: Place) -> list[tuple[int, Path]]:
    names = (name for name in _listdir(place.home) if _NUMBER.fullmatch(name))
    return [(int(name), place.home / name) for name in names]


def _listdir(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refuse(f"cannot read the journals in {folder}: {error.strerror}") from error


def _plain(journal: Journal) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "state": journal.state,
        "mode": journal.mode,
        "head": journal.head,
        "token": journal.token,
        "folders": list(journal.folders),
        "contents": {name: list(spot) for name, spot in journal.spots.items()},
        "entries": [
            {
                "path": entry.path,
                "permissions": entry.permissions,
                "before": _plain_side(entry.before),
                "after": _plain_side(entry.after),
            }
            for entry in journal.entries
        ],
    }


def _plain_side(sided: Sided) -> dict[str, Any]:
    stored = sided.stored
    return {
        "content": sided.content,
        "index": {"mode": stored.mode, "blob": stored.blob} if stored else None,
    }


def _load(place: Place, folder: Path) -> Journal:
    try:
        plain = json.loads((folder / "journal.json").read_bytes())
        schema = plain["schema"]
        if isinstance(schema, int) and schema > SCHEMA:
            raise refuse(f"the journal {folder} was written by a newer djfix", "djfix --version")
        return _journal(place, int(folder.name), plain)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from error


def _journal(place: Place, number: int, plain: Mapping[str, Any]) -> Journal:
    _demand(plain["schema"] == SCHEMA, "schema")
    _demand(plain["state"] in ("applying", "applied", "undoing"), "state")
    _demand(plain["mode"] in ("index", "worktree"), "mode")
    _demand(plain["head"] is None or _OBJECT.fullmatch(plain["head"]), "head")
    _demand(re.fullmatch(r"[0-9a-f]{8}", plain["token"]), "token")
    _demand(all(is_plain(folder) for folder in plain["folders"]), "folders")
    entries = tuple(_read_entry(entry) for entry in plain["entries"])
    spots = {name: _read_spot(spot) for name, spot in plain["contents"].items()}
    for sided in (side for entry in entries for side in (entry.before, entry.after)):
        _demand(sided.content is None or sided.content in spots, "content")
    return Journal(
        place,
        number,
        plain["state"],
        plain["mode"],
        plain["head"],
        plain["token"],
        tuple(plain["folders"]),
        entries,
        spots,
    )


def _read_spot(plain: Sequence[Any]) -> Spot:
    offset, size = plain
    _demand(isinstance(offset, int) and isinstance(size, int), "spot")
    _demand(0 <= offset < 2**62 and 0 <= size < 2**31, "spot")
    return offset, size


def _read_entry(plain: Mapping[str, Any]) -> Entry:
    _demand(isinstance(plain["path"], str) and is_plain(plain["path"]), "path")
    permissions = plain["permissions"]
    _demand(permissions is None or permissions in range(0o10000), "permissions")
    return Entry(
        plain["path"], _read_side(plain["before"]), _read_side(plain["after"]), permissions
    )


def _read_side(plain: Mapping[str, Any]) -> Sided:
    content, index = plain["content"], plain["index"]
    _demand(content is None or _SHA256.fullmatch(content), "content")
    if index is None:
        return Sided(content, None)
    _demand(index["mode"] in ("100644", "100755"), "index mode")
    _demand(_OBJECT.fullmatch(index["blob"]), "index blob")
    return Sided(content, Stored(index["mode"], index["blob"]))


def _demand(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(f"its {what} cannot be")


def _damaged(folder: Path, why: str) -> Refused:
    return refuse(
        f"the journal of an earlier apply is damaged ({folder}: {why}); without it djfix cannot"
        " take that apply back, look at the working tree yourself",
        f"rm -r {quote(str(folder))}",
    )
