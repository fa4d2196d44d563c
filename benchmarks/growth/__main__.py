"""Measure how the cost of djfix grows with depth: n, 2n and 4n (`-m benchmarks.growth`)."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpus.fetch import git
from benchmarks.growth.shapes import SHAPES, Files
from benchmarks.measuring import Measured, measure, program, table

FACTORS = (1, 2, 4)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0; 1 where djfix failed on a project. Numbers depend on the machine."""
    options = parser().parse_args(arguments)
    rows = [("shape, CPU s above that of size 1", "n", "2n", "4n", "2n / n", "4n / 2n", "findings")]
    is_well = True
    with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
        for name in options.shape or SHAPES:
            sizes = [1, *(options.size * factor for factor in FACTORS)]
            runs = [least(name, size, Path(scratch), options) for size in sizes]
            is_well = is_well and all(run.returncode in (0, 1) for run in runs)
            rows.append(row(name, runs))
    print(f"n = {options.size}\n\n{table(rows)}")
    return 0 if is_well else 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    made.add_argument("--size", type=int, default=100, help="n: how deep the smallest project is")
    made.add_argument("--rounds", type=int, default=3, help="the least of so many runs counts")
    made.add_argument("--rule", action="append", help="only this rule (repeatable)")
    made.add_argument("--shape", action="append", choices=list(SHAPES), help="only this one")
    return made


def least(shape: str, size: int, scratch: Path, options: argparse.Namespace) -> Measured:
    """The cheapest of some cold runs over the project of a shape and size."""
    root = scratch / f"{shape}-{size}".replace(" ", "-")
    write(SHAPES[shape](size), root)
    chosen = [word for rule in options.rule or () for word in ("--rule", rule)]
    command = [*program("djfix"), "check", "-o", "json", "-j", "1", *chosen]
    runs = [cold(command, root, scratch / "cache") for _ in range(options.rounds)]
    return min(runs, key=lambda run: run.cpu)


def cold(command: Sequence[str], root: Path, cache: Path) -> Measured:
    shutil.rmtree(cache, ignore_errors=True)
    return measure(command, folder=root, environment={"DJFIX_CACHE_DIR": str(cache)})


def write(files: Files, root: Path) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Drawn")


def row(name: str, runs: Sequence[Measured]) -> tuple[str, ...]:
    """What the depth costs, without what starting costs, and how it grows."""
    start, *others = [run.cpu for run in runs]
    once, twice, four = [max(0.001, cpu - start) for cpu in others]
    costs = [f"{cost:.2f}" for cost in (once, twice, four)]
    findings = str(runs[-1].stdout.count(b'"fingerprint"'))
    return (name, *costs, f"{twice / once:.1f}", f"{four / twice:.1f}", findings)


if __name__ == "__main__":
    sys.exit(main())
