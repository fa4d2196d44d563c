"""Bringing all files of one journal, and the index, to one side: before or after; all or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from djfix.codemods.staging import index
from djfix.codemods.staging.git import Git
from djfix.codemods.staging.index import Stored
from djfix.codemods.staging.journal import Entry, Journal, Side
from djfix.codemods.staging.refusal import Refusal, Refused
from djfix.codemods.staging.write import Move, Stopped, move, read, remove_folders, sync_folders


@dataclass(frozen=True, slots=True)
class Carriage:
    """What is to be done, after looking that nobody's work stands in the way.

    `now` is what the index holds, `then` what it is to hold, by path; both empty without an index.
    """

    journal: Journal
    side: Side
    git: Git | None
    moves: tuple[Move, ...]
    now: Mapping[str, Stored | None]
    then: Mapping[str, Stored | None]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that are written, as seen from the root."""
        return tuple(self.journal.place.from_root(one.path) for one in self.moves)


def prepare(journal: Journal, side: Side, git: Git | None) -> Carriage:
    """Looks at every file and index entry; changes nothing but leftovers of a killed djfix.

    `git` None leaves the index alone. Raises `Refused` with each path that is neither as before
    nor as after: someone has edited or staged it since.
    """
    found = [_look(journal, entry, side) for entry in journal.entries]
    now = _entries(journal, git)
    refusals = [one for one in found if isinstance(one, Refusal)]
    refusals += _restaged(journal, now)
    if refusals:
        raise Refused([*refusals, *_way_out(journal)])
    moves = tuple(one for one in found if isinstance(one, Move))
    then = {entry.path: entry.side(side).stored for entry in journal.entries if entry.path in now}
    _clear(journal)
    return Carriage(journal, side, git, moves, now, then)


def perform(carriage: Carriage, *, when_taken_back: Callable[[], object]) -> None:
    """Makes the moves, then the index. If anything stops it, takes all of it back.

    `when_taken_back` is called once nothing of it is left, before the error is passed on. Raises
    `Refused` where a file or git would not have it, with what could not be taken back.
    """
    attempted: list[Move] = []
    try:
        for one in carriage.moves:
            attempted.append(one)
            move(carriage.journal.place.base, one)
        sync_folders(carriage.journal.place.base, carriage.moves)
        _set_index(carriage, carriage.then)
    except BaseException as error:
        kept = _take_back(carriage, attempted, error)
        if not kept and _index_is(carriage, carriage.now):
            when_taken_back()
        if isinstance(error, Stopped):
            raise Refused((_seen(carriage.journal, error.refusal), *kept)) from error
        if isinstance(error, Refused):
            raise Refused((*error.refusals, *kept)) from error
        raise
    if carriage.side == "before":
        remove_folders(carriage.journal.place.base, carriage.journal.folders)


def settle(carriage: Carriage) -> None:
    """Lets git note the files' times; for after the journal says that all is done."""
    if carriage.git and carriage.then:
        index.refresh(carriage.git, tuple(carriage.then))


def _way_out(journal: Journal) -> Iterator[Refusal]:
    """Nothing new begins while something is half-done, so there must be a way to let it be."""
    if journal.state != "applied":
        why = "to keep every file as it is now and forget what was half-done, remove its journal"
        yield Refusal("", why, f"rm -r {quote(str(journal.folder))}")


def _look(journal: Journal, entry: Entry, side: Side) -> Move | Refusal | None:
    """What a file needs: a move, nothing, or its user's decision."""
    base = journal.place.base
    path = journal.place.from_root(entry.path)
    if os.path.realpath(base / entry.path) != str(base / entry.path):
        return Refusal(path, "is reached through a symbolic link")
    try:
        found = read(base, entry.path)
    except Stopped as stopped:
        return _seen(journal, stopped.refusal)
    before, after = journal.content(entry.before), journal.content(entry.after)
    wanted, other = (before, after) if side == "before" else (after, before)
    if found == wanted:
        return None
    if found == other:
        return Move(entry.path, other, wanted, journal.temporary(entry), entry.permissions)
    why = "was edited since djfix wrote it" if found is not None else "was removed since"
    return Refusal(path, why, f"git diff -- {quote(path)}")


def _entries(journal: Journal, git: Git | None) -> dict[str, Stored | None]:
    """The index's entries of the journal's paths; an unmerged path counts as a foreign entry."""
    if git is None or journal.mode != "index":
        return {}
    now: dict[str, Stored | None] = {entry.path: None for entry in journal.entries}
    for found in index.listed(git, tuple(now)):
        if found.path in now:
            now[found.path] = found.stored if found.stage == 0 else Stored("unmerged", "")
    return now


def _restaged(journal: Journal, now: Mapping[str, Stored | None]) -> Iterator[Refusal]:
    for entry in journal.entries:
        known = (entry.before.stored, entry.after.stored)
        if entry.path in now and now[entry.path] not in known:
            path = journal.place.from_root(entry.path)
            yield Refusal(
                path, "was staged anew since djfix staged it", f"git diff --cached -- {quote(path)}"
            )


def _set_index(carriage: Carriage, entries: Mapping[str, Stored | None]) -> None:
    if carriage.git and carriage.now != carriage.then:
        index.replace_entries(carriage.git, entries)


def _index_is(carriage: Carriage, entries: Mapping[str, Stored | None]) -> bool:
    try:
        return _entries(carriage.journal, carriage.git) == entries
    except Refused:
        return False


def _take_back(
    carriage: Carriage, attempted: Sequence[Move], error: BaseException
) -> tuple[Refusal, ...]:
    """Undoes the moves, last first; what could not be undone."""
    if not _index_is(carriage, carriage.now):
        with contextlib.suppress(Refused):
            _set_index(carriage, carriage.now)
    stopped = attempted[-1:] if isinstance(error, Stopped) else []
    why = "was written and could not be taken back"
    kept = [
        Refusal(carriage.journal.place.from_root(one.path), why, "djfix undo")
        for one in reversed(attempted)
        if not _is_back(carriage.journal, one) and one not in stopped
    ]
    sync_folders(carriage.journal.place.base, attempted)
    remove_folders(carriage.journal.place.base, carriage.journal.folders)
    return tuple(kept)


def _is_back(journal: Journal, one: Move) -> bool:
    base = journal.place.base
    try:
        if read(base, one.path) == one.after:
            move(base, Move(one.path, one.after, one.before, one.temporary, one.permissions))
        return read(base, one.path) == one.before
    except Stopped:
        return False


def _clear(journal: Journal) -> None:
    """Files that a killed djfix had written but not yet renamed."""
    for entry in journal.entries:
        with contextlib.suppress(OSError):
            (journal.place.base / journal.temporary(entry)).unlink(missing_ok=True)


def _seen(journal: Journal, refusal: Refusal) -> Refusal:
    return Refusal(journal.place.from_root(refusal.path), refusal.why, refusal.command)
