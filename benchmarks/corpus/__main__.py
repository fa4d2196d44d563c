"""Fetch the projects, run every rule on them, print what came out (`-m benchmarks.corpus`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpus.examine import Examined, examine
from benchmarks.corpus.fetch import FetchError, fetch, newest
from benchmarks.corpus.manifest import Archive, read_manifest
from benchmarks.corpus.record import compared, written
from benchmarks.corpus.report import tables

DEFAULT = Path(__file__).resolve().parents[2] / ".corpus"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: all checks passed; 1: some did not; 2: the projects could not be had."""
    options = parser().parse_args(arguments)
    try:
        archives = chosen(read_manifest(), options.project)
        if options.newest:
            print(newest(archives))
            return 0
        fetch(archives, options.folder)
    except (FetchError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.fetch_only:
        return 0
    return run(archives, options)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    made.add_argument("--folder", type=Path, default=DEFAULT, help="where the projects are kept")
    made.add_argument("--project", action="append", help="only this one (repeatable)")
    made.add_argument("--fetch-only", action="store_true", help="fetch and run nothing")
    made.add_argument("--newest", action="store_true", help="print a manifest of newest releases")
    made.add_argument("--write", type=Path, metavar="FILE", help="all findings, to read by hand")
    made.add_argument("--compare", type=Path, metavar="OLD", help="an earlier FILE to compare with")
    return made


def chosen(archives: Sequence[Archive], names: Sequence[str] | None) -> list[Archive]:
    """The named projects, in the manifest's order. Raises FetchError for an unknown name."""
    unknown = set(names or ()) - {archive.project for archive in archives}
    if unknown:
        known = ", ".join(archive.project for archive in archives)
        raise FetchError(f"no project {', '.join(sorted(unknown))}; there are: {known}")
    return [archive for archive in archives if not names or archive.project in names]


def run(archives: Sequence[Archive], options: argparse.Namespace) -> int:
    examined: list[Examined] = []
    for archive in archives:
        print(f"{archive.project} ...", file=sys.stderr, flush=True)
        examined.append(examine(archive.project, options.folder.resolve() / archive.project))
    print(tables(examined))
    # Read before it is written: both may be the same file.
    old = options.compare.read_text(encoding="utf-8") if options.compare else None
    text = written(examined)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    if old is not None:
        print(f"\n{compared(old, text)}")
    return 1 if any(each.problems for each in examined) else 0


if __name__ == "__main__":
    sys.exit(main())
