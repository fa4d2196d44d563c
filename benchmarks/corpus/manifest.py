"""Which projects the corpus holds: one pinned archive each, as `projects.toml` names them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("projects.toml")


@dataclass(frozen=True, slots=True)
class Archive:
    """One release of one project: the folder it gets, its name on the package index, its file."""

    project: str
    release: str
    filename: str
    sha256: str


def read_manifest(path: Path = MANIFEST) -> tuple[Archive, ...]:
    """All archives in the order of the file. Raises OSError, TOMLDecodeError and KeyError."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Archive(project, entry["release"], entry["archive"], entry["sha256"])
        for project, entry in entries.items()
    )
