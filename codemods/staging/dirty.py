"""What an apply puts into the index, and whose work would be staged with it: that is refused.

Dirty is a path whose file differs from the index, that is untracked or unmerged, or whose index
entry differs from HEAD by anything but what djfix's own journals staged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from djfix.codemods.findings import Change
from djfix.codemods.staging import index
from djfix.codemods.staging.check import parses
from djfix.codemods.staging.git import Git
from djfix.codemods.staging.index import Listed, Stored
from djfix.codemods.staging.journal import Journal
from djfix.codemods.staging.merge import Touching, lay, refuse_near
from djfix.codemods.staging.place import Place
from djfix.codemods.staging.refusal import Refusal, Refused

PARTLY = "djfix apply --allow-dirty"

Staging = tuple[Stored | None, Stored | None]
"""An index entry before and after."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is asked of git about one path (`path`: from the base; `change`: from the root).

    `before` and `after` are blob ids (None: there is no file), `ours` whether djfix alone made the
    index differ from HEAD.
    """

    path: str
    change: Change
    listed: tuple[Listed, ...]
    head: Stored | None
    before: str | None
    after: str | None
    ours: bool
    mode_differs: bool

    @property
    def stored(self) -> Stored | None:
        """The index's entry."""
        return self.listed[0].stored if self.listed else None

    @property
    def is_edited(self) -> bool:
        """Whether the file differs from the index."""
        return self.stored is not None and self.before != self.stored.blob

    @property
    def is_staged(self) -> bool:
        """Whether the index differs from HEAD by the user's own work."""
        return self.stored != self.head and not self.ours


def plan(
    git: Git,
    place: Place,
    changes: Sequence[Change],
    *,
    own: Sequence[Journal],
    commit: str | None,
    allow_dirty: bool,
) -> dict[str, Staging]:
    """The index's entries before and after, by path from the base.

    `own`: djfix's journals, newest first; `commit`: HEAD's. Raises `Refused` with every path that
    is dirty, or, with `allow_dirty`, whose lines cannot be told from the user's. Writes nothing
    but blobs.
    """
    _refuse_unstageable(git, place, changes)
    decided = {
        one.path: _decided(git, one, allow_dirty=allow_dirty)
        for one in _known(git, place, changes, own, commit)
    }
    refusals = [found for found in decided.values() if isinstance(found, Refusal)]
    if refusals:
        raise Refused(refusals)
    return {path: found for path, found in decided.items() if not isinstance(found, Refusal)}


def _refuse_unstageable(git: Git, place: Place, changes: Sequence[Change]) -> None:
    """Before git looks at any content: what would run a filter, or is not this repository's."""
    paths = [place.prefix + change.path for change in changes]
    refusals = [*_nested(place, changes), *_filtered(git, place, paths)]
    fresh = [place.prefix + change.path for change in changes if change.before is None]
    for path in sorted(index.ignored(git, fresh)) if fresh else ():
        refusals.append(
            Refusal(place.from_root(path), "would be a new file, but git ignores its name")
        )
    if refusals:
        raise Refused(refusals)


def _nested(place: Place, changes: Sequence[Change]) -> Iterator[Refusal]:
    for change in changes:
        for folder in [*PurePosixPath(place.prefix + change.path).parents][:-1]:
            if os.path.lexists(place.base / folder / ".git"):
                inner = place.from_root(folder.as_posix())
                command = f"cd {quote(inner)} && djfix apply"
                yield Refusal(change.path, f"belongs to the repository in {inner}", command)


def _filtered(git: Git, place: Place, paths: Sequence[str]) -> Iterator[Refusal]:
    for path, value in sorted(index.filters(git, paths).items()):
        yield Refusal(
            place.from_root(path),
            f"has the attribute filter={value}, and staging it would run that filter's command",
            "djfix apply --no-stage",
        )


def _known(
    git: Git,
    place: Place,
    changes: Sequence[Change],
    own: Sequence[Journal],
    commit: str | None,
) -> tuple[Known, ...]:
    by_path = {place.prefix + change.path: change for change in changes}
    listed: dict[str, list[Listed]] = {}
    for entry in index.listed(git, (*by_path, *index.attribute_files(by_path))):
        listed.setdefault(entry.path, []).append(entry)
    found = {path: tuple(listed.get(path, ())) for path in by_path}
    head = index.committed(git, tuple(by_path), commit)
    current = {path: some[0].stored for path, some in listed.items() if _is_file(some)}
    befores = {path: one.before for path, one in by_path.items() if one.before is not None}
    afters = {path: one.after for path, one in by_path.items() if one.after is not None}
    before, after = index.converted(git, (befores, afters), current)
    minds_modes = index.keeps_modes(git)
    chain = [journal.staged for journal in own]
    return tuple(
        Known(
            path,
            change,
            found[path],
            head.get(path),
            before.get(path),
            after.get(path),
            _is_ours(path, found[path], head.get(path), chain),
            path in before and minds_modes and _mode_differs(place, path, current.get(path)),
        )
        for path, change in by_path.items()
    )


def _mode_differs(place: Place, path: str, stored: Stored | None) -> bool:
    """git minds the owner's executable bit, and nothing else of a mode."""
    if stored is None:
        return False
    return bool(os.lstat(place.base / path).st_mode & 0o100) != (stored.mode == "100755")


def _is_file(found: Sequence[Listed]) -> bool:
    return len(found) == 1 and found[0].stage == 0 and found[0].stored.mode.startswith("100")


def _is_ours(
    path: str,
    listed: Sequence[Listed],
    head: Stored | None,
    chain: Sequence[Mapping[str, Staging]],
) -> bool:
    """Whether djfix's journals, one after the other, lead from HEAD to what is staged."""
    current = listed[0].stored if listed else None
    for journal in chain:
        staged = journal.get(path)
        if staged and staged[1] == current:
            current = staged[0]
            if current == head:
                return True
    return False


def _decided(git: Git, one: Known, *, allow_dirty: bool) -> Staging | Refusal:
    never = _never(one)
    if never:
        return Refusal(one.change.path, *never)
    if one.stored is None:
        return None, _entry("100644", one.after)
    why = _dirt(one)
    if why and one.after is None:
        return Refusal(one.change.path, f"{why}, and would be moved", "git commit")
    if why and not allow_dirty:
        return Refusal(one.change.path, why, PARTLY)
    if one.after is not None and (one.is_edited or one.is_staged):
        return _laid(git, one, one.stored, one.after)
    return one.stored, _entry(one.stored.mode, one.after)


def _entry(mode: str, blob: str | None) -> Stored | None:
    return None if blob is None else Stored(mode, blob)


def _laid(git: Git, one: Known, stored: Stored, made: str) -> Staging | Refusal:
    """djfix's lines alone, laid on what the index holds."""
    before = one.before or stored.blob
    head = one.head.blob if one.head and one.is_staged else stored.blob
    held = index.blobs(git, {stored.blob, before, made, head})
    current = held[stored.blob]
    try:
        after = lay(held[before], held[made], current)
        refuse_near(current, after, held[head])
    except Touching as touching:
        return Refusal(
            one.change.path,
            f"djfix's change at line {touching.line} touches your own uncommitted lines",
            "git commit",
        )
    if one.path.endswith(".py") and parses(current) and not parses(after):
        return Refusal(one.change.path, "djfix's lines would not parse in the index without yours")
    return stored, Stored(stored.mode, index.store(git, after))


def _never(one: Known) -> tuple[str, str] | None:
    """What no option overrides: there is no text in the index to lay djfix's lines on."""
    name = quote(one.change.path)
    if any(entry.stage for entry in one.listed):
        return "has an unresolved merge conflict", "git mergetool"
    if one.change.before is None:
        return _never_new(one)
    if one.stored is None:
        return "is not tracked by git", f"git add -- {name}"
    if not _is_file(one.listed):
        return "is not a file in git's index but a link or a submodule", ""
    if one.listed[0].tag == "S":
        return "is marked skip-worktree", f"git update-index --no-skip-worktree -- {name}"
    if one.listed[0].tag.islower():
        return "is marked assume-unchanged", f"git update-index --no-assume-unchanged -- {name}"
    return None


def _never_new(one: Known) -> tuple[str, str] | None:
    name = quote(one.change.path)
    if one.stored is not None:
        return "was removed from the working tree, but not from the index", f"git restore -- {name}"
    if one.head is not None:
        return "was removed from the index, but not yet committed", f"git commit -- {name}"
    return None


def _dirt(one: Known) -> str | None:
    if one.is_edited:
        return "has changes of yours that are not staged"
    if one.mode_differs:
        return "has a changed mode that is not staged"
    if one.is_staged:
        return "has changes of yours that are staged but not committed"
    return None
