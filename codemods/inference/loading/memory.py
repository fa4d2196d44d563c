"""What was read of a project for its querysets: syntax nodes by line, inferences, managers."""

from __future__ import annotations

import ast
from collections import OrderedDict, deque
from collections.abc import Iterator

from djfix.codemods.inference.expressions import Function, Inference
from djfix.codemods.inference.loading.chains import Chain
from djfix.codemods.inference.loading.values import Hazard
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document

_EMPTY = "def outside(): pass"
_KEPT_DOCUMENTS = 8
_KEPT_INFERENCES = 16


class Memory:
    """Answers here depend on the project alone; get it by `project.shared(Memory)`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.managers: dict[tuple[str, str, bool], Chain] = {}
        self.refinements: dict[str, tuple[Hazard, ...]] = {}
        self._recent: deque[Document] = deque(maxlen=_KEPT_DOCUMENTS)
        self._inferences: OrderedDict[tuple[Document, Function | None], Inference] = OrderedDict()

    def document(self, path: str) -> Document | None:
        """A file that can be parsed."""
        if self.project.module(path) is None:
            return None
        try:
            document = self.project.files.document(path)
        except OSError:
            return None
        # A document lives while somebody holds it: nodes of it must stay those of its tree.
        self._recent.append(document)
        return document

    def class_at(self, path: str, line: int) -> ast.ClassDef | None:
        document = self.document(path)
        found = document.definition_at(line) if document is not None else None
        return found if isinstance(found, ast.ClassDef) else None

    def function_at(self, path: str, line: int) -> Function | None:
        document = self.document(path)
        return document.function_at(line) if document is not None else None

    def methods(self, cls: str) -> Iterator[tuple[Document, Function]]:
        """The methods that a class of the project defines itself, with their file."""
        info = self.project.class_named(cls)
        if info is None or info.facts is None or info.path is None:
            return
        document = self.document(info.path)
        for each in info.facts.methods:
            function = self.function_at(info.path, each.line)
            if document is not None and function is not None:
                yield document, function

    def inference(self, document: Document, function: Function | None) -> Inference:
        """The inference of a function; for None that of code outside of functions."""
        key = (document, function)
        found = self._inferences.get(key)
        if found is None:
            found = Inference(self.project, document, function or _shell())
            self._inferences[key] = found
        self._inferences.move_to_end(key)
        while len(self._inferences) > _KEPT_INFERENCES:
            self._inferences.popitem(last=False)
        return found


def _shell() -> ast.FunctionDef:
    """A function without names, as which code outside of functions is looked at."""
    shell = ast.parse(_EMPTY).body[0]
    assert isinstance(shell, ast.FunctionDef)
    return shell
