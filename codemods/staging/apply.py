"""The one way to a user's files: journal first, then the files, then the index; and back again.

Every step may be the last before a crash. What is on the disk then is, file by file, old or new,
and the journal says so to the next djfix, which finishes the apply or takes it back.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shlex import quote

from djfix.codemods.findings import Change
from djfix.codemods.staging import check, dirty, index, journal
from djfix.codemods.staging.carry import perform, prepare, settle
from djfix.codemods.staging.git import Git, open_repository
from djfix.codemods.staging.journal import Journal, Mode, Side
from djfix.codemods.staging.lock import locked
from djfix.codemods.staging.place import Place, place_of
from djfix.codemods.staging.refusal import Refusal, Refused, refuse


@dataclass(frozen=True, slots=True)
class Staged:
    """What an apply wrote: paths from the root, sorted; `notes` are worth a line to the user."""

    paths: tuple[str, ...]
    mode: Mode
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo put back: paths from the root; `left`: how many applies can still be undone."""

    paths: tuple[str, ...]
    mode: Mode
    left: int


def stage(
    root: Path, changes: Sequence[Change], *, mode: Mode = "index", allow_dirty: bool = False
) -> Staged:
    """Writes the changes under `root`, and in mode "index" stages exactly them; all or none.

    `allow_dirty` stages djfix's lines beside the user's own. Raises `Refused` with everything that
    stands in the way, before anything is written; or, if a file changes or the disk fails while it
    writes, after everything is taken back.
    """
    changes = check.merged(changes)
    place = place_of(root)
    if place.prefix and not check.is_plain(place.prefix.rstrip("/")):
        raise refuse(f"{place.root} lies inside a git directory")
    if mode == "index" and place.git_dir is None:
        raise refuse(
            f"{place.root} is not in a git repository, so there is no index to stage in",
            "djfix apply --no-stage",
        )
    if not changes:
        return Staged((), mode)
    with locked(place.home) as descriptor:
        journal.sweep(place)
        _refuse_pending(place)
        check.refuse_unfit(place.root, changes)
        return _stage(place, changes, mode, allow_dirty, descriptor)


def _stage(
    place: Place, changes: Sequence[Change], mode: Mode, allow_dirty: bool, descriptor: int
) -> Staged:
    git = _git(place, mode, descriptor)
    commit = index.head(git) if git else None
    stored: dict[str, dirty.Staging] = {}
    if git and mode == "index":
        own = _own(place)
        stored = dirty.plan(git, place, changes, own=own, commit=commit, allow_dirty=allow_dirty)
    notes = check.notes(place.root, changes)
    begun = journal.begin(place, changes, stored, mode=mode, head=commit)
    try:
        carriage = prepare(begun, "after", git)
    except BaseException:
        journal.forget(begun)
        raise
    perform(carriage, when_taken_back=partial(journal.forget, begun))
    journal.mark(begun, "applied")
    settle(carriage)
    return Staged(tuple(change.path for change in changes), mode, notes)


def pending(root: Path) -> Journal | None:
    """The apply or undo that was killed half-way, if there is one and no djfix is at work on it.

    Raises `Refused` if its journal is damaged.
    """
    place = place_of(root)
    if place.home.is_symlink() or not place.home.is_dir() or _newest_pending(place) is None:
        return None
    with locked(place.home):
        return _newest_pending(place)


def finish(half: Journal) -> tuple[str, ...]:
    """Completes what `pending` found; the paths that were still to be written, from the root.

    Raises `Refused` where a file was edited since, and then changes nothing.
    """
    return _recover(half, "after" if half.state == "applying" else "before")


def take_back(half: Journal) -> tuple[str, ...]:
    """Makes what `pending` found never have been; the paths that were put back, from the root.

    Raises `Refused` where a file was edited since, and then changes nothing.
    """
    return _recover(half, "before" if half.state == "applying" else "after")


def leave(half: Journal) -> None:
    """Forgets what `pending` found and leaves every file as it is."""
    with locked(half.place.home):
        _demand_pending(half)
        journal.forget(half)


def undo(root: Path) -> Undone:
    """Takes the last apply back, whole; called again, the one before it. Half-done ones as well.

    Raises `Refused` and changes nothing: there is none; the user has edited or staged one of its
    files since (named); or it was committed (names `git revert`).
    """
    place = place_of(root)
    if not place.home.is_dir():
        raise _nothing(place)
    with locked(place.home) as descriptor:
        journal.sweep(place)
        last = next(journal.journals(place), None)
        if last is None:
            raise _nothing(place)
        return _undo(last, _git(place, last.mode, descriptor))


def _undo(last: Journal, git: Git | None) -> Undone:
    if git and last.state == "applied":
        _refuse_committed(git, last)
    carriage = prepare(last, "before", git)
    undoing = last if last.state == "applying" else journal.mark(last, "undoing")
    perform(carriage, when_taken_back=partial(journal.mark, undoing, last.state))
    journal.forget(undoing)
    settle(carriage)
    left = sum(1 for _ in itertools.takewhile(_is_applied, _own(last.place)))
    return Undone(carriage.paths, last.mode, left)


def _is_applied(one: Journal) -> bool:
    return one.state == "applied"


def _recover(half: Journal, side: Side) -> tuple[str, ...]:
    with locked(half.place.home) as descriptor:
        journal.sweep(half.place)
        _demand_pending(half)
        carriage = prepare(half, side, _git(half.place, half.mode, descriptor))
        perform(carriage, when_taken_back=lambda: None)
        if side == "before":
            journal.forget(half)
        else:
            journal.mark(half, "applied")
        settle(carriage)
        return carriage.paths


def _git(place: Place, mode: Mode, descriptor: int) -> Git | None:
    """The repository's git; where the index is left alone, also a git that refuses is no harm."""
    if place.git_dir is None:
        return None
    try:
        return open_repository(place, inherit=(descriptor,))
    except Refused:
        if mode == "index":
            raise
        return None


def _newest_pending(place: Place) -> Journal | None:
    """Only the newest can be half-done: no apply begins while another is."""
    newest = next(journal.journals(place), None)
    return newest if newest and newest.state != "applied" else None


def _refuse_pending(place: Place) -> None:
    half = _newest_pending(place)
    if half is not None:
        what = "apply" if half.state == "applying" else "undo"
        raise refuse(f"an earlier {what} of {len(half.entries)} files was cut short", "djfix undo")


def _demand_pending(half: Journal) -> None:
    found = _newest_pending(half.place)
    if found is None or (found.number, found.token) != (half.number, half.token):
        raise refuse("there is nothing left to finish or to take back")


def _own(place: Place) -> list[Journal]:
    """The journals, newest first, as far back as they can be read."""
    found: list[Journal] = []
    with contextlib.suppress(Refused):
        found.extend(journal.journals(place))
    return found


def _refuse_committed(git: Git, last: Journal) -> None:
    head = index.head(git)
    if head is None or head == last.head:
        return
    paths = _committed_paths(git, last, head)
    commits = index.commits_since(git, last.head, paths) if paths else ()
    if commits:
        named = " ".join(commit[:12] for commit in commits)
        raise Refused(
            [
                Refusal(
                    last.place.from_root(path), f"was committed since ({named})", _revert(commits)
                )
                for path in paths
            ]
        )


def _committed_paths(git: Git, last: Journal, head: str) -> list[str]:
    """The paths whose staged text is now HEAD's; where nothing was staged, all of them."""
    paths = [entry.path for entry in last.entries]
    if last.mode == "worktree":
        return paths
    held = index.committed(git, paths, head)
    return [
        entry.path
        for entry in last.entries
        if entry.after.stored != entry.before.stored and held.get(entry.path) == entry.after.stored
    ]


def _revert(commits: Sequence[str]) -> str:
    return "git revert " + " ".join(commit[:12] for commit in commits)


def _nothing(place: Place) -> Refused:
    return refuse(f"there is no apply to undo in {quote(str(place.base))}", "djfix apply")
