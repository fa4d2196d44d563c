"""What the tests of this floor have in common: a file, a mark in it, and the text after edits."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

import pytest

from djfix.codemods.findings import NodeReference
from djfix.codemods.rewriting.edits import Edit, apply_edits
from djfix.codemods.rewriting.trees import Trees
from djfix.codemods.source.files import Files

PATH = "shop/views.py"


class Workbench:
    """A small project whose main file is to be edited."""

    def __init__(self, text: str | bytes, others: dict[str, str] | None = None) -> None:
        package = {"shop/__init__.py": "", "shop/models.py": "class Order: pass\n"}
        self.files = Files.of({**package, **(others or {}), PATH: text})
        self.trees = Trees(self.files)
        self.document = self.files.document(PATH)

    def find(self, source: str, kind: type[ast.AST] | None = None) -> ast.stmt | ast.expr:
        """The first node, outermost first, whose text this is."""
        for node in ast.walk(self.document.tree):
            if not isinstance(node, kind or (ast.stmt, ast.expr)):
                continue
            assert isinstance(node, (ast.stmt, ast.expr))
            if self.document.segment(node) == source:
                return node
        raise AssertionError(f"no node says {source!r}")

    def reference(self, source: str, kind: type[ast.AST] | None = None) -> NodeReference:
        return NodeReference.of(self.find(source, kind))

    def statements(self, *sources: str) -> tuple[NodeReference, ...]:
        return tuple(self.reference(source, ast.stmt) for source in sources)

    def applied(
        self,
        edits: Sequence[Edit],
        used_elsewhere: Callable[[str, str], bool] = lambda path, name: False,
    ) -> str:
        """The main file's text afterwards; unchanged if no edit changed it."""
        texts = apply_edits(self.files, edits, trees=self.trees, used_elsewhere=used_elsewhere)
        return texts.get(PATH, self.document.text)


@pytest.fixture
def workbench() -> type[Workbench]:
    """Makes the project around a text."""
    return Workbench
