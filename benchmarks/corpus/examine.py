"""One project through one measured run and all checks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import checks
from benchmarks.corpus.fetch import git
from benchmarks.corpus.findings import Said, read
from benchmarks.corpus.paths import unsound_paths
from benchmarks.measuring import Measured, measure

NOTHING = Said(findings=(), declined=(), failed=(), found=0, parsed=0)


@dataclass(frozen=True, slots=True)
class Examined:
    """What djfix did to one project. `problems` are the checks that it did not pass, in words."""

    project: str
    folder: Path
    lines: int
    run: Measured
    said: Said
    problems: tuple[str, ...]


def examine(project: str, folder: Path) -> Examined:
    """Runs every rule once, measured, then what must hold of that run. Raises OSError."""
    run = measure(checks.check_command(), folder=folder)
    said = said_by(run)
    return Examined(
        project=project,
        folder=folder,
        lines=python_lines(folder),
        run=run,
        said=said or NOTHING,
        problems=tuple(problems(folder, run, said)),
    )


def said_by(run: Measured) -> Said | None:
    try:
        return read(run.stdout)
    except (ValueError, KeyError):
        return None


def problems(folder: Path, run: Measured, said: Said | None) -> Iterator[str]:
    yield from checks.crashed(folder, run, said)
    if said is None:
        return
    yield from checks.same_on_two_jobs(folder, run)
    yield from checks.same_unfiltered(folder, said)
    yield from unsound_paths(folder, said)
    if said.outcomes["fixable"]:
        yield from fixes_are_sound(folder)
    if said.outcomes["needs-review"]:
        yield from fixes_are_sound(folder, "--unsafe")


def fixes_are_sound(folder: Path, *arguments: str) -> Iterator[str]:
    yield from checks.patch_applies(folder, *arguments)
    with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
        copy = Path(scratch) / folder.name
        checks.clone(folder, copy)
        yield from checks.applied_is_sound(copy, *arguments)


def python_lines(folder: Path) -> int:
    """Lines of all tracked Python files."""
    names = git(folder, "ls-files", "-z", "*.py").split("\0")[:-1]
    return sum((folder / name).read_bytes().count(b"\n") for name in names)
