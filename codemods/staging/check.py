"""The door: what a change must be before any byte of it is written."""

from __future__ import annotations

import ast
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from shlex import quote

from djfix.codemods.findings import Change
from djfix.codemods.staging.refusal import Refusal, Refused, refuse


def merged(changes: Sequence[Change]) -> tuple[Change, ...]:
    """One change per path, sorted by path, without those that change nothing.

    Several changes of one path must follow on each other. Raises `Refused` if they do not.
    """
    found: dict[str, Change] = {}
    for change in changes:
        earlier = found.get(change.path)
        if earlier is None:
            found[change.path] = change
        elif earlier.after == change.before:
            found[change.path] = Change(
                change.path,
                earlier.before,
                change.after,
                earlier.rule if earlier.rule == change.rule else "",
                (*earlier.fingerprints, *change.fingerprints),
                earlier.moved_from or change.moved_from,
            )
        else:
            raise refuse("two changes of one file do not follow on each other", path=change.path)
    return tuple(found[path] for path in sorted(found) if found[path].before != found[path].after)


def refuse_unfit(root: Path, changes: Sequence[Change]) -> None:
    """Raises `Refused` with every reason why these changes must not be written under `root`."""
    refusals = [refusal for change in changes for refusal in _unfit(root, change)]
    if refusals:
        raise Refused(refusals)


def notes(root: Path, changes: Sequence[Change]) -> tuple[str, ...]:
    """What the user should know of the files, though it does not stand in the way."""
    return tuple(
        f"{change.path} has another hard link, which keeps the old text"
        for change in changes
        if change.before is not None and os.lstat(root / change.path).st_nlink > 1
    )


def is_plain(path: str) -> bool:
    """Whether a posix path stays under its root and outside `.git`, whatever the system."""
    if os.name == "nt" and ("\\" in path or ":" in path):
        return False
    return not any(
        part in ("", ".", "..") or "\0" in part or _is_git(part) for part in path.split("/")
    )


def _is_git(part: str) -> bool:
    """Names that some file system takes for `.git`."""
    return part.casefold().rstrip(". ") in (".git", "git~1")


def parses(data: bytes) -> bool:
    """Whether Python takes these bytes for a module. The project's code is not run."""
    return problem(data) is None


def problem(data: bytes, before: bytes | None = None) -> str | None:
    """Why Python does not take these bytes for a module; None if it does.

    Compiling finds what parsing does not (a `return` outside of a function); where it already
    finds something in `before`, parsing has to do.
    """
    why = _problem(data, flags=0)
    if why is not None and before is not None and _problem(before, flags=0) is not None:
        return _problem(data, flags=ast.PyCF_ONLY_AST)
    return why


def _problem(data: bytes, *, flags: int) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape is a warning, under -W error a refusal
        try:
            compile(data, "<module>", "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return str(error) or type(error).__name__
    return None


def _unfit(root: Path, change: Change) -> Iterator[Refusal]:
    if not is_plain(change.path):
        yield Refusal(change.path, "is not a plain path below the root")
        return
    if change.after is not None and PurePosixPath(change.path).suffix in (".py", ".pyi"):
        why = problem(change.after, change.before)
        if why is not None:
            yield Refusal(change.path, f"would not parse afterwards: {why}; this is djfix's fault")
    yield from _unfit_file(root, change)


def _unfit_file(root: Path, change: Change) -> Iterator[Refusal]:
    target = root / change.path
    real = Path(os.path.realpath(target))
    if real != target:
        yield Refusal(change.path, f"is reached through a symbolic link; the file itself is {real}")
        return
    try:
        found = os.lstat(target)
    except (FileNotFoundError, NotADirectoryError):
        if change.before is not None:
            yield Refusal(change.path, "was removed since djfix read it", "djfix check")
        else:
            yield from _unfit_folder(root, change.path)
        return
    except OSError as error:
        yield Refusal(change.path, f"cannot be read: {error.strerror}")
        return
    yield from _unfit_found(target, found, change)
    yield from _unfit_folder(root, change.path)


def _unfit_found(target: Path, found: os.stat_result, change: Change) -> Iterator[Refusal]:
    if not stat.S_ISREG(found.st_mode):
        yield Refusal(change.path, "is not a regular file")
    elif change.before is None:
        yield Refusal(change.path, "exists already, and djfix would have made it", "djfix check")
    elif not found.st_mode & 0o222:
        yield Refusal(change.path, "is read-only", f"chmod u+w {quote(change.path)}")
    else:
        yield from _unfit_bytes(target, change)


def _unfit_bytes(target: Path, change: Change) -> Iterator[Refusal]:
    try:
        same = target.read_bytes() == change.before
    except OSError as error:
        yield Refusal(change.path, f"cannot be read: {error.strerror}")
        return
    if not same:
        yield Refusal(change.path, "was changed since djfix read it", "djfix check")


def _unfit_folder(root: Path, path: str) -> Iterator[Refusal]:
    """The nearest folder that exists must be one, and take new names."""
    for folder in (root / path).parents:
        if os.path.lexists(folder):
            if not folder.is_dir():
                yield Refusal(path, f"{folder.relative_to(root).as_posix()} is not a folder")
            elif not os.access(folder, os.W_OK | os.X_OK):
                name = quote(os.path.relpath(folder, root))
                yield Refusal(path, "lies in a folder that is read-only", f"chmod u+w {name}")
            return
