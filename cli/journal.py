"""`djfix undo`, and what to do about an apply or undo that was cut short."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from djfix.cli.ending import CLEAN
from djfix.cli.streams import say
from djfix.cli.where import locate
from djfix.codemods.engine.mistakes import UserError

if TYPE_CHECKING:
    from djfix.codemods.staging.journal import Journal

CHOICES = "`djfix apply --finish` makes it whole, `djfix undo` takes it back"


def run_undo() -> int:
    """Take the last apply back, also one that was cut short."""
    from djfix.codemods.staging.apply import pending, undo

    root = locate(()).root
    half = pending(root)
    what = "the interrupted apply" if half and half.state == "applying" else "the last apply"
    undone = undo(root)
    say(f"took {what} back: {files_named(undone.paths)}")
    if undone.left:
        say(f"next: djfix undo (takes back the one before; {undone.left} left)")
    return CLEAN


def finish_unfinished(root: Path) -> int:
    """`djfix apply --finish`: every file as the apply makes it, whether it or its undo stopped."""
    from djfix.codemods.staging.apply import pending

    half = pending(root)
    if half is None:
        raise UserError("no apply was interrupted here, so there is nothing to finish")
    make_whole(half)
    say(f"finished the interrupted apply: {files_named(half.paths)}")
    say("next: git diff --cached" if half.mode == "index" else "next: djfix undo")
    return CLEAN


def settle_unfinished(root: Path) -> None:
    """Ask, on a terminal, what is to become of a half-done apply; elsewhere refuse to go on.

    Raises UserError where nobody can answer, or the answer is to leave it for now.
    """
    from djfix.codemods.staging.place import place_of

    # Looked at first because most projects have no journal, and every command comes by here.
    if not place_of(root).home.is_dir():
        return
    from djfix.codemods.staging.apply import leave, pending

    half = pending(root)
    if half is None:
        return
    what = "apply" if half.state == "applying" else "undo"
    found = f"an earlier {what} was interrupted while it wrote {files_named(half.paths)}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UserError(f"{found}; {CHOICES}")
    say(f"djfix: {found}.")
    answer = _answer()
    if answer == "f":
        make_whole(half)
    elif answer == "t":
        take_away(half)
    elif answer == "k":
        leave(half)
    else:
        raise UserError(f"nothing was done about it; {CHOICES}")


def make_whole(half: Journal) -> None:
    """Every file as the apply makes it."""
    from djfix.codemods.staging.apply import finish, take_back

    (finish if half.state == "applying" else take_back)(half)


def take_away(half: Journal) -> None:
    """Every file as it was before the apply."""
    from djfix.codemods.staging.apply import finish, take_back

    (take_back if half.state == "applying" else finish)(half)


def files_named(paths: tuple[str, ...]) -> str:
    """The one file, or how many."""
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"


def _answer() -> str:
    import typer

    question = "[f]inish the apply, [t]ake it back, [k]eep the files as they are, or [q]uit?"
    while True:
        answer: str = typer.prompt(question, default="q", err=True)
        if answer.strip().lower()[:1] in ("f", "t", "k", "q"):
            return answer.strip().lower()[:1]
