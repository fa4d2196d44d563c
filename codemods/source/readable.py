"""Files that are looked at in passing: one that cannot be read or parsed says nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.source.document import Unreadable

if TYPE_CHECKING:
    from djfix.codemods.source.files import Files, WatchedFiles


def tree_of(files: Files | WatchedFiles, path: str) -> ast.Module | None:
    """The tree of a Python file; None where the file has gone or cannot be parsed."""
    try:
        return files.document(path).tree
    except (OSError, Unreadable):
        return None
