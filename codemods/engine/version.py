"""Which djfix this is, to the byte: what was cached by another one is worth nothing."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

import djfix


@cache
def tool_version() -> str:
    """Version, Python, and size and time of every module: a hash of hexadecimal digits.

    The files count because a checkout changes without its version changing.
    """
    digest = hashlib.sha256(f"{djfix.__version__} {sys.version}".encode())
    for folder in _folders():
        for path, size, time in sorted(_modules(folder)):
            digest.update(f"{path}\0{size}\0{time}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def _folders() -> list[str]:
    from djfix import codemods

    return [str(Path(folder)) for folder in codemods.__path__]


def _modules(folder: str) -> list[tuple[str, int, int]]:
    found = []
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            if name.endswith((".py", ".json")):
                status = os.stat(os.path.join(base, name))
                place = os.path.relpath(os.path.join(base, name), folder)
                found.append((place, status.st_size, status.st_mtime_ns))
    return found
