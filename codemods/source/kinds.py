"""What kind of file a path names: Python, or one of those that say how processes are started."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["python", "dockerfile", "compose", "procfile", "unit", "shell"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("python", re.compile(r".*\.py")),
    ("dockerfile", re.compile(r"(?:.*\.)?[Dd]ockerfile(?:[.-].+)?|Containerfile(?:\..+)?")),
    ("compose", re.compile(r".*compose.*\.ya?ml")),
    ("procfile", re.compile(r"Procfile(?:\.\w+)?")),
    ("unit", re.compile(r".*\.service")),
    # Without an ending: what images of the usual project templates start.
    ("shell", re.compile(r".*\.sh|(?:docker[-_])?entrypoint|start")),
)
_NOT_WRITTEN_BY_HAND = re.compile(r".*\.(?:dockerignore|j2|jinja2?|tmpl|template|tpl|orig|rej|bak)")
"""Templates of such files, which are no such files yet, and what only goes by a similar name."""


def kind_of(path: str) -> Kind | None:
    """The kind of a file by its name; None for what is only read for what it says besides."""
    name = path.rpartition("/")[2]
    if _NOT_WRITTEN_BY_HAND.fullmatch(name) is not None:
        return None
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(name)), None)
