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


def peers(programs: Path, tree: Path, upgraded: Path, files: Sequence[str]) -> list[Contestant]:
    """django-upgrade gets a copy of the tree, because it rewrites what it finds."""
    upgrade = [str(programs / "django-upgrade"), "--target-version", "5.2"]
    ruff = [str(programs / "ruff"), "check", "--select", "DJ", "--no-cache", "--exit-zero"]
    python = [sys.executable, "-c"]
    one_thread = {"RAYON_NUM_THREADS": "1"}
    return [
        Contestant("django-upgrade", [*upgrade, *files], upgraded),
        Contestant("ruff --select DJ", [*ruff, "--quiet", "--isolated", "."], tree, one_thread),
        Contestant(
            "ast.parse of every file", [*python, PARSE], tree, {}, "\0".join(files).encode()
        ),
        Contestant("bare typer command", [*python, TYPER], tree),
    ]


def djfix(tree: Path, scratch: Path, models: Path) -> list[Contestant]:
    """djfix cold (nothing remembered), warm (nothing changed) and after a change to one file."""
    check = [*program("djfix"), "check", "-o", "json", "-j", "1"]
    cold, warm = scratch / "cold", scratch / "warm"
    original = models.read_bytes()
    touched = iter(range(1, 1_000_000))

    def forget() -> None:
        subprocess.run(["rm", "-rf", str(cold)], check=True)
        restore()

    def restore() -> None:
        if models.read_bytes() != original:
            models.write_bytes(original)
            run_quietly([*check], tree, warm)

    def change() -> None:
        models.write_bytes(original + b"\n\nCHANGED = %d\n" % next(touched))

    run_quietly(check, tree, warm)
    return [
        Contestant("djfix, cold", check, tree, cache_in(cold), before=forget),
        Contestant("djfix, warm", check, tree, cache_in(warm), before=restore),
        Contestant("djfix, one models.py", check, tree, cache_in(warm), before=change),
        Contestant("djfix --version", [*program("djfix"), "--version"], tree),
        Contestant("djfix --help", [*program("djfix"), "--help"], tree),
    ]


def cache_in(folder: Path) -> dict[str, str]:
    return {"DJFIX_CACHE_DIR": str(folder)}


def run_quietly(command: Sequence[str], folder: Path, cache: Path) -> None:
    environment = {**os.environ, **cache_in(cache)}
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def imported(command: Sequence[str], folder: Path) -> set[str]:
    """Top-level modules that a djfix command imports."""
    traced = [sys.executable, "-X", "importtime", "-m", "djfix", *command]
    done = subprocess.run(traced, cwd=folder, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
