"""Which files may define a member that runs without a call, told by their bytes: few of a project's
files have one of the name that is asked for, and only those are read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from unicodedata import normalize

from djfix.codemods.inference.saving.special import NOTED
from djfix.codemods.source.files import Files

_MARK_OR_NAME = re.compile(rb"property|\.(?:setter|deleter|getter)\b|def[ \t]+([^\s(\[]+)")
_NEEDLES = (
    *(b"property", b".setter", b".deleter", b".getter"),
    *(f"def {name}".encode() for name in sorted(NOTED)),
)


class Spelled:
    """The properties and special methods of all files, by name; `files.shared(Spelled)` keeps one.

    Whatever is defined next behind a word for a property counts as one.
    """

    def __init__(self, files: Files) -> None:
        self._paths: dict[str, list[str]] = defaultdict(list)
        for path in files.containing(*_NEEDLES):
            try:
                data = files.read_once(path)
            except OSError:
                continue
            for name in {*_members(data)}:
                self._paths[name].append(path)

    def files_of(self, name: str) -> list[str]:
        """The files that may have such a member, in their order."""
        return self._paths.get(name, [])


def _members(data: bytes) -> Iterator[str]:
    is_marked = False
    for each in _MARK_OR_NAME.finditer(data):
        if each[1] is None:
            is_marked = True
            continue
        name = normalize("NFKC", each[1].decode(errors="replace"))
        if is_marked or name in NOTED:
            yield name
        is_marked = False
