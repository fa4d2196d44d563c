"""The commands that are compared; peers live in a throwaway environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import program

PARSE = """
import ast, sys, warnings
warnings.simplefilter("ignore")
for name in sys.stdin.read().split("\\0"):
    try:
        ast.parse(open(name, "rb").read())
    except (SyntaxError, ValueError):
        pass
"""
TYPER = """
import typer
app = typer.Typer()
@app.command()
def main() -> None: ...
app()
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One command to measure. `before` runs, unmeasured, ahead of every round."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    before: Callable[[], None] | None = None


def install_peers(environment: Path) -> Path:
    """Makes a virtual environment with the newest peers; returns its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    programs = environment / "bin"
    install = [
        str(programs / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "django-upgrade",
        "ruff",
    ]
    subprocess.run(install, check=True, capture_output=True)
    return programs


def versions(programs: Path) -> str:
    """What is compared, for the head of the table."""
    listed = subprocess.run(
        [str(programs / "python"), "-m", "pip", "freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    peers = [line for line in listed.stdout.split() if line.startswith(("django-upgrade", "ruff"))]
    return ", ".join([f"Python {sys.version.split()[0]}", *peers])


def upgrade(programs: Path, upgraded: Path, files: Sequence[str]) -> Contestant:
    """django-upgrade, in a copy of the tree, because it rewrites what it finds."""
    command = [str(programs / "django-upgrade"), "--target-version", "5.2", *files]
    return Contestant("django-upgrade", command, upgraded)


def peers(programs: Path, tree: Path, files: Sequence[str]) -> list[Contestant]:
    """What else is measured in the tree of the whole corpus."""
    ruff = [str(programs / "ruff"), "check", "--select", "DJ", "--no-cache", "--exit-zero"]
    python = [sys.executable, "-c"]
    one_thread = {"RAYON_NUM_THREADS": "1"}
    return [
        Contestant("ruff --select DJ", [*ruff, "--quiet", "--isolated", "."], tree, one_thread),
        Contestant(
            "ast.parse of every file", [*python, PARSE], tree, {}, "\0".join(files).encode()
        ),
        Contestant("bare typer command", [*python, TYPER], tree),
    ]


def check(rules: Sequence[str]) -> list[str]:
    """djfix in one process, with these rules or, for none, those that need not be named."""
    named = [word for rule in rules for word in ("-r", rule)]
    return [*program("djfix"), "check", "-o", "json", "-j", "1", *named]


def cold(tree: Path, cache: Path, rules: Sequence[str]) -> Contestant:
    """djfix with nothing remembered."""

    def forget() -> None:
        subprocess.run(["rm", "-rf", str(cache)], check=True)

    return Contestant("djfix, cold", check(rules), tree, cache_in(cache), before=forget)


def djfix(tree: Path, scratch: Path, models: Path, rules: Sequence[str]) -> list[Contestant]:
    """djfix cold, warm (nothing changed) and after a change to one file."""
    command, warm = check(rules), scratch / "warm"
    original = models.read_bytes()
    touched = iter(range(1, 1_000_000))

    def restore() -> None:
        if models.read_bytes() != original:
            models.write_bytes(original)
            run_quietly(command, tree, warm)

    def change() -> None:
        models.write_bytes(original + b"\n\nCHANGED = %d\n" % next(touched))

    run_quietly(command, tree, warm)
    # What changes the file comes last, and what is warm puts it back.
    return [
        Contestant("djfix, warm", command, tree, cache_in(warm), before=restore),
        cold(tree, scratch / "cold", rules),
        Contestant("djfix, one models.py", command, tree, cache_in(warm), before=change),
        Contestant("djfix --version", [*program("djfix"), "--version"], tree),
        Contestant("djfix --help", [*program("djfix"), "--help"], tree),
    ]


def cache_in(folder: Path) -> dict[str, str]:
    """The cache, and byte code written at the first run: an installed djfix comes with it."""
    return {"DJFIX_CACHE_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


def run_quietly(command: Sequence[str], folder: Path, cache: Path) -> None:
    environment = {**os.environ, **cache_in(cache)}
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def imported(command: Sequence[str], folder: Path) -> set[str]:
    """Top-level modules that a djfix command imports."""
    traced = [sys.executable, "-X", "importtime", "-m", "djfix", *command]
    done = subprocess.run(traced, cwd=folder, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
