"""Applies `thin-views` to a copy of a project and imports what changed, before and after.

    python -m benchmarks.extraction PROJECT --python VENV/bin/python --settings NAME [--path FOLDER]

`PROJECT` is never changed. `VENV` holds what the project depends on. Each module that changed, and
each new one, is imported under Django with all apps loaded, and ruff's F checks are compared. With
`--test COMMAND` the project's own tests run in both copies.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

IMPORTING = """\
import importlib, json, sys, traceback
import django
django.setup()
failures = {}
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except BaseException:
        failures[name] = traceback.format_exc().strip().splitlines()[-1]
print(json.dumps(failures))
"""
_LEFT_OUT = shutil.ignore_patterns("node_modules", ".git", "__pycache__", "*.mo", "*.po")


@dataclass(frozen=True)
class Setting:
    """How a project runs: the interpreter, its settings, the folders on its path, its tests."""

    python: str
    settings: str
    paths: tuple[str, ...]
    test: str


def main(arguments: Sequence[str] | None = None) -> int:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=summary)
    parser.add_argument("project", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--settings", required=True)
    parser.add_argument("--path", action="append", default=[], help="a folder of the project")
    parser.add_argument("--also", type=Path, help="a folder of files to put over the copies")
    parser.add_argument("--option", action="append", default=["thin-views.minimum-score=2"])
    parser.add_argument("--test", default="")
    given = parser.parse_args(arguments)
    setting = Setting(given.python, given.settings, tuple(given.path or ["."]), given.test)
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        for tree in (before, after):
            shutil.copytree(given.project, tree, ignore=_LEFT_OUT, symlinks=True)
            if given.also is not None:
                shutil.copytree(given.also, tree, dirs_exist_ok=True)
        findings = applied(after, given.option)
        return reported(before, after, findings, setting)


def applied(tree: Path, options: Sequence[str]) -> int:
    """How many findings were applied."""
    command = [sys.executable, "-m", "djfix", "apply", "--no-stage", "--no-cache", "--unsafe"]
    sets = [f"--set={each}" for each in options]
    result = subprocess.run(
        [*command, "-r", "thin-views", "-o", "json", *sets],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = [each["outcome"] for each in json.loads(result.stdout)["findings"]]
    return outcomes.count("fixed")


def reported(before: Path, after: Path, findings: int, setting: Setting) -> int:
    changed = list(changed_modules(before, after, setting.paths))
    old = [name for name, is_new in changed if not is_new]
    failures = imported(before, old, setting), imported(after, [n for n, _ in changed], setting)
    print(
        f"{findings} extractions in {len(changed)} modules, {len(changed) - len(old)} of them new"
    )
    for title, found in zip(("before", "after"), failures, strict=True):
        print(f"{title}: {len(found)} fail to import")
        for name, text in sorted(found.items()):
            print(f"  {name}: {text}")
    flaws = len(flaws_in(after) - flaws_in(before))
    print(f"ruff F: {flaws} new")
    print(f"tests before: {tested(before, setting)}; after: {tested(after, setting)}")
    return int(failures[0] != failures[1] or flaws > 0)


def changed_modules(before: Path, after: Path, paths: Sequence[str]) -> list[tuple[str, bool]]:
    """The dotted names of what is not the same, and whether it is new."""
    found = []
    for path in sorted(after.rglob("*.py")):
        old = before / path.relative_to(after)
        if old.exists() and old.read_bytes() == path.read_bytes():
            continue
        root = max(
            (after / each for each in paths if path.is_relative_to(after / each)), key=len_of
        )
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        found.append((name.removesuffix(".__init__"), not old.exists()))
    return found


def len_of(path: Path) -> int:
    return len(path.parts)


def imported(tree: Path, names: Sequence[str], setting: Setting) -> dict[str, str]:
    """The modules that cannot be imported, and what is raised."""
    paths = os.pathsep.join(str(tree / each) for each in setting.paths)
    environment = {
        **os.environ,
        "PYTHONPATH": paths,
        "DJANGO_SETTINGS_MODULE": setting.settings,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    result = subprocess.run(
        [setting.python, "-W", "ignore", "-c", IMPORTING, json.dumps(list(names))],
        cwd=tree / setting.paths[0],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        return {"django.setup()": (result.stderr.strip().splitlines() or ["?"])[-1]}
    found: dict[str, str] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def flaws_in(tree: Path) -> set[tuple[str, str, str]]:
    """File, code and text of what ruff's F checks say."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F,E9"]
    result = subprocess.run(
        [*command, "--output-format=json", "."],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = json.loads(result.stdout or "[]")
    return {
        (str(Path(row["filename"]).relative_to(tree.resolve())), row["code"] or "", row["message"])
        for row in rows
    }


def tested(tree: Path, setting: Setting) -> str:
    """The last line that the project's own tests print."""
    if not setting.test:
        return "not run"
    paths = os.pathsep.join(str(tree / each) for each in setting.paths)
    result = subprocess.run(
        setting.test,
        shell=True,
        cwd=tree / setting.paths[0],
        env={**os.environ, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": setting.settings},
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (result.stdout + result.stderr).strip().splitlines()
    return rows[-1] if rows else f"nothing said, exit code {result.returncode}"


if __name__ == "__main__":
    sys.exit(main())
