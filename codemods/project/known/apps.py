"""Third-party apps that are known: what each connects to the signals of saving.

The table is written by `scripts/known_apps.py` from the apps' published sources, read as text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Connection:
    """One receiver of a known app that may hear a project's models.

    `app`: the dotted module of the app that connects it. `signal`: "post_save", ... `sender`:
    "every" model, the "user" model, or those "registered" with the app. `only_created`: it acts on
    new rows only.
    """

    app: str
    signal: str
    sender: str
    function: str
    only_created: bool = False


@dataclass(frozen=True, slots=True)
class KnownApp:
    """A top-level package of a known project on PyPI, of the version that was read.

    `word`: the word without which a source file registers no model with the app; empty where
    nothing is registered.
    """

    package: str
    project: str
    version: str
    connections: tuple[Connection, ...] = ()
    word: str = ""


def known_app(module: str) -> KnownApp | None:
    """The known package that an installed app (a dotted module) belongs to."""
    return _read(module.partition(".")[0])


def is_contrib(module: str) -> bool:
    """Whether an app is Django's or DRF's own."""
    return module.startswith(("django.", "rest_framework.")) or module == "rest_framework"


def contrib_receivers(module: str) -> tuple[tuple[str, str | None, str], ...]:
    """(signal, sender's label or None for every model, function) of a contrib app, measured."""
    entry = _table("contrib").get(module, {})
    return tuple((signal, sender, name) for signal, sender, name in entry.get("receivers", ()))


@cache
def _read(package: str) -> KnownApp | None:
    entry = _table("apps").get(package)
    if entry is None:
        return None
    return KnownApp(
        package=package,
        project=entry["project"],
        version=entry["version"],
        connections=tuple(_connection(*each) for each in entry.get("connects", ())),
        word=entry.get("word", ""),
    )


def _connection(app: str, signal: str, sender: str, function: str) -> Connection:
    name, _, created = function.partition(" ")
    return Connection(app, signal, sender, name, bool(created))


@cache
def _table(name: str) -> dict[str, Any]:
    data = Path(__file__).with_name(f"{name}.json").read_bytes()
    table: dict[str, Any] = json.loads(data)
    return table
