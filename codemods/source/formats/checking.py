"""Whether a file that is not Python can still be read as what it is, after an edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from djfix.codemods.source.formats.dockerfile import dockerfile_of
from djfix.codemods.source.formats.placed import Placed
from djfix.codemods.source.formats.scalars import documents_of
from djfix.codemods.source.formats.shell import commands_in
from djfix.codemods.source.kinds import Kind, kind_of

_READERS: Mapping[Kind, Callable[[str], object | None]] = {
    "dockerfile": dockerfile_of,
    "compose": documents_of,
    "shell": lambda text: commands_in(Placed.of(text)),
}
"""A Procfile and a unit can always be read."""


def is_broken(path: str, before: str, after: str) -> bool:
    """Whether a file of this name could be read before, and cannot be any more."""
    reader = _READERS.get(kind_of(path) or "python")
    return reader is not None and reader(after) is None and reader(before) is not None
