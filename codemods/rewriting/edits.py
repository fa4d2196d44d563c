"""Applies edits: all those of any findings at once, to whole new texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from djfix.codemods.rewriting.application import PathEdits, python_text, spliced
from djfix.codemods.rewriting.statements import statements_from
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.rewriting.values import (
    AddImport,
    AppendToFile,
    BoundName,
    BrokenResult,
    Conflict,
    CreateFile,
    Edit,
    InsertAfter,
    InsertBefore,
    MoveFile,
    NotJoined,
    Replace,
    ReplaceStatements,
    ReplaceText,
)
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

__all__ = [
    "AddImport",
    "AppendToFile",
    "BoundName",
    "BrokenResult",
    "Conflict",
    "CreateFile",
    "Edit",
    "InsertAfter",
    "InsertBefore",
    "MoveFile",
    "NotJoined",
    "Replace",
    "ReplaceStatements",
    "ReplaceText",
    "apply_edits",
    "moves_of",
    "statements_from",
]


def apply_edits(
    files: Files,
    edits: Sequence[Edit],
    *,
    trees: Trees,
    used_elsewhere: Callable[[str, str], bool],
) -> Mapping[str, str]:
    """The new full text of each file that changes, or moves.

    `trees` are those that the edits' nodes came from, of the same `files`. `used_elsewhere` says
    of a path and a name whether other files import or patch it there; asked of imports that lost
    their last use. Equal edits count once. Raises Conflict, NotJoined, BrokenResult, Unreadable
    and OSError.
    """
    grouped: dict[str, PathEdits] = {}
    for edit in edits:
        grouped.setdefault(edit.path, PathEdits(edit.path)).add(edit, trees)
    texts: dict[str, str] = {}
    for path, group in sorted(grouped.items()):
        before, after = _texts(files, group, trees, used_elsewhere)
        if after != before or group.moved_to:
            texts[path] = after
    _check_targets(files, grouped)
    return texts


def moves_of(edits: Iterable[Edit]) -> Mapping[str, str]:
    """The new path of each file that moves."""
    return {edit.path: edit.target for edit in edits if isinstance(edit, MoveFile)}


def _check_targets(files: Files, groups: Mapping[str, PathEdits]) -> None:
    """Raises Conflict where a file would come to stand on another."""
    targets = [group.moved_to for group in groups.values() if group.moved_to is not None]
    for target in targets:
        if files.exists(target) or target in groups or targets.count(target) > 1:
            raise Conflict(target, None)


def _texts(
    files: Files,
    group: PathEdits,
    trees: Trees,
    used_elsewhere: Callable[[str, str], bool],
) -> tuple[str | None, str]:
    """The text of a path before, None for a new file, and after."""
    if group.created is not None or not files.exists(group.path):
        if group.moved_to:
            raise Conflict(group.path, None)
        return None, _new_file(files, group)
    document = files.document(group.path)
    if group.path.endswith(".py"):
        text = python_text(document, group, trees, used_elsewhere)
    else:
        text = _other_text(document, group)
    return document.text, _appended(document, text, group.appended)


def _other_text(document: Document, group: PathEdits) -> str:
    """The new text of a file that is not Python. Raises Conflict, BrokenResult."""
    from djfix.codemods.source.formats.checking import is_broken

    text = spliced(document, group.replaced_text())
    if is_broken(document.path, document.text, text):
        raise BrokenResult(document.path, "it can no longer be read as what its name says")
    return text


def _new_file(files: Files, group: PathEdits) -> str:
    if group.replaces_anything or (group.created is not None and files.exists(group.path)):
        raise Conflict(group.path, None)
    return "".join([group.created or "", *group.appended])


def _appended(document: Document, text: str, additions: Iterable[str]) -> str:
    """The text with more below it, in its own newlines."""
    for addition in additions:
        if text and not text.endswith(("\n", "\r")):
            text += document.newline
        text += addition.replace("\r\n", "\n").replace("\n", document.newline)
    return text
