"""Writes the table of known third-party apps: what each connects to the signals of saving.

    python scripts/known_apps.py WHEELS

downloads the newest wheel of each named project into the folder WHEELS (once: what lies there is
not asked for again), reads it with djfix's own linking, and writes `apps.json` (what each app
connects) and `libraries.json` (its classes) in `codemods/project/known/`. Nothing that was
downloaded is imported or run.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from library_classes import Table, library_tables

from djfix.codemods.project.project import Project
from djfix.codemods.project.signals import Receiver, find_receivers
from djfix.codemods.source.files import Files

KNOWN = Path(__file__).resolve().parent.parent / "codemods" / "project" / "known"

PROJECTS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split()
"""The projects' names on PyPI, one on each line of the file beside this script."""


def wheels(folder: Path) -> Iterator[Path]:
    """A wheel of each project; those that have none are named and passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROJECTS:
        path = wheel_of(folder, name) or downloaded(folder, name)
        if path is None:
            print(f"  no wheel: {name}", file=sys.stderr)
        else:
            yield path


def wheel_of(folder: Path, name: str) -> Path | None:
    wanted = normalised(name)
    return next(
        (each for each in sorted(folder.glob("*.whl"))
         if normalised(each.name.partition("-")[0]) == wanted), None
    )  # fmt: skip


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def downloaded(folder: Path, name: str) -> Path | None:
    if (folder / f"{name}.missing").exists():
        return None
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--dest", str(folder), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        (folder / f"{name}.missing").write_text(done.stderr)
    return wheel_of(folder, name)


# ---------------------------------------------------------------------------------------------
# What one wheel connects


REGISTERED = {
    "auditlog": "auditlog",
    "modeltranslation": "modeltranslation",
    "reversion": "reversion",
    "simple_history": "simple_history",
}
"""Apps that reach only the models that a project registers with them, and the word by which it
does. Read by hand; every other connection of unknown sender is taken to reach every model."""

LEFT_OUT = re.compile(
    r"(^|/)(tests?|testing|test_project|example|examples|docs?|migrations)/|\.dist-info/"
)


def read_wheel(path: Path) -> tuple[dict[str, Any], tuple[Table, Table, Table]]:
    """(top-level package -> what it connects, the library's classes, models and names)."""
    files = Files.of(sources(path))
    project = Project(files)
    name, version = path.name.split("-")[:2]
    tops = top_level(files)
    found: dict[str, Any] = {}
    receivers = find_receivers(project)
    for top in tops:
        own = [
            each
            for each in receivers
            if each.path.startswith(f"{top}/") and not is_of_member(files, each)
        ]
        found[top] = {"project": normalised(name), "version": version}
        connects = sorted({connection(each, files) for each in own if reaches(each)})
        if connects:
            found[top]["connects"] = [list(each) for each in connects]
    return found, library_tables(project, tops)


OF_MEMBERS = frozenset({"contribute_to_class", "contribute_to_related_class", "__init__"})


def is_of_member(files: Files, receiver: Receiver) -> bool:
    """Whether a field or a base class connects the models that have it, and no others: reading
    such a model tells that it has it."""
    tree = files.document(receiver.path).tree
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name in OF_MEMBERS
        and node.lineno <= receiver.line <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
    )


def sources(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as wheel:
        names = [each for each in wheel.namelist() if each.endswith(".py")]
        return {each: wheel.read(each) for each in names if not LEFT_OUT.search(each)}


def top_level(files: Files) -> list[str]:
    return sorted({each.partition("/")[0] for each in files.paths if "/" in each})


def reaches(receiver: Receiver) -> bool:
    """Whether a connection may hear the models of a project, and not only the app's own."""
    if receiver.signal not in ("pre_init", "post_init", "pre_save", "post_save"):
        return False
    if receiver.sender_label and receiver.sender_label != "auth.User":
        return False
    return receiver.sender in (None, USER)


USER = "django.contrib.auth.models.User"


def connection(receiver: Receiver, files: Files) -> tuple[str, str, str, str]:
    """(app, signal, who is heard, function)."""
    app = app_of(receiver.path, files)
    if receiver.sender == USER or receiver.sender_label == "auth.User":
        sender = "user"
    elif not receiver.sender_unknown:
        sender = "every"
    else:
        sender = "registered" if app.partition(".")[0] in REGISTERED else "every"
    created = "created" if receiver.only_created else ""
    return app, receiver.signal, sender, receiver.function + (f" {created}" if created else "")


MARKS = ("apps.py", "models.py", "models/__init__.py")


def app_of(path: str, files: Files) -> str:
    """The innermost package around a file that looks like an app."""
    folder = path.rpartition("/")[0]
    while "/" in folder:
        if any(
            files.exists(f"{folder}/{name}")
            for name in ("apps.py", "models.py", "models/__init__.py")
        ):
            break
        folder = folder.rpartition("/")[0]
    return folder.replace("/", ".")


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        sys.exit(__doc__)
    # Libraries are read without what an earlier run knew, so that every run gives the same.
    write("libraries", {"classes": {}, "models": {}, "names": {}})
    apps: Table = {}
    libraries: tuple[Table, Table, Table] = ({}, {}, {})
    for path in wheels(Path(arguments[0])):
        found, tables = read_wheel(path)
        apps.update({top: each for top, each in found.items() if top not in apps})
        for table, more in zip(libraries, tables, strict=True):
            table.update(more)
    for top, word in REGISTERED.items():
        if top in apps:
            apps[top]["word"] = word
    write("apps", dict(sorted(apps.items())))
    rows, models, names = libraries
    write("libraries", {"classes": by_module(rows), "models": models, "names": by_target(names)})


def by_module(rows: Table) -> Table:
    modules: Table = {}
    for name, each in sorted(rows.items()):
        module, _, own = name.rpartition(".")
        modules.setdefault(module, {})[own] = each
    return modules


def by_target(names: Table) -> Table:
    """module -> canonical module -> names there, as in names.json."""
    modules: Table = {}
    for name, target in sorted(names.items()):
        module, _, own = name.rpartition(".")
        home, _, theirs = target.rpartition(".")
        spelled = own if own == theirs else f"{own}={theirs}"
        groups = modules.setdefault(module, {})
        groups[home] = f"{groups[home]} {spelled}" if home in groups else spelled
    return modules


def write(name: str, table: Table) -> None:
    text = json.dumps(table, separators=(",", ":"), ensure_ascii=False)
    (KNOWN / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{name}.json: {len(text) // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
