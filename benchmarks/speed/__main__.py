"""Measure djfix beside its peers on the corpus, interleaved (`-m benchmarks.speed`)."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.corpus.__main__ import DEFAULT, chosen
from benchmarks.corpus.fetch import FetchError, fetch
from benchmarks.corpus.manifest import read_manifest
from benchmarks.measuring import Measured, measure, table
from benchmarks.speed import tools
from benchmarks.speed.tree import changed_models, gather, python_files

LAZY = ("libcst", "git", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, also where a target is missed: numbers depend on the machine; 2: no corpus."""
    options = parser().parse_args(arguments)
    try:
        archives = chosen(read_manifest(), options.project)
        fetch(archives, options.folder)
    except (FetchError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        projects = [options.folder.resolve() / archive.project for archive in archives]
        measured = compare_apart if options.apart else compare
        measured(projects, Path(scratch).resolve(), options.rounds, options.rule)
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    made.add_argument("--folder", type=Path, default=DEFAULT, help="where the projects are kept")
    made.add_argument("--project", action="append", help="only this one (repeatable)")
    made.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    made.add_argument("--rule", action="append", default=[], help="only this one (repeatable)")
    made.add_argument("--apart", action="store_true", help="each project in a tree of its own")
    return made


def compare(projects: Sequence[Path], scratch: Path, rounds: int, rules: Sequence[str]) -> None:
    """All projects in one tree, and all peers."""
    tree, upgraded = scratch / "tree", scratch / "upgraded"
    tree.mkdir()
    gather(projects, tree)
    shutil.copytree(tree, upgraded)
    files = python_files(tree)
    programs = tools.install_peers(scratch / "peers")
    print(f"{len(files)} files, {lines_in(tree, files)} lines; {tools.versions(programs)}")
    upgrade = tools.upgrade(programs, upgraded, files)
    contestants = [
        upgrade,
        *tools.peers(programs, tree, files),
        *tools.djfix(tree, scratch, changed_models(tree), rules),
    ]
    # django-upgrade's first run rewrites; what is measured is the search alone, which is cheaper.
    measure(upgrade.command, folder=upgraded)
    measured = interleaved(contestants, rounds)
    print(f"\n{comparison(measured)}\n\n{targets(measured, tree)}")


def compare_apart(
    projects: Sequence[Path], scratch: Path, rounds: int, rules: Sequence[str]
) -> None:
    """Each project in a tree of its own, as its team has it: djfix cold beside django-upgrade."""
    programs = tools.install_peers(scratch / "peers")
    print(tools.versions(programs))
    rows = [("median CPU seconds", "django-upgrade", "djfix", "peak MB")]
    theirs, ours, highest = 0.0, 0.0, 0.0
    for project in projects:
        upgrade, cold = measured_apart(project, scratch / project.name, programs, rounds, rules)
        rows.append((project.name, *map("{:.2f}".format, (cpu(upgrade), cpu(cold), peak(cold)))))
        theirs, ours, highest = theirs + cpu(upgrade), ours + cpu(cold), max(highest, peak(cold))
    rows.append(("together", f"{theirs:.1f}", f"{ours:.1f}", f"{highest:.0f}"))
    print(f"\n{table(rows)}\n\ndjfix / django-upgrade: {ours / theirs:.2f}")


def measured_apart(
    project: Path, scratch: Path, programs: Path, rounds: int, rules: Sequence[str]
) -> tuple[Sequence[Measured], Sequence[Measured]]:
    tree, upgraded = scratch / "tree", scratch / "upgraded"
    tree.mkdir(parents=True)
    gather([project], tree)
    shutil.copytree(tree, upgraded)
    upgrade = tools.upgrade(programs, upgraded, python_files(tree))
    cold = tools.cold(tree, scratch / "cold", rules)
    measure(upgrade.command, folder=upgraded)
    measured = interleaved([upgrade, cold], rounds)
    return measured[upgrade.name], measured[cold.name]


def interleaved(contestants: Sequence[tools.Contestant], rounds: int) -> dict[str, list[Measured]]:
    """All contestants once per round, so that a busy machine is unfair to all alike."""
    measured: dict[str, list[Measured]] = {each.name: [] for each in contestants}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds} ...", file=sys.stderr, flush=True)
        for each in contestants:
            if each.before is not None:
                each.before()
            measured[each.name].append(
                measure(
                    each.command, folder=each.folder, environment=each.environment, stdin=each.stdin
                )
            )
    return measured


def comparison(measured: Mapping[str, Sequence[Measured]]) -> str:
    heading = ("median", "CPU s", "wall s", "peak MB", "CPU / django-upgrade", "CPU / ast.parse")
    upgrade = cpu(measured["django-upgrade"])
    parse = cpu(measured["ast.parse of every file"])
    rows = [heading]
    for name, runs in measured.items():
        times = (f"{cpu(runs):.2f}", f"{wall(runs):.2f}", f"{peak(runs):.0f}")
        rows.append((name, *times, f"{cpu(runs) / upgrade:.2f}", f"{cpu(runs) / parse:.2f}"))
    return table(rows)


def targets(measured: Mapping[str, Sequence[Measured]], tree: Path) -> str:
    cold, upgrade = measured["djfix, cold"], measured["django-upgrade"]
    warm, typer = measured["djfix, warm"], measured["bare typer command"]
    one = measured["djfix, one models.py"]
    highest = max(peak(cold), peak(warm), peak(one))
    rows = [
        ("target", "at most", "measured", ""),
        row("cold, CPU of django-upgrade's", 0.7, cpu(cold) / cpu(upgrade)),
        row("warm, wall s over a bare typer command", 0.3, wall(warm) - wall(typer)),
        row("one changed models.py, wall s", 1.5, wall(one)),
        row("peak, MB", 200, highest),
    ]
    for command in ("--version", "--help"):
        eager = sorted(tools.imported([command], tree) & set(LAZY))
        verdict = "missed" if {"libcst", "git"} & set(eager) else "met"
        rows.append((f"{command} imports", "no libcst, git", ", ".join(eager) or "none", verdict))
    return table(rows)


def row(name: str, limit: float, value: float) -> tuple[str, str, str, str]:
    return (name, f"{limit:g}", f"{value:.2f}", "met" if value <= limit else "missed")


def cpu(runs: Sequence[Measured]) -> float:
    return statistics.median(each.cpu for each in runs)


def wall(runs: Sequence[Measured]) -> float:
    return statistics.median(each.wall for each in runs)


def peak(runs: Sequence[Measured]) -> float:
    """In megabytes, of all rounds."""
    return max(each.peak for each in runs) / 1e6


def lines_in(tree: Path, files: Sequence[str]) -> int:
    return sum((tree / name).read_bytes().count(b"\n") for name in files)


if __name__ == "__main__":
    sys.exit(main())
