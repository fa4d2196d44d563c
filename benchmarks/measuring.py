"""Wall time, processor time and peak memory of one command, from the kernel's own accounts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Linux counts in a child's peak what its parent held when it was started. So a small process of
# its own starts the command and waits for it; the caller may be as large as it likes.
WAITER = """
import json, os, resource, sys, time
begun = time.perf_counter()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - begun
unit = 1 if sys.platform == "darwin" else 1024
numbers = [os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime,
           usage.ru_maxrss * unit]
open(sys.argv[1], "w").write(json.dumps(numbers))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command gave and took. Times in seconds, over all its processes; peak in bytes.

    `returncode` is negative where a signal ended it; `peak` is that of its largest process.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    wall: float
    cpu: float
    peak: int


def measure(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Measured:
    """Runs the command, whose first word is the path of a program, in `folder`. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix="measuring-") as scratch:
        numbers = Path(scratch) / "numbers"
        waiter = [sys.executable, "-I", "-S", "-c", WAITER, str(numbers), *command]
        done = subprocess.run(
            waiter,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            input=stdin,
            capture_output=True,
            check=False,
        )
        if not numbers.exists():
            raise OSError(f"{command[0]} could not be started: {done.stderr.decode()[-500:]}")
        returncode, wall, cpu, peak = json.loads(numbers.read_text())
    return Measured(returncode, done.stdout, done.stderr, wall, cpu, peak)


def program(name: str) -> list[str]:
    """How to start a command of this environment: its script, or the module of that name."""
    script = Path(sys.executable).with_name(name)
    return [str(script)] if script.exists() else [sys.executable, "-m", name]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text: the first row is the heading, the first column stands left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)
