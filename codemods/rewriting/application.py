"""The edits of one file: checked against each other, carried out, and the outcome checked."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from djfix.codemods.findings import NodeReference, Span
from djfix.codemods.rewriting.blocks import Run, ids_below
from djfix.codemods.rewriting.difference import line_offsets
from djfix.codemods.rewriting.importing import head_of_function, with_imports
from djfix.codemods.rewriting.islands import rewritten
from djfix.codemods.rewriting.joining import IslandTree
from djfix.codemods.rewriting.orphans import without_orphans
from djfix.codemods.rewriting.trees import Trees, handle
from djfix.codemods.rewriting.values import (
    AddImport,
    AppendToFile,
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
from djfix.codemods.source.document import Document, Unreadable

if TYPE_CHECKING:
    import libcst as cst

NodeEdit = Replace | ReplaceStatements | InsertAfter | InsertBefore
WHERE: Mapping[str, Literal["instead", "before", "after"]] = {
    "ReplaceStatements": "instead",
    "InsertAfter": "after",
    "InsertBefore": "before",
}
TextReplacement = tuple[int, int, str]
"""Offsets in code points from 0, end exclusive, and what comes instead."""


@dataclass(slots=True)
class PathEdits:
    """The different edits of one file, in the order given."""

    path: str
    created: str | None = None
    moved_to: str | None = None
    appended: list[str] = field(default_factory=list)
    nodes: dict[tuple[object, ...], NodeEdit] = field(default_factory=dict)
    imports: dict[AddImport, None] = field(default_factory=dict)
    texts: dict[ReplaceText, None] = field(default_factory=dict)

    @property
    def replaces_anything(self) -> bool:
        """Whether there is an edit that needs the file to be there."""
        return bool(self.nodes or self.imports or self.texts)

    def add(self, edit: Edit, trees: Trees) -> None:
        """Take an edit in; an equal one is there but once. Raises Conflict."""
        if isinstance(edit, CreateFile):
            if self.created not in (None, edit.text):
                raise Conflict(self.path, None)
            self.created = edit.text
        elif isinstance(edit, MoveFile):
            if self.moved_to not in (None, edit.target):
                raise Conflict(self.path, None)
            self.moved_to = edit.target
        elif isinstance(edit, AppendToFile):
            if edit.text not in self.appended:
                self.appended.append(edit.text)
        elif isinstance(edit, AddImport):
            self._import(edit)
        elif isinstance(edit, ReplaceText):
            self.texts[edit] = None
        else:
            self.nodes.setdefault(_key(edit, trees), edit)

    def _import(self, edit: AddImport) -> None:
        """Of equal imports, the one that is used first."""
        known = next((each for each in self.imports if each == edit), None)
        if known is not None and edit.before and (not known.before or edit.before < known.before):
            del self.imports[known]
        self.imports.setdefault(edit)

    def replaced_text(self) -> list[tuple[Span, str]]:
        """The replacements of text by place."""
        return [(edit.span, edit.replacement) for edit in self.texts]


def python_text(
    document: Document,
    group: PathEdits,
    trees: Trees,
    used_elsewhere: Callable[[str, str], bool],
) -> str:
    """The new text of a Python file, parsed again to be sure of it."""
    at_top = [edit for edit in group.imports if edit.inside is None]
    edits = [*group.nodes.values(), *_function_imports(document, group)]
    places = _checked(document, edits, group.texts)
    replacements = [*_island_replacements(document, edits, trees), *places]
    text = _replaced(document.path, document.text, replacements)
    after = _parsed_again(document, text) if replacements else document
    if at_top:
        after = _parsed_again(document, with_imports(after, at_top, trees))
    if replacements and _takes_away(document, group):
        after = _parsed_again(document, without_orphans(document, after, trees, used_elsewhere))
    _check_compiles(document, after)
    return after.text


def _takes_away(document: Document, group: PathEdits) -> bool:
    """Whether any name may have lost a use; what is only put in or moved takes none."""
    if any(_replaces(edit) for edit in group.nodes.values()):
        return True
    return any(
        not _words(_old_text(document, edit)) <= _words(edit.replacement) for edit in group.texts
    )


def _old_text(document: Document, edit: ReplaceText) -> str:
    return document.between(_start(edit.span), _end(edit.span))


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def spliced(document: Document, replacements: Sequence[tuple[Span, str]]) -> str:
    """The text of a file of any kind with some places replaced. Raises Conflict."""
    return _replaced(document.path, document.text, _offsets(document, replacements))


def _key(edit: NodeEdit, trees: Trees) -> tuple[object, ...]:
    """What makes two node edits the same edit."""
    if isinstance(edit, Replace):
        return (Replace, edit.reference, trees.code(edit.path, edit.node))
    codes = tuple(trees.code(edit.path, node) for node in edit.statements)
    places = edit.references if isinstance(edit, ReplaceStatements) else edit.reference
    return (type(edit), places, codes)


def _function_imports(document: Document, group: PathEdits) -> Iterator[NodeEdit]:
    by_function: dict[NodeReference, list[AddImport]] = {}
    for edit in group.imports:
        if edit.inside is not None:
            by_function.setdefault(edit.inside, []).append(edit)
    for additions in by_function.values():
        insertion = head_of_function(document, additions)
        if insertion is not None:
            yield insertion


def _checked(
    document: Document, edits: Sequence[NodeEdit], texts: dict[ReplaceText, None]
) -> list[TextReplacement]:
    """Raises Conflict where edits overlap; gives the replacements of text by offsets."""
    spans: list[tuple[Span, NodeReference | Span]] = [
        (_span(document, edit), _reference(edit)) for edit in edits if _replaces(edit)
    ]
    spans += [(edit.span, edit.span) for edit in texts]
    ordered = sorted(spans, key=lambda item: item[0])
    for (before, _), (after, reference) in pairwise(ordered):
        if _end(before) > _start(after) or before == after:
            raise Conflict(document.path, reference)
    for edit in edits:
        if not _replaces(edit):
            _check_insertion(document, edit, [span for span, _ in ordered])
    return _offsets(document, [(edit.span, edit.replacement) for edit in texts])


def _check_insertion(document: Document, edit: NodeEdit, replaced: Sequence[Span]) -> None:
    """An insertion may stand at the edge of what is replaced, not within."""
    place = _span(document, edit)
    for span in replaced:
        is_at_edge = (
            _end(place) == _end(span)
            if isinstance(edit, InsertAfter)
            else _start(place) == _start(span)
        )
        contains = _start(span) <= _start(place) and _end(place) <= _end(span)
        if contains and not is_at_edge:
            raise Conflict(document.path, _reference(edit))


def _replaces(edit: NodeEdit) -> bool:
    return isinstance(edit, (Replace, ReplaceStatements))


def _reference(edit: NodeEdit) -> NodeReference:
    return edit.references[0] if isinstance(edit, ReplaceStatements) else edit.reference


def _span(document: Document, edit: NodeEdit) -> Span:
    references = edit.references if isinstance(edit, ReplaceStatements) else (edit.reference,)
    first, last = references[0], references[-1]
    return Span(
        first.line,
        document.column(first.line, first.column),
        last.end_line,
        document.column(last.end_line, last.end_column),
    )


def _start(span: Span) -> tuple[int, int]:
    return (span.line, span.column)


def _end(span: Span) -> tuple[int, int]:
    return (span.end_line, span.end_column)


@dataclass(slots=True)
class _IslandEdits:
    tree: IslandTree
    replacements: dict[int, cst.CSTNode] = field(default_factory=dict)
    runs: dict[int, list[Run]] = field(default_factory=dict)


def _island_replacements(
    document: Document, edits: Sequence[NodeEdit], trees: Trees
) -> Iterator[TextReplacement]:
    """The islands that the edits touch, each with its new text."""
    touched: dict[int, _IslandEdits] = {}
    for edit in edits:
        if isinstance(edit, Replace):
            tree = trees.island(document.path, edit.reference)
            node = trees.node(document.path, edit.reference)
            work = touched.setdefault(id(tree), _IslandEdits(tree))
            work.replacements[id(node)] = edit.node
        else:
            _add_runs(document, edit, trees, touched)
    starts = line_offsets(document.lines)
    for work in touched.values():
        island = work.tree.island
        yield starts[island.first_line - 1], starts[island.last_line], _new_text(document, work)


def _new_text(document: Document, work: _IslandEdits) -> str:
    try:
        return rewritten(work.tree, work.replacements, work.runs)
    except (LookupError, ValueError) as error:
        raise BrokenResult(document.path, str(error)) from error


def _add_runs(
    document: Document,
    edit: ReplaceStatements | InsertAfter | InsertBefore,
    trees: Trees,
    touched: dict[int, _IslandEdits],
) -> None:
    """A run of top-level statements is one run for each of its islands."""
    references = edit.references if isinstance(edit, ReplaceStatements) else (edit.reference,)
    by_tree: dict[int, list[NodeReference]] = {}
    for reference in references:
        tree = trees.island(document.path, reference)
        touched.setdefault(id(tree), _IslandEdits(tree))
        by_tree.setdefault(id(tree), []).append(reference)
    for number, (key, members) in enumerate(by_tree.items()):
        statements = () if number else tuple(edit.statements)
        if statements or isinstance(edit, ReplaceStatements):
            _add_run(document.path, touched[key], members, edit, statements)


def _add_run(
    path: str,
    work: _IslandEdits,
    references: Sequence[NodeReference],
    edit: ReplaceStatements | InsertAfter | InsertBefore,
    statements: tuple[cst.BaseStatement | cst.BaseSmallStatement, ...],
) -> None:
    handles = []
    for reference in references:
        node = work.tree.node(reference)
        found = None if node is None else handle(work.tree, node)
        if found is None:
            raise NotJoined(path, reference)
        handles.append(found)
    block = _block_of(work.tree, handles[0])
    alive = frozenset(ids_below(edit.statements))
    run = Run(tuple(handles), statements, WHERE[type(edit).__name__], alive)
    work.runs.setdefault(id(block), []).append(run)


def _block_of(tree: IslandTree, node: cst.CSTNode) -> cst.CSTNode:
    """The block, suite or module that holds a statement, also one that shares its line."""
    import libcst as cst

    container = tree.containers[id(node)]
    if isinstance(container, cst.SimpleStatementLine):
        return tree.containers[id(container)]
    return container


def _offsets(document: Document, replacements: Sequence[tuple[Span, str]]) -> list[TextReplacement]:
    """The replacements by their offsets in the text."""
    starts = line_offsets(document.lines)

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1

    return [
        (offset(span.line, span.column), offset(span.end_line, span.end_column), text)
        for span, text in replacements
    ]


def _replaced(path: str, text: str, replacements: Sequence[TextReplacement]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, replacement in sorted(replacements):
        if start < position:
            raise Conflict(path, None)
        pieces += [text[position:start], replacement]
        position = end
    return "".join([*pieces, text[position:]])


def _parsed_again(original: Document, text: str) -> Document:
    """A later state of a document. Raises BrokenResult if it does not parse, or cannot be encoded.

    What is parsed is the bytes that would be written, not the text they came from.
    """
    try:
        after = Document(original.path, original.encode(text))
        after.new_statements(original)
    except (UnicodeEncodeError, Unreadable) as error:
        raise BrokenResult(original.path, str(error)) from error
    return after


def _check_compiles(document: Document, after: Document) -> None:
    """Raises BrokenResult unless the new file compiles, if it did before."""
    failure = _failure(document.path, _to_compile(document, after))
    if failure is not None and _failure(document.path, document.tree.body) is None:
        raise BrokenResult(document.path, failure)


def _to_compile(document: Document, after: Document) -> Sequence[ast.stmt]:
    """What is new; all where the compiler says where a statement may stand in the module."""
    new = after.new_statements(document)
    is_placed = any(
        isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in new
    )
    return after.tree.body if is_placed else new


def _failure(path: str, statements: Sequence[ast.stmt]) -> str | None:
    """What the compiler says that the parser does not, such as `await` outside of `async`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(ast.Module(list(statements), []), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return str(error)
    return None
