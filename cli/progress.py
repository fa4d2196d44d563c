"""A bar on stderr for runs that take more than a moment; rich is imported only then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from djfix.codemods.engine.values import Progress

A_MOMENT = 0.7
"""Seconds before a bar is worth looking at."""

REDRAWN = 0.1


@contextmanager
def progress_bar(coloured: bool) -> Iterator[Callable[[Progress], None] | None]:
    """What to call as a run goes on; None where stderr is no terminal. Cleans up after itself."""
    if not sys.stderr.isatty():
        yield None
        return
    display = Display(coloured, time.monotonic())
    try:
        yield display.show
    finally:
        display.close()


class Display:
    """A bar that appears once the run has taken a moment, and leaves nothing behind."""

    def __init__(self, coloured: bool, started: float) -> None:
        self._coloured = coloured
        self._next = started + A_MOMENT
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def show(self, progress: Progress) -> None:
        """Draw how far the run is, a few times a second."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + REDRAWN
        if self._bar is None or self._task is None:
            self._bar = _bar(self._coloured)
            self._task = self._bar.add_task(progress.rule, total=progress.total)
            self._bar.start()
        self._bar.update(
            self._task, description=progress.rule, completed=progress.done, total=progress.total
        )
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _bar(coloured: bool) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(file=sys.stderr, no_color=not coloured)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(
        *columns, TextColumn("files"), console=console, transient=True, auto_refresh=False
    )
