"""Tests that replace a name in the views' module: where it moves, they must replace it there."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from djfix.codemods.findings import Evidence, Reason, Span
from djfix.codemods.inference.extraction.modules import Target
from djfix.codemods.inference.extraction.names import Needed
from djfix.codemods.inference.extraction.regions import Region
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document, Unreadable
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True)
class Patches:
    """`edits`: path, place of the text and what it becomes. `dropped`: names of imports that no
    code of the views' module uses any more, and that only those texts named."""

    edits: tuple[tuple[str, Span, str], ...] = ()
    dropped: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def patches_of(region: Region, imports: Iterable[Needed], target: Target) -> Patches:
    """What other files do to the names that the new module takes over."""
    view = region.view
    module = view.project.module_of(view.document.path)
    edits: list[tuple[str, Span, str]] = []
    dropped: list[str] = []
    reasons: list[Reason] = []
    evidence: list[Evidence] = []
    for needed in imports:
        if not needed.name:
            continue
        users = view.project.importers(view.document.path, needed.bound)
        remains = is_used_besides(region, needed.bound)
        moved: list[tuple[str, Span, str]] = []
        for path, line in users:
            document = view.project.files.document(path)
            found = list(_texts_at(document, line, f"{module}.{needed.bound}"))
            if found and not remains:
                moved += [(path, *_renamed(document, each, module, target)) for each in found]
            elif found or _is_patched(document, line, needed.bound):
                text = f"{path}:{line} replaces `{needed.bound}` among the views"
                why = "other views use it as well" if found else "write the service's module there"
                reasons.append(Reason("patched-name", f"{text}: {why}"))
            if found or _is_patched(document, line, needed.bound):
                evidence.append(Evidence(path, line, document.line_text(line).strip()))
        edits += moved
        if moved and {(path, span.line) for path, span, _ in moved} == set(users):
            dropped.append(needed.bound)
    return Patches(tuple(edits), tuple(dropped), tuple(reasons), tuple(evidence))


class FileNames:
    """Where each file uses which name, walked once; one for a project."""

    def __init__(self, project: Project) -> None:
        del project
        self._uses: dict[str, tuple[Document, dict[str, list[ast.Name]]]] = {}

    def of(self, document: Document) -> Mapping[str, Sequence[ast.Name]]:
        """The nodes of each name of a file."""
        known = self._uses.get(document.path)
        if known is None or known[0] is not document:
            found: dict[str, list[ast.Name]] = {}
            for node in walk(document.tree):
                if isinstance(node, ast.Name):
                    found.setdefault(node.id, []).append(node)
            known = self._uses[document.path] = (document, found)
        return known[1]


def is_used_besides(region: Region, name: str) -> bool:
    """Whether a views' file uses a module's name outside of what moves."""
    uses = region.view.project.shared(FileNames).of(region.view.document)
    return any(node not in region.moved for node in uses.get(name, ()))


def _texts_at(document: Document, line: int, wanted: str) -> Iterator[ast.Constant]:
    for node in _constants(document, line):
        text = node.value
        assert isinstance(text, str)
        if (text == wanted or text.startswith(f"{wanted}.")) and _is_plain(document, node):
            yield node


def _constants(document: Document, line: int) -> Iterator[ast.Constant]:
    try:
        tree = document.tree
    except Unreadable:
        return
    for node in walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno == line:
            yield node


def _is_plain(document: Document, node: ast.Constant) -> bool:
    return document.segment(node)[1:-1] == node.value


def _renamed(
    document: Document, node: ast.Constant, module: str | None, target: Target
) -> tuple[Span, str]:
    text = document.segment(node)
    assert isinstance(node.value, str)
    rest = node.value.removeprefix(str(module))
    return document.span(node), f"{text[0]}{target.module}{rest}{text[-1]}"


def _is_patched(document: Document, line: int, name: str) -> bool:
    """Whether the name stands there as a text, as in `patch.object(views, "name")`."""
    return any(node.value == name for node in _constants(document, line))


def names_in_file(document: Document) -> Collection[str]:
    """Every name that a file binds or uses."""
    found: set[str] = set()
    for node in walk(document.tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.alias(name=name, asname=alias):
                found.add(alias or name.partition(".")[0])
    return found
