"""The control and data flow of functions, remembered while there is room: many ask for the same."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djfix.codemods.flow.names import Flow, flow_of
from djfix.codemods.flow.spelling import Spelling, spelling_of
from djfix.codemods.source.bounded import Bounded
from djfix.codemods.source.chains import dotted_name

if TYPE_CHECKING:
    from djfix.codemods.project.project import Project
    from djfix.codemods.source.document import Document

_REMEMBERED_POINTS = 1_000
"""With its steps, and what is asked of it, a point takes some 10 KB: these are 10 MB."""

_REMEMBERED_SPELLINGS = 500


class Flows:
    """The flow of each function of one project, the latest ones remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._held = Bounded[ast.AST, Flow](_REMEMBERED_POINTS)
        self._spellings = Bounded[ast.AST, Spelling](_REMEMBERED_SPELLINGS)

    def spelling(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Spelling:
        """What a function's text says of its names."""
        known = self._spellings.get(function)
        if known is None:
            known = spelling_of(function)
            self._spellings.put(function, known, 1)
        return known

    def of(
        self,
        document: Document,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        scope: tuple[str, ...],
    ) -> Flow:
        """The flow of a function of this document; `scope` are the names around and of it."""
        known = self._held.get(function)
        if known is not None:
            return known

        def may_suppress(manager: ast.expr) -> bool:
            return _may_suppress(self._project, document.path, scope, manager)

        flow = flow_of(function, may_suppress=may_suppress)
        self._held.put(function, flow, len(flow.graph.points))
        return flow


def _may_suppress(project: Project, path: str, scope: tuple[str, ...], manager: ast.expr) -> bool:
    """Whether a `with` may swallow what its block raises; `transaction.atomic()` does not."""
    called = manager.func if isinstance(manager, ast.Call) else manager
    dotted = dotted_name(called)
    if dotted is None:
        return True
    return project.resolve(path, dotted, scope) != "django.db.transaction.atomic"
