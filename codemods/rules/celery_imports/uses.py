"""How a module uses a name that it imports: in functions, in annotations, when it is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from djfix.codemods.rewriting.bindings import Scope, scopes_of
from djfix.codemods.source.definitions import FunctionNode
from djfix.codemods.source.document import Document
from djfix.codemods.source.walking import walk


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """All uses of one module-level name.

    `functions`: the outermost functions whose bodies use it. `annotations`, `at_import`: the lines
    where an annotation names it, and where code uses it that runs when the module is imported.
    """

    functions: tuple[FunctionNode, ...]
    annotations: tuple[int, ...]
    at_import: tuple[int, ...]


def uses_of(document: Document, name: str) -> Uses:
    """The uses of a name that the module's own imports bind."""
    functions: dict[FunctionNode, None] = {}
    annotations, at_import = set(_quoted(document, name)), set[int]()
    annotated = {id(node) for each in _annotations(document) for node in walk(each)}
    for node in _loads(scopes_of(document.tree), name):
        function = _running(document, node)
        if function is not None:
            functions.setdefault(function)
        elif id(node) in annotated:
            annotations.add(node.lineno)
        else:
            at_import.add(node.lineno)
    return Uses(tuple(functions), tuple(sorted(annotations)), tuple(sorted(at_import)))


def _loads(module: Scope, name: str) -> Iterator[ast.Name]:
    """The nodes that read the name from the module's scope."""
    for scope in module.walk():
        if scope.owner(name) is module:
            yield from (node for node in scope.uses if node.id == name)


def _running(document: Document, node: ast.AST) -> FunctionNode | None:
    """The outermost function in whose body a node stands; None if it runs at import."""
    found: FunctionNode | None = None
    inner, outer = node, document.parents.get(node)
    while outer is not None:
        if isinstance(outer, FunctionNode) and inner in outer.body:
            found = outer
        inner, outer = outer, document.parents.get(outer)
    return found


def _annotations(document: Document) -> Iterator[ast.expr]:
    """The annotations of signatures and variables outside of function bodies."""
    for node in walk(document.tree):
        found: ast.expr | None = None
        if isinstance(node, ast.arg | ast.AnnAssign):
            found = node.annotation
        elif isinstance(node, FunctionNode):
            found = node.returns
        if found is not None and _running(document, found) is None:
            yield found


def _quoted(document: Document, name: str) -> Iterator[int]:
    """The lines of annotations that name it within quotes."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for annotation in _annotations(document):
        for node in walk(annotation):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(node, ast.Constant) and isinstance(text, str) and word.search(text):
                yield node.lineno


def are_lazy(document: Document, name: str) -> bool:
    """Whether no annotation that names it is evaluated at import: quoted, or all are put off."""
    futures = [
        alias.name
        for node in document.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    ]
    if "annotations" in futures:
        return True
    return not any(
        isinstance(node, ast.Name) and node.id == name
        for annotation in _annotations(document)
        for node in walk(annotation)
    )
