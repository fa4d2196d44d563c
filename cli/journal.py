"""`djfix undo`, and what to do about an apply that was interrupted half-way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from djfix.cli.ending import CLEAN
from djfix.cli.streams import say
from djfix.cli.where import locate
from djfix.codemods.engine.mistakes import UserError

if TYPE_CHECKING:
    pass


def run_undo() -> int:
    """Take the last apply back, or what an interrupted one has written."""
    from djfix.codemods.staging.apply import pending, take_back, undo

    root = locate(()).root
    journal = pending(root)
    if journal is not None:
        take_back(journal)
        say(f"took back the interrupted apply: {_files(journal.paths)} as before")
        return CLEAN
    undone = undo(root)
    say(f"took the last apply back: {_files(undone.paths)} as before")
    return CLEAN


def finish_unfinished(root: Path) -> int:
    """`djfix apply --finish`."""
    from djfix.codemods.staging.apply import finish, pending

    journal = pending(root)
    if journal is None:
        raise UserError("no apply was interrupted here, so there is nothing to finish")
    finish(journal)
    say(f"finished the interrupted apply: {_files(journal.paths)} written")
    return CLEAN


def settle_unfinished(root: Path) -> None:
    """Ask, on a terminal, what is to become of an interrupted apply; elsewhere refuse to go on.

    Raises UserError where nobody can answer, or the answer is to leave it.
    """
    from djfix.codemods.staging.apply import finish, pending, take_back

    journal = pending(root)
    if journal is None:
        return
    found = f"an earlier apply was interrupted while it wrote {_files(journal.paths)}"
    choices = "`djfix apply --finish` finishes it, `djfix undo` takes it back"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UserError(f"{found}; {choices}")
    say(f"djfix: {found}.")
    answer = _answer()
    if answer == "f":
        finish(journal)
    elif answer == "t":
        take_back(journal)
    else:
        raise UserError(f"left as it is; {choices}")


def _answer() -> str:
    import typer

    question = "[f]inish it, [t]ake it back, or [l]eave it for now?"
    while True:
        answer: str = typer.prompt(question, default="l", err=True)
        if answer.strip().lower()[:1] in ("f", "t", "l"):
            return answer.strip().lower()[:1]


def _files(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"
